//! Tables for spreadsheets: RFC 4180, and nothing in a cell that a spreadsheet would take for a
//! formula. ASVS 1.2.10.

/// One line with its end.
pub fn line<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let cells: Vec<String> = cells.into_iter().map(cell).collect();
    format!("{}\r\n", cells.join(","))
}

fn cell(text: &str) -> String {
    // What follows spaces or a quote is read as a formula too by some.
    let first = text.trim_start_matches([' ', '"', '\'']).chars().next();
    let defused = match first {
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '|' | '%') => format!("'{text}"),
        _ => text.to_owned(),
    };
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
        assert_eq!(line([" =1+1", "\"=1"]), "\"' =1+1\",\"'\"\"=1\"\r\n");
        assert_eq!(line(["say \"hi\", twice", "two\nlines"]), "\"say \"\"hi\"\", twice\",\"two\nlines\"\r\n");
    }
}
