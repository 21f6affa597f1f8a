//! **Create**: the account is made, in one transaction that also settles whether its address and its
//! username are free. Strangers learn neither: the page says "check your e-mail", and the mail goes to
//! whom it concerns.

use super::mails::{self, Kind};
use super::road::{self, Road};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::Core;
use crate::domain::audit::{Entry, Origin};
use crate::domain::enrollment::{Enrollee, authenticator, new_factor};
use crate::domain::limits::*;
use crate::domain::password::{self, Context, Refusal};
use crate::domain::sessions::{self, Opened, Start};
use crate::models::factors::{self, Factor};
use crate::models::memberships::{self, Membership};
use crate::models::profiles::{self, Profile};
use crate::models::registrations::{self, Registration};
use crate::models::session_proofs::{self, SessionProof};
use crate::models::users::{self, User, fold};
use crate::models::{
    Account, AuditResult, FactorKind, FactorState, LoginOption, Role, Stage, links, new_id, registration_codes,
};
use crate::secrets::Secret;

/// What came of **Create**.
pub enum Created {
    /// On to the factor, or to the terms.
    Opened(Box<Opened>),
    /// Somebody else has the address or the username; a mail tells whom it concerns.
    CheckEmail,
    Refused(Refusal),
    /// The registration code was revoked meanwhile: it has to be begun anew with another one.
    CodeOver,
    /// A step before it is missing, or another request was first.
    OutOfOrder,
}

/// Makes the account of a registration whose address is proven.
pub async fn create(core: &Core, road: &Road, password: Secret<String>, origin: &Origin) -> Result<Created, Fault> {
    let (Some(email), Some(method)) = (road.registration.verified_email.clone(), road.registration.method) else {
        return Ok(Created::OutOfOrder);
    };
    let organizations = organizations(core, road).await?;
    if let Err(refusal) = password::check(&password, &context(core, road, &organizations, &email)) {
        return Ok(Created::Refused(refusal));
    }
    let hash = core.hasher.hash(&password).await?;
    // A username or an address may be taken between the look and the insert: then the second round sees it.
    for _ in 0..3 {
        let (context, road, by) = (core.clone(), road.clone(), origin.clone());
        let (email, hash) = (email.clone(), hash.clone());
        let done = core
            .db
            .write(move |conn| settle(conn, &context, &road, (&email, method), hash, &by, context.clock.now()))
            .await;
        match done {
            Err(fault) if fault.is_unique_violation() => {}
            done => {
                core.outbox.notify_one();
                if matches!(done, Ok(Created::Opened(_) | Created::CheckEmail)) {
                    road::used(core, origin).await?;
                }
                return done;
            }
        }
    }
    Err(Fault::Busy { retry_after_seconds: 2 })
}

/// The names of every organization this person belongs to or is to belong to.
async fn organizations(core: &Core, road: &Road) -> Result<Vec<String>, Fault> {
    let mut names = vec![road.organization.name.clone()];
    if let Some(user_id) = road.registration.user_id.clone() {
        let more = core.db.read(move |conn| memberships::list_active(conn, &user_id).map_err(Fault::from)).await?;
        names.extend(more.into_iter().map(|(_, o)| o.name));
    }
    Ok(names)
}

fn context<'a>(core: &'a Core, road: &'a Road, organizations: &'a [String], email: &'a str) -> Context<'a> {
    let registration = &road.registration;
    Context {
        organizations: organizations.iter().map(String::as_str).collect(),
        installation: &core.settings.installation,
        email,
        username: &registration.username,
        first_name: &registration.first_name,
        last_name: &registration.last_name,
        ..Context::new(road.organization.enforce_mfa)
    }
}

fn settle(
    conn: &mut DbConnection,
    core: &Core,
    road: &Road,
    (email, method): (&str, FactorKind),
    hash: String,
    origin: &Origin,
    now: Timestamp,
) -> Result<Created, Fault> {
    if !links::consume_opened(conn, &road.link.id, now)? {
        return Ok(Created::OutOfOrder);
    }
    let registration = &road.registration;
    let own = registration.user_id.as_deref();
    if let Some(owner) = users::find_by_email(conn, email)?.filter(|u| Some(u.id.as_str()) != own) {
        conflict(conn, registration, "email", origin, now)?;
        mails::tell_owner(conn, core, &owner, origin, now)?;
        if own.is_none() {
            registrations::delete(conn, &registration.id)?;
        }
        return Ok(Created::CheckEmail);
    }
    let taken = users::find_by_username(conn, &registration.username)?.filter(|u| Some(u.id.as_str()) != own);
    if taken.is_some() {
        conflict(conn, registration, "username", origin, now)?;
        mails::send(conn, core, registration, Kind::Username, REGISTRATION_LINK, origin, now)?;
        return Ok(Created::CheckEmail);
    }
    let made = match own {
        Some(id) => finish_existing(conn, id, email, &hash, now)?,
        None => make(conn, registration, email, hash, now)?,
    };
    let Some(user) = made else {
        if own.is_some() {
            return Ok(Created::OutOfOrder);
        }
        conflict(conn, registration, "code", origin, now)?;
        registrations::delete(conn, &registration.id)?;
        return Ok(Created::CodeOver);
    };
    enroll(conn, core, road, &user, (email, method), origin, now).map(|o| Created::Opened(Box::new(o)))
}

fn conflict(
    conn: &mut DbConnection,
    registration: &Registration,
    what: &str,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), Fault> {
    Ok(Entry::new("registration_conflict", AuditResult::Refused)
        .in_organization(Some(&registration.organization_id))
        .with("what", what)
        .write(conn, origin, now)?)
}

