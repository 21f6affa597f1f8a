//! The file of an import: exactly Microsoft Entra's columns, and one more for the algorithm if there
//! is one.

use std::sync::LazyLock;

use data_encoding::{BASE32_NOPAD, Encoding};
use zeroize::Zeroizing;

use crate::domain::csv_file::{self, BadRow, Unreadable};
use crate::domain::limits::*;
use crate::models::users::fold;

/// The head of a file, in this order; `ALGORITHM` may follow.
pub const COLUMNS: [&str; 6] = ["upn", "serial number", "secret key", "time interval", "manufacturer", "model"];
pub const ALGORITHM: &str = "algorithm";

/// How a token makes its codes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Algorithm {
    #[default]
    Sha1,
    Sha256,
}

impl Algorithm {
    /// The word in the database and in forms.
    pub fn word(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }

    /// Reads `SHA1`, `sha-256`, `HMAC-SHA-1` and the like.
    pub fn parse(text: &str) -> Option<Self> {
        let plain: String = text.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
        match plain.strip_prefix("hmac").unwrap_or(&plain) {
            "sha1" => Some(Self::Sha1),
            "sha256" => Some(Self::Sha256),
            _ => None,
        }
    }
}

/// One token of a file.
pub struct Line {
    /// The head is row 1.
    pub row: usize,
    /// Username or e-mail address; empty for nobody.
    pub upn: String,
    pub serial: String,
    pub secret: Zeroizing<Vec<u8>>,
    /// Seconds.
    pub period: i64,
    pub manufacturer: String,
    pub model: String,
    pub algorithm: Algorithm,
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub row: usize,
    pub why: Why,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    Head,
    Quotes,
    CellTooLong,
    Columns {
        found: usize,
    },
    NoSerial,
    SerialTooLong,
    Characters,
    NoSecret,
    NotBase32,
    SecretTooShort,
    SecretTooLong,
    Interval,
    NameTooLong,
    Algorithm,
    /// The same serial number stands in an earlier row.
    DoubleInFile {
        first: usize,
    },
    /// The organization has a token with this serial number.
    DoubleInInventory,
    UnknownUser,
    DisabledUser,
    HigherRole,
}

impl Why {
    /// What is wrong, and what to do.
    pub fn words(self) -> String {
        match self {
            Self::Head => {
                return format!("The first row must be: {} (and {ALGORITHM}, if you like).", COLUMNS.join(","));
            }
            Self::Columns { found } => return format!("There are {found} columns; the first row has another number."),
            Self::DoubleInFile { first } => return format!("The serial number stands in row {first} already."),
            Self::Quotes => "A quote is out of place. Put quotes around the whole cell and double those inside it.",
            Self::CellTooLong => "A cell is longer than 4 KiB.",
            Self::NoSerial => "The serial number is missing.",
            Self::SerialTooLong => "The serial number is longer than 64 characters.",
            Self::Characters => "A cell holds characters that cannot be seen.",
            Self::NoSecret => "The secret key is missing.",
            Self::NotBase32 => "The secret key is not in base32 (A to Z and 2 to 7).",
            Self::SecretTooShort => "The secret key is shorter than 128 bits (26 characters).",
            Self::SecretTooLong => "The secret key is longer than 128 characters.",
            Self::Interval => "The time interval must be 30 or 60.",
            Self::NameTooLong => "Manufacturer and model have up to 100 characters each.",
            Self::Algorithm => "The algorithm must be SHA-1 or SHA-256.",
            Self::DoubleInInventory => "A token with this serial number is in the inventory already.",
            Self::UnknownUser => "No user of this organization has this username or e-mail address.",
            Self::DisabledUser => "This user's account is disabled.",
            Self::HigherRole => "This user's role is higher than yours.",
        }
        .to_owned()
    }
}

/// Everything that can be read, and everything that is wrong, in the order of the file.
#[derive(Default)]
pub struct Read {
    pub lines: Vec<Line>,
    pub problems: Vec<Problem>,
}

