//! The tables, by hand: one list for both engines, which the migrations are tested against.

diesel::table! {
    meta (key) {
        key -> Text,
        value -> Text,
    }
}

diesel::table! {
    regions (code) {
        code -> Text,
        name -> Text,
        level -> Text,
        parent_code -> Nullable<Text>,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
        successor_code -> Nullable<Text>,
    }
}

diesel::table! {
    organisations (id) {
        id -> BigInt,
        name -> Text,
        kind -> Text,
        level -> Text,
        region_code -> Text,
        superior_id -> Nullable<BigInt>,
        active -> Bool,
    }
}

diesel::table! {
    review_authority_rules (id) {
        id -> BigInt,
        organ_kind -> Text,
        organ_level -> Text,
        stage -> Text,
        authority -> Text,
        named_organisation_id -> Nullable<BigInt>,
        priority -> Integer,
    }
}

diesel::table! {
    users (id) {
        id -> BigInt,
        username -> Text,
        display_name -> Text,
        password_hash -> Text,
        role -> Text,
        duties -> Json,
        organisation_id -> BigInt,
        territory -> Nullable<Text>,
        active -> Bool,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        password_changed_at -> Timestamp,
    }
}

diesel::table! {
    refresh_tokens (token_hash) {
        token_hash -> Binary,
        family_id -> BigInt,
        user_id -> BigInt,
        issued_at -> Timestamp,
        expires_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
        revoked_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    token_keys (id) {
        id -> BigInt,
        public_key -> Binary,
        seed_sealed -> Binary,
        made_at -> Timestamp,
        retired_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    sessions (id) {
        id -> BigInt,
        user_id -> BigInt,
        started_at -> Timestamp,
        address -> Text,
        user_agent -> Nullable<Text>,
        second_factor -> Bool,
        single_sign_on -> Bool,
    }
}

diesel::table! {
    external_identities (issuer, subject) {
        issuer -> Text,
        subject -> Text,
        user_id -> BigInt,
        linked_at -> Timestamp,
        shown_at -> Nullable<Timestamp>,
        unlinked_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    delegations (id) {
        id -> BigInt,
        principal_id -> BigInt,
        deputy_id -> BigInt,
        duties -> Json,
        reason -> Text,
        from_at -> Timestamp,
        until_at -> Timestamp,
        created_at -> Timestamp,
        created_by_id -> BigInt,
        ended_at -> Nullable<Timestamp>,
        ended_by_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    erasures (id) {
        id -> BigInt,
        case_id -> BigInt,
        archived_on -> Date,
        retention -> Text,
        retained_until -> Date,
        reason -> Text,
        proposed_by_id -> BigInt,
        proposed_at -> Timestamp,
        agreed -> Nullable<Bool>,
        remark -> Nullable<Text>,
        decided_by_id -> Nullable<BigInt>,
        decided_at -> Nullable<Timestamp>,
        people -> Nullable<Json>,
        mac -> Nullable<Binary>,
    }
}

diesel::table! {
    second_factors (id) {
        id -> BigInt,
        user_id -> BigInt,
        secret_sealed -> Binary,
        begun_at -> Timestamp,
        confirmed_at -> Nullable<Timestamp>,
        last_step -> BigInt,
    }
}

diesel::table! {
    recovery_codes (user_id, code_hash) {
        user_id -> BigInt,
        code_hash -> Binary,
    }
}

diesel::table! {
    sign_in_challenges (token_hash) {
        token_hash -> Binary,
        user_id -> BigInt,
        expires_at -> Timestamp,
        issuer -> Nullable<Text>,
        subject -> Nullable<Text>,
    }
}

diesel::table! {
    former_passwords (user_id, replaced_at) {
        user_id -> BigInt,
        replaced_at -> Timestamp,
        password_hash -> Text,
    }
}

diesel::table! {
    topics (code) {
        code -> Text,
        level1 -> Text,
        level2 -> Text,
        level3 -> Text,
        version -> Text,
        active -> Bool,
    }
}

diesel::table! {
    calendar_days (day) {
        day -> Date,
        kind -> Text,
        name -> Text,
        notice -> Text,
    }
}

diesel::table! {
    people (id) {
        id -> BigInt,
        name_sealed -> Binary,
        identity_sealed -> Nullable<Binary>,
        phone_sealed -> Nullable<Binary>,
        address_sealed -> Nullable<Binary>,
        particulars_sealed -> Nullable<Binary>,
        identity_index -> Nullable<Binary>,
        name_phone_index -> Nullable<Binary>,
        created_at -> Timestamp,
        erased_case_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    events (id) {
        id -> BigInt,
        #[sql_name = "case_id"]
        stream_id -> BigInt,
        seq -> Integer,
        kind -> Text,
        body -> Text,
        actor -> Text,
        occurred_at -> Timestamp,
        occurred_on -> Date,
        recorded_at -> Timestamp,
        position -> BigInt,
        hash -> Nullable<Binary>,
    }
}

diesel::table! {
    case_keys (case_id) {
        case_id -> BigInt,
        key_sealed -> Binary,
    }
}

diesel::table! {
    audit_entries (id) {
        id -> BigInt,
        recorded_at -> Timestamp,
        act -> Text,
        outcome -> Text,
        user_id -> Nullable<BigInt>,
        address -> Nullable<Text>,
        case_id -> Nullable<BigInt>,
        subject -> Nullable<Text>,
        purpose -> Nullable<Text>,
        details -> Text,
        position -> BigInt,
        on_behalf_of_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    checkpoints (number) {
        number -> BigInt,
        made_at -> Timestamp,
        event_count -> BigInt,
        last_event_id -> Nullable<BigInt>,
        event_hashes -> Binary,
        entry_count -> BigInt,
        last_entry_id -> Nullable<BigInt>,
        entry_hashes -> Binary,
        note -> Text,
        public_key -> Binary,
        signature -> Binary,
    }
}

diesel::table! {
    case_numbers (county, year) {
        county -> Text,
        year -> Integer,
        last -> Integer,
    }
}

diesel::table! {
    idempotency_keys (actor, key) {
        actor -> Text,
        key -> Text,
        fingerprint -> Binary,
        status -> Integer,
        body -> Text,
        etag -> Nullable<Text>,
        location -> Nullable<Text>,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        case_id -> Nullable<BigInt>,
        case_version -> Nullable<Integer>,
    }
}

diesel::table! {
    leases (name) {
        name -> Text,
        holder -> BigInt,
        until -> Timestamp,
    }
}

diesel::table! {
    cases (id) {
        id -> BigInt,
        case_no -> Text,
        query_code -> Text,
        version -> Integer,
        status -> Text,
        purpose -> Text,
        channel -> Text,
        source -> Text,
        subject -> Nullable<Text>,
        attribution_region -> Text,
        topic_code -> Nullable<Text>,
        holder_id -> BigInt,
        registered_by -> Nullable<BigInt>,
        filed_at -> Timestamp,
        accepted_on -> Nullable<Date>,
        closed_on -> Nullable<Date>,
        matter_resolved_on -> Nullable<Date>,
        heart_resolved_on -> Nullable<Date>,
        double_resolved_on -> Nullable<Date>,
        head_count -> Integer,
        group_petition -> Bool,
        anonymous -> Bool,
        repeat_of -> Nullable<BigInt>,
        confidential -> Bool,
        next_due_on -> Nullable<Date>,
        overdue -> Bool,
        source_no -> Nullable<Text>,
        updated_at -> Timestamp,
        terminated_on -> Nullable<Date>,
        received_by -> BigInt,
        supervision -> Nullable<Text>,
        repeat_count -> Integer,
    }
}

diesel::table! {
    claims (case_id, no) {
        case_id -> BigInt,
        no -> Integer,
        text -> Nullable<Text>,
        reasonableness -> Text,
        result -> Nullable<Text>,
    }
}

diesel::table! {
    measures (case_id, kind) {
        case_id -> BigInt,
        kind -> Text,
        state -> Text,
        owner_id -> Nullable<BigInt>,
        due_on -> Nullable<Date>,
        verified_on -> Nullable<Date>,
    }
}

diesel::table! {
    deadlines (case_id, no) {
        case_id -> BigInt,
        no -> Integer,
        kind -> Text,
        state -> Text,
        organisation_id -> Nullable<BigInt>,
        started_on -> Date,
        nominal_due_on -> Date,
        legal_due_on -> Date,
        next_alarm_on -> Nullable<Date>,
    }
}

diesel::table! {
    case_organisations (case_id, organisation_id) {
        case_id -> BigInt,
        organisation_id -> BigInt,
        status -> Text,
        next_due_on -> Nullable<Date>,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    case_people (case_id, person_id, part) {
        case_id -> BigInt,
        person_id -> BigInt,
        part -> Text,
        no -> Integer,
    }
}

diesel::table! {
    case_users (case_id, user_id, part) {
        case_id -> BigInt,
        user_id -> BigInt,
        part -> Text,
    }
}

diesel::table! {
    case_backlog (case_id) {
        case_id -> BigInt,
        stage -> Text,
        batch -> Text,
        list_no -> Text,
        organisation_id -> BigInt,
        listed_on -> Date,
        target_on -> Date,
    }
}

diesel::table! {
    sign_in_failures (account, network) {
        account -> Text,
        network -> Text,
        failed -> Integer,
        last_at -> Timestamp,
    }
}

diesel::table! {
    receptions (id) {
        id -> BigInt,
        version -> Integer,
        kind -> Text,
        state -> Text,
        leader_id -> BigInt,
        organisation_id -> BigInt,
        post -> Text,
        responsibilities -> Text,
        day -> Date,
        begins_at -> Time,
        ends_at -> Time,
        place -> Text,
        capacity -> Integer,
        waiting_places -> Integer,
        taken -> Integer,
        waiting -> Integer,
        visits -> Integer,
        published_on -> Nullable<Date>,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    reception_bookings (reception_id, no) {
        reception_id -> BigInt,
        no -> Integer,
        case_id -> BigInt,
        matter_id -> BigInt,
        state -> Text,
        day -> Date,
        begins_at -> Time,
        ends_at -> Time,
        to_be_told -> Bool,
    }
}

diesel::table! {
    reception_norms (organ_kind, organ_level) {
        organ_kind -> Text,
        organ_level -> Text,
        period -> Text,
        sessions -> Integer,
    }
}

diesel::joinable!(reception_bookings -> receptions (reception_id));
diesel::joinable!(refresh_tokens -> users (user_id));
diesel::joinable!(users -> organisations (organisation_id));
diesel::joinable!(organisations -> regions (region_code));
diesel::joinable!(claims -> cases (case_id));
diesel::joinable!(measures -> cases (case_id));
diesel::joinable!(deadlines -> cases (case_id));
diesel::joinable!(case_organisations -> cases (case_id));
diesel::joinable!(case_people -> cases (case_id));
diesel::joinable!(case_people -> people (person_id));
diesel::joinable!(case_users -> cases (case_id));
diesel::joinable!(case_backlog -> cases (case_id));

diesel::allow_tables_to_appear_in_same_query!(
    meta,
    regions,
    organisations,
    review_authority_rules,
    users,
    refresh_tokens,
    sign_in_failures,
    token_keys,
    sessions,
    external_identities,
    former_passwords,
    case_keys,
    delegations,
    erasures,
    second_factors,
    recovery_codes,
    sign_in_challenges,
    topics,
    calendar_days,
    people,
    events,
    audit_entries,
    checkpoints,
    case_numbers,
    idempotency_keys,
    leases,
    cases,
    claims,
    measures,
    deadlines,
    case_organisations,
    case_people,
    case_users,
    case_backlog,
    receptions,
    reception_bookings,
    reception_norms,
);
