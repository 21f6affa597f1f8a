//! Signing in with the real senders: a mail server and a telephone gateway in this process.

use std::time::Duration;

use vestibule::outbox::email::{SmtpSettings, SmtpTls};
use vestibule::outbox::twilio::TwilioSettings;
use vestibule::outbox::twilio_signature::sign;
use vestibule::secrets::Secret;

use crate::support::smtp::{Behavior as Mail, Security, SmtpServer};
use crate::support::twilio::{ACCOUNT, Behavior as Gateway, Spoken, TOKEN, TwilioServer, post_signed};
use crate::support::{BY_EMAIL, BY_PHONE, TestApp};

struct Outside {
    app: TestApp,
    mail: SmtpServer,
    gateway: TwilioServer,
}

async fn outside() -> Outside {
    let mail = SmtpServer::start(Security::None).await;
    let gateway = TwilioServer::start().await;
    let smtp = SmtpSettings {
        host: "127.0.0.1".into(),
        port: Some(mail.port),
        tls: SmtpTls::None,
        ca_file: None,
        user: None,
        password: None,
        from_address: "portal@login.example.org".into(),
        from_name: "Vestibule".into(),
        hello_name: None,
        max_connections: 2,
    };
    let twilio = TwilioSettings {
        base_url: gateway.base_url.clone(),
        account_sid: ACCOUNT.into(),
        auth_token: Secret::new(TOKEN.into()),
        sms_from: Some("+16015550100".into()),
        messaging_service_sid: None,
        call_from: Some("+16015550100".into()),
        ca_file: None,
    };
    let app = TestApp::serve_mode(|config| {
        config.smtp = Some(smtp);
        config.twilio = Some(twilio);
    })
    .await;
    Outside { app, mail, gateway }
}

impl Outside {
    /// The six digits of the newest text message.
    fn texted(&self) -> String {
        let received = self.gateway.received();
        digits(received.iter().rev().find(|r| r.resource == "Messages").expect("a text message").one("Body"))
    }

    /// Posts as the gateway does: under the address it was given, to where this portal really listens.
    async fn hook(&self, url: &str, fields: &[(&str, &str)]) -> (u16, String) {
        let form: Vec<(String, String)> = fields.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let signature = sign(&Secret::new(TOKEN.to_owned()), url, &form);
        post_signed(&self.here(url), &form, &signature).await
    }

    fn here(&self, url: &str) -> String {
        url.replace(&self.app.app.config.public_url, &self.app.base)
    }
}

fn digits(text: &str) -> String {
    let mut groups = text.split(|c: char| !c.is_ascii_digit()).filter(|group| group.len() == 6);
    groups.next().unwrap_or_else(|| panic!("no code in {text}")).to_owned()
}

#[tokio::test]
async fn a_code_by_the_gateway_signs_in() {
    let outside = outside().await;
    let mut browser = outside.app.after_password(BY_PHONE, "phone.only").await;
    browser.click("Send Code").await;
    let code = outside.texted();
    browser.fill("Verification Code", &code).click("Verify Code").await;
    browser.must_be_at("/home");
    assert_eq!(outside.gateway.received()[0].one("To"), "+16015559885");
}

#[tokio::test]
async fn a_code_by_the_mail_server_signs_in() {
    let outside = outside().await;
    let mut browser = outside.app.after_password(BY_EMAIL, "email.only").await;
    browser.click("Send verification code").await;
    browser.must_say("Verification code has been sent to your inbox.");
    let code = {
        let received = outside.mail.received();
        assert_eq!(received.len(), 1, "one mail");
        assert_eq!(received[0].to, [outside.app.email("email.only")]);
        digits(&received[0].part("text/plain").expect("a text part"))
    };
    browser.fill("Verification code", &code).click("Verify code").await;
    browser.click("Continue").await;
    browser.must_be_at("/home");
}

/// S5, by the gateway's own words.
/// ASVS 4.1.5.
#[tokio::test]
async fn a_call_by_the_gateway_is_approved_with_the_pound_key_and_a_right_signature_only() {
    let outside = outside().await;
    let mut browser = outside.app.after_password(BY_PHONE, "phone.only").await;
    browser.click("Call Me").await;
    let call = outside.gateway.received()[0].clone();
    let answer_url = call.one("Url").to_owned();
    let spoken = Spoken::hear(outside.hook(&answer_url, &[("CallStatus", "in-progress")]).await);
    let gather = spoken.action.expect("the words ask for a key");
    let form = vec![("Digits".to_owned(), "#".to_owned())];
    for signature in ["", "forged", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="] {
        assert_eq!(post_signed(&outside.here(&gather), &form, signature).await.0, 403);
    }
    browser.refresh().await;
    browser.must_say("Answer and press #");
    let (status, _) = outside.hook(&gather, &[("Digits", "#")]).await;
    assert_eq!(status, 200);
    browser.refresh().await;
    browser.must_be_at("/home");
}

/// S5: no answer, busy, voicemail that ends the call: nothing is approved.
#[tokio::test]
async fn a_call_that_the_gateway_ends_approves_nothing() {
    for (username, status) in [("phone.only", "no-answer"), ("aalmasri", "busy"), ("cmoreau", "completed")] {
        let outside = outside().await;
        let mut browser = outside.app.after_password(BY_PHONE, username).await;
        browser.click("Call Me").await;
        let call = outside.gateway.received()[0].clone();
        let (answer, _) = outside.hook(call.one("StatusCallback"), &[("CallStatus", status)]).await;
        assert_eq!(answer, 204);
        browser.refresh().await;
        browser.must_say("The call did not verify you");
        let late = outside.hook(&call.one("Url").replace("/answer", "/gather"), &[("Digits", "#")]).await;
        assert_eq!(late.0, 200);
        browser.refresh().await;
        browser.must_say("The call did not verify you");
    }
}

/// ASVS 16.5.2: servers that are down, slow or refusing let nobody in, and deliver when they are back.
#[tokio::test]
async fn nobody_gets_in_while_senders_are_down_and_nothing_is_lost() {
    let outside = outside().await;
    outside.gateway.behave(Gateway::Error(503, 20500));
    outside.mail.behave(Mail::AnswerData(451));
    let mut by_phone = outside.app.after_password(BY_PHONE, "phone.only").await;
    by_phone.click("Send Code").await;
    by_phone.must_say("The text message could not be sent");
    let mut by_email = outside.app.after_password(BY_EMAIL, "email.only").await;
    by_email.click("Send verification code").await;
    by_email.must_say("The e-mail could not be sent");
    for (browser, page) in [(&mut by_phone, "/login/verify/phone"), (&mut by_email, "/login/verify/email")] {
        browser.get("/home").await;
        assert_eq!(browser.path(), page);
    }
    outside.gateway.behave(Gateway::Accept);
    outside.mail.behave(Mail::Accept);
    // The outbox tries again by itself, and the page then has the code's field.
    for _ in 0..100 {
        by_phone.get("/login/verify/phone/code").await;
        by_email.get("/login/verify/email").await;
        if by_phone.page().has("input[name=code]") && by_email.page().has("input[name=code]") {
            break;
        }
        outside.app.later(1);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let code = outside.texted();
    by_phone.fill("Verification Code", &code).click("Verify Code").await;
    by_phone.must_be_at("/home");
    by_email.must_say("Please copy it to the input box below.");
}
