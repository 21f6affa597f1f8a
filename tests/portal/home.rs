//! **Home**: read together with the session, and in one state of the database.

use tokio::sync::oneshot::channel;
use vestibule::db::{DbConnection, Fault};
use vestibule::models::users;

use crate::support::{BY_EMAIL, TestApp};

/// The router takes this for /home, and what is read ahead is not there for it.
#[tokio::test]
async fn another_spelling_of_the_path_leads_to_the_same_page() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("app.only").await;
    let plain = browser.get_only("/home").await;
    let spelled = browser.get_only("/%68ome").await;
    assert_eq!((plain.status, spelled.status), (200, 200));
    assert!(plain.body.contains("Your account is well protected"), "{}", plain.body);
    assert_eq!(plain.body, spelled.body);
}

/// Who was asked for a factor is not told that the password alone opens the account.
#[tokio::test]
async fn a_factor_that_does_not_count_here_is_not_left_out() {
    let app = TestApp::spawn().await;
    let harbor = app.organization_id("harbor_valley");
    app.sql(format!("UPDATE organizations SET allowed_methods = 'hardware_token' WHERE id = '{harbor}'")).await;
    let mut browser = app.after_password(BY_EMAIL, "email.only").await;
    browser.click("Send verification code").await;
    let code = app.code_of("email.only").await;
    browser.fill("Verification code", &code).click("Verify code").await;
    browser.click("Continue").await;
    browser
        .must_be_at("/home")
        .must_say("this organization does not accept it")
        .must_say("1 factor, not accepted here");
    assert!(!browser.says("password alone") && !browser.says("No factors"));
}

/// ASVS 7.4.1: a session that ended shows nothing, and what was read ahead shows nothing of it.
#[tokio::test]
async fn an_ended_session_has_no_home() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("member.none").await;
    assert_eq!(browser.get_only("/home").await.status, 200);
    let user_id = app.user_id("member.none");
    app.sql(format!("UPDATE users SET mfa_epoch = mfa_epoch + 1 WHERE id = '{user_id}'")).await;
    let answer = browser.get_only("/home").await;
    assert_eq!(answer.status, 303);
    assert!(answer.body.is_empty());
}

/// On SQLite. PostgreSQL judges each statement by what is committed when it begins.
#[tokio::test]
async fn one_read_sees_one_state() {
    let app = TestApp::spawn().await;
    if app.read(|conn| Ok(matches!(conn, DbConnection::Pg(_)))).await {
        return;
    }
    let (user_id, db) = (app.user_id("member.none"), app.app.core.db.clone());
    let ((begun, begins), (write, written)) = (channel(), channel());
    let names = tokio::spawn(async move {
        db.read(move |conn| {
            let mut name = |what: &str| Ok::<_, Fault>(users::find(conn, &user_id)?.expect(what).first_name);
            let first = name("before")?;
            begun.send(()).expect("the test waits");
            written.blocking_recv().expect("the test writes");
            Ok::<_, Fault>((first, name("after")?))
        })
        .await
    });
    begins.await.expect("the read has begun");
    let changed = app.user_id("member.none");
    app.sql(format!("UPDATE users SET first_name = 'Somebody' WHERE id = '{changed}'")).await;
    write.send(()).expect("the read waits");
    let (first, second) = names.await.expect("no panic").expect("the database can be read");
    assert_eq!(first, second);
    assert_ne!(first, "Somebody");
}
