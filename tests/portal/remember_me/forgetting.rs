//! What ends it before its time.

use vestibule::domain::sessions::end_everything;

use crate::support::{BY_EMAIL, BY_PHONE, Browser, TestApp};

async fn under_both(app: &TestApp) -> Browser {
    let mut browser = app.browser();
    for option in [BY_PHONE, BY_EMAIL] {
        app.sign_in(&mut browser, option, true, "owner.two").await;
        browser.close_and_reopen();
    }
    browser
}

/// S12
#[tokio::test]
async fn pressing_an_option_with_the_box_cleared_forgets_that_option_only() {
    let app = TestApp::spawn().await;
    let mut browser = under_both(&app).await;
    let mut copy = browser.clone();
    browser.choose(BY_PHONE, false).await;
    browser.must_be_at("/login/phone").must_say("Remember Me is off.");
    browser.close_and_reopen();
    browser.choose(BY_PHONE, true).await;
    browser.must_be_at("/login/phone");
    browser.choose(BY_EMAIL, true).await;
    browser.must_be_at("/home");
    // Also what a copy of the cookie still holds.
    copy.choose(BY_PHONE, true).await;
    copy.must_be_at("/login/phone");
}

/// S12: everything asked now, and later.
#[tokio::test]
async fn with_the_box_cleared_the_sign_in_is_not_remembered() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    app.sign_in(&mut browser, BY_PHONE, false, "phone.only").await;
    assert_eq!(browser.cookie("remember"), None);
    browser.close_and_reopen();
    browser.choose(BY_PHONE, true).await;
    browser.must_be_at("/login/phone");
}

/// SPEC section 2: sign-out keeps it and says until when.
#[tokio::test]
async fn sign_out_keeps_it_says_until_when_and_offers_to_forget() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    app.sign_in(&mut browser, BY_PHONE, true, "phone.only").await;
    browser.click("Sign out").await;
    browser.must_be_at("/signed-out").must_say("Marcus Tran").must_say("This browser is remembered until");
    browser.get("/login").await;
    browser.click(BY_PHONE).await;
    browser.must_be_at("/home");
    browser.click("Sign out").await;
    let mut copy = browser.clone();
    browser.click("Forget this browser").await;
    browser.must_be_at("/login").must_say("This browser no longer remembers anybody.");
    assert!(!browser.page().is_checked("Remember Me"));
    for mut browser in [browser, copy.clone()] {
        browser.choose(BY_PHONE, true).await;
        browser.must_be_at("/login/phone");
    }
    copy.get("/signed-out").await;
    copy.must_say("Nobody is remembered here");
}

/// SPEC section 2: **Forget this browser** forgets all.
#[tokio::test]
async fn forget_this_browser_forgets_every_option_and_person() {
    let app = TestApp::spawn().await;
    let mut browser = under_both(&app).await;
    app.sign_in(&mut browser, BY_PHONE, false, "member.none").await;
    browser.get("/security/sessions").await;
    browser.click("Forget this browser").await;
    browser.must_be_at("/security/sessions").must_say("This browser remembers nobody.");
    for option in [BY_PHONE, BY_EMAIL] {
        browser.choose(option, true).await;
        browser.must_say("Sign in with your email address");
    }
}

/// SPEC section 2, S16: the managing organization has switched it off.
#[tokio::test]
async fn where_the_organization_switched_it_off_nothing_is_issued_and_nothing_opens() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    app.sign_in(&mut browser, BY_PHONE, true, "kolsen").await;
    assert_eq!(browser.cookie("remember"), None);

    let mut browser = app.browser();
    app.sign_in(&mut browser, BY_PHONE, true, "phone.only").await;
    let harbor = app.organization_id("harbor_valley");
    app.sql(format!("UPDATE organizations SET remember_me = 'off' WHERE id = '{harbor}'")).await;
    browser.close_and_reopen();
    browser.get("/login").await;
    assert!(!browser.page().is_checked("Remember Me"));
    browser.choose(BY_PHONE, true).await;
    browser.must_be_at("/login/phone");
}

/// S13: disabled, locked, or ended by a reset.
#[tokio::test]
async fn a_disabled_locked_or_reset_account_is_not_remembered() {
    let app = TestApp::spawn().await;
    let mut browsers = Vec::new();
    for username in ["phone.only", "app.only", "owner.two", "member.none"] {
        let mut browser = app.browser();
        app.sign_in(&mut browser, BY_PHONE, true, username).await;
        browser.close_and_reopen();
        browsers.push(browser);
    }
    let [disabled, locked, reset, off] = ["phone.only", "app.only", "owner.two", "member.none"].map(|u| app.user_id(u));
    app.sql(format!("UPDATE users SET account = 'disabled' WHERE id = '{disabled}'")).await;
    app.sql(format!("UPDATE factors SET state = 'switched_off' WHERE user_id = '{locked}'")).await;
    app.sql(format!("UPDATE users SET password_off_at = created_at WHERE id = '{off}'")).await;
    let now = app.app.core.clock.now();
    app.write(move |conn| Ok(end_everything(conn, &reset, now)?)).await;
    for browser in &mut browsers {
        browser.choose(BY_PHONE, true).await;
        browser.must_be_at("/login/phone").must_say("Sign in with your email address");
    }
}

/// S13 and ASVS 7.4.2: an open session born from it ends at once as well.
#[tokio::test]
async fn a_session_ends_with_the_account_at_the_next_request() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    app.sign_in(&mut browser, BY_PHONE, true, "phone.only").await;
    let id = app.user_id("phone.only");
    app.sql(format!("UPDATE users SET account = 'disabled' WHERE id = '{id}'")).await;
    browser.get("/home").await;
    assert_eq!(browser.path(), "/login");
}
