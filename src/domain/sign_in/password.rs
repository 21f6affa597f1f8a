//! The first step: address and password. One answer, one hash and the same counters, whether the
//! address is unknown, the password wrong, or the account locked, disabled, invited or without a
//! password. ASVS 6.3.8, 6.3.1.

use data_encoding::BASE64URL_NOPAD;

use super::{Device, Passed, pass, set_up};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::access::Access;
use crate::domain::audit::{Entry, Origin};
use crate::domain::limits::*;
use crate::domain::password::HashError;
use crate::domain::second_step::ways;
use crate::domain::sessions::{self, Opened, Start};
use crate::domain::throttle::{self, Claim, PasswordKeys};
use crate::domain::{Core, notices};
use crate::models::users::{self, User};
use crate::models::{Account, AuditResult, LoginOption, Stage, known_devices, memberships};
use crate::outbox::messages::{PasswordSwitchedOff, SignInAfterFailures};
use crate::secrets::Secret;

/// What was typed, and where.
pub struct Attempt {
    pub option: LoginOption,
    pub email: String,
    pub password: Secret<String>,
    pub remember: bool,
    pub return_to: Option<String>,
    pub device: Device,
    /// The /24 or /56 the address lies in.
    pub network: String,
}

/// What became of it.
pub enum Outcome {
    /// A factor is to be shown next.
    SecondStep(Opened),
    /// Nothing is enrolled that would be asked.
    Passed(Passed),
    /// The password was right, and the registration is not finished.
    Unfinished,
    /// The one generic error.
    Wrong,
    /// Too many tries: not judged, or the miss after which the next has to wait.
    TooMany { until: Timestamp },
}

/// Judges a password.
pub async fn attempt(core: &Core, attempt: Attempt, origin: &Origin) -> Result<Outcome, Fault> {
    let (user, keys) = look_up(core, &attempt, origin).await?;
    let claim = claim(core, &keys).await?;
    let Claim::Taken { in_bucket, in_a_row, blocked_until } = claim else {
        let Claim::Refused { until } = claim else { return Ok(Outcome::Wrong) };
        return Ok(Outcome::TooMany { until });
    };
    let usable = user.as_ref().filter(|u| u.password_off_at.is_none()).and_then(|u| u.password_hash.as_deref());
    let verdict = match core.hasher.verify(&attempt.password, usable).await {
        Ok(verdict) => verdict,
        Err(error) => return Err(give_back(core, keys, error).await),
    };
    let rehash = match (&user, verdict.matches && verdict.needs_rehash) {
        // A storm is no time for extra work; the next sign-in tries again.
        (Some(_), true) => core.hasher.hash(&attempt.password).await.ok(),
        _ => None,
    };
    if verdict.matches && user.as_ref().is_some_and(|u| u.account == Account::Unfinished) {
        return unfinished(core, keys, origin).await;
    }
    let found = user.filter(|u| verdict.matches && u.account == Account::Active);
    if let Some(user) = found
        && let Some(outcome) = accept(core, attempt, user, (keys.clone(), in_a_row), rehash, origin).await?
    {
        return Ok(outcome);
    }
    refuse(core, keys, in_a_row, origin).await?;
    match blocked_until {
        Some(until) if in_bucket > PASSWORD_FREE_TRIES => Ok(Outcome::TooMany { until }),
        _ => Ok(Outcome::Wrong),
    }
}

/// What a claim and a refusal need to know.
#[derive(Clone)]
struct Keys {
    throttle: PasswordKeys,
    user_id: Option<String>,
}

async fn look_up(core: &Core, attempt: &Attempt, origin: &Origin) -> Result<(Option<User>, Keys), Fault> {
    let (email, device) = (attempt.email.clone(), attempt.device.hash());
    let (user, known) = core
        .db
        .read(move |conn| {
            let user = users::find_by_email(conn, &email)?;
            // Asked for strangers too, so that both cost the same.
            let id = user.as_ref().map_or("", |u| u.id.as_str());
            let known = known_devices::exists(conn, &device, id)?;
            Ok::<_, Fault>((user, known))
        })
        .await?;
    let account = BASE64URL_NOPAD.encode(&core.keys.code_hash("account", &users::fold(&attempt.email)));
    let device = known.then(|| BASE64URL_NOPAD.encode(&attempt.device.hash()));
    let address = (!origin.unlimited).then_some(origin.address.as_str());
    let throttle = PasswordKeys::new(&account, &attempt.network, device.as_deref(), address);
    let user_id = user.as_ref().map(|u| u.id.clone());
    Ok((user, Keys { throttle, user_id }))
}

async fn claim(core: &Core, keys: &Keys) -> Result<Claim, Fault> {
    let (keys, now) = (keys.throttle.clone(), core.clock.now());
    core.db.write(move |conn| throttle::claim_password(conn, &keys, now).map_err(Fault::from)).await
}

