//! What must hold for every input of the functions that read what strangers send. `cargo test` tries them on
//! inputs made of the pieces below; the targets in `fuzz/` are these same functions under libFuzzer.
//!
//! Nothing here may name the tests' support: `fuzz/` takes the file as it is.

use std::net::IpAddr;

use ipnet::IpNet;
use url::Url;
use vestibule::domain::addresses::is_email;
use vestibule::domain::enrollment::{authenticator, phone_number};
use vestibule::domain::{csv, csv_file, limits, safelist};
use vestibule::identity::stripe_signature;
use vestibule::secrets::Secret;
use vestibule::web::{client_ip, return_to};

const ORIGIN: &str = "https://login.example.org";

fn text(data: &[u8]) -> String {
    String::from_utf8_lossy(data).into_owned()
}

/// A path that passes stays on this host, read as browsers read it, and once decoded too.
pub fn return_to(data: &[u8]) {
    let typed = text(data);
    let Some(path) = return_to::check(&typed) else { return };
    assert_eq!(path, typed);
    let base = Url::parse(&format!("{ORIGIN}/login")).expect("an address");
    let decoded: Vec<u8> = percent_decoded(&path);
    for form in [path, text(&decoded)] {
        let to = base.join(&form).expect("it can be gone to");
        assert_eq!(to.origin().ascii_serialization(), ORIGIN, "{form:?} leads away");
    }
}

fn percent_decoded(path: &str) -> Vec<u8> {
    let hex = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let (bytes, mut out, mut at) = (path.as_bytes(), Vec::new(), 0);
    while at < bytes.len() {
        let pair = bytes.get(at + 1..at + 3).filter(|_| bytes[at] == b'%').and_then(hex);
        out.push(pair.unwrap_or(bytes[at]));
        at += if pair.is_some() { 3 } else { 1 };
    }
    out
}

/// Nobody but a proxy is believed, and of what a proxy says only what stands right of every stranger.
pub fn forwarded(data: &[u8]) {
    let trusted: Vec<IpNet> = ["10.0.0.0/8", "fd00::/16"].iter().map(|net| net.parse().expect("a network")).collect();
    let is_proxy = |ip: &IpAddr| trusted.iter().any(|net| net.contains(ip));
    let header = text(data);
    let (stranger, proxy): (IpAddr, IpAddr) = ([203, 0, 113, 9].into(), [10, 0, 0, 1].into());
    assert_eq!(client_ip::resolve(stranger, &header, &trusted), Ok(stranger), "{header:?} was believed");
    let Ok(found) = client_ip::resolve(proxy, &header, &trusted) else { return };
    assert_eq!(found, found.to_canonical());
    if header.trim().is_empty() {
        return assert_eq!(found, proxy);
    }
    let hops = header.rsplit(',').map(|hop| hop.trim().parse::<IpAddr>().map(|ip| ip.to_canonical()));
    let right: Vec<IpAddr> = hops.map_while(Result::ok).collect();
    let first_stranger = right.iter().find(|ip| !is_proxy(ip));
    assert_eq!(Some(&found), first_stranger.or(right.last()), "{header:?}");
}

/// A range that passes is a network, no wider than allowed, written so that it is read again, and holds itself.
pub fn cidr(data: &[u8]) {
    let typed = text(data);
    let Ok(range) = safelist::parse(&typed) else { return };
    assert_eq!(range, range.trunc());
    let widest = if range.addr().is_ipv4() { limits::SAFELIST_WIDEST_V4 } else { limits::SAFELIST_WIDEST_V6 };
    assert!(range.prefix_len() >= widest, "{typed:?} is wide");
    let kept = range.to_string();
    assert_eq!(safelist::parse(&kept), Ok(range), "{kept:?} is read again");
    assert!(safelist::admits(std::slice::from_ref(&kept), &range.addr().to_string()));
    assert!(!safelist::admits(&[kept], "nonsense"));
}

