//! Requests to reset one's own MFA. Every step is one conditional UPDATE: it takes the row out of the
//! states in which the step may be taken, while the request lives.

use diesel::prelude::*;

use super::{QueryResult, SelfResetState};
use crate::clock::Timestamp;
use crate::db::DbConnection;
use crate::schema::{self_resets, users};

#[derive(Clone, Queryable, Insertable)]
pub struct SelfReset {
    pub id: String,
    pub user_id: String,
    /// The user's id while the request lives; unique, so that there is one at a time.
    pub live_user_id: Option<String>,
    pub state: SelfResetState,
    /// What name and address of the account were when it began, as a hash.
    pub account_hash: Vec<u8>,
    /// The names on the document, sealed as `self_resets:document:<id>`, while a review is open.
    pub document: Option<Vec<u8>>,
    pub document_key_id: Option<String>,
    /// 100 for the same name, 0 for nothing in common.
    pub score: Option<i64>,
    /// Why a person has to look, a line each.
    pub reasons: String,
    /// Who decided.
    pub decided_by: Option<String>,
    /// How they checked, or why they refused.
    pub note: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub expires_at: Timestamp,
}

/// The place the names are sealed for.
pub fn document_place(id: &str) -> String {
    format!("self_resets:document:{id}")
}

pub fn insert(conn: &mut DbConnection, row: &SelfReset) -> QueryResult<()> {
    diesel::insert_into(self_resets::table).values(row).execute(conn).map(|_| ())
}

pub fn find(conn: &mut DbConnection, id: &str) -> QueryResult<Option<SelfReset>> {
    self_resets::table.find(id).first(conn).optional()
}

/// The one request of somebody that goes on.
pub fn find_live(conn: &mut DbConnection, user_id: &str, now: Timestamp) -> QueryResult<Option<SelfReset>> {
    self_resets::table
        .filter(self_resets::live_user_id.eq(user_id))
        .filter(self_resets::expires_at.gt(now))
        .first(conn)
        .optional()
}

/// Takes the row out of one of these states while it lives; it then lives until `until`. `true` for the
/// one caller who did.
pub fn advance(
    conn: &mut DbConnection,
    id: &str,
    from: &[SelfResetState],
    to: SelfResetState,
    until: Timestamp,
    now: Timestamp,
) -> QueryResult<bool> {
    diesel::update(
        self_resets::table
            .find(id)
            .filter(self_resets::state.eq_any(from))
            .filter(self_resets::live_user_id.is_not_null())
            .filter(self_resets::expires_at.gt(now)),
    )
    .set((self_resets::state.eq(to), self_resets::updated_at.eq(now), self_resets::expires_at.eq(until)))
    .execute(conn)
    .map(|n| n == 1)
}

/// Prolongs a request that waits for nobody but its owner.
pub fn prolong(conn: &mut DbConnection, id: &str, until: Timestamp) -> QueryResult<bool> {
    diesel::update(
        self_resets::table
            .find(id)
            .filter(self_resets::live_user_id.is_not_null())
            .filter(self_resets::expires_at.lt(until)),
    )
    .set(self_resets::expires_at.eq(until))
    .execute(conn)
    .map(|n| n == 1)
}

/// What a review has before it.
pub struct Document<'a> {
    pub sealed: &'a [u8],
    pub key_id: &'a str,
    pub score: i64,
    pub reasons: &'a str,
}

/// Keeps the names for a review.
pub fn keep_document(conn: &mut DbConnection, id: &str, document: &Document) -> QueryResult<usize> {
    diesel::update(self_resets::table.find(id))
        .set((
            self_resets::document.eq(document.sealed),
            self_resets::document_key_id.eq(document.key_id),
            self_resets::score.eq(document.score),
            self_resets::reasons.eq(document.reasons),
        ))
        .execute(conn)
}

/// Keeps who decided, their words, and the account as they saw it; the names are erased with it.
pub fn decided(conn: &mut DbConnection, id: &str, (by, note): (&str, &str), account_hash: &[u8]) -> QueryResult<usize> {
    diesel::update(self_resets::table.find(id))
        .set((
            self_resets::decided_by.eq(by),
            self_resets::note.eq(note),
            self_resets::account_hash.eq(account_hash),
            self_resets::document.eq(None::<Vec<u8>>),
            self_resets::document_key_id.eq(None::<String>),
        ))
        .execute(conn)
}

