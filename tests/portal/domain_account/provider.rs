//! A provider that fails, hangs, lies or says too much: nobody is signed in, and nothing else waits for
//! it. ASVS 10.2.2, 12.3.2, 13.1.3, 13.2.4, 16.5.2.

use super::REFUSED;
use crate::support::TestApp;
use crate::support::oidc::{Behavior, OidcServer};
use crate::support::tls::Authority;

pub(super) const SILENT: &str = "sign-in does not answer right now";

#[tokio::test]
async fn a_provider_that_cannot_be_believed_is_not_left_for() {
    for behavior in [
        Behavior::Fail,
        Behavior::Huge,
        Behavior::Garbage,
        Behavior::Redirect,
        Behavior::OtherIssuer,
        Behavior::LeadAstray,
    ] {
        let provider = OidcServer::start().await;
        let app = TestApp::with_domain(&provider).await;
        provider.behave(behavior);
        let mut browser = app.browser();
        browser.get("/login").await;
        browser.click("Login").await;
        assert_eq!((browser.path(), browser.says(SILENT)), ("/login", true), "{behavior:?}");
        // It mends: nothing has to be started anew.
        provider.mend();
        app.later(6);
        browser.click("Login").await;
        browser.must_be_at("/login/domain");
    }
}

#[tokio::test]
async fn failures_behind_the_answer_sign_nobody_in() {
    let provider = OidcServer::start().await;
    let app = TestApp::with_domain(&provider).await;
    app.linked(&provider, "member.none").await;
    for (behavior, words) in [
        (Behavior::Fail, SILENT),
        (Behavior::Huge, REFUSED),
        (Behavior::Garbage, REFUSED),
        (Behavior::Redirect, REFUSED),
    ] {
        let mut browser = app.browser();
        let back = app.to_provider(&provider, &mut browser).await;
        provider.behave(behavior);
        browser.get(&back).await;
        assert!(browser.says(words), "{behavior:?}: {}", browser.text());
        assert_eq!(browser.get_only("/home").await.status, 303);
        provider.mend();
    }
}

/// The pages answer while it hangs; the one who waits for it is told.
#[tokio::test]
async fn a_provider_that_hangs_holds_up_nobody_else() {
    let provider = OidcServer::start().await;
    let app = TestApp::with_domain(&provider).await;
    app.linked(&provider, "member.none").await;
    let mut waiting = app.browser();
    let back = app.to_provider(&provider, &mut waiting).await;
    provider.behave(Behavior::Hang);
    let waiting = tokio::spawn(async move {
        waiting.get(&back).await;
        waiting
    });
    let mut beside = app.browser();
    beside.get("/login").await;
    beside.must_be_at("/login");
    app.sign_in(&mut beside, crate::support::BY_PHONE, false, "phone.only").await;
    assert!(!waiting.is_finished(), "the provider still hangs");
    let waiting = waiting.await.expect("an answer");
    assert!(waiting.says(SILENT), "{}", waiting.text());
}

/// ASVS 10.5.1: keys are read again for one that is not known, at most once in five minutes.
#[tokio::test]
async fn new_keys_are_found_and_not_looked_for_all_the_time() {
    let provider = OidcServer::start().await;
    let app = TestApp::with_domain(&provider).await;
    app.linked(&provider, "member.none").await;
    assert_eq!(provider.calls("/keys"), 1);
    provider.rotate();
    let mut browser = app.browser();
    app.by_domain(&provider, &mut browser).await;
    browser.must_say(REFUSED);
    assert_eq!(provider.calls("/keys"), 1, "read less than five minutes ago");
    app.later(301);
    let mut browser = app.browser();
    app.by_domain(&provider, &mut browser).await;
    browser.must_be_at("/home");
    assert_eq!(provider.calls("/keys"), 2);
    provider.forge(|keys, claims| keys.under(&serde_json::json!({"alg": "ES256", "kid": "made-up"}), claims));
    for _ in 0..3 {
        let mut browser = app.browser();
        app.by_domain(&provider, &mut browser).await;
        browser.must_say(REFUSED);
    }
    assert_eq!(provider.calls("/keys"), 2);
    provider.mend();
    app.later(3_601);
    let mut browser = app.browser();
    app.by_domain(&provider, &mut browser).await;
    browser.must_be_at("/home");
    assert_eq!((provider.calls("/keys"), provider.calls("/.well-known/openid-configuration")), (3, 2));
}

/// ASVS 12.3.2: a certificate for another name, or of another authority, is not talked to.
#[tokio::test]
async fn only_a_verified_provider_is_talked_to() {
    let (ours, other) = (Authority::new(), Authority::new());
    for (what, authority, host, trusted, reached) in [
        ("its own name and authority", &ours, "127.0.0.1", &ours, true),
        ("another name", &ours, "id.example.org", &ours, false),
        ("another authority", &other, "127.0.0.1", &ours, false),
    ] {
        let asked = tls_server(authority, host).await;
        let issuer = format!("https://{}", asked.address);
        let app = TestApp::spawn_with(|config| {
            let settings = vestibule::identity::oidc::OidcSettings {
                name: "Northwind".into(),
                issuer,
                client_id: "vestibule".into(),
                client_secret: vestibule::secrets::Secret::new("0123456789abcdef".into()),
                ca_file: Some(trusted.file().to_owned()),
                acr_values: Vec::new(),
                amr_values: Vec::new(),
                organization: None,
            };
            config.oidc = Some(settings);
        })
        .await;
        let mut browser = app.browser();
        browser.get("/login").await;
        browser.click("Login").await;
        browser.must_say(SILENT);
        assert_eq!(asked.requests() > 0, reached, "{what}");
    }
}

/// A TLS server that counts the requests it could read, and answers none of them well.
struct TlsServer {
    address: std::net::SocketAddr,
    read: std::sync::Arc<std::sync::atomic::AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

impl TlsServer {
    fn requests(&self) -> usize {
        self.read.load(std::sync::atomic::Ordering::SeqCst)
    }
}

impl Drop for TlsServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn tls_server(authority: &Authority, host: &str) -> TlsServer {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("a bound listener has an address");
    let acceptor = tokio_rustls::TlsAcceptor::from(authority.server(host));
    let read = std::sync::Arc::<std::sync::atomic::AtomicUsize>::default();
    let counted = read.clone();
    let task = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut bytes = [0; 1024];
            if matches!(stream.read(&mut bytes).await, Ok(n) if n > 0) {
                counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                let _ = stream.write_all(b"HTTP/1.1 503 no\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await;
                let _ = stream.shutdown().await;
            }
        }
    });
    TlsServer { address, read, task }
}
