//! How each table is read from one engine and written to another.

use std::collections::HashSet;
use std::hash::{Hash, Hasher};

use diesel::connection::DefaultLoadingMode;
use diesel::pg::PgRowByRowLoadingMode;
use diesel::prelude::*;
use sha2::{Digest, Sha256};

use super::CopyError;
use super::positions::Positions;
use super::rows::*;
use crate::connection::AnyConnection;
use crate::error::StoreError;
use crate::portable::each_backend;
use crate::schema::{
    audit_entries, calendar_days, case_backlog, case_keys, case_numbers, case_organisations, case_people,
    case_users, cases, checkpoints, claims, deadlines, delegations, erasures, events, external_identities,
    former_passwords, idempotency_keys, measures, meta, organisations, people, reception_bookings,
    reception_norms, receptions, recovery_codes, refresh_tokens, regions, review_authority_rules,
    second_factors, sessions, sign_in_challenges, sign_in_failures, token_keys, topics, users,
};

/// SQLite binds so many values to a statement at most, and PostgreSQL more.
const MOST_VALUES: usize = 32_766;
const MOST_ROWS: usize = 1_000;
/// Each database's own; see [`Positions`].
pub(super) const POSITION_OFFSET: &str = "position_offset";

/// What is done with a row.
pub(super) type Visit<'a, Row> = &'a mut dyn FnMut(Row) -> Result<(), CopyError>;

/// A row of a table that is copied.
pub(super) trait Table: Hash + Sized {
    const NAME: &'static str;
    /// So many rows go into one statement.
    const BATCH: usize;

    fn count(connection: &mut AnyConnection) -> Result<i64, StoreError>;

