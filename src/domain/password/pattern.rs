//! Passwords that are long but hold nothing: repetitions and rows.

use zeroize::Zeroizing;

/// The alphabet as it lies on the keyboard, row by row.
const KEYS: &str = "1234567890qwertyuiopasdfghjklzxcvbnm";

const SAME: u8 = 1;
const UP: u8 = 2;
const DOWN: u8 = 4;
const KEY_RIGHT: u8 = 8;
const KEY_LEFT: u8 = 16;

/// Whether a lower-case text is one short piece over and over (`abcabcabc`), or made of rows and
/// runs of four and more on average (`abcdefgh12345678`, `qwertyuiop`, `aaaabbbb`).
pub(super) fn is_plain(folded: &str) -> bool {
    let mut chars = Zeroizing::new(Vec::with_capacity(folded.len()));
    chars.extend(folded.chars());
    chars.len() >= 4 && (repeats(&chars) || runs(&chars) * 4 <= chars.len())
}

/// A piece of fewer than 8 characters, at least twice; the last time may be cut short.
fn repeats(chars: &[char]) -> bool {
    (1..8).any(|n| 2 * n <= chars.len() && chars[n..].iter().zip(chars).all(|(a, b)| a == b))
}

/// How many pieces there are in each of which every step is of the same kind.
fn runs(chars: &[char]) -> usize {
    let mut runs = 1;
    let mut kinds = u8::MAX;
    for pair in chars.windows(2) {
        kinds &= steps(pair[0], pair[1]);
        if kinds == 0 {
            runs += 1;
            kinds = u8::MAX;
        }
    }
    runs
}

/// In which ways one character follows from the other.
fn steps(a: char, b: char) -> u8 {
    let (here, there) = (u32::from(a), u32::from(b));
    let mut kinds = 0;
    if a == b {
        kinds |= SAME;
    }
    if here + 1 == there || (a, b) == ('9', '0') {
        kinds |= UP;
    }
    if there + 1 == here || (a, b) == ('0', '9') {
        kinds |= DOWN;
    }
    if let (Some(here), Some(there)) = (KEYS.find(a), KEYS.find(b)) {
        if here + 1 == there {
            kinds |= KEY_RIGHT;
        }
        if there + 1 == here {
            kinds |= KEY_LEFT;
        }
    }
    kinds
}
