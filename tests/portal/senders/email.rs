//! E-mail over SMTP.

use std::time::{Duration, Instant};

use vestibule::clock::Clock;
use vestibule::outbox::email::{SmtpSender, SmtpSettings, SmtpTls};
use vestibule::outbox::message::{Email, Outgoing, Sms};
use vestibule::outbox::network::Limits;
use vestibule::outbox::sender::{Receipt, SendError, Sender};
use vestibule::secrets::Secret;

use crate::support::smtp::{Behavior, Security, SmtpServer};
use crate::support::tls::Authority;

const ID: &str = "0192f3a4-0000-7000-8000-000000000001";
const QUICK: Limits = Limits { connect: Duration::from_secs(1), total: Duration::from_millis(600) };
/// Long enough for a busy machine.
const PATIENT: Limits = Limits { connect: Duration::from_secs(20), total: Duration::from_secs(30) };

fn settings(port: u16, tls: SmtpTls, authority: Option<&Authority>) -> SmtpSettings {
    SmtpSettings {
        host: "127.0.0.1".into(),
        port: Some(port),
        tls,
        ca_file: authority.map(|authority| authority.file().to_owned()),
        user: None,
        password: None,
        from_address: "no-reply@login.example.org".into(),
        from_name: "Vestibule for Harbor Valley".into(),
        hello_name: None,
        max_connections: 2,
    }
}

fn mail() -> Email {
    Email {
        to: "dbezaury@harborvalley.example".into(),
        to_name: Some("Dana Bezaury".into()),
        subject: "482913 is your Vestibule verification code".into(),
        text: "Your code\n\n    482913\n.\nName: Zoë\n@login.example.org #482913".into(),
        html: "<p>482913 for Zoë</p>".into(),
    }
}

fn sender(settings: &SmtpSettings, limits: Limits) -> SmtpSender {
    SmtpSender::with_limits(settings, Clock::default(), limits).expect("the settings are good")
}

async fn send(sender: &SmtpSender, email: Email) -> Result<Receipt, SendError> {
    sender.send(ID, &Outgoing::Email(email)).await
}

fn retried(result: Result<Receipt, SendError>) -> String {
    match result {
        Err(SendError::Retry { why }) => why,
        other => panic!("to be tried again, not {other:?}"),
    }
}

fn refused(result: Result<Receipt, SendError>) -> String {
    match result {
        Err(SendError::Refused { why }) => why,
        other => panic!("refused, not {other:?}"),
    }
}

#[tokio::test]
async fn a_mail_arrives_over_implicit_tls_with_text_and_html() {
    let authority = Authority::new();
    let server = SmtpServer::start(Security::Implicit(authority.server("127.0.0.1"))).await;
    let sender = sender(&settings(server.port, SmtpTls::Implicit, Some(&authority)), PATIENT);
    let receipt = send(&sender, mail()).await.expect("the server takes it");
    let received = server.received();
    let [arrived] = &received[..] else { panic!("one mail, not {}", received.len()) };
    assert!(arrived.tls);
    assert_eq!(arrived.from, "no-reply@login.example.org");
    assert_eq!(arrived.to, ["dbezaury@harborvalley.example"]);
    assert_eq!(arrived.header("Subject").as_deref(), Some("482913 is your Vestibule verification code"));
    let from = arrived.header("From").expect("a sender");
    assert!(from.contains("Vestibule for Harbor Valley") && from.ends_with("<no-reply@login.example.org>"), "{from}");
    assert_eq!(arrived.header("Auto-Submitted").as_deref(), Some("auto-generated"));
    assert_eq!(arrived.header("Message-ID"), Some(format!("<{ID}@login.example.org>")));
    assert_eq!(receipt.provider_id, arrived.header("Message-ID"));
    assert!(arrived.header("Content-Type").expect("a type").starts_with("multipart/alternative"));
    assert_eq!(arrived.part("text/plain").expect("text").trim_end(), mail().text);
    assert_eq!(arrived.part("text/html").expect("html").trim_end(), mail().html);
}

#[tokio::test]
async fn the_date_is_the_clock_of_the_portal() {
    let server = SmtpServer::start(Security::None).await;
    let day = 24 * 60 * 60;
    let settings = settings(server.port, SmtpTls::None, None);
    let sender = SmtpSender::with_limits(&settings, Clock::with_offset(-400 * day), PATIENT).expect("good settings");
    send(&sender, mail()).await.expect("the server takes it");
    let year = Clock::with_offset(-400 * day).now().year().to_string();
    let date = server.received()[0].header("Date").expect("a date");
    assert!(date.contains(&year), "{date} is not of {year}");
}

#[tokio::test]
async fn a_mail_arrives_over_starttls_with_user_and_password() {
    let authority = Authority::new();
    let security = Security::Starttls(authority.server("127.0.0.1"));
    let server = SmtpServer::start_with_login(security, Some(("portal", "canary-password"))).await;
    let mut settings = settings(server.port, SmtpTls::Starttls, Some(&authority));
    settings.user = Some("portal".into());
    settings.password = Some(Secret::new("canary-password".into()));
    send(&sender(&settings, PATIENT), mail()).await.expect("the server takes it");
    assert_eq!(server.received()[0].user.as_deref(), Some("portal"));

    settings.password = Some(Secret::new("canary-wrong".into()));
    let why = retried(send(&sender(&settings, PATIENT), mail()).await);
    assert!(why.contains("535") && !why.contains("canary"), "{why}");
    assert_eq!(server.received().len(), 1);
}

