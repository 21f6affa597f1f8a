//! Adding somebody to an organization. Who has no account yet is invited by a link that goes on with
//! their registration; who has one gets an offer. The answer is the same for both, so that nobody
//! learns which addresses have accounts.

use time::Duration;

use super::{By, entry, leave_message, offers};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::administration::Actor;
use crate::domain::audit::{Entry, Origin};
use crate::domain::limits::{INVITATION_LINK, INVITATION_OFFER, REGISTRATION_MAILS, REGISTRATION_MAILS_WINDOW};
use crate::domain::registration::details::{Details, Problems};
use crate::domain::registration::{LINK, USERNAME_LINK, mails, road};
use crate::domain::{Core, access, links, notices, throttle};
use crate::models::invitations::{self, Invitation};
use crate::models::memberships::{self, Membership};
use crate::models::organizations::Organization;
use crate::models::profiles::{self, Profile};
use crate::models::users::{self, User, fold};
use crate::models::{Account, Role, links as rows, new_id};
use crate::outbox::line::Line;
use crate::outbox::message::Outgoing;
use crate::outbox::messages::{Message, Recipient};
use crate::outbox::people_messages::{Invited, InvitedAgain};
use crate::outbox::queue::{New, Payload, enqueue};

/// What the link to somebody without an account is called among the deliveries.
const INVITATION: &str = "invitation";

