//! Another e-mail address for somebody, proposed by an administrator. It counts once its owner has
//! confirmed it by the link that was mailed there; the old address is told both times. ASVS 6.3.7.

use super::{By, Refusal, Target, entry, find, leave_message, may_edit, tell_other_admins};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::administration::{Actor, Reach, Via};
use crate::domain::audit::{Entry, Origin};
use crate::domain::limits::{EMAIL_PROPOSAL, REGISTRATION_MAILS, REGISTRATION_MAILS_WINDOW};
use crate::domain::links::{Found, Owner};
use crate::domain::{Core, addresses, links, notices, sessions, throttle};
use crate::models::email_changes::{self, EmailChange};
use crate::models::users::{self, User, fold};
use crate::models::{
    Account, AuditResult, Role, factors, links as rows, memberships, new_id, password_resets, registrations,
};
use crate::outbox::line::Line;
use crate::outbox::message::Outgoing;
use crate::outbox::messages::{AddressWanted, Recipient};
use crate::outbox::people_messages::{EmailConfirmed, EmailProposal, EmailProposed};
use crate::outbox::queue::{New, Payload, enqueue};

/// The purpose of its links.
const LINK: &str = "email_proposal";

/// What came of proposing.
pub enum Proposed {
    /// The same words whether or not the address has an account.
    Sent,
    Problem(&'static str),
    Refused(Refusal),
    /// Too many were proposed for this account.
    TooMany {
        until: Timestamp,
    },
}

/// Proposes an address.
pub async fn propose(core: &Core, actor: &Actor, id: &str, email: &str, origin: &Origin) -> Result<Proposed, Fault> {
    let email = email.trim().to_owned();
    if !addresses::is_email(&email) {
        return Ok(Proposed::Problem("Enter an email address, such as name@practice.org."));
    }
    let (context, actor, id, origin) = (core.clone(), actor.clone(), id.to_owned(), origin.clone());
    let done = core
        .db
        .write(move |conn| {
            actor.hold(conn)?;
            let (core, now) = (&context, context.clock.now());
            let Some(target) = find(conn, &actor, &id)? else { return Ok(Proposed::Refused(Refusal::NotFound)) };
            if target.user.id == actor.user.id {
                return Ok(Proposed::Refused(Refusal::Oneself));
            }
            if let Err(refusal) = may_edit(conn, &actor, &target)? {
                return Ok(Proposed::Refused(refusal));
            }
            if fold(&email) == target.user.email_lower {
                return Ok(Proposed::Problem("That is the address the account has."));
            }
            let key = format!("email_proposal:{id}");
            let held = throttle::take(conn, &key, REGISTRATION_MAILS, REGISTRATION_MAILS_WINDOW, now)?;
            if let Some(until) = held {
                return Ok(Proposed::TooMany { until });
            }
            write_proposal(conn, core, &actor, &target.user, &email, &origin, now)?;
            let managing = target.managing().map(|o| o.id.clone());
            entry("email_proposed", By::Admin(&actor), &id, managing.as_deref()).write(conn, &origin, now)?;
            let body = format!("A new e-mail address was proposed for {}.", target.user.full_name());
            tell_other_admins(conn, &target, managing.as_deref(), ("A new address was proposed", &body), now)?;
            Ok::<_, Fault>(Proposed::Sent)
        })
        .await?;
    core.outbox.notify_one();
    Ok(done)
}

fn write_proposal(
    conn: &mut DbConnection,
    core: &Core,
    actor: &Actor,
    user: &User,
    email: &str,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), Fault> {
    email_changes::delete_of_user(conn, &user.id)?;
    let change = EmailChange {
        id: new_id(now),
        user_id: user.id.clone(),
        email: email.to_owned(),
        organization_id: actor.organization_id().map(Into::into),
        created_at: now,
        expires_at: now + EMAIL_PROPOSAL,
        proposer_id: Some(actor.user.id.clone()),
    };
    email_changes::insert(conn, &change)?;
    let by = Line::new(&actor.user.full_name());
    let masked = Line::new(&mask(email));
    notices::tell_everywhere(
        conn,
        core,
        user,
        "email_proposed",
        |zone| Box::new(EmailProposed { by, email: masked, asked: notices::asked(zone, origin, now) }),
        now,
    )?;
    match users::find_by_email(conn, email)? {
        // Its owner learns of it, and nobody else.
        Some(owner) => tell_owner(conn, core, &owner, origin, now),
        None => mail(conn, core, user, &change, now),
    }
}

/// As seldom as of somebody who registers with it.
fn tell_owner(
    conn: &mut DbConnection,
    core: &Core,
    owner: &User,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), Fault> {
    let key = format!("email_proposal:taken:{}", owner.id);
    if throttle::take(conn, &key, REGISTRATION_MAILS, REGISTRATION_MAILS_WINDOW, now)?.is_some() {
        return Ok(());
    }
    let message = |zone: &_| Box::new(AddressWanted { proposed: true, asked: notices::asked(zone, origin, now) }) as _;
    notices::tell(conn, core, owner, "address_wanted", message, now)
}

/// The link goes to the new address and nowhere else.
fn mail(conn: &mut DbConnection, core: &Core, user: &User, change: &EmailChange, now: Timestamp) -> Result<(), Fault> {
    // Of the account, so that a newer proposal kills the link of an older one.
    let owner = Owner { user_id: Some(&user.id), subject_id: Some(&change.id) };
    let token = links::create(conn, LINK, owner, EMAIL_PROPOSAL, now)?;
    let link = format!("{}/email-change/{}", core.settings.public_url, token.expose());
    let (_, organization) = notices::zone_of(conn, user)?;
    let life_seconds = u32::try_from(EMAIL_PROPOSAL.whole_seconds()).unwrap_or(u32::MAX);
    let message = EmailProposal { name: Line::new(&user.full_name()), link: link.clone(), life_seconds };
    let to = Recipient { address: change.email.clone(), name: Some(Line::new(&user.full_name())) };
    let email = notices::render(&message, &notices::letterhead(core, organization.as_ref())?, &to)?;
    let new = New {
        kind: "email_proposal",
        user_id: Some(&user.id),
        organization_id: user.managing_organization_id.as_deref(),
        payload: Payload { outgoing: Outgoing::Email(email), code: None, link: Some(link) },
        life: EMAIL_PROPOSAL,
    };
    enqueue(conn, &core.keys, new, now).map(|_| ())
}

/// The first letter and the host.
fn mask(email: &str) -> String {
    match email.rsplit_once('@') {
        Some((local, host)) => format!("{}•••@{host}", local.chars().next().unwrap_or('•')),
        None => "•••".into(),
    }
}

/// A proposal whose link is good.
pub struct Waiting {
    pub email: String,
    pub name: String,
}

/// What a link is for; consumes nothing.
pub async fn open(core: &Core, token: &str) -> Result<Option<Waiting>, Fault> {
    let (token, now) = (token.to_owned(), core.clock.now());
    core.db
        .read(move |conn| {
            let Some((_, change, user)) = look(conn, &token, now)? else { return Ok(None) };
            Ok::<_, Fault>(Some(Waiting { email: change.email, name: user.full_name() }))
        })
        .await
}

fn look(
    conn: &mut DbConnection,
    token: &str,
    now: Timestamp,
) -> Result<Option<(rows::Link, EmailChange, User)>, Fault> {
    let Found::Good(link) = links::find(conn, LINK, token, now)? else { return Ok(None) };
    let Some(id) = link.subject_id.clone() else { return Ok(None) };
    let Some(change) = email_changes::find(conn, &id)? else { return Ok(None) };
    let user = users::find(conn, &change.user_id)?.filter(|u| u.account != Account::Disabled);
    let Some(user) = user else { return Ok(None) };
    Ok(may_still(conn, &change, &user)?.then_some((link, change, user)))
}

/// Whether whoever proposed it may change the account now: another organization may manage it since, and they may
/// administer nothing any more. SPEC section 7.
fn may_still(conn: &mut DbConnection, change: &EmailChange, user: &User) -> Result<bool, Fault> {
    let Some(id) = &change.proposer_id else { return Ok(false) };
    let Some(proposer) = users::find(conn, id)?.filter(|u| u.account == Account::Active) else { return Ok(false) };
    let target = Target { memberships: memberships::list_with_organizations(conn, &user.id)?, user: user.clone() };
    let mut administered = memberships::list_active(conn, id)?;
    administered.retain(|(membership, _)| membership.role >= Role::Admin);
    let reach = match proposer.operator {
        true => Reach::Everywhere,
        false => Reach::Organizations(administered.iter().map(|(_, o)| o.id.clone()).collect()),
    };
    let managing = user.managing_organization_id.as_deref();
    let (role, organization) =
        administered.into_iter().find(|(_, o)| Some(o.id.as_str()) == managing).map(|(m, o)| (m.role, o)).unzip();
    let actor = Actor { user: proposer, organization, role, reach, via: Via::Console };
    Ok(may_edit(conn, &actor, &target)?.is_ok())
}

/// Confirms a proposal; `false` for a link that is over. Whatever was remembered or open ends.
pub async fn confirm(core: &Core, token: &str, origin: &Origin) -> Result<bool, Fault> {
    let (context, token, origin) = (core.clone(), token.to_owned(), origin.clone());
    let done = core
        .db
        .write(move |conn| {
            let (core, now) = (&context, context.clock.now());
            let Some((_, _, user)) = look(conn, &token, now)? else { return Ok(false) };
            // Somebody may be handing the account over, or removing the person, at this moment.
            users::lock(conn, &user.id)?;
            let Some((link, change, user)) = look(conn, &token, now)? else { return Ok(false) };
            let taken = users::find_by_email(conn, &change.email)?.is_some();
            if !rows::consume(conn, &link.id, now)? || taken {
                return Ok(false);
            }
            if !users::change_email(conn, &user.id, &user.email, &change.email, now)? {
                return Ok(false);
            }
            email_changes::delete_of_user(conn, &user.id)?;
            let masked = Line::new(&mask(&change.email));
            // Before the factor follows, so that the old address is among those that are told.
            notices::tell_everywhere(
                conn,
                core,
                &user,
                "email_confirmed",
                |zone| Box::new(EmailConfirmed { email: masked, asked: notices::asked(zone, &origin, now) }),
                now,
            )?;
            factors::follow_email(conn, &user.id, &user.email, &change.email)?;
            sessions::end_everything(conn, &user.id, now)?;
            // A registration under way, or a code for a forgotten password, goes to the old address: worth
            // nothing from here on.
            registrations::delete_of_user(conn, &user.id)?;
            password_resets::delete_of_user(conn, &user.id)?;
            let body = "The address you sign in with was changed. You were signed out everywhere.";
            leave_message(conn, &user.id, ("Your e-mail address was changed", body), now)?;
            Entry::new("email_changed", AuditResult::Success)
                .of(&user.id)
                .in_organization(change.organization_id.as_deref())
                .with("from", user.email.as_str())
                .with("to", change.email.as_str())
                .write(conn, &origin, now)?;
            Ok::<_, Fault>(true)
        })
        .await;
    core.outbox.notify_one();
    match done {
        // Somebody registered with it between the look and the change.
        Err(fault) if fault.is_unique_violation() => Ok(false),
        done => done,
    }
}