/// Reads a file; `algorithm` is what tokens use where the file does not say.
pub fn read(bytes: &[u8], algorithm: Algorithm) -> Result<Read, Unreadable> {
    let mut rows = csv_file::read(bytes)?.into_iter();
    let mut read = Read::default();
    let head = rows.next();
    let columns = match head.as_ref().map(|row| &row.cells) {
        Some(Ok(cells)) => columns(cells),
        _ => None,
    };
    let Some(columns) = columns else {
        // Without the head nobody can tell what the rest means.
        let row = head.map_or(1, |row| row.number);
        read.problems.push(Problem { row, why: Why::Head });
        return Ok(read);
    };
    if rows.len() == 0 {
        return Err(Unreadable::NoRows);
    }
    for row in rows {
        let mut problems = Vec::new();
        let found = match row.cells {
            Ok(cells) => line(row.number, &cells, columns, algorithm, &mut problems),
            Err(BadRow::Quotes) => problem(&mut problems, Why::Quotes),
            Err(BadRow::CellTooLong) => problem(&mut problems, Why::CellTooLong),
        };
        read.problems.extend(problems.into_iter().map(|why| Problem { row: row.number, why }));
        read.lines.extend(found);
    }
    Ok(read)
}

fn problem(problems: &mut Vec<Why>, why: Why) -> Option<Line> {
    problems.push(why);
    None
}

/// How many columns the file has, when its head is right.
fn columns(head: &[String]) -> Option<usize> {
    let names: Vec<String> = head.iter().map(|name| fold(name)).collect();
    let (first, more) = names.split_at_checked(COLUMNS.len())?;
    let right = first.iter().zip(COLUMNS).all(|(name, column)| name == column);
    (right && (more.is_empty() || more == [ALGORITHM])).then_some(head.len())
}

/// A row that has its columns becomes a line even where something in it is wrong: then its serial number
/// and its user are looked at all the same, and everything is said at once.
fn line(row: usize, cells: &[String], columns: usize, default: Algorithm, problems: &mut Vec<Why>) -> Option<Line> {
    let [upn, serial, secret, interval, manufacturer, model, rest @ ..] = cells else {
        return problem(problems, Why::Columns { found: cells.len() });
    };
    if cells.len() != columns {
        return problem(problems, Why::Columns { found: cells.len() });
    }
    let serial = serial.trim();
    match serial.chars().count() {
        0 => problems.push(Why::NoSerial),
        n if n > TOKEN_SERIAL_LENGTH => problems.push(Why::SerialTooLong),
        _ => {}
    }
    if [serial, manufacturer, model].iter().any(|text| text.trim().contains(char::is_control)) {
        problems.push(Why::Characters);
    }
    let secret = key(secret).unwrap_or_else(|why| {
        problems.push(why);
        Zeroizing::default()
    });
    let period = match interval.trim() {
        "30" => 30,
        "60" => 60,
        _ => {
            problems.push(Why::Interval);
            30
        }
    };
    if [manufacturer, model].iter().any(|name| name.trim().chars().count() > TOKEN_NAME_LENGTH) {
        problems.push(Why::NameTooLong);
    }
    let algorithm = match rest.first().map(|text| text.trim()).filter(|text| !text.is_empty()) {
        Some(text) => Algorithm::parse(text).unwrap_or_else(|| {
            problems.push(Why::Algorithm);
            default
        }),
        None => default,
    };
    Some(Line {
        row,
        upn: upn.trim().to_owned(),
        serial: serial.to_owned(),
        secret,
        period,
        manufacturer: manufacturer.trim().to_owned(),
        model: model.trim().to_owned(),
        algorithm,
    })
}

/// As manufacturers write it: keys were drawn letter by letter, and the last one may hold bits too many.
static BASE32: LazyLock<Encoding> = LazyLock::new(|| {
    let mut specification = BASE32_NOPAD.specification();
    specification.check_trailing_bits = false;
    specification.encoding().unwrap_or(BASE32_NOPAD)
});

