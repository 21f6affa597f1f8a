//! Sessions: their two limits, the id that changes, and how they end.

use std::sync::Arc;

use vestibule::domain::second_step::{Judged, totp};
use vestibule::domain::{access, sign_in};
use vestibule::models::sessions as rows;
use vestibule::secrets::Secret;
use vestibule::secrets::key_ring::sha256;

use crate::support::{BY_PHONE, Browser, TestApp};

const MINUTE: i64 = 60;
const HOUR: i64 = 3600;

async fn is_open(browser: &mut Browser) -> bool {
    let answer = browser.get_only("/security/sessions").await;
    assert!(matches!(answer.status, 200 | 303), "{}", answer.status);
    answer.status == 200
}

/// ASVS 7.3.1
#[tokio::test]
async fn a_session_is_open_just_before_30_min_without_use_and_over_just_after() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("member.none").await;
    app.at(30 * MINUTE - 10);
    assert!(is_open(&mut browser).await);
    app.at(60 * MINUTE);
    assert!(!is_open(&mut browser).await, "30:10 after its last use");
    app.at(60 * MINUTE - 20);
    assert!(is_open(&mut browser).await, "nothing was written by the one that came too late");
}

/// ASVS 7.3.2: twelve hours, however busy.
#[tokio::test]
async fn a_session_ends_after_twelve_hours_with_traffic_all_the_time() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("member.none").await;
    let mut at = 0;
    while at < 12 * HOUR - 2 * MINUTE {
        // Each minute in the last hour, each ten before.
        at += if at < 11 * HOUR { 10 * MINUTE } else { MINUTE };
        app.at(at);
        assert!(is_open(&mut browser).await, "after {at} s");
    }
    app.at(12 * HOUR - 20);
    assert!(is_open(&mut browser).await);
    app.at(12 * HOUR + 1);
    assert!(!is_open(&mut browser).await);
}

/// ASVS 7.3.2: the organization's own times.
#[tokio::test]
async fn an_organization_sets_shorter_times() {
    let app = TestApp::spawn().await;
    let harbor = app.organization_id("harbor_valley");
    let times = format!("UPDATE organizations SET idle_minutes = 5, absolute_minutes = 60 WHERE id = '{harbor}'");
    app.sql(times).await;
    let mut browser = app.signed_in("member.none").await;
    for minute in (4..60).step_by(4) {
        app.at(minute * MINUTE);
        assert!(is_open(&mut browser).await);
    }
    app.at(60 * MINUTE + 1);
    assert!(!is_open(&mut browser).await, "an hour after the sign-in");
    app.at(0);
    let mut browser = app.signed_in("member.none").await;
    app.at(5 * MINUTE + 1);
    assert!(!is_open(&mut browser).await, "five minutes without use");
}

/// ASVS 7.2.4: a new id after the password and after the factor; the old one is worth nothing.
#[tokio::test]
async fn the_cookie_changes_at_each_step_and_the_one_before_dies() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    browser.choose(BY_PHONE, false).await;
    assert_eq!(browser.cookie("vestibule"), None, "no session before the password");
    browser.sign_in_as(&app.email("phone.only"), &app.password("phone.only")).await;
    let mut half = browser.clone();
    app.second_step(&mut browser, "phone.only").await;
    browser.must_be_at("/home");
    assert_ne!(half.cookie("vestibule"), browser.cookie("vestibule"));
    half.get("/login/verify/phone").await;
    assert_eq!(half.path(), "/login");
    assert!(!is_open(&mut half).await && is_open(&mut browser).await);

    // Signing in anew in the same browser ends the session it had.
    let mut before = browser.clone();
    app.sign_in(&mut browser, BY_PHONE, false, "member.none").await;
    assert!(!is_open(&mut before).await && is_open(&mut browser).await);
}

/// ASVS 7.2.1 to 7.2.3
#[tokio::test]
async fn the_database_holds_no_session_secret_and_a_forged_cookie_opens_nothing() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("member.none").await;
    let cookie = browser.cookie("vestibule").expect("a session");
    let (id, now) = (app.user_id("member.none"), app.app.core.clock.now());
    let rows = app.read(move |conn| Ok(rows::list(conn, &id, now)?)).await;
    for row in &rows {
        assert!(!cookie.contains(&row.id), "the cookie is not the row's id");
        assert_eq!(row.token_hash.len(), 32);
    }
    // Signed: the last character changed, then the signature of another value.
    let mut forged = cookie.clone();
    let last = if forged.pop() == Some('A') { 'B' } else { 'A' };
    forged.push(last);
    for value in [forged.as_str(), "A".repeat(cookie.len()).as_str(), rows[0].id.as_str(), ""] {
        browser.set_cookie("vestibule", value);
        assert!(!is_open(&mut browser).await);
    }
    browser.set_cookie("vestibule", &cookie);
    assert!(is_open(&mut browser).await);
}

/// ASVS 7.4.1: what is saved late does not bring a session back.
#[tokio::test]
async fn a_slow_request_does_not_revive_a_session_that_was_revoked() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("member.none").await;
    let (id, now) = (app.user_id("member.none"), app.app.core.clock.now());
    let row = app.read(move |conn| Ok(rows::list(conn, &id, now)?.remove(0))).await;
    let (id, hash) = (row.id.clone(), row.token_hash.clone());
    let saved = app
        .write(move |conn| {
            rows::delete(conn, &id)?;
            Ok((rows::set_state(conn, &hash, "{}")?, rows::seen(conn, &id, now)?))
        })
        .await;
    assert_eq!(saved, (false, false));
    assert!(!is_open(&mut browser).await);
}

