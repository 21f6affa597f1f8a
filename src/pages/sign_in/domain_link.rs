//! **Is this account yours?**: the first time somebody comes by a domain account whose address has an
//! account. Its password is asked for, or a code to the address on record where there is none.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::domain::{go_on, provider, start_over, token};
use super::flow;
use crate::db::Fault;
use crate::domain::domain_account::{self, Claim, Proven};
use crate::domain::times::Zone;
use crate::error::AppError;
use crate::secrets::Secret;
use crate::web::cookies;
use crate::web::form::{Form, Nothing};
use crate::web::respond::{page, see_other};
use crate::web::view::{FormErrors, Frame, ResendWait};
use crate::web::visitor::{Said, Visitor};

const PLACE: &str = "/login/domain/link";

/// GET and POST /login/domain/link: `password`. Posts `code` to …/code, nothing but the token to …/send
/// and /login/domain/cancel.
#[derive(Template, Default)]
#[template(path = "sign_in/domain_link.html")]
pub struct DomainLinkPage {
    pub frame: Frame,
    pub errors: FormErrors,
    /// The domain's name.
    pub name: String,
    /// In full: the provider has just named it.
    pub email: String,
    /// The password is asked for, rather than a code.
    pub by_password: bool,
    /// A code was sent.
    pub sent: bool,
    pub wait: ResendWait,
}

/// The claim of this browser, or where it goes instead.
async fn current(visitor: &Visitor) -> Result<(Claim, DomainLinkPage), AppError> {
    let (core, oidc) = (&visitor.app.core, provider(visitor)?);
    let found = match token(visitor) {
        Some(token) => domain_account::claim(core, &token).await?,
        None => None,
    };
    let Some(claim) = found.filter(|c| c.row.issuer == oidc.settings().issuer) else {
        visitor.flash(Said::DomainEnded);
        return Err(AppError::SeeOther("/login".into()));
    };
    let again = DomainLinkPage {
        frame: visitor.frame(),
        errors: FormErrors::default(),
        name: oidc.settings().name.clone(),
        email: claim.user.email.clone(),
        by_password: claim.by_password(),
        sent: claim.sent,
        wait: flow::wait_until(claim.next_send_at, &Zone::named("UTC"), core.clock.now()),
    };
    Ok((claim, again))
}

/// GET /login/domain/link.
pub async fn show(visitor: Visitor) -> Result<HttpResponse, AppError> {
    page(&current(&visitor).await?.1)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Password {
    password: Secret<String>,
}

/// POST /login/domain/link.
pub async fn password(visitor: Visitor, Form(form): Form<Password>) -> Result<HttpResponse, AppError> {
    let (claim, again) = current(&visitor).await?;
    if form.password.expose().is_empty() {
        return page(&DomainLinkPage { errors: FormErrors::one("password", "Enter your password."), ..again });
    }
    let (core, oidc, device) = (&visitor.app.core, provider(&visitor)?, flow::device(&visitor));
    let typed = (form.password, visitor.network());
    let proven = domain_account::by_password(core, &oidc, &claim, typed, &device, &visitor.origin).await;
    answer(&visitor, proven, again, ("password", "The password is not right. Try again."))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    code: String,
}

/// POST /login/domain/link/code: **Verify code**.
pub async fn code(visitor: Visitor, Form(form): Form<Code>) -> Result<HttpResponse, AppError> {
    let (claim, again) = current(&visitor).await?;
    if let Some(errors) = flow::not_six_digits(&form.code) {
        return page(&DomainLinkPage { errors, ..again });
    }
    let (core, oidc, device) = (&visitor.app.core, provider(&visitor)?, flow::device(&visitor));
    let proven = domain_account::by_code(core, &oidc, &claim, &form.code, &device, &visitor.origin).await;
    answer(&visitor, proven, again, ("code", "That code is not right. Check the newest email and try again."))
}

fn answer(
    visitor: &Visitor,
    proven: Result<Proven, Fault>,
    again: DomainLinkPage,
    (field, wrong): (&'static str, &str),
) -> Result<HttpResponse, AppError> {
    match proven? {
        Proven::Yes(arrived) => go_on(visitor, &*provider(visitor)?, *arrived),
        Proven::Wrong => page(&DomainLinkPage { errors: FormErrors::one(field, wrong), ..again }),
        Proven::TooMany { until } => {
            let errors = flow::too_many_tries(&Zone::named("UTC"), until, visitor.app.core.clock.now());
            flow::too_many(&DomainLinkPage { errors, ..again }, until, visitor.app.core.clock.now())
        }
        Proven::Over => Ok(start_over(visitor)),
    }
}

/// POST /login/domain/link/send: **Send verification code**, **Send new code**.
pub async fn send(visitor: Visitor, _: Form<Nothing>) -> Result<HttpResponse, AppError> {
    let (claim, again) = current(&visitor).await?;
    if again.by_password {
        return Ok(see_other(PLACE));
    }
    let core = &visitor.app.core;
    match domain_account::send(core, &claim, &visitor.origin).await? {
        Ok(()) => Ok(see_other(PLACE)),
        Err(refused) => {
            let errors = flow::not_sent(refused, &Zone::named("UTC"), core.clock.now());
            flow::refused(&DomainLinkPage { errors, ..again }, refused, core.clock.now())
        }
    }
}

/// POST /login/domain/cancel.
pub async fn cancel(visitor: Visitor, _: Form<Nothing>) -> Result<HttpResponse, AppError> {
    visitor.remove_cookie(cookies::DOMAIN);
    visitor.flash(Said::SignInCanceled);
    Ok(see_other("/login"))
}
