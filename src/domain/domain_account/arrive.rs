//! Back from the provider: the answer is claimed once, its code traded for an identity, and the
//! identity's account signed in. Strangers are asked for a proof, turned away, or given an account.

use subtle::ConstantTimeEq;

use super::{begin, begun_key, newcomer, second_factor, ties};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::access::Access;
use crate::domain::audit::{Entry, Origin};
use crate::domain::limits::*;
use crate::domain::second_step::{Proof, ways};
use crate::domain::sessions::{self, Opened, Start};
use crate::domain::sign_in::{Device, Passed, pass, set_up, step_up};
use crate::domain::{Core, safelist};
use crate::identity::oidc::id_token::Identity;
use crate::identity::oidc::{Answer, Oidc, OidcError, OidcSettings};
use crate::models::domain_sign_ins::{self, Answered, DomainSignIn};
use crate::models::sessions::{self as rows, Session};
use crate::models::users::{self, User};
use crate::models::{
    Account, AuditResult, DomainState, FactorKind, LoginOption, Scope, Stage, domain_identities, memberships, throttles,
};
use crate::secrets::Secret;

/// What came back in the address.
pub struct Returned {
    pub code: Option<Secret<String>>,
    pub state: Option<String>,
    /// RFC 9207.
    pub issuer: Option<String>,
}

/// What became of an answer.
pub enum Arrived {
    /// A factor is to be shown next.
    SecondStep(Opened),
    Passed(Passed),
    /// The session that asked goes on, under a new id, at this path.
    Confirmed(Opened, Option<String>),
    /// There is an account with this address: it has to be shown to be theirs.
    Unproven,
    /// No organization of theirs lets this address in.
    Outside,
    /// None of ours, another browser's, used, or too late.
    Stale,
    /// The provider did not answer us.
    Silent,
    /// The one generic answer to everything else.
    Refused,
}

/// Judges an answer. The row is claimed before the code is sent anywhere, so that neither works twice.
pub async fn arrive(
    core: &Core,
    oidc: &Oidc,
    token: &Secret<String>,
    returned: Returned,
    present: Option<(Session, Access)>,
    device: &Device,
    origin: &Origin,
) -> Result<Arrived, Fault> {
    let Some(row) = begin::find(core, oidc, token).await? else { return Ok(Arrived::Stale) };
    let ties = ties(core, token);
    let state = returned.state.unwrap_or_default();
    if row.state != DomainState::Begun || !bool::from(state.as_bytes().ct_eq(ties.state.as_bytes())) {
        stray(core, origin).await?;
        return Ok(Arrived::Stale);
    }
    if !claim(core, &row.id).await? {
        return Ok(Arrived::Stale);
    }
    let Some(code) = returned.code else {
        refuse(core, "the provider signed nobody in", origin).await?;
        return Ok(Arrived::Refused);
    };
    let answer = Answer { code, issuer: returned.issuer };
    let identity = match oidc.redeem(&answer, &ties, &core.clock).await {
        Ok(identity) => identity,
        Err(error) => {
            refuse(core, &error.to_string(), origin).await?;
            let silent = matches!(error, OidcError::Unreachable(_));
            return Ok(if silent { Arrived::Silent } else { Arrived::Refused });
        }
    };
    let visit = Visit { row, settings: oidc.settings().clone(), device: device.clone(), origin: origin.clone() };
    let context = core.clone();
    core.db.write(move |conn| settle(conn, &context, &visit, &identity, present, context.clock.now())).await
}

async fn claim(core: &Core, id: &str) -> Result<bool, Fault> {
    let id = id.to_owned();
    let claim = move |conn: &mut DbConnection| {
        domain_sign_ins::advance(conn, &id, DomainState::Begun, DomainState::Claimed).map_err(Fault::from)
    };
    core.db.write(claim).await
}

/// An answer that belongs to nothing of this browser's. Anybody can bring one again and again.
async fn stray(core: &Core, origin: &Origin) -> Result<(), Fault> {
    const WHY: &str = "the answer is not this browser's";
    let (origin, now) = (origin.clone(), core.clock.now());
    tracing::warn!(why = WHY, request_id = origin.request_id, "a domain sign-in was refused");
    core.db.write(move |conn| Ok(refused(None, WHY).write_seldom(conn, &origin, now)?)).await
}

/// Nobody is known yet; the log says why, without a word of any token. ASVS 16.3.1.
async fn refuse(core: &Core, why: &str, origin: &Origin) -> Result<(), Fault> {
    let (why, origin, now) = (why.to_owned(), origin.clone(), core.clock.now());
    tracing::warn!(why, request_id = origin.request_id, "a domain sign-in was refused");
    core.db.write(move |conn| Ok(refused(None, &why).write(conn, &origin, now)?)).await
}

