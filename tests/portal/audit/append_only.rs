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
