//! Authenticator apps: a secret is drawn, shown as a QR code and as a key, and becomes a factor with
//! the first right code. Until then nothing is on. NIST SP 800-63B-4 section 4.1.2.2.

use data_encoding::BASE32_NOPAD;
use totp_rs::Builder;

use super::device_name::{self, NameProblem};
use super::recovery_codes::{self, Codes};
use super::{Enrollee, added};
use crate::clock::{Timestamp, unix};
use crate::db::{DbConnection, Fault};
use crate::domain::Core;
use crate::domain::audit::{Entry, Origin};
use crate::domain::limits::*;
use crate::domain::second_step::totp::{self, Seen};
use crate::models::factors::{self, Factor, secret_place};
use crate::models::{AuditResult, FactorKind, FactorState, Scope, new_id, recovery_codes as code_rows, users};
use crate::secrets::{Secret, random};

/// What an app needs to know.
pub struct Key {
    /// 32 characters of base32.
    pub base32: Secret<String>,
    /// The same as an `otpauth:` link, which is also the content of the QR code.
    pub link: Secret<String>,
    /// Until when it waits for its first code.
    pub until: Timestamp,
}

/// What became of **Save**.
pub enum Saved {
    Done {
        factor: Factor,
        /// After the first authenticator only.
        recovery_codes: Option<Codes>,
    },
    /// Nothing was judged.
    Name(NameProblem),
    Wrong,
    /// Right for a time so many minutes from now; counted as wrong.
    ClockOff {
        minutes: i64,
    },
    /// That was one wrong code too many: another secret was drawn.
    Redrawn,
    /// There was nothing to finish, or its time was over: another secret was drawn.
    Expired,
}

/// Begins in this session, or goes on with what was begun.
pub fn begin(conn: &mut DbConnection, core: &Core, who: Enrollee, now: Timestamp) -> Result<(), Fault> {
    users::lock(conn, &who.user.id)?;
    if find(conn, who, now)?.is_none() {
        draw(conn, core, who, now)?;
    }
    Ok(())
}

/// The key of what was begun in this session; changes nothing.
pub fn key(conn: &mut DbConnection, core: &Core, who: Enrollee, now: Timestamp) -> Result<Option<Key>, Fault> {
    let Some(factor) = find(conn, who, now)? else { return Ok(None) };
    let secret = totp::secret(core, &factor)?;
    Ok(Some(Key {
        base32: Secret::new(BASE32_NOPAD.encode(&secret)),
        link: link(&issuer(core), &who.user.email, &secret)?,
        until: factor.pending_until.unwrap_or(now),
    }))
}

/// Finishes with the first code and a name.
pub fn save(
    conn: &mut DbConnection,
    core: &Core,
    who: Enrollee,
    (code, name): (&str, &str),
    origin: &Origin,
    now: Timestamp,
) -> Result<Saved, Fault> {
    // Names and the first authenticator are rules over all of the person's factors.
    users::lock(conn, &who.user.id)?;
    let present = factors::list(conn, &who.user.id)?;
    let name = match device_name::check(name, &present) {
        Ok(name) => name,
        Err(problem) => return Ok(Saved::Name(problem)),
    };
    let Some(pending) = find(conn, who, now)? else {
        draw(conn, core, who, now)?;
        return Ok(Saved::Expired);
    };
    let step = match totp::look(core, &pending, &totp::digits(code), unix(now))? {
        Seen::Step(step) => step,
        seen => return wrong(conn, core, who, &pending, seen, origin, now),
    };
    if !factors::activate(conn, &pending.id, who.session_id, &name, step, now)? {
        return Ok(Saved::Expired);
    }
    let factor = Factor { name, state: FactorState::Active, confirmed_at: Some(now), last_step: step, ..pending };
    added(conn, core, who, &factor, origin, now)?;
    let recovery_codes = if is_first(&factor, &present) && code_rows::count_unused(conn, &who.user.id)? == 0 {
        Some(recovery_codes::make(conn, &who.user.id, origin, now)?)
    } else {
        None
    };
    Ok(Saved::Done { factor, recovery_codes })
}

/// Recovery codes come with the first authenticator. They count nowhere that wants factors of its
/// own, so one of those brings none.
fn is_first(factor: &Factor, present: &[Factor]) -> bool {
    let another = |f: &Factor| (f.kind, f.scope) == (factor.kind, factor.scope) && f.state != FactorState::Pending;
    factor.scope == Scope::User && !present.iter().any(another)
}

