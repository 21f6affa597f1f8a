//! Signing in, as a state machine on the server: password → second step → set-up → terms →
//! organization → home. The only functions that make a session say "signed in" are here. ASVS 2.3.1, 6.3.3, 6.3.4.

pub mod organization;
pub mod password;
pub mod set_up;
pub mod step_up;

use super::access::Access;
use super::audit::{Entry, Origin};
use super::registration::terms;
use super::remember_me::{self, Ticket};
use super::sessions::{Change, Opened, follow};
use super::{Core, domain_account, notices, self_reset};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::models::known_devices::{self, KnownDevice};
use crate::models::organizations::Organization;
use crate::models::session_proofs::SessionProof;
use crate::models::sessions::Session;
use crate::models::{AuditResult, FactorKind, Scope, Stage, new_id, session_proofs, users};
use crate::outbox::messages::NewDevice;
use crate::secrets::Secret;
use crate::secrets::key_ring::sha256;
use set_up::Demand;

/// The browser somebody signs in with: a random value in a cookie of its own, sent or just made.
#[derive(Clone)]
pub struct Device(Secret<String>);

impl Device {
    pub fn new(token: Secret<String>) -> Self {
        Self(token)
    }

    pub fn token(&self) -> &str {
        self.0.expose()
    }

    pub fn hash(&self) -> Vec<u8> {
        sha256(self.0.expose())
    }
}

/// How far a sign-in came.
pub struct Passed {
    /// The session that follows the half-made one.
    pub opened: Opened,
    /// What the browser keeps for Remember Me.
    pub ticket: Option<Ticket>,
}

impl Passed {
    /// Where to go on: the page that was asked for first, home, or the choice of organization.
    pub fn next(&self) -> String {
        match self.opened.session.stage {
            Stage::SignedIn => self.opened.session.return_to.clone().unwrap_or_else(|| "/home".into()),
            stage => super::access::page_of(stage).into(),
        }
    }
}

/// The factor was shown, or none is needed: on to set-up and terms where they are due, and to what
/// follows them.
pub fn pass(
    conn: &mut DbConnection,
    core: &Core,
    session: &Session,
    access: &Access,
    device: &Device,
    origin: &Origin,
) -> Result<Passed, Fault> {
    if !session_proofs::list(conn, &session.id)?.is_empty() {
        // Who can show a factor needs no reset.
        self_reset::factor_shown(conn, core, &access.user, origin, core.clock.now())?;
    }
    if session.stage == Stage::PasswordReset {
        // Not a sign-in: the factor only opens the form for the new password. ASVS 6.4.3.
        let change =
            Change { stage: Stage::NewPassword, organization: None, not_after: None, remembered_browser_id: None };
        return Ok(Passed { opened: follow(conn, session, change, core.clock.now())?, ticket: None });
    }
    if session.resume_stage.is_some() {
        return step_up::resume(conn, core, session, access, device, origin);
    }
    if terms::are_due(core, &access.user) {
        // Nothing to choose: set-up comes first. Otherwise it follows the choice.
        let only = access.memberships.first().map(|(_, o)| o);
        if access.memberships.len() < 2
            && set_up::demand(conn, session, access, only, &origin.address, core.clock.now())? == Demand::SetUp
        {
            return set_up::lead(conn, core, session, access, only, origin);
        }
        return to_terms(conn, session, core.clock.now());
    }
    after_terms(conn, core, session, access, device, origin)
}

/// To the terms, under a new id.
fn to_terms(conn: &mut DbConnection, session: &Session, now: Timestamp) -> Result<Passed, Fault> {
    let change = Change { stage: Stage::Terms, organization: None, not_after: None, remembered_browser_id: None };
    Ok(Passed { opened: follow(conn, session, change, now)?, ticket: None })
}

/// On to the organization, and home where there is one or none to choose.
pub fn after_terms(
    conn: &mut DbConnection,
    core: &Core,
    session: &Session,
    access: &Access,
    device: &Device,
    origin: &Origin,
) -> Result<Passed, Fault> {
    if access.memberships.len() > 1 {
        return to_choice(conn, session, core.clock.now());
    }
    let only = access.memberships.first().map(|(_, o)| o);
    match set_up::demand(conn, session, access, only, &origin.address, core.clock.now())? {
        // Outside: the password was given inside. The session opens nothing, and says why.
        Demand::Nothing | Demand::Outside => finish(conn, core, session, access, only, device, origin),
        Demand::SetUp => set_up::lead(conn, core, session, access, only, origin),
        // Resumed registrations come here without having shown what counts.
        Demand::OwnFactor => {
            let mut passed = to_choice(conn, session, core.clock.now())?;
            let waiting = &mut passed.opened.session;
            step_up::ask(conn, waiting, only.map(|o| o.id.as_str()), session.return_to.as_deref())?;
            waiting.stage = Stage::StepUp;
            Ok(passed)
        }
        // The choice says why it cannot be entered.
        Demand::Password | Demand::Barred => to_choice(conn, session, core.clock.now()),
    }
}

