//! A call from end to end: placed, answered, a key pressed, ended; and the signature under it.

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use askama::Template;
use vestibule::outbox::line::Line;
use vestibule::outbox::message::{Call, Outgoing};
use vestibule::outbox::sender::Sender;
use vestibule::outbox::twilio_signature::{HEADER, sign, verify};
use vestibule::outbox::voice::{Answer, Approved, Refused, VoiceSender};
use vestibule::secrets::Secret;

use super::twilio::settings;
use crate::support::twilio::{Spoken, TOKEN, TwilioServer, post_signed};

fn fields(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
}

/// The example in the gateway's documentation and in its libraries' own tests.
#[test]
fn the_published_signatures_are_reproduced() {
    let token = Secret::new("12345".to_owned());
    let url = "https://mycompany.com/myapp.php?foo=1&bar=2";
    let params = fields(&[
        ("To", "+18005551212"),
        ("CallSid", "CA1234567890ABCDE"),
        ("Digits", "1234"),
        ("From", "+14158675309"),
        ("Caller", "+14158675309"),
    ]);
    assert_eq!(sign(&token, url, &params), "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
    assert!(verify(&token, url, &params, "RSOYDt4T1cUTdK1PDd93/VVr8B8="));
    let repeated = fields(&[
        ("Sid", "CA123"),
        ("SidAccount", "AC123"),
        ("Digits", "5678"),
        ("Digits", "1234"),
        ("Digits", "1234"),
    ]);
    assert!(verify(&token, url, &repeated, "IK+Dwps556ElfBT0I3Rgjkr1wJU="));
}

/// ASVS 4.1.5.
#[test]
fn a_signature_fits_its_url_fields_and_token_only() {
    let token = Secret::new(TOKEN.to_owned());
    let (url, params) = ("https://login.example.org/hooks/call/1", fields(&[("CallSid", "CA1"), ("Digits", "#")]));
    let good = sign(&token, url, &params);
    assert!(verify(&token, url, &params, &good));
    assert!(!verify(&Secret::new("other".to_owned()), url, &params, &good));
    assert!(!verify(&token, "https://login.example.org/hooks/call/2", &params, &good));
    assert!(!verify(&token, url, &fields(&[("CallSid", "CA1"), ("Digits", "1")]), &good));
    assert!(!verify(&token, url, &params[..1], &good));
    for bad in ["", "=", "not base64!", &good[..good.len() - 4], &format!("{good}AAAA"), &good.to_lowercase()] {
        assert!(!verify(&token, url, &params, bad), "{bad}");
    }
}

#[actix_web::test]
async fn a_call_is_placed_answered_approved_by_the_pound_key_and_ended() {
    let portal = portal().await;
    let gateway = TwilioServer::start().await;
    let sender = VoiceSender::new(&settings(&gateway.base_url)).expect("good settings");
    let call = Call {
        to: "+16015550123".into(),
        answer_url: format!("{portal}/answer?call=1&n=2"),
        status_url: format!("{portal}/status"),
        ring_seconds: 60,
    };
    let receipt = sender.send("0192f3a4", &Outgoing::Call(call)).await.expect("the gateway takes it");
    let placed = gateway.received()[0].clone();
    assert_eq!(receipt.provider_id.as_deref(), Some(placed.sid.as_str()));
    assert_eq!(placed.resource, "Calls");
    assert_eq!((placed.one("To"), placed.one("From")), ("+16015550123", "+16015550101"));
    assert_eq!((placed.one("Method"), placed.one("Timeout")), ("POST", "60"));
    assert_eq!(placed.all("StatusCallbackEvent"), ["answered", "completed"]);

    let spoken = gateway.pick_up(&placed).await;
    assert_eq!(spoken.status, 200);
    let words = "Press the pound key to sign in. If you did not ask for this call, hang up.";
    assert_eq!(spoken.words[0], format!("This is Smith & Sons <Clinic>. {words}"));
    assert_eq!(spoken.finish_on_key.as_deref(), Some(""), "or the pound key would not arrive");
    assert!(spoken.hangs_up);
    let approved = gateway.press(&placed, &spoken, "#").await;
    assert!(approved.words[0].starts_with("Thank you") && approved.hangs_up && approved.action.is_none());
    let refused = gateway.press(&placed, &spoken, "5").await;
    assert!(refused.words[0].contains("did not sign you in") && refused.hangs_up);
    assert_eq!(gateway.end(&placed, "completed").await, 204);

    let forged = post_signed(&format!("{portal}/status"), &fields(&[("CallStatus", "completed")]), "AAAA").await;
    assert_eq!(forged.0, 400);
}

#[test]
fn what_is_said_is_well_formed_and_escaped() {
    let evil = Line::new("\"><Redirect>http://evil.example</Redirect>\u{7}");
    let gather_url = "https://h.example/a?b=1&c=\"><Hangup/>".to_owned();
    let answer = Answer { installation: evil.clone(), gather_url: gather_url.clone(), wait_seconds: 10 };
    let said = [
        answer.render().expect("it renders"),
        Approved { installation: evil.clone() }.render().expect("it renders"),
        Refused { installation: evil }.render().expect("it renders"),
    ];
    for twiml in &said {
        assert!(twiml.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response>"), "{twiml}");
        assert!(!twiml.contains("<Redirect>") && !twiml.contains('\u{7}'), "{twiml}");
        assert_eq!(twiml.matches("<Hangup/>").count(), 1, "{twiml}");
    }
    assert_eq!(Spoken::hear((200, said[0].clone())).action, Some(gather_url));
}

/// The hooks of a portal, as small as can be: each checks the signature first.
async fn portal() -> String {
    let server = HttpServer::new(|| App::new().route("/{hook}", web::post().to(hook)));
    let server = server.workers(1).disable_signals().bind("127.0.0.1:0").expect("a free port");
    let base = format!("http://{}", server.addrs()[0]);
    tokio::spawn(server.run());
    base
}

async fn hook(request: HttpRequest, hook: web::Path<String>, form: web::Form<Vec<(String, String)>>) -> HttpResponse {
    let base = format!("http://{}", request.app_config().local_addr());
    let url = format!("{base}{}", request.uri());
    let signature = request.headers().get(HEADER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !verify(&Secret::new(TOKEN.to_owned()), &url, &form, signature) {
        return HttpResponse::BadRequest().finish();
    }
    let installation = Line::new("Smith & Sons <Clinic>");
    let digit = form.iter().find(|(name, _)| name == "Digits").map(|(_, digit)| digit.as_str());
    let twiml = match (hook.as_str(), digit) {
        ("answer", _) => {
            Answer { installation, gather_url: format!("{base}/gather?x=1&y=2"), wait_seconds: 10 }.render()
        }
        ("gather", Some("#")) => Approved { installation }.render(),
        ("gather", _) => Refused { installation }.render(),
        _ => return HttpResponse::NoContent().finish(),
    };
    HttpResponse::Ok().content_type("text/xml").body(twiml.expect("it renders"))
}