/// ASVS 12.3.2: a certificate for another host name.
#[tokio::test]
async fn a_server_with_a_certificate_for_another_name_gets_nothing() {
    let authority = Authority::new();
    for tls in [SmtpTls::Implicit, SmtpTls::Starttls] {
        let config = authority.server("mail.other.example");
        let security = if tls == SmtpTls::Implicit { Security::Implicit(config) } else { Security::Starttls(config) };
        let server = SmtpServer::start_with_login(security, Some(("portal", "canary"))).await;
        let mut settings = settings(server.port, tls, Some(&authority));
        settings.user = Some("portal".into());
        settings.password = Some(Secret::new("canary".into()));
        let why = retried(send(&sender(&settings, PATIENT), mail()).await);
        assert!(why.contains("certificate"), "{why}");
        assert_eq!((server.logins(), server.received().len()), (0, 0), "{tls:?}");
    }
}

/// ASVS 12.3.2, 12.3.4.
#[tokio::test]
async fn a_server_whose_authority_is_unknown_gets_nothing() {
    let (known, stranger) = (Authority::new(), Authority::new());
    let server = SmtpServer::start(Security::Implicit(stranger.server("127.0.0.1"))).await;
    // With another authority of our own, and with those of the system.
    for authority in [Some(&known), None] {
        let sender = sender(&settings(server.port, SmtpTls::Implicit, authority), PATIENT);
        let why = retried(send(&sender, mail()).await);
        assert!(why.contains("certificate"), "{why}");
    }
    assert!(server.received().is_empty());
}

/// ASVS 12.3.1: no falling back to clear text, even on this machine.
#[tokio::test]
async fn a_server_that_offers_no_tls_gets_nothing() {
    let authority = Authority::new();
    let server = SmtpServer::start(Security::None).await;
    let starttls = sender(&settings(server.port, SmtpTls::Starttls, Some(&authority)), PATIENT);
    assert_eq!(retried(send(&starttls, mail()).await), "the mail server does not offer TLS");
    let implicit = sender(&settings(server.port, SmtpTls::Implicit, Some(&authority)), PATIENT);
    retried(send(&implicit, mail()).await);
    assert!(server.received().is_empty());
}

#[test]
fn clear_text_is_for_this_machine_only() {
    for (host, allowed) in [
        ("localhost", true),
        ("127.0.0.1", true),
        ("::1", true),
        ("[::1]", true),
        ("mail.example.org", false),
        ("localhost.example.org", false),
        ("10.0.0.7", false),
        ("0.0.0.0", false),
    ] {
        let mut clear = settings(25, SmtpTls::None, None);
        clear.host = host.into();
        assert_eq!(clear.validate().is_ok(), allowed, "{host}");
        clear.tls = SmtpTls::Starttls;
        assert!(clear.validate().is_ok(), "{host}");
    }
}

