//! Every message in words: one struct each, with its subject, text and HTML under
//! `templates/messages/`.
//!
//! Whatever a person or a browser supplied comes in as [`Line`], so that it cannot add a line; the
//! HTML templates escape it.

use askama::Template;
use url::Url;

use super::line::Line;
use super::message::Email;

/// Who writes: the same on every message of an installation and organization.
#[derive(Clone, Debug)]
pub struct Letterhead {
    pub(super) product: Line,
    pub(super) organization: Option<Line>,
    pub(super) base_url: String,
    pub(super) host: String,
}

impl Letterhead {
    /// `base_url` is the portal's own address, as people type it.
    pub fn new(product: impl Into<Line>, organization: Option<Line>, base_url: &Url) -> Self {
        Self {
            product: product.into(),
            organization: organization.filter(|name| !name.is_empty()),
            base_url: base_url.as_str().trim_end_matches('/').to_owned(),
            host: base_url.host_str().unwrap_or_default().to_owned(),
        }
    }
}

/// Who reads.
#[derive(Clone, Debug)]
pub struct Recipient {
    pub address: String,
    pub name: Option<Line>,
}

impl Recipient {
    pub(super) fn shown(&self) -> Line {
        Line::new(&self.address)
    }
}

/// Who asked: the time in the reader's zone, the browser in words, the address.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Such as "today at 1:12 PM Central".
    pub when: Line,
    /// Such as "Chrome on Windows", derived from the User-Agent.
    pub browser: Line,
    /// An IP address.
    pub address: Line,
}

/// A message that goes out by e-mail.
pub trait Message {
    fn email(&self, letterhead: &Letterhead, to: &Recipient) -> askama::Result<Email>;
}

/// The code of a sign-in by e-mail.
pub struct SignInCode {
    pub code: String,
    pub life_seconds: u32,
    pub asked: Asked,
}

/// The code that shows that an address is somebody's: registration, a new address, a forgotten password.
pub struct VerifyAddressCode {
    pub code: String,
    pub life_seconds: u32,
    pub asked: Asked,
}

/// A recovery code was used. ASVS 6.3.7.
pub struct RecoveryCodeUsed {
    pub left: u32,
    pub asked: Asked,
}

/// The password was right, the code was wrong so many times. ASVS 6.3.5.
pub struct WrongSecondFactor {
    pub tries: u32,
    pub asked: Asked,
}

/// Somebody signed in from a browser not seen before. ASVS 6.3.5.
pub struct NewDevice {
    pub asked: Asked,
}

/// A sign-in worked after so many that did not. ASVS 6.3.5.
pub struct SignInAfterFailures {
    pub failures: u32,
    pub asked: Asked,
}

/// A code that had been used was entered again. ASVS 6.3.5.
pub struct CodeReused {
    /// Such as "authenticator app".
    pub factor: Line,
    pub asked: Asked,
}

/// A kind of factor is paused after wrong codes.
pub struct FactorPaused {
    /// Such as "authenticator app".
    pub factor: Line,
    pub tries: u32,
    /// Such as "1:27 PM Central".
    pub until: Line,
    pub asked: Asked,
}

/// A factor is off after too many wrong codes; to the user.
pub struct FactorSwitchedOff {
    pub factor: Line,
    pub tries: u32,
    pub asked: Asked,
}

/// The same, to those who look after the user.
pub struct FactorSwitchedOffAdmin {
    /// The user's full name.
    pub person: Line,
    pub username: Line,
    /// Leads to Edit User.
    pub user_id: uuid::Uuid,
    pub factor: Line,
    pub tries: u32,
    pub asked: Asked,
}

/// A factor was added. ASVS 6.3.7.
pub struct FactorAdded {
    /// Such as "authenticator app".
    pub factor: Line,
    /// What its owner called it.
    pub name: Line,
    pub asked: Asked,
}

/// The password is off after too many wrong ones.
pub struct PasswordSwitchedOff {
    pub tries: u32,
    pub asked: Asked,
}

impl SignInCode {
    fn life(&self) -> String {
        in_words(self.life_seconds)
    }
}

impl VerifyAddressCode {
    fn life(&self) -> String {
        in_words(self.life_seconds)
    }
}