async fn give_back(core: &Core, keys: Keys, error: HashError) -> Fault {
    let now = core.clock.now();
    let written = core.db.write(move |conn| Ok(throttle::password_was_not_judged(conn, &keys.throttle, now)?)).await;
    match (written, error) {
        (Err(fault), _) => fault,
        (_, HashError::Busy { retry_after_seconds }) => Fault::Busy { retry_after_seconds },
        (_, error) => Fault::Other(error.to_string()),
    }
}

/// The password was right. `None` when the account is locked: then the answer is the generic one.
async fn accept(
    core: &Core,
    attempt: Attempt,
    user: User,
    (keys, in_a_row): (Keys, i64),
    rehash: Option<String>,
    origin: &Origin,
) -> Result<Option<Outcome>, Fault> {
    let (context, origin) = (core.clone(), origin.clone());
    core.db
        .write(move |conn| {
            let (core, now) = (&context, context.clock.now());
            let memberships = memberships::list_active(conn, &user.id)?;
            let ways = ways::find(conn, &user.id, &memberships, now)?;
            if ways.is_locked() || (ways.is_empty() && set_up::is_barred_at_once(conn, &memberships, now)?) {
                return Ok(None);
            }
            throttle::password_was_right(conn, &keys.throttle)?;
            if let (Some(old), Some(new)) = (&user.password_hash, &rehash) {
                users::rehash(conn, &user.id, old, new)?;
            }
            let failures = in_a_row - 1;
            if failures >= PASSWORD_FREE_TRIES {
                tell_of_failures(conn, core, &user, failures, &origin, now)?;
            }
            let begin = Start {
                user: &user,
                stage: Stage::SecondStep,
                option: attempt.option,
                remember: attempt.remember,
                return_to: attempt.return_to.clone(),
                password: true,
            };
            let opened = sessions::start(conn, &begin, &origin, now)?;
            let origin = Origin { session_id: Some(opened.session.id.clone()), ..origin };
            Entry::new("password", AuditResult::Success).of(&user.id).write(conn, &origin, now)?;
            if !ways.is_empty() {
                return Ok(Some(Outcome::SecondStep(opened)));
            }
            let access = Access { user, memberships, set_up_due: false };
            let passed = pass(conn, core, &opened.session, &access, &attempt.device, &origin)?;
            Ok(Some(Outcome::Passed(passed)))
        })
        .await
}

/// Whoever knows the password may know that the registration waits; nothing is opened.
async fn unfinished(core: &Core, keys: Keys, origin: &Origin) -> Result<Outcome, Fault> {
    let (context, origin) = (core.clone(), origin.clone());
    core.db
        .write(move |conn| {
            throttle::password_was_right(conn, &keys.throttle)?;
            Entry::new("password", AuditResult::Refused)
                .about(keys.user_id.as_deref())
                .with("account", Account::Unfinished.as_str())
                .write(conn, &origin, context.clock.now())?;
            Ok(Outcome::Unfinished)
        })
        .await
}

/// The miss is counted already; what is left is the entry and the hard cap.
async fn refuse(core: &Core, keys: Keys, in_a_row: i64, origin: &Origin) -> Result<(), Fault> {
    let (context, origin) = (core.clone(), origin.clone());
    core.db
        .write(move |conn| {
            let (core, now) = (&context, context.clock.now());
            Entry::new("password", AuditResult::Failure)
                .about(keys.user_id.as_deref())
                .with("in_a_row", in_a_row)
                .write(conn, &origin, now)?;
            let Some(id) = keys.user_id.filter(|_| in_a_row >= PASSWORD_HARD_CAP) else { return Ok(()) };
            if !users::switch_password_off(conn, &id, now)? {
                return Ok(());
            }
            Entry::new("password_switched_off", AuditResult::Success).about(Some(&id)).write(conn, &origin, now)?;
            let Some(user) = users::find(conn, &id)? else { return Ok(()) };
            let tries = u32::try_from(in_a_row).unwrap_or(u32::MAX);
            let message =
                |zone: &_| Box::new(PasswordSwitchedOff { tries, asked: notices::asked(zone, &origin, now) }) as _;
            notices::tell(conn, core, &user, "password_switched_off", message, now)
        })
        .await
}

fn tell_of_failures(
    conn: &mut DbConnection,
    core: &Core,
    user: &User,
    failures: i64,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), Fault> {
    let failures = u32::try_from(failures).unwrap_or(u32::MAX);
    let message = |zone: &_| Box::new(SignInAfterFailures { failures, asked: notices::asked(zone, origin, now) }) as _;
    notices::tell(conn, core, user, "sign_in_after_failures", message, now)
}
