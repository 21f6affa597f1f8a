//! What the frame around every page needs to know, what a failed form carries, and a few words and
//! masks that several pages share. Plain data: handlers fill it, templates read it.

use super::console::Console;
pub use crate::domain::masks::{mask_email, mask_phone, speak_phone};

/// The part of a page that is the same everywhere: head, bars, banner, footer.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// The installation's name, such as "Vestibule demo".
    pub installation: String,
    pub theme: Theme,
    /// Shows the banner that leads to the sandbox.
    pub demo: bool,
    /// The token every POST form carries.
    pub csrf: String,
    /// Said once, on the page after the act.
    pub flash: Option<Flash>,
    /// Nobody on signed-out pages.
    pub user: Option<CurrentUser>,
    pub here: Here,
    /// A sign-in on its way: the bar has no places to go to.
    pub half_made: bool,
    /// The side list of the console, on its pages.
    pub console: Option<Console>,
}

impl Frame {
    /// Whether the navigation marks this place as the current one.
    pub fn is_here(&self, place: &str) -> bool {
        matches!(
            (self.here, place),
            (Here::Home, "home") | (Here::Security, "security") | (Here::Administration, "administration")
        )
    }
}

/// The appearance a person chose; `System` leaves it to the browser.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    /// Reads the cookie; anything unknown is `System`.
    pub fn from_cookie(value: &str) -> Self {
        match value {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::System,
        }
    }

    /// What was chosen, in words.
    pub fn words(&self) -> &'static str {
        match self {
            Self::System => "As this device is set",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }

    /// The value of `data-theme`, which is left out for `System`.
    pub fn attribute(&self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }
}

/// Where in the main navigation a page stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Here {
    Home,
    Security,
    Administration,
    #[default]
    Elsewhere,
}

/// How a notice or badge is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    Ok,
    #[default]
    Info,
    Warn,
    Bad,
}

impl Kind {
    /// The class in the style sheet.
    pub fn class(&self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }
}

/// A message for the next page.
#[derive(Clone, Debug)]
pub struct Flash {
    pub kind: Kind,
    pub text: String,
}

/// Who is signed in, as the profile menu shows it.
#[derive(Clone, Debug, Default)]
pub struct CurrentUser {
    pub name: String,
    pub initials: String,
    pub email: String,
    /// "Member", "Administrator", "Account Holder" or "Operator".
    pub role: String,
    /// The current organization's name.
    pub organization: Option<String>,
    pub several_organizations: bool,
    /// Shows Administration.
    pub administers: bool,
    /// The time until which this browser is remembered for this person, in their zone.
    pub remembered_until: Option<String>,
}

/// A word with a meaning, shown as a pill: icon and text, never color alone.
#[derive(Clone, Debug)]
pub struct Badge {
    pub kind: Kind,
    pub text: String,
}

impl Badge {
    pub fn new(kind: Kind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }
}

/// A link with its words.
#[derive(Clone, Debug)]
pub struct Link {
    pub text: String,
    pub url: String,
}

impl Link {
    pub fn new(text: impl Into<String>, url: impl Into<String>) -> Self {
        Self { text: text.into(), url: url.into() }
    }
}

/// Something to know now, in a colored box.
#[derive(Clone, Debug)]
pub struct Notice {
    pub kind: Kind,
    pub title: String,
    pub text: String,
    pub link: Option<Link>,
}

/// What is wrong with a form: one message per field, in the order of the page. A message under the
/// empty name belongs to the whole form.
#[derive(Clone, Debug, Default)]
pub struct FormErrors {
    messages: Vec<(String, String)>,
    /// A field and what was typed there, which nobody has judged.
    typed: Option<(String, String)>,
}

/// Characters that are given back; every code is far shorter.
const KEPT: usize = 64;

impl FormErrors {
    /// Errors with one entry.
    pub fn one(field: &str, message: impl Into<String>) -> Self {
        let mut errors = Self::default();
        errors.add(field, message);
        errors
    }

