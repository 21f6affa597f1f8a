//! Tables for spreadsheets: RFC 4180, and nothing in a cell that a spreadsheet would take for a
//! formula. ASVS 1.2.10.

/// One line with its end.
pub fn line<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let cells: Vec<String> = cells.into_iter().map(cell).collect();
    format!("{}\r\n", cells.join(","))
}

fn cell(text: &str) -> String {
    // What follows spaces, a quote or a mark that nobody sees is read as a formula too by some.
    let unseen = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '\u{feff}' | '\u{200b}'..='\u{200f}');
    let first = text.trim_start_matches(unseen).chars().next();
    let runs = matches!(first, Some('=' | '+' | '-' | '@' | '|' | '%')) || text.starts_with(['\t', '\r', '\n']);
    let defused = if runs { format!("'{text}") } else { text.to_owned() };
    if defused.contains(['"', ',', '\r', '\n', '\'']) || defused != defused.trim() {
        format!("\"{}\"", defused.replace('"', "\"\""))
    } else {
        defused
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ASVS 1.2.10.
    #[test]
    fn a_formula_is_text_and_a_quote_is_doubled() {
        assert_eq!(line(["a", "b c", ""]), "a,b c,\r\n");
        assert_eq!(line(["=cmd|' /C calc'!A0", "+1", "@x"]), "\"'=cmd|' /C calc'!A0\",\"'+1\",\"'@x\"\r\n");
        assert_eq!(line(["\u{feff}=1", "\u{a0}+1"]), "\"'\u{feff}=1\",\"'\u{a0}+1\"\r\n");
        assert_eq!(line([" =1+1", "\"=1"]), "\"' =1+1\",\"'\"\"=1\"\r\n");
        assert_eq!(line(["say \"hi\", twice", "two\nlines"]), "\"say \"\"hi\"\", twice\",\"two\nlines\"\r\n");
    }
}
