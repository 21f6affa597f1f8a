//! The clock jumps: an hour ahead, an hour back, as a machine's does whose time was set wrongly. Nothing is good
//! twice or for ever, and whatever waits goes on. The program's own clock is moved; all rules read that one.

use std::time::{Duration, Instant};

use serde_json::json;
use vestibule::domain::jobs::worker;
use vestibule::domain::limits::JOB_LEASE;
use vestibule::models::{JobState, MessageState, jobs, outbox_messages};

use crate::support::{BY_EMAIL, BY_PHONE, Browser, TestApp};

const HOUR: i64 = 3_600;
const IN_TIME: Duration = Duration::from_secs(180);

async fn is_in(browser: &Browser) -> bool {
    let mut copy = browser.clone();
    copy.get("/home").await;
    copy.path() == "/home"
}

/// Ahead: what was begun before is over, and what is begun then is like any other.
/// ASVS 6.5.1, 6.5.5, 7.3.1.
#[tokio::test]
async fn an_hour_ahead_ends_what_was_open_and_locks_nobody_out() {
    let app = TestApp::spawn().await;
    let inside = app.signed_in("member.none").await;
    let mut pending = app.after_password(BY_EMAIL, "email.only").await;
    pending.click("Send verification code").await;
    let code = app.code_of("email.only").await;
    let mut remembered = app.browser();
    app.sign_in(&mut remembered, BY_PHONE, true, "phone.only").await;
    remembered.close_and_reopen();

    app.at(HOUR);
    assert!(!is_in(&inside).await, "idle for an hour, by the clock");
    pending.fill("Verification code", &code).click("Verify code").await;
    assert!(!pending.says("You can now continue") && !is_in(&pending).await, "the code's time is over");
    remembered.choose(BY_PHONE, true).await;
    remembered.must_be_at("/home");
    app.signed_in("member.none").await;
    app.signed_in("app.only").await;
    // Four hours from the full sign-in, whatever the clock did in between.
    app.at(4 * HOUR + 60);
    remembered.close_and_reopen();
    remembered.choose(BY_PHONE, true).await;
    remembered.must_be_at("/login/phone");
}

/// Back: what was used up in the hour that never was stays used up, and what was made in it ends.
/// ASVS 6.5.1, 7.3.2.
#[tokio::test]
async fn an_hour_back_makes_nothing_good_again_and_nothing_everlasting() {
    let app = TestApp::spawn().await;
    app.at(HOUR);
    app.mid_step();
    let ahead = app.app.core.clock.offset();
    let code = app.totp("app.only", "authenticator", 0);
    let mut pending = app.after_password(BY_PHONE, "app.only").await;
    let mut second = app.after_password(BY_PHONE, "app.only").await;
    pending.fill("Verification Code", &code).click("Verify Code").await;
    pending.must_be_at("/home");
    let mut mailed = app.after_password(BY_EMAIL, "email.only").await;
    mailed.click("Send verification code").await;
    let sent = app.code_of("email.only").await;
    mailed.fill("Verification code", &sent).click("Verify code").await;
    mailed.must_say("You can now continue");
    let mut replay = mailed.clone();
    mailed.click("Continue").await;
    mailed.must_be_at("/home");
    let mut remembered = app.browser();
    app.sign_in(&mut remembered, BY_PHONE, true, "phone.only").await;
    remembered.close_and_reopen();

    app.at(0);
    // Once used, used: neither the code of then nor that of now, which is of an earlier step.
    for code in [code, app.totp("app.only", "authenticator", 0)] {
        second.fill("Verification Code", &code).click("Verify Code").await;
        assert!(!is_in(&second).await, "a step before the last one counts for nothing");
    }
    replay.post("/login/verify/email/continue", &[]).await;
    assert!(!is_in(&replay).await, "a code lets one in once");
    // Whoever came in goes on, and no longer than from then.
    assert!(is_in(&mailed).await);
    remembered.choose(BY_PHONE, true).await;
    remembered.must_be_at("/home");
    app.at(ahead + 4 * HOUR + 60);
    remembered.close_and_reopen();
    remembered.choose(BY_PHONE, true).await;
    remembered.must_be_at("/login/phone");
    assert!(!is_in(&mailed).await && !is_in(&pending).await);
}

