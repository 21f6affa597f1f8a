//! What **Admin Overview** counts: aggregates over one organization, each by an index and for a bounded
//! time.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text, Timestamp as SqlTimestamp};

use super::{Account, AuditResult, FactorKind, MessageState, QueryResult, ResetOutcome};
use crate::clock::Timestamp;
use crate::db::{DbConnection, each};
use crate::schema::{audit_entries, invitations, memberships, outbox_messages, users};

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    strongest: i64,
    #[diesel(sql_type = BigInt)]
    many: i64,
}

/// The kinds from the strongest on; `None` stands for nothing that counts here.
const KINDS: [Option<FactorKind>; 5] = [
    Some(FactorKind::HardwareToken),
    Some(FactorKind::Authenticator),
    Some(FactorKind::Phone),
    Some(FactorKind::Email),
    None,
];

/// The active people of an organization by the strongest factor that counts there.
pub fn by_strongest(
    conn: &mut DbConnection,
    organization_id: &str,
    allowed: &[FactorKind],
    own_only: bool,
) -> QueryResult<Vec<(Option<FactorKind>, i64)>> {
    let kind = |kind: FactorKind| if allowed.contains(&kind) { kind.as_str() } else { "" };
    // SQLite counts parameters as they come, so they stand in the order of their numbers.
    let query = diesel::sql_query(
        "SELECT strongest, COUNT(*) AS many FROM (
           SELECT CAST(COALESCE(MIN(CASE f.kind WHEN 'hardware_token' THEN 0 WHEN 'authenticator' THEN 1
                                                WHEN 'phone' THEN 2 WHEN 'email' THEN 3 END), 4) AS BIGINT) AS strongest
           FROM memberships m JOIN users u ON u.id = m.user_id
           LEFT JOIN factors f ON f.user_id = m.user_id AND f.state = 'active' AND f.kind IN ($1, $2, $3, $4)
             AND (f.organization_id = m.organization_id OR (f.organization_id IS NULL AND NOT $5))
           WHERE m.organization_id = $6 AND m.disabled_at IS NULL AND u.account = 'active'
           GROUP BY m.user_id) s
         GROUP BY strongest",
    )
    .bind::<Text, _>(kind(FactorKind::HardwareToken))
    .bind::<Text, _>(kind(FactorKind::Authenticator))
    .bind::<Text, _>(kind(FactorKind::Phone))
    .bind::<Text, _>(kind(FactorKind::Email))
    .bind::<Bool, _>(own_only)
    .bind::<Text, _>(organization_id.to_owned());
    let rows: Vec<Counted> = each!(conn, |c| query.load(c))?;
    let many = |index: i64| rows.iter().find(|row| row.strongest == index).map_or(0, |row| row.many);
    Ok((0..).zip(KINDS).map(|(index, kind)| (kind, many(index))).collect())
}

/// People whose membership began since then.
pub fn count_added(conn: &mut DbConnection, organization_id: &str, since: Timestamp) -> QueryResult<i64> {
    memberships::table
        .filter(memberships::organization_id.eq(organization_id))
        .filter(memberships::created_at.ge(since))
        .count()
        .get_result(conn)
}

#[derive(QueryableByName)]
struct Many {
    #[diesel(sql_type = BigInt)]
    many: i64,
}

/// People with a pause or a factor that was switched off.
pub fn count_locked(conn: &mut DbConnection, organization_id: &str, now: Timestamp) -> QueryResult<i64> {
    let query = diesel::sql_query(
        "SELECT COUNT(*) AS many FROM memberships m WHERE m.organization_id = $1 AND (
           EXISTS (SELECT 1 FROM second_step_pauses p WHERE p.user_id = m.user_id AND p.paused_until > $2)
           OR EXISTS (SELECT 1 FROM factors f WHERE f.user_id = m.user_id AND f.state = 'switched_off'
                      AND (f.organization_id IS NULL OR f.organization_id = m.organization_id)))",
    )
    .bind::<Text, _>(organization_id.to_owned())
    .bind::<SqlTimestamp, _>(now);
    let rows: Vec<Many> = each!(conn, |c| query.load(c))?;
    Ok(rows.first().map_or(0, |row| row.many))
}

/// When people of an organization did one of these things, or failed to; from the id `from` on, the newest
/// first, `limit` at the most.
pub fn list_acts(
    conn: &mut DbConnection,
    organization_id: &str,
    actions: &[&str],
    from: &str,
    limit: i64,
) -> QueryResult<Vec<(String, AuditResult, Timestamp)>> {
    let people = memberships::table
        .filter(memberships::organization_id.eq(organization_id))
        .select(memberships::user_id.nullable());
    audit_entries::table
        .filter(audit_entries::subject_user_id.eq_any(people))
        .filter(audit_entries::id.ge(from))
        .filter(audit_entries::action.eq_any(actions.to_vec()))
        .order(audit_entries::id.desc())
        .select((audit_entries::action, audit_entries::result, audit_entries::at))
        .limit(limit)
        .load(conn)
}

/// When people of an organization were reset since the id `from`, the newest first, `limit` at the most. Who had
/// nothing to reset was not.
pub fn list_resets(
    conn: &mut DbConnection,
    organization_id: &str,
    from: &str,
    limit: i64,
) -> QueryResult<Vec<(String, AuditResult, Timestamp)>> {
    let people = memberships::table
        .filter(memberships::organization_id.eq(organization_id))
        .select(memberships::user_id.nullable());
    audit_entries::table
        .filter(audit_entries::subject_user_id.eq_any(people))
        .filter(audit_entries::id.ge(from))
        .filter(audit_entries::action.eq("mfa_reset"))
        // Quotes in a reason are escaped, so nobody's words look like this.
        .filter(audit_entries::details.not_like(format!("%\"result\":\"{}\"%", ResetOutcome::Nothing.as_str())))
        .order(audit_entries::id.desc())
        .select((audit_entries::action, audit_entries::result, audit_entries::at))
        .limit(limit)
        .load(conn)
}

/// Messages of an organization that were given up since the id `from`.
pub fn count_failed_deliveries(conn: &mut DbConnection, organization_id: &str, from: &str) -> QueryResult<i64> {
    outbox_messages::table
        .filter(outbox_messages::organization_id.eq(organization_id))
        .filter(outbox_messages::state.eq(MessageState::Failed))
        .filter(outbox_messages::id.ge(from))
        .count()
        .get_result(conn)
}

/// Invitations that nobody has followed yet.
pub fn count_invited(conn: &mut DbConnection, organization_id: &str) -> QueryResult<i64> {
    invitations::table
        .inner_join(users::table)
        .filter(invitations::organization_id.eq(organization_id))
        .filter(invitations::offer.eq(true).or(users::account.eq_any([Account::Invited, Account::Unfinished])))
        .count()
        .get_result(conn)
}
