//! The one parser of paths that people may be sent back to. ASVS 3.7.2.

/// The path when it is one of ours: begins with one `/`, holds no backslash, no control character,
/// no second `/` behind the first, also after decoding once. `None` for everything else.
pub fn check(path: &str) -> Option<String> {
    let decoded = percent_decode(path)?;
    let fine = |text: &str| {
        text.starts_with('/') && !text.starts_with("//") && !text.contains('\\') && !text.chars().any(char::is_control)
    };
    let bare = decoded.split(['?', '#']).next().unwrap_or_default();
    let ok = path.len() <= 512
        && path.is_ascii()
        && fine(path)
        && fine(&decoded)
        && !bare.contains("//")
        // Where a sign-in begins or ends is no place to come back to.
        && !["/login", "/sign-out", "/signed-out"].iter().any(|p| bare == *p || bare.starts_with(&format!("{p}/")));
    ok.then(|| path.to_owned())
}

fn percent_decode(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let pair = [bytes.next()?, bytes.next()?];
            out.push(u8::from_str_radix(std::str::from_utf8(&pair).ok()?, 16).ok()?);
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ASVS 3.7.2.
    #[test]
    fn only_our_own_paths_pass() {
        for good in ["/", "/home", "/admin/users?search=a%20b", "/messages/0193#x", "/a?next=https%3A%2F%2Fe.example"] {
            assert_eq!(check(good).as_deref(), Some(good), "{good}");
        }
        for bad in [
            "",
            "home",
            "//evil.example",
            "/\\evil.example",
            "/%2Fevil.example",
            "/%5Cevil.example",
            "https://evil.example",
            "/%0d%0aSet-Cookie:x",
            "/a//b",
            "/\u{9}/evil.example",
            "/%09/evil.example",
            "javascript:alert(1)",
            "/%zz",
            "/%2",
            "/login",
            "/login/phone",
            "/ü",
        ] {
            assert_eq!(check(bad), None, "{bad}");
        }
    }
}
