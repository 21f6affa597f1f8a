//! The factor that was chosen, and changing one's mind after **Create**.

use super::{create, methods, phone};
use crate::db::Fault;
use crate::domain::Core;
use crate::domain::access::Access;
use crate::domain::audit::{Entry, Origin};
use crate::domain::core::Settings;
use crate::domain::enrollment::new_factor;
use crate::domain::sessions::Opened;
use crate::models::sessions::Session;
use crate::models::{AuditResult, FactorKind, FactorState, factors, registrations};

/// What somebody chose to show at sign-in.
pub async fn chosen(core: &Core, user_id: &str) -> Result<Option<FactorKind>, Fault> {
    let user_id = user_id.to_owned();
    core.db.read(move |conn| Ok(registrations::find_by_user(conn, &user_id)?.and_then(|r| r.method))).await
}

/// What can be chosen in place of it.
pub fn others(settings: &Settings, access: &Access, chosen: FactorKind) -> Vec<FactorKind> {
    let all = access.managing().map(|o| methods(settings, o)).unwrap_or_default();
    all.into_iter().filter(|kind| *kind != chosen).collect()
}

/// What came of choosing another one.
pub enum Chosen {
    NotAllowed,
    /// It is to be proven next.
    Next,
    /// By e-mail: the address is proven already.
    Done(Box<Opened>),
}

pub async fn choose(
    core: &Core,
    session: &Session,
    access: &Access,
    method: FactorKind,
    origin: &Origin,
) -> Result<Chosen, Fault> {
    if !access.managing().is_some_and(|o| methods(&core.settings, o).contains(&method)) {
        return Ok(Chosen::NotAllowed);
    }
    let (context, session, user, origin) = (core.clone(), session.clone(), access.user.clone(), origin.clone());
    core.db
        .write(move |conn| {
            let now = context.clock.now();
            if let Some(registration) = registrations::find_by_user(conn, &user.id)? {
                registrations::choose(conn, &registration.id, method, now)?;
            }
            Entry::new("registration_method", AuditResult::Success)
                .of(&user.id)
                .with("method", method.as_str())
                .write(conn, &origin, now)?;
            if method != FactorKind::Authenticator {
                let has_email = factors::list(conn, &user.id)?.iter().any(|f| f.kind == FactorKind::Email);
                if !has_email {
                    let row = new_factor(&user.id, FactorKind::Email, FactorState::Active, &user.email, now);
                    factors::insert(conn, &row)?;
                }
            }
            if method != FactorKind::Email {
                return Ok(Chosen::Next);
            }
            create::prove_address(conn, &session.id, &user, now)?;
            phone::to_terms(conn, &session, now).map(|opened| Chosen::Done(Box::new(opened)))
        })
        .await
}
