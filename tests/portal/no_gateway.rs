//! A portal whose configuration names no gateway for texts and calls: nobody is led to a phone, and whoever
//! has one is neither let in without it nor left without a way on. SPEC sections 2, 3, 5 and 6.

use std::time::{Duration, Instant};

use crate::faults::senders::mail_at;
use crate::registration::{ADA, HARBOR, fill_details};
use crate::support::smtp::{Security, SmtpServer};
use crate::support::{BY_PHONE, Browser, TestApp};

const WHY: &str = "This server has no gateway for texts and calls";
const SETTINGS: &str = "/admin/security";

/// In serve mode, with mail and without a gateway.
async fn silent() -> (SmtpServer, TestApp) {
    let mail = SmtpServer::start(Security::None).await;
    let smtp = mail_at(mail.port);
    let app = TestApp::serve_mode(|config| config.smtp = Some(smtp)).await;
    // In this order: what hands mails over ends before what takes them.
    (mail, app)
}

/// The settings, looked at by an owner who has an authenticator.
async fn owner(app: &TestApp) -> Browser {
    let mut owner = app.signed_in("owner.one").await;
    owner.get(SETTINGS).await;
    owner.must_be_at(SETTINGS);
    owner
}

#[tokio::test]
async fn set_up_offers_no_phone() {
    let (_mail, app) = silent().await;
    let mut browser = app.after_password(BY_PHONE, "tbrooks").await;
    browser.must_be_at("/security/setup");
    assert!(browser.page().has("a[href='/security/setup/email']"));
    assert!(!browser.page().has("a[href='/security/setup/phone']"));
    browser.must_say("Your organization accepts: authenticator app, e-mail code and hardware token.");
    assert_eq!(browser.get_only("/security/setup/phone").await.location(), Some("/security/setup"));
    let fields = [("country_code", "+1"), ("phone_number", "601-555-0188"), ("how", "sms")];
    assert_eq!(browser.post_only("/security/setup/phone", &fields).await.location(), Some("/security/setup"));
}

/// The path of the link that was mailed to somebody.
async fn mailed_link(mail: &SmtpServer, to: &str) -> String {
    let begun = Instant::now();
    loop {
        let link = mail.received().iter().filter(|m| m.to.iter().any(|one| one == to)).find_map(|m| {
            let text = m.part("text/plain")?;
            text.split_whitespace().find_map(|word| word.find("/register/continue/").map(|at| word[at..].to_owned()))
        });
        if let Some(link) = link {
            return link;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "no link came");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn registering_offers_no_phone() {
    let (mail, app) = silent().await;
    let mut browser = app.at_details(HARBOR).await;
    fill_details(&mut browser, &ADA).click("Next").await;
    browser.must_be_at("/register/sent");
    browser.get(&mailed_link(&mail, ADA.email).await).await;
    browser.must_be_at("/register/method");
    let offered = browser.page().controls();
    assert!(offered.iter().any(|name| name.starts_with("Email")), "{offered:?}");
    assert!(!offered.iter().any(|name| name.starts_with("Phone")), "{offered:?}");
    let chosen = browser.post_only("/register/method", &[("method", "phone")]).await;
    assert_eq!(chosen.status, 404);
}

#[tokio::test]
async fn security_offers_no_phone_and_says_why() {
    let (_mail, app) = silent().await;
    let mut browser = app.signed_in("all.factors").await;
    browser.get("/security").await;
    browser.must_say(WHY).must_say("XXX-XXX-").must_say("Not usable now");
    assert!(!browser.page().has("a[href='/security/phones/new']"));
    assert_eq!(browser.get_only("/security/phones/new").await.location(), Some("/security"));
    let fields = [("country_code", "+1"), ("phone_number", "601-555-0188"), ("how", "call")];
    assert_eq!(browser.post_only("/security/phones/new", &fields).await.location(), Some("/security"));
}

/// The organization's choice is kept for the day there is a gateway, and cannot be made before.
#[tokio::test]
async fn the_settings_say_so_and_keep_what_is_chosen() {
    let (_mail, app) = silent().await;
    let mut owner = owner(&app).await;
    owner.must_say(WHY);
    assert!(owner.page().has("#phone[checked]:not([disabled])"));
    owner.fill("Session without use in minutes", "25").click("Preview changes").await;
    owner.must_be_at("/admin/security/preview");
    assert!(!owner.says("Allowed methods:"), "{}", owner.text());
    save(&mut owner).await;
    assert!(owner.page().has("#phone[checked]"));

    owner.check("Phone", false).click("Preview changes").await;
    owner.must_say("Allowed methods");
    save(&mut owner).await;
    assert!(owner.page().has("#phone[disabled]:not([checked])"));
    let shown = owner.page();
    let hidden = |name: &str| shown.attribute(&format!("input[name={name}]"), "value").expect("a field");
    let query = format!(
        "/admin/security/preview?organization_id={}&seen={}&grace_shown=0&grace_days=0&authenticator=1&email=1&phone=1\
         &hardware_token=1&email_code_seconds=30&idle_minutes=25&absolute_hours=12&remember_me=credentials_and_mfa",
        app.organization_id(HARBOR),
        hidden("seen"),
    );
    owner.get(&query).await;
    owner.must_say("Everything is set like that already.");
}

async fn save(owner: &mut Browser) {
    owner.click("Save").await;
    owner.must_be_at(SETTINGS).must_say("The settings were saved");
}

/// Neither in by the password alone nor left at a page that sends nothing.
#[tokio::test]
async fn who_has_a_phone_alone_is_shown_the_way_out() {
    let (_mail, app) = silent().await;
    let mut browser = app.after_password(BY_PHONE, "phone.only").await;
    browser.must_be_at("/login/verify/other").must_say("XXX-XXX-9885").must_say(WHY);
    assert!(browser.page().has("a[href='/mfa/reset']") && !browser.page().has("button[name=way]"));
    assert_eq!(browser.get_only("/home").await.location(), Some("/login/verify"));
    assert_eq!(browser.get_only("/login/verify/phone").await.location(), Some("/login/verify/other"));
    let sent = browser.post_only("/login/verify/phone", &[("how", "sms")]).await;
    assert_eq!(sent.location(), Some("/login/verify/other"));
    assert_eq!(app.audited("phone.only", "code_sent", "success").await, 0);
}

#[tokio::test]
async fn who_has_another_way_is_asked_for_that() {
    let (_mail, app) = silent().await;
    let mut browser = app.after_password(BY_PHONE, "all.factors").await;
    browser.must_be_at("/login/verify/authenticator");
    browser.get("/login/verify/other").await;
    browser.must_say(WHY);
    assert!(browser.page().has("button[value=email]") && browser.page().has("button[value=recovery_code]"));
    assert!(!browser.page().has("button[value=phone]"));
    // The phone still counts as set up.
    let browser = app.after_password(BY_PHONE, "sole.owner").await;
    browser.must_be_at("/login/verify/email");
}
