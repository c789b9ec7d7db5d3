//! The rows of every table, with all columns: that one is missing here does not compile.
//!
//! They are not the rows that the verbs of the tables work with, because a copy keeps what it does not understand.

use chrono::{NaiveDate, NaiveTime};
use diesel::prelude::*;

use crate::digest::Digest;
use crate::portable::Instant;
use crate::schema::{
    audit_entries, calendar_days, case_backlog, case_keys, case_numbers, case_organisations, case_people,
    case_users, cases, checkpoints, claims, deadlines, delegations, erasures, events, external_identities,
    former_passwords, idempotency_keys, measures, meta, organisations, people, reception_bookings,
    reception_norms, receptions, recovery_codes, refresh_tokens, regions, review_authority_rules,
    second_factors, sessions, sign_in_challenges, sign_in_failures, token_keys, topics, users,
};

#[derive(Hash, Queryable, Insertable)]
#[diesel(table_name = meta, treat_none_as_default_value = false)]
pub(super) struct Meta {
    pub(super) key: String,
    pub(super) value: String,
}

#[derive(Hash, Queryable, Insertable)]
#[diesel(table_name = regions, treat_none_as_default_value = false)]
pub(super) struct Region {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) level: String,
    pub(super) parent_code: Option<String>,
    pub(super) valid_from: NaiveDate,
    pub(super) valid_to: Option<NaiveDate>,
    pub(super) successor_code: Option<String>,
}

#[derive(Hash, Queryable, Insertable)]
#[diesel(table_name = organisations, treat_none_as_default_value = false)]
pub(super) struct Organisation {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) level: String,
    pub(super) region_code: String,
    pub(super) superior_id: Option<i64>,
    pub(super) active: bool,
}

#[derive(Hash, Queryable, Insertable)]
#[diesel(table_name = review_authority_rules, treat_none_as_default_value = false)]
pub(super) struct ReviewAuthorityRule {
    pub(super) id: i64,
    pub(super) organ_kind: String,
    pub(super) organ_level: String,
    pub(super) stage: String,
    pub(super) authority: String,
    pub(super) named_organisation_id: Option<i64>,
    pub(super) priority: i32,
}

#[derive(Hash, Queryable, Insertable)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
pub(super) struct User {
    pub(super) id: i64,
    pub(super) username: String,
    pub(super) display_name: String,
    pub(super) password_hash: String,
    pub(super) role: String,
    pub(super) duties: serde_json::Value,
    pub(super) organisation_id: i64,
    pub(super) territory: Option<String>,
    pub(super) active: bool,
    pub(super) created_at: Instant,
    pub(super) updated_at: Instant,
    pub(super) password_changed_at: Instant,
}

#[derive(Hash, Queryable, Insertable)]
#[diesel(table_name = refresh_tokens, treat_none_as_default_value = false)]
pub(super) struct RefreshToken {
    pub(super) token_hash: Vec<u8>,
    pub(super) family_id: i64,
    pub(super) user_id: i64,
    pub(super) issued_at: Instant,
    pub(super) expires_at: Instant,
    pub(super) used_at: Option<Instant>,
    pub(super) revoked_at: Option<Instant>,
}

#[derive(Hash, Queryable, Insertable)]
#[diesel(table_name = sign_in_failures, treat_none_as_default_value = false)]
pub(super) struct SignInFailures {
    pub(super) account: String,
    pub(super) network: String,
    pub(super) failed: i32,
    pub(super) last_at: Instant,
}

#[derive(Hash, Queryable, Insertable)]
#[diesel(table_name = topics, treat_none_as_default_value = false)]
pub(super) struct Topic {
    pub(super) code: String,
    pub(super) level1: String,
    pub(super) level2: String,
    pub(super) level3: String,
    pub(super) version: String,
    pub(super) active: bool,
}

#[derive(Hash, Queryable, Insertable)]
#[diesel(table_name = calendar_days, treat_none_as_default_value = false)]
pub(super) struct CalendarDay {
    pub(super) day: NaiveDate,
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) notice: String,
}

