//! Sessions: an opaque id in the cookie, its SHA-256 here. ASVS 7.2.1 to 7.2.3.

use diesel::prelude::*;

use super::users::User;
use super::{LoginOption, QueryResult, Stage};
use crate::clock::Timestamp;
use crate::db::{DbConnection, each};
use crate::schema::{sessions, users};

#[derive(Clone, Debug, Queryable, Insertable)]
pub struct Session {
    pub id: String,
    pub token_hash: Vec<u8>,
    pub user_id: String,
    pub stage: Stage,
    pub login_option: LoginOption,
    pub remember: bool,
    /// The remembered browser this session was born from.
    pub remembered_browser_id: Option<String>,
    pub return_to: Option<String>,
    /// The current organization.
    pub organization_id: Option<String>,
    /// The user's epoch when the session was made; an older one is void.
    pub mfa_epoch: i64,
    /// Codes judged in this sign-in, counted across resends.
    pub code_tries: i64,
    /// Codes and calls sent in this sign-in.
    pub sends: i64,
    pub last_send_at: Option<Timestamp>,
    pub password_at: Option<Timestamp>,
    pub address: String,
    pub user_agent: String,
    /// What actix-session keeps besides: a JSON object of strings.
    pub state: String,
    pub idle_seconds: i64,
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
    /// The absolute end; never moved.
    pub expires_at: Timestamp,
    /// The stage to go back to, while a factor is shown again.
    pub resume_stage: Option<Stage>,
    /// The organization to be entered once that factor was shown.
    pub entering_organization_id: Option<String>,
    /// The last use of the console.
    pub console_seen_at: Option<Timestamp>,
    /// The domain sign-in it came by.
    pub domain_sign_in_id: Option<String>,
    /// The session whose forms still count after a switch of organization, when it is not this one.
    pub forms_of: Option<String>,
}

impl Session {
    /// Whether neither limit has passed. ASVS 7.3.1, 7.3.2.
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.expires_at && now < self.last_seen_at + time::Duration::seconds(self.idle_seconds)
    }
}

pub fn insert(conn: &mut DbConnection, row: &Session) -> QueryResult<()> {
    diesel::insert_into(sessions::table).values(row).execute(conn).map(|_| ())
}

pub fn find(conn: &mut DbConnection, id: &str) -> QueryResult<Option<Session>> {
    sessions::table.find(id).first(conn).optional()
}

/// The row, locked until the transaction ends.
pub fn lock(conn: &mut DbConnection, id: &str) -> QueryResult<Option<Session>> {
    match conn {
        // The one writer is a lock already.
        DbConnection::Sqlite(c) => sessions::table.find(id).first(c).optional(),
        DbConnection::Pg(c) => sessions::table.find(id).for_update().first(c).optional(),
    }
}

/// A session by what its cookie holds, and whom it belongs to.
pub fn find_by_token(conn: &mut DbConnection, token_hash: &[u8]) -> QueryResult<Option<(Session, User)>> {
    let query = sessions::table.inner_join(users::table).filter(sessions::token_hash.eq(token_hash));
    each!(conn, |c| query.first(c)).optional()
}

/// All sessions of somebody that may still be live, newest first.
pub fn list(conn: &mut DbConnection, user_id: &str, now: Timestamp) -> QueryResult<Vec<Session>> {
    sessions::table
        .filter(sessions::user_id.eq(user_id))
        .filter(sessions::expires_at.gt(now))
        .order((sessions::created_at.desc(), sessions::id.desc()))
        .limit(100)
        .load(conn)
}

/// Notes that the session was used now; `false` when it is gone.
pub fn seen(conn: &mut DbConnection, id: &str, now: Timestamp) -> QueryResult<bool> {
    diesel::update(sessions::table.find(id)).set(sessions::last_seen_at.eq(now)).execute(conn).map(|n| n == 1)
}

