//! A new set of recovery codes, and keeping the one just shown. Nothing keeps them in clear: the page
//! itself carries them to the file, and back when the box was left empty.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::HERE;
use super::recovery_codes::{NOT_SAVED, RecoveryCodesPage};
use crate::domain::enrollment::recovery_codes::{Codes, known};
use crate::domain::security::recovery_codes::{self as domain, Renewed};
use crate::error::AppError;
use crate::pages::enroll::{codes_file, posted_codes};
use crate::web::form::{Form, FormHere};
use crate::web::guards::{Fresh, SignedIn};
use crate::web::respond::{page, see_other};
use crate::web::view::{FormErrors, Frame, Here};
use crate::web::visitor::Said;

/// Where `codes` and `saved` go from here, and `codes` alone for the file.
pub const KEEP: (&str, &str) = ("/security/recovery-codes/keep", "/security/recovery-codes/download");

/// GET and POST /security/recovery-codes.
#[derive(Template, Default)]
#[template(path = "security/new_codes.html")]
pub struct NewCodesPage {
    pub frame: Frame,
    /// The set that new codes take the place of, so that the form makes no second one when it is sent again.
    pub set: String,
    /// Unused.
    pub left: i64,
    /// Whether there is a set already.
    pub any: bool,
    /// Whether a set can be made.
    pub possible: bool,
}

/// GET /security/recovery-codes; also the reload of what a post answered.
pub async fn show(user: Fresh) -> Result<HttpResponse, AppError> {
    let standing = domain::standing(&user.visitor.app.core, &user.access.user.id).await?;
    page(&NewCodesPage {
        frame: user.frame(Here::Security),
        set: standing.set,
        left: standing.left,
        any: standing.made > 0,
        possible: standing.possible,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    replaces: Option<String>,
}

/// POST /security/recovery-codes. Its answer is the only place that ever shows them; a reload of it is told that
/// they were shown.
pub async fn make(user: Fresh, FormHere(form): FormHere<Asked>) -> Result<HttpResponse, AppError> {
    let replaces = form.replaces.unwrap_or_default();
    match domain::renew(&user.visitor.app.core, &user.session, &replaces, &user.visitor.origin).await? {
        Renewed::Made(codes) => page(&RecoveryCodesPage::new(user.frame(Here::Security), &codes, KEEP)),
        Renewed::Already => {
            user.visitor.flash(Said::CodesShown);
            Ok(see_other("/security/recovery-codes"))
        }
        Renewed::Impossible => Ok(see_other("/security/recovery-codes")),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    codes: Option<String>,
    saved: Option<String>,
}

/// POST /security/recovery-codes/keep, **Continue**.
pub async fn keep(user: SignedIn, Form(form): Form<Kept>) -> Result<HttpResponse, AppError> {
    let codes = match &form.saved {
        Some(_) => Codes::new(),
        None => posted(&user, form.codes.as_deref()).await?,
    };
    if codes.is_empty() {
        user.visitor.flash(Said::CodesKept);
        return Ok(see_other(HERE));
    }
    let errors = FormErrors::one("saved", NOT_SAVED);
    page(&RecoveryCodesPage { errors, ..RecoveryCodesPage::new(user.frame(Here::Security), &codes, KEEP) })
}

/// POST /security/recovery-codes/download: the codes that the page still holds, as a file.
pub async fn download(user: SignedIn, Form(form): Form<Kept>) -> Result<HttpResponse, AppError> {
    let codes = posted(&user, form.codes.as_deref()).await?;
    if codes.is_empty() {
        return Ok(see_other(HERE));
    }
    Ok(codes_file(&user.visitor.app.core.settings, &user.access.user.email, &codes))
}

async fn posted(user: &SignedIn, codes: Option<&str>) -> Result<Codes, AppError> {
    let codes = posted_codes(codes.unwrap_or_default());
    Ok(known(&user.visitor.app.core, &user.access.user.id, codes).await?)
}
