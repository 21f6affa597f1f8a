//! Sessions: how one is made, how the next one follows at each elevation, how they end. The cookie
//! holds a random id; the row is found by its SHA-256. ASVS 7.2.1 to 7.2.4.

use time::Duration;

use super::Core;
use super::audit::{Entry, Origin};
use super::limits::*;
use super::remember_me::{self, Ticket};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::models::organizations::Organization;
use crate::models::sessions::{self, Session};
use crate::models::users::User;
use crate::models::{
    AuditResult, LoginOption, QueryResult, Stage, factors, new_id, remembered_browsers, session_proofs, users,
};
use crate::secrets::key_ring::sha256;
use crate::secrets::{Secret, random};

const ALPHANUMERIC: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// A session and the secret that goes into its cookie.
pub struct Opened {
    pub session: Session,
    pub token: Secret<String>,
}

/// What a half-made sign-in begins with.
pub struct Start<'a> {
    pub user: &'a User,
    pub stage: Stage,
    pub option: LoginOption,
    pub remember: bool,
    pub return_to: Option<String>,
    /// Whether a password was shown, rather than what the browser remembers.
    pub password: bool,
}

/// Opens the session of a sign-in or a reset that is not finished: ten or fifteen minutes and no more.
pub fn start(conn: &mut DbConnection, start: &Start, origin: &Origin, now: Timestamp) -> QueryResult<Opened> {
    let life = match start.stage {
        Stage::PasswordReset | Stage::NewPassword => PASSWORD_RESET,
        _ => PENDING_SESSION,
    };
    start_lasting(conn, start, (life, life), origin, now)
}

/// The same with limits of its own: how long it may stand still, and how long it lasts.
pub fn start_lasting(
    conn: &mut DbConnection,
    start: &Start,
    (idle, absolute): (Duration, Duration),
    origin: &Origin,
    now: Timestamp,
) -> QueryResult<Opened> {
    let token = random::string(ALPHANUMERIC, SESSION_ID_LENGTH);
    let session = Session {
        id: new_id(now),
        token_hash: sha256(token.expose()),
        user_id: start.user.id.clone(),
        stage: start.stage,
        login_option: start.option,
        remember: start.remember,
        remembered_browser_id: None,
        return_to: start.return_to.clone(),
        organization_id: None,
        mfa_epoch: start.user.mfa_epoch,
        code_tries: 0,
        sends: 0,
        last_send_at: None,
        password_at: start.password.then_some(now),
        address: origin.address.clone(),
        user_agent: origin.user_agent.clone(),
        state: "{}".into(),
        idle_seconds: idle.whole_seconds(),
        created_at: now,
        last_seen_at: now,
        expires_at: now + absolute,
        resume_stage: None,
        entering_organization_id: None,
        console_seen_at: None,
        domain_sign_in_id: None,
        forms_of: None,
    };
    sessions::insert(conn, &session)?;
    Ok(Opened { session, token })
}

/// What changes when one session follows another.
pub struct Change<'a> {
    pub stage: Stage,
    /// The organization entered, for its idle and absolute limits.
    pub organization: Option<&'a Organization>,
    /// An end that comes before the organization's absolute limit.
    pub not_after: Option<Timestamp>,
    pub remembered_browser_id: Option<String>,
}

