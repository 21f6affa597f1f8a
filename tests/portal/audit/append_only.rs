//! The database itself refuses to change the log. ASVS 16.4.2. On PostgreSQL with
//! `TEST_DATABASE_URL`, on SQLite without.

use diesel::{RunQueryDsl, sql_query};
use vestibule::db::{DbConnection, Fault};
use vestibule::domain::audit_chain;

use crate::support::TestApp;

async fn is_refused(app: &TestApp, statement: &'static str) -> bool {
    let run = move |conn: &mut DbConnection| match conn {
        DbConnection::Sqlite(c) => Ok(sql_query(statement).execute(c)?),
        DbConnection::Pg(c) => Ok(sql_query(statement).execute(c)?),
    };
    let done: Result<usize, Fault> = app.app.core.db.write(run).await;
    done.is_err()
}

/// Whoever was killed between a migration and the triggers, or dropped one: the node is not ready, and the next
/// start makes them anew. ASVS 16.4.2.
#[tokio::test]
async fn triggers_that_are_missing_are_noticed_and_made_anew() {
    let app = TestApp::spawn().await;
    let db = &app.app.core.db;
    assert!(db.is_ready().await.expect("it answers"));
    let statements = match app.read(|conn| Ok(matches!(conn, DbConnection::Pg(_)))).await {
        true => vec![
            "DROP TRIGGER audit_entries_row ON audit_entries",
            "DROP TRIGGER audit_seals_truncate ON audit_seals",
            "ALTER TABLE audit_seals DISABLE TRIGGER audit_seals_row",
        ],
        false => vec!["DROP TRIGGER audit_entries_delete", "DROP TRIGGER audit_seals_update"],
    };
    for statement in statements {
        app.execute(statement.into()).await;
        let ready = app.browser().get_only("/readyz").await;
        assert_eq!(ready.status, 503, "{statement}: {}", ready.body);
        assert!(ready.body.contains("the schema is not up to date"), "{}", ready.body);
        let started = db.clone();
        tokio::task::spawn_blocking(move || started.migrate()).await.expect("no panic").expect("the next start");
        assert!(db.is_ready().await.expect("it answers"), "{statement}");
    }
    assert!(is_refused(&app, "DELETE FROM audit_entries").await);
    let ready = app.browser().get_only("/readyz").await;
    assert_eq!(ready.status, 200, "{}", ready.body);
}

/// ASVS 16.4.2.
#[tokio::test]
async fn entries_and_seals_never_change() {
    let app = TestApp::spawn().await;
    app.later(60);
    assert!(audit_chain::seal(&app.app.core).await.expect("sealing works") > 0);
    app.signed_in("member.none").await;
    for statement in [
        "UPDATE audit_entries SET details = '{}'",
        "UPDATE audit_entries SET seal = NULL",
        "UPDATE audit_entries SET seal = 7 WHERE seal IS NOT NULL",
        "UPDATE audit_entries SET seal = 7, address = 'x' WHERE seal IS NULL",
        "DELETE FROM audit_entries",
        "DELETE FROM audit_entries WHERE seal IS NULL",
        "INSERT INTO audit_entries SELECT 'x', at, actor_kind, actor_id, action, result, subject_user_id, \
         organization_id, address, user_agent, request_id, session_id, details, 1 FROM audit_entries LIMIT 1",
        "UPDATE audit_seals SET count = 0",
        "DELETE FROM audit_seals",
        "TRUNCATE audit_entries",
        "TRUNCATE audit_seals",
    ] {
        assert!(is_refused(&app, statement).await, "{statement}");
    }
}
