//! The database fails under a running portal: every answer is a page of ours with all headers, and
//! nobody is let in. On SQLite always, whatever the other tests run on.

use diesel::connection::SimpleConnection;
use time::macros::datetime;
use vestibule::db::DbConnection;
use vestibule::domain::purge;
use vestibule::models::stripe_events::{self, Arrival};
use vestibule::secrets::Secret;

use crate::support::log::Log;
use crate::support::{BY_PHONE, Browser, TestApp};

async fn portal() -> TestApp {
    TestApp::spawn_with(|config| {
        config.database_url = Secret::new(format!("sqlite:{}", file(&config.data_dir).display()));
    })
    .await
}

fn file(data_dir: &std::path::Path) -> std::path::PathBuf {
    data_dir.join("vestibule.db")
}

/// Runs SQL of the fault's own on the writing connection.
async fn break_with(app: &TestApp, sql: &'static str) {
    app.write(move |conn| match conn {
        DbConnection::Sqlite(c) => Ok(c.batch_execute(sql)?),
        DbConnection::Pg(_) => unreachable!("the portal above is on SQLite"),
    })
    .await;
}

#[track_caller]
fn is_our_error_page(browser: &Browser) {
    let answer = &browser.answer;
    assert_eq!(answer.status, 500, "{} {}", answer.path, browser.text());
    for name in ["content-security-policy", "x-content-type-options", "strict-transport-security", "x-frame-options"] {
        assert!(answer.header(name).is_some(), "{name} is missing");
    }
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    for inside in ["sqlite", "SQL", "table", "readonly", "disk"] {
        assert!(!browser.says(inside), "the page tells of {inside}: {}", browser.text());
    }
}

/// ASVS 16.5.1, 16.5.3.
#[tokio::test]
async fn a_database_that_cannot_be_written_lets_nobody_in() {
    let app = portal().await;
    let mut pending = app.after_password(BY_PHONE, "app.only").await;
    // What a file system does that was remounted read-only after an error.
    break_with(&app, "PRAGMA query_only = ON").await;

    let code = app.totp("app.only", "authenticator", 0);
    pending.fill("Verification Code", &code).click("Verify Code").await;
    is_our_error_page(&pending);
    let mut stranger = app.browser();
    app.password_in(&mut stranger, BY_PHONE, false, "member.none").await;
    is_our_error_page(&stranger);
    assert_eq!(stranger.get_only("/readyz").await.status, 503, "nothing can be written");
    for browser in [&mut pending, &mut stranger] {
        assert_ne!(browser.get("/home").await.path, "/home");
    }
}

/// ASVS 16.5.1, 16.5.3.
#[tokio::test]
async fn a_database_that_cannot_be_read_lets_nobody_in() {
    let app = portal().await;
    let mut inside = app.signed_in("phone.only").await;
    break_with(&app, "ALTER TABLE sessions RENAME TO elsewhere; ALTER TABLE __diesel_schema_migrations RENAME TO gone")
        .await;
    inside.get("/home").await;
    is_our_error_page(&inside);
    let mut stranger = app.browser();
    app.password_in(&mut stranger, BY_PHONE, false, "member.none").await;
    is_our_error_page(&stranger);
    let ready = stranger.get("/readyz").await;
    assert!(ready.status == 503 && stranger.says("the schema is not up to date"), "{}", stranger.text());
    assert_eq!(stranger.get("/healthz").await.status, 200);

    break_with(&app, "ALTER TABLE elsewhere RENAME TO sessions; ALTER TABLE gone RENAME TO __diesel_schema_migrations")
        .await;
    inside.get("/home").await;
    inside.must_be_at("/home");
    assert_eq!(stranger.get("/readyz").await.status, 200);
}

/// Whoever reads `/readyz` must not be sent looking for migrations.
/// ASVS 16.5.1.
#[tokio::test]
async fn a_fault_of_the_database_is_not_taken_for_missing_migrations() {
    let app = portal().await;
    break_with(&app, "ALTER TABLE __diesel_schema_migrations RENAME COLUMN version TO gone").await;
    let mut browser = app.browser();
    let ready = browser.get("/readyz").await;
    assert_eq!(ready.status, 503);
    browser.must_say("the database does not answer");
    break_with(&app, "ALTER TABLE __diesel_schema_migrations RENAME COLUMN gone TO version").await;
    assert_eq!(browser.get("/readyz").await.status, 200);
}

/// One table that fails keeps nothing in the others; the log names it, and the turn says that it failed.
/// ASVS 14.2.7.
#[tokio::test]
async fn what_has_ended_goes_though_one_table_fails() {
    let log = Log::listen();
    let app = portal().await;
    break_with(&app, "ALTER TABLE one_time_codes RENAME TO elsewhere").await;
    app.write(|conn| Ok(stripe_events::take(conn, "evt_old", 0, datetime!(2020-01-01 00:00)).map(|_| ())?)).await;
    let told = purge::purge(&app.app.core).await.expect_err("a table failed").to_string();
    assert!(told.contains("1 of 18 tables"), "{told}");
    let gone = app.read(|conn| Ok(stripe_events::look(conn, "evt_old", 0)?)).await;
    assert_eq!(gone, Arrival::First, "it is purged after the one that fails");
    assert!(log.text().contains("one_time_codes"), "{}", log.text());
}

#[tokio::test]
async fn a_database_file_that_is_gone_is_told_and_no_other_takes_its_place() {
    let app = portal().await;
    let (here, away) = (file(&app.app.config.data_dir), app.app.config.data_dir.join("away"));
    std::fs::rename(&here, &away).expect("the file is moved");
    let mut browser = app.browser();
    assert_eq!(browser.get("/readyz").await.status, 503);
    // More readers than are open already: they must not make an empty database in its place.
    let mut reads = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let mut browser = app.browser();
        reads.spawn(async move {
            browser.set_cookie("session", "none");
            browser.get("/home").await.path.clone()
        });
    }
    assert!(reads.join_all().await.iter().all(|path| path != "/home"));
    assert!(!here.exists(), "an empty database was made");
    std::fs::rename(&away, &here).expect("the file is moved back");
    assert_eq!(browser.get("/readyz").await.status, 200);
}
