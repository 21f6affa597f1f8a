//! Numbers that are taken, and those that are not.

use vestibule::models::factors;

use super::*;

async fn at_phone(app: &TestApp) -> Browser {
    let mut browser = app.at_password(HARBOR, &ADA, "Phone").await;
    create(&mut browser, PASSWORD).await;
    browser.must_be_at("/register/phone");
    browser
}

/// G6.
#[tokio::test]
async fn extensions_premium_and_foreign_numbers_are_refused_with_the_reason() {
    let app = TestApp::spawn().await;
    let mut browser = at_phone(&app).await;
    for (number, why) in [
        ("601-555-0188 x12", "Use a direct line with 10 digits. Extensions are not supported."),
        ("(601) 555-0188 ext. 4", "Extensions are not supported."),
        ("900 555 0188", "cannot be used"),
        ("+881 612345678", "cannot be used"),
        ("+44 20 7946 0958", "this country"),
        ("12345", "with all its digits"),
        ("", "Enter a phone number."),
    ] {
        browser.fill("Phone Number", number).click("Send Code").await;
        browser.must_be_at("/register/phone").must_say(why);
        assert_eq!(browser.page().value("Phone Number").as_deref(), Some(number));
    }
    let texts = app.outbox().await.into_iter().filter(|m| m.channel != "email").count();
    assert_eq!(texts, 0);
}

/// G6: kept as E.164.
#[tokio::test]
async fn however_a_number_is_written_it_is_kept_as_e164() {
    let app = TestApp::spawn().await;
    let mut browser = at_phone(&app).await;
    browser.fill("Country Code", "1").fill("Phone Number", "+1 (601) 555-0188").click("Send Code").await;
    let code = app.code_to("+16015550188").await;
    browser.fill("Verification Code", &code).click("Verify Code").await;
    browser.must_be_at("/terms");
    let user = app.user(ADA.username).await.expect("an account");
    let rows = app.read(move |conn| Ok(factors::list(conn, &user.id)?)).await;
    assert!(rows.iter().any(|f| f.phone.as_deref() == Some("+16015550188")));
}

#[tokio::test]
async fn a_call_that_is_hung_up_proves_nothing() {
    let app = TestApp::spawn().await;
    let mut browser = at_phone(&app).await;
    browser.fill("Phone Number", "601 555 0188").click("Call Me").await;
    let call = app.mails_to("+16015550188").await.into_iter().next().expect("a call");
    app.press_at(&call.press_url.expect("it rings"), "hangup").await;
    browser.refresh().await;
    browser.must_say("The call did not verify you");
    app.later(31);
    browser.refresh().await;
    browser.click("Send Code").await;
    browser.must_be_at("/register/phone/code");
}
