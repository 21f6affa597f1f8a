//! Numbers that may become a factor: direct lines, kept as E.164 (ITU-T E.164). Extensions, premium and
//! satellite numbers are refused. SECURITY: ASVS 2.1.1, 2.4.1.

use phonenumber::metadata::DATABASE;
use phonenumber::{Mode, Type, country};

/// Why a number is not taken; prints as what to tell its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("Enter a phone number.")]
    Missing,
    #[error("Use a direct line with 10 digits. Extensions are not supported.")]
    Extension,
    #[error("Enter a direct line with all its digits, such as 601-555-0123.")]
    NoNumber,
    #[error("Premium-rate, toll-free and satellite numbers cannot be used. Use a direct line.")]
    Kind,
    #[error("We cannot text or call numbers in this country. Use another number.")]
    Country,
}

/// Calling codes of satellite networks and of shared international services.
const NO_COUNTRY: [&str; 9] = ["800", "808", "870", "878", "881", "882", "883", "888", "979"];
/// What shares the code 1 and is called at home rates; the others are where toll fraud happens.
const HOME: [country::Id; 7] = [
    country::Id::US,
    country::Id::CA,
    country::Id::PR,
    country::Id::VI,
    country::Id::GU,
    country::Id::AS,
    country::Id::MP,
];

/// The number as E.164. `code` is the calling code chosen beside it, digits only; `allowed` are those
/// of the installation.
pub fn parse(code: &str, typed: &str, allowed: &[String]) -> Result<String, Refusal> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Err(Refusal::Missing);
    }
    if typed.len() > 60 || !code.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Refusal::NoNumber);
    }
    if has_extension(typed) {
        return Err(Refusal::Extension);
    }
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    let plain =
        |c: char| c.is_ascii_digit() || c.is_whitespace() || matches!(c, '+' | '-' | '.' | '(' | ')' | '/' | '‐' | '–');
    if !typed.chars().all(plain) || typed.chars().filter(|c| *c == '+').count() > 1 {
        return Err(Refusal::NoNumber);
    }
    // With the plus sign the code is in the number already; a 1 in front of ten digits is too.
    let full = match (typed.starts_with('+'), code) {
        (true, _) => format!("+{digits}"),
        (false, "1") if digits.len() == 11 && digits.starts_with('1') => format!("+{digits}"),
        (false, code) => format!("+{code}{}", digits.trim_start_matches('0')),
    };
    judge(&full, allowed)
}

fn judge(full: &str, allowed: &[String]) -> Result<String, Refusal> {
    let digits = full.trim_start_matches('+');
    if NO_COUNTRY.iter().any(|code| digits.starts_with(code)) {
        return Err(Refusal::Kind);
    }
    if !allowed.iter().any(|code| digits.starts_with(code.as_str())) {
        return Err(Refusal::Country);
    }
    let number = phonenumber::parse(None, full).map_err(|_| Refusal::NoNumber)?;
    let national = number.national().to_string();
    if number.extension().is_some() {
        return Err(Refusal::Extension);
    }
    if number.code().value() == 1 {
        if national.len() != 10 || national.starts_with(['0', '1']) {
            return Err(Refusal::NoNumber);
        }
        if national.starts_with("900") || national[3..].starts_with("976") {
            return Err(Refusal::Kind);
        }
        if number.country().id().is_some_and(|id| !HOME.contains(&id)) {
            return Err(Refusal::Country);
        }
    } else if !number.is_valid() {
        return Err(Refusal::NoNumber);
    }
    match number.number_type(&DATABASE) {
        Type::PremiumRate | Type::SharedCost | Type::TollFree | Type::Pager | Type::Uan | Type::Voicemail => {
            Err(Refusal::Kind)
        }
        _ => Ok(number.format().mode(Mode::E164).to_string()),
    }
}

/// Whether something is to be dialed after the number: "x12", "ext. 12", "#12", ",12", ";ext=12".
fn has_extension(typed: &str) -> bool {
    let lower = typed.to_lowercase();
    lower.contains("ext") || lower.contains(['x', '#', ',', ';', '*', 'w', 'p'])
}

#[cfg(test)]
mod tests {
    use super::{Refusal, parse};

    fn us(typed: &str) -> Result<String, Refusal> {
        parse("1", typed, &["1".to_owned()])
    }

    #[test]
    fn however_it_is_written_one_number_comes_out() {
        for typed in [
            "+1 601 555 0123",
            "601-555-0123",
            "(601) 555-0123",
            "1 601 555 0123",
            "601.555.0123",
            "+1 (601) 555-0123",
            "6015550123",
            " 16015550123 ",
        ] {
            assert_eq!(us(typed), Ok("+16015550123".to_owned()), "{typed}");
        }
    }

    /// ASVS 2.2.1, 2.2.3.
    #[test]
    fn what_is_no_direct_line_is_refused_with_its_reason() {
        for typed in ["601-555-0123 x12", "601 555 0123 ext. 4", "6015550123#12", "6015550123,,12", "6015550123;ext=1"]
        {
            assert_eq!(us(typed), Err(Refusal::Extension), "{typed}");
        }
        for typed in
            ["900 555 0123", "+1 900-234-5678", "601-976-1234", "800 555 0199", "+881 6 1234 5678", "+979 123456789"]
        {
            assert_eq!(us(typed), Err(Refusal::Kind), "{typed}");
        }
        for typed in ["+44 20 7946 0958", "+49 30 901820", "+1 876 555 0123"] {
            assert_eq!(us(typed), Err(Refusal::Country), "{typed}");
        }
        for typed in ["12345", "601 555 01234", "call me", "+", "6015550123\r\n", "060 155 5012"] {
            assert_ne!(us(typed).ok(), Some("+16015550123".to_owned()).filter(|_| !typed.contains('\n')), "{typed}");
        }
        assert_eq!(us("12345"), Err(Refusal::NoNumber));
        assert_eq!(us(""), Err(Refusal::Missing));
    }

    #[test]
    fn other_countries_are_taken_where_the_installation_allows_them() {
        let allowed = ["1".to_owned(), "44".to_owned()];
        assert_eq!(parse("44", "020 7946 0958", &allowed), Ok("+442079460958".to_owned()));
        assert_eq!(parse("44", "+44 7400 123456", &allowed), Ok("+447400123456".to_owned()));
        assert_eq!(parse("44", "0909 879 0123", &allowed), Err(Refusal::Kind));
    }
}
