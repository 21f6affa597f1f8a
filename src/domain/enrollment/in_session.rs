//! An authenticator app in a session that goes on as it is: at registration and at set-up. Under Security
//! the key is begun and shown the same way, and **Save** renews the session besides.

use super::Enrollee;
use super::authenticator::{self, Key, Saved};
use crate::db::Fault;
use crate::domain::Core;
use crate::domain::access::Access;
use crate::domain::audit::Origin;
use crate::domain::second_step::Proof;
use crate::models::sessions::{self, Session};
use crate::models::users;

/// The key of the authenticator that was begun in this session, if it still waits.
pub async fn key(core: &Core, session: &Session, access: &Access) -> Result<Option<Key>, Fault> {
    let (context, session, access) = (core.clone(), session.clone(), access.clone());
    core.db
        .read(move |conn| authenticator::key(conn, &context, Enrollee::of(&session, &access), context.clock.now()))
        .await
}

/// Begins an authenticator in this session.
pub async fn begin(core: &Core, session: &Session, access: &Access) -> Result<(), Fault> {
    let (context, session, access) = (core.clone(), session.clone(), access.clone());
    core.db
        .write(move |conn| authenticator::begin(conn, &context, Enrollee::of(&session, &access), context.clock.now()))
        .await
}

/// **Save**: finishes the authenticator, and notes in the session that it was shown. `None` when the
/// session ended meanwhile, as another one's **Save** ends it.
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
            let who = Enrollee::of(&session, &access);
            let saved = authenticator::save(conn, &context, who, (&code, &name), &origin, now)?;
            if let Saved::Done { factor, .. } = &saved {
                Proof::by(factor, "totp").keep(conn, &session.id, &access.user, now)?;
            }
            Ok(Some(saved))
        })
        .await
}