fn refused<'a>(user_id: Option<&'a str>, why: &str) -> Entry<'a> {
    Entry::new("domain_sign_in", AuditResult::Refused).about(user_id).with("reason", why)
}

/// One answer and where it came to.
pub struct Visit {
    pub row: DomainSignIn,
    pub settings: OidcSettings,
    pub device: Device,
    pub origin: Origin,
}

impl Visit {
    /// Refuses with the generic answer, and notes why.
    pub fn refuse(
        &self,
        conn: &mut DbConnection,
        user: Option<&User>,
        why: &str,
        now: Timestamp,
    ) -> Result<Arrived, Fault> {
        refused(user.map(|u| u.id.as_str()), why).write(conn, &self.origin, now)?;
        Ok(Arrived::Refused)
    }

    /// One that ended well does not count against the address.
    pub fn give_back(&self, conn: &mut DbConnection) -> Result<(), Fault> {
        if !self.origin.unlimited {
            throttles::give_back(conn, &begun_key(&self.origin))?;
        }
        Ok(())
    }

    fn answered(
        &self,
        conn: &mut DbConnection,
        (state, identity, user): (DomainState, &Identity, &User),
        now: Timestamp,
    ) -> Result<(), Fault> {
        let second_factor_at = second_factor(&self.settings, identity, now);
        let answered = Answered { state, subject: &identity.subject, user_id: &user.id, second_factor_at };
        let noted = domain_sign_ins::answered(conn, &self.row.id, &answered, now + super::PROOF)?;
        if noted { Ok(()) } else { Err(Fault::Ended) }
    }
}

fn settle(
    conn: &mut DbConnection,
    core: &Core,
    visit: &Visit,
    identity: &Identity,
    present: Option<(Session, Access)>,
    now: Timestamp,
) -> Result<Arrived, Fault> {
    let known = domain_identities::find(conn, &identity.issuer, &identity.subject)?;
    let user = match &known {
        Some(known) => users::find(conn, &known.user_id)?,
        None => None,
    };
    if visit.row.session_id.is_some() {
        return confirm(conn, visit, identity, user, present, now);
    }
    let user = match (known, user) {
        (Some(known), Some(user)) => {
            domain_identities::used(conn, &known.id, second_factor(&visit.settings, identity, now), now)?;
            user
        }
        _ => match stranger(conn, core, visit, identity, now)? {
            Ok(user) => user,
            Err(arrived) => return Ok(arrived),
        },
    };
    visit.answered(conn, (DomainState::Done, identity, &user), now)?;
    visit.give_back(conn)?;
    let proven_at = second_factor(&visit.settings, identity, now);
    // A provider that asked nobody, or does not say, has not seen the person just now. ASVS 7.6.1.
    let seen_at = identity.authenticated_at.map_or(now - OIDC_AUTHENTICATED, |at| at.min(now));
    enter(conn, core, visit, user, (proven_at, seen_at, false), now)
}

/// Nobody's identity yet: the account with this address has to be shown to be theirs, never taken on the
/// address alone; where there is none, one may be made. ASVS 6.8.1.
fn stranger(
    conn: &mut DbConnection,
    core: &Core,
    visit: &Visit,
    identity: &Identity,
    now: Timestamp,
) -> Result<Result<User, Arrived>, Fault> {
    let Some(email) = identity.email.as_deref().filter(|e| newcomer::is_address(e)) else {
        return visit.refuse(conn, None, "no account, and no verified address", now).map(Err);
    };
    let Some(user) = users::find_by_email(conn, email)? else {
        return newcomer::make(conn, core, visit, identity, email, now);
    };
    let open = match user.account {
        Account::Active => true,
        Account::Invited => user.password_hash.is_none(),
        Account::Disabled | Account::Unfinished => false,
    };
    let memberships = memberships::list_active(conn, &user.id)?;
    if !open || !memberships.iter().any(|(_, o)| o.names_domain()) {
        return visit.refuse(conn, Some(&user), "the account takes no domain account", now).map(Err);
    }
    if domain_identities::list_of_user(conn, &user.id)?.iter().any(|i| i.issuer == identity.issuer) {
        return visit.refuse(conn, Some(&user), "the account is somebody else's at the provider", now).map(Err);
    }
    visit.answered(conn, (DomainState::Unproven, identity, &user), now)?;
    Ok(Err(Arrived::Unproven))
}