#[test]
fn settings_are_checked_and_name_the_bad_one() {
    let good = || settings(25, SmtpTls::Implicit, None);
    let named = |settings: SmtpSettings| settings.validate().expect_err("a bad setting").setting;
    assert_eq!(named(SmtpSettings { host: "a b".into(), ..good() }), "smtp.host");
    assert_eq!(named(SmtpSettings { user: Some("u".into()), ..good() }), "smtp.user");
    assert_eq!(named(SmtpSettings { from_address: "x@y\r\nBcc: z@y".into(), ..good() }), "smtp.from_address");
    assert_eq!(named(SmtpSettings { max_connections: 0, ..good() }), "smtp.max_connections");
    let parsed = |more: &str| {
        serde_json::from_str::<SmtpSettings>(&format!(
            r#"{{"host":"h.example","from_address":"a@h.example","from_name":"A"{more}}}"#
        ))
    };
    assert_eq!(parsed("").expect("the rest has defaults").tls, SmtpTls::Implicit);
    assert!(parsed(r#","tls":"opportunistic""#).is_err());
    assert!(parsed(r#","accept_invalid_certs":true"#).is_err());
}

#[tokio::test]
async fn a_file_without_a_certificate_is_refused() {
    let empty = tempfile::NamedTempFile::new().expect("a temporary file");
    let mut settings = settings(465, SmtpTls::Implicit, None);
    settings.ca_file = Some(empty.path().to_owned());
    let error = SmtpSender::new(&settings, Clock::default()).err().expect("no certificate in it");
    assert_eq!(error.setting, "smtp.ca_file");
}

/// ASVS 1.3.11.
#[tokio::test]
async fn names_and_subjects_cannot_add_headers_or_recipients() {
    let server = SmtpServer::start(Security::None).await;
    let mut settings = settings(server.port, SmtpTls::None, None);
    settings.from_name = "Portal\r\nBcc: x@y.example".into();
    let sender = sender(&settings, PATIENT);
    for evil in ["Eve\r\nBcc: x@y.example", "Eve\nBcc: x@y.example", "Eve\rBcc: x@y.example", "Zoë\u{2028}\r\n\r\nbody"]
    {
        let subject = format!("Hello {evil}");
        send(&sender, Email { to_name: Some(evil.into()), subject, ..mail() }).await.expect("it goes out, tamed");
    }
    for address in ["eve@y.example\r\nBcc: x@y.example", "eve@y.example>\r\nRCPT TO:<x@y.example", "eve", ""] {
        let why = refused(send(&sender, Email { to: address.into(), ..mail() }).await);
        assert!(!why.contains("eve"), "{why}");
    }
    let received = server.received();
    assert_eq!(received.len(), 4);
    for arrived in received.iter() {
        assert_eq!(arrived.to, ["dbezaury@harborvalley.example"]);
        assert!(!arrived.part("text/html").expect("html").contains("Bcc"));
        assert_eq!(
            (arrived.count("Bcc"), arrived.count("To"), arrived.count("Subject")),
            (0, 1, 1),
            "{}",
            arrived.data
        );
        assert_eq!(arrived.part("text/plain").expect("text").trim_end(), mail().text);
    }
}

#[tokio::test]
async fn an_unknown_recipient_is_refused_for_good_and_a_deferral_is_not() {
    let server = SmtpServer::start(Security::None).await;
    let sender = sender(&settings(server.port, SmtpTls::None, None), PATIENT);
    server.behave(Behavior::AnswerRecipient(550));
    let why = refused(send(&sender, mail()).await);
    assert_eq!(why, "the mail server answered 550", "the server's words quote the address");
    server.behave(Behavior::AnswerRecipient(451));
    assert!(retried(send(&sender, mail()).await).contains("451"));
    server.behave(Behavior::AnswerData(554));
    assert!(refused(send(&sender, mail()).await).contains("554"), "though the server says no more after it");
    server.behave(Behavior::CloseAfterData);
    retried(send(&sender, mail()).await);
    server.behave(Behavior::Accept);
    send(&sender, mail()).await.expect("all is well again");
}

/// ASVS 13.2.6, 16.5.2.
#[tokio::test]
async fn a_server_that_hangs_or_is_gone_is_tried_again_later() {
    assert_eq!(Limits::default(), Limits { connect: Duration::from_secs(3), total: Duration::from_secs(10) });
    let server = SmtpServer::start(Security::None).await;
    server.behave(Behavior::Hang);
    let settings = settings(server.port, SmtpTls::None, None);
    let start = Instant::now();
    let why = retried(send(&sender(&settings, QUICK), mail()).await);
    assert!(why.contains("did not answer within 600ms"), "{why}");
    assert!(start.elapsed() < Duration::from_secs(5));
    drop(server);
    // The listener's task ends at the next turn of the runtime.
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(retried(send(&sender(&settings, PATIENT), mail()).await), "no connection to the mail server");
}

#[tokio::test]
async fn connections_are_used_again_but_never_one_that_was_cut_off() {
    let server = SmtpServer::start(Security::None).await;
    let sender = sender(&settings(server.port, SmtpTls::None, None), QUICK);
    for _ in 0..3 {
        send(&sender, mail()).await.expect("the server takes it");
    }
    assert_eq!(server.connections(), 1);
    server.behave(Behavior::AnswerAfter(Duration::from_millis(900)));
    retried(send(&sender, mail()).await);
    // The late answer to the last mail must not be taken for the answer to this one.
    server.behave(Behavior::AnswerData(554));
    tokio::time::sleep(Duration::from_millis(600)).await;
    refused(send(&sender, mail()).await);
    assert_eq!(server.connections(), 2);
}

/// ASVS 13.2.6.
#[tokio::test]
async fn no_more_connections_are_opened_than_the_setting_allows() {
    let server = SmtpServer::start(Security::None).await;
    server.behave(Behavior::AnswerAfter(Duration::from_millis(50)));
    let sender = sender(&settings(server.port, SmtpTls::None, None), PATIENT);
    let results = futures_util::future::join_all((0..10).map(|_| send(&sender, mail()))).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_eq!((server.received().len(), server.connections()), (10, 2));
}

/// mailin offers no SMTPUTF8, as many servers do not.
#[tokio::test]
async fn an_address_beyond_ascii_is_refused_where_the_server_takes_none() {
    let server = SmtpServer::start(Security::None).await;
    let sender = sender(&settings(server.port, SmtpTls::None, None), PATIENT);
    let why = refused(send(&sender, Email { to: "zoë@harborvalley.example".into(), ..mail() }).await);
    assert_eq!(why, "the mail server takes no addresses beyond ASCII");
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn a_text_message_is_not_for_the_mail_server() {
    let sender = sender(&settings(1, SmtpTls::None, None), QUICK);
    let sms = Outgoing::Sms(Sms { to: "+16015550123".into(), text: "482913".into() });
    assert_eq!(refused(sender.send(ID, &sms).await), "this sender does not carry sms");
}