/// Somebody to be added.
#[derive(Clone, Debug)]
pub struct Newcomer {
    /// `confirm_email` is not looked at.
    pub details: Details,
    pub role: Role,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Added {
    /// The person it is about, whether or not there was an account.
    Invited {
        user_id: String,
        /// The link that went to somebody without an account; for the command line alone.
        link: Option<String>,
    },
    /// Somebody with this address belongs to the organization.
    AlreadyHere,
    /// Field and message.
    Problems(Problems),
}

/// Adds somebody to an organization.
pub async fn add(
    core: &Core,
    actor: &Actor,
    organization: &Organization,
    newcomer: &Newcomer,
    origin: &Origin,
) -> Result<Added, Fault> {
    let problems = problems(newcomer);
    if !problems.is_empty() {
        return Ok(Added::Problems(problems));
    }
    // A username may be taken between the look and the insert: then the second round sees it.
    for _ in 0..3 {
        let (context, actor, organization) = (core.clone(), actor.clone(), organization.clone());
        let (newcomer, origin) = (newcomer.clone(), origin.clone());
        let done = core
            .db
            .write(move |conn| {
                actor.hold(conn)?;
                let now = context.clock.now();
                add_in(conn, &context, By::Admin(&actor), &organization, &newcomer, &origin, now)
            })
            .await;
        match done {
            Err(fault) if fault.is_unique_violation() => {}
            done => {
                core.outbox.notify_one();
                return done;
            }
        }
    }
    Err(Fault::Busy { retry_after_seconds: 2 })
}

/// What is wrong with the fields by themselves.
pub fn problems(newcomer: &Newcomer) -> Problems {
    let details = Details { confirm_email: newcomer.details.email.clone(), ..newcomer.details.trimmed() };
    let details = Details { confirm_email: details.email.clone(), ..details };
    // The page of a registration speaks to the person; here somebody else types.
    let of_others = |(field, text): (&'static str, String)| (field, text.replace("Enter your ", "Enter the "));
    // Nobody is asked to type the address twice.
    let asked = |(field, _): &(&'static str, String)| *field != "confirm_email";
    details.problems(false).into_iter().filter(asked).map(of_others).collect()
}

/// The same inside a transaction; the fields have been looked at.
pub fn add_in(
    conn: &mut DbConnection,
    core: &Core,
    by: By,
    organization: &Organization,
    newcomer: &Newcomer,
    origin: &Origin,
    now: Timestamp,
) -> Result<Added, Fault> {
    let typed = newcomer.details.trimmed();
    let account = users::find_by_email(conn, &typed.email)?;
    if let Some(user) = &account
        && memberships::find(conn, &user.id, &organization.id)?.is_some()
    {
        return Ok(Added::AlreadyHere);
    }
    // The same whether the address has an account, or the answer would tell.
    if users::find_by_username(conn, &typed.username)?.is_some() {
        return Ok(Added::Problems(vec![("username", "This username is taken. Choose another one.".into())]));
    }
    let newcomer = Newcomer { details: typed, role: newcomer.role };
    let (user, link, row) = match account {
        Some(user) => {
            let row = offer(conn, core, organization, &user, &newcomer, now)?;
            (user, None, row)
        }
        None => make(conn, core, organization, &newcomer, origin, now)?,
    };
    noted("invited", by, &row)
        .into_iter()
        .try_for_each(|entry| entry.with("role", newcomer.role.as_str()).write(conn, origin, now))?;
    Ok(Added::Invited { user_id: user.id, link })
}

/// The entries of what an administrator does with an invitation. The organization's own entry on an offer names
/// what was typed: whose account that is, and that there is one, is for its owner and operators to see.
pub fn noted<'a>(action: &'a str, by: By<'a>, row: &'a Invitation) -> Vec<Entry<'a>> {
    if !row.offer {
        return vec![entry(action, by, &row.user_id, Some(&row.organization_id))];
    }
    let typed =
        entry(action, by, &row.user_id, Some(&row.organization_id)).about(None).with("email", row.email.as_str());
    vec![typed, entry(action, by, &row.user_id, None)]
}

/// A new account in the state `invited`, with its membership and its link.
fn make(
    conn: &mut DbConnection,
    core: &Core,
    organization: &Organization,
    newcomer: &Newcomer,
    origin: &Origin,
    now: Timestamp,
) -> Result<(User, Option<String>, Invitation), Fault> {
    let typed = newcomer.details.clone();
    let user = User {
        id: new_id(now),
        username_lower: fold(&typed.username),
        username: typed.username.clone(),
        email_lower: fold(&typed.email),
        email: typed.email.clone(),
        first_name_lower: fold(&typed.first_name),
        first_name: typed.first_name.clone(),
        last_name_lower: fold(&typed.last_name),
        last_name: typed.last_name.clone(),
        password_hash: None,
        password_changed_at: None,
        password_off_at: None,
        password_must_change: false,
        managing_organization_id: Some(organization.id.clone()),
        operator: false,
        account: Account::Invited,
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
    profiles::insert(conn, &profile(&user.id, &typed))?;
    memberships::insert(conn, &membership(&user.id, &organization.id, newcomer.role, now))?;
    let row = invitation(organization, &user, newcomer, false, INVITATION_LINK, now);
    invitations::insert(conn, &row)?;
    let link = mail_link(conn, core, &user, origin, now)?;
    Ok((user, link, row))
}

/// A membership that begins now.
pub fn membership(user_id: &str, organization_id: &str, role: Role, now: Timestamp) -> Membership {
    Membership {
        id: new_id(now),
        user_id: user_id.to_owned(),
        organization_id: organization_id.to_owned(),
        role,
        mfa_epoch: 0,
        exempt_until: None,
        exempt_reason: None,
        disabled_at: None,
        created_at: now,
    }
}

/// The profile among the fields of a form.
pub fn profile(user_id: &str, typed: &Details) -> Profile {
    let typed = typed.clone();
    Profile {
        user_id: user_id.to_owned(),
        address_1: typed.address_1,
        address_2: typed.address_2,
        city: typed.city,
        state: typed.state,
        zip_code: typed.zip_code,
        phone: typed.phone,
        fax: typed.fax,
    }
}

fn invitation(
    organization: &Organization,
    user: &User,
    newcomer: &Newcomer,
    offer: bool,
    life: Duration,
    now: Timestamp,
) -> Invitation {
    let typed = newcomer.details.clone();
    Invitation {
        id: new_id(now),
        organization_id: organization.id.clone(),
        user_id: user.id.clone(),
        email: typed.email,
        first_name: typed.first_name,
        last_name: typed.last_name,
        role: newcomer.role,
        offer,
        created_at: now,
        sent_at: now,
        expires_at: now + life,
    }
}

/// An offer to somebody who has an account: a later one takes the place of an earlier.
fn offer(
    conn: &mut DbConnection,
    core: &Core,
    organization: &Organization,
    user: &User,
    newcomer: &Newcomer,
    now: Timestamp,
) -> Result<Invitation, Fault> {
    let row = invitation(organization, user, newcomer, true, INVITATION_OFFER, now);
    invitations::delete_of(conn, &organization.id, &user.id)?;
    invitations::insert(conn, &row)?;
    mail_offer(conn, core, organization, user, newcomer.role, now)?;
    Ok(row)
}

/// Tells somebody who has an account about an offer; `false` once too many went to one. Nothing goes to
/// accounts that are disabled, and nothing tells so.
pub fn mail_offer(
    conn: &mut DbConnection,
    core: &Core,
    organization: &Organization,
    user: &User,
    role: Role,
    now: Timestamp,
) -> Result<bool, Fault> {
    if !may_mail(conn, user, now)? {
        return Ok(false);
    }
    if user.account == Account::Disabled {
        return Ok(true);
    }
    let link = format!("{}{}", core.settings.public_url, offers::PAGE);
    let role = access::role_words(role);
    let message = InvitedAgain { organization: Line::new(&organization.name), role, link: link.clone() };
    send(conn, core, organization, user, ("invitation_offer", &message, link), INVITATION_OFFER, now)?;
    let subject = format!("{} has invited you", organization.name);
    let body = format!(
        "{} would like you to join, as {role}.\n\nOpen {} to accept or to decline. Nothing changes before you accept.",
        organization.name,
        offers::PAGE
    );
    leave_message(conn, &user.id, (&subject, &body), now)?;
    Ok(true)
}

/// Mails the link of an invitation to somebody without a password; the older ones are worth nothing from
/// here on. What comes back is the link, `None` when too many were sent.
pub fn mail_link(
    conn: &mut DbConnection,
    core: &Core,
    user: &User,
    origin: &Origin,
    now: Timestamp,
) -> Result<Option<String>, Fault> {
    if !may_mail(conn, user, now)? {
        return Ok(None);
    }
    let Some(registration) = mails::of_user(conn, user, now)? else { return Ok(None) };
    for purpose in [LINK, USERNAME_LINK] {
        rows::replace_all(conn, purpose, None, Some(&registration.id), now)?;
    }
    let token = links::create(conn, LINK, road::owner(&registration), INVITATION_LINK, now)?;
    let link = format!("{}/register/continue/{}", core.settings.public_url, token.expose());
    let (zone, managing) = notices::zone_of(conn, user)?;
    let Some(organization) = managing else { return Ok(None) };
    let life_seconds = u32::try_from(INVITATION_LINK.whole_seconds()).unwrap_or(u32::MAX);
    let asked = notices::asked(&zone, origin, now);
    let message = Invited { organization: Line::new(&organization.name), link: link.clone(), life_seconds, asked };
    send(conn, core, &organization, user, (INVITATION, &message, link.clone()), INVITATION_LINK, now)?;
    Ok(Some(link))
}

fn may_mail(conn: &mut DbConnection, user: &User, now: Timestamp) -> Result<bool, Fault> {
    let key = format!("invitations:{}", user.id);
    Ok(throttle::take(conn, &key, REGISTRATION_MAILS, REGISTRATION_MAILS_WINDOW, now)?.is_none())
}

fn send(
    conn: &mut DbConnection,
    core: &Core,
    organization: &Organization,
    user: &User,
    (kind, message, link): (&str, &dyn Message, String),
    life: Duration,
    now: Timestamp,
) -> Result<(), Fault> {
    let to = Recipient { address: user.email.clone(), name: Some(Line::new(&user.full_name())) };
    let email = notices::render(message, &notices::letterhead(core, Some(organization))?, &to)?;
    let new = New {
        kind,
        user_id: Some(&user.id),
        // An offer is the person's own affair until it is accepted.
        organization_id: (kind == INVITATION).then_some(organization.id.as_str()),
        payload: Payload { outgoing: Outgoing::Email(email), code: None, link: Some(link) },
        life,
    };
    enqueue(conn, &core.keys, new, now).map(|_| ())
}
