//! One hardware token, and what can be done with it.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{PLACE, badge, make, organization};
use crate::domain::hardware_tokens::acts::{self, Act, Outcome, Refusal};
use crate::domain::hardware_tokens::{self, State};
use crate::error::AppError;
use crate::pages::sign_in::flow;
use crate::web::administration::FreshOrgAdmin;
use crate::web::form::{Nothing, OrgForm};
use crate::web::respond::{page, see_other};
use crate::web::view::{Badge, FormErrors, Frame};
use crate::web::visitor::Said;

/// GET /admin/hardware-tokens/{id}. Posts to …/assign (`username`), …/activate (`code`), …/deactivate,
/// …/lost and …/available.
#[derive(Template)]
#[template(path = "admin/hardware_tokens/one.html")]
pub struct TokenPage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub id: String,
    pub serial: String,
    pub state: State,
    pub badge: Badge,
    /// Id, name and username of whose it is.
    pub holder: Option<(String, String, String)>,
    pub make: String,
    /// "SHA-1, every 30 seconds".
    pub codes: String,
    pub imported: String,
    pub last_used: String,
    pub lost: String,
    /// What was typed under **Username**.
    pub username: String,
}

impl TokenPage {
    fn is(&self, word: &str) -> bool {
        self.state.word() == word
    }
}

/// GET /admin/hardware-tokens/{id}.
pub async fn show(admin: FreshOrgAdmin, id: web::Path<String>) -> Result<HttpResponse, AppError> {
    page(&current(&admin, &id).await?)
}

async fn current(admin: &FreshOrgAdmin, id: &str) -> Result<TokenPage, AppError> {
    let organization = organization(admin)?;
    let core = &admin.visitor.app.core;
    let shown = hardware_tokens::find(core, &organization.id, id).await?.ok_or(AppError::NotFound)?;
    let (zone, now) = (admin.zone(), core.clock.now());
    let time = |at| zone.day_and_time(at, now);
    let token = &shown.token;
    let algorithm = if token.algorithm == "SHA256" { "SHA-256" } else { "SHA-1" };
    Ok(TokenPage {
        frame: admin.frame(PLACE),
        errors: FormErrors::default(),
        badge: badge(shown.state),
        state: shown.state,
        make: make(&shown),
        codes: format!("{algorithm}, every {} seconds", token.period),
        imported: time(token.created_at),
        last_used: shown.last_used_at.map(time).unwrap_or_default(),
        lost: token.lost_at.map(time).unwrap_or_default(),
        holder: shown.holder.map(|user| (user.id.clone(), user.full_name(), user.username)),
        username: String::new(),
        id: shown.token.id,
        serial: shown.token.serial,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assign {
    username: String,
}

/// POST /admin/hardware-tokens/{id}/assign.
pub async fn assign(
    admin: FreshOrgAdmin,
    id: web::Path<String>,
    OrgForm(form): OrgForm<Assign>,
) -> Result<HttpResponse, AppError> {
    if form.username.trim().is_empty() {
        let errors = FormErrors::one("username", "Enter a username.");
        return page(&TokenPage { errors, ..current(&admin, &id).await? });
    }
    let act = Act::Assign { username: form.username.clone() };
    go(&admin, &id, act, Said::TokenAssigned, form.username).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    code: String,
}

/// POST /admin/hardware-tokens/{id}/activate.
pub async fn activate(
    admin: FreshOrgAdmin,
    id: web::Path<String>,
    OrgForm(form): OrgForm<Code>,
) -> Result<HttpResponse, AppError> {
    if let Some(errors) = flow::not_six_digits(&form.code) {
        return page(&TokenPage { errors, ..current(&admin, &id).await? });
    }
    go(&admin, &id, Act::Activate { code: form.code }, Said::TokenIsActive, String::new()).await
}

/// POST /admin/hardware-tokens/{id}/deactivate.
pub async fn deactivate(
    admin: FreshOrgAdmin,
    id: web::Path<String>,
    _form: OrgForm<Nothing>,
) -> Result<HttpResponse, AppError> {
    go(&admin, &id, Act::Deactivate, Said::TokenDeactivated, String::new()).await
}

/// POST /admin/hardware-tokens/{id}/lost.
pub async fn lose(
    admin: FreshOrgAdmin,
    id: web::Path<String>,
    _form: OrgForm<Nothing>,
) -> Result<HttpResponse, AppError> {
    go(&admin, &id, Act::Lose, Said::TokenLost, String::new()).await
}

/// POST /admin/hardware-tokens/{id}/available.
pub async fn make_available(
    admin: FreshOrgAdmin,
    id: web::Path<String>,
    _form: OrgForm<Nothing>,
) -> Result<HttpResponse, AppError> {
    go(&admin, &id, Act::MakeAvailable, Said::TokenAvailable, String::new()).await
}

async fn go(admin: &FreshOrgAdmin, id: &str, act: Act, said: Said, username: String) -> Result<HttpResponse, AppError> {
    let (core, origin) = (&admin.visitor.app.core, &admin.visitor.origin);
    match acts::act(core, (&admin.actor, organization(admin)?), id, act, origin).await? {
        Outcome::Done => {
            admin.visitor.flash(said);
            Ok(see_other(&format!("{PLACE}/{id}")))
        }
        Outcome::NotFound => Err(AppError::NotFound),
        Outcome::Refused(why) => {
            let errors = refused(admin, why);
            page(&TokenPage { errors, username, ..current(admin, id).await? })
        }
    }
}

fn refused(admin: &FreshOrgAdmin, why: Refusal) -> FormErrors {
    const WRONG: &str = "That code does not match. Wait for the next code, then enter it.";
    let (field, message) = match why {
        Refusal::UnknownUser => ("username", "No user of this organization has this username.".to_owned()),
        Refusal::DisabledUser => ("username", "This user's account is disabled.".into()),
        Refusal::HigherRole => ("", "This user's role is higher than yours. Ask an account holder.".into()),
        Refusal::Own => ("", "This is your own token. Remove it under Security first.".into()),
        Refusal::State => ("", "The token has changed meanwhile. Look at it again.".into()),
        Refusal::Wrong => ("code", WRONG.into()),
        Refusal::ClockOff { minutes } => {
            ("code", format!("{WRONG} The token's clock seems to be about {minutes} minutes off."))
        }
        Refusal::TooMany { until } => (
            "code",
            format!(
                "Too many tries. You can try again at {}.",
                admin.zone().when(until, admin.visitor.app.core.clock.now())
            ),
        ),
    };
    FormErrors::one(field, message)
}
