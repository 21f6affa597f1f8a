//! Passwords: what may be one (`check`), and how it is kept (`Hasher`).
//!
//! A password is taken as it is typed: nothing is trimmed, cut or case folded. Only its Unicode
//! form is settled (NFC), for keyboards and systems differ in how they write the same letter.
//! NIST SP 800-63B-4 section 3.1.1.2; ASVS 6.2.8.

pub mod blocklist;
mod context;
mod hasher;
mod pattern;
mod policy;
mod queue;
mod stored;
#[cfg(test)]
mod tests;
mod worker;

pub use hasher::{HashError, Hasher, PATIENCE, Verdict};
pub use policy::{Context, MIN_CHARACTERS, MIN_CHARACTERS_WITH_MFA, Refusal, Word, check};

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::db::Fault;

/// The longest password in code points. ASVS 6.2.9 asks for 64 at the least.
pub const MAX_CHARACTERS: usize = 256;

/// The longest password in bytes of UTF-8: what one request may make the server hash.
pub const MAX_BYTES: usize = 1024;

impl From<HashError> for Fault {
    /// A storm of sign-ins passes; everything else is a fault.
    fn from(error: HashError) -> Self {
        match error {
            HashError::Busy { retry_after_seconds } => Self::Busy { retry_after_seconds },
            error => Self::Other(error.to_string()),
        }
    }
}

/// The NFC form; `None` when that is longer than [`MAX_BYTES`].
fn normalize(text: &str) -> Option<Zeroizing<String>> {
    // Taken apart (NFD), a text is at most about three times as long; more is not worth a look.
    if text.len() > 4 * MAX_BYTES {
        return None;
    }
    // Room for the longest result, so that growing leaves no copy behind.
    let mut out = Zeroizing::new(String::with_capacity(3 * text.len()));
    out.extend(text.nfc());
    (out.len() <= MAX_BYTES).then_some(out)
}

/// Lower case, for comparison with lists of words only.
fn fold(text: &str) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(3 * text.len()));
    out.extend(text.chars().flat_map(char::to_lowercase));
    out
}
