//! Which passwords may be set: length, no leaked ones, no names that lie at hand, no patterns.
//! No rules on which kinds of characters. NIST SP 800-63B-4 section 3.1.1.2; ASVS 6.1.2, 6.2.1,
//! 6.2.4, 6.2.5, 6.2.9, 6.2.11, 6.2.12.

use super::{MAX_CHARACTERS, blocklist, context, fold, normalize, pattern};
use crate::secrets::Secret;

/// The fewest code points of a password that signs in alone.
pub const MIN_CHARACTERS: usize = 15;

/// The fewest code points where the managing organization enforces multi-factor authentication.
/// No setting goes below.
pub const MIN_CHARACTERS_WITH_MFA: usize = 8;

/// Whose password it is to be: the names that must not be in it.
#[derive(Debug, Clone)]
pub struct Context<'a> {
    /// In code points; [`MIN_CHARACTERS_WITH_MFA`] at the least, whatever stands here.
    pub min_length: usize,
    /// Every organization the person belongs to.
    pub organizations: Vec<&'a str>,
    /// What the operator calls this installation.
    pub installation: &'a str,
    /// The address, or only what stands before the `@`.
    pub email: &'a str,
    pub username: &'a str,
    pub first_name: &'a str,
    pub last_name: &'a str,
}

impl Context<'_> {
    /// No names yet; the length is that for the managing organization's rule.
    pub fn new(mfa_enforced: bool) -> Self {
        Self {
            min_length: if mfa_enforced { MIN_CHARACTERS_WITH_MFA } else { MIN_CHARACTERS },
            organizations: Vec::new(),
            installation: "",
            email: "",
            username: "",
            first_name: "",
            last_name: "",
        }
    }
}

/// Why a password was refused; prints as what to tell its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("Use at least {min} characters.")]
    TooShort { min: usize },
    #[error("Use at most {MAX_CHARACTERS} characters.")]
    TooLong,
    /// A NUL character: no keyboard makes one, and some systems cut a text there.
    #[error("This password has a character that cannot be used. Choose another one.")]
    Nul,
    #[error("Do not use repeated characters or rows such as 12345 or abcde. Choose another one.")]
    Pattern,
    #[error("{0}")]
    Name(Word),
    #[error("This password has appeared in a data leak. Choose another one.")]
    Leaked,
}

/// Whose name was in the password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Word {
    #[error("Do not use the name of your organization.")]
    Organization,
    #[error("Do not use the name of this product.")]
    Product,
    #[error("Do not use the name of this site.")]
    Installation,
    #[error("Do not use your email address.")]
    Email,
    #[error("Do not use your username.")]
    Username,
    #[error("Do not use your first name.")]
    FirstName,
    #[error("Do not use your last name.")]
    LastName,
}

/// Whether this may become somebody's password.
///
/// # Errors
/// The first reason against it.
pub fn check(password: &Secret<String>, context: &Context) -> Result<(), Refusal> {
    let text = normalize(password.expose()).ok_or(Refusal::TooLong)?;
    let min = context.min_length.max(MIN_CHARACTERS_WITH_MFA);
    let length = text.chars().count();
    if length > MAX_CHARACTERS {
        return Err(Refusal::TooLong);
    }
    if text.contains('\0') {
        return Err(Refusal::Nul);
    }
    if length < min {
        return Err(Refusal::TooShort { min });
    }

    let folded = fold(&text);
    if pattern::is_plain(&folded) {
        return Err(Refusal::Pattern);
    }
    if let Some(word) = context::find(&folded, context) {
        return Err(Refusal::Name(word));
    }
    if is_leaked(&folded) {
        return Err(Refusal::Leaked);
    }
    Ok(())
}

/// Whether it is on the list, as it is or without what people add to a password they know:
/// a year, a count, an exclamation mark.
fn is_leaked(folded: &str) -> bool {
    if blocklist::contains(folded) {
        return true;
    }
    let word = folded.trim_matches(is_affix);
    // Shorter ones hold no secret, but then neither do they spoil what stands around them.
    if word == folded || word.chars().count() < 4 || !blocklist::contains(word) {
        return false;
    }
    let start = folded.len() - folded.trim_start_matches(is_affix).len();
    let affix = format!("{}{}", &folded[..start], &folded[start + word.len()..]);
    is_guessable(&zeroize::Zeroizing::new(affix))
}

fn is_affix(c: char) -> bool {
    c.is_numeric() || c.is_ascii_punctuation() || c.is_whitespace()
}

/// Whether the rest of a password adds next to nothing to the word in it: a date's length, a row
/// of digits, or again on the list.
pub(super) fn is_guessable(rest: &str) -> bool {
    rest.chars().count() <= 8 || pattern::is_plain(rest) || blocklist::contains(rest)
}
