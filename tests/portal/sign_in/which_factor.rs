//! Which factor is asked after which option.

use crate::support::{BY_EMAIL, BY_PHONE, TestApp};

const PHONE: &str = "/login/verify/phone";
const EMAIL: &str = "/login/verify/email";
const APP: &str = "/login/verify/authenticator";
const HOME: &str = "/home";

/// SPEC section 2, the whole table.
#[tokio::test]
async fn the_option_and_what_is_enrolled_decide_which_factor_is_asked() {
    let app = TestApp::spawn().await;
    for (username, has, by_phone, by_email) in [
        ("owner.two", "phone and e-mail", PHONE, EMAIL),
        ("all.factors", "phone, e-mail, app and recovery codes", PHONE, EMAIL),
        ("phone.only", "phone", PHONE, PHONE),
        ("email.only", "e-mail", EMAIL, EMAIL),
        ("app.only", "app", APP, APP),
        ("token", "token", APP, APP),
        ("jnunez", "phone and app", PHONE, APP),
        ("psingh", "e-mail and app", APP, EMAIL),
        ("org.level", "an app of the organization's", APP, APP),
        ("member.none", "nothing", HOME, HOME),
    ] {
        for (option, asked) in [(BY_PHONE, by_phone), (BY_EMAIL, by_email)] {
            let browser = app.after_password(option, username).await;
            assert_eq!((browser.status(), browser.path()), (200, asked), "{username} has {has}; {option}");
        }
    }
}

/// SPEC section 2: recovery codes alone are not asked for.
#[tokio::test]
async fn somebody_with_recovery_codes_only_is_asked_for_nothing() {
    let app = TestApp::spawn().await;
    let user = app.user_id("all.factors");
    app.sql(format!("DELETE FROM factors WHERE user_id = '{user}'")).await;
    app.after_password(BY_PHONE, "all.factors").await.must_be_at("/home");
}

/// S3
#[tokio::test]
async fn a_phone_is_asked_after_login_with_email_where_there_is_nothing_else() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    browser.choose(BY_EMAIL, false).await;
    let before = browser.text().to_lowercase();
    for word in ["phone number", "xxx-xxx", "authenticator", "inbox", "sms", "text message"] {
        assert!(!before.contains(word), "{word:?} is said before the password: {before}");
    }
    browser.sign_in_as(&app.email("phone.only"), &app.password("phone.only")).await;
    browser.must_be_at(PHONE).must_say("XXX-XXX-9885").must_say(
        "We have the following number on record for you. We can send a code via SMS or phone to authenticate you.",
    );
}

/// SPEC section 2: what Try another way lists.
#[tokio::test]
async fn try_another_way_lists_what_is_there_and_allowed_and_nothing_else() {
    let app = TestApp::spawn().await;
    for (username, ways) in [
        ("phone.only", vec!["Text message or call"]),
        ("app.only", vec!["Authenticator app"]),
        ("token", vec!["Hardware token"]),
        ("all.factors", vec!["Text message or call", "Code by e-mail", "Authenticator app", "Recovery code"]),
    ] {
        let mut browser = app.after_password(BY_PHONE, username).await;
        browser.click("Try another way").await;
        assert_eq!(browser.page().texts("button.choice strong"), ways, "{username}");
    }
    let harbor = app.organization_id("harbor_valley");
    app.sql(format!("UPDATE organizations SET allowed_methods = 'authenticator,phone' WHERE id = '{harbor}'")).await;
    let mut browser = app.after_password(BY_EMAIL, "all.factors").await;
    assert_eq!(browser.path(), APP, "e-mail is not allowed any more");
    browser.click("Try another way").await;
    let ways = browser.page().texts("button.choice strong");
    assert_eq!(ways, ["Text message or call", "Authenticator app", "Recovery code"]);
    let sent = browser.post("/login/verify/email", &[]).await.path.clone();
    assert_eq!((sent.as_str(), app.count_of("all.factors", "sign_in_code").await), ("/login/verify/other", 0));
}

/// SPEC section 6: a user-level proof does not count for an organization that wants its own.
#[tokio::test]
async fn an_organization_that_wants_its_own_factor_takes_no_recovery_code() {
    let app = TestApp::spawn().await;
    let (from, to) = (app.user_id("all.factors"), app.user_id("org.level"));
    app.sql(format!("UPDATE recovery_codes SET user_id = '{to}' WHERE user_id = '{from}'")).await;
    let mut browser = app.after_password(BY_PHONE, "org.level").await;
    browser.click("Try another way").await;
    assert_eq!(browser.page().texts("button.choice strong"), ["Authenticator app"]);
}
