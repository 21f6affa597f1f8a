//! The authenticator app of a registration: the same enrollment as anywhere else, bound to this session.

use super::phone::to_terms;
use crate::db::{DbConnection, Fault};
use crate::domain::Core;
pub use crate::domain::enrollment::in_session::{begin, key, save};
use crate::domain::sessions::Opened;
use crate::models::sessions::{self, Session};
use crate::models::{FactorKind, FactorState, factors, session_proofs};

/// Whether an app was saved in this session.
pub async fn is_saved(core: &Core, session: &Session) -> Result<bool, Fault> {
    let session = session.clone();
    core.db.read(move |conn| saved(conn, &session)).await
}

fn saved(conn: &mut DbConnection, session: &Session) -> Result<bool, Fault> {
    let shown: Vec<_> = session_proofs::list(conn, &session.id)?.into_iter().filter_map(|p| p.factor_id).collect();
    Ok(factors::list(conn, &session.user_id)?
        .iter()
        .any(|f| f.kind == FactorKind::Authenticator && f.state == FactorState::Active && shown.contains(&f.id)))
}

/// On to the terms; `None` while nothing was saved.
pub async fn go_on(core: &Core, session: &Session) -> Result<Option<Opened>, Fault> {
    let (context, session) = (core.clone(), session.clone());
    core.db
        .write(move |conn| {
            let there = sessions::find(conn, &session.id)?.is_some();
            if !there || !saved(conn, &session)? {
                return Ok(None);
            }
            to_terms(conn, &session, context.clock.now()).map(Some)
        })
        .await
}
