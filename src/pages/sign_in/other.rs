//! **Try another way**: what this person has, and an organization of theirs allows.

use askama::Template;

use crate::web::view::Frame;

/// GET and POST /login/verify/other: `way`, one of `WayKind::value`.
#[derive(Template, Default)]
#[template(path = "sign_in/other.html")]
pub struct OtherPage {
    pub frame: Frame,
    pub asked_by: Option<String>,
    pub ways: Vec<Way>,
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