#[derive(Hash, Queryable, Insertable)]
#[diesel(table_name = people, treat_none_as_default_value = false)]
pub(super) struct Person {
    pub(super) id: i64,
    pub(super) name_sealed: Vec<u8>,
    pub(super) identity_sealed: Option<Vec<u8>>,
    pub(super) phone_sealed: Option<Vec<u8>>,
    pub(super) address_sealed: Option<Vec<u8>>,
    pub(super) particulars_sealed: Option<Vec<u8>>,
    pub(super) identity_index: Option<Vec<u8>>,
    pub(super) name_phone_index: Option<Vec<u8>>,
    pub(super) created_at: Instant,
    pub(super) erased_case_id: Option<i64>,
}

/// Hashed without its position, which each database counts for itself.
#[derive(Queryable, Insertable)]
#[diesel(table_name = events, treat_none_as_default_value = false)]
pub(super) struct Event {
    pub(super) id: i64,
    pub(super) stream_id: i64,
    pub(super) seq: i32,
    pub(super) kind: String,
    pub(super) body: String,
    pub(super) actor: String,
    pub(super) occurred_at: Instant,
    pub(super) occurred_on: NaiveDate,
    pub(super) recorded_at: Instant,
    pub(super) position: i64,
    pub(super) hash: Option<Digest>,
}

#[derive(Hash, Queryable, Insertable)]
#[diesel(table_name = checkpoints, treat_none_as_default_value = false)]
pub(super) struct Checkpoint {
    pub(super) number: i64,
    pub(super) made_at: Instant,
    pub(super) event_count: i64,
    pub(super) last_event_id: Option<i64>,
    pub(super) event_hashes: Vec<u8>,
    pub(super) entry_count: i64,
    pub(super) last_entry_id: Option<i64>,
    pub(super) entry_hashes: Vec<u8>,
    pub(super) note: String,
    pub(super) public_key: Vec<u8>,
    pub(super) signature: Vec<u8>,
}

#[derive(Hash, Queryable, Insertable)]
#[diesel(table_name = token_keys, treat_none_as_default_value = false)]
pub(super) struct TokenKey {
    pub(super) id: i64,
    pub(super) public_key: Vec<u8>,
    pub(super) seed_sealed: Vec<u8>,
    pub(super) made_at: Instant,
    pub(super) retired_at: Option<Instant>,
}

#[derive(Hash, Queryable, Insertable)]
#[diesel(table_name = sessions, treat_none_as_default_value = false)]
pub(super) struct Session {
    pub(super) id: i64,
    pub(super) user_id: i64,
    pub(super) started_at: Instant,
    pub(super) address: String,
    pub(super) user_agent: Option<String>,
    pub(super) second_factor: bool,
    pub(super) single_sign_on: bool,
}

#[derive(Hash, Queryable, Insertable)]
#[diesel(table_name = external_identities, treat_none_as_default_value = false)]
pub(super) struct ExternalIdentity {
    pub(super) issuer: String,
    pub(super) subject: String,
    pub(super) user_id: i64,
    pub(super) linked_at: Instant,
    pub(super) shown_at: Option<Instant>,
    pub(super) unlinked_at: Option<Instant>,
}

#[derive(Hash, Queryable, Insertable)]
#[diesel(table_name = delegations, treat_none_as_default_value = false)]
pub(super) struct Delegation {
    pub(super) id: i64,
    pub(super) principal_id: i64,
    pub(super) deputy_id: i64,
    pub(super) duties: serde_json::Value,
    pub(super) reason: String,
    pub(super) from_at: Instant,
    pub(super) until_at: Instant,
    pub(super) created_at: Instant,
    pub(super) created_by_id: i64,
    pub(super) ended_at: Option<Instant>,
    pub(super) ended_by_id: Option<i64>,
}

#[derive(Hash, Queryable, Insertable)]
#[diesel(table_name = erasures, treat_none_as_default_value = false)]
pub(super) struct Erasure {
    pub(super) id: i64,
    pub(super) case_id: i64,
    pub(super) archived_on: NaiveDate,
    pub(super) retention: String,
    pub(super) retained_until: NaiveDate,
    pub(super) reason: String,
    pub(super) proposed_by_id: i64,
    pub(super) proposed_at: Instant,
    pub(super) agreed: Option<bool>,
    pub(super) remark: Option<String>,
    pub(super) decided_by_id: Option<i64>,
    pub(super) decided_at: Option<Instant>,
    pub(super) people: Option<serde_json::Value>,
    pub(super) mac: Option<Vec<u8>>,
}

