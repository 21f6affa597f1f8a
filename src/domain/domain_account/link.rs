//! The proof that an account is one's own, the first time somebody comes by a domain account: its
//! password, or for one without a password a code to the address on record. The link itself is kept at
//! the end of the sign-in, after the account's own second step. ASVS 6.8.1.

use super::arrive::{self, Arrived, Visit};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::audit::{Entry, Origin};
use crate::domain::locks;
use crate::domain::organizations::owner;
use crate::domain::second_step::judge::address_limits;
use crate::domain::second_step::send_limits::Refused;
use crate::domain::sign_in::Device;
use crate::domain::sign_in::password::{self, Attempt, Judged};
use crate::domain::verification::{self, Checked, Subject, Target, Words};
use crate::domain::{Core, notices, throttle};
use crate::identity::oidc::Oidc;
use crate::models::domain_sign_ins::{self, DomainSignIn};
use crate::models::users::{self, User};
use crate::models::{
    Account, AuditResult, Channel, DomainState, LoginOption, invitations, memberships, registrations, throttles,
};
use crate::secrets::Secret;
use crate::secrets::key_ring::sha256;

/// What codes and counters of this are filed under.
const PURPOSE: &str = "domain_proof";

fn subject(row: &DomainSignIn) -> Subject {
    Subject { purpose: PURPOSE, id: row.id.clone() }
}

/// An account that somebody who came by a domain account has to show to be theirs.
pub struct Claim {
    pub row: DomainSignIn,
    pub user: User,
    /// When the next code may be sent; `None` for at once.
    pub next_send_at: Option<Timestamp>,
    /// Whether one was sent.
    pub sent: bool,
}

impl Claim {
    /// Whether the password is asked for, rather than a code.
    pub fn by_password(&self) -> bool {
        self.user.password_hash.is_some() && self.user.password_off_at.is_none()
    }
}

/// The claim of a cookie; `None` for one that has ended.
pub async fn claim(core: &Core, token: &Secret<String>) -> Result<Option<Claim>, Fault> {
    let (hash, now) = (sha256(token.expose()), core.clock.now());
    core.db
        .read(move |conn| {
            let row = domain_sign_ins::find_by_token(conn, &hash, now)?;
            let Some(row) = row.filter(|row| row.state == DomainState::Unproven) else { return Ok(None) };
            let user = match &row.user_id {
                Some(id) => users::find(conn, id)?,
                None => None,
            };
            let Some(user) = user else { return Ok(None) };
            let next_send_at = verification::next_send_at(conn, &subject(&row), Channel::Email, now)?;
            let sent = crate::models::one_time_codes::latest_of_subject(conn, &subject(&row).key())?.is_some();
            Ok::<_, Fault>(Some(Claim { row, user, next_send_at, sent }))
        })
        .await
}

/// What became of a proof.
pub enum Proven {
    /// The account is theirs; the sign-in goes on.
    Yes(Box<Arrived>),
    Wrong,
    TooMany {
        until: Timestamp,
    },
    /// No more codes for this claim: it has ended.
    Over,
}

/// The account's password, counted like one at sign-in.
pub async fn by_password(
    core: &Core,
    oidc: &Oidc,
    claim: &Claim,
    (password, network): (Secret<String>, String),
    device: &Device,
    origin: &Origin,
) -> Result<Proven, Fault> {
    if !claim.by_password() {
        return Ok(Proven::Wrong);
    }
    let attempt = Attempt {
        option: LoginOption::Phone,
        email: claim.user.email.clone(),
        password,
        remember: false,
        return_to: None,
        device: device.clone(),
        network,
    };
    match password::judge_owner(core, &attempt, origin).await? {
        Judged::Right(user) if user.id == claim.user.id => proven(core, oidc, claim, "password", device, origin).await,
        Judged::Right(_) | Judged::Wrong => Ok(Proven::Wrong),
        Judged::TooMany { until } => Ok(Proven::TooMany { until }),
    }
}

