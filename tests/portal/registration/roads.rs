//! The whole road, by each method.

use vestibule::models::{Account, FactorKind, FactorState, factors, registrations};

use super::*;
use crate::support::BY_EMAIL;

async fn kinds(app: &TestApp, username: &str) -> Vec<FactorKind> {
    let user = app.user(username).await.expect("an account");
    let rows = app.read(move |conn| Ok(factors::list(conn, &user.id)?)).await;
    let mut kinds: Vec<FactorKind> =
        rows.into_iter().filter(|f| f.state == FactorState::Active).map(|f| f.kind).collect();
    kinds.sort();
    kinds
}

#[tokio::test]
async fn a_provider_registers_with_a_phone() {
    let app = TestApp::spawn().await;
    let mut browser = app.at_password(HARBOR, &ADA, "Phone").await;
    create(&mut browser, PASSWORD).await;
    browser
        .must_be_at("/register/phone")
        .must_say("Enter a number below that we can send a code via SMS or phone to authenticate you.");
    browser.fill("Phone Number", "(601) 555-0188").click("Send Code").await;
    browser.must_be_at("/register/phone/code").must_say("XXX-XXX-0188");
    let code = app.code_to("+16015550188").await;
    browser.fill("Verification Code", &code).click("Verify Code").await;
    agree(&mut browser).await;
    browser.must_be_at("/home");
    assert_eq!(kinds(&app, ADA.username).await, [FactorKind::Phone, FactorKind::Email]);
    let user = app.user(ADA.username).await.expect("an account");
    assert_eq!((user.account, user.terms_version.as_deref()), (Account::Active, Some("1")));
    assert_eq!(user.managing_organization_id, Some(app.organization_id(HARBOR)));
    let id = user.id.clone();
    assert!(app.read(move |conn| Ok(registrations::find_by_user(conn, &id)?)).await.is_none());

    let mut again = app.browser();
    again.choose(BY_EMAIL, false).await;
    again.sign_in_as(ADA.email, PASSWORD).await;
    again.must_be_at("/login/verify/email");
}

#[tokio::test]
async fn a_provider_registers_with_a_call() {
    let app = TestApp::spawn().await;
    let mut browser = app.at_password(HARBOR, &ADA, "Phone").await;
    create(&mut browser, PASSWORD).await;
    browser.fill("Phone Number", "+1 601 555 0188").click("Call Me").await;
    browser.must_be_at("/register/phone/call").must_say("press the # key");
    let before = kinds(&app, ADA.username).await;
    assert_eq!(before, [FactorKind::Email], "a number counts once it is proven");
    let call = app.mails_to("+16015550188").await.into_iter().next().expect("a call");
    assert_eq!(app.press_at(&call.press_url.expect("it rings"), "#").await, 204);
    browser.refresh().await;
    agree(&mut browser).await;
    browser.must_be_at("/home");
    assert_eq!(kinds(&app, ADA.username).await, [FactorKind::Phone, FactorKind::Email]);
}

/// SPEC section 3: **CONTINUE** leads home also where the organization wants a factor of its own.
#[tokio::test]
async fn a_phone_counts_for_an_organization_that_wants_its_own() {
    for how in ["Send Code", "Call Me"] {
        let app = TestApp::spawn().await;
        let mut browser = app.at_password("northgate", &ADA, "Phone").await;
        create(&mut browser, PASSWORD).await;
        browser.fill("Phone Number", "+1 601 555 0188").click(how).await;
        if how == "Send Code" {
            let code = app.code_to("+16015550188").await;
            browser.fill("Verification Code", &code).click("Verify Code").await;
        } else {
            let call = app.mails_to("+16015550188").await.into_iter().next().expect("a call");
            assert_eq!(app.press_at(&call.press_url.expect("it rings"), "#").await, 204);
            browser.refresh().await;
        }
        agree(&mut browser).await;
        browser.must_be_at("/home");
        let mut again = app.browser();
        again.choose(BY_EMAIL, false).await;
        again.sign_in_as(ADA.email, PASSWORD).await;
        again.must_be_at("/login/verify/phone");
    }
}

#[tokio::test]
async fn a_provider_registers_with_email() {
    let app = TestApp::spawn().await;
    let mut browser = app.at_terms(HARBOR, &ADA).await;
    agree(&mut browser).await;
    browser.must_be_at("/home");
    assert_eq!(kinds(&app, ADA.username).await, [FactorKind::Email]);
}

