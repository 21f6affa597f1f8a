//! Names that lie at hand for whoever guesses: those of the organization, the product and the
//! person. ASVS 6.1.2, 6.2.11.

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::policy::{Context, Word, is_guessable};

/// Shorter words are part of too many others to be taken out of the middle of a password.
const LONG: usize = 4;

/// The name that a lower-case password is made of, if next to nothing else is in it.
pub(super) fn find(folded: &str, context: &Context) -> Option<Word> {
    let password = Zeroizing::new(squeeze(folded));
    let mut rest = password.clone();
    let mut found = None;
    for (term, word) in terms(context) {
        if term.chars().count() < LONG {
            if is_number(&Zeroizing::new(password.replacen(&term, "", 1)), &password) {
                return Some(word);
            }
        } else if rest.contains(&term) {
            rest = Zeroizing::new(rest.replace(&term, ""));
            found = found.or(Some(word));
        }
    }
    let letters = rest.chars().filter(|c| c.is_alphabetic()).count();
    found.filter(|_| letters < LONG && is_guessable(&rest))
}

/// Whether taking out a short name left nothing but a short number.
fn is_number(rest: &str, password: &str) -> bool {
    rest.len() < password.len() && rest.chars().all(char::is_numeric) && is_guessable(rest)
}

/// Every name, whole and in words, longest first: a long one may hold a shorter one.
fn terms(context: &Context) -> Vec<(String, Word)> {
    let local_part = context.email.split('@').next().unwrap_or_default();
    let names = context.organizations.iter().map(|name| (*name, Word::Organization)).chain([
        ("vestibule", Word::Product),
        (context.installation, Word::Installation),
        (local_part, Word::Email),
        (context.username, Word::Username),
        (context.first_name, Word::FirstName),
        (context.last_name, Word::LastName),
    ]);
    let mut terms = Vec::new();
    for (name, word) in names {
        let words = name.split(|c: char| !c.is_alphanumeric()).map(squeeze);
        terms.extend(words.filter(|w| w.chars().count() >= LONG).map(|w| (w, word)));
        let whole = squeeze(name);
        if whole.chars().count() >= 2 {
            terms.push((whole, word));
        }
    }
    terms.sort_by_key(|(term, _)| std::cmp::Reverse(term.chars().count()));
    terms
}

/// Letters and digits only, in lower case: "St. Mary's" and "stmarys" are the same name.
fn squeeze(name: &str) -> String {
    name.nfc().flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric()).collect()
}
