//! **Enter User Information**: what each field may hold. Every field is judged, so that all that is
//! wrong is said at once. ASVS 2.1.1, 2.2.1, 1.3.11.

use crate::domain::addresses;
use crate::models::users::fold;

/// The longest of a name, an address line or a city, in characters.
const TEXT: usize = 100;
const USERNAME: std::ops::RangeInclusive<usize> = 3..=64;

/// What was typed, field by field.
#[derive(Clone, Debug, Default)]
pub struct Details {
    pub username: String,
    pub first_name: String,
    pub last_name: String,
    pub address_1: String,
    pub address_2: String,
    pub city: String,
    pub state: String,
    pub zip_code: String,
    pub email: String,
    pub confirm_email: String,
    pub phone: String,
    pub fax: String,
}

/// Field and message, in the order of the page.
pub type Problems = Vec<(&'static str, String)>;

impl Details {
    /// Without the space around what was typed.
    pub fn trimmed(&self) -> Self {
        let trim = |text: &String| text.trim().to_owned();
        Self {
            username: trim(&self.username),
            first_name: trim(&self.first_name),
            last_name: trim(&self.last_name),
            address_1: trim(&self.address_1),
            address_2: trim(&self.address_2),
            city: trim(&self.city),
            state: trim(&self.state),
            zip_code: trim(&self.zip_code),
            email: trim(&self.email),
            confirm_email: trim(&self.confirm_email),
            phone: trim(&self.phone),
            fax: trim(&self.fax),
        }
    }

    /// What is wrong; nothing when all may be kept.
    pub fn problems(&self, fax_required: bool) -> Problems {
        let checks = [
            ("username", username(&self.username)),
            ("first_name", name(&self.first_name, "first name")),
            ("last_name", name(&self.last_name, "last name")),
            ("address_1", line(&self.address_1)),
            ("address_2", line(&self.address_2)),
            ("city", line(&self.city)),
            ("state", line(&self.state)),
            ("zip_code", zip_code(&self.zip_code)),
            ("email", email(&self.email)),
            ("confirm_email", self.confirmed()),
            ("phone", number(&self.phone, "phone", false)),
            ("fax", number(&self.fax, "fax", fax_required)),
        ];
        checks.into_iter().filter_map(|(field, checked)| Some((field, checked.err()?))).collect()
    }

    fn confirmed(&self) -> Result<(), String> {
        if self.confirm_email.is_empty() {
            return Err("Enter your email address again.".into());
        }
        (fold(&self.email) == fold(&self.confirm_email))
            .then_some(())
            .ok_or_else(|| "The two email addresses are not the same.".into())
    }
}

/// The rule for usernames, also where another one is chosen.
pub fn username(text: &str) -> Result<(), String> {
    if text.is_empty() {
        return Err("Enter a username.".into());
    }
    if !USERNAME.contains(&text.chars().count()) {
        return Err(format!("Use {} to {} characters.", USERNAME.start(), USERNAME.end()));
    }
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let ends_well = text.starts_with(|c: char| c.is_ascii_alphanumeric());
    (text.chars().all(fits) && ends_well)
        .then_some(())
        .ok_or_else(|| "Use letters, numbers, dots and dashes, beginning with a letter or number.".into())
}

fn name(text: &str, what: &str) -> Result<(), String> {
    if text.is_empty() {
        return Err(format!("Enter your {what}."));
    }
    line(text)?;
    // Blanks that are not trimmed, and marks that nobody sees, are no name.
    text.chars().any(char::is_alphanumeric).then_some(()).ok_or_else(|| format!("Enter your {what}."))
}

/// One line in any script; nothing in it that could break out of a line.
fn line(text: &str) -> Result<(), String> {
    if text.chars().count() > TEXT {
        return Err(format!("Use at most {TEXT} characters."));
    }
    if text.chars().any(breaks) {
        return Err("Use letters, numbers and punctuation on one line.".into());
    }
    Ok(())
}

/// Controls, separators of lines, and marks that turn the direction of writing.
fn breaks(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn zip_code(text: &str) -> Result<(), String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-');
    let ok = text.is_empty() || (text.len() <= 12 && text.chars().all(fits));
    ok.then_some(()).ok_or_else(|| "Enter a ZIP code, such as 39201 or 39201-1234.".into())
}

fn email(text: &str) -> Result<(), String> {
    if text.is_empty() {
        return Err("Enter your email address.".into());
    }
    addresses::is_email(text).then_some(()).ok_or_else(|| "Enter an email address, such as name@practice.org.".into())
}

/// A contact number is for people to read; it is never texted or called by the portal.
fn number(text: &str, what: &str, required: bool) -> Result<(), String> {
    if text.is_empty() {
        return if required { Err(format!("Enter your {what} number.")) } else { Ok(()) };
    }
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let fits = |c: char| c.is_ascii_digit() || matches!(c, '+' | '(' | ')' | '-' | '.' | ' ' | '/' | 'x');
    let ok = text.len() <= 40 && (7..=20).contains(&digits) && text.chars().all(fits);
    ok.then_some(()).ok_or_else(|| format!("Enter a {what} number with its area code, such as 601-555-0123."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> Details {
        Details {
            username: "a.new-one".into(),
            first_name: "𝒜da 🦊".into(),
            last_name: "Núñez".into(),
            email: "ada@practice.example".into(),
            confirm_email: "Ada@practice.example".into(),
            fax: "(601) 555-0123".into(),
            ..Details::default()
        }
    }

    #[test]
    fn honest_details_pass() {
        assert_eq!(good().problems(true), Problems::new());
        let no_fax = Details { fax: String::new(), ..good() };
        assert_eq!(no_fax.problems(false), Problems::new());
    }

    /// ASVS 2.2.1.
    #[test]
    fn everything_wrong_is_said_at_once() {
        let long = "a".repeat(10_000);
        let bad = Details {
            username: "no spaces".into(),
            first_name: long.clone(),
            last_name: "Two\r\nBcc: x@y.example".into(),
            address_1: long.clone(),
            address_2: "\u{202e}".into(),
            city: "\0".into(),
            state: long.clone(),
            zip_code: "<39201>".into(),
            email: "x@y.example\nBcc: z@y.example".into(),
            confirm_email: "other@y.example".into(),
            phone: "call me".into(),
            fax: String::new(),
        };
        assert_eq!(bad.problems(true).len(), 12);
        assert_eq!(Details::default().problems(true).len(), 6);
    }
}
