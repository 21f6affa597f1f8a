//! The steps of a request, as far as they have come; from the e-mail, on any device.

use actix_web::{HttpResponse, web};
use askama::Template;

use super::{current, over, provider};
use crate::domain::limits::SELF_RESET;
use crate::domain::self_reset::{self, Given, View, of_link};
use crate::error::AppError;
use crate::models::{CheckState, SelfResetState};
use crate::pages::sign_in::flow;
use crate::web::cookies;
use crate::web::form::{Form, Nothing};
use crate::web::respond::{page, see_other};
use crate::web::view::{FormErrors, Frame, mask_email};
use crate::web::visitor::{Said, Visitor};

const PAGE: &str = "/mfa/reset/progress";
/// Between two looks of a page that waits by itself, in seconds.
const EVERY: u32 = 5;

/// How the third step stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Identity {
    /// Nothing was begun, or what was has to be begun anew.
    #[default]
    Start,
    /// Begun; it goes on at the provider.
    Begun,
    /// Handed in, being looked at.
    Waiting,
    /// To be handed in again, and why.
    Again(&'static str),
    /// A person compares the names.
    Review,
    Done,
}

/// When the newest reset link was mailed, and until when it works.
#[derive(Clone, Debug)]
pub struct ResetLink {
    pub sent: String,
    pub until: String,
    pub expired: bool,
}

/// GET /mfa/reset/progress. Posts to /mfa/reset/identity, /mfa/reset/refresh, /mfa/reset/link and
/// /mfa/reset/cancel.
#[derive(Template, Default)]
#[template(path = "self_reset/progress.html")]
pub struct ProgressPage {
    pub frame: Frame,
    pub errors: FormErrors,
    /// The step that is due, of six.
    pub step: u8,
    pub email: String,
    pub identity: Identity,
    pub reset_link: Option<ResetLink>,
    /// Until when the request lives.
    pub until: String,
    /// Seconds after which the page looks again where no script does.
    pub refresh_seconds: Option<u32>,
}

impl ProgressPage {
    fn state(&self, step: u8) -> &'static str {
        match step.cmp(&self.step) {
            std::cmp::Ordering::Less => "done",
            std::cmp::Ordering::Equal => "current",
            std::cmp::Ordering::Greater => "later",
        }
    }
}

/// GET /mfa/reset/continue/{token}: trades it for a cookie and a clean URL.
pub async fn open(visitor: Visitor, token: web::Path<String>) -> Result<HttpResponse, AppError> {
    match of_link(&visitor.app.core, &token).await? {
        Given::Live(_) => {
            visitor.set_cookie(cookies::SELF_RESET, token.into_inner(), Some(SELF_RESET));
            Ok(see_other(PAGE))
        }
        Given::Over(view) => {
            over(&visitor, Some(view.state).filter(|s| !s.is_live()).or(Some(SelfResetState::Expired)))
        }
        Given::Unknown => over(&visitor, Some(SelfResetState::Expired)),
    }
}

/// GET /mfa/reset/progress.
pub async fn show(visitor: Visitor) -> Result<HttpResponse, AppError> {
    match current(&visitor).await? {
        Ok(view) => page(&progress(&visitor, &view)),
        Err(over) => Ok(over),
    }
}

/// GET /mfa/reset/progress/status, for the page's script; the page itself says the rest.
pub async fn status(visitor: Visitor) -> Result<HttpResponse, AppError> {
    let waits = current(&visitor).await?.is_ok_and(|view| identity(&view) == Identity::Waiting);
    let state = if waits { "waiting" } else { "over" };
    Ok(HttpResponse::Ok().json(serde_json::json!({ "state": state })))
}

fn progress(visitor: &Visitor, view: &View) -> ProgressPage {
    let now = visitor.app.core.clock.now();
    let identity = identity(view);
    let ready = view.state == SelfResetState::Ready;
    let reset_link = view.reset_link.filter(|_| ready).map(|(sent, until)| ResetLink {
        sent: view.zone.day_and_time(sent, now),
        until: view.zone.when(until, now),
        expired: until <= now,
    });
    ProgressPage {
        frame: visitor.frame(),
        errors: FormErrors::default(),
        step: if ready { 4 } else { 3 },
        email: mask_email(&view.user.email),
        refresh_seconds: (identity == Identity::Waiting).then_some(EVERY),
        identity,
        reset_link,
        until: view.zone.day_and_time(view.request.expires_at, now),
    }
}

