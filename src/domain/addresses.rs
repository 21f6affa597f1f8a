//! Which e-mail addresses are taken: the plain form of RFC 5321 section 4.1.2, without quotes, comments
//! and address literals, which no practice uses and mail systems disagree about.

/// Whether this is an address that mail can be sent to.
pub fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    text.len() <= 254 && is_local_part(local) && is_domain(domain)
}

/// Words of `atext` with single dots between (RFC 5322 section 3.2.3), 64 bytes at most.
fn is_local_part(local: &str) -> bool {
    let atext = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b);
    local.len() <= 64 && local.split('.').all(|word| !word.is_empty() && word.bytes().all(atext))
}

/// Two labels at the least, each of letters, digits and dashes inside; the last no number.
fn is_domain(domain: &str) -> bool {
    let label = |l: &str| {
        (1..=63).contains(&l.len())
            && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !l.starts_with('-')
            && !l.ends_with('-')
    };
    let last = domain.rsplit('.').next().unwrap_or_default();
    domain.contains('.') && domain.split('.').all(label) && last.len() >= 2 && !last.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::is_email;

    /// ASVS 2.2.1.
    #[test]
    fn only_plain_addresses_pass() {
        for good in ["a@b.example", "first.last+tag@sub.practice.example", "o'neil@x-y.org", "x@xn--bcher-kva.example"]
        {
            assert!(is_email(good), "{good}");
        }
        for bad in [
            "",
            "a",
            "@b.example",
            "a@",
            "a@b",
            "a@b.c",
            "a@@b.example",
            "a b@c.example",
            ".a@b.example",
            "a..b@c.example",
            "a@b..example",
            "a@-b.example",
            "a@127.0.0.1",
            "a@[127.0.0.1]",
            "\"a\"@b.example",
            "a@b.example\r\nBcc: c@d.example",
            "a@b.example,c@d.example",
            "<a@b.example>",
            "ü@b.example",
            "a@bücher.example",
        ] {
            assert!(!is_email(bad), "{bad}");
        }
        assert!(!is_email(&format!("{}@b.example", "a".repeat(65))));
        assert!(!is_email(&format!("a@{}.example", "b".repeat(64))));
    }
}