/// Ends a request from one of these states, and erases the names. `true` for the one caller who did.
pub fn end(
    conn: &mut DbConnection,
    id: &str,
    from: &[SelfResetState],
    to: SelfResetState,
    now: Timestamp,
) -> QueryResult<bool> {
    diesel::update(
        self_resets::table
            .find(id)
            .filter(self_resets::state.eq_any(from))
            .filter(self_resets::live_user_id.is_not_null()),
    )
    .set((
        self_resets::state.eq(to),
        self_resets::live_user_id.eq(None::<String>),
        self_resets::document.eq(None::<Vec<u8>>),
        self_resets::document_key_id.eq(None::<String>),
        self_resets::updated_at.eq(now),
    ))
    .execute(conn)
    .map(|n| n == 1)
}

/// Ids of those that have lived too long: everybody's, or one person's.
pub fn list_over(conn: &mut DbConnection, user_id: Option<&str>, now: Timestamp) -> QueryResult<Vec<String>> {
    let mut over = self_resets::table
        .filter(self_resets::live_user_id.is_not_null())
        .filter(self_resets::expires_at.le(now))
        .select(self_resets::id)
        .into_boxed();
    if let Some(id) = user_id {
        over = over.filter(self_resets::live_user_id.eq(id.to_owned()));
    }
    over.limit(1_000).load(conn)
}

/// Open reviews after an id, oldest first: all of them, or those of people these organizations manage.
pub fn list_reviews(
    conn: &mut DbConnection,
    managed_by: Option<&[String]>,
    after: &str,
    limit: i64,
    now: Timestamp,
) -> QueryResult<Vec<SelfReset>> {
    let mut query = self_resets::table
        .inner_join(users::table)
        .filter(self_resets::state.eq(SelfResetState::Review))
        .filter(self_resets::expires_at.gt(now))
        .filter(self_resets::id.gt(after.to_owned()))
        .select(self_resets::all_columns)
        .into_boxed();
    if let Some(ids) = managed_by {
        query = query.filter(users::managing_organization_id.eq_any(ids.to_vec()));
    }
    query.order(self_resets::id).limit(limit).load(conn)
}

/// Rows whose names another key than this one has sealed, after an id.
pub fn list_sealed_otherwise(
    conn: &mut DbConnection,
    key_id: &str,
    after: &str,
    limit: i64,
) -> QueryResult<Vec<SelfReset>> {
    self_resets::table
        .filter(self_resets::document_key_id.ne(key_id))
        .filter(self_resets::id.gt(after))
        .order(self_resets::id)
        .limit(limit)
        .load(conn)
}

/// Replaces what was sealed, unless it changed meanwhile.
pub fn reseal(conn: &mut DbConnection, id: &str, old: &[u8], new: &[u8], key_id: &str) -> QueryResult<bool> {
    diesel::update(self_resets::table.find(id).filter(self_resets::document.eq(old)))
        .set((self_resets::document.eq(new), self_resets::document_key_id.eq(key_id)))
        .execute(conn)
        .map(|n| n == 1)
}

/// Every request of somebody, oldest first.
pub fn list_of_user(conn: &mut DbConnection, user_id: &str) -> QueryResult<Vec<SelfReset>> {
    self_resets::table.filter(self_resets::user_id.eq(user_id)).order(self_resets::id).limit(100).load(conn)
}

/// Cancels every request that lives, and erases the names.
pub fn cancel_everything(conn: &mut DbConnection, now: Timestamp) -> QueryResult<usize> {
    diesel::update(self_resets::table.filter(self_resets::live_user_id.is_not_null()))
        .set((
            self_resets::state.eq(SelfResetState::Canceled),
            self_resets::live_user_id.eq(None::<String>),
            self_resets::document.eq(None::<Vec<u8>>),
            self_resets::document_key_id.eq(None::<String>),
            self_resets::updated_at.eq(now),
        ))
        .execute(conn)
}