/// Replaces a session by one with a new id; the old cookie is worth nothing from here on, and the
/// codes and calls of the old one are gone with it. `Fault::Ended` when the old one is gone already:
/// canceled, revoked, or followed by another. ASVS 7.2.4, 7.4.1.
pub fn follow(conn: &mut DbConnection, old: &Session, change: Change, now: Timestamp) -> Result<Opened, Fault> {
    let token = random::string(ALPHANUMERIC, SESSION_ID_LENGTH);
    let mut session = Session {
        id: new_id(now),
        token_hash: sha256(token.expose()),
        stage: change.stage,
        state: "{}".into(),
        last_seen_at: now,
        forms_of: forms_of(old, &change),
        ..old.clone()
    };
    session.remembered_browser_id = change.remembered_browser_id.or(session.remembered_browser_id);
    if old.stage == Stage::SignedIn {
        // It was followed when the sign-in ended.
        session.return_to = None;
    }
    if change.stage == Stage::SignedIn {
        let idle = change.organization.map_or(IDLE_MINUTES, |o| o.idle_minutes);
        let absolute = change.organization.map_or(ABSOLUTE_HOURS * 60, |o| o.absolute_minutes);
        session.idle_seconds = idle * 60;
        session.organization_id = change.organization.map(|o| o.id.clone());
        if old.stage == Stage::SignedIn {
            // The next organization may allow less, never more.
            session.expires_at = old.expires_at.min(old.created_at + Duration::minutes(absolute));
            session.return_to = None;
        } else {
            // Set-up may have begun in a session that had long been signed in: no detour prolongs it.
            let begun = old.password_at.filter(|_| old.stage == Stage::SetUp).unwrap_or(now);
            session.created_at = now;
            session.expires_at = begun + Duration::minutes(absolute);
        }
        session.expires_at = change.not_after.map_or(session.expires_at, |end| end.min(session.expires_at));
    }
    if change.stage == Stage::SetUp {
        session.idle_seconds = SET_UP_SESSION.whole_seconds();
        session.organization_id = change.organization.map(|o| o.id.clone());
        session.expires_at = match old.stage {
            Stage::SetUp => old.expires_at,
            Stage::SignedIn => old.expires_at.min(now + SET_UP_SESSION),
            _ => now + SET_UP_SESSION,
        };
    }
    sessions::insert(conn, &session)?;
    session_proofs::move_all(conn, &old.id, &session.id)?;
    if (old.stage, change.stage) == (Stage::SignedIn, Stage::SignedIn) {
        // Who confirms who it is in the middle of a set-up goes on with the key that was scanned.
        factors::move_pending(conn, &old.user_id, &old.id, &session.id)?;
    }
    if !sessions::delete(conn, &old.id)? {
        return Err(Fault::Ended);
    }
    sessions::delete_beyond(conn, &session.user_id, SESSIONS_PER_USER)?;
    Ok(Opened { session, token })
}

/// After a switch of organization the forms of other tabs still come from this person's session: they are
/// told that the organization is another one. Every other change makes them worth nothing. ASVS 3.5.1.
fn forms_of(old: &Session, change: &Change) -> Option<String> {
    let entered = change.organization.map(|o| &o.id);
    let switches = (old.stage, change.stage) == (Stage::SignedIn, Stage::SignedIn)
        && entered.is_some()
        && entered != old.organization_id.as_ref();
    switches.then(|| old.forms_of.clone().unwrap_or_else(|| old.id.clone()))
}

/// Ends everything of somebody's that is open elsewhere, remembered browsers too, whatever it was begun
/// with; the present session goes on under a new id. Of two requests at once the second finds it gone:
/// `Fault::Ended`. ASVS 7.2.4, 7.4.3.
pub fn renew_alone(
    conn: &mut DbConnection,
    present: &Session,
    organization: Option<&Organization>,
    now: Timestamp,
) -> Result<Opened, Fault> {
    users::bump_epoch(conn, &present.user_id, now)?;
    let user = users::find(conn, &present.user_id)?.ok_or(Fault::Ended)?;
    sessions::delete_others(conn, &user.id, &present.id)?;
    remembered_browsers::delete_of_user(conn, &user.id)?;
    session_proofs::set_epoch(conn, &present.id, user.mfa_epoch)?;
    let present = Session { mfa_epoch: user.mfa_epoch, remembered_browser_id: None, ..present.clone() };
    let change = Change { stage: present.stage, organization, not_after: None, remembered_browser_id: None };
    follow(conn, &present, change, now)
}

