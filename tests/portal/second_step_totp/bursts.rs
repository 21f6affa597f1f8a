//! Many at once: no more is judged than the limits allow, and one right code opens one session.

use crate::support::{BY_PHONE, Browser, TestApp, other_than};

const WHICH: &str = "authenticator";
const CODE: &str = "/login/verify/phone/code";

/// The burst: 200 wrong codes over 20 sessions.
/// ASVS 6.6.3, 15.4.2; NIST 3.1.3.2.
#[tokio::test]
async fn of_200_wrong_codes_in_one_burst_ten_are_judged() {
    let app = TestApp::spawn().await;
    let wrong = app.wrong_totp("app.only", WHICH);
    let browsers = browsers(&app, "app.only", 20).await;
    let statuses = burst(&browsers, "/login/verify/authenticator", &wrong, 10).await;
    assert_eq!(statuses.len(), 200);
    assert!(statuses.iter().all(|s| *s < 500), "{statuses:?}");
    assert_eq!(app.audited("app.only", "second_step", "failure").await, 10);
    assert_eq!(app.count_of("app.only", "factor_paused").await, 1);
}

/// The same by text message, over sessions and resends.
#[tokio::test]
async fn of_200_wrong_codes_over_sessions_and_resends_ten_are_judged() {
    let app = TestApp::spawn().await;
    let mut browsers = browsers(&app, "phone.only", 4).await;
    for at in [0, 31] {
        app.at(at);
        for browser in &mut browsers {
            app.forget_limits("send:").await;
            browser.get("/login/verify/phone").await;
            browser.click("Send Code").await;
            browser.must_be_at(CODE);
        }
        let wrong = other_than(&app.code_of("phone.only").await);
        // The code is one session's; to the others it is wrong just as well.
        let statuses = burst(&browsers, CODE, &wrong, 25).await;
        assert!(statuses.iter().all(|s| *s < 500), "{statuses:?}");
        let judged = app.audited("phone.only", "second_step", "failure").await;
        assert!(judged <= 10, "{judged} were judged");
        if judged == 10 {
            return;
        }
    }
    panic!("fewer than ten were judged");
}

/// SECURITY section 2: 30 wrong codes per address and minute, over all accounts.
/// ASVS 2.4.1.
#[tokio::test]
async fn one_address_enters_thirty_wrong_codes_a_minute_and_no_more() {
    let app = TestApp::behind_proxy().await;
    let people = ["app.only", "admin", "owner.one", "jnunez", "psingh", "wchen"];
    let mut judged = 0;
    let mut last = app.browser();
    for username in people {
        let wrong = app.wrong_totp(username, WHICH);
        let mut browser = app.browser().from("203.0.113.9");
        app.password_in(&mut browser, BY_PHONE, false, username).await;
        browser.get("/login/verify/authenticator").await;
        for _ in 0..6 {
            browser.post("/login/verify/authenticator", &[("code", &wrong)]).await;
        }
        judged += app.audited(username, "second_step", "failure").await;
        last = browser;
    }
    assert_eq!(judged, 30);
    assert_eq!(last.status(), 429);
    let mut elsewhere = app.browser().from("198.51.100.1");
    app.sign_in(&mut elsewhere, BY_PHONE, false, "vpetrova").await;
}

/// U19, with 200 posts; afterwards neither this code nor one of an older step opens anything.
/// ASVS 6.5.1, 15.4.2; NIST 3.1.4.2.
#[tokio::test]
async fn of_200_posts_of_one_right_code_one_makes_a_session() {
    let app = TestApp::spawn().await;
    app.mid_step();
    let browser = app.after_password(BY_PHONE, "app.only").await;
    let mut late = app.after_password(BY_PHONE, "app.only").await;
    let [older, code] = [-1, 0].map(|steps| app.totp("app.only", WHICH, steps));
    assert_eq!(app.posts_at_once(200, &browser, "/login/verify/authenticator", &[("code", &code)]).await, 1);
    assert_eq!(app.audited("app.only", "sign_in", "success").await, 1);
    for code in [&code, &older] {
        late.get("/login/verify/authenticator").await;
        late.fill("Verification Code", code).click("Verify Code").await;
        late.must_be_at("/login/verify/authenticator");
    }
    assert_eq!(app.open_sessions("app.only").await, 1);
}

/// The same from many sign-ins of one person.
/// ASVS 6.5.1, 15.4.2; NIST 3.1.4.2.
#[tokio::test]
async fn one_right_code_in_many_sign_ins_at_once_opens_one_of_them() {
    let app = TestApp::spawn().await;
    app.mid_step();
    let browsers = browsers(&app, "app.only", 12).await;
    let code = app.totp("app.only", WHICH, 0);
    burst(&browsers, "/login/verify/authenticator", &code, 2).await;
    assert_eq!(app.open_sessions("app.only").await, 1);
}

/// ASVS 7.2.4: two codes that are both right still follow one sign-in only once.
#[tokio::test]
async fn two_right_codes_at_once_make_one_session_of_one_sign_in() {
    let app = TestApp::spawn().await;
    app.mid_step();
    let browser = app.after_password(BY_PHONE, "app.only").await;
    let codes = [0, 1].map(|steps| app.totp("app.only", WHICH, steps));
    let posts = codes.iter().flat_map(|code| [code; 5]).map(|code| {
        let mut copy = browser.clone();
        async move { copy.post_only("/login/verify/authenticator", &[("code", code)]).await.status }
    });
    let statuses = futures_util::future::join_all(posts).await;
    assert!(statuses.iter().all(|s| *s < 500), "{statuses:?}");
    assert_eq!(app.open_sessions("app.only").await, 1);
}

async fn browsers(app: &TestApp, username: &str, many: usize) -> Vec<Browser> {
    let ways = (0..many).map(|_| app.after_password(BY_PHONE, username));
    futures_util::future::join_all(ways).await
}

/// Posts a code `each` times from every browser, all at once; the statuses.
async fn burst(browsers: &[Browser], path: &str, code: &str, each: usize) -> Vec<u16> {
    let posts = browsers.iter().flat_map(|browser| std::iter::repeat_n(browser, each)).map(|browser| {
        let mut copy = browser.clone();
        async move { copy.post_only(path, &[("code", code)]).await.status }
    });
    futures_util::future::join_all(posts).await
}
