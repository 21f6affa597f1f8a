//! **Remember Me**: four hours from the end of the full sign-in, by the server's clock, for one
//! option in one browser. The secret is replaced at each use; one that was replaced and comes back
//! ends the family: the entry and every session born from it. SPEC section 2, SECURITY (deviation
//! from NIST SP 800-63B-4 section 5.1).

use data_encoding::BASE64URL_NOPAD;
use subtle::ConstantTimeEq;

use super::Core;
use super::access::Access;
use super::audit::{Entry, Origin};
use super::domain_account;
use super::limits::*;
use super::sessions::{self, Change, Opened, Start};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::second_step::ways;
use crate::domain::sign_in::set_up;
use crate::models::remembered_browsers::{self, RememberedBrowser};
use crate::models::session_proofs::SessionProof;
use crate::models::sessions::{self as rows, Session};
use crate::models::{Account, AuditResult, LoginOption, QueryResult, RememberMe, Stage, memberships, new_id, users};
use crate::secrets::key_ring::sha256;
use crate::secrets::{Secret, random};

/// What one person's entry is in the browser's cookie: a name to find it by, and its secret.
#[derive(Clone)]
pub struct Ticket {
    pub selector: String,
    pub verifier: Secret<String>,
}

impl Ticket {
    /// Reads one entry of the cookie.
    pub fn parse(text: &str) -> Option<Self> {
        let (selector, verifier) = text.split_once('.')?;
        let fits = selector.len() == 22 && verifier.len() == 43;
        fits.then(|| Self { selector: selector.into(), verifier: Secret::new(verifier.into()) })
    }

    /// As it stands in the cookie.
    pub fn encode(&self) -> String {
        format!("{}.{}", self.selector, self.verifier.expose())
    }
}

/// Somebody this browser remembers.
pub struct Person {
    pub entry: RememberedBrowser,
    pub access: Access,
}

/// Makes an entry at the end of a full sign-in, where the managing organization lets people be
/// remembered.
pub fn issue(
    conn: &mut DbConnection,
    session: &Session,
    access: &Access,
    proof: Option<&SessionProof>,
    now: Timestamp,
) -> Result<Option<Ticket>, Fault> {
    if !is_allowed(access) {
        return Ok(None);
    }
    let ticket = Ticket { selector: BASE64URL_NOPAD.encode(&random::bytes::<16>()), verifier: random::token() };
    remembered_browsers::insert(
        conn,
        &RememberedBrowser {
            id: new_id(now),
            selector: ticket.selector.clone(),
            user_id: access.user.id.clone(),
            login_option: session.login_option,
            verifier_hash: sha256(ticket.verifier.expose()),
            previous_hash: None,
            rotated_at: now,
            mfa_epoch: access.user.mfa_epoch,
            proof_kind: proof.map(|p| p.kind),
            user_agent: session.user_agent.clone(),
            created_at: now,
            expires_at: now + REMEMBER_ME,
        },
    )?;
    Ok(Some(ticket))
}

/// Whether a session was born from what is void since: Remember Me was switched off. SPEC section 2, S16.
pub fn is_void(access: &Access, session: &Session) -> bool {
    session.remembered_browser_id.is_some() && (!is_allowed(access) || is_older(access, session.created_at))
}

/// Whether something was remembered before Remember Me was last switched off.
fn is_older(access: &Access, at: Timestamp) -> bool {
    access.managing().and_then(|o| o.remembered_since).is_some_and(|since| at <= since)
}

fn is_allowed(access: &Access) -> bool {
    access.managing().is_none_or(|o| o.remember_me == RememberMe::CredentialsAndMfa)
}

/// Whom this browser remembers, newest entry first; changes nothing. Somebody remembered twice
/// under one option counts once.
pub async fn people(core: &Core, tickets: &[Ticket]) -> Result<Vec<Person>, Fault> {
    if tickets.is_empty() {
        return Ok(Vec::new());
    }
    let (tickets, now) = (tickets.to_vec(), core.clock.now());
    core.db
        .read(move |conn| {
            let mut people: Vec<Person> = Vec::new();
            let selectors: Vec<String> = tickets.iter().map(|t| t.selector.clone()).collect();
            for entry in remembered_browsers::list_by_selectors(conn, &selectors)?.into_iter().rev() {
                let Some(ticket) = tickets.iter().find(|t| t.selector == entry.selector) else { continue };
                let twice = people
                    .iter()
                    .any(|p| p.entry.user_id == entry.user_id && p.entry.login_option == entry.login_option);
                if twice || fit(&entry, ticket, now) == Fit::No {
                    continue;
                }
                if let Some(access) = standing(conn, &entry, now)? {
                    people.push(Person { entry, access });
                }
            }
            Ok(people)
        })
        .await
}

