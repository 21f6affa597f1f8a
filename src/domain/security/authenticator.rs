//! **MFA Configuration**: an authenticator app of one's own accord, required or not, and more than one.
//! The same enrollment as in set-up; the key is bound to this session.

use super::{hold, renew};
use crate::db::Fault;
use crate::domain::Core;
use crate::domain::access::Access;
use crate::domain::audit::Origin;
use crate::domain::enrollment::Enrollee;
use crate::domain::enrollment::authenticator::{self, Saved};
pub use crate::domain::enrollment::in_session::{begin, key};
use crate::domain::limits::FRESH;
use crate::domain::second_step::Proof;
use crate::domain::sessions::Opened;
use crate::domain::sign_in::set_up::was_added_here;
use crate::models::sessions::Session;
use crate::models::{FactorKind, FactorState, factors, session_proofs};

/// **Save**: what became of it, and the session that goes on after the first right code.
pub async fn save(
    core: &Core,
    session: &Session,
    access: &Access,
    (code, name): (&str, &str),
    origin: &Origin,
) -> Result<(Saved, Option<Opened>), Fault> {
    let (context, session, access, origin) = (core.clone(), session.clone(), access.clone(), origin.clone());
    let (code, name) = (code.to_owned(), name.to_owned());
    let saved = core
        .db
        .write(move |conn| {
            let (core, now) = (&context, context.clock.now());
            hold(conn, &session)?;
            let who = Enrollee::of(&session, &access);
            let saved = authenticator::save(conn, core, who, (&code, &name), &origin, now)?;
            let Saved::Done { factor, .. } = &saved else { return Ok::<_, Fault>((saved, None)) };
            Proof::by(factor, "totp").keep(conn, &session.id, &access.user, now)?;
            let opened = renew(conn, &session, &access, now)?;
            Ok((saved, Some(opened)))
        })
        .await?;
    core.outbox.notify_one();
    Ok(saved)
}

/// Whether one was saved in this session, within the last minutes.
pub async fn was_just_saved(core: &Core, session: &Session) -> Result<bool, Fault> {
    let (session, now) = (session.clone(), core.clock.now());
    core.db
        .read(move |conn| {
            let proofs = session_proofs::list(conn, &session.id)?;
            Ok(factors::list(conn, &session.user_id)?.iter().any(|factor| {
                (factor.kind, factor.state) == (FactorKind::Authenticator, FactorState::Active)
                    && was_added_here(factor, &proofs)
                    && factor.confirmed_at.is_some_and(|at| now < at + FRESH)
            }))
        })
        .await
}