/// ASVS 7.4.1: a second step that was under way when the sign-in was canceled opens nothing.
#[tokio::test]
async fn a_right_code_that_is_judged_after_cancel_opens_nothing() {
    let app = TestApp::spawn().await;
    let core = &app.app.core;
    let mut browser = app.after_password(BY_PHONE, "app.only").await;
    let (id, now) = (app.user_id("app.only"), core.clock.now());
    let session = app.read(move |conn| Ok(rows::list(conn, &id, now)?.remove(0))).await;
    let present = access::present(core, session.token_hash.clone(), "127.0.0.1").await.unwrap();
    let access = present.and_then(|p| p.access).map(Arc::unwrap_or_clone).expect("an active account");
    browser.click("Cancel").await;
    let device = sign_in::Device::new(Secret::new("d".repeat(43)));
    let code = app.totp("app.only", "authenticator", 0);
    let judged = totp::verify(core, &session, access, &code, device, &Default::default()).await;
    assert!(!matches!(judged, Ok(Judged::Right(_))));
    assert_eq!(app.open_sessions("app.only").await, 0);
}

/// ASVS 7.1.2: ten, the oldest ends.
#[tokio::test]
async fn the_eleventh_session_ends_the_first() {
    let app = TestApp::spawn().await;
    let mut browsers = Vec::new();
    for n in 0..11 {
        app.at(n);
        browsers.push(app.signed_in("member.none").await);
    }
    let open = futures_util::future::join_all(browsers.iter_mut().map(is_open)).await;
    assert_eq!(open, [vec![false], vec![true; 10]].concat());
}

/// SPEC section 5, ASVS 7.5.2
#[tokio::test]
async fn a_person_sees_and_ends_their_own_sessions_and_nobody_elses() {
    let app = TestApp::spawn().await;
    let mut mine = app.signed_in("member.none").await;
    let mut other = app.signed_in("member.none").await;
    let mut third = app.signed_in("member.none").await;
    let mut foreign = app.signed_in("phone.only").await;
    mine.get("/security/sessions").await;
    mine.must_say("This device").must_say("Firefox");
    let theirs: Vec<String> = sessions_of(&app, "phone.only").await;
    let refused = mine.post_only(&format!("/security/sessions/{}/end", theirs[0]), &[]).await;
    assert_eq!(refused.status, 404);
    assert!(is_open(&mut foreign).await);

    mine.get("/security/sessions").await;
    mine.click("End the session of").await;
    mine.must_be_at("/security/sessions").must_say("The session was ended.");
    let ended = [is_open(&mut other).await, is_open(&mut third).await];
    assert_eq!(ended.iter().filter(|open| **open).count(), 1);
    mine.click("End all others").await;
    assert!(is_open(&mut mine).await);
    assert!(!is_open(&mut other).await && !is_open(&mut third).await);
    assert!(is_open(&mut foreign).await);
}

async fn sessions_of(app: &TestApp, username: &str) -> Vec<String> {
    let (id, now) = (app.user_id(username), app.app.core.clock.now());
    app.read(move |conn| Ok(rows::list(conn, &id, now)?)).await.into_iter().map(|row| row.id).collect()
}

/// ASVS 7.4.4, 14.3.1
#[tokio::test]
async fn sign_out_ends_the_session_clears_the_cache_and_is_offered_on_every_page() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("member.none").await;
    for path in ["/home", "/messages", "/security/sessions"] {
        browser.get(path).await;
        assert!(browser.page().has("form[action='/sign-out'][method=post] button"), "{path}");
    }
    let mut copy = browser.clone();
    let answer = browser.post_only("/sign-out", &[]).await;
    assert_eq!((answer.status, answer.location()), (303, Some("/signed-out")));
    assert_eq!(answer.header("clear-site-data"), Some("\"cache\", \"storage\""));
    assert_eq!(browser.cookie("vestibule"), None);
    assert!(!is_open(&mut copy).await);
    assert!(browser.cookie("device").is_some(), "the browser stays known");
}

/// ASVS 6.3.5: a browser that was never here before is told of, once.
#[tokio::test]
async fn a_new_browser_is_told_of_once() {
    let app = TestApp::spawn().await;
    let mut first = app.signed_in("member.none").await;
    assert_eq!(app.count_of("member.none", "new_device").await, 0, "the very first one is no news");
    let mut second = app.signed_in("member.none").await;
    assert_eq!(app.count_of("member.none", "new_device").await, 1);
    for browser in [&mut first, &mut second] {
        app.sign_in(browser, BY_PHONE, false, "member.none").await;
    }
    assert_eq!(app.count_of("member.none", "new_device").await, 1);
}

/// The hash of a row is the SHA-256 of the secret, which stands in no URL and on no page (NIST 5.1).
/// ASVS 14.2.1.
#[tokio::test]
async fn the_session_secret_is_on_no_page_and_in_no_location() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("member.none").await;
    let cookie = browser.cookie("vestibule").expect("a session");
    let secret = cookie.rsplit('=').next().unwrap_or(&cookie).to_owned();
    assert_ne!(sha256(&secret), sha256(""));
    for path in ["/home", "/messages", "/security/sessions", "/login", "/sandbox/people.json", "/sandbox/outbox.json"] {
        browser.get(path).await;
        assert!(!browser.answer.body.contains(&secret), "{path}");
        assert!(browser.answer.chain.iter().all(|(_, path)| !path.contains(&secret)));
    }
}