/// The account behind an entry, when it may still be entered this way: active, not locked, nothing
/// ended since, and its organization still lets people be remembered.
fn standing(conn: &mut DbConnection, entry: &RememberedBrowser, now: Timestamp) -> Result<Option<Access>, Fault> {
    if entry.expires_at <= now {
        return Ok(None);
    }
    let Some(user) = users::find(conn, &entry.user_id)? else { return Ok(None) };
    if user.account != Account::Active || user.mfa_epoch != entry.mfa_epoch || user.password_off_at.is_some() {
        return Ok(None);
    }
    let memberships = memberships::list_active(conn, &user.id)?;
    let ways = ways::find(conn, &user.id, &memberships, now)?;
    // Set-up follows a password, so where it is due there is nothing to enter this way.
    let due = set_up::is_due_at_once(conn, &user, &memberships, now)?;
    let access = Access::of(user, memberships);
    let elsewhere = domain_account::refuses_password(conn, Some(&access.user))?;
    let stands = !elsewhere && is_allowed(&access) && !is_older(&access, entry.created_at);
    Ok((!due && ways.held_up.is_empty() && stands).then_some(access))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fit {
    Present,
    /// Replaced a moment ago: two requests side by side.
    JustReplaced,
    No,
}

fn fit(entry: &RememberedBrowser, ticket: &Ticket, now: Timestamp) -> Fit {
    let hash = sha256(ticket.verifier.expose());
    let is = |kept: &[u8]| bool::from(kept.ct_eq(&hash));
    if is(&entry.verifier_hash) {
        Fit::Present
    } else if entry.previous_hash.as_deref().is_some_and(is) && now < entry.rotated_at + REMEMBER_ME_GRACE {
        Fit::JustReplaced
    } else {
        Fit::No
    }
}

/// Ends the family of every entry whose replaced secret is among these tickets: somebody has a copy of
/// the cookie. The tickets that stay.
pub async fn end_replayed(core: &Core, tickets: Vec<Ticket>, origin: &Origin) -> Result<Vec<Ticket>, Fault> {
    if replayed(core, &tickets).await?.is_empty() {
        return Ok(tickets);
    }
    let (context, origin) = (core.clone(), origin.clone());
    core.db
        .write(move |conn| {
            let now = context.clock.now();
            let gone = find_replayed(conn, &tickets, now)?;
            for entry in &gone {
                end_family(conn, entry, &origin, now)?;
            }
            Ok(tickets.into_iter().filter(|t| gone.iter().all(|entry| entry.selector != t.selector)).collect())
        })
        .await
}

/// Looks before anything is written: it hardly ever happens.
async fn replayed(core: &Core, tickets: &[Ticket]) -> Result<Vec<RememberedBrowser>, Fault> {
    if tickets.is_empty() {
        return Ok(Vec::new());
    }
    let (tickets, now) = (tickets.to_vec(), core.clock.now());
    core.db.read(move |conn| find_replayed(conn, &tickets, now).map_err(Fault::from)).await
}

fn find_replayed(conn: &mut DbConnection, tickets: &[Ticket], now: Timestamp) -> QueryResult<Vec<RememberedBrowser>> {
    let selectors: Vec<String> = tickets.iter().map(|t| t.selector.clone()).collect();
    let mut found = remembered_browsers::list_by_selectors(conn, &selectors)?;
    found.retain(|entry| {
        tickets.iter().filter(|t| t.selector == entry.selector).any(|ticket| fit(entry, ticket, now) == Fit::No)
    });
    Ok(found)
}

/// What pressing an option with the box checked led to.
pub struct Entered {
    pub opened: Opened,
    /// The entry's new secret; `None` when a request beside this one has just been given it.
    pub ticket: Option<Ticket>,
}

/// Signs somebody in from their entry. `None` when it does not open any more; a replaced secret that
/// comes back has then ended the family.
pub async fn enter(
    core: &Core,
    option: LoginOption,
    ticket: Ticket,
    return_to: Option<String>,
    origin: &Origin,
) -> Result<Option<Entered>, Fault> {
    let (context, origin) = (core.clone(), origin.clone());
    core.db
        .write(move |conn| {
            let now = context.clock.now();
            let found = remembered_browsers::list_by_selectors(conn, std::slice::from_ref(&ticket.selector))?;
            let Some(entry) = found.into_iter().find(|e| e.login_option == option) else { return Ok(None) };
            let renewed = match fit(&entry, &ticket, now) {
                Fit::No => {
                    end_family(conn, &entry, &origin, now)?;
                    return Ok(None);
                }
                Fit::JustReplaced => None,
                Fit::Present => {
                    let new = Ticket { selector: ticket.selector.clone(), verifier: random::token() };
                    let hashes = (sha256(ticket.verifier.expose()), sha256(new.verifier.expose()));
                    remembered_browsers::rotate(conn, &entry.id, &hashes.0, &hashes.1, now)?.then_some(new)
                }
            };
            let Some(access) = standing(conn, &entry, now)? else { return Ok(None) };
            let opened = open(conn, &entry, &access, return_to, &origin, now)?;
            Ok(Some(Entered { opened, ticket: renewed }))
        })
        .await
}

/// A session born from an entry ends with the four hours, and holds no proof.
fn open(
    conn: &mut DbConnection,
    entry: &RememberedBrowser,
    access: &Access,
    return_to: Option<String>,
    origin: &Origin,
    now: Timestamp,
) -> Result<Opened, Fault> {
    let begin = Start {
        user: &access.user,
        stage: Stage::SecondStep,
        option: entry.login_option,
        remember: false,
        return_to,
        password: false,
    };
    let half = sessions::start(conn, &begin, origin, now)?.session;
    let several = access.memberships.len() > 1;
    let change = Change {
        stage: if several { Stage::Organization } else { Stage::SignedIn },
        organization: access.memberships.first().filter(|_| !several).map(|(_, o)| o),
        not_after: Some(entry.expires_at),
        remembered_browser_id: Some(entry.id.clone()),
    };
    let opened = sessions::follow(conn, &half, change, now)?;
    users::signed_in(conn, &access.user.id, now)?;
    Entry::new("sign_in", AuditResult::Success)
        .of(&access.user.id)
        .in_organization(opened.session.organization_id.as_deref())
        .with("option", entry.login_option.as_str())
        .with("factors", "remembered browser")
        .write(conn, origin, now)?;
    Ok(opened)
}

/// When a session born from an entry ends at the latest: with its four hours, also where the entry is gone.
/// Until then it has shown no factor, and goes on with one alone.
pub fn end_of(conn: &mut DbConnection, session: &Session) -> Result<Option<Timestamp>, Fault> {
    let Some(id) = &session.remembered_browser_id else { return Ok(None) };
    Ok(Some(remembered_browsers::find(conn, id)?.map_or(session.expires_at, |entry| entry.expires_at)))
}

fn end_family(
    conn: &mut DbConnection,
    entry: &RememberedBrowser,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), Fault> {
    rows::delete_born_from(conn, &entry.id)?;
    remembered_browsers::delete(conn, std::slice::from_ref(&entry.id))?;
    Entry::new("remembered_browser_replayed", AuditResult::Refused)
        .about(Some(&entry.user_id))
        .write(conn, origin, now)?;
    Ok(())
}

/// Forgets somebody in every browser but the one that holds these tickets.
pub fn forget_elsewhere(conn: &mut DbConnection, user_id: &str, here: &[Ticket], now: Timestamp) -> QueryResult<usize> {
    let selectors: Vec<String> = here.iter().map(|t| t.selector.clone()).collect();
    let mut kept = remembered_browsers::list_by_selectors(conn, &selectors)?;
    kept.retain(|entry| here.iter().any(|t| t.selector == entry.selector && fit(entry, t, now) != Fit::No));
    let kept: Vec<String> = kept.into_iter().map(|entry| entry.id).collect();
    remembered_browsers::delete_others(conn, user_id, &kept)
}

/// Forgets entries of this browser: those under one option, or all. Returns the tickets that stay.
pub async fn forget(
    core: &Core,
    tickets: Vec<Ticket>,
    option: Option<LoginOption>,
    origin: &Origin,
) -> Result<Vec<Ticket>, Fault> {
    if tickets.is_empty() {
        // Most sign-ins come by here; the one writer of SQLite is left alone.
        return Ok(tickets);
    }
    let (context, origin) = (core.clone(), origin.clone());
    core.db
        .write(move |conn| {
            let now = context.clock.now();
            let selectors: Vec<String> = tickets.iter().map(|t| t.selector.clone()).collect();
            let (mut gone, mut stay) = (Vec::new(), Vec::new());
            for entry in remembered_browsers::list_by_selectors(conn, &selectors)? {
                let Some(ticket) = tickets.iter().find(|t| t.selector == entry.selector) else { continue };
                if option.is_some_and(|o| o != entry.login_option) {
                    stay.push(ticket.clone());
                } else if fit(&entry, ticket, now) != Fit::No {
                    Entry::new("browser_forgotten", AuditResult::Success)
                        .of(&entry.user_id)
                        .write(conn, &origin, now)?;
                    gone.push(entry.id);
                }
            }
            remembered_browsers::delete(conn, &gone)?;
            Ok(stay)
        })
        .await
}
