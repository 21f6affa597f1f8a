//! TLS of the program's own: 1.2 and 1.3, and nothing older.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Duration;

use tempfile::TempDir;
use vestibule::config::TlsFiles;

use crate::support::TestApp;

/// The bytes of a ClientHello that offers nothing newer than `version`, with suites that both know.
fn hello(version: [u8; 2]) -> Vec<u8> {
    let mut body = version.to_vec();
    body.extend([7; 32]);
    body.push(0);
    // ECDHE-ECDSA with AES-128-GCM for 1.2, with AES-128-CBC for what was before.
    body.extend([0, 4, 0xc0, 0x2b, 0xc0, 0x09, 1, 0]);
    // Groups: P-256 and X25519. Points: uncompressed. Signatures: ECDSA with P-256. Extended master secret.
    let extensions = [
        [0, 10, 0, 6, 0, 4, 0, 23, 0, 29].as_slice(),
        &[0, 11, 0, 2, 1, 0],
        &[0, 13, 0, 4, 0, 2, 4, 3],
        &[0, 23, 0, 0],
    ]
    .concat();
    body.extend((extensions.len() as u16).to_be_bytes());
    body.extend(extensions);
    let mut record = vec![22, 3, 1];
    record.extend((body.len() as u16 + 4).to_be_bytes());
    record.extend([1, 0]);
    record.extend((body.len() as u16).to_be_bytes());
    record.extend(body);
    record
}

/// The first bytes that come back: a kind of record, its version, its length, what is in it.
fn answer(address: &str, version: [u8; 2]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a time-out");
    stream.write_all(&hello(version)).expect("it is sent");
    let mut head = vec![0; 7];
    stream.read_exact(&mut head).expect("it answers");
    head
}

fn certificate(dir: &TempDir) -> TlsFiles {
    let key = rcgen::KeyPair::generate().expect("a key");
    let params = rcgen::CertificateParams::new(vec!["login.example.org".to_owned()]).expect("a name");
    let write = |name: &str, text: String| -> PathBuf {
        let path = dir.path().join(name);
        std::fs::write(&path, text).expect("it is written");
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).expect("its mode");
        path
    };
    let certificate = write("c.pem", params.self_signed(&key).expect("it signs itself").pem());
    TlsFiles { certificate, key: write("k.pem", key.serialize_pem()) }
}

/// ASVS 12.1.1: the same greeting is answered in 1.2 and ends in 1.1, 1.0 and SSL 3.
#[tokio::test]
async fn nothing_older_than_tls_1_2_is_spoken() {
    let dir = TempDir::new().expect("a folder");
    let files = certificate(&dir);
    let app = TestApp::spawn_with(|config| config.tls = Some(files)).await;
    let address = app.base.trim_start_matches("http://").to_owned();
    let new = answer(&address, [3, 3]);
    assert_eq!((new[0], &new[1..3], new[5]), (22, [3, 3].as_slice(), 2), "a ServerHello in TLS 1.2: {new:?}");
    for old in [[3, 2], [3, 1], [3, 0]] {
        let refused = answer(&address, old);
        // 70: protocol_version.
        assert_eq!((refused[0], refused[5], refused[6]), (21, 2, 70), "{old:?}: {refused:?}");
    }
}

/// ASVS 12.2.1: who speaks clear text to it is not answered in clear text.
#[tokio::test]
async fn clear_text_gets_no_page() {
    let dir = TempDir::new().expect("a folder");
    let files = certificate(&dir);
    let app = TestApp::spawn_with(|config| config.tls = Some(files)).await;
    let mut stream = TcpStream::connect(app.base.trim_start_matches("http://")).expect("it listens");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a time-out");
    stream.write_all(b"GET /login HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").expect("it is sent");
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    assert!(!answer.windows(5).any(|part| part == b"HTTP/"), "{}", String::from_utf8_lossy(&answer));
}