/// Sends a code to the address on record.
pub async fn send(core: &Core, claim: &Claim, origin: &Origin) -> Result<Result<(), Refused>, Fault> {
    let (context, row, user, origin) = (core.clone(), claim.row.clone(), claim.user.clone(), origin.clone());
    let sent = core
        .db
        .write(move |conn| {
            let (core, now) = (&context, context.clock.now());
            let (zone, organization) = notices::zone_of(conn, &user)?;
            let asked = notices::asked(&zone, &origin, now);
            let words = Words { organization: organization.as_ref(), asked, user_id: Some(&user.id) };
            let target = Target::Email(notices::reader(&user));
            let sent = verification::send(conn, core, &subject(&row), &target, words, &origin, now)?;
            Ok::<_, Fault>(sent.map(|_| ()))
        })
        .await?;
    core.outbox.notify_one();
    Ok(sent)
}

/// The code from that address.
pub async fn by_code(
    core: &Core,
    oidc: &Oidc,
    claim: &Claim,
    code: &str,
    device: &Device,
    origin: &Origin,
) -> Result<Proven, Fault> {
    if claim.by_password() {
        return Ok(Proven::Wrong);
    }
    let (context, row, code, from) = (core.clone(), claim.row.clone(), code.to_owned(), origin.clone());
    let checked = core
        .db
        .write(move |conn| {
            let (core, now) = (&context, context.clock.now());
            if !from.unlimited {
                for (key, limit, window) in address_limits(&from) {
                    if let Some(until) = throttle::take(conn, &key, limit, window, now)? {
                        return Ok(Err(until));
                    }
                }
            }
            let checked = verification::check(conn, core, &subject(&row), &code, now)?;
            let right = matches!(checked, Checked::Right { .. });
            if right && !from.unlimited {
                for (key, ..) in address_limits(&from) {
                    throttles::give_back(conn, &key)?;
                }
            }
            if !right {
                entry(row.user_id.as_deref(), "code", AuditResult::Failure).write(conn, &from, now)?;
            }
            Ok::<_, Fault>(Ok(checked))
        })
        .await?;
    match checked {
        Err(until) => Ok(Proven::TooMany { until }),
        Ok(Checked::Right { .. }) => proven(core, oidc, claim, "code", device, origin).await,
        Ok(Checked::Wrong) => Ok(Proven::Wrong),
        Ok(Checked::TooMany { .. }) => Ok(Proven::Over),
    }
}

fn entry<'a>(user_id: Option<&'a str>, by: &str, result: AuditResult) -> Entry<'a> {
    Entry::new("domain_proof", result).about(user_id).with("by", by)
}

/// The account was shown to be theirs: on with the sign-in, once.
async fn proven(
    core: &Core,
    oidc: &Oidc,
    claim: &Claim,
    by: &'static str,
    device: &Device,
    origin: &Origin,
) -> Result<Proven, Fault> {
    let row = claim.row.clone();
    let visit = Visit { row, settings: oidc.settings().clone(), device: device.clone(), origin: origin.clone() };
    let (context, user_id) = (core.clone(), claim.user.id.clone());
    let arrived = core
        .db
        .write(move |conn| {
            let (core, now) = (&context, context.clock.now());
            if !domain_sign_ins::advance(conn, &visit.row.id, DomainState::Unproven, DomainState::Proven)? {
                return Ok(Arrived::Stale);
            }
            let Some(user) = users::find(conn, &user_id)? else { return Ok(Arrived::Stale) };
            entry(Some(&user.id), by, AuditResult::Success).write(conn, &visit.origin, now)?;
            visit.give_back(conn)?;
            let user = accept_invitation(conn, user, &visit.origin, now)?;
            let proven_at = visit.row.second_factor_at;
            arrive::enter(conn, core, &visit, user, (proven_at, now, true), now)
        })
        .await?;
    Ok(Proven::Yes(Box::new(arrived)))
}

/// Whoever was invited and reads the mailbox has an account from here on, without a password; the link
/// of the invitation opens nothing any more.
fn accept_invitation(conn: &mut DbConnection, user: User, origin: &Origin, now: Timestamp) -> Result<User, Fault> {
    if user.account != Account::Invited {
        return Ok(user);
    }
    // Two who were invited to be the first account holder: the second waits here.
    locks::owned(conn, std::slice::from_ref(&user.id))?;
    if !users::move_account(conn, &user.id, &[Account::Invited], Account::Active, now)? {
        return Err(Fault::Ended);
    }
    registrations::delete_of_user(conn, &user.id)?;
    for (_, organization) in memberships::list_with_organizations(conn, &user.id)? {
        invitations::delete_of(conn, &organization.id, &user.id)?;
    }
    owner::arrived(conn, &user.id, origin, now)?;
    Ok(User { account: Account::Active, ..user })
}
