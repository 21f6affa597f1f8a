//! Text messages and calls over the gateway's HTTP API.

use std::time::{Duration, Instant};

use vestibule::outbox::message::{Call, Outgoing, Sms};
use vestibule::outbox::network::Limits;
use vestibule::outbox::sender::{Receipt, SendError, Sender};
use vestibule::outbox::sms::SmsSender;
use vestibule::outbox::twilio::TwilioSettings;
use vestibule::outbox::voice::VoiceSender;
use vestibule::secrets::Secret;

use crate::support::tls::Authority;
use crate::support::twilio::{ACCOUNT, Behavior, TOKEN, TwilioServer};

const PATIENT: Limits = Limits { connect: Duration::from_secs(20), total: Duration::from_secs(30) };
const NUMBER: &str = "+16015550123";

pub fn settings(base_url: &str) -> TwilioSettings {
    TwilioSettings {
        base_url: base_url.into(),
        account_sid: ACCOUNT.into(),
        auth_token: Secret::new(TOKEN.into()),
        sms_from: Some("+16015550100".into()),
        messaging_service_sid: None,
        call_from: Some("+16015550101".into()),
        ca_file: None,
    }
}

fn sms_sender(settings: &TwilioSettings) -> SmsSender {
    SmsSender::with_limits(settings, None, PATIENT).expect("the settings are good")
}

fn sms(to: &str) -> Outgoing {
    Outgoing::Sms(Sms { to: to.into(), text: "482913 is your code & more\n@h #482913".into() })
}

async fn send(sender: &dyn Sender, out: &Outgoing) -> Result<Receipt, SendError> {
    sender.send("0192f3a4", out).await
}

#[actix_web::test]
async fn a_text_message_is_posted_as_the_api_wants_it() {
    let server = TwilioServer::start().await;
    let mut settings = settings(&format!("{}/", server.base_url));
    let receipt = send(&sms_sender(&settings), &sms(NUMBER)).await.expect("the gateway takes it");
    settings.sms_from = None;
    settings.messaging_service_sid = Some("MG00000000000000000000000000000001".into());
    let status_url = "https://login.example.org/hooks/sms/1";
    let service = SmsSender::new(&settings, Some(status_url.into())).expect("the settings are good");
    send(&service, &sms(NUMBER)).await.expect("the gateway takes it");

    let received = server.received();
    let [first, second] = &received[..] else { panic!("two messages, not {received:?}") };
    assert_eq!(receipt.provider_id.as_deref(), Some(first.sid.as_str()));
    assert_eq!(first.resource, "Messages");
    assert_eq!((first.one("To"), first.one("From")), (NUMBER, "+16015550100"));
    assert_eq!(first.one("Body"), "482913 is your code & more\n@h #482913");
    assert_eq!(first.form.len(), 3);
    assert_eq!(second.one("MessagingServiceSid"), "MG00000000000000000000000000000001");
    assert_eq!((second.one("StatusCallback"), second.all("From").len()), (status_url, 0));
}

#[actix_web::test]
async fn what_fails_for_good_and_what_is_tried_again() {
    let server = TwilioServer::start().await;
    let sender = sms_sender(&settings(&server.base_url));
    for (status, again) in
        [(400, false), (401, false), (404, false), (408, true), (429, true), (500, true), (503, true)]
    {
        server.behave(Behavior::Error(status, 21211));
        let error = send(&sender, &sms(NUMBER)).await.expect_err("the gateway refuses");
        assert_eq!(matches!(error, SendError::Retry { .. }), again, "{status}: {error:?}");
        assert_eq!(error.to_string(), format!("the gateway answered {status}, error 21211"));
    }
}

