//! **Try another way**: what this person has, and an organization of theirs allows.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::{flow, verify};
use crate::domain::second_step::ways::Ways;
use crate::error::AppError;
use crate::models::{FactorKind, Stage};
use crate::web::form::Form;
use crate::web::guards::PendingSignIn;
use crate::web::respond::{page, see_other};
use crate::web::view::{Frame, PhoneChoice, count, mask_email, mask_phone, speak_phone};

/// GET and POST /login/verify/other: `way`, one of `WayKind::value`.
#[derive(Template, Default)]
#[template(path = "sign_in/other.html")]
pub struct OtherPage {
    pub frame: Frame,
    pub asked_by: Option<String>,
    pub ways: Vec<Way>,
    /// A phone that nothing can be sent to: this installation has no gateway.
    pub unreachable: Option<PhoneChoice>,
    /// Choosing a new password, not signing in.
    pub resetting: bool,
}

#[derive(Clone, Debug)]
pub struct Way {
    pub kind: WayKind,
    /// A masked number or address, a device's name, or "5 codes left".
    pub detail: String,
    /// How a reader hears a masked number; `None` for anything else.
    pub spoken: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WayKind {
    Phone,
    Email,
    Authenticator,
    HardwareToken,
    RecoveryCode,
}

impl WayKind {
    /// As it is posted.
    pub fn value(&self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Authenticator => "authenticator",
            Self::HardwareToken => "hardware_token",
            Self::RecoveryCode => "recovery_code",
        }
    }

    pub fn words(&self) -> &'static str {
        match self {
            Self::Phone => "Text message or call",
            Self::Email => "Code by e-mail",
            Self::Authenticator => "Authenticator app",
            Self::HardwareToken => "Hardware token",
            Self::RecoveryCode => "Recovery code",
        }
    }
}

/// GET /login/verify/other.
pub async fn show(pending: PendingSignIn) -> Result<HttpResponse, AppError> {
    verify::due(&pending, Stage::SecondStep)?;
    let ways = verify::ways(&pending).await?;
    page(&OtherPage {
        frame: pending.visitor.frame(),
        asked_by: flow::asked_by(&pending, &ways),
        ways: listed(&ways),
        unreachable: ways.out_of_reach.iter().find_map(super::phone::choice),
        resetting: pending.session.stage.is_reset(),
    })
}

fn listed(ways: &Ways) -> Vec<Way> {
    let way = |kind, detail, spoken| Way { kind, detail, spoken };
    let mut listed = Vec::new();
    if let Some(number) = ways.of(FactorKind::Phone).find_map(|f| f.phone.as_deref()) {
        listed.push(way(WayKind::Phone, mask_phone(number), Some(speak_phone(number))));
    }
    if let Some(address) = ways.of(FactorKind::Email).find_map(|f| f.email.as_deref()) {
        listed.push(way(WayKind::Email, mask_email(address), None));
    }
    for (kind, shown) in
        [(FactorKind::Authenticator, WayKind::Authenticator), (FactorKind::HardwareToken, WayKind::HardwareToken)]
    {
        let names: Vec<&str> = ways.of(kind).map(|f| f.name.as_str()).collect();
        if !names.is_empty() {
            listed.push(way(shown, names.join(", "), None));
        }
    }
    if ways.recovery_codes > 0 {
        let left = count(ways.recovery_codes, "code left", "codes left");
        listed.push(way(WayKind::RecoveryCode, left, None));
    }
    listed
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Picked {
    way: String,
}

/// POST /login/verify/other.
pub async fn submit(pending: PendingSignIn, Form(form): Form<Picked>) -> Result<HttpResponse, AppError> {
    verify::due(&pending, Stage::SecondStep)?;
    let kind = FactorKind::parse(&form.way).ok_or(AppError::BadRequest("Choose one of the ways listed."))?;
    Ok(see_other(verify::path_of(kind)))
}