#[derive(Hash, Queryable, Insertable)]
#[diesel(table_name = second_factors, treat_none_as_default_value = false)]
pub(super) struct SecondFactor {
    pub(super) id: i64,
    pub(super) user_id: i64,
    pub(super) secret_sealed: Vec<u8>,
    pub(super) begun_at: Instant,
    pub(super) confirmed_at: Option<Instant>,
    pub(super) last_step: i64,
}

#[derive(Hash, Queryable, Insertable)]
#[diesel(table_name = recovery_codes, treat_none_as_default_value = false)]
pub(super) struct RecoveryCode {
    pub(super) user_id: i64,
    pub(super) code_hash: Vec<u8>,
}

#[derive(Hash, Queryable, Insertable)]
#[diesel(table_name = sign_in_challenges, treat_none_as_default_value = false)]
pub(super) struct SignInChallenge {
    pub(super) token_hash: Vec<u8>,
    pub(super) user_id: i64,
    pub(super) expires_at: Instant,
    pub(super) issuer: Option<String>,
    pub(super) subject: Option<String>,
}

#[derive(Hash, Queryable, Insertable)]
#[diesel(table_name = former_passwords, treat_none_as_default_value = false)]
pub(super) struct FormerPassword {
    pub(super) user_id: i64,
    pub(super) replaced_at: Instant,
    pub(super) password_hash: String,
}

#[derive(Hash, Queryable, Insertable)]
#[diesel(table_name = case_keys, treat_none_as_default_value = false)]
pub(super) struct CaseKey {
    pub(super) case_id: i64,
    pub(super) key_sealed: Vec<u8>,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = audit_entries, treat_none_as_default_value = false)]
pub(super) struct AuditEntry {
    pub(super) id: i64,
    pub(super) recorded_at: Instant,
    pub(super) act: String,
    pub(super) outcome: String,
    pub(super) user_id: Option<i64>,
    pub(super) address: Option<String>,
    pub(super) case_id: Option<i64>,
    pub(super) subject: Option<String>,
    pub(super) purpose: Option<String>,
    pub(super) details: String,
    pub(super) position: i64,
    pub(super) on_behalf_of_id: Option<i64>,
}

#[derive(Hash, Queryable, Insertable)]
#[diesel(table_name = case_numbers, treat_none_as_default_value = false)]
pub(super) struct CaseNumber {
    pub(super) county: String,
    pub(super) year: i32,
    pub(super) last: i32,
}

#[derive(Hash, Queryable, Insertable)]
#[diesel(table_name = idempotency_keys, treat_none_as_default_value = false)]
pub(super) struct IdempotencyKey {
    pub(super) actor: String,
    pub(super) key: String,
    pub(super) fingerprint: Vec<u8>,
    pub(super) status: i32,
    pub(super) body: String,
    pub(super) etag: Option<String>,
    pub(super) location: Option<String>,
    pub(super) created_at: Instant,
    pub(super) expires_at: Instant,
    pub(super) case_id: Option<i64>,
    pub(super) case_version: Option<i32>,
}

#[derive(Hash, Queryable, Insertable)]
#[diesel(table_name = cases, treat_none_as_default_value = false)]
pub(super) struct Case {
    pub(super) id: i64,
    pub(super) case_no: String,
    pub(super) query_code: String,
    pub(super) version: i32,
    pub(super) status: String,
    pub(super) purpose: String,
    pub(super) channel: String,
    pub(super) source: String,
    pub(super) subject: Option<String>,
    pub(super) attribution_region: String,
    pub(super) topic_code: Option<String>,
    pub(super) holder_id: i64,
    pub(super) registered_by: Option<i64>,
    pub(super) filed_at: Instant,
    pub(super) accepted_on: Option<NaiveDate>,
    pub(super) closed_on: Option<NaiveDate>,
    pub(super) matter_resolved_on: Option<NaiveDate>,
    pub(super) heart_resolved_on: Option<NaiveDate>,
    pub(super) double_resolved_on: Option<NaiveDate>,
    pub(super) head_count: i32,
    pub(super) group_petition: bool,
    pub(super) anonymous: bool,
    pub(super) repeat_of: Option<i64>,
    pub(super) confidential: bool,
    pub(super) next_due_on: Option<NaiveDate>,
    pub(super) overdue: bool,
    pub(super) source_no: Option<String>,
    pub(super) updated_at: Instant,
    pub(super) terminated_on: Option<NaiveDate>,
    pub(super) received_by: i64,
    pub(super) supervision: Option<String>,
    pub(super) repeat_count: i32,
}

