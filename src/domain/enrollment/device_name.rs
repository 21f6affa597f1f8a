//! What people call their devices: short, visible, different from each other.

use unicode_normalization::UnicodeNormalization;

use crate::domain::limits::DEVICE_NAME_LENGTH;
use crate::models::FactorState;
use crate::models::factors::Factor;
use crate::models::users::fold;

/// What is wrong with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameProblem {
    Empty,
    TooLong,
    /// Control characters, or marks that turn the direction of writing.
    Characters,
    /// Another device of the same person is called so, case apart.
    Taken,
}

/// The name as it is kept: NFC, without space around it.
pub fn check(text: &str, present: &[Factor]) -> Result<String, NameProblem> {
    let name: String = text.trim().nfc().collect();
    if name.chars().any(is_invisible) {
        return Err(NameProblem::Characters);
    }
    match name.chars().count() {
        0 => return Err(NameProblem::Empty),
        n if n > DEVICE_NAME_LENGTH => return Err(NameProblem::TooLong),
        _ => {}
    }
    let taken = |f: &Factor| f.state != FactorState::Pending && fold(&f.name) == fold(&name);
    if present.iter().any(taken) { Err(NameProblem::Taken) } else { Ok(name) }
}

/// Controls, separators of lines, direction marks, and letters without a shape. The zero-width joiner
/// stays: it holds emoji together.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}' | '\u{200c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_trimmed_and_has_up_to_sixty_characters() {
        assert_eq!(check("  Dana’s iPhone ", &[]).as_deref(), Ok("Dana’s iPhone"));
        assert_eq!(check("<b>Phone</b>", &[]).as_deref(), Ok("<b>Phone</b>"));
        assert_eq!(check("e\u{301}", &[]).as_deref(), Ok("é"));
        assert_eq!(check(&"é".repeat(60), &[]).map(|n| n.chars().count()), Ok(60));
        assert_eq!(check(&"é".repeat(61), &[]), Err(NameProblem::TooLong));
        assert_eq!(check(" \t ", &[]), Err(NameProblem::Empty));
    }

    #[test]
    fn nothing_that_cannot_be_seen_is_taken() {
        for bad in ["a\nb", "a\0b", "\u{1b}[31m", "a\u{202e}b", "a\u{2028}b", "\u{200b}", "a\u{7}"] {
            assert_eq!(check(bad, &[]), Err(NameProblem::Characters), "{bad:?}");
        }
    }
}
