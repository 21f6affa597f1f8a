//! Browsers in words, from what they say of themselves.

/// A browser as pages name it.
#[derive(Clone)]
pub struct Browser {
    /// "Chrome on Windows"; "Unknown browser" for what is not recognized.
    pub words: String,
    /// Whether it is a phone or a tablet.
    pub handheld: bool,
}

/// Reads a User-Agent header. Dozens of patterns are tried: keep the answer for a header that comes again.
pub fn read(user_agent: &str) -> Browser {
    let parsed = woothee::parser::Parser::new().parse(user_agent);
    let handheld = parsed.as_ref().is_some_and(|r| matches!(r.category, "smartphone" | "mobilephone"));
    let words = match parsed.map(|r| (r.name, r.os)) {
        Some((name, os)) if name != "UNKNOWN" && os != "UNKNOWN" => format!("{name} on {os}"),
        Some((name, _)) if name != "UNKNOWN" => name.to_owned(),
        _ => "Unknown browser".to_owned(),
    };
    Browser { words, handheld }
}

/// "Chrome on Windows".
pub fn describe(user_agent: &str) -> String {
    read(user_agent).words
}
