//! **User Settings**: pick somebody from the list, or find them by the full username; their MFA status,
//! and **Reset MFA**.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use crate::domain::access::role_words;
use crate::domain::mfa_reset::{self, Bar};
use crate::domain::user_settings::{self, Person};
use crate::error::AppError;
use crate::models::{Account, ResetScope};
use crate::pages::people::{bar_words, status_badge};
use crate::web::administration::OrgAdmin;
use crate::web::respond::page;
use crate::web::view::{Badge, FormErrors, Frame, Kind};

/// GET /admin/user-settings: `username`, `after`.
#[derive(Template, Default)]
#[template(path = "admin/user_settings.html")]
pub struct UserSettingsPage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub organization: String,
    pub username: String,
    pub rows: Vec<Row>,
    /// After whom the next page goes on.
    pub next: Option<String>,
    pub owner: bool,
}

/// One person of the list.
pub struct Row {
    pub id: String,
    pub name: String,
    pub username: String,
    pub email: String,
    pub role: &'static str,
    pub status: Badge,
    /// The state of the account, where it is not active.
    pub account: Option<Badge>,
    /// Where account holders exempt this person.
    pub exempt: String,
    /// Whoever looks does not reset themselves here.
    pub you: bool,
    /// Why there is no **Reset MFA** for somebody else.
    pub barred: Option<String>,
}

impl Row {
    fn new(person: Person, time_zone: &str, bar: Option<&Bar>) -> Self {
        let Person { user, membership, status } = person;
        let (word, kind) = match user.account {
            _ if membership.disabled_at.is_some() => ("Disabled", Kind::Bad),
            Account::Active => ("Active", Kind::Ok),
            Account::Disabled => ("Disabled", Kind::Bad),
            Account::Invited => ("Invited", Kind::Info),
            Account::Unfinished => ("Unfinished", Kind::Warn),
        };
        Self {
            you: bar == Some(&Bar::Oneself),
            barred: bar.map(bar_words),
            name: user.full_name(),
            exempt: exempt_url(&user.username),
            id: user.id,
            username: user.username,
            email: user.email,
            role: role_words(membership.role),
            status: status_badge(status, time_zone),
            account: (word != "Active").then(|| Badge::new(kind, word)),
        }
    }
}

fn exempt_url(username: &str) -> String {
    let username: String = url::form_urlencoded::byte_serialize(username.as_bytes()).collect();
    format!("/admin/security?username={username}#exempt-title")
}

#[derive(Deserialize)]
pub struct Query {
    username: Option<String>,
    after: Option<String>,
}

/// GET /admin/user-settings.
pub async fn show(admin: OrgAdmin, query: web::Query<Query>) -> Result<HttpResponse, AppError> {
    let organization = super::security::organization(&admin)?;
    let Query { username, after } = query.into_inner();
    let username = username.map(|typed| typed.trim().to_owned()).filter(|typed| !typed.is_empty());
    let people = user_settings::list(&admin.visitor.app.core, organization, username.clone(), after).await?;
    let nobody = username.is_some() && people.rows.is_empty();
    let words = "No user of this organization has that username. Enter the full and exact username.";
    let ids = people.rows.iter().map(|person| person.user.id.clone()).collect();
    let bars = mfa_reset::bars(&admin.visitor.app.core, &admin.actor, ids, ResetScope::User).await?;
    let row = |person: Person| {
        let bar = bars.get(&person.user.id);
        Row::new(person, &organization.time_zone, bar)
    };
    page(&UserSettingsPage {
        frame: admin.frame("/admin/user-settings"),
        errors: if nobody { FormErrors::one("username", words) } else { FormErrors::default() },
        organization: organization.name.clone(),
        username: username.unwrap_or_default(),
        rows: people.rows.into_iter().map(row).collect(),
        next: people.next,
        owner: admin.actor.is_owner(),
    })
}