    /// Goes through all rows, without having them in memory at once.
    fn each(connection: &mut AnyConnection, visit: Visit<'_, Self>) -> Result<(), CopyError>;

    fn insert(connection: &mut AnyConnection, rows: &[Self]) -> Result<(), StoreError>;

    /// Whether rows refer to others of the same table; then they are few.
    const IS_TREE: bool = false;

    /// The rows so that each stands behind those of the same table that it refers to.
    fn arranged(rows: Vec<Self>) -> Vec<Self> {
        rows
    }

    /// Takes the place in the feed that the target gives; nothing else is changed on the way.
    fn take_position(&mut self, _: &mut Positions) {}
}

/// Does something with every table.
pub(super) trait Visitor {
    fn visit<T: Table>(&mut self) -> Result<(), CopyError>;
}

/// All tables that are copied, those that others refer to first.
pub(super) fn visit_all(visitor: &mut impl Visitor) -> Result<(), CopyError> {
    visitor.visit::<Meta>()?;
    visit_directories(visitor)?;
    visitor.visit::<Person>()?;
    visitor.visit::<Event>()?;
    visitor.visit::<CaseKey>()?;
    visitor.visit::<AuditEntry>()?;
    visitor.visit::<Checkpoint>()?;
    visitor.visit::<CaseNumber>()?;
    visitor.visit::<IdempotencyKey>()?;
    visitor.visit::<Case>()?;
    visitor.visit::<Claim>()?;
    visitor.visit::<Measure>()?;
    visitor.visit::<Deadline>()?;
    visitor.visit::<CaseOrganisation>()?;
    visitor.visit::<CasePerson>()?;
    visitor.visit::<CaseUser>()?;
    visitor.visit::<CaseBacklog>()?;
    visitor.visit::<Reception>()?;
    visitor.visit::<ReceptionBooking>()
}

fn visit_directories(visitor: &mut impl Visitor) -> Result<(), CopyError> {
    visitor.visit::<Region>()?;
    visitor.visit::<Organisation>()?;
    visitor.visit::<ReviewAuthorityRule>()?;
    visitor.visit::<ReceptionNorm>()?;
    visitor.visit::<User>()?;
    visitor.visit::<RefreshToken>()?;
    visitor.visit::<Session>()?;
    visitor.visit::<ExternalIdentity>()?;
    visitor.visit::<FormerPassword>()?;
    visitor.visit::<Delegation>()?;
    visitor.visit::<Erasure>()?;
    visitor.visit::<SecondFactor>()?;
    visitor.visit::<RecoveryCode>()?;
    visitor.visit::<SignInChallenge>()?;
    visitor.visit::<TokenKey>()?;
    visitor.visit::<SignInFailures>()?;
    visitor.visit::<Topic>()?;
    visitor.visit::<CalendarDay>()
}

/// A function cannot do this, because diesel has another type for every table.
macro_rules! table {
    ($row:ident, $table:ident, $columns:literal, $rows:expr, $order:expr $(, { $($more:tt)+ })?) => {
        impl Table for $row {
            const NAME: &'static str = stringify!($table);
            const BATCH: usize =
                if MOST_VALUES / $columns < MOST_ROWS { MOST_VALUES / $columns } else { MOST_ROWS };

            fn count(connection: &mut AnyConnection) -> Result<i64, StoreError> {
                Ok($rows.count().get_result(connection)?)
            }

            fn each(connection: &mut AnyConnection, visit: Visit<'_, Self>) -> Result<(), CopyError> {
                let rows = $rows.order($order);
                match connection {
                    AnyConnection::Postgres(concrete) => {
                        for row in rows.load_iter::<$row, PgRowByRowLoadingMode>(concrete)? {
                            visit(row?)?;
                        }
                    }
                    AnyConnection::Sqlite(concrete) => {
                        for row in rows.load_iter::<$row, DefaultLoadingMode>(concrete)? {
                            visit(row?)?;
                        }
                    }
                }
                Ok(())
            }

            fn insert(connection: &mut AnyConnection, rows: &[Self]) -> Result<(), StoreError> {
                each_backend!(connection, concrete => {
                    diesel::insert_into($table::table).values(rows).execute(concrete)?
                });
                Ok(())
            }

            $($($more)+)?
        }
    };
}

table!(Meta, meta, 2, meta::table.filter(meta::key.ne(POSITION_OFFSET)), meta::key);
table!(Region, regions, 7, regions::table, regions::code, {
    const IS_TREE: bool = true;

    fn arranged(rows: Vec<Self>) -> Vec<Self> {
        let others =
            |row: &Self| [&row.parent_code, &row.successor_code].into_iter().flatten().cloned().collect();
        referred_first(rows, |row| row.code.clone(), others)
    }
});
table!(Organisation, organisations, 7, organisations::table, organisations::id, {
    const IS_TREE: bool = true;

    fn arranged(rows: Vec<Self>) -> Vec<Self> {
        referred_first(rows, |row| row.id, |row| row.superior_id.into_iter().collect())
    }
});
table!(
    ReviewAuthorityRule,
    review_authority_rules,
    7,
    review_authority_rules::table,
    review_authority_rules::id
);
table!(User, users, 12, users::table, users::id);
table!(RefreshToken, refresh_tokens, 7, refresh_tokens::table, refresh_tokens::token_hash);
table!(Session, sessions, 7, sessions::table, sessions::id);
table!(
    ExternalIdentity,
    external_identities,
    6,
    external_identities::table,
    (external_identities::issuer, external_identities::subject)
);
table!(
    FormerPassword,
    former_passwords,
    3,
    former_passwords::table,
    (former_passwords::user_id, former_passwords::replaced_at)
);
table!(CaseKey, case_keys, 2, case_keys::table, case_keys::case_id);
table!(Delegation, delegations, 11, delegations::table, delegations::id);
table!(Erasure, erasures, 14, erasures::table, erasures::id);
table!(SecondFactor, second_factors, 6, second_factors::table, second_factors::id);
table!(
    RecoveryCode,
    recovery_codes,
    2,
    recovery_codes::table,
    (recovery_codes::user_id, recovery_codes::code_hash)
);
table!(SignInChallenge, sign_in_challenges, 5, sign_in_challenges::table, sign_in_challenges::token_hash);
table!(TokenKey, token_keys, 5, token_keys::table, token_keys::id);
table!(
    SignInFailures,
    sign_in_failures,
    4,
    sign_in_failures::table,
    (sign_in_failures::account, sign_in_failures::network)
);
table!(Topic, topics, 6, topics::table, topics::code);
table!(CalendarDay, calendar_days, 4, calendar_days::table, calendar_days::day);
table!(Person, people, 10, people::table, people::id);
table!(Event, events, 11, events::table, (events::position, events::stream_id, events::seq), {
    fn take_position(&mut self, positions: &mut Positions) {
        self.position = positions.of(self.position);
    }
});
table!(AuditEntry, audit_entries, 12, audit_entries::table, (audit_entries::position, audit_entries::id), {
    fn take_position(&mut self, positions: &mut Positions) {
        self.position = positions.of(self.position);
    }
});
table!(Checkpoint, checkpoints, 11, checkpoints::table, checkpoints::number);
table!(CaseNumber, case_numbers, 3, case_numbers::table, (case_numbers::county, case_numbers::year));
table!(
    IdempotencyKey,
    idempotency_keys,
    9,
    idempotency_keys::table,
    (idempotency_keys::actor, idempotency_keys::key)
);
table!(Case, cases, 32, cases::table, cases::id);
table!(Claim, claims, 5, claims::table, (claims::case_id, claims::no));
table!(Measure, measures, 6, measures::table, (measures::case_id, measures::kind));
table!(Deadline, deadlines, 9, deadlines::table, (deadlines::case_id, deadlines::no));
table!(
    CaseOrganisation,
    case_organisations,
    6,
    case_organisations::table,
    (case_organisations::case_id, case_organisations::organisation_id)
);
table!(CasePerson, case_people, 4, case_people::table, (case_people::case_id, case_people::person_id));
table!(CaseUser, case_users, 3, case_users::table, (case_users::case_id, case_users::user_id));
table!(CaseBacklog, case_backlog, 7, case_backlog::table, case_backlog::case_id);
table!(
    ReceptionNorm,
    reception_norms,
    4,
    reception_norms::table,
    (reception_norms::organ_kind, reception_norms::organ_level)
);
table!(Reception, receptions, 19, receptions::table, receptions::id);
table!(
    ReceptionBooking,
    reception_bookings,
    9,
    reception_bookings::table,
    (reception_bookings::reception_id, reception_bookings::no)
);

/// Puts each row behind those that it refers to, as far as there is such an order.
fn referred_first<Row, Key: Eq + Hash>(
    rows: Vec<Row>,
    key: impl Fn(&Row) -> Key,
    refers_to: impl Fn(&Row) -> Vec<Key>,
) -> Vec<Row> {
    let mut arranged = Vec::with_capacity(rows.len());
    let mut placed = HashSet::new();
    let mut waiting = rows;
    loop {
        let (ready, rest): (Vec<_>, Vec<_>) =
            waiting.into_iter().partition(|row| refers_to(row).iter().all(|other| placed.contains(other)));
        if ready.is_empty() {
            arranged.extend(rest);
            return arranged;
        }
        placed.extend(ready.iter().map(&key));
        arranged.extend(ready);
        waiting = rest;
    }
}

impl Hash for Event {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self {
            id,
            stream_id,
            seq,
            kind,
            body,
            actor,
            occurred_at,
            occurred_on,
            recorded_at,
            position: _,
            hash,
        } = self;
        (id, stream_id, seq, kind, body, actor).hash(state);
        (occurred_at, occurred_on, recorded_at, hash).hash(state);
    }
}