/// A pause for wrong passwords that began in the hour that never was ends no later than it would have.
#[tokio::test]
async fn a_pause_outlasts_no_jump() {
    let app = TestApp::behind_proxy().await;
    let (email, password) = (app.email("member.none"), app.password("member.none"));
    let mut browser = app.browser().from("198.51.100.7");
    app.at(HOUR);
    browser.choose(BY_PHONE, false).await;
    for _ in 0..8 {
        browser.sign_in_as(&email, "not the right one").await;
    }
    assert_eq!(browser.status(), 429, "{}", browser.text());
    app.at(0);
    browser.choose(BY_PHONE, false).await;
    browser.sign_in_as(&email, &password).await;
    assert_eq!(browser.status(), 429, "no jump ends it either: {}", browser.text());
    app.at(HOUR + 16 * 60);
    browser.choose(BY_PHONE, false).await;
    browser.sign_in_as(&email, &password).await;
    browser.must_be_at("/home");
}

/// What waits for a time that is an hour away again goes out now.
#[tokio::test]
async fn messages_do_not_wait_for_the_hour_that_never_was() {
    let app = TestApp::spawn().await;
    assert_eq!(app.script("/sandbox/senders", json!({"email": "fail"})).await, 204);
    app.at(HOUR);
    let mut pending = app.after_password(BY_EMAIL, "email.only").await;
    pending.click("Send verification code").await;
    let (id, now) = (app.user_id("email.only"), app.app.core.clock.now());
    let waits = move |rows: &[outbox_messages::OutboxMessage]| {
        rows.iter().any(|row| row.state == MessageState::Queued && row.attempts > 0 && row.next_try_at > now)
    };
    let begun = Instant::now();
    loop {
        let user = id.clone();
        let rows = app.read(move |conn| Ok(outbox_messages::list_of_user(conn, &user, 10)?)).await;
        if waits(&rows) {
            break;
        }
        assert!(begun.elapsed() < IN_TIME, "it is tried and fails");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(app.script("/sandbox/senders", json!({"email": "ok"})).await, 204);
    app.at(0);
    let code = app.code_of("email.only").await;
    assert_eq!(code.len(), 6);
}

/// A job whose worker died holds its lease no longer because the clock was set back.
#[tokio::test]
async fn a_job_of_the_hour_that_never_was_is_taken_up() {
    let app = TestApp::spawn().await;
    let mut owner = app.signed_in("owner.one").await;
    let customer = app.organization_id("harbor_valley");
    owner.get(&format!("/identity/users?customer={customer}&q=phone.only")).await;
    owner.click("Select all").await;
    app.confirm(&mut owner, "owner.one").await;
    owner.click("Reset ").await;
    let id = owner.path().trim_start_matches("/admin/jobs/").split('?').next().unwrap_or_default().to_owned();
    let (job, ahead) = (id.clone(), app.app.core.clock.now() + time::Duration::seconds(HOUR) + JOB_LEASE);
    app.sql(format!(
        "UPDATE jobs SET state = 'running', claimed_by = 'somebody who died', claimed_until = '{}' WHERE id = '{job}'",
        ahead
            .format(time::macros::format_description!(
                "[year]-[month]-[day] [hour]:[minute]:[second].[subsecond digits:6]"
            ))
            .expect("a time"),
    ))
    .await;
    let worker = worker::start(app.app.core.clone());
    let begun = Instant::now();
    loop {
        let job = id.clone();
        let job = app.read(move |conn| Ok(jobs::find(conn, &job)?)).await.expect("the job");
        if job.state == JobState::Done {
            break;
        }
        assert!(begun.elapsed() < IN_TIME, "{job:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    worker.stop().await;
}
