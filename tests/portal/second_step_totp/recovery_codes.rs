//! Recovery codes: only by **Try another way**, each once.

use crate::support::{BY_PHONE, Browser, TestApp};

async fn asked(app: &TestApp) -> Browser {
    let mut browser = app.after_password(BY_PHONE, "all.factors").await;
    browser.click("Try another way").await;
    browser.click("Recovery code").await;
    browser.must_be_at("/login/verify/recovery-code");
    browser
}

async fn enter(browser: &mut Browser, code: &str) {
    browser.fill("Recovery code", code).click("Verify code").await;
}

/// SECURITY section 2: one use each, and the owner is told.
/// ASVS 6.5.1; NIST 3.1.2.2.
#[tokio::test]
async fn a_recovery_code_works_once_and_is_told_by_mail() {
    let app = TestApp::spawn().await;
    let code = app.people.people["all.factors"].recovery_codes[0].clone();
    let mut browser = asked(&app).await;
    enter(&mut browser, &format!(" {}-{} ", code[..4].to_lowercase(), &code[4..])).await;
    browser.must_be_at("/home");
    assert_eq!(app.count_of("all.factors", "recovery_code_used").await, 1);
    let mut again = app.after_password(BY_PHONE, "all.factors").await;
    again.click("Try another way").await;
    again.must_say("7 codes left");
    again.click("Recovery code").await;
    enter(&mut again, &code).await;
    again.must_be_at("/login/verify/recovery-code").must_say("That code is not right, or it has been used.");
    let second = app.people.people["all.factors"].recovery_codes[1].clone();
    enter(&mut again, &second).await;
    again.must_be_at("/home");
}

/// ASVS 6.5.1
#[tokio::test]
async fn fifty_posts_of_one_recovery_code_make_one_session() {
    let app = TestApp::spawn().await;
    let code = app.people.people["all.factors"].recovery_codes[0].clone();
    let browser = asked(&app).await;
    assert_eq!(app.fifty_posts(&browser, "/login/verify/recovery-code", &[("code", &code)]).await, 1);
}

/// S8
#[tokio::test]
async fn a_recovery_code_of_somebody_else_is_refused() {
    let app = TestApp::spawn().await;
    let foreign = app.people.people["jnunez"].recovery_codes[0].clone();
    let mut browser = asked(&app).await;
    enter(&mut browser, &foreign).await;
    browser.must_say("That code is not right");
    enter(&mut browser, "").await;
    browser.must_say("Enter one of your recovery codes.");
    // Whoever has none is not asked for one.
    let mut none = app.after_password(BY_PHONE, "app.only").await;
    none.post("/login/verify/recovery-code", &[("code", &foreign)]).await;
    assert_eq!(none.path(), "/login/verify/other");
}