#[tokio::test]
async fn a_provider_registers_with_an_authenticator_app() {
    let app = TestApp::spawn().await;
    let mut browser = app.at_password(HARBOR, &ADA, "Authenticator app").await;
    create(&mut browser, PASSWORD).await;
    browser.must_be_at("/register/authenticator").must_say("MFA Configuration");
    let link = browser.page().attribute("a[href^=otpauth]", "href").expect("a link for an app on this device");
    let totp = totp_rs::Totp::from_url(&link).expect("a key URI");
    let now = vestibule::clock::unix(app.app.core.clock.now());
    let code = totp.generate(now).to_string();
    browser.fill("One-time code", &code).fill("Device name", "Ada's phone").click("Save").await;
    browser.must_say("Save your recovery codes");
    browser.check("I have saved these codes", true).click("Continue").await;
    agree(&mut browser).await;
    browser.must_be_at("/home");
    assert_eq!(kinds(&app, ADA.username).await, [FactorKind::Authenticator]);
}

#[tokio::test]
async fn only_what_the_organization_allows_is_offered() {
    let app = TestApp::spawn().await;
    let link = app.started("northgate", &ADA).await;
    let mut browser = app.browser();
    browser.get(&link).await;
    let controls = browser.page().controls();
    assert!(controls.iter().any(|c| c.starts_with("Phone")) && !controls.iter().any(|c| c == "Email"), "{controls:?}");
    let forged = browser.post_only("/register/method", &[("method", "email")]).await;
    assert_eq!(forged.status, 404);
}

/// The phone takes no code: another method can still be chosen.
#[tokio::test]
async fn nobody_is_stuck_with_a_phone_that_takes_no_code() {
    let app = TestApp::spawn().await;
    let mut browser = app.at_password(HARBOR, &ADA, "Phone").await;
    create(&mut browser, PASSWORD).await;
    browser.click("Email").await;
    agree(&mut browser).await;
    browser.must_be_at("/home");
    assert_eq!(kinds(&app, ADA.username).await, [FactorKind::Email]);
}

/// A reload of the page with the recovery codes sends **Save** again: nothing is added, and nothing untrue said.
#[tokio::test]
async fn a_save_that_is_sent_again_goes_on() {
    let app = TestApp::spawn().await;
    let mut browser = app.at_password(HARBOR, &ADA, "Authenticator app").await;
    create(&mut browser, PASSWORD).await;
    browser.must_be_at("/register/authenticator");
    app.mid_step();
    let code = crate::set_up::code(&app, &crate::set_up::key(&browser), 0);
    let mut again = browser.clone();
    crate::set_up::save(&mut browser, &code, "Phone").await;
    browser.must_say("Save your recovery codes");
    crate::set_up::save(&mut again, &code, "Phone").await;
    again.must_be_at("/register/authenticator").must_say("Your authenticator is saved.");
    assert!(!again.says("You already have a device"));
    again.click("Continue").await;
    again.must_be_at("/terms");
    assert_eq!(kinds(&app, ADA.username).await, [FactorKind::Authenticator]);
}

/// SPEC section 6: e-mail is never an organization's own factor, so an organization that wants its own does not
/// offer it as the last step before a set-up that would follow anyway.
#[tokio::test]
async fn email_is_not_offered_where_it_would_not_count() {
    let app = TestApp::spawn().await;
    let allowed = "allowed_methods = 'authenticator,phone,email,hardware_token'";
    crate::set_up::change_organization(&app, "northgate", allowed).await;
    let link = app.started("northgate", &ADA).await;
    let mut browser = app.browser();
    browser.get(&link).await;
    browser.must_be_at("/register/method").must_say("Northgate Surgical Center wants factors of its own");
    assert!(browser.page().has("button[value=phone]") && browser.page().has("button[value=authenticator]"));
    assert!(!browser.page().has("button[value=email]"));
    let answer = browser.post_only("/register/method", &[("method", "email")]).await;
    assert_eq!(answer.status, 404);
    app.verify_address(&mut browser, &link, ADA.email, "Authenticator app").await;
    create(&mut browser, PASSWORD).await;
    browser.must_be_at("/register/authenticator");
    let answer = browser.post_only("/register/factor", &[("method", "email")]).await;
    assert_eq!(answer.status, 404, "nor afterwards");
    crate::set_up::enroll(&app, &mut browser, "Phone").await;
    if browser.says("Save your recovery codes") {
        browser.check("I have saved these codes", true).click("Continue").await;
    }
    agree(&mut browser).await;
    browser.must_be_at("/home");
}
