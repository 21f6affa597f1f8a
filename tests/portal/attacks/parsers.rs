//! The functions that read what strangers send, on inputs that nobody thought of: 20,000 each, put together
//! at random from pieces that mean something somewhere. `FUZZ_ROUNDS` says how many.

use vestibule::secrets::random;

use super::{id_token, properties};

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
    try_out_on(input, property);
}

/// Gives back what the property answered in each round.
fn try_out_on<T>(input: fn() -> Vec<u8>, property: fn(&[u8]) -> T) -> Vec<T> {
    let rounds = std::env::var("FUZZ_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(ROUNDS);
    let round = || {
        let data = input();
        std::panic::catch_unwind(|| property(&data))
            .unwrap_or_else(|_| panic!("it does not hold for {:?}", data.escape_ascii().to_string()))
    };
    (0..rounds).map(|_| round()).collect()
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

/// ASVS 6.8.2, 9.1.1, 9.1.2, 9.1.3, 9.2.1, 9.2.2, 9.2.3, 10.5.1, 10.5.3, 10.5.4.
#[test]
fn a_token_is_taken_exactly_if_it_is_signed_and_meant_for_us() {
    let bytes = || random::bytes::<48>()[..random::below(49) as usize].to_vec();
    let taken = try_out_on(bytes, id_token::id_token);
    // Or most of them would be broken in one way, and the others never tried.
    let many = taken.iter().filter(|taken| **taken).count();
    assert!((taken.len() / 20..taken.len() / 2).contains(&many), "{many} of {} were taken", taken.len());
}