/// A number that passes is E.164 of the home country, and stays as it is when it is typed again.
pub fn phone(data: &[u8]) {
    let allowed = ["1".to_owned()];
    let Ok(number) = phone_number::parse("1", &text(data), &allowed) else { return };
    let digits = number.strip_prefix('+').expect("a plus sign");
    assert!((8..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()), "{number:?}");
    assert!(digits.starts_with('1'), "{number:?} is abroad");
    assert_eq!(phone_number::parse("1", &number, &allowed), Ok(number));
}

/// A file is refused or read within the limits; what we write is read again, and no cell of it is a formula.
pub fn table(data: &[u8]) {
    if let Ok(rows) = csv_file::read(data) {
        assert!(rows.len() <= limits::CSV_ROWS + 1);
        assert!(rows.windows(2).all(|pair| pair[0].number < pair[1].number));
        let long = |cell: &String| cell.len() > limits::CSV_CELL_BYTES;
        assert!(rows.iter().flat_map(|row| &row.cells).flatten().all(|cell| !long(cell)));
    }
    let cells: Vec<String> = text(data).split('\u{1f}').map(|cell| cell.replace('\0', "")).collect();
    // Under a head, as all of ours are: a mark at the very beginning would be the file's.
    let line = [csv::line(["head"]), csv::line(cells.iter().map(String::as_str))].concat();
    let rows = csv_file::read(line.as_bytes()).expect("what we write can be read");
    assert!(rows.len() <= 2, "{line:?}");
    let Some(Ok(read)) = rows.get(1).map(|row| &row.cells) else { return };
    assert_eq!(read.len(), cells.len(), "{line:?}");
    for (read, cell) in read.iter().zip(&cells) {
        assert!(read == cell || read.strip_prefix('\'') == Some(cell), "{read:?} was {cell:?}");
        let shown = read.trim_start_matches(['\u{feff}', ' ', '\u{a0}']);
        assert!(!shown.starts_with(['=', '+', '-', '@']), "{read:?} is a formula");
        assert!(!read.starts_with(['\t', '\r']), "{read:?} is a formula");
    }
}

/// No header that was not made with the secret is right, whatever the body.
pub fn webhook(data: &[u8]) {
    let secret = Secret::new("whsec_0123456789".to_owned());
    let now = vestibule::clock::Clock::default().now();
    let at = vestibule::clock::unix(now).cast_signed();
    let (header, body) = data.split_at(data.len() / 2);
    assert_eq!(stripe_signature::verify(&secret, &text(header), body, now), None);
    let right = stripe_signature::sign(&secret, at, body);
    assert_eq!(stripe_signature::verify(&secret, &right, body, now), Some(at));
    let longer = [body, b"x"].concat();
    assert_eq!(stripe_signature::verify(&secret, &right, &longer, now), None, "another body");
    let other = Secret::new("whsec_other".to_owned());
    assert_eq!(stripe_signature::verify(&other, &right, body, now), None, "another secret");
}

/// A key link is one whatever installation and account are called, and holds exactly the secret it was made of.
pub fn otpauth(data: &[u8]) {
    let (issuer, account) = data.split_at(data.len() / 2);
    let Ok(link) = authenticator::link(&text(issuer), &text(account), &[7; 20]) else { return };
    let link = Url::parse(link.expose()).expect("an address");
    assert_eq!((link.scheme(), link.host_str()), ("otpauth", Some("totp")));
    let secrets: Vec<String> = link.query_pairs().filter(|(name, _)| name == "secret").map(|(_, s)| s.into()).collect();
    assert_eq!(secrets, ["A4DQOBYHA4DQOBYHA4DQOBYHA4DQOBYH"]);
    assert_eq!(link.fragment(), None);
}

/// An address that passes can stand in a header and leads to one mailbox.
pub fn email(data: &[u8]) {
    let typed = text(data);
    if is_email(&typed) {
        assert!(typed.bytes().all(|b| b.is_ascii_graphic() && !b"\"(),:;<>[\\]".contains(&b)), "{typed:?}");
        assert_eq!(typed.matches('@').count(), 1, "{typed:?}");
    }
}