/// Renders a message from its three templates.
macro_rules! message {
    ($message:ident, $subject:tt, $text:tt, $html:tt) => {
        impl Message for $message {
            fn email(&self, letterhead: &Letterhead, to: &Recipient) -> askama::Result<Email> {
                #[derive(Template)]
                #[template(path = $subject, escape = "none")]
                #[allow(dead_code, reason = "not every subject names both")]
                struct Subject<'a> {
                    m: &'a $message,
                    l: &'a Letterhead,
                }
                #[derive(Template)]
                #[template(path = $text, escape = "none")]
                struct Text<'a> {
                    m: &'a $message,
                    l: &'a Letterhead,
                    to: &'a Recipient,
                }
                #[derive(Template)]
                #[template(path = $html, escape = "html")]
                struct Html<'a> {
                    m: &'a $message,
                    l: &'a Letterhead,
                    to: &'a Recipient,
                    subject: &'a str,
                }
                let subject = Line::new(&Subject { m: self, l: letterhead }.render()?).to_string();
                let text = tidy(&Text { m: self, l: letterhead, to }.render()?);
                let html = Html { m: self, l: letterhead, to, subject: &subject }.render()?;
                let to_name = to.name.as_ref().map(Line::to_string);
                Ok(Email { to: to.address.clone(), to_name, subject, text, html })
            }
        }
    };
}

// Behind the macro, which they use.
mod account;
mod administration;
mod security;
mod self_reset;
mod settings;
mod tokens;

pub use account::{DomainLinked, DomainUnlinked, NoPasswordHere, PasswordChanged};
pub use administration::{AccountChanged, MfaReset, MfaResetAdmin, OperatorActed};
pub(super) use message;
pub use security::{AddressWanted, EmailChanged, FactorRemoved, PasswordReplaced, RecoveryCodesMade};
pub use self_reset::{
    SelfResetCanceled, SelfResetDecided, SelfResetDisowned, SelfResetDone, SelfResetDoneAdmin, SelfResetElsewhere,
    SelfResetLink, SelfResetReady, SelfResetRefused, SelfResetReview,
};
pub use settings::SecuritySettingsChanged;
pub use tokens::{TokenChange, TokenChanged};

message!(SignInCode, "messages/sign_in_code.subject", "messages/sign_in_code.txt", "messages/sign_in_code.html");
message!(
    VerifyAddressCode,
    "messages/verify_address_code.subject",
    "messages/verify_address_code.txt",
    "messages/verify_address_code.html"
);
message!(
    RecoveryCodeUsed,
    "messages/recovery_code_used.subject",
    "messages/recovery_code_used.txt",
    "messages/recovery_code_used.html"
);
message!(
    WrongSecondFactor,
    "messages/wrong_second_factor.subject",
    "messages/wrong_second_factor.txt",
    "messages/wrong_second_factor.html"
);
message!(NewDevice, "messages/new_device.subject", "messages/new_device.txt", "messages/new_device.html");
message!(
    SignInAfterFailures,
    "messages/sign_in_after_failures.subject",
    "messages/sign_in_after_failures.txt",
    "messages/sign_in_after_failures.html"
);
message!(CodeReused, "messages/code_reused.subject", "messages/code_reused.txt", "messages/code_reused.html");
message!(FactorPaused, "messages/factor_paused.subject", "messages/factor_paused.txt", "messages/factor_paused.html");
message!(
    FactorSwitchedOff,
    "messages/factor_switched_off.subject",
    "messages/factor_switched_off.txt",
    "messages/factor_switched_off.html"
);
message!(
    FactorSwitchedOffAdmin,
    "messages/factor_switched_off_admin.subject",
    "messages/factor_switched_off_admin.txt",
    "messages/factor_switched_off_admin.html"
);
message!(FactorAdded, "messages/factor_added.subject", "messages/factor_added.txt", "messages/factor_added.html");
message!(
    PasswordSwitchedOff,
    "messages/password_switched_off.subject",
    "messages/password_switched_off.txt",
    "messages/password_switched_off.html"
);

/// The code of a sign-in or of a phone to be verified, as a text message. Phones that know the last
/// line offer to fill the code in, on our host only.
#[derive(Template)]
#[template(path = "messages/code.sms", escape = "none")]
struct CodeSms<'a> {
    l: &'a Letterhead,
    code: &'a str,
    life: String,
}

/// The text message that carries a code.
pub fn code_sms(letterhead: &Letterhead, code: &str, life_seconds: u32) -> askama::Result<String> {
    Ok(tidy(&CodeSms { l: letterhead, code, life: in_words(life_seconds) }.render()?))
}

/// "30 seconds", "90 seconds", "1 minute", "10 minutes", "24 hours": never rounded.
pub(super) fn in_words(seconds: u32) -> String {
    let (count, unit) = match seconds {
        s if s >= 3_600 && s % 3_600 == 0 => (s / 3_600, "hour"),
        s if s >= 60 && s % 60 == 0 => (s / 60, "minute"),
        s => (s, "second"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// Templates leave blank lines where a block ends: at most one is kept, none at the ends.
pub(super) fn tidy(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len());
    let mut blank = false;
    for line in text.lines().map(str::trim_end) {
        if line.is_empty() {
            blank = !tidy.is_empty();
            continue;
        }
        if blank {
            tidy.push('\n');
        }
        if !tidy.is_empty() {
            tidy.push('\n');
        }
        tidy.push_str(line);
        blank = false;
    }
    tidy
}
