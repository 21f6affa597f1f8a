//! Text from people and browsers, made fit for a header, a subject or a line of a message.

use std::fmt;

use crate::domain::limits::REASON_LENGTH;

/// Longest line kept, in characters: far above honest names, short enough for a header.
const LONGEST: usize = 120;
/// Longest text kept in the body of a message, in characters: `limits::REASON_LENGTH`.
const LONGEST_SENTENCE: usize = REASON_LENGTH;

/// One line of text: no control characters, no marks that turn the direction of writing, bounded.
///
/// Whatever a person or a browser supplied enters a message only as this, so that nobody can add a
/// header, a line or a second code. ASVS 1.3.11, 16.4.1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line(String);

impl Line {
    pub fn new(text: &str) -> Self {
        Self::bounded(text, LONGEST)
    }

    /// For the body of a message alone: a reason, as long as one may be.
    pub fn sentence(text: &str) -> Self {
        Self::bounded(text, LONGEST_SENTENCE)
    }

    fn bounded(text: &str, longest: usize) -> Self {
        let spaced: String = text.chars().map(|c| if breaks(c) { ' ' } else { c }).collect();
        let mut line = String::with_capacity(spaced.len());
        for word in spaced.split_whitespace() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        if line.chars().count() > longest {
            line = line.chars().take(longest - 1).chain(['…']).collect();
        }
        Self(line)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Controls, line and paragraph separators, direction overrides and isolates, the byte order mark.
fn breaks(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

impl From<&str> for Line {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Line {
    fn from(text: String) -> Self {
        Self::new(&text)
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