/// A secret key in base32; spaces, dashes and padding do not matter.
fn key(text: &str) -> Result<Zeroizing<Vec<u8>>, Why> {
    let plain = text.trim().trim_end_matches('=').to_uppercase();
    let plain = Zeroizing::new(plain.chars().filter(|c| !matches!(c, ' ' | '-')).collect::<String>());
    if plain.is_empty() {
        return Err(Why::NoSecret);
    }
    let bytes = Zeroizing::new(BASE32.decode(plain.as_bytes()).map_err(|_| Why::NotBase32)?);
    match bytes.len() {
        n if n < TOKEN_SECRET_BYTES_MIN => Err(Why::SecretTooShort),
        n if n > TOKEN_SECRET_BYTES_MAX => Err(Why::SecretTooLong),
        _ => Ok(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "upn,serial number,secret key,time interval,manufacturer,model\n";
    const KEY: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

    fn whys(rows: &str) -> Vec<(usize, Why)> {
        let read = read(format!("{HEAD}{rows}").as_bytes(), Algorithm::Sha1).expect("the file is read");
        read.problems.into_iter().map(|p| (p.row, p.why)).collect()
    }

    #[test]
    fn the_head_is_exactly_that_of_entra() {
        let with = |head: &str| {
            read(format!("{head}\n,1,{KEY},30,a,b\n").as_bytes(), Algorithm::Sha1).expect("the file is read")
        };
        assert_eq!(with("UPN, Serial Number ,secret key,time interval,manufacturer,model").problems, []);
        for head in ["upn,serial number,secret key,time interval,manufacturer", "a,b,c,d,e,f", "1,2,3,4,5,6,7,8"] {
            assert_eq!(with(head).problems, [Problem { row: 1, why: Why::Head }], "{head}");
        }
        let seven = format!("{},algorithm\n,1,{KEY},60,a,b,SHA-256\n,2,{KEY},60,a,b,\n", HEAD.trim());
        let lines = read(seven.as_bytes(), Algorithm::Sha1).expect("the file is read").lines;
        let algorithms: Vec<_> = lines.iter().map(|l| (l.algorithm, l.period)).collect();
        assert_eq!(algorithms, [(Algorithm::Sha256, 60), (Algorithm::Sha1, 60)]);
    }

    #[test]
    fn every_row_says_what_is_wrong_with_it() {
        let rows = format!(
            ",A1,{KEY},30,a,b\n,,{KEY},30,a,b\n,A2,JBSWY3DP1,30,a,b\n,A3,JBSWY3DP,30,a,b\n,A4,{},30,a,b\n\
             ,A5,{KEY},45,a,b\n,A6,{KEY},30,a\n,A7,,30,a,b\n,A\u{7}8,{KEY},x,a,b\n,A9,{KEY},30,{},b\n",
            KEY.repeat(5),
            "m".repeat(101)
        );
        let expected = [
            (3, Why::NoSerial),
            (4, Why::NotBase32),
            (5, Why::SecretTooShort),
            (6, Why::SecretTooLong),
            (7, Why::Interval),
            (8, Why::Columns { found: 5 }),
            (9, Why::NoSecret),
            (10, Why::Characters),
            (10, Why::Interval),
            (11, Why::NameTooLong),
        ];
        assert_eq!(whys(&rows), expected);
    }

    #[test]
    fn a_key_may_be_grouped_padded_and_in_lower_case() {
        let plain = key(KEY).expect("a key");
        assert_eq!(plain.len(), 20);
        assert_eq!(key("jbsw y3dp ehpk 3pxp jbsw-y3dp-ehpk-3pxp").expect("a key"), plain);
        assert_eq!(key("JBSWY3DPEHPK3PXPJBSWY3DPEA======").expect("a key").len(), 16);
        assert_eq!(key("JBSWY3DPEHPK3PXPJBSWY3DPEH").expect("a key").len(), 16);
    }
}