/// Notes that a session is used, once in a while; `false` when it has ended meanwhile.
pub async fn note_use(core: &Core, session: &Session) -> Result<bool, Fault> {
    let now = core.clock.now();
    if now < session.last_seen_at + LAST_SEEN_EVERY {
        return Ok(true);
    }
    let id = session.id.clone();
    core.db.write(move |conn| sessions::seen(conn, &id, now).map_err(Fault::from)).await
}

/// Ends somebody's own session.
pub async fn sign_out(core: &Core, session: &Session, origin: &Origin) -> Result<(), Fault> {
    let (session, origin, now) = (session.clone(), origin.clone(), core.clock.now());
    core.db
        .write(move |conn| {
            sessions::delete(conn, &session.id)?;
            Ok(Entry::new("sign_out", AuditResult::Success).of(&session.user_id).write(conn, &origin, now)?)
        })
        .await
}

/// The sessions somebody is signed in with, the present one first, then last used first.
pub async fn list_open(core: &Core, present: &Session) -> Result<Vec<Session>, Fault> {
    let (present, now) = (present.clone(), core.clock.now());
    let rows = core.db.read({
        let user_id = present.user_id.clone();
        move |conn| sessions::list(conn, &user_id, now).map_err(Fault::from)
    });
    let counts = |s: &Session| s.stage == Stage::SignedIn && s.is_live(now) && s.mfa_epoch == present.mfa_epoch;
    let mut open: Vec<Session> = rows.await?.into_iter().filter(counts).collect();
    open.sort_by_key(|s| (s.id != present.id, std::cmp::Reverse(s.last_seen_at)));
    Ok(open)
}

/// Ends one of somebody's own sessions, and with one that was born from a remembered browser what that
/// browser remembers; `false` when it is not theirs or gone. ASVS 7.5.2.
pub async fn end_one(core: &Core, present: &Session, id: &str, origin: &Origin) -> Result<bool, Fault> {
    let (context, present, id, origin) = (core.clone(), present.clone(), id.to_owned(), origin.clone());
    core.db
        .write(move |conn| {
            let born_from = sessions::find(conn, &id)?.and_then(|s| s.remembered_browser_id);
            if !sessions::delete_of(conn, &present.user_id, &id)? {
                return Ok(false);
            }
            remembered_browsers::delete(conn, &born_from.into_iter().collect::<Vec<_>>())?;
            ended(&present).with("session", id).write(conn, &origin, context.clock.now())?;
            Ok(true)
        })
        .await
}

/// Ends every session of somebody but the present one, and what other browsers than this one remember;
/// how many sessions.
pub async fn end_others(core: &Core, present: &Session, here: Vec<Ticket>, origin: &Origin) -> Result<usize, Fault> {
    let (context, present, origin) = (core.clone(), present.clone(), origin.clone());
    core.db
        .write(move |conn| {
            remember_me::forget_elsewhere(conn, &present.user_id, &here, context.clock.now())?;
            let many = sessions::delete_others(conn, &present.user_id, &present.id)?;
            ended(&present).with("others", many).write(conn, &origin, context.clock.now())?;
            Ok(many)
        })
        .await
}

fn ended(present: &Session) -> Entry<'_> {
    Entry::new("session_ended", AuditResult::Success)
        .of(&present.user_id)
        .in_organization(present.organization_id.as_deref())
}

/// Ends everything somebody has open, here and elsewhere: sessions, remembered browsers, and with
/// the sessions their codes and calls. ASVS 7.4.2, 7.4.3.
pub fn end_everything(conn: &mut DbConnection, user_id: &str, now: Timestamp) -> QueryResult<()> {
    users::bump_epoch(conn, user_id, now)?;
    sessions::delete_others(conn, user_id, "")?;
    remembered_browsers::delete_of_user(conn, user_id)?;
    Ok(())
}