/// ASVS 16.2.5: neither the token, nor the number, nor the code.
#[actix_web::test]
async fn errors_and_settings_tell_no_secrets() {
    let server = TwilioServer::start().await;
    let settings = settings(&server.base_url);
    let sender = sms_sender(&settings);
    let mut said = vec![format!("{settings:?}"), format!("{:?}", sms(NUMBER))];
    server.behave(Behavior::Error(400, 21211));
    said.push(format!("{:?}", send(&sender, &sms(NUMBER)).await));
    let mut wrong = settings.clone();
    wrong.auth_token = Secret::new(format!("{TOKEN}-wrong"));
    let error = send(&sms_sender(&wrong), &sms(NUMBER)).await;
    assert_eq!(error, Err(SendError::Refused { why: "the gateway answered 401, error 20003".into() }));
    said.push(format!("{error:?}"));
    drop(server);
    wrong.base_url = "http://127.0.0.1:1".into();
    said.push(format!("{:?}", send(&sms_sender(&wrong), &sms(NUMBER)).await));
    for text in said {
        for secret in [TOKEN, NUMBER, "6015550123", "482913"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}

#[actix_web::test]
async fn a_gateway_that_hangs_or_is_gone_is_tried_again_later() {
    let server = TwilioServer::start().await;
    server.behave(Behavior::Hang);
    let quick = Limits { connect: Duration::from_secs(1), total: Duration::from_millis(400) };
    let sender = SmsSender::with_limits(&settings(&server.base_url), None, quick).expect("good settings");
    let start = Instant::now();
    let why = "the gateway did not answer within 400ms".to_owned();
    assert_eq!(send(&sender, &sms(NUMBER)).await, Err(SendError::Retry { why }));
    assert!(start.elapsed() < Duration::from_secs(5));
    let nobody = sms_sender(&settings("http://127.0.0.1:1"));
    assert!(matches!(send(&nobody, &sms(NUMBER)).await, Err(SendError::Retry { .. })));
}

/// ASVS 13.2.5: only the configured host.
/// ASVS 13.2.4, 15.3.2.
#[actix_web::test]
async fn redirects_are_not_followed() {
    let server = TwilioServer::start().await;
    server.behave(Behavior::Redirect);
    let error = send(&sms_sender(&settings(&server.base_url)), &sms(NUMBER)).await;
    assert_eq!(error, Err(SendError::Refused { why: "the gateway answered 307".into() }));
    assert_eq!(server.received().len(), 1, "{:?}", server.received());
}

#[actix_web::test]
async fn an_endless_answer_is_cut_off_and_the_message_counts_as_sent() {
    let server = TwilioServer::start().await;
    server.behave(Behavior::Huge);
    let receipt = send(&sms_sender(&settings(&server.base_url)), &sms(NUMBER)).await;
    assert_eq!(receipt, Ok(Receipt { provider_id: None }));
}

/// ASVS 12.3.2.
/// ASVS 12.3.3, 12.3.4.
#[actix_web::test]
async fn only_a_verified_gateway_is_spoken_to() {
    let authority = Authority::new();
    let good = TwilioServer::start_with(Some(authority.server("127.0.0.1"))).await;
    let mut trusting = settings(&good.base_url);
    trusting.ca_file = Some(authority.file().to_owned());
    send(&sms_sender(&trusting), &sms(NUMBER)).await.expect("the certificate is good");

    let system_only = settings(&good.base_url);
    let unknown = send(&sms_sender(&system_only), &sms(NUMBER)).await;
    let other_name = TwilioServer::start_with(Some(authority.server("gateway.other.example"))).await;
    trusting.base_url = other_name.base_url.clone();
    let misnamed = send(&sms_sender(&trusting), &sms(NUMBER)).await;
    for error in [unknown, misnamed] {
        assert_eq!(error, Err(SendError::Retry { why: "no verified connection to the gateway".into() }));
    }
    assert_eq!((good.received().len(), other_name.received().len()), (1, 0));
}

#[actix_web::test]
async fn a_number_that_is_none_never_reaches_the_gateway() {
    let server = TwilioServer::start().await;
    let settings = settings(&server.base_url);
    let voice = VoiceSender::with_limits(&settings, PATIENT).expect("good settings");
    for number in ["6015550123", "+0123456789", "+1601555", "+1601555012345678", "+1601555012x", "client:eve", ""] {
        let error = send(&sms_sender(&settings), &sms(number)).await;
        assert!(matches!(error, Err(SendError::Refused { .. })), "{number}: {error:?}");
        let call = Call { to: number.into(), answer_url: String::new(), status_url: String::new(), ring_seconds: 60 };
        let error = send(&voice, &Outgoing::Call(call)).await;
        assert!(matches!(error, Err(SendError::Refused { .. })), "{number}: {error:?}");
    }
    assert!(server.received().is_empty());
}

#[test]
fn settings_are_checked_and_name_the_bad_one() {
    let good = || settings("https://api.twilio.com");
    let named = |settings: TwilioSettings| settings.validate().err().map(|error| error.setting);
    assert_eq!(named(good()), None);
    for (url, ok) in [
        ("http://api.twilio.com", false),
        ("http://localhost:9000", true),
        ("http://[::1]:9000", true),
        ("https://gateway.example/twilio", true),
        ("https://user:secret@gateway.example", false),
        ("https://gateway.example/?a=b", false),
        ("ftp://gateway.example", false),
        ("gateway.example", false),
    ] {
        assert_eq!(named(settings(url)).is_none(), ok, "{url}");
    }
    assert_eq!(named(TwilioSettings { account_sid: "../x".into(), ..good() }), Some("twilio.account_sid"));
    assert_eq!(named(TwilioSettings { auth_token: Secret::new(String::new()), ..good() }), Some("twilio.auth_token"));
    assert_eq!(named(TwilioSettings { sms_from: None, ..good() }), Some("twilio.sms_from"));
    assert_eq!(named(TwilioSettings { messaging_service_sid: Some("MG1".into()), ..good() }), Some("twilio.sms_from"));
    assert_eq!(named(TwilioSettings { call_from: None, ..good() }), Some("twilio.call_from"));
    let unknown = r#"{"account_sid":"AC1","auth_token":"t","proxy":"http://evil.example"}"#;
    assert!(serde_json::from_str::<TwilioSettings>(unknown).is_err());
}
