//! The authenticator app of a registration: QR code, key, first code, name; then the recovery codes.

use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_DISPOSITION, ContentType};
use askama::Template;
use serde::Deserialize;

use super::Steps;
use super::phone::Ways;
use crate::domain::access::page_of;
use crate::domain::enrollment::authenticator::Saved;
use crate::domain::enrollment::recovery_codes::{Codes, known};
use crate::domain::registration::authenticator as domain;
use crate::error::AppError;
use crate::models::FactorKind;
use crate::pages::enroll::{EnrollAuthenticator, RecoveryCodesView, name_words, posted_codes};
use crate::pages::sign_in::flow;
use crate::web::form::{Form, Nothing};
use crate::web::registering::{ERROR, Enrolling};
use crate::web::respond::{page, see_other};
use crate::web::session;
use crate::web::view::{FormErrors, Frame};

const PATH: &str = "/register/authenticator";

/// GET and POST /register/authenticator: `code`, `device_name`. Nothing goes to /begin.
#[derive(Template, Default)]
#[template(path = "registration/authenticator.html")]
pub struct AuthenticatorPage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub steps: Steps,
    /// `None` until a key was drawn.
    pub enroll: Option<EnrollAuthenticator>,
    /// Saved, and the recovery codes were shown.
    pub saved: bool,
    pub clock_off_minutes: Option<i64>,
    pub ways: Ways,
}

/// The answer to **Save**. `codes` and `saved` go to /register/authenticator/recovery-codes.
#[derive(Template, Default)]
#[template(path = "registration/recovery_codes.html")]
pub struct CodesPage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub steps: Steps,
    pub view: RecoveryCodesView,
}

const WRONG: &str =
    "That code does not match. Check that your device sets its clock automatically, then enter the next code.";
const REPLACED: &str = "The key was replaced. Delete the entry in your app and scan the new QR code.";

/// GET /register/authenticator.
pub async fn show(enrolling: Enrolling) -> Result<HttpResponse, AppError> {
    page(&blank(&enrolling).await?)
}

async fn blank(enrolling: &Enrolling) -> Result<AuthenticatorPage, AppError> {
    let Enrolling { visitor, session, access } = enrolling;
    let core = &visitor.app.core;
    let zone = access.zone(session);
    let key = domain::key(core, session, access).await?;
    Ok(AuthenticatorPage {
        frame: visitor.frame(),
        steps: Steps::at(Steps::FACTOR, Some(FactorKind::Authenticator)),
        enroll: key.map(|key| EnrollAuthenticator::new(&key, &zone)).transpose()?,
        saved: domain::is_saved(core, session).await?,
        ways: Ways::besides(enrolling, FactorKind::Authenticator),
        ..AuthenticatorPage::default()
    })
}

/// POST /register/authenticator/begin.
pub async fn begin(enrolling: Enrolling, _: Form<Nothing>) -> Result<HttpResponse, AppError> {
    domain::begin(&enrolling.visitor.app.core, &enrolling.session, &enrolling.access).await?;
    Ok(see_other(PATH))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Device {
    code: String,
    device_name: String,
}

/// POST /register/authenticator, **Save**.
pub async fn save(enrolling: Enrolling, Form(form): Form<Device>) -> Result<HttpResponse, AppError> {
    if domain::is_saved(&enrolling.visitor.app.core, &enrolling.session).await? {
        // A reload of the page with the recovery codes sends the form again.
        return Ok(see_other(PATH));
    }
    if let Some(errors) = flow::not_six_digits(&form.code) {
        return again(&enrolling, form, errors, None).await;
    }
    let Enrolling { visitor, session, access } = &enrolling;
    let typed = (form.code.as_str(), form.device_name.as_str());
    let saved = domain::save(&visitor.app.core, session, access, typed, &visitor.origin).await?;
    let (errors, clock_off) = match saved {
        None => return Ok(see_other(ERROR)),
        Some(Saved::Done { recovery_codes: Some(codes), .. }) => return page(&codes_page(&enrolling, &codes)),
        Some(Saved::Done { recovery_codes: None, .. }) => return finish(enrolling).await,
        Some(Saved::Name(problem)) => (FormErrors::one("device_name", name_words(problem)), None),
        Some(Saved::Wrong) => (FormErrors::one("code", WRONG), None),
        Some(Saved::ClockOff { minutes }) => (FormErrors::one("code", WRONG), Some(minutes)),
        Some(Saved::Redrawn | Saved::Expired) => (FormErrors::one("", REPLACED), None),
    };
    again(&enrolling, form, errors, clock_off).await
}

/// The same page with what is wrong; a code that was judged is of no more use.
async fn again(
    enrolling: &Enrolling,
    form: Device,
    errors: FormErrors,
    clock_off_minutes: Option<i64>,
) -> Result<HttpResponse, AppError> {
    let mut current = AuthenticatorPage { clock_off_minutes, ..blank(enrolling).await? };
    if let Some(enroll) = &mut current.enroll {
        enroll.device_name = form.device_name;
        if errors.has("device_name") {
            enroll.code = form.code;
        }
    }
    page(&AuthenticatorPage { errors, ..current })
}

fn codes_page(enrolling: &Enrolling, codes: &Codes) -> CodesPage {
    CodesPage {
        frame: enrolling.visitor.frame(),
        errors: FormErrors::default(),
        steps: Steps::at(Steps::FACTOR, Some(FactorKind::Authenticator)),
        view: RecoveryCodesView::new(codes),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    codes: Option<String>,
    saved: Option<String>,
}

/// POST /register/authenticator/recovery-codes, **Continue**.
pub async fn go_on(enrolling: Enrolling, Form(form): Form<Kept>) -> Result<HttpResponse, AppError> {
    let codes = posted(&enrolling, form.codes.as_deref()).await?;
    if form.saved.is_some() || codes.is_empty() {
        return finish(enrolling).await;
    }
    let errors = FormErrors::one("saved", "Save the codes first, then check the box.");
    page(&CodesPage { errors, ..codes_page(&enrolling, &codes) })
}

/// POST /register/authenticator/recovery-codes/download.
pub async fn download(enrolling: Enrolling, Form(form): Form<Kept>) -> Result<HttpResponse, AppError> {
    let codes = posted(&enrolling, form.codes.as_deref()).await?;
    if codes.is_empty() {
        return Ok(see_other(PATH));
    }
    let mut text = format!("Recovery codes for {}\r\n\r\n", enrolling.visitor.app.core.settings.installation);
    for code in RecoveryCodesView::new(&codes).codes {
        text.push_str(&code);
        text.push_str("\r\n");
    }
    Ok(HttpResponse::Ok()
        .content_type(ContentType::plaintext())
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"recovery-codes.txt\""))
        .body(text))
}

async fn posted(enrolling: &Enrolling, codes: Option<&str>) -> Result<Codes, AppError> {
    let codes = posted_codes(codes.unwrap_or_default());
    Ok(known(&enrolling.visitor.app.core, &enrolling.access.user.id, codes).await?)
}

async fn finish(enrolling: Enrolling) -> Result<HttpResponse, AppError> {
    let Enrolling { visitor, session, .. } = enrolling;
    let Some(opened) = domain::go_on(&visitor.app.core, &session).await? else { return Ok(see_other(PATH)) };
    session::enter(&visitor.handle, &opened)?;
    Ok(see_other(page_of(opened.session.stage)))
}
