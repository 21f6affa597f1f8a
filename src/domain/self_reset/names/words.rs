//! A name taken apart into words that can be compared.

use deunicode::deunicode_char;
use unicode_normalization::UnicodeNormalization;
use unicode_script::{Script, UnicodeScript};

/// The words of one part of a name.
pub struct Words {
    /// Each word in the spellings it may have in Latin letters.
    pub list: Vec<Vec<String>>,
    /// All of it without spaces, particles too, in the same spellings.
    joined: Vec<String>,
    /// As it was written, lower case.
    pub plain: String,
    /// Letters of several scripts in one word, or characters without a shape.
    pub deceptive: bool,
}

/// What is said before or after a name and is none.
const TITLES: &[&str] = &["dr", "mr", "mrs", "ms", "miss", "mx", "prof", "sir", "dame", "rev"];
const SUFFIXES: &[&str] = &[
    "jr", "sr", "ii", "iii", "iv", "v", "esq", "md", "do", "phd", "dds", "dmd", "rn", "np", "pa", "crna", "facs", "mph",
];
/// What joins parts of a family name and is often left out.
const PARTICLES: &[&str] = &[
    "de", "da", "do", "dos", "das", "del", "della", "di", "du", "la", "le", "las", "los", "van", "von", "der", "den",
    "ter", "ten", "zu", "zur", "af", "av", "al", "el", "bin", "ibn", "bint", "ben", "y", "e", "st", "san", "ap", "ab",
];

impl Words {
    pub fn of(text: &str) -> Self {
        let text: String = text.nfkc().collect::<String>().to_lowercase();
        let deceptive = text.chars().any(is_unseen) || words_of(&text).any(|word| mixes_scripts(&word));
        let bare: Vec<String> = words_of(&text).collect();
        let last = bare.len().saturating_sub(1);
        let is_name = |(i, word): &(usize, &String)| {
            let plain = word.as_str();
            let title = *i == 0 && last > 0 && TITLES.contains(&plain);
            let suffix = *i > 0 && SUFFIXES.contains(&plain);
            !title && !suffix
        };
        let names: Vec<&String> = bare.iter().enumerate().filter(is_name).map(|(_, word)| word).collect();
        let weighty: Vec<&&String> = names.iter().filter(|word| !PARTICLES.contains(&word.as_str())).collect();
        // A family called Le or Do has nothing else.
        let kept: Vec<&String> =
            if weighty.is_empty() { names.clone() } else { weighty.into_iter().copied().collect() };
        let list = kept.into_iter().map(|word| spellings(word)).filter(|spellings| !spellings.is_empty()).collect();
        let joined = spellings(&names.into_iter().map(String::as_str).collect::<String>());
        Self { list, joined, plain: bare.join(" "), deceptive }
    }

    /// An initial alone says nothing.
    pub fn is_initial(&self) -> bool {
        matches!(self.list.as_slice(), [only] if only.iter().all(|w| w.chars().count() < 2) && self.plain.is_ascii())
    }

    /// The same letters, wherever the spaces are: "Mary Jane" and "Maryjane", "Al-Masri" and "Almasri".
    pub fn joined_equals(&self, other: &Self) -> bool {
        !self.list.is_empty() && !other.list.is_empty() && same(&self.joined, &other.joined)
    }
}

/// Whether two words may be the same: one spelling in common.
pub fn same(one: &[String], other: &[String]) -> bool {
    one.iter().any(|a| other.contains(a))
}

/// Letters between anything that is none; apostrophes within a word are left out.
fn words_of(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| c.is_whitespace() || matches!(c, '-' | '‐' | '‑' | '–' | '.' | ',' | '/' | '·' | '・'))
        .map(|word| word.chars().filter(|c| c.is_alphanumeric() || is_mark(*c)).collect::<String>())
        .filter(|word| !word.is_empty())
}

fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

/// The spellings a word has in Latin letters: without its accents, and as German and the Nordic languages
/// write them out.
fn spellings(word: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    for c in word.chars() {
        let ways: &[&str] = match c {
            'ä' | 'æ' => &["a", "ae"],
            'ö' | 'ø' | 'œ' => &["o", "oe"],
            'ü' => &["u", "ue"],
            'å' => &["a", "aa"],
            'ß' => &["ss"],
            'ð' => &["d", "dh"],
            _ => &[],
        };
        // More than a few of them in one word is no name.
        if ways.is_empty() || found.len() > 16 {
            let plain: String = deunicode_char(c).unwrap_or_default().to_lowercase();
            found.iter_mut().for_each(|way| way.push_str(&plain));
        } else {
            found = ways.iter().flat_map(|way| found.iter().map(move |begun| format!("{begun}{way}"))).collect();
        }
    }
    found.iter_mut().for_each(|way| way.retain(|c| c.is_ascii_alphanumeric()));
    found.retain(|way| !way.is_empty());
    found
}

/// Latin with Cyrillic, and the like. Japanese writes with three scripts.
fn mixes_scripts(word: &str) -> bool {
    let mut seen: Option<Script> = None;
    for c in word.chars() {
        let script = match c.script() {
            Script::Common | Script::Inherited => continue,
            Script::Hiragana | Script::Katakana => Script::Han,
            script => script,
        };
        if seen.is_some_and(|before| before != script) {
            return true;
        }
        seen = Some(script);
    }
    false
}

/// Controls, direction marks, letters without a shape.
fn is_unseen(c: char) -> bool {
    (c.is_control() && !c.is_whitespace())
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}
