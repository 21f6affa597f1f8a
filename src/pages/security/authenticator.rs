//! **MFA Configuration** of one's own accord: always open, required or not, as often as one has devices.
//! Showing the page changes nothing: the key was drawn by the post before it.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::recovery_codes::RecoveryCodesPage;
use super::{Counts, HERE, done, new_codes};
use crate::domain::enrollment::authenticator::Saved;
use crate::domain::security::authenticator as domain;
use crate::error::AppError;
use crate::models::FactorKind;
use crate::pages::enroll::{EXPIRED, EnrollAuthenticator, REDRAWN, WRONG, name_words};
use crate::pages::sign_in::flow;
use crate::web::form::{FormHere, Nothing};
use crate::web::guards::Fresh;
use crate::web::respond::{page, see_other};
use crate::web::session;
use crate::web::view::{FormErrors, Frame, Here};
use crate::web::visitor::Said;

/// GET and POST /security/authenticator: `code`, `device_name`. **Show QR code** posts to
/// /security/authenticator/begin.
#[derive(Template, Default)]
#[template(path = "security/authenticator.html")]
pub struct AuthenticatorPage {
    pub frame: Frame,
    pub errors: FormErrors,
    /// A key that waits for its first code.
    pub key: Option<Box<EnrollAuthenticator>>,
    pub counts: Counts,
    pub clock_off_minutes: Option<i64>,
}

const PATH: &str = "/security/authenticator";

/// GET /security/authenticator.
pub async fn show(user: Fresh) -> Result<HttpResponse, AppError> {
    page(&current(&user).await?)
}

async fn current(user: &Fresh) -> Result<AuthenticatorPage, AppError> {
    let key = domain::key(&user.visitor.app.core, &user.session, &user.access).await?;
    Ok(AuthenticatorPage {
        frame: user.frame(Here::Security),
        key: key.map(|key| EnrollAuthenticator::new(&key, &user.zone())).transpose()?.map(Box::new),
        counts: Counts::of(user, FactorKind::Authenticator),
        ..AuthenticatorPage::default()
    })
}

/// POST /security/authenticator/begin.
pub async fn begin(user: Fresh, _form: FormHere<Nothing>) -> Result<HttpResponse, AppError> {
    domain::begin(&user.visitor.app.core, &user.session, &user.access).await?;
    Ok(see_other(PATH))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Device {
    code: String,
    device_name: String,
}

/// POST /security/authenticator, **Save**. Its answer is the only place that ever shows the recovery
/// codes.
pub async fn save(user: Fresh, form: Result<FormHere<Device>, AppError>) -> Result<HttpResponse, AppError> {
    let FormHere(form) = match form {
        Err(AppError::Forged) => return sent_again(&user).await,
        form => form?,
    };
    if let Some(errors) = flow::not_six_digits(&form.code) {
        return again(&user, form, errors, None).await;
    }
    let visitor = &user.visitor;
    let typed = (form.code.as_str(), form.device_name.as_str());
    let (saved, opened) = domain::save(&visitor.app.core, &user.session, &user.access, typed, &visitor.origin).await?;
    let (errors, clock_off) = match (saved, opened) {
        (Saved::Done { factor, recovery_codes: Some(codes) }, Some(opened)) => {
            session::enter(&visitor.handle, &opened)?;
            let frame = Frame { csrf: visitor.csrf_of(&opened.session), ..user.frame(Here::Security) };
            let view = RecoveryCodesPage::new(frame, &codes, new_codes::KEEP);
            return page(&RecoveryCodesPage { device: factor.name, ..view });
        }
        (Saved::Done { .. }, Some(opened)) => return done(visitor, &opened, Said::FactorSaved),
        (Saved::Name(problem), _) => (FormErrors::one("device_name", name_words(problem)), None),
        (Saved::ClockOff { minutes }, _) => (FormErrors::one("code", WRONG), Some(minutes)),
        (Saved::Redrawn, _) => (FormErrors::one("", REDRAWN), None),
        (Saved::Expired, _) => (FormErrors::one("", EXPIRED), None),
        (Saved::Wrong | Saved::Done { .. }, _) => (FormErrors::one("code", WRONG), None),
    };
    again(&user, form, errors, clock_off).await
}

/// A reload of the answer sends the form of a session that has gone on under a new id since: nothing of it is
/// looked at, and it is told what became of it.
async fn sent_again(user: &Fresh) -> Result<HttpResponse, AppError> {
    if !domain::was_just_saved(&user.visitor.app.core, &user.session).await? {
        return Err(AppError::Forged);
    }
    user.visitor.flash(Said::AuthenticatorThere);
    Ok(see_other(HERE))
}

/// The same page with what is wrong; a code that was judged is of no more use.
async fn again(
    user: &Fresh,
    form: Device,
    errors: FormErrors,
    clock_off_minutes: Option<i64>,
) -> Result<HttpResponse, AppError> {
    let mut current = AuthenticatorPage { clock_off_minutes, ..current(user).await? };
    if let Some(enroll) = &mut current.key {
        enroll.device_name = form.device_name;
        if errors.has("device_name") {
            enroll.code = form.code;
        }
    }
    page(&AuthenticatorPage { errors, ..current })
}
