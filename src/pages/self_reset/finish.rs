//! The reset link, and the password that ends it.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::OverPage;
use crate::domain::limits::SELF_RESET_LINK;
use crate::domain::self_reset::{Finished, Given, View, finish, of_finish};
use crate::domain::sign_in::password::Attempt;
use crate::domain::times::Zone;
use crate::error::AppError;
use crate::models::{LoginOption, SelfResetState};
use crate::pages::sign_in::flow;
use crate::secrets::Secret;
use crate::web::cookies;
use crate::web::form::Form;
use crate::web::respond::{page, see_other};
use crate::web::view::{FormErrors, Frame};
use crate::web::visitor::{Said, Visitor};

/// GET and POST /mfa/reset/finish: `password`.
#[derive(Template, Default)]
#[template(path = "self_reset/finish.html")]
pub struct FinishPage {
    pub frame: Frame,
    pub errors: FormErrors,
    /// For password managers.
    pub email: String,
    /// Until when the link works.
    pub until: String,
}

/// GET /mfa/reset/finish/{token}: trades it for a cookie and a clean URL.
pub async fn open(visitor: Visitor, token: web::Path<String>) -> Result<HttpResponse, AppError> {
    match of_finish(&visitor.app.core, &token).await? {
        Given::Live(_) => {
            visitor.set_cookie(cookies::SELF_RESET_FINISH, token.into_inner(), Some(SELF_RESET_LINK));
            Ok(see_other("/mfa/reset/finish"))
        }
        Given::Over(view) => over(&visitor, Some(&view)),
        Given::Unknown => over(&visitor, None),
    }
}

/// GET /mfa/reset/finish.
pub async fn show(visitor: Visitor) -> Result<HttpResponse, AppError> {
    match current(&visitor).await? {
        Given::Live(view) => page(&blank(&visitor, &view)),
        Given::Over(view) => over(&visitor, Some(&view)),
        Given::Unknown => over(&visitor, None),
    }
}

async fn current(visitor: &Visitor) -> Result<Given, AppError> {
    match visitor.cookie(cookies::SELF_RESET_FINISH) {
        Some(token) => Ok(of_finish(&visitor.app.core, &token).await?),
        None => Ok(Given::Unknown),
    }
}

fn blank(visitor: &Visitor, view: &View) -> FinishPage {
    let now = visitor.app.core.clock.now();
    let until = view.reset_link.map(|(_, until)| view.zone.when(until, now)).unwrap_or_default();
    FinishPage { frame: visitor.frame(), errors: FormErrors::default(), email: view.user.email.clone(), until }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Typed {
    password: Secret<String>,
}

/// POST /mfa/reset/finish: **Remove my factors**.
pub async fn submit(visitor: Visitor, Form(form): Form<Typed>) -> Result<HttpResponse, AppError> {
    let token = visitor.cookie(cookies::SELF_RESET_FINISH).unwrap_or_default();
    let again = match current(&visitor).await? {
        Given::Live(view) => blank(&visitor, &view),
        Given::Over(view) => return over(&visitor, Some(&view)),
        Given::Unknown => return over(&visitor, None),
    };
    if form.password.expose().is_empty() {
        return page(&FinishPage { errors: FormErrors::one("password", "Enter your password."), ..again });
    }
    let attempt = Attempt {
        option: LoginOption::Email,
        email: String::new(),
        password: form.password,
        remember: false,
        return_to: None,
        device: flow::device(&visitor),
        network: visitor.network(),
    };
    let core = &visitor.app.core;
    match finish(core, &token, attempt, &visitor.origin).await? {
        Finished::Done => {
            visitor.remove_cookie(cookies::SELF_RESET);
            visitor.remove_cookie(cookies::SELF_RESET_FINISH);
            visitor.flash(Said::FactorsReset);
            Ok(see_other("/login"))
        }
        Finished::Wrong => {
            let errors = FormErrors::one("password", "The password is not right. Try again.");
            page(&FinishPage { errors, ..again })
        }
        Finished::TooMany { until } => {
            let errors = flow::too_many_tries(&Zone::named("UTC"), until, core.clock.now());
            flow::too_many(&FinishPage { errors, ..again }, until, core.clock.now())
        }
        Finished::Over => over(&visitor, None),
    }
}

/// The link does not work any more; what is left to do depends on the request.
fn over(visitor: &Visitor, view: Option<&View>) -> Result<HttpResponse, AppError> {
    match view.map(|view| view.state) {
        Some(SelfResetState::Ready) | None => page(&OverPage {
            frame: visitor.frame(),
            title: "This link has expired",
            text: "This link has expired. Reset links work for 15 minutes, and once. Your factors are unchanged by it. \
                   Get a new link.",
            again: true,
            progress: visitor.cookie(cookies::SELF_RESET).is_some(),
        }),
        state => super::over(visitor, state),
    }
}
