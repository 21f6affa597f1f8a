//! The messages of a request, queued with the act. Every one to its owner has a link that stops it.

use time::Duration;

use super::{FINISH, GO_ON, STOP};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::audit::Origin;
use crate::domain::limits::{SELF_RESET, SELF_RESET_LINK, SELF_RESET_REVIEW};
use crate::domain::links::{self, Owner};
use crate::domain::times::Zone;
use crate::domain::{Core, notices};
use crate::models::links::Link;
use crate::models::self_resets::{self, SelfReset};
use crate::models::users::{self, User};
use crate::models::{Account, Role, links as rows, memberships, messages, new_id, organizations, outbox_messages};
use crate::outbox::message::Outgoing;
use crate::outbox::messages::{
    Message, Recipient, SelfResetCanceled, SelfResetDisowned, SelfResetDone, SelfResetDoneAdmin, SelfResetElsewhere,
    SelfResetLink, SelfResetReady, SelfResetRefused, SelfResetReview,
};
use crate::outbox::queue::{New, Payload, enqueue};
use crate::secrets::key_ring::sha256;
use crate::secrets::{Secret, random};

/// The link that goes on. Older ones of the same request stay good: whoever is on the way is not cut off.
pub fn link(
    conn: &mut DbConnection,
    core: &Core,
    user: &User,
    request: &SelfReset,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), Fault> {
    let token = add_link(conn, GO_ON, &request.id, SELF_RESET, now)?;
    let stop = stop_link(conn, core, request, now)?;
    let (zone, _) = notices::zone_of(conn, user)?;
    let message = SelfResetLink {
        link: format!("{}/mfa/reset/continue/{}", core.settings.public_url, token.expose()),
        stop,
        life_seconds: seconds(SELF_RESET),
        asked: notices::asked(&zone, origin, now),
    };
    let url = message.link.clone();
    queue(conn, core, (user, "self_reset_link"), (&message, url, SELF_RESET), now)
}

/// The reset link; the newest counts, and it works once.
pub fn ready(
    conn: &mut DbConnection,
    core: &Core,
    user: &User,
    request: &SelfReset,
    now: Timestamp,
) -> Result<(), Fault> {
    let owner = Owner { user_id: None, subject_id: Some(&request.id) };
    let token = links::create(conn, FINISH, owner, SELF_RESET_LINK, now)?;
    let stop = stop_link(conn, core, request, now)?;
    let message = SelfResetReady {
        link: format!("{}/mfa/reset/finish/{}", core.settings.public_url, token.expose()),
        stop,
        life_seconds: seconds(SELF_RESET_LINK),
        approved: request.decided_by.is_some(),
    };
    let url = message.link.clone();
    queue(conn, core, (user, "self_reset_ready"), (&message, url, SELF_RESET_LINK), now)
}

/// Accounts of a domain keep their factors there.
pub fn elsewhere(
    conn: &mut DbConnection,
    core: &Core,
    user: &User,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), Fault> {
    let message = |zone: &Zone| Box::new(SelfResetElsewhere { asked: notices::asked(zone, origin, now) }) as _;
    notices::tell(conn, core, user, "self_reset_elsewhere", message, now)
}

/// The same work for an address to which nothing goes: links that are gone again, a message that goes
/// nowhere. ASVS 6.3.8.
pub fn pretend(
    conn: &mut DbConnection,
    core: &Core,
    typed: &str,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), Fault> {
    let nobody = new_id(now);
    users::lock(conn, &nobody)?;
    super::expire(conn, Some(&nobody), now)?;
    self_resets::find_live(conn, &nobody, now)?;
    self_resets::prolong(conn, &nobody, now + SELF_RESET)?;
    organizations::find(conn, &nobody)?;
    let token = add_link(conn, GO_ON, &nobody, SELF_RESET, now)?;
    let stop = add_link(conn, STOP, &nobody, SELF_RESET_REVIEW, now)?;
    rows::delete_of_subject(conn, &nobody)?;
    let message = SelfResetLink {
        link: format!("{}/mfa/reset/continue/{}", core.settings.public_url, token.expose()),
        stop: stop_url(core, &stop),
        life_seconds: seconds(SELF_RESET),
        asked: notices::asked(&Zone::named("UTC"), origin, now),
    };
    let to = Recipient { address: typed.to_owned(), name: None };
    let email = notices::render(&message, &notices::letterhead(core, None)?, &to)?;
    let payload = Payload { outgoing: Outgoing::Email(email), code: None, link: Some(message.link) };
    let new = New { kind: "nowhere", user_id: None, organization_id: None, payload, life: SELF_RESET };
    let id = enqueue(conn, &core.keys, new, now)?;
    Ok(outbox_messages::delete(conn, &id).map(|_| ())?)
}

