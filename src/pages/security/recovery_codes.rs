//! **Save your recovery codes** in set-up: shown once, in the answer to **Save**. Nothing keeps them in clear:
//! the page itself carries them to the download, and back when the box was left empty.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use crate::domain::enrollment::recovery_codes::{Codes, known};
use crate::domain::sign_in::set_up::{self, Standing};
use crate::error::AppError;
use crate::models::Stage;
use crate::pages::enroll::{RecoveryCodesView, codes_file, posted_codes};
use crate::pages::sign_in::flow;
use crate::web::form::Form;
use crate::web::guards::SetUp;
use crate::web::respond::{page, see_other};
use crate::web::view::{FormErrors, Frame};

/// Where set-up posts `codes` and `saved`, and `codes` alone for the file.
pub const SET_UP: (&str, &str) = ("/security/setup/recovery-codes", "/security/setup/recovery-codes/download");

/// New codes, here and under **Security**. Posts `codes` and `saved` to `go_on`, and `codes` to `download`.
#[derive(Template, Default)]
#[template(path = "security/recovery_codes.html")]
pub struct RecoveryCodesPage {
    pub frame: Frame,
    pub errors: FormErrors,
    /// What was just saved; empty when the page is shown again.
    pub device: String,
    pub view: RecoveryCodesView,
    pub go_on: &'static str,
    pub download: &'static str,
}

impl RecoveryCodesPage {
    pub fn new(frame: Frame, codes: &Codes, (go_on, download): (&'static str, &'static str)) -> Self {
        Self { frame, view: RecoveryCodesView::new(codes), go_on, download, ..Self::default() }
    }
}

pub const NOT_SAVED: &str = "Save the codes first, then check the box.";

/// Set up already, and without the codes: a reload never makes new ones.
#[derive(Template)]
#[template(path = "security/set_up.html")]
pub struct SetUpPage {
    pub frame: Frame,
    /// A sign-in waits to go on.
    pub signing_in: bool,
}

/// GET /security/setup once there is a factor.
pub fn saved(set_up: &SetUp) -> Result<HttpResponse, AppError> {
    page(&SetUpPage { frame: set_up.frame(), signing_in: set_up.session.stage == Stage::SetUp })
}

/// GET /security/setup/recovery-codes: a reload of what a post answered.
pub async fn show(_set_up: SetUp) -> HttpResponse {
    see_other("/security/setup")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    codes: Option<String>,
    saved: Option<String>,
}

/// POST /security/setup/recovery-codes, **Continue**.
pub async fn go_on(set_up: SetUp, Form(form): Form<Kept>) -> Result<HttpResponse, AppError> {
    if set_up.standing != Standing::Saved {
        return Ok(see_other("/security/setup"));
    }
    let codes = match &form.saved {
        Some(_) => Codes::new(),
        None => posted(&set_up, form.codes.as_deref()).await?,
    };
    if codes.is_empty() {
        return finish(set_up).await;
    }
    let errors = FormErrors::one("saved", NOT_SAVED);
    page(&RecoveryCodesPage { errors, ..RecoveryCodesPage::new(set_up.frame(), &codes, SET_UP) })
}

/// The sign-in goes on, or home.
pub async fn finish(set_up: SetUp) -> Result<HttpResponse, AppError> {
    let SetUp { visitor, session, access, .. } = set_up;
    let device = flow::device(&visitor);
    match set_up::go_on(&visitor.app.core, &session, &access, device.clone(), &visitor.origin).await? {
        Some(passed) => flow::go_on(&visitor, &passed, &device),
        None => Ok(see_other("/security/setup")),
    }
}

/// POST /security/setup/recovery-codes/download: the codes that the page still holds, as a file.
pub async fn download(set_up: SetUp, Form(form): Form<Kept>) -> Result<HttpResponse, AppError> {
    let codes = posted(&set_up, form.codes.as_deref()).await?;
    if codes.is_empty() {
        return Ok(see_other("/security/setup"));
    }
    Ok(codes_file(&set_up.visitor.app.core.settings, &set_up.access.user.email, &codes))
}

async fn posted(set_up: &SetUp, codes: Option<&str>) -> Result<Codes, AppError> {
    let codes = posted_codes(codes.unwrap_or_default());
    Ok(known(&set_up.visitor.app.core, &set_up.access.user.id, codes).await?)
}
