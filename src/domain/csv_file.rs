//! Files from spreadsheets: RFC 4180 in UTF-8, with or without a byte order mark, lines ended in any
//! way. Rows are counted as a spreadsheet counts them, the head being row 1. ASVS 5.2.1, 5.2.2, 2.4.1.

use super::limits::{CSV_BYTES, CSV_CELL_BYTES, CSV_ROWS};

/// Why nothing of a file can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    TooLarge,
    TooManyRows,
    /// UTF-16, as some spreadsheets call "Unicode text".
    Utf16,
    /// No text at all, or not in UTF-8.
    NotText,
    Empty,
    /// A head, and nothing below it.
    NoRows,
}

impl Unreadable {
    /// What is wrong, and what to do.
    pub fn words(self) -> &'static str {
        match self {
            Self::TooLarge => "The file is larger than 2 MiB. Import it in parts.",
            Self::TooManyRows => "The file has more than 5,000 rows. Import it in parts.",
            Self::Utf16 => "The file is in UTF-16. Save it as \"CSV UTF-8\" and choose it again.",
            Self::NotText => "The file is no text in UTF-8. Save it as \"CSV UTF-8\" and choose it again.",
            Self::Empty => "The file is empty.",
            Self::NoRows => "The file has its first row and nothing below it.",
        }
    }
}

/// What is wrong with one row as such.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadRow {
    /// A quote inside a cell that does not begin with one, text behind a closing one, or none that closes.
    Quotes,
    CellTooLong,
}

/// One row of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The head is row 1.
    pub number: usize,
    pub cells: Result<Vec<String>, BadRow>,
}

/// The rows of a file that are not empty, the head among them.
pub fn read(bytes: &[u8]) -> Result<Vec<Row>, Unreadable> {
    if bytes.len() > CSV_BYTES {
        return Err(Unreadable::TooLarge);
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(Unreadable::Utf16);
    }
    let text = std::str::from_utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
    let text = text.map_err(|_| Unreadable::NotText)?;
    if let Some(at) = text.find('\0') {
        // Every other byte of plain English in UTF-16 is a NUL.
        return Err(if at < 2 { Unreadable::Utf16 } else { Unreadable::NotText });
    }
    let mut rows = Vec::new();
    let (mut rest, mut number) = (text, 0);
    while !rest.is_empty() {
        number += 1;
        let (cells, after) = row(rest);
        rest = after;
        if cells.as_ref().is_ok_and(|cells| cells.iter().all(|cell| cell.trim().is_empty())) {
            continue;
        }
        if rows.len() > CSV_ROWS {
            return Err(Unreadable::TooManyRows);
        }
        rows.push(Row { number, cells });
    }
    if rows.is_empty() { Err(Unreadable::Empty) } else { Ok(rows) }
}

/// The cells of the first row, and what comes behind it.
fn row(text: &str) -> (Result<Vec<String>, BadRow>, &str) {
    let (mut cells, mut rest) = (Vec::new(), text);
    loop {
        let (cell, after) = match rest.strip_prefix('"') {
            Some(quoted) => match quoted_cell(quoted) {
                Some(found) => found,
                None => return (Err(BadRow::Quotes), next_line(rest)),
            },
            None => {
                let end = rest.find([',', '\r', '\n']).unwrap_or(rest.len());
                (rest[..end].to_owned(), &rest[end..])
            }
        };
        let bad = |why| (Err(why), next_line(after));
        if !rest.starts_with('"') && cell.contains('"') {
            return bad(BadRow::Quotes);
        }
        if cell.len() > CSV_CELL_BYTES {
            return bad(BadRow::CellTooLong);
        }
        cells.push(cell);
        match after.strip_prefix(',') {
            Some(next) => rest = next,
            None if after.is_empty() || after.starts_with(['\r', '\n']) => return (Ok(cells), next_line(after)),
            None => return bad(BadRow::Quotes),
        }
    }
}

/// A cell behind its opening quote, and what follows its closing one.
fn quoted_cell(text: &str) -> Option<(String, &str)> {
    let (mut cell, mut rest) = (String::new(), text);
    loop {
        let (before, after) = rest.split_once('"')?;
        cell.push_str(before);
        match after.strip_prefix('"') {
            Some(next) => {
                cell.push('"');
                rest = next;
            }
            None => return Some((cell, after)),
        }
    }
}

/// What begins after the present line.
fn next_line(text: &str) -> &str {
    let end = text.find(['\r', '\n']).unwrap_or(text.len());
    let rest = &text[end..];
    rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix(['\r', '\n'])).unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Vec<(usize, Result<Vec<String>, BadRow>)> {
        read(text.as_bytes()).expect("the file is read").into_iter().map(|row| (row.number, row.cells)).collect()
    }

    fn good(words: &[&str]) -> Result<Vec<String>, BadRow> {
        Ok(words.iter().map(|word| (*word).to_owned()).collect())
    }

    #[test]
    fn quotes_and_line_ends_are_those_of_rfc_4180() {
        let text = "\u{feff}a,b\r\n\"x, y\",\"say \"\"hi\"\"\"\n\r\n\"two\r\nlines\",\rlast,";
        assert_eq!(
            cells(text),
            [
                (1, good(&["a", "b"])),
                (2, good(&["x, y", "say \"hi\""])),
                (4, good(&["two\r\nlines", ""])),
                (5, good(&["last", ""])),
            ]
        );
    }

    #[test]
    fn a_row_that_cannot_be_read_does_not_hide_the_next() {
        let long = "x".repeat(CSV_CELL_BYTES + 1);
        let text = format!("a\"b,c\n\"x\"y,z\n{long},b\nd,e\n\"open,\n");
        let rows = cells(&text);
        let expected = [
            (1, Err(BadRow::Quotes)),
            (2, Err(BadRow::Quotes)),
            (3, Err(BadRow::CellTooLong)),
            (4, good(&["d", "e"])),
            (5, Err(BadRow::Quotes)),
        ];
        assert_eq!(rows, expected);
    }

    #[test]
    fn what_is_no_text_or_too_much_is_not_read() {
        let utf16: Vec<u8> = "upn,serial".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(read(&utf16), Err(Unreadable::Utf16));
        assert_eq!(read(&[&[0xff, 0xfe], utf16.as_slice()].concat()), Err(Unreadable::Utf16));
        assert_eq!(read(b"PK\x03\x04\x14\x00\x00\x00"), Err(Unreadable::NotText));
        assert_eq!(read(b"caf\xe9"), Err(Unreadable::NotText));
        assert_eq!(read(b"\r\n , \r\n"), Err(Unreadable::Empty));
        assert_eq!(read(&vec![b'x'; CSV_BYTES + 1]), Err(Unreadable::TooLarge));
        assert_eq!(read("a\n".repeat(CSV_ROWS + 1).as_bytes()).map(|rows| rows.len()), Ok(CSV_ROWS + 1));
        assert_eq!(read("a\n".repeat(CSV_ROWS + 2).as_bytes()), Err(Unreadable::TooManyRows));
    }
}
