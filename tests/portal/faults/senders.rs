//! Mail server and gateway down, refusing or slow, in a portal that is no demo: the page says so,
//! nobody is let in, and the message goes out when they are back. ASVS 16.5.2, 16.5.3.

use std::time::{Duration, Instant};

use tokio::net::TcpSocket;
use vestibule::models::{MessageState, outbox_messages};
use vestibule::outbox::email::{SmtpSettings, SmtpTls};
use vestibule::outbox::twilio::TwilioSettings;
use vestibule::secrets::Secret;

use crate::support::smtp::{self, Security, SmtpServer};
use crate::support::twilio::{self, ACCOUNT, TOKEN, TwilioServer};
use crate::support::{BY_EMAIL, BY_PHONE, Browser, TestApp};

const IN_TIME: Duration = Duration::from_secs(20);

pub fn mail_at(port: u16) -> SmtpSettings {
    SmtpSettings {
        host: "127.0.0.1".into(),
        port: Some(port),
        tls: SmtpTls::None,
        ca_file: None,
        user: None,
        password: None,
        from_address: "portal@login.example.org".into(),
        from_name: "Vestibule".into(),
        hello_name: None,
        max_connections: 4,
    }
}

async fn portal_with_mail(port: u16) -> TestApp {
    TestApp::serve_mode(|config| {
        config.trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")];
        config.smtp = Some(mail_at(port));
    })
    .await
}

/// The code in the newest mail to somebody.
pub fn code_in_mail(server: &SmtpServer, to: &str) -> Option<String> {
    let received = server.received();
    let newest = received.iter().rev().find(|mail| mail.to.iter().any(|one| one.contains(to)))?;
    six_digits(&newest.part("text/plain")?)
}

/// The codes in mails to somebody that came after so many, oldest first.
pub fn codes_in_mail(server: &SmtpServer, to: &str, after: usize) -> Vec<String> {
    let received = server.received();
    let theirs = received.iter().skip(after).filter(|mail| mail.to.iter().any(|one| one.contains(to)));
    theirs.filter_map(|mail| six_digits(&mail.part("text/plain")?)).collect()
}

fn six_digits(text: &str) -> Option<String> {
    let is_code = |word: &&str| word.len() == 6 && word.bytes().all(|b| b.is_ascii_digit());
    text.split(|c: char| !c.is_ascii_alphanumeric()).find(is_code).map(str::to_owned)
}

/// Up to **Send verification code**, from an address of its own.
async fn after_send(app: &TestApp, username: &str) -> Browser {
    let mut browser = app.browser().from("198.51.100.7");
    app.password_in(&mut browser, BY_EMAIL, false, username).await;
    browser.must_be_at("/login/verify/email");
    browser.click("Send verification code").await;
    browser
}

async fn nobody_is_in(browser: &Browser) {
    let mut elsewhere = browser.clone();
    for page in ["/home", "/messages", "/security/sessions"] {
        elsewhere.get(page).await;
        assert_ne!(elsewhere.path(), page);
    }
}

async fn newest(app: &TestApp) -> outbox_messages::OutboxMessage {
    app.read(|conn| Ok(outbox_messages::list_newest(conn, None, 1)?.remove(0))).await
}

/// Waits for the worker's next attempts to succeed.
async fn delivered(app: &TestApp) {
    let begun = Instant::now();
    while newest(app).await.state != MessageState::Sent {
        assert!(begun.elapsed() < IN_TIME, "still {:?}", newest(app).await.last_error);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn code_lets_in(app: &TestApp, browser: &mut Browser, server: &SmtpServer, username: &str) {
    delivered(app).await;
    let code = code_in_mail(server, &app.email(username)).expect("a mail with a code");
    browser.refresh().await;
    browser.fill("Verification code", &code).click("Verify code").await;
    nobody_is_in(browser).await;
    browser.click("Continue").await;
    browser.must_be_at("/home");
}

/// ASVS 16.5.2, 16.5.3.
#[tokio::test]
async fn a_mail_server_that_is_down_lets_nobody_in_and_the_code_comes_when_it_is_back() {
    // A port that is taken and answers nobody.
    let kept = TcpSocket::new_v4().expect("a socket");
    kept.bind("127.0.0.1:0".parse().expect("an address")).expect("a free port");
    let app = portal_with_mail(kept.local_addr().expect("a bound socket has one").port()).await;
    let mut browser = after_send(&app, "email.only").await;
    browser.must_be_at("/login/verify/email").must_say("The e-mail could not be sent");
    nobody_is_in(&browser).await;
    let row = newest(&app).await;
    assert_eq!(row.state, MessageState::Queued);
    assert!(row.attempts >= 1 && row.last_error.is_some());

    let server = SmtpServer::start_at(kept).await;
    code_lets_in(&app, &mut browser, &server, "email.only").await;
    assert_eq!(server.received().iter().filter(|m| m.to.iter().any(|to| to.contains("email.only"))).count(), 1);
}

#[tokio::test]
async fn a_mail_server_that_refuses_for_now_lets_nobody_in_and_is_asked_again() {
    let server = SmtpServer::start(Security::None).await;
    server.behave(smtp::Behavior::AnswerData(451));
    let app = portal_with_mail(server.port).await;
    let mut browser = after_send(&app, "email.only").await;
    browser.must_say("The e-mail could not be sent");
    nobody_is_in(&browser).await;
    server.behave(smtp::Behavior::Accept);
    code_lets_in(&app, &mut browser, &server, "email.only").await;
}

#[tokio::test]
async fn a_slow_mail_server_holds_up_no_page_and_lets_nobody_in() {
    let server = SmtpServer::start(Security::None).await;
    // Less than the ten seconds after which the portal gives up.
    let slow = Duration::from_secs(8);
    server.behave(smtp::Behavior::AnswerAfter(slow));
    let app = portal_with_mail(server.port).await;
    let begun = Instant::now();
    let mut browser = after_send(&app, "email.only").await;
    assert!(begun.elapsed() < slow, "the page waited for the server");
    browser.must_say("Sending");
    nobody_is_in(&browser).await;
    code_lets_in(&app, &mut browser, &server, "email.only").await;
}

/// ASVS 16.5.2, 16.5.3.
#[tokio::test]
async fn a_gateway_that_is_down_lets_nobody_in_and_the_text_comes_when_it_is_back() {
    let gateway = TwilioServer::start().await;
    gateway.behave(twilio::Behavior::Error(503, 20503));
    let app = TestApp::serve_mode(|config| {
        config.trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")];
        config.twilio = Some(TwilioSettings {
            base_url: gateway.base_url.clone(),
            account_sid: ACCOUNT.into(),
            auth_token: Secret::new(TOKEN.into()),
            sms_from: Some("+16015550100".into()),
            messaging_service_sid: None,
            call_from: Some("+16015550101".into()),
            ca_file: None,
        });
    })
    .await;
    let mut browser = app.browser().from("198.51.100.8");
    app.password_in(&mut browser, BY_PHONE, false, "phone.only").await;
    browser.click("Send Code").await;
    browser.must_say("The text message could not be sent");
    nobody_is_in(&browser).await;
    assert_eq!(newest(&app).await.state, MessageState::Queued);

    gateway.behave(twilio::Behavior::Accept);
    delivered(&app).await;
    let code = six_digits(gateway.received().last().expect("a message").one("Body")).expect("a code");
    browser.refresh().await;
    browser.fill("Verification Code", &code).click("Verify Code").await;
    browser.must_be_at("/home");
}
