//! What the owner of an account is told about tries at its second step. ASVS 6.3.5, 6.3.7.

use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::Core;
use crate::domain::audit::Origin;
use crate::domain::notices::{asked, tell};
use crate::models::users::{self, User};
use crate::models::{FactorKind, memberships};
use crate::outbox::messages::{
    CodeReused, FactorPaused, FactorSwitchedOff, FactorSwitchedOffAdmin, RecoveryCodeUsed, WrongSecondFactor,
};

pub fn wrong_codes(
    conn: &mut DbConnection,
    core: &Core,
    user: &User,
    tries: i64,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), Fault> {
    let message = |zone: &_| Box::new(WrongSecondFactor { tries: small(tries), asked: asked(zone, origin, now) }) as _;
    tell(conn, core, user, "wrong_second_factor", message, now)
}

pub fn code_reused(
    conn: &mut DbConnection,
    core: &Core,
    user: &User,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), Fault> {
    let message = |zone: &_| {
        Box::new(CodeReused { factor: words(FactorKind::Authenticator).into(), asked: asked(zone, origin, now) }) as _
    };
    tell(conn, core, user, "code_reused", message, now)
}

pub fn recovery_code_used(
    conn: &mut DbConnection,
    core: &Core,
    user: &User,
    left: i64,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), Fault> {
    let message = |zone: &_| Box::new(RecoveryCodeUsed { left: small(left), asked: asked(zone, origin, now) }) as _;
    tell(conn, core, user, "recovery_code_used", message, now)
}

pub fn paused(
    conn: &mut DbConnection,
    core: &Core,
    user: &User,
    kind: FactorKind,
    (tries, until): (i64, Timestamp),
    origin: &Origin,
    now: Timestamp,
) -> Result<(), Fault> {
    let message = |zone: &crate::domain::times::Zone| {
        Box::new(FactorPaused {
            factor: words(kind).into(),
            tries: small(tries),
            until: zone.time_with_zone(until).into(),
            asked: asked(zone, origin, now),
        }) as _
    };
    tell(conn, core, user, "factor_paused", message, now)
}

/// Tells the owner and the admins of the managing organization (SECURITY: hard cap).
pub fn switched_off(
    conn: &mut DbConnection,
    core: &Core,
    user: &User,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), Fault> {
    let tries = small(crate::domain::limits::AUTHENTICATOR_HARD_CAP);
    let factor = words(FactorKind::Authenticator);
    let message =
        |zone: &_| Box::new(FactorSwitchedOff { factor: factor.into(), tries, asked: asked(zone, origin, now) }) as _;
    tell(conn, core, user, "factor_switched_off", message, now)?;
    let Some(organization) = &user.managing_organization_id else { return Ok(()) };
    for id in memberships::admin_user_ids(conn, organization)? {
        let Some(admin) = users::find(conn, &id)?.filter(|a| a.id != user.id) else { continue };
        let message = |zone: &_| {
            Box::new(FactorSwitchedOffAdmin {
                person: user.full_name().into(),
                username: user.username.as_str().into(),
                user_id: user.id.parse().unwrap_or_default(),
                factor: factor.into(),
                tries,
                asked: asked(zone, origin, now),
            }) as _
        };
        tell(conn, core, &admin, "factor_switched_off_admin", message, now)?;
    }
    Ok(())
}

/// A factor kind within a sentence.
pub fn words(kind: FactorKind) -> &'static str {
    match kind {
        FactorKind::Authenticator => "authenticator app",
        FactorKind::HardwareToken => "hardware token",
        FactorKind::Phone => "phone",
        FactorKind::Email => "e-mail code",
        FactorKind::RecoveryCode => "recovery codes",
        FactorKind::Domain => "domain account",
    }
}

fn small(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