fn identity(view: &View) -> Identity {
    match view.state {
        SelfResetState::Requested => return Identity::Start,
        SelfResetState::Review => return Identity::Review,
        SelfResetState::Ready => return Identity::Done,
        _ => {}
    }
    let Some(check) = &view.check else { return Identity::Start };
    match check.state {
        CheckState::Open => Identity::Begun,
        CheckState::Processing => Identity::Waiting,
        CheckState::NeedsInput => Identity::Again(plain(check.reason.as_deref().unwrap_or_default())),
        CheckState::Canceled | CheckState::Closing => Identity::Start,
        CheckState::Verified => Identity::Waiting,
    }
}

/// The provider's word in a sentence that says what to do.
fn plain(reason: &str) -> &'static str {
    match reason {
        "abandoned" => "The check was left before it was finished.",
        "consent_declined" => "The check needs your consent, and it was declined.",
        "country_not_supported" => "Documents of this country cannot be checked. Use another one.",
        "device_not_supported" => "This device has no camera that can be used. Try it on another one.",
        "document_expired" => "The document has expired. Use one that is still valid.",
        "document_type_not_supported" => {
            "This kind of document cannot be checked. Use a passport, driver's license or ID card."
        }
        "document_missing_front" | "document_missing_back" => "One side of the document is missing. Photograph both.",
        "document_unverified_other" | "document_invalid" | "document_corrupt" => {
            "The document could not be read. Photograph it in good light, whole and without glare."
        }
        "selfie_document_missing_photo" => "The document has no photo of a face. Use one with a photo.",
        "selfie_face_mismatch" => "The selfie does not look like the photo on the document. Try again in good light.",
        "selfie_manipulated" | "selfie_unverified_other" => {
            "The selfie could not be checked. Take a new one in good light."
        }
        "under_supported_age" => "The provider does not check documents of people this young.",
        _ => "The check did not succeed. Try again with a document that is valid and easy to read.",
    }
}

/// POST /mfa/reset/refresh: **Check again**.
pub async fn refresh(visitor: Visitor, _: Form<Nothing>) -> Result<HttpResponse, AppError> {
    let view = match current(&visitor).await? {
        Ok(view) => view,
        Err(over) => return Ok(over),
    };
    let core = &visitor.app.core;
    if !self_reset::refresh(core, provider(&visitor)?, view.check.as_ref(), &visitor.origin).await? {
        visitor.flash(Said::ProviderSilent);
    }
    Ok(see_other(PAGE))
}

/// POST /mfa/reset/link: **Send a new reset link**.
pub async fn send_again(visitor: Visitor, _: Form<Nothing>) -> Result<HttpResponse, AppError> {
    let view = match current(&visitor).await? {
        Ok(view) => view,
        Err(over) => return Ok(over),
    };
    let core = &visitor.app.core;
    match self_reset::send_again(core, &view.request.id, &visitor.origin).await? {
        Ok(()) => Ok(see_other(PAGE)),
        Err(until) => {
            let errors = FormErrors::one(
                "",
                format!(
                    "We have sent enough links for now. We can send another one at {}.",
                    view.zone.when(until, core.clock.now())
                ),
            );
            flow::too_many(&ProgressPage { errors, ..progress(&visitor, &view) }, until, core.clock.now())
        }
    }
}

/// POST /mfa/reset/cancel: **Stop and keep my factors**.
pub async fn cancel(visitor: Visitor, _: Form<Nothing>) -> Result<HttpResponse, AppError> {
    let view = match current(&visitor).await? {
        Ok(view) => view,
        Err(over) => return Ok(over),
    };
    self_reset::cancel(&visitor.app.core, &view.request.id, &visitor.origin).await?;
    visitor.remove_cookie(cookies::SELF_RESET);
    visitor.flash(Said::SelfResetStopped);
    Ok(see_other("/login"))
}
