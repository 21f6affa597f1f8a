//! Requests whose end is in doubt: what a proxy in front and the portal might read differently. Each is
//! either refused with the connection, or read in the one way that RFC 9112 allows.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::support::TestApp;

const HIDDEN: &str = "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

/// The statuses that come back on one connection, until it is closed or nothing more comes.
fn statuses(app: &TestApp, request: &str) -> Vec<u16> {
    let mut stream = TcpStream::connect(app.base.trim_start_matches("http://")).expect("it listens");
    stream.set_read_timeout(Some(Duration::from_millis(1_500))).expect("a time-out");
    // It may be closed before all of it is read.
    let _ = stream.write_all(request.as_bytes());
    let (mut answer, mut part) = (Vec::new(), [0; 4096]);
    while let Ok(n @ 1..) = stream.read(&mut part) {
        answer.extend_from_slice(&part[..n]);
    }
    let text = String::from_utf8_lossy(&answer).into_owned();
    text.split("HTTP/1.1 ").skip(1).filter_map(|rest| rest.get(..3)?.parse().ok()).collect()
}

/// A POST with these lines in its head, and a whole request hidden in what follows.
fn post(lines: &str, body: &str) -> String {
    format!("POST /login/phone HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}\r\n{body}")
}

/// ASVS 4.2.1: refused, and nothing after it is read.
#[tokio::test]
async fn a_request_without_a_clear_end_is_refused_with_its_connection() {
    let app = TestApp::spawn().await;
    for (what, request) in [
        ("two lengths", post("Content-Length: 5\r\nContent-Length: 6\r\n", HIDDEN)),
        ("a list of lengths", post("Content-Length: 5, 6\r\n", HIDDEN)),
        ("a length with a sign", post("Content-Length: +5\r\n", HIDDEN)),
        ("a negative length", post("Content-Length: -1\r\n", HIDDEN)),
        ("a length that is none", post("Content-Length: 5x\r\n", HIDDEN)),
        ("an unknown coding", post("Transfer-Encoding: xchunked\r\n", HIDDEN)),
        ("chunked before another coding", post("Transfer-Encoding: chunked, identity\r\n", HIDDEN)),
        ("chunked twice", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", HIDDEN)),
        ("a space before the colon", post("Content-Length : 46\r\n", HIDDEN)),
        ("a line that goes on", post("X: a\r\n Content-Length: 46\r\n", HIDDEN)),
        ("a bare carriage return", post("X: a\rContent-Length: 46\r\n", HIDDEN)),
        ("a NUL", post("X: a\0b\r\n", HIDDEN)),
        ("a chunk of no size", post("Transfer-Encoding: chunked\r\n", &format!("zz\r\n{HIDDEN}"))),
    ] {
        let seen = statuses(&app, &request);
        assert!(!seen.contains(&200), "{what}: the hidden request was answered: {seen:?}");
        assert!(seen.is_empty() || seen[0] >= 400, "{what}: {seen:?}");
        assert!(seen.len() <= 1, "{what}: {seen:?}");
    }
}

/// ASVS 4.2.1: with both, the chunks count and the length does not, or neither is taken.
#[tokio::test]
async fn a_length_beside_chunks_does_not_count() {
    let app = TestApp::spawn().await;
    let body = format!("0\r\n\r\n{HIDDEN}");
    let lines = format!("Content-Length: {}\r\nTransfer-Encoding: chunked\r\n", body.len());
    let seen = statuses(&app, &post(&lines, &body));
    assert!(seen.len() == 2 || seen == [400], "the length was believed: {seen:?}");
}
