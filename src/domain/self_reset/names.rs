//! Whether the name on an identity document is the name of an account: accents, transliteration,
//! order, hyphens, middle names, suffixes and nicknames don't matter; another name does, and so do
//! letters that only look alike. What is not clear goes to a person. SPEC section 9.

mod nicknames;
#[cfg(test)]
mod tests;
mod words;

use words::{Words, same};

/// A name in two parts, as a form or a document gives it.
#[derive(Clone, Debug)]
pub struct Name {
    pub first: String,
    pub last: String,
}

/// What was found, in words for the reviewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    SameName,
    /// Accents, transliteration, hyphens or particles were written otherwise.
    WrittenOtherwise,
    Nickname,
    /// First and last name change places.
    Swapped,
    /// One side has further given or family names.
    FurtherNames,
    DifferentFirstName,
    DifferentLastName,
    DifferentMiddleName,
    /// Letters of several scripts in one word, or marks that cannot be seen.
    LookAlikeLetters,
    /// Nothing to compare, or an initial alone.
    TooShort,
}

impl Reason {
    pub fn words(self) -> &'static str {
        match self {
            Self::SameName => "the same name",
            Self::WrittenOtherwise => "written otherwise: accents, transliteration or hyphens",
            Self::Nickname => "a short form of the first name",
            Self::Swapped => "first and last name in the other order",
            Self::FurtherNames => "further names on one side",
            Self::DifferentFirstName => "another first name",
            Self::DifferentLastName => "another last name",
            Self::DifferentMiddleName => "another middle name",
            Self::LookAlikeLetters => "letters that only look alike",
            Self::TooShort => "too little to compare",
        }
    }
}

/// How two names compare.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// Whether no person has to look at it.
    pub passes: bool,
    /// 100 for the same name, 0 for nothing in common.
    pub score: u8,
    pub reasons: Vec<Reason>,
}

/// Compares the name of an account with the name on a document.
pub fn compare(account: &Name, document: &Name) -> Comparison {
    let sides = [&account.first, &account.last, &document.first, &document.last].map(|text| Words::of(text));
    if sides.iter().any(|words| words.deceptive) {
        return Comparison { passes: false, score: 0, reasons: vec![Reason::LookAlikeLetters] };
    }
    let [first, last, doc_first, doc_last] = &sides;
    let straight = pair((first, last), (doc_first, doc_last));
    if straight.passes {
        return straight;
    }
    let mut swapped = pair((first, last), (doc_last, doc_first));
    if swapped.passes {
        swapped.reasons.insert(0, Reason::Swapped);
        swapped.score = swapped.score.saturating_sub(5);
        return swapped;
    }
    if swapped.score > straight.score { swapped } else { straight }
}

/// Given names against given names, family names against family names.
fn pair((first, last): (&Words, &Words), (doc_first, doc_last): (&Words, &Words)) -> Comparison {
    let mut reasons = Vec::new();
    if [first, last, doc_first, doc_last].iter().any(|words| words.is_initial()) {
        return Comparison { passes: false, score: 20, reasons: vec![Reason::TooShort] };
    }
    let given = given_names(first, doc_first, &mut reasons);
    let family = family_names(last, doc_last, &mut reasons);
    let passes = given && family;
    let score = match (given, family) {
        (true, true) => 100 - 5 * u8::try_from(reasons.len()).unwrap_or(9).min(9),
        (false, true) => 50,
        (true, false) => 40,
        (false, false) => 0,
    };
    if passes && reasons.is_empty() {
        reasons.push(Reason::SameName);
    }
    Comparison { passes, score, reasons }
}

/// The first of one side has to be among the other's, itself or as a short form; what is left over
/// must not contradict.
fn given_names(ours: &Words, theirs: &Words, reasons: &mut Vec<Reason>) -> bool {
    if ours.joined_equals(theirs) {
        note_writing(ours, theirs, reasons);
        return true;
    }
    let found = match_first(ours, theirs, reasons).or_else(|| match_first(theirs, ours, reasons).map(|(a, b)| (b, a)));
    let Some((our, their)) = found else {
        reasons.push(Reason::DifferentFirstName);
        return false;
    };
    note_writing(ours, theirs, reasons);
    let rest = |words: &Words, used: usize| -> Vec<Vec<String>> {
        words.list.iter().enumerate().filter(|(i, _)| *i != used).map(|(_, word)| word.clone()).collect()
    };
    let (rest_ours, rest_theirs) = (rest(ours, our), rest(theirs, their));
    if rest_ours.len() != rest_theirs.len() && !reasons.contains(&Reason::FurtherNames) {
        reasons.push(Reason::FurtherNames);
    }
    let (few, many) =
        if rest_ours.len() <= rest_theirs.len() { (rest_ours, rest_theirs) } else { (rest_theirs, rest_ours) };
    let known = few.iter().all(|word| many.iter().any(|other| same(word, other) || is_initial_of(word, other)));
    if !known {
        reasons.push(Reason::DifferentMiddleName);
    }
    known
}

/// The first given name of `one` among those of `other`; positions in both.
fn match_first(one: &Words, other: &Words, reasons: &mut Vec<Reason>) -> Option<(usize, usize)> {
    let first = one.list.first()?;
    if let Some(at) = other.list.iter().position(|word| same(first, word)) {
        return Some((0, at));
    }
    // A short form stands for the name somebody goes by, which is the first one.
    let goes_by = other.list.first()?;
    let short = first.iter().any(|a| goes_by.iter().any(|b| nicknames::are_related(a, b)));
    if short && !reasons.contains(&Reason::Nickname) {
        reasons.push(Reason::Nickname);
    }
    short.then_some((0, 0))
}

/// A middle initial agrees with every name it begins.
fn is_initial_of(word: &[String], other: &[String]) -> bool {
    let one = |a: &[String], b: &[String]| {
        a.iter().any(|a| a.chars().count() == 1 && b.iter().any(|b| b.starts_with(a.as_str())))
    };
    one(word, other) || one(other, word)
}

/// The same family names, or all of one side among those of the other: double names are often cut.
fn family_names(ours: &Words, theirs: &Words, reasons: &mut Vec<Reason>) -> bool {
    if ours.list.is_empty() || theirs.list.is_empty() {
        reasons.push(Reason::TooShort);
        return false;
    }
    if ours.joined_equals(theirs) {
        note_writing(ours, theirs, reasons);
        return true;
    }
    let within =
        |few: &Words, many: &Words| few.list.iter().all(|word| many.list.iter().any(|other| same(word, other)));
    if within(ours, theirs) || within(theirs, ours) {
        note_writing(ours, theirs, reasons);
        if ours.list.len() != theirs.list.len() && !reasons.contains(&Reason::FurtherNames) {
            reasons.push(Reason::FurtherNames);
        }
        return true;
    }
    reasons.push(Reason::DifferentLastName);
    false
}

fn note_writing(ours: &Words, theirs: &Words, reasons: &mut Vec<Reason>) {
    let otherwise = ours.plain != theirs.plain && ours.list.len() == theirs.list.len();
    if otherwise && !reasons.contains(&Reason::WrittenOtherwise) {
        reasons.push(Reason::WrittenOtherwise);
    }
}
