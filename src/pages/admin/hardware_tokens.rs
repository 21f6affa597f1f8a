//! **Hardware Tokens**: the organization's inventory.

pub mod export;
pub mod import;
pub mod one;

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use crate::clock::Timestamp;
use crate::domain::hardware_tokens::{self, Query, Shown, State};
use crate::error::AppError;
use crate::models::organizations::Organization;
use crate::web::administration::OrgAdmin;
use crate::web::respond::page;
use crate::web::view::{Badge, Frame, Kind};

const PLACE: &str = "/admin/hardware-tokens";

/// GET /admin/hardware-tokens?serial&state&after. **Export CSV** posts to /admin/hardware-tokens/export.
#[derive(Template, Default)]
#[template(path = "admin/hardware_tokens/list.html")]
pub struct TokensPage {
    pub frame: Frame,
    pub organization: String,
    /// What is looked for.
    pub serial: String,
    pub state: String,
    pub states: Vec<(&'static str, &'static str)>,
    pub tokens: Vec<TokenLine>,
    /// The URL of the next page, and of the first where this is not it.
    pub next: Option<String>,
    pub first: Option<String>,
}

impl TokensPage {
    fn is_wanted(&self, state: &str) -> bool {
        self.state == state
    }
}

#[derive(Clone, Debug)]
pub struct TokenLine {
    pub id: String,
    pub serial: String,
    pub state: Badge,
    /// Name and username of whose it is.
    pub holder: Option<(String, String)>,
    /// Manufacturer and model.
    pub make: String,
    pub last_used: String,
}

/// What a list is narrowed down to.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Filter {
    serial: String,
    state: String,
    after: String,
}

impl Filter {
    fn query(&self) -> Query {
        Query { serial: self.serial.trim().into(), state: State::parse(&self.state), after: self.after.clone() }
    }

    fn url(&self, after: Option<&str>) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("serial", self.serial.as_str()), ("state", &self.state)] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        if let Some(after) = after {
            query.append_pair("after", after);
        }
        format!("{PLACE}?{}", query.finish())
    }
}

pub async fn list(admin: OrgAdmin, filter: web::Query<Filter>) -> Result<HttpResponse, AppError> {
    let (organization, filter) = (organization(&admin)?, filter.into_inner());
    let core = &admin.visitor.app.core;
    let found = hardware_tokens::list(core, &organization.id, filter.query()).await?;
    let zone = admin.zone();
    let line = |shown| line(shown, |at| zone.day_and_time(at, core.clock.now()));
    page(&TokensPage {
        frame: admin.frame(PLACE),
        organization: organization.name.clone(),
        tokens: found.tokens.into_iter().map(line).collect(),
        next: found.next.map(|after| filter.url(Some(&after))),
        first: (!filter.after.is_empty()).then(|| filter.url(None)),
        states: State::ALL.iter().map(|state| (state.word(), words(*state))).collect(),
        serial: filter.serial,
        state: filter.state,
    })
}

/// The organization whose inventory this is. An operator may be in none.
fn organization(admin: &OrgAdmin) -> Result<&Organization, AppError> {
    let none = "You are in no organization. Choose one with Switch organization, then open this page again.";
    admin.actor.organization.as_ref().ok_or(AppError::Conflict(none))
}

fn line(shown: Shown, time: impl Fn(Timestamp) -> String) -> TokenLine {
    TokenLine {
        make: make(&shown),
        state: badge(shown.state),
        last_used: shown.last_used_at.map(time).unwrap_or_default(),
        holder: shown.holder.map(|user| (user.full_name(), user.username)),
        id: shown.token.id,
        serial: shown.token.serial,
    }
}

fn make(shown: &Shown) -> String {
    format!("{} {}", shown.token.manufacturer, shown.token.model).trim().to_owned()
}

fn words(state: State) -> &'static str {
    match state {
        State::Available => "Available",
        State::Assigned => "Assigned",
        State::Active => "Active",
        State::Deactivated => "Deactivated",
        State::Lost => "Lost",
    }
}

fn badge(state: State) -> Badge {
    let kind = match state {
        State::Available | State::Assigned => Kind::Info,
        State::Active => Kind::Ok,
        State::Deactivated => Kind::Warn,
        State::Lost => Kind::Bad,
    };
    Badge::new(kind, words(state))
}