/// Tells those who may decide that a document waits.
pub fn review(
    conn: &mut DbConnection,
    core: &Core,
    user: &User,
    request: &SelfReset,
    now: Timestamp,
) -> Result<(), Fault> {
    let managing: Vec<String> = user.managing_organization_id.iter().cloned().collect();
    for reader in lookers_after(conn, user, &managing)? {
        let message = |_: &Zone| {
            Box::new(SelfResetReview {
                person: user.full_name().into(),
                username: user.username.as_str().into(),
                review_id: request.id.parse().unwrap_or_default(),
            }) as _
        };
        notices::tell(conn, core, &reader, "self_reset_review", message, now)?;
    }
    Ok(())
}

/// The request ended before it was finished.
pub fn canceled(
    conn: &mut DbConnection,
    core: &Core,
    user: &User,
    request: &SelfReset,
    why: &str,
    now: Timestamp,
) -> Result<(), Fault> {
    let stop = stop_link(conn, core, request, now)?;
    let message = |_: &Zone| Box::new(SelfResetCanceled { why: why.into(), stop }) as _;
    notices::tell(conn, core, user, "self_reset_canceled", message, now)
}

/// A reviewer refused.
pub fn refused(
    conn: &mut DbConnection,
    core: &Core,
    user: &User,
    request: &SelfReset,
    reason: &str,
    now: Timestamp,
) -> Result<(), Fault> {
    let stop = stop_link(conn, core, request, now)?;
    let message = |_: &Zone| Box::new(SelfResetRefused { reason: reason.into(), stop }) as _;
    notices::tell(conn, core, user, "self_reset_refused", message, now)
}

/// Tells the owner at every address on record, and everybody who looks after them, once each. To be
/// called before the factors go: their addresses are among those on record.
pub fn done(
    conn: &mut DbConnection,
    core: &Core,
    user: &User,
    request: &SelfReset,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), Fault> {
    let stop = stop_link(conn, core, request, now)?;
    let message = |zone: &Zone| Box::new(SelfResetDone { asked: notices::asked(zone, origin, now), stop }) as _;
    notices::tell_everywhere(conn, core, user, "self_reset_done", message, now)?;
    let row = messages::Message {
        id: new_id(now),
        user_id: user.id.clone(),
        subject: "You have reset your factors".into(),
        body: "After an identity check and your password every factor of your account was removed, and everything \
               that was open has ended. Your administrators were told.\n\nThis was not you? Lock your account with the \
               link in our e-mail, and call your administrator."
            .into(),
        created_at: now,
        read_at: None,
    };
    messages::insert(conn, &row)?;
    for reader in lookers_after_all(conn, user)? {
        let message = |zone: &Zone| {
            Box::new(SelfResetDoneAdmin {
                person: user.full_name().into(),
                username: user.username.as_str().into(),
                user_id: user.id.parse().unwrap_or_default(),
                asked: notices::asked(zone, origin, now),
            }) as _
        };
        notices::tell(conn, core, &reader, "self_reset_done_admin", message, now)?;
    }
    Ok(())
}

/// Tells everybody who looks after the owner that it was somebody else.
pub fn disowned(
    conn: &mut DbConnection,
    core: &Core,
    user: &User,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), Fault> {
    for reader in lookers_after_all(conn, user)? {
        let message = |zone: &Zone| {
            Box::new(SelfResetDisowned {
                person: user.full_name().into(),
                username: user.username.as_str().into(),
                user_id: user.id.parse().unwrap_or_default(),
                asked: notices::asked(zone, origin, now),
            }) as _
        };
        notices::tell(conn, core, &reader, "self_reset_disowned", message, now)?;
    }
    Ok(())
}

/// Those who look after somebody wherever they belong.
fn lookers_after_all(conn: &mut DbConnection, user: &User) -> Result<Vec<User>, Fault> {
    let organizations: Vec<String> = memberships::list_active(conn, &user.id)?.into_iter().map(|(_, o)| o.id).collect();
    lookers_after(conn, user, &organizations)
}

