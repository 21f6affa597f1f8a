//! The new password: everything that was open ends, factors stay, the owner is told at every address.
//! Home follows only where a factor of the account was shown on the way. ASVS 6.3.7, 6.4.3, 7.4.3.

use data_encoding::BASE64URL_NOPAD;

use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::access::Access;
use crate::domain::audit::{Entry, Origin};
use crate::domain::password::{self, Context, Refusal};
use crate::domain::sessions::{self, Start};
use crate::domain::sign_in::{self, Device, Passed};
use crate::domain::{Core, notices, throttle};
use crate::models::session_proofs::SessionProof;
use crate::models::sessions::{self as rows, Session};
use crate::models::users::{self, User, fold};
use crate::models::{AuditResult, Scope, Stage, new_id, password_resets, session_proofs};
use crate::outbox::messages::PasswordChanged;
use crate::secrets::Secret;

/// What was chosen, and where.
pub struct Change {
    pub password: Secret<String>,
    pub device: Device,
    /// The /24 or /56 the address lies in.
    pub network: String,
}

/// Where a new password leads.
pub enum Outcome {
    /// On as after a sign-in: a factor was shown.
    SignedIn(Box<Passed>),
    /// To the sign-in page.
    SignIn,
    /// Another request was first.
    Gone,
    /// This one cannot be a password here.
    Refused(Refusal),
}

/// The fewest characters for this person.
pub fn min_length(access: &Access) -> usize {
    rules(access, "").min_length
}

/// Whose password it is to be.
pub fn rules<'a>(access: &'a Access, installation: &'a str) -> Context<'a> {
    let user = &access.user;
    Context {
        organizations: access.memberships.iter().map(|(_, o)| o.name.as_str()).collect(),
        installation,
        email: &user.email,
        username: &user.username,
        first_name: &user.first_name,
        last_name: &user.last_name,
        ..Context::new(access.managing().is_some_and(|o| o.enforce_mfa))
    }
}

/// Sets the password and ends what was open.
pub async fn change(
    core: &Core,
    session: &Session,
    access: Access,
    change: Change,
    origin: &Origin,
) -> Result<Outcome, Fault> {
    if let Err(refusal) = password::check(&change.password, &rules(&access, &core.settings.installation)) {
        return Ok(Outcome::Refused(refusal));
    }
    let hash = core.hasher.hash(&change.password).await?;
    let (context, session, origin) = (core.clone(), session.clone(), origin.clone());
    let outcome = core
        .db
        .write(move |conn| {
            let (core, now) = (&context, context.clock.now());
            // Whoever takes the row out of this stage goes on; a second click finds it gone.
            if !rows::advance(conn, &session.id, Stage::NewPassword, Stage::PasswordReset)? {
                return Ok(Outcome::Gone);
            }
            let proof = session_proofs::list(conn, &session.id)?.into_iter().next();
            let user = set(conn, core, &access.user, (&hash, &change), proof.as_ref(), &origin, now)?;
            let Some(proof) = proof else { return Ok(Outcome::SignIn) };
            let access = Access::of(user, access.memberships);
            let passed = enter(conn, core, &session, &access, (proof, &change.device), &origin, now)?;
            Ok::<_, Fault>(Outcome::SignedIn(Box::new(passed)))
        })
        .await?;
    core.outbox.notify_one();
    Ok(outcome)
}

/// The act with all that follows from it; the user as it stands now.
fn set(
    conn: &mut DbConnection,
    core: &Core,
    user: &User,
    (hash, change): (&str, &Change),
    proof: Option<&SessionProof>,
    origin: &Origin,
    now: Timestamp,
) -> Result<User, Fault> {
    users::set_password(conn, &user.id, hash, now)?;
    sessions::end_everything(conn, &user.id, now)?;
    password_resets::delete_of_user(conn, &user.id)?;
    let account = BASE64URL_NOPAD.encode(&core.keys.code_hash("account", &fold(&user.email)));
    let device = BASE64URL_NOPAD.encode(&change.device.hash());
    throttle::password_was_set(conn, &account, &change.network, &device)?;
    Entry::new("password_reset", AuditResult::Success)
        .of(&user.id)
        .with("factor", proof.map_or("none", |p| p.kind.as_str()))
        .write(conn, origin, now)?;
    let message = |zone: &_| Box::new(PasswordChanged { asked: notices::asked(zone, origin, now) }) as _;
    notices::tell_everywhere(conn, core, user, "password_changed", message, now)?;
    users::find(conn, &user.id)?.ok_or_else(|| Fault::Other("a user is gone within a transaction".into()))
}

/// A new session under the new epoch, with the proof from the way here; then on as after a sign-in.
fn enter(
    conn: &mut DbConnection,
    core: &Core,
    old: &Session,
    access: &Access,
    (proof, device): (SessionProof, &Device),
    origin: &Origin,
    now: Timestamp,
) -> Result<Passed, Fault> {
    let start = Start {
        user: &access.user,
        stage: Stage::SecondStep,
        option: old.login_option,
        remember: false,
        return_to: None,
        password: true,
    };
    let opened = sessions::start(conn, &start, origin, now)?;
    let (session_id, mfa_epoch) = (opened.session.id.clone(), access.user.mfa_epoch);
    let mfa_epoch = if proof.scope == Scope::User { mfa_epoch } else { proof.mfa_epoch };
    session_proofs::insert(conn, &SessionProof { id: new_id(now), session_id, mfa_epoch, ..proof })?;
    sign_in::pass(conn, core, &opened.session, access, device, origin)
}
