//! **Confirm it is you**: before a change to one's own account, and before the console opens or acts.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use crate::domain::administration::{self, Admission, Level};
use crate::domain::sign_in::password::{self, Attempt, Judged};
use crate::domain::sign_in::step_up::{self, Wanted};
use crate::error::AppError;
use crate::models::sessions::Session;
use crate::pages::sign_in::flow;
use crate::secrets::Secret;
use crate::web::form::Form;
use crate::web::guards::SignedIn;
use crate::web::respond::{page, see_other};
use crate::web::view::{FormErrors, Frame, Here};
use crate::web::{return_to, session};

/// GET and POST /security/confirm: `password` where it is wanted, `for`, `return_to`.
#[derive(Template, Default)]
#[template(path = "security/confirm.html")]
pub struct ConfirmPage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub wanted: Wanted,
    /// Before the console, not before a change to one's own account.
    pub console: bool,
    pub return_to: String,
    /// The name of the domain whose account can be shown instead.
    pub domain: Option<String>,
}

/// `/security`, or the page that was to be opened. Never this page itself.
fn back(asked: Option<&str>, console: bool) -> String {
    let checked = asked.and_then(return_to::check).filter(|path| !path.starts_with("/security/confirm"));
    checked.unwrap_or_else(|| if console { "/admin" } else { "/security" }.into())
}

#[derive(Deserialize)]
pub struct Query {
    #[serde(rename = "for")]
    why: Option<String>,
    return_to: Option<String>,
}

/// GET /security/confirm.
pub async fn show(user: SignedIn, query: web::Query<Query>) -> Result<HttpResponse, AppError> {
    let console = query.why.is_some();
    let return_to = back(query.return_to.as_deref(), console);
    let wanted = wanted(&user, console).await?;
    if wanted.nothing() {
        return Ok(see_other(&return_to));
    }
    page(&ConfirmPage { wanted, console, return_to, ..blank(&user) })
}

/// Whoever came by a domain account may show that again, where all their organizations take it.
fn blank(user: &SignedIn) -> ConfirmPage {
    let taken =
        user.session.domain_sign_in_id.is_some() && user.access.memberships.iter().all(|(_, o)| o.names_domain());
    let oidc = user.visitor.app.oidc.as_ref().filter(|_| taken);
    ConfirmPage {
        frame: user.frame(Here::Security),
        domain: oidc.map(|oidc| oidc.settings().name.clone()),
        ..ConfirmPage::default()
    }
}

/// The console wants a factor, one's own account a password besides.
async fn wanted(user: &SignedIn, console: bool) -> Result<Wanted, AppError> {
    let core = &user.visitor.app.core;
    if !console {
        return Ok(step_up::wanted(core, &user.session, &user.access).await?);
    }
    let address = &user.visitor.origin.address;
    let admission = administration::admit(core, &user.session, &user.access, (Level::Admin, true), address).await?;
    Ok(Wanted { own: matches!(admission, Admission::Confirm), ..Wanted::default() })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirmed {
    password: Option<Secret<String>>,
    #[serde(rename = "for")]
    why: Option<String>,
    return_to: String,
}

/// POST /security/confirm: the password is judged here, a factor on the pages of the second step.
pub async fn submit(user: SignedIn, Form(form): Form<Confirmed>) -> Result<HttpResponse, AppError> {
    let console = form.why.is_some();
    let return_to = back(Some(&form.return_to), console);
    let wanted = wanted(&user, console).await?;
    let mut session = user.session.clone();
    if wanted.password {
        let again = ConfirmPage { wanted, console, return_to: return_to.clone(), ..blank(&user) };
        session = match password(&user, form.password, again).await? {
            Ok(session) => session,
            Err(refused) => return Ok(refused),
        };
    }
    let core = &user.visitor.app.core;
    if wanted.factor {
        step_up::begin(core, &session, &return_to).await?;
    } else if wanted.own {
        step_up::begin_again(core, &session, &return_to).await?;
    } else {
        return Ok(see_other(&return_to));
    }
    Ok(see_other("/login/verify"))
}

/// The session that follows the right password, or the page that says what is wrong.
async fn password(
    user: &SignedIn,
    typed: Option<Secret<String>>,
    again: ConfirmPage,
) -> Result<Result<Session, HttpResponse>, AppError> {
    let (visitor, core) = (&user.visitor, &user.visitor.app.core);
    let Some(typed) = typed.filter(|p| !p.expose().is_empty()) else {
        let errors = FormErrors::one("password", "Enter your password.");
        return page(&ConfirmPage { errors, ..again }).map(Err);
    };
    let attempt = Attempt {
        option: user.session.login_option,
        email: user.access.user.email.clone(),
        password: typed,
        remember: false,
        return_to: None,
        device: flow::device(visitor),
        network: visitor.network(),
    };
    match password::judge_again(core, &attempt, &visitor.origin).await? {
        Judged::Right(_) => {
            let opened = step_up::password_shown(core, &user.session, &user.access, &visitor.origin).await?;
            session::enter(&visitor.handle, &opened)?;
            Ok(Ok(opened.session))
        }
        Judged::Wrong => {
            let errors = FormErrors::one("password", "The password is not right. Try again.");
            page(&ConfirmPage { errors, ..again }).map(Err)
        }
        Judged::TooMany { until } => {
            let errors = flow::too_many_tries(&user.zone(), until, core.clock.now());
            flow::too_many(&ConfirmPage { errors, ..again }, until, core.clock.now()).map(Err)
        }
    }
}