/// The account is theirs: on with the sign-in. What the provider proved stands for the second step,
/// save the first time, when whoever has a factor here shows it (`own_first`).
pub fn enter(
    conn: &mut DbConnection,
    core: &Core,
    visit: &Visit,
    user: User,
    (proven_at, seen_at, own_first): (Option<Timestamp>, Timestamp, bool),
    now: Timestamp,
) -> Result<Arrived, Fault> {
    let memberships = memberships::list_active(conn, &user.id)?;
    if user.account != Account::Active || !memberships.iter().any(|(_, o)| o.names_domain()) {
        return visit.refuse(conn, Some(&user), "the account takes no domain account", now);
    }
    let ways = ways::find(conn, &user.id, &memberships, now)?;
    let proven_at = proven_at.filter(|_| !own_first || ways.is_empty());
    let mut barred = || set_up::is_barred_at_once(conn, &user, &memberships, now);
    if proven_at.is_none() && (ways.is_locked() || (ways.is_empty() && barred()?)) {
        return visit.refuse(conn, Some(&user), "the account is locked", now);
    }
    if safelist::all_refuse(conn, &memberships, &visit.origin.address)? {
        visit.refuse(conn, Some(&user), "IP Safelist", now)?;
        return Ok(Arrived::Outside);
    }
    let begin = Start {
        user: &user,
        stage: Stage::SecondStep,
        option: LoginOption::Phone,
        remember: false,
        return_to: visit.row.return_to.clone(),
        // The provider's sign-in stands in its place.
        password: true,
    };
    let mut opened = sessions::start(conn, &begin, &visit.origin, now)?;
    rows::came_by_domain(conn, &opened.session.id, &visit.row.id, seen_at)?;
    opened.session.domain_sign_in_id = Some(visit.row.id.clone());
    opened.session.password_at = Some(seen_at);
    let origin = Origin { session_id: Some(opened.session.id.clone()), ..visit.origin.clone() };
    Entry::new("domain_sign_in", AuditResult::Success)
        .of(&user.id)
        .with("issuer", visit.row.issuer.as_str())
        .with("second_factor", proven_at.is_some())
        .write(conn, &origin, now)?;
    if let Some(at) = proven_at {
        provider_proof().keep(conn, &opened.session.id, &user, at)?;
    } else if !ways.is_empty() {
        return Ok(Arrived::SecondStep(opened));
    }
    let access = Access::of(user, memberships);
    pass(conn, core, &opened.session, &access, &visit.device, &origin).map(Arrived::Passed)
}

fn provider_proof() -> Proof {
    Proof { factor_id: None, kind: FactorKind::Domain, channel: "domain", scope: Scope::User, organization_id: None }
}

/// Somebody signed in has shown the domain account again, just now: that counts like the password given
/// again, and like a factor where the provider proves one. ASVS 7.5.1.
fn confirm(
    conn: &mut DbConnection,
    visit: &Visit,
    identity: &Identity,
    user: Option<User>,
    present: Option<(Session, Access)>,
    now: Timestamp,
) -> Result<Arrived, Fault> {
    let asked = |session: &Session| Some(&session.id) == visit.row.session_id.as_ref();
    // A session that came by something else is not the provider's to vouch for.
    let came_so = |s: &Session| s.stage == Stage::SignedIn && s.domain_sign_in_id.is_some();
    let Some((session, access)) = present.filter(|(s, _)| came_so(s) && asked(s)) else {
        return Ok(Arrived::Stale);
    };
    let Some(user) = user.filter(|u| u.id == session.user_id) else {
        return visit.refuse(conn, Some(&access.user), "somebody else signed in at the provider", now);
    };
    // A provider that does not say when, or remembers, has not asked again.
    let Some(at) = identity.authenticated_at.filter(|at| visit.row.created_at <= *at + OIDC_LEEWAY) else {
        return visit.refuse(conn, Some(&user), "the provider did not ask again", now);
    };
    visit.answered(conn, (DomainState::Done, identity, &user), now)?;
    visit.give_back(conn)?;
    if let Some(proven_at) = second_factor(&visit.settings, identity, now) {
        provider_proof().keep(conn, &session.id, &user, proven_at)?;
    }
    let session = Session { password_at: Some(at.min(now)), ..session };
    let opened = step_up::stay(conn, &session, &access, now)?;
    Entry::new("domain_confirmed", AuditResult::Success).of(&user.id).write(conn, &visit.origin, now)?;
    Ok(Arrived::Confirmed(opened, visit.row.return_to.clone()))
}
