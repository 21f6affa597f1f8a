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
use crate::domain::password::{self as hasher, HashError};
use crate::domain::second_step::ways;
use crate::domain::sessions::{self, Opened, Start};
use crate::domain::throttle::{self, Claim, PasswordKeys, Settled, Verdict};
use crate::domain::{Core, domain_account, notices, safelist};
use crate::models::users::{self, User};
use crate::models::{Account, AuditResult, LoginOption, Stage, known_devices, memberships, remembered_browsers};
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
    /// The password was right, and no organization lets this address in.
    Outside,
    /// The one generic error.
    Wrong,
    /// Too many tries: not judged, or the miss after which the next has to wait.
    TooMany { until: Timestamp },
}

/// Judges a password. The work goes on to its end even when the browser hangs up meanwhile: what was
/// begun is always counted.
pub async fn attempt(core: &Core, attempt: Attempt, origin: &Origin) -> Result<Outcome, Fault> {
    let (core, origin) = (core.clone(), origin.clone());
    let task = tokio::spawn(async move { judge(&core, attempt, &origin).await });
    task.await.map_err(|e| Fault::Other(format!("a sign-in ended early: {e}")))?
}

async fn judge(core: &Core, attempt: Attempt, origin: &Origin) -> Result<Outcome, Fault> {
    let Weighed { user, keys, verdict } = match weigh(core, &attempt, false, origin).await? {
        Ok(weighed) => weighed,
        Err(until) => return Ok(Outcome::TooMany { until }),
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
        && let Some(outcome) = accept(core, attempt, user, &keys, rehash, origin).await?
    {
        return Ok(outcome);
    }
    let settled = refuse(core, keys, origin).await?;
    match settled.blocked_until {
        Some(until) if settled.in_bucket > PASSWORD_FREE_TRIES => Ok(Outcome::TooMany { until }),
        _ => Ok(Outcome::Wrong),
    }
}

/// What became of a password where no sign-in follows.
pub enum Judged {
    /// Right, and the account is in the state that was wanted.
    Right(Box<User>),
    Wrong,
    TooMany {
        until: Timestamp,
    },
}

/// Judges the password of somebody who has not finished registering.
pub async fn judge_unfinished(core: &Core, attempt: &Attempt, origin: &Origin) -> Result<Judged, Fault> {
    judge_alone(core, attempt, (Account::Unfinished, false), origin).await
}

/// Judges the password of somebody who is signed in and gives it again. ASVS 6.2.3, 7.5.1.
pub async fn judge_again(core: &Core, attempt: &Attempt, origin: &Origin) -> Result<Judged, Fault> {
    judge_alone(core, attempt, (Account::Active, false), origin).await
}

/// Judges the password of somebody who came by a domain account and shows that an account is theirs: also
/// where passwords open nothing any more. ASVS 6.8.1.
pub async fn judge_owner(core: &Core, attempt: &Attempt, origin: &Origin) -> Result<Judged, Fault> {
    judge_alone(core, attempt, (Account::Active, true), origin).await
}

/// The same counters and the same work as at sign-in, whoever it is. The right password of an account
/// in another state counts for nothing.
async fn judge_alone(
    core: &Core,
    attempt: &Attempt,
    (wanted, refused_too): (Account, bool),
    origin: &Origin,
) -> Result<Judged, Fault> {
    let Weighed { user, keys, verdict } = match weigh(core, attempt, refused_too, origin).await? {
        Ok(weighed) => weighed,
        Err(until) => return Ok(Judged::TooMany { until }),
    };
    if let Some(user) = user.filter(|u| verdict.matches && u.account == wanted) {
        let (throttle, now) = (keys.throttle, core.clock.now());
        let settle = move |conn: &mut DbConnection| {
            throttle::settle_password(conn, &throttle, Verdict::Right, now).map_err(Fault::from)
        };
        core.db.write(settle).await?;
        return Ok(Judged::Right(Box::new(user)));
    }
    let settled = refuse(core, keys, origin).await?;
    Ok(match settled.blocked_until {
        Some(until) if settled.in_bucket > PASSWORD_FREE_TRIES => Judged::TooMany { until },
        _ => Judged::Wrong,
    })
}

/// A password against the hash that is kept, or against none; to be settled afterwards.
struct Weighed {
    user: Option<User>,
    keys: Keys,
    verdict: hasher::Verdict,
}

/// The same steps and the same work for everybody: one look-up, one claim, one hash. The inner error
/// says until when an earlier failure delays. A password that opens nothing, because the organization
/// wants domain accounts, is not looked at unless `refused_too`.
async fn weigh(
    core: &Core,
    attempt: &Attempt,
    refused_too: bool,
    origin: &Origin,
) -> Result<Result<Weighed, Timestamp>, Fault> {
    let (user, refused, keys) = look_up(core, attempt, origin).await?;
    match claim(core, &keys).await? {
        Claim::Taken => {}
        Claim::Busy => return Err(Fault::Busy { retry_after_seconds: 1 }),
        Claim::Refused { until } => {
            tracing::warn!(address = origin.address, request_id = origin.request_id, "a password was throttled");
            return Ok(Err(until));
        }
    }
    let opens = |u: &&User| u.password_off_at.is_none() && (refused_too || !refused);
    let usable = user.as_ref().filter(opens).and_then(|u| u.password_hash.as_deref());
    match core.hasher.verify(&attempt.password, usable).await {
        Ok(verdict) => Ok(Ok(Weighed { user, keys, verdict })),
        Err(error) => Err(give_back(core, keys, error).await),
    }
}

/// What a claim and a refusal need to know.
#[derive(Clone)]
struct Keys {
    throttle: PasswordKeys,
    user_id: Option<String>,
}

async fn look_up(core: &Core, attempt: &Attempt, origin: &Origin) -> Result<(Option<User>, bool, Keys), Fault> {
    let (email, device) = (attempt.email.clone(), attempt.device.hash());
    let (user, refused, known) = core
        .db
        .read(move |conn| {
            let user = users::find_by_email(conn, &email)?;
            // Asked for strangers too, so that both cost the same.
            let id = user.as_ref().map_or("", |u| u.id.as_str());
            let known = known_devices::exists(conn, &device, id)?;
            let refused = domain_account::refuses_password(conn, user.as_ref())?;
            Ok::<_, Fault>((user, refused, known))
        })
        .await?;
    let account = BASE64URL_NOPAD.encode(&core.keys.code_hash("account", &users::fold(&attempt.email)));
    let device = known.then(|| BASE64URL_NOPAD.encode(&attempt.device.hash()));
    let address = (!origin.unlimited).then_some(origin.limited_as.as_str());
    let throttle = PasswordKeys::new(&account, &attempt.network, device.as_deref(), address);
    let user_id = user.as_ref().map(|u| u.id.clone());
    Ok((user, refused, Keys { throttle, user_id }))
}

async fn claim(core: &Core, keys: &Keys) -> Result<Claim, Fault> {
    let (keys, now) = (keys.throttle.clone(), core.clock.now());
    core.db.write(move |conn| throttle::claim_password(conn, &keys, now).map_err(Fault::from)).await
}

async fn give_back(core: &Core, keys: Keys, error: HashError) -> Fault {
    let now = core.clock.now();
    let settle = move |conn: &mut DbConnection| {
        throttle::settle_password(conn, &keys.throttle, Verdict::NotJudged, now).map_err(Fault::from)
    };
    let written = core.db.write(settle).await;
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
    keys: &Keys,
    rehash: Option<String>,
    origin: &Origin,
) -> Result<Option<Outcome>, Fault> {
    let (context, keys, origin) = (core.clone(), keys.clone(), origin.clone());
    core.db
        .write(move |conn| {
            let (core, now) = (&context, context.clock.now());
            let memberships = memberships::list_active(conn, &user.id)?;
            let ways = ways::find(conn, &user.id, &memberships, now)?;
            if ways.is_locked() || (ways.is_empty() && set_up::is_barred_at_once(conn, &user, &memberships, now)?) {
                return Ok(None);
            }
            let settled = throttle::settle_password(conn, &keys.throttle, Verdict::Right, now)?;
            if let (Some(old), Some(new)) = (&user.password_hash, &rehash) {
                users::rehash(conn, &user.id, old, new)?;
            }
            if settled.in_a_row >= PASSWORD_FREE_TRIES {
                tell_of_failures(conn, core, &user, settled.in_a_row, &origin, now)?;
            }
            if safelist::all_refuse(conn, &memberships, &origin.address)? {
                Entry::new("sign_in", AuditResult::Refused)
                    .of(&user.id)
                    .in_organization(memberships.first().map(|(_, o)| o.id.as_str()))
                    .with("reason", "IP Safelist")
                    .write(conn, &origin, now)?;
                return Ok(Some(Outcome::Outside));
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
            let access = Access::of(user, memberships);
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
            throttle::settle_password(conn, &keys.throttle, Verdict::Right, context.clock.now())?;
            Entry::new("password", AuditResult::Refused)
                .about(keys.user_id.as_deref())
                .with("account", Account::Unfinished.as_str())
                .write(conn, &origin, context.clock.now())?;
            Ok(Outcome::Unfinished)
        })
        .await
}

/// Counts the miss, and switches the password off at the hard cap.
async fn refuse(core: &Core, keys: Keys, origin: &Origin) -> Result<Settled, Fault> {
    let (context, origin) = (core.clone(), origin.clone());
    core.db
        .write(move |conn| {
            let (core, now) = (&context, context.clock.now());
            let settled = throttle::settle_password(conn, &keys.throttle, Verdict::Wrong, now)?;
            let in_a_row = settled.in_a_row;
            Entry::new("password", AuditResult::Failure)
                .about(keys.user_id.as_deref())
                .with("in_a_row", in_a_row)
                .write(conn, &origin, now)?;
            let Some(id) = keys.user_id.filter(|_| in_a_row >= PASSWORD_HARD_CAP) else {
                return Ok(settled);
            };
            if !users::switch_password_off(conn, &id, now)? {
                return Ok(settled);
            }
            remembered_browsers::delete_of_user(conn, &id)?;
            Entry::new("password_switched_off", AuditResult::Success).about(Some(&id)).write(conn, &origin, now)?;
            let Some(user) = users::find(conn, &id)? else { return Ok(settled) };
            let tries = u32::try_from(in_a_row).unwrap_or(u32::MAX);
            let message =
                |zone: &_| Box::new(PasswordSwitchedOff { tries, asked: notices::asked(zone, &origin, now) }) as _;
            notices::tell(conn, core, &user, "password_switched_off", message, now)?;
            Ok(settled)
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