/// The active administrators of these organizations but the person; the operators where somebody is an
/// organization's only administrator, or where there is none.
fn lookers_after(conn: &mut DbConnection, user: &User, organizations: &[String]) -> Result<Vec<User>, Fault> {
    let mut found: Vec<User> = Vec::new();
    let mut alone = organizations.is_empty();
    let own = memberships::list(conn, &user.id)?;
    let own_role = own.iter().filter(|m| m.disabled_at.is_none()).map(|m| m.role).max();
    for organization in organizations {
        let admins = other_admins(conn, &user.id, organization)?;
        let administers =
            own.iter().any(|m| m.organization_id == *organization && m.role >= Role::Admin && m.disabled_at.is_none());
        alone |= admins.is_empty() && (administers || organizations.len() == 1);
        // Nobody decides about a higher role than their own.
        let mut able = false;
        for admin in &admins {
            let role = memberships::find(conn, &admin.id, organization)?.map(|m| m.role);
            able |= role >= own_role;
        }
        alone |= !able;
        found.extend(admins);
    }
    if alone || found.is_empty() {
        found.extend(users::list_operators(conn)?.into_iter().filter(|o| o.id != user.id));
    }
    found.sort_by(|a, b| a.id.cmp(&b.id));
    found.dedup_by(|a, b| a.id == b.id);
    Ok(found)
}

/// Who administers the organizations of somebody, and can sign in.
pub fn admins_of(conn: &mut DbConnection, user: &User) -> Result<Vec<User>, Fault> {
    let mut found = Vec::new();
    for (_, organization) in memberships::list_active(conn, &user.id)? {
        found.extend(other_admins(conn, &user.id, &organization.id)?);
    }
    found.sort_by(|a: &User, b| a.id.cmp(&b.id));
    found.dedup_by(|a, b| a.id == b.id);
    Ok(found)
}

fn other_admins(conn: &mut DbConnection, user_id: &str, organization_id: &str) -> Result<Vec<User>, Fault> {
    let mut found = Vec::new();
    for id in memberships::admin_user_ids(conn, organization_id)? {
        let admin = users::find(conn, &id)?;
        found.extend(admin.filter(|a| a.id != user_id && a.account == Account::Active));
    }
    Ok(found)
}

/// A link beside those that are there.
fn add_link(
    conn: &mut DbConnection,
    purpose: &str,
    subject_id: &str,
    life: Duration,
    now: Timestamp,
) -> Result<Secret<String>, Fault> {
    let token = random::token();
    let row = Link {
        id: new_id(now),
        purpose: purpose.into(),
        user_id: None,
        subject_id: Some(subject_id.to_owned()),
        token_hash: sha256(token.expose()),
        created_at: now,
        expires_at: now + life,
        used_at: None,
        replaced_at: None,
    };
    rows::insert(conn, &row)?;
    Ok(token)
}

/// **This wasn't me**, for one e-mail. As long as a review may take: a request lives no longer.
fn stop_link(conn: &mut DbConnection, core: &Core, request: &SelfReset, now: Timestamp) -> Result<String, Fault> {
    let token = add_link(conn, STOP, &request.id, SELF_RESET_REVIEW, now)?;
    Ok(stop_url(core, &token))
}

fn stop_url(core: &Core, token: &Secret<String>) -> String {
    format!("{}/mfa/reset/stop/{}", core.settings.public_url, token.expose())
}

fn seconds(life: Duration) -> u32 {
    u32::try_from(life.whole_seconds()).unwrap_or(u32::MAX)
}

fn queue(
    conn: &mut DbConnection,
    core: &Core,
    (user, kind): (&User, &str),
    (message, link, life): (&dyn Message, String, Duration),
    now: Timestamp,
) -> Result<(), Fault> {
    let (_, organization) = notices::zone_of(conn, user)?;
    let letterhead = notices::letterhead(core, organization.as_ref())?;
    let email = notices::render(message, &letterhead, &notices::reader(user))?;
    let new = New {
        kind,
        user_id: Some(&user.id),
        organization_id: user.managing_organization_id.as_deref(),
        payload: Payload { outgoing: Outgoing::Email(email), code: None, link: Some(link) },
        life,
    };
    enqueue(conn, &core.keys, new, now).map(|_| ())
}
