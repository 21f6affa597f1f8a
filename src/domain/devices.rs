//! Browsers in words, from what they say of themselves.

/// "Chrome on Windows"; "Unknown browser" for what is not recognized.
pub fn describe(user_agent: &str) -> String {
    let parsed = woothee::parser::Parser::new().parse(user_agent);
    match parsed.map(|r| (r.name, r.os)) {
        Some((name, os)) if name != "UNKNOWN" && os != "UNKNOWN" => format!("{name} on {os}"),
        Some((name, _)) if name != "UNKNOWN" => name.to_owned(),
        _ => "Unknown browser".to_owned(),
    }
}

/// Whether it is a phone or a tablet.
pub fn is_handheld(user_agent: &str) -> bool {
    let parsed = woothee::parser::Parser::new().parse(user_agent);
    parsed.is_some_and(|r| matches!(r.category, "smartphone" | "mobilephone"))
}
