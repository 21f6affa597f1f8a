//! The hash chain finds what was changed behind the triggers' back.

use vestibule::domain::audit_chain::{self, Report};
use vestibule::domain::limits::SEAL_BATCH;

use crate::support::TestApp;

async fn verify(app: &TestApp) -> Report {
    audit_chain::verify(&app.app.core.db).await.expect("the chain can be read")
}

/// What somebody with the database's own password can do.
async fn without_triggers(app: &TestApp, statement: &str) {
    let triggers = ["insert", "update", "delete"].map(|act| format!("DROP TRIGGER IF EXISTS audit_entries_{act}"));
    let sqlite = app.app.config.database_url.expose().starts_with("sqlite:");
    if sqlite {
        for trigger in triggers {
            app.execute(trigger).await;
        }
        app.execute("DROP TRIGGER IF EXISTS audit_seals_delete".into()).await;
    } else {
        app.execute("ALTER TABLE audit_entries DISABLE TRIGGER USER".into()).await;
        app.execute("ALTER TABLE audit_seals DISABLE TRIGGER USER".into()).await;
    }
    app.sql(statement.to_owned()).await;
}

async fn sealed() -> TestApp {
    let app = TestApp::spawn().await;
    app.signed_in("member.none").await;
    app.later(60);
    assert!(audit_chain::seal(&app.app.core).await.expect("sealing works") > 100, "the samples' past");
    app.signed_in("member.none").await;
    app.later(60);
    assert!(audit_chain::seal(&app.app.core).await.expect("sealing works") > 0);
    app
}

#[tokio::test]
async fn a_chain_holds_and_reports_what_is_not_sealed() {
    let app = sealed().await;
    let report = verify(&app).await;
    assert_eq!((report.seals, report.unsealed, report.broken.clone()), (2, 0, None));
    assert_eq!(report.last_hash.as_ref().map(String::len), Some(64));
    app.signed_in("member.none").await;
    assert_eq!(audit_chain::seal(&app.app.core).await.expect("sealing works"), 0, "not settled yet");
    let report = verify(&app).await;
    assert!(report.unsealed > 0 && report.broken.is_none(), "{report:?}");
}

/// ASVS 16.4.2.
#[tokio::test]
async fn a_changed_entry_breaks_its_seal() {
    let app = sealed().await;
    without_triggers(&app, "UPDATE audit_entries SET address = '198.51.100.1' WHERE seal = 2").await;
    let report = verify(&app).await;
    assert_eq!(report.broken.map(|broken| broken.seal), Some(2));
    assert_eq!(report.seals, 1);
}

/// ASVS 16.4.2.
#[tokio::test]
async fn a_removed_entry_breaks_its_seal() {
    let app = sealed().await;
    without_triggers(&app, "DELETE FROM audit_entries WHERE id = (SELECT MAX(id) FROM audit_entries WHERE seal = 1)")
        .await;
    assert_eq!(verify(&app).await.broken.map(|broken| broken.seal), Some(1));
}

/// ASVS 16.4.2.
#[tokio::test]
async fn an_added_entry_breaks_its_seal() {
    let app = sealed().await;
    let statement = "INSERT INTO audit_entries SELECT '0198ffff-0000-7000-8000-000000000000', at, actor_kind, \
                     actor_id, action, result, subject_user_id, organization_id, address, user_agent, request_id, \
                     session_id, details, 1 FROM audit_entries LIMIT 1";
    without_triggers(&app, statement).await;
    assert_eq!(verify(&app).await.broken.map(|broken| broken.seal), Some(1));
}

#[tokio::test]
async fn a_removed_seal_is_found() {
    let app = sealed().await;
    without_triggers(&app, "DELETE FROM audit_seals WHERE number = 2").await;
    assert_eq!(verify(&app).await.broken.map(|broken| broken.seal), Some(2));
}

/// Many nodes at once, and more entries than one seal holds.
#[tokio::test]
async fn nodes_that_seal_at_once_make_one_chain() {
    let app = TestApp::spawn().await;
    let many = SEAL_BATCH + 50;
    app.write(move |conn| {
        use vestibule::models::{AuditResult, audit_entries, new_id};
        let some = audit_entries::list_older(conn, &audit_entries::Filter::default(), None, 1)?.remove(0);
        for n in 0..many {
            let at = some.at + time::Duration::milliseconds(i64::try_from(n).unwrap_or(0));
            let row = audit_entries::AuditEntry { id: new_id(at), at, result: AuditResult::Success, ..some.clone() };
            audit_entries::insert(conn, &row)?;
        }
        Ok(())
    })
    .await;
    app.later(3_600);
    let core = &app.app.core;
    let (a, b, c, d) = tokio::join!(
        audit_chain::seal(core),
        audit_chain::seal(core),
        audit_chain::seal(core),
        audit_chain::seal(core)
    );
    for sealed in [a, b, c, d] {
        sealed.expect("sealing works");
    }
    audit_chain::seal(core).await.expect("sealing works");
    let report = verify(&app).await;
    assert_eq!((report.broken, report.unsealed), (None, 0));
    assert!(report.entries > i64::try_from(many).unwrap_or(0) && report.seals >= 2);
}