    /// Keeps the first message per field: two at once help nobody.
    pub fn add(&mut self, field: &str, message: impl Into<String>) {
        if !self.has(field) {
            self.messages.push((field.to_owned(), message.into()));
        }
    }

    pub fn has(&self, field: &str) -> bool {
        self.get(field).is_some()
    }

    pub fn get(&self, field: &str) -> Option<&str> {
        self.messages.iter().find(|(name, _)| name == field).map(|(_, message)| message.as_str())
    }

    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// Gives a code back that cannot be one, so that what was typed can be mended.
    pub fn keeping(self, field: &str, typed: &str) -> Self {
        Self { typed: Some((field.to_owned(), typed.chars().take(KEPT).collect())), ..self }
    }

    /// What was typed into a field, where it is given back.
    pub fn typed(&self, field: &str) -> &str {
        self.typed.as_ref().filter(|(name, _)| name == field).map_or("", |(_, typed)| typed)
    }

    /// Pairs of field name and message.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.messages.iter().map(|(name, message)| (name.as_str(), message.as_str()))
    }

    /// What the page's title starts with, so that the tab and a screen reader tell at once.
    pub fn title_prefix(&self) -> &'static str {
        if self.is_empty() { "" } else { "Error: " }
    }
}

/// How a code that was asked for stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Delivery {
    /// Handed over; it can be typed in.
    #[default]
    Ready,
    /// Not handed over yet.
    Sending,
    /// Given up.
    Failed,
    /// Handed over, and its life is over.
    Expired,
}

impl Delivery {
    pub fn is_ready(&self) -> bool {
        *self == Self::Ready
    }

    /// Whether its page has a field for it: one may arrive before its handing over is noted.
    pub fn takes_code(self) -> bool {
        matches!(self, Self::Ready | Self::Sending)
    }

    pub fn is_sending(&self) -> bool {
        *self == Self::Sending
    }

    pub fn is_failed(&self) -> bool {
        *self == Self::Failed
    }

    pub fn is_expired(&self) -> bool {
        *self == Self::Expired
    }
}

/// How long a code works: the seconds left, its whole life, and the clock time of its end.
#[derive(Clone, Debug, Default)]
pub struct CodeLife {
    pub seconds_left: i64,
    pub total_seconds: i64,
    /// In the person's zone, with seconds for lives under two minutes: "2:47:10 PM".
    pub until: String,
}

/// When another code may be sent; nothing to wait for at 0 seconds.
#[derive(Clone, Debug, Default)]
pub struct ResendWait {
    pub seconds: i64,
    /// The clock time, "1:31 PM".
    pub at: String,
}

/// One of several phones to choose from.
#[derive(Clone, Debug, Default)]
pub struct PhoneChoice {
    /// The factor's id, posted as `factor`.
    pub id: String,
    /// The name its owner gave it, if any.
    pub name: Option<String>,
    /// From `mask_phone` and `speak_phone`.
    pub masked: String,
    pub spoken: String,
}

impl PhoneChoice {
    pub fn new(id: impl Into<String>, name: Option<String>, number: &str) -> Self {
        Self { id: id.into(), name, masked: mask_phone(number), spoken: speak_phone(number) }
    }
}

/// The first letters of the first and last word, for the round picture.
pub fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().next());
    let first = words.next();
    first.into_iter().chain(words.next_back()).flat_map(char::to_uppercase).collect()
}

/// "1 second", "2 seconds": a number with its noun.
pub fn count(number: i64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_take_the_first_and_the_last_word() {
        assert_eq!(initials("Daniyel Marco Bezaury"), "DB");
        assert_eq!(initials("prince"), "P");
        assert_eq!(initials(""), "");
    }

    #[test]
    fn a_field_has_one_error_and_the_title_says_so() {
        let mut errors = FormErrors::one("email", "Enter your email address.");
        errors.add("email", "Another.");
        errors.add("code", "Enter the 6-digit code.");
        assert_eq!(errors.get("email"), Some("Enter your email address."));
        assert_eq!(errors.iter().count(), 2);
        assert_eq!(errors.title_prefix(), "Error: ");
        assert_eq!(FormErrors::default().title_prefix(), "");
    }
}