impl Hash for AuditEntry {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self {
            id,
            recorded_at,
            act,
            outcome,
            user_id,
            address,
            case_id,
            subject,
            purpose,
            details,
            on_behalf_of_id,
            position: _,
        } = self;
        (id, recorded_at, act, outcome, user_id, address, case_id, subject, purpose, details).hash(state);
        on_behalf_of_id.hash(state);
    }
}

/// How many rows a table has and what is in them, in whatever order they come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Fingerprint {
    pub(super) count: u64,
    sum: [u64; 4],
}

impl Fingerprint {
    pub(super) fn add(&mut self, row: &impl Hash) {
        let digest = sha256_of(row);
        for (sum, bytes) in self.sum.iter_mut().zip(digest.as_chunks().0) {
            *sum = sum.wrapping_add(u64::from_le_bytes(*bytes));
        }
        self.count += 1;
    }
}

/// SHA-256 over every field, the same in one process for rows of either engine.
pub(super) fn sha256_of(row: &impl Hash) -> [u8; 32] {
    let mut fields = Fields(Sha256::new());
    row.hash(&mut fields);
    fields.0.finalize().into()
}

/// Hands the fields of a row on to SHA-256.
struct Fields(Sha256);

impl Hasher for Fields {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let digest: [u8; 32] = self.0.clone().finalize().into();
        digest.first_chunk().copied().map_or(0, u64::from_le_bytes)
    }
}
