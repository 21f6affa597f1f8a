//! **Verify code** and **Continue**: from the mailbox to a session that opens the next step alone.

use super::request::has_password;
use super::{PURPOSE, subject};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::audit::{Entry, Origin};
use crate::domain::second_step::judge::address_limits;
use crate::domain::second_step::ways::{self, Ways};
use crate::domain::sessions::{self, Opened, Start};
use crate::domain::{Core, mail_limits, throttle, verification};
use crate::models::factors::Factor;
use crate::models::password_resets::{self, PasswordReset};
use crate::models::session_proofs::SessionProof;
use crate::models::sessions::Session;
use crate::models::users::{self, User, fold};
use crate::models::{AuditResult, FactorKind, LoginOption, Stage, memberships, new_id, session_proofs, throttles};

/// What became of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checked {
    Right,
    Wrong,
    /// That was one too many; the reset has ended.
    Over,
    /// Too many wrong codes from this address.
    AddressLimit {
        until: Timestamp,
    },
}

/// Judges a code. Where nobody is behind the address, none is right; once one was, every other is let through
/// to where that one led.
pub async fn check(core: &Core, reset: &PasswordReset, code: &str, origin: &Origin) -> Result<Checked, Fault> {
    let (context, reset, code, origin) = (core.clone(), reset.clone(), code.to_owned(), origin.clone());
    core.db
        .write(move |conn| {
            let (core, now) = (&context, context.clock.now());
            // Sent twice: the first was right, and nothing is judged after that.
            if password_resets::is_verified(conn, &reset.id)? {
                return Ok(Checked::Right);
            }
            if !origin.unlimited {
                for (key, limit, window) in address_limits(&origin) {
                    if let Some(until) = throttle::take(conn, &key, limit, window, now)? {
                        return Ok(Checked::AddressLimit { until });
                    }
                }
            }
            let checked = match verification::check(conn, core, &subject(&reset.id), &code, now)? {
                verification::Checked::Right { .. }
                    if reset.user_id.is_some() && password_resets::verify(conn, &reset.id)? =>
                {
                    Checked::Right
                }
                // The other of two at once came first.
                _ if password_resets::is_verified(conn, &reset.id)? => return Ok(Checked::Right),
                verification::Checked::TooMany { .. } => Checked::Over,
                _ => Checked::Wrong,
            };
            settle(conn, &reset, checked, &origin)?;
            let result = if checked == Checked::Right { AuditResult::Success } else { AuditResult::Failure };
            Entry::new("password_reset_code", result).about(reset.user_id.as_deref()).write(conn, &origin, now)?;
            Ok(checked)
        })
        .await
}

fn settle(conn: &mut DbConnection, reset: &PasswordReset, checked: Checked, origin: &Origin) -> Result<(), Fault> {
    match checked {
        Checked::Right => {
            for (key, ..) in address_limits(origin) {
                throttles::give_back(conn, &key)?;
            }
            mail_limits::give_back(conn, PURPOSE, origin)?;
        }
        Checked::Over => {
            password_resets::delete(conn, &reset.id)?;
        }
        _ => {}
    }
    Ok(())
}

/// What follows **Continue**.
pub enum Next {
    /// A factor is to be shown, or the new password to be chosen; the session's stage says which.
    Session(Opened),
    /// Every factor that would be asked is paused or switched off: nothing goes on without one.
    HeldUp,
    /// Not verified, used, too late, or the account has changed meanwhile.
    Gone,
}

/// Uses the verified reset up and opens the session that carries it on.
pub async fn go_on(core: &Core, reset: &PasswordReset, origin: &Origin) -> Result<Next, Fault> {
    let (context, reset, origin) = (core.clone(), reset.clone(), origin.clone());
    core.db
        .write(move |conn| {
            let now = context.clock.now();
            if !password_resets::consume(conn, &reset.id, now)? {
                return Ok(Next::Gone);
            }
            let user = match &reset.user_id {
                Some(id) => users::find(conn, id)?,
                None => None,
            };
            let opens = has_password(conn, user.as_ref())?;
            let same = |u: &User| opens && u.email_lower == fold(&reset.email);
            let Some(user) = user.filter(same) else { return Ok(Next::Gone) };
            let memberships = memberships::list_active(conn, &user.id)?;
            let ways = ways::find(conn, &user.id, &memberships, now)?;
            let ways = if ways.beside_mail() { ways.of_account(&memberships) } else { ways };
            open(conn, &user, &ways, &origin, now)
        })
        .await
}

fn open(conn: &mut DbConnection, user: &User, ways: &Ways, origin: &Origin, now: Timestamp) -> Result<Next, Fault> {
    let beside_mail = |factors: &[Factor]| factors.iter().any(|f| f.kind != FactorKind::Email);
    let asked = beside_mail(&ways.usable) || beside_mail(&ways.held_up);
    // Where there is a phone, an app or a token, the mailbox alone never sets a password: with it and
    // the next code by e-mail it would be a sign-in. ASVS 6.4.3.
    if asked && !beside_mail(&ways.usable) && ways.recovery_codes == 0 {
        Entry::new("password_reset_held_up", AuditResult::Refused).about(Some(&user.id)).write(conn, origin, now)?;
        return Ok(Next::HeldUp);
    }
    let stage = if asked { Stage::PasswordReset } else { Stage::NewPassword };
    let start = Start { user, stage, option: LoginOption::Phone, remember: false, return_to: None, password: false };
    let opened = sessions::start(conn, &start, origin, now)?;
    let shown = ways.of(FactorKind::Email).find(|f| f.email.as_deref().map(fold).as_ref() == Some(&user.email_lower));
    if let Some(factor) = shown.filter(|_| !asked) {
        prove(conn, &opened.session, factor, now)?;
    }
    Ok(Next::Session(opened))
}

/// Codes by e-mail are all this person has, and one was just shown.
fn prove(conn: &mut DbConnection, session: &Session, factor: &Factor, now: Timestamp) -> Result<(), Fault> {
    let proof = SessionProof {
        id: new_id(now),
        session_id: session.id.clone(),
        factor_id: Some(factor.id.clone()),
        kind: factor.kind,
        channel: "email".into(),
        scope: factor.scope,
        organization_id: factor.organization_id.clone(),
        mfa_epoch: session.mfa_epoch,
        proved_at: now,
    };
    Ok(session_proofs::insert(conn, &proof)?)
}
