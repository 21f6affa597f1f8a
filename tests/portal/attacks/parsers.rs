//! The functions that read what strangers send, on inputs that nobody thought of: 20,000 each, put together
//! at random from pieces that mean something somewhere. `FUZZ_ROUNDS` says how many.

use vestibule::secrets::random;

use super::properties;

const ROUNDS: usize = 20_000;
const PIECES: &[&str] = &[
    "/",
    "//",
    "\\",
    "%2f",
    "%5c",
    "%252f",
    "%00",
    "%0d%0a",
    "..",
    ".",
    "@",
    ":",
    "?",
    "#",
    "&",
    "=",
    ",",
    ";",
    " ",
    "\t",
    "\r",
    "\n",
    "\"",
    "\"\"",
    "'",
    "home",
    "login",
    "evil.example",
    "https:",
    "javascript:",
    "localhost",
    "a",
    "0",
    "1",
    "7",
    "10.0.0.1",
    "10.0.0.2",
    "203.0.113.9",
    "::1",
    "::ffff:",
    "fd00::1",
    "2001:db8::",
    "/8",
    "/16",
    "/24",
    "/0",
    "/33",
    "/128",
    "255",
    "601-555-0123",
    "+1",
    "(601) ",
    "555",
    "0123",
    "900",
    "x12",
    "ext.",
    "+44",
    "t=",
    "v1=",
    "v0=",
    "1700000000",
    "-1",
    "00ff",
    "=cmd",
    "+1+1",
    "-2",
    "@sum",
    "|",
    "%",
    "\u{1f}",
    "ü",
    "\u{202e}",
    "\u{feff}",
    "🦦",
    "practice.example",
    "first.last",
    "+tag",
    "example.org",
    "\u{0}",
    "=1+1",
];

/// Up to twelve pieces, and now and then a byte that is no text.
fn input() -> Vec<u8> {
    let mut out = Vec::new();
    for _ in 0..random::below(13) {
        let piece = PIECES[random::below(PIECES.len() as u32) as usize];
        out.extend_from_slice(piece.as_bytes());
        if random::below(40) == 0 {
            out.push(random::bytes::<1>()[0]);
        }
    }
    out
}

fn try_out(property: fn(&[u8])) {
    let rounds = std::env::var("FUZZ_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(ROUNDS);
    for _ in 0..rounds {
        let data = input();
        if std::panic::catch_unwind(|| property(&data)).is_err() {
            panic!("it does not hold for {:?}", String::from_utf8_lossy(&data));
        }
    }
}

/// ASVS 3.7.2.
#[test]
fn no_way_back_leads_away() {
    try_out(properties::return_to);
}

/// ASVS 4.1.3, 15.3.4.
#[test]
fn nobody_says_where_they_are_but_a_proxy() {
    try_out(properties::forwarded);
}

/// ASVS 2.2.3, 8.2.4.
#[test]
fn a_range_of_a_safelist_is_what_it_says() {
    try_out(properties::cidr);
}

/// ASVS 2.2.1.
#[test]
fn a_number_is_a_number_of_this_country() {
    try_out(properties::phone);
}

/// ASVS 1.2.10, 5.2.1.
#[test]
fn a_table_is_read_within_its_limits_and_written_without_formulas() {
    try_out(properties::table);
}

/// ASVS 4.1.5.
#[test]
fn no_signature_is_right_by_chance() {
    try_out(properties::webhook);
}

/// ASVS 1.2.2.
#[test]
fn a_key_link_holds_its_key_whatever_the_names() {
    try_out(properties::otpauth);
}

/// ASVS 1.3.11, 2.2.1.
#[test]
fn an_address_leads_to_one_mailbox() {
    try_out(properties::email);
}