#[derive(Hash, Queryable, Insertable)]
#[diesel(table_name = claims, treat_none_as_default_value = false)]
pub(super) struct Claim {
    pub(super) case_id: i64,
    pub(super) no: i32,
    pub(super) text: Option<String>,
    pub(super) reasonableness: String,
    pub(super) result: Option<String>,
}

#[derive(Hash, Queryable, Insertable)]
#[diesel(table_name = measures, treat_none_as_default_value = false)]
pub(super) struct Measure {
    pub(super) case_id: i64,
    pub(super) kind: String,
    pub(super) state: String,
    pub(super) owner_id: Option<i64>,
    pub(super) due_on: Option<NaiveDate>,
    pub(super) verified_on: Option<NaiveDate>,
}

#[derive(Hash, Queryable, Insertable)]
#[diesel(table_name = deadlines, treat_none_as_default_value = false)]
pub(super) struct Deadline {
    pub(super) case_id: i64,
    pub(super) no: i32,
    pub(super) kind: String,
    pub(super) state: String,
    pub(super) organisation_id: Option<i64>,
    pub(super) started_on: NaiveDate,
    pub(super) nominal_due_on: NaiveDate,
    pub(super) legal_due_on: NaiveDate,
    pub(super) next_alarm_on: Option<NaiveDate>,
}

#[derive(Hash, Queryable, Insertable)]
#[diesel(table_name = case_organisations, treat_none_as_default_value = false)]
pub(super) struct CaseOrganisation {
    pub(super) case_id: i64,
    pub(super) organisation_id: i64,
    pub(super) status: String,
    pub(super) next_due_on: Option<NaiveDate>,
    pub(super) updated_at: Instant,
}

#[derive(Hash, Queryable, Insertable)]
#[diesel(table_name = case_people, treat_none_as_default_value = false)]
pub(super) struct CasePerson {
    pub(super) case_id: i64,
    pub(super) person_id: i64,
    pub(super) part: String,
    pub(super) no: i32,
}

#[derive(Hash, Queryable, Insertable)]
#[diesel(table_name = case_users, treat_none_as_default_value = false)]
pub(super) struct CaseUser {
    pub(super) case_id: i64,
    pub(super) user_id: i64,
    pub(super) part: String,
}

#[derive(Hash, Queryable, Insertable)]
#[diesel(table_name = case_backlog, treat_none_as_default_value = false)]
pub(super) struct CaseBacklog {
    pub(super) case_id: i64,
    pub(super) stage: String,
    pub(super) batch: String,
    pub(super) list_no: String,
    pub(super) organisation_id: i64,
    pub(super) listed_on: NaiveDate,
    pub(super) target_on: NaiveDate,
}

#[derive(Hash, Queryable, Insertable)]
#[diesel(table_name = receptions, treat_none_as_default_value = false)]
pub(super) struct Reception {
    pub(super) id: i64,
    pub(super) version: i32,
    pub(super) kind: String,
    pub(super) state: String,
    pub(super) leader_id: i64,
    pub(super) organisation_id: i64,
    pub(super) post: String,
    pub(super) responsibilities: String,
    pub(super) day: NaiveDate,
    pub(super) begins_at: NaiveTime,
    pub(super) ends_at: NaiveTime,
    pub(super) place: String,
    pub(super) capacity: i32,
    pub(super) waiting_places: i32,
    pub(super) taken: i32,
    pub(super) waiting: i32,
    pub(super) visits: i32,
    pub(super) published_on: Option<NaiveDate>,
    pub(super) updated_at: Instant,
}

#[derive(Hash, Queryable, Insertable)]
#[diesel(table_name = reception_bookings, treat_none_as_default_value = false)]
pub(super) struct ReceptionBooking {
    pub(super) reception_id: i64,
    pub(super) no: i32,
    pub(super) case_id: i64,
    pub(super) matter_id: i64,
    pub(super) state: String,
    pub(super) day: NaiveDate,
    pub(super) begins_at: NaiveTime,
    pub(super) ends_at: NaiveTime,
    pub(super) to_be_told: bool,
}

#[derive(Hash, Queryable, Insertable)]
#[diesel(table_name = reception_norms, treat_none_as_default_value = false)]
pub(super) struct ReceptionNorm {
    pub(super) organ_kind: String,
    pub(super) organ_level: String,
    pub(super) period: String,
    pub(super) sessions: i32,
}
