//! That a factor was shown in a session: which, when, by which road.

use diesel::prelude::*;

use super::{FactorKind, QueryResult, Scope};
use crate::clock::Timestamp;
use crate::db::{DbConnection, each};
use crate::schema::{session_proofs, sessions};

#[derive(Clone, Debug, Queryable, Insertable)]
pub struct SessionProof {
    pub id: String,
    pub session_id: String,
    pub factor_id: Option<String>,
    pub kind: FactorKind,
    /// `sms`, `call`, `email`, `totp` or `recovery_code`.
    pub channel: String,
    pub scope: Scope,
    pub organization_id: Option<String>,
    pub mfa_epoch: i64,
    pub proved_at: Timestamp,
}

pub fn insert(conn: &mut DbConnection, row: &SessionProof) -> QueryResult<()> {
    diesel::insert_into(session_proofs::table).values(row).execute(conn).map(|_| ())
}

/// The proofs of a session, newest first.
pub fn list(conn: &mut DbConnection, session_id: &str) -> QueryResult<Vec<SessionProof>> {
    let query = session_proofs::table
        .filter(session_proofs::session_id.eq(session_id))
        .order(session_proofs::proved_at.desc())
        .limit(50);
    each!(conn, |c| query.load(c))
}

/// Carries the proofs of one session over to the one that replaces it.
pub fn move_all(conn: &mut DbConnection, from: &str, to: &str) -> QueryResult<usize> {
    diesel::update(session_proofs::table.filter(session_proofs::session_id.eq(from)))
        .set(session_proofs::session_id.eq(to))
        .execute(conn)
}

/// Takes back what was shown for one organization in any session of somebody.
pub fn delete_of_organization(conn: &mut DbConnection, user_id: &str, organization_id: &str) -> QueryResult<usize> {
    let ids: Vec<String> =
        sessions::table.filter(sessions::user_id.eq(user_id)).select(sessions::id).limit(1_000).load(conn)?;
    diesel::delete(
        session_proofs::table
            .filter(session_proofs::session_id.eq_any(ids))
            .filter(session_proofs::scope.eq(Scope::Organization))
            .filter(session_proofs::organization_id.eq(organization_id)),
    )
    .execute(conn)
}

/// Carries the proofs of a session by the user's own factors over to a new epoch: all else that was made
/// under the old one is void. An organization's stand under the epoch of the membership.
pub fn set_epoch(conn: &mut DbConnection, session_id: &str, epoch: i64) -> QueryResult<usize> {
    diesel::update(
        session_proofs::table
            .filter(session_proofs::session_id.eq(session_id))
            .filter(session_proofs::scope.eq(Scope::User)),
    )
    .set(session_proofs::mfa_epoch.eq(epoch))
    .execute(conn)
}

/// Forgets in a session that a factor was shown, when that factor counts no longer. ASVS 6.5.6.
pub fn delete_of_factor(conn: &mut DbConnection, session_id: &str, factor_id: &str) -> QueryResult<usize> {
    diesel::delete(
        session_proofs::table
            .filter(session_proofs::session_id.eq(session_id))
            .filter(session_proofs::factor_id.eq(factor_id)),
    )
    .execute(conn)
}

/// Forgets in a session that factors of a kind were shown.
pub fn delete_of_kind(conn: &mut DbConnection, session_id: &str, kind: FactorKind) -> QueryResult<usize> {
    diesel::delete(
        session_proofs::table.filter(session_proofs::session_id.eq(session_id)).filter(session_proofs::kind.eq(kind)),
    )
    .execute(conn)
}
