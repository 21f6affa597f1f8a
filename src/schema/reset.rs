//! Resets, jobs, and what came of each.

diesel::table! {
    mfa_resets (reference) {
        reference -> Text,
        actor_id -> Nullable<Text>,
        organization_id -> Nullable<Text>,
        scope -> Text,
        label -> Text,
        via -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    mfa_reset_results (reference, position) {
        reference -> Text,
        position -> BigInt,
        user_id -> Text,
        name -> Text,
        outcome -> Text,
        details -> Text,
    }
}

diesel::table! {
    jobs (id) {
        id -> Text,
        kind -> Text,
        title -> Text,
        digest -> Text,
        actor_id -> Nullable<Text>,
        organization_id -> Nullable<Text>,
        parameters -> Text,
        reach -> Text,
        state -> Text,
        stopped_why -> Nullable<Text>,
        total -> BigInt,
        succeeded -> BigInt,
        skipped -> BigInt,
        failed -> BigInt,
        claimed_by -> Nullable<Text>,
        claimed_until -> Nullable<Timestamp>,
        address -> Text,
        user_agent -> Text,
        request_id -> Text,
        session_id -> Nullable<Text>,
        created_at -> Timestamp,
        finished_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    job_items (id) {
        id -> Text,
        job_id -> Text,
        position -> BigInt,
        subject_id -> Nullable<Text>,
        label -> Text,
        payload -> Nullable<Text>,
        state -> Text,
        reason -> Nullable<Text>,
        finished_at -> Nullable<Timestamp>,
    }
}