/// Whoever sees the secret need not guess; what is counted here are slips, and a secret that was
/// scanned into the wrong place.
fn wrong(
    conn: &mut DbConnection,
    core: &Core,
    who: Enrollee,
    pending: &Factor,
    seen: Seen,
    origin: &Origin,
    now: Timestamp,
) -> Result<Saved, Fault> {
    Entry::new("factor_added", AuditResult::Failure)
        .of(&who.user.id)
        .with("factor", FactorKind::Authenticator.as_str())
        .write(conn, origin, now)?;
    if factors::count_pending_failure(conn, &pending.id)? >= ENROLLMENT_TRIES {
        draw(conn, core, who, now)?;
        return Ok(Saved::Redrawn);
    }
    Ok(match seen {
        Seen::Off { minutes } => Saved::ClockOff { minutes },
        _ => Saved::Wrong,
    })
}

fn find(conn: &mut DbConnection, who: Enrollee, now: Timestamp) -> Result<Option<Factor>, Fault> {
    let found = factors::find_pending(conn, &who.user.id, who.session_id, FactorKind::Authenticator, now)?;
    // Another organization may have been entered meanwhile, which wants another scope.
    Ok(found.filter(|f| f.kind == FactorKind::Authenticator && (f.scope, f.organization_id.clone()) == who.scope()))
}

fn draw(conn: &mut DbConnection, core: &Core, who: Enrollee, now: Timestamp) -> Result<(), Fault> {
    factors::delete_pending_of_session(conn, &who.user.id, who.session_id, FactorKind::Authenticator)?;
    let id = new_id(now);
    let secret = random::bytes::<AUTHENTICATOR_SECRET_BYTES>();
    let sealed = core.keys.seal(&secret_place(&id), &secret)?;
    let (scope, organization_id) = who.scope();
    let row = Factor {
        id,
        user_id: who.user.id.clone(),
        kind: FactorKind::Authenticator,
        scope,
        organization_id,
        name: String::new(),
        state: FactorState::Pending,
        phone: None,
        email: None,
        secret: Some(sealed.bytes),
        secret_key_id: Some(sealed.key_id),
        algorithm: "SHA1".into(),
        digits: 6,
        period: 30,
        last_step: 0,
        serial: None,
        failed_in_row: 0,
        created_at: now,
        confirmed_at: None,
        last_used_at: None,
        pending_session_id: Some(who.session_id.to_owned()),
        pending_until: Some(now + ENROLLMENT_SECRET),
    };
    Ok(factors::insert(conn, &row)?)
}

/// What an app shows above the code; a demo says that it is one.
fn issuer(core: &Core) -> String {
    let name = &core.settings.installation;
    if core.settings.demo { format!("{name} demo") } else { name.clone() }
}

/// The key URI that apps read; issuer and account must not hold a colon.
pub fn link(issuer: &str, account: &str, secret: &[u8]) -> Result<Secret<String>, Fault> {
    let plain = |text: &str| text.replace(':', " ").trim().to_owned();
    let totp = Builder::new()
        .with_secret(secret)
        .with_issuer(Some(plain(issuer)))
        .with_account_name(plain(account))
        .build()
        .map_err(|e| Fault::Other(format!("TOTP: {e}")))?;
    totp.to_url().map(Secret::new).map_err(|e| Fault::Other(format!("TOTP: {e}")))
}

#[cfg(test)]
mod tests {
    use totp_rs::Totp;

    use super::*;

    #[test]
    fn apps_read_the_same_secret_issuer_and_account() {
        let secret = random::bytes::<AUTHENTICATOR_SECRET_BYTES>();
        let link = link("Vestibule: demo & more", "d+x@harbor.example", &secret).expect("a link is made");
        let read = Totp::from_url(link.expose()).expect("the link is read");
        assert_eq!(read.issuer(), Some("Vestibule  demo & more"));
        assert_eq!(read.account_name(), "d+x@harbor.example");
        assert_eq!((read.digits(), read.step()), (6, 30));
        assert_eq!(read.secret().as_bytes(), &secret);
        assert_eq!(BASE32_NOPAD.encode(&secret).len(), 32);
    }
}