/// Saves actix-session's own state. An UPDATE only: a row that is gone stays gone. ASVS 7.4.1.
pub fn set_state(conn: &mut DbConnection, token_hash: &[u8], state: &str) -> QueryResult<bool> {
    diesel::update(sessions::table.filter(sessions::token_hash.eq(token_hash)))
        .set(sessions::state.eq(state))
        .execute(conn)
        .map(|n| n == 1)
}

/// Moves a session on; `true` for the one caller who found it in `from`.
pub fn advance(conn: &mut DbConnection, id: &str, from: Stage, to: Stage) -> QueryResult<bool> {
    diesel::update(sessions::table.find(id).filter(sessions::stage.eq(from)))
        .set(sessions::stage.eq(to))
        .execute(conn)
        .map(|n| n == 1)
}

/// Has a factor shown again: from `from` to `Stage::StepUp`, with tries and sends of its own. The
/// tries per account go on being counted. `true` for the one caller who found it there.
pub fn begin_step_up(
    conn: &mut DbConnection,
    id: &str,
    from: Stage,
    entering: Option<&str>,
    return_to: Option<&str>,
) -> QueryResult<bool> {
    diesel::update(sessions::table.find(id).filter(sessions::stage.eq(from)))
        .set((
            sessions::stage.eq(Stage::StepUp),
            sessions::resume_stage.eq(from),
            sessions::entering_organization_id.eq(entering),
            sessions::return_to.eq(return_to),
            sessions::code_tries.eq(0),
            sessions::sends.eq(0),
            sessions::last_send_at.eq(None::<Timestamp>),
        ))
        .execute(conn)
        .map(|n| n == 1)
}

/// Notes that the password was given again.
pub fn password_shown(conn: &mut DbConnection, id: &str, now: Timestamp) -> QueryResult<bool> {
    diesel::update(sessions::table.find(id)).set(sessions::password_at.eq(now)).execute(conn).map(|n| n == 1)
}

/// Gives that up again; `false` when the session is not at it.
pub fn cancel_step_up(conn: &mut DbConnection, id: &str, back_to: Stage) -> QueryResult<bool> {
    diesel::update(sessions::table.find(id).filter(sessions::resume_stage.eq(back_to)))
        .set((
            sessions::stage.eq(back_to),
            sessions::resume_stage.eq(None::<Stage>),
            sessions::entering_organization_id.eq(None::<String>),
            sessions::return_to.eq(None::<String>),
        ))
        .execute(conn)
        .map(|n| n == 1)
}

/// Notes a use of the console.
pub fn console_seen(conn: &mut DbConnection, id: &str, now: Timestamp) -> QueryResult<bool> {
    diesel::update(sessions::table.find(id)).set(sessions::console_seen_at.eq(now)).execute(conn).map(|n| n == 1)
}

/// Takes one of the tries of this sign-in; `false` when `limit` are gone.
pub fn claim_code_try(conn: &mut DbConnection, id: &str, limit: i64) -> QueryResult<bool> {
    diesel::update(sessions::table.find(id).filter(sessions::code_tries.lt(limit)))
        .set(sessions::code_tries.eq(sessions::code_tries + 1))
        .execute(conn)
        .map(|n| n == 1)
}

/// Takes one of the sends of this sign-in, not sooner than `not_since` after the last one.
pub fn claim_send(
    conn: &mut DbConnection,
    id: &str,
    limit: i64,
    not_since: Timestamp,
    now: Timestamp,
) -> QueryResult<bool> {
    diesel::update(
        sessions::table
            .find(id)
            .filter(sessions::sends.lt(limit))
            .filter(sessions::last_send_at.is_null().or(sessions::last_send_at.le(not_since))),
    )
    .set((sessions::sends.eq(sessions::sends + 1), sessions::last_send_at.eq(now)))
    .execute(conn)
    .map(|n| n == 1)
}

/// Gives a send back whose message was not taken, so that the next one need not wait.
pub fn return_send(conn: &mut DbConnection, id: &str) -> QueryResult<bool> {
    diesel::update(sessions::table.find(id).filter(sessions::sends.gt(0)))
        .set((sessions::sends.eq(sessions::sends - 1), sessions::last_send_at.eq(None::<Timestamp>)))
        .execute(conn)
        .map(|n| n == 1)
}

