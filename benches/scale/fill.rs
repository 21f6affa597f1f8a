//! Fills a database with people, by the same statements for both kinds: names by arithmetic, one
//! membership and four directory entries each, a phone for every second one.

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use vestibule::db::{DbConnection, Fault};
use vestibule::domain::Core;
use vestibule::models::users;

use crate::Failure;

/// People of the organization whose administrator asks, in either database.
pub const HOME: u64 = 500;
const NEW: &str = "'2026-01-01 00:00:00'";
const STARTS: [&str; 20] = [
    "Ba", "Be", "Ca", "Da", "Fe", "Ga", "Ha", "Je", "Ka", "La", "Ma", "Na", "Pa", "Ra", "Sa", "Ta", "Va", "Wi", "Zo",
    "Mo",
];
const LAST: [&str; 20] = [
    "ller", "rton", "mann", "son", "rez", "nov", "ston", "ley", "berg", "wood", "field", "ton", "ski", "dez", "vitt",
    "rell", "chen", "ngo", "kara", "lund",
];
const FIRST: [&str; 10] = ["len", "na", "rek", "bel", "mi", "so", "ria", "dan", "lia", "to"];

/// The id of the user with this number.
pub fn user_id(n: u64) -> String {
    format!("0192bbbb-0000-7000-8000-{n:012}")
}

/// Makes a schema of its own and says how to reach it.
pub fn schema(url: &str, users: u64) -> Result<String, Failure> {
    let name = format!("scale_{users}");
    let mut conn = PgConnection::establish(url)?;
    conn.batch_execute(&format!("DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name}"))?;
    let joint = if url.contains('?') { '&' } else { '?' };
    Ok(format!("{url}{joint}options=-csearch_path%3D{name}"))
}

/// Whether there was something to do.
pub async fn fill(core: &Core, many: u64, organizations: u64, home: &str) -> Result<bool, Failure> {
    let home = home.to_owned();
    let done = core.db.write(move |conn| {
        if users::find(conn, &user_id(many - 1))?.is_some() {
            return Ok::<_, Fault>(false);
        }
        let bytes = match conn {
            DbConnection::Sqlite(_) => |text: &str| format!("CAST({text} AS BLOB)"),
            DbConnection::Pg(_) => |text: &str| format!("convert_to({text}, 'UTF8')"),
        };
        for statement in statements(many, organizations, &home, bytes) {
            match conn {
                DbConnection::Sqlite(c) => c.batch_execute(&statement)?,
                DbConnection::Pg(c) => c.batch_execute(&statement)?,
            }
        }
        Ok(true)
    });
    Ok(done.await.map_err(|fault| fault.to_string())?)
}

fn statements(many: u64, organizations: u64, home: &str, bytes: fn(&str) -> String) -> Vec<String> {
    let number = "substr(CAST(1000000000000 + i AS TEXT), 2)";
    let others = organizations.saturating_sub(1).max(1);
    let organization = format!(
        "CASE WHEN i < {HOME} THEN '{home}' ELSE '0192aaaa-0000-7000-8000-' || \
         substr(CAST(1000000000000 + i % {others} AS TEXT), 2) END"
    );
    let (last, first) = (STARTS.len() * LAST.len(), STARTS.len() * FIRST.len());
    let mut all = vec![
        "CREATE TEMPORARY TABLE lasts (n BIGINT PRIMARY KEY, last TEXT)".to_owned(),
        "CREATE TEMPORARY TABLE firsts (m BIGINT PRIMARY KEY, first TEXT)".to_owned(),
        names("lasts", &LAST),
        names("firsts", &FIRST),
        format!(
            "CREATE TEMPORARY TABLE crowd AS WITH RECURSIVE numbers (i) AS (SELECT CAST(0 AS BIGINT) UNION ALL \
             SELECT i + 1 FROM numbers WHERE i + 1 < {many}) \
             SELECT i, '0192bbbb-0000-7000-8000-' || {number} AS user_id, \
             '0192cccc-0000-7000-8000-' || {number} AS membership_id, {organization} AS organization_id, \
             first, last, lower(first) || '.' || lower(last) || '.' || i AS username \
             FROM numbers JOIN lasts ON n = (i * 7) % {last} JOIN firsts ON m = (i * 13 + i / 400) % {first}"
        ),
        format!(
            "INSERT INTO organizations (id, name, name_lower, enforce_mfa, org_level_mfa, allowed_methods, \
             remember_me, email_code_seconds, idle_minutes, absolute_minutes, time_zone, fax_required, created_at, \
             updated_at) SELECT '0192aaaa-0000-7000-8000-' || {number}, 'Practice ' || i, 'practice ' || i, TRUE, \
             FALSE, 'authenticator,phone,email,hardware_token', 'credentials_and_mfa', 30, 30, 720, 'UTC', FALSE, \
             {NEW}, {NEW} FROM crowd WHERE i < {others}"
        ),
        format!(
            "INSERT INTO users (id, username, username_lower, email, email_lower, first_name, last_name, \
             first_name_lower, last_name_lower, password_must_change, managing_organization_id, operator, account, \
             mfa_epoch, created_at, updated_at) SELECT user_id, username, username, username || '@example.org', \
             username || '@example.org', first, last, lower(first), lower(last), FALSE, organization_id, FALSE, \
             'active', 0, {NEW}, {NEW} FROM crowd"
        ),
        format!(
            "INSERT INTO memberships (id, user_id, organization_id, role, mfa_epoch, created_at) \
             SELECT membership_id, user_id, organization_id, 'member', 0, {NEW} FROM crowd"
        ),
        format!(
            "INSERT INTO factors (id, user_id, kind, scope, name, state, phone, algorithm, digits, period, last_step, \
             failed_in_row, created_at, confirmed_at) SELECT '0192dddd-0000-7000-8000-' || {number}, user_id, \
             'phone', 'user', 'Desk', 'active', '+16015550100', 'SHA1', 6, 30, 0, 0, {NEW}, {NEW} FROM crowd \
             WHERE i % 2 = 0"
        ),
    ];
    let keys = ["last || ' ' || first", "first || ' ' || last", "username", "username || '@example.org'"];
    for (kind, key) in keys.into_iter().enumerate() {
        let key = bytes(&format!("lower({key})"));
        all.push(format!(
            "INSERT INTO directory_entries (membership_id, kind, organization_id, key) \
             SELECT membership_id, {kind}, organization_id, {key} FROM crowd"
        ));
    }
    // The two who ask sign in with their authenticators.
    all.push(
        "DELETE FROM factors WHERE kind IN ('phone', 'email') AND user_id IN \
         (SELECT id FROM users WHERE username IN ('operator', 'admin'))"
            .to_owned(),
    );
    all.extend(["crowd", "lasts", "firsts"].map(|table| format!("DROP TABLE {table}")));
    all.push("ANALYZE".to_owned());
    all
}

fn names(table: &str, ends: &[&str]) -> String {
    let whole = STARTS.iter().flat_map(|start| ends.iter().map(move |end| format!("{start}{end}")));
    let rows: Vec<String> = whole.enumerate().map(|(n, name)| format!("({n}, '{name}')")).collect();
    format!("INSERT INTO {table} VALUES {}", rows.join(", "))
}
