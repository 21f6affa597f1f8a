//! The authenticator app of a registration: the same enrollment as anywhere else, bound to this session.

use crate::db::{DbConnection, Fault};
use crate::domain::Core;
use crate::domain::access::Access;
use crate::domain::audit::Origin;
use crate::domain::enrollment::Enrollee;
use crate::domain::enrollment::authenticator::{self, Key, Saved};
use crate::domain::second_step::Proof;
use crate::domain::sessions::Opened;
use crate::models::sessions::{self, Session};
use crate::models::{FactorKind, FactorState, factors, session_proofs, users};

use super::phone::to_terms;

fn enrollee<'a>(session: &'a Session, access: &'a Access) -> Enrollee<'a> {
    Enrollee { user: &access.user, session_id: &session.id, organization: access.managing() }
}

/// Draws a key, unless one waits in this session.
pub async fn begin(core: &Core, session: &Session, access: &Access) -> Result<(), Fault> {
    let (context, session, access) = (core.clone(), session.clone(), access.clone());
    core.db
        .write(move |conn| authenticator::begin(conn, &context, enrollee(&session, &access), context.clock.now()))
        .await
}

/// The key that waits for its first code.
pub async fn key(core: &Core, session: &Session, access: &Access) -> Result<Option<Key>, Fault> {
    let (context, session, access) = (core.clone(), session.clone(), access.clone());
    core.db.read(move |conn| authenticator::key(conn, &context, enrollee(&session, &access), context.clock.now())).await
}

/// **Save**. `None` when the session ended meanwhile.
pub async fn save(
    core: &Core,
    session: &Session,
    access: &Access,
    (code, name): (&str, &str),
    origin: &Origin,
) -> Result<Option<Saved>, Fault> {
    let (context, session, access, origin) = (core.clone(), session.clone(), access.clone(), origin.clone());
    let (code, name) = (code.to_owned(), name.to_owned());
    core.db
        .write(move |conn| {
            let now = context.clock.now();
            users::lock(conn, &access.user.id)?;
            if sessions::find(conn, &session.id)?.is_none() {
                return Ok(None);
            }
            let saved = authenticator::save(conn, &context, enrollee(&session, &access), (&code, &name), &origin, now)?;
            if let Saved::Done { factor, .. } = &saved {
                Proof::by(factor, "totp").keep(conn, &session.id, &access.user, now)?;
            }
            Ok(Some(saved))
        })
        .await
}

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