/// Notes the domain sign-in that a session came by, and when the person was last seen to be there.
pub fn came_by_domain(
    conn: &mut DbConnection,
    id: &str,
    domain_sign_in_id: &str,
    seen_at: Timestamp,
) -> QueryResult<usize> {
    let change = (sessions::domain_sign_in_id.eq(domain_sign_in_id), sessions::password_at.eq(seen_at));
    diesel::update(sessions::table.find(id)).set(change).execute(conn)
}

pub fn delete(conn: &mut DbConnection, id: &str) -> QueryResult<bool> {
    diesel::delete(sessions::table.find(id)).execute(conn).map(|n| n == 1)
}

pub fn delete_by_token(conn: &mut DbConnection, token_hash: &[u8]) -> QueryResult<bool> {
    diesel::delete(sessions::table.filter(sessions::token_hash.eq(token_hash))).execute(conn).map(|n| n == 1)
}

/// Ends one session of somebody; `false` when it is not theirs or gone.
pub fn delete_of(conn: &mut DbConnection, user_id: &str, id: &str) -> QueryResult<bool> {
    diesel::delete(sessions::table.find(id).filter(sessions::user_id.eq(user_id))).execute(conn).map(|n| n == 1)
}

/// Ends every session of somebody but one.
pub fn delete_others(conn: &mut DbConnection, user_id: &str, keep: &str) -> QueryResult<usize> {
    diesel::delete(sessions::table.filter(sessions::user_id.eq(user_id)).filter(sessions::id.ne(keep))).execute(conn)
}

/// Ends what somebody has open in one organization, is about to open there, or has not finished.
pub fn delete_in_organization(conn: &mut DbConnection, user_id: &str, organization_id: &str) -> QueryResult<usize> {
    diesel::delete(
        sessions::table.filter(sessions::user_id.eq(user_id)).filter(
            sessions::organization_id
                .eq(organization_id)
                .or(sessions::entering_organization_id.eq(organization_id))
                .or(sessions::stage.ne(Stage::SignedIn)),
        ),
    )
    .execute(conn)
}

/// Ends what was born from a remembered browser.
pub fn delete_born_from(conn: &mut DbConnection, remembered_browser_id: &str) -> QueryResult<usize> {
    diesel::delete(sessions::table.filter(sessions::remembered_browser_id.eq(remembered_browser_id))).execute(conn)
}

/// Ends the oldest signed-in sessions beyond `keep`, so that the list stays short. ASVS 7.1.2.
pub fn delete_beyond(conn: &mut DbConnection, user_id: &str, keep: i64) -> QueryResult<usize> {
    let old: Vec<String> = sessions::table
        .filter(sessions::user_id.eq(user_id))
        .filter(sessions::stage.eq(Stage::SignedIn))
        .order((sessions::created_at.desc(), sessions::id.desc()))
        .select(sessions::id)
        .offset(keep)
        .limit(1_000)
        .load(conn)?;
    if old.is_empty() {
        return Ok(0);
    }
    diesel::delete(sessions::table.filter(sessions::id.eq_any(old))).execute(conn)
}

/// Removes what has ended by itself.
pub fn purge(conn: &mut DbConnection, now: Timestamp) -> QueryResult<usize> {
    diesel::delete(sessions::table.filter(sessions::expires_at.lt(now))).execute(conn)
}

/// Ends every session that is in an organization.
pub fn delete_all_in_organization(conn: &mut DbConnection, organization_id: &str) -> QueryResult<usize> {
    diesel::delete(sessions::table.filter(sessions::organization_id.eq(organization_id))).execute(conn)
}

/// Removes everybody's, with their proofs, codes and calls.
pub fn delete_everything(conn: &mut DbConnection) -> QueryResult<usize> {
    diesel::delete(sessions::table).execute(conn)
}