/// To **Choose organization**, under a new id.
fn to_choice(conn: &mut DbConnection, session: &Session, now: Timestamp) -> Result<Passed, Fault> {
    let change =
        Change { stage: Stage::Organization, organization: None, not_after: None, remembered_browser_id: None };
    Ok(Passed { opened: follow(conn, session, change, now)?, ticket: None })
}

/// The end of a full sign-in, in one organization or none. The caller has looked at what it demands.
fn finish(
    conn: &mut DbConnection,
    core: &Core,
    session: &Session,
    access: &Access,
    organization: Option<&Organization>,
    device: &Device,
    origin: &Origin,
) -> Result<Passed, Fault> {
    let (now, user) = (core.clock.now(), &access.user);
    let proofs = session_proofs::list(conn, &session.id)?;
    let proof = proofs.first();
    // An organization's own factor counts there alone, so a browser is not remembered for it.
    let own = proofs.iter().find(|proof| proof.scope == Scope::User);
    let not_after = remember_me::end_of(conn, session)?;
    let change = Change { stage: Stage::SignedIn, organization, not_after, remembered_browser_id: None };
    let opened = follow(conn, session, change, now)?;
    let ticket = if session.remember { remember_me::issue(conn, session, access, own, now)? } else { None };
    domain_account::keep(conn, core, session, user, origin, now)?;
    meet_device(conn, core, access, device, origin, now)?;
    users::signed_in(conn, &user.id, now)?;
    if proofs.iter().any(|proof| proof.kind != FactorKind::Domain) {
        // Set up in this sign-in, or shown. What the provider proves leaves nothing set up here.
        users::set_up_done(conn, &user.id)?;
    }
    if proof.is_some() {
        self_reset::factor_shown(conn, core, user, origin, now)?;
    }
    entry(session, proof)
        .of(&user.id)
        .in_organization(organization.map(|o| o.id.as_str()))
        .with("option", session.domain_sign_in_id.as_ref().map_or(session.login_option.as_str(), |_| "domain"))
        .write(conn, origin, now)?;
    Ok(Passed { opened, ticket })
}

/// A sign-in on the password alone says so. ASVS 6.3.3.
fn entry<'a>(session: &Session, proof: Option<&SessionProof>) -> Entry<'a> {
    let entry = Entry::new("sign_in", AuditResult::Success);
    match proof {
        None if session.remembered_browser_id.is_some() => entry.with("factors", "remembered browser"),
        Some(proof) if proof.kind == FactorKind::Domain => {
            entry.with("factor", proof.kind.as_str()).with("factors", "domain account and its second factor")
        }
        Some(proof) if session.domain_sign_in_id.is_some() => entry
            .with("factor", proof.kind.as_str())
            .with("channel", proof.channel.as_str())
            .with("factors", "domain account and second factor"),
        Some(proof) => entry
            .with("factor", proof.kind.as_str())
            .with("channel", proof.channel.as_str())
            .with("factors", "password and second factor"),
        None => entry.with("factors", "1 factor"),
    }
}

/// Knows this browser from now on, and tells the owner about one that is new. ASVS 6.3.1, 6.3.5.
fn meet_device(
    conn: &mut DbConnection,
    core: &Core,
    access: &Access,
    device: &Device,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), Fault> {
    let (user, hash) = (&access.user, device.hash());
    let is_new = !known_devices::exists(conn, &hash, &user.id)?;
    if is_new && known_devices::any(conn, &user.id)? {
        let message = |zone: &_| Box::new(NewDevice { asked: notices::asked(zone, origin, now) }) as _;
        notices::tell(conn, core, user, "new_device", message, now)?;
    }
    let row = KnownDevice {
        id: new_id(now),
        device_hash: hash,
        user_id: user.id.clone(),
        created_at: now,
        last_used_at: now,
    };
    Ok(known_devices::upsert(conn, &row)?)
}

/// Drops a half-made sign-in; its codes and calls go with it.
pub async fn cancel(core: &Core, session: &Session, origin: &Origin) -> Result<(), Fault> {
    let (context, session, origin) = (core.clone(), session.clone(), origin.clone());
    core.db
        .write(move |conn| {
            crate::models::sessions::delete(conn, &session.id)?;
            let now = context.clock.now();
            Ok(Entry::new("sign_in_canceled", AuditResult::Success).of(&session.user_id).write(conn, &origin, now)?)
        })
        .await
}

/// **Continue** after the right code from the e-mail.
pub async fn go_on_after_email(
    core: &Core,
    session: &Session,
    access: Access,
    device: Device,
    origin: &Origin,
) -> Result<Option<Passed>, Fault> {
    let (context, session, origin) = (core.clone(), session.clone(), origin.clone());
    core.db
        .write(move |conn| {
            // Whoever takes the row out of this stage goes on; a second click finds it gone.
            let before = session.resume_stage.map_or(Stage::SecondStep, |_| Stage::StepUp);
            let mine = crate::models::sessions::advance(conn, &session.id, Stage::EmailVerified, before)?;
            if !mine {
                return Ok(None);
            }
            pass(conn, &context, &session, &access, &device, &origin).map(Some)
        })
        .await
}