/// Somebody invited, or who stopped after an earlier **Create**: the password is set on the account
/// that is there, and what was enrolled on the way is put aside.
fn finish_existing(
    conn: &mut DbConnection,
    id: &str,
    email: &str,
    hash: &str,
    now: Timestamp,
) -> Result<Option<User>, Fault> {
    if !users::give_password(conn, id, email, hash, now)? {
        return Ok(None);
    }
    let kinds = [FactorKind::Phone, FactorKind::Email, FactorKind::Authenticator];
    factors::delete_of_user(conn, id, &kinds, None)?;
    sessions::end_everything(conn, id, now)?;
    Ok(users::find(conn, id)?)
}

/// A new account: unfinished until the terms are accepted.
fn make(
    conn: &mut DbConnection,
    registration: &Registration,
    email: &str,
    hash: String,
    now: Timestamp,
) -> Result<Option<User>, Fault> {
    if let Some(code_id) = &registration.registration_code_id
        && !registration_codes::count_use(conn, code_id)?
    {
        return Ok(None);
    }
    let r = registration.clone();
    let user = User {
        id: new_id(now),
        username_lower: fold(&r.username),
        username: r.username,
        email: email.to_owned(),
        email_lower: fold(email),
        first_name_lower: fold(&r.first_name),
        first_name: r.first_name,
        last_name_lower: fold(&r.last_name),
        last_name: r.last_name,
        password_hash: Some(hash),
        password_changed_at: Some(now),
        password_off_at: None,
        password_must_change: false,
        managing_organization_id: Some(r.organization_id.clone()),
        operator: false,
        account: Account::Unfinished,
        mfa_epoch: 0,
        terms_version: None,
        terms_accepted_at: None,
        time_zone: None,
        last_sign_in_at: None,
        created_at: now,
        updated_at: now,
        set_up_demanded: false,
        identity_changed_at: None,
    };
    users::insert(conn, &user)?;
    let profile = Profile {
        user_id: user.id.clone(),
        address_1: r.address_1,
        address_2: r.address_2,
        city: r.city,
        state: r.state,
        zip_code: r.zip_code,
        phone: r.phone,
        fax: r.fax,
    };
    profiles::insert(conn, &profile)?;
    let membership = Membership {
        id: new_id(now),
        user_id: user.id.clone(),
        organization_id: r.organization_id,
        role: Role::Member,
        mfa_epoch: 0,
        exempt_until: None,
        exempt_reason: None,
        disabled_at: None,
        created_at: now,
    };
    memberships::insert(conn, &membership)?;
    Ok(Some(user))
}

/// The address as a factor where the way chosen has it, the registration bound to its account, and a
/// session for the rest of the road.
fn enroll(
    conn: &mut DbConnection,
    core: &Core,
    road: &Road,
    user: &User,
    (email, method): (&str, FactorKind),
    origin: &Origin,
    now: Timestamp,
) -> Result<Opened, Fault> {
    let registration = &road.registration;
    registrations::bind(conn, &registration.id, &user.id, now)?;
    Entry::new("registered", AuditResult::Success)
        .of(&user.id)
        .in_organization(Some(&registration.organization_id))
        .with("method", method.as_str())
        .write(conn, origin, now)?;
    let opened = open(conn, user, method, origin, now)?;
    if method == FactorKind::Authenticator {
        let who = Enrollee { user, session_id: &opened.session.id, organization: Some(&road.organization) };
        authenticator::begin(conn, core, who, now)?;
    }
    if method != FactorKind::Authenticator {
        let factor = new_factor(&user.id, FactorKind::Email, FactorState::Active, email, now);
        factors::insert(conn, &factor)?;
        prove(conn, &opened.session.id, user, &factor, "email", now)?;
    }
    Ok(opened)
}

/// The session after **Create**: half an hour without a step ends it.
pub fn open(
    conn: &mut DbConnection,
    user: &User,
    method: FactorKind,
    origin: &Origin,
    now: Timestamp,
) -> Result<Opened, Fault> {
    let begin = Start {
        user,
        stage: if method == FactorKind::Email { Stage::Terms } else { Stage::Registration },
        option: if method == FactorKind::Phone { LoginOption::Phone } else { LoginOption::Email },
        password: true,
        remember: false,
        return_to: None,
    };
    Ok(sessions::start_lasting(conn, &begin, (STAND_STILL, REGISTRATION_SESSION), origin, now)?)
}

/// That the account's own address was shown on this road, where codes by e-mail are one of its factors: by
/// the code, or by the link that was sent there.
pub fn prove_address(conn: &mut DbConnection, session_id: &str, user: &User, now: Timestamp) -> Result<(), Fault> {
    let is_own = |f: &Factor| f.email.as_ref().is_some_and(|email| users::fold(email) == users::fold(&user.email));
    let shown = session_proofs::list(conn, session_id)?.iter().any(|proof| proof.kind == FactorKind::Email);
    let found = factors::list(conn, &user.id)?.into_iter().find(|f| f.state == FactorState::Active && is_own(f));
    match found.filter(|_| !shown) {
        Some(factor) => prove(conn, session_id, user, &factor, "email", now),
        None => Ok(()),
    }
}

/// That a factor was shown on this road.
pub fn prove(
    conn: &mut DbConnection,
    session_id: &str,
    user: &User,
    factor: &Factor,
    channel: &str,
    now: Timestamp,
) -> Result<(), Fault> {
    let proof = SessionProof {
        id: new_id(now),
        session_id: session_id.to_owned(),
        factor_id: Some(factor.id.clone()),
        kind: factor.kind,
        channel: channel.into(),
        scope: factor.scope,
        organization_id: None,
        mfa_epoch: user.mfa_epoch,
        proved_at: now,
    };
    Ok(session_proofs::insert(conn, &proof)?)
}
