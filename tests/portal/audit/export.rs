//! Exports: N19, ASVS 1.2.10, 5.4.1.

use serde_json::Value;

use crate::support::{Browser, TestApp};

async fn export(app: &TestApp, browser: &mut Browser, format: &str, filters: &[(&str, &str)]) -> (u16, String, String) {
    browser.get("/admin/audit").await;
    let harbor = app.organization_id("harbor_valley");
    let mut fields = vec![("organization_id", harbor.as_str()), ("format", format)];
    fields.extend(filters);
    let answer = browser.post_only("/admin/audit/export", &fields).await;
    let name = answer.header("content-disposition").unwrap_or_default().to_owned();
    (answer.status, name, answer.body)
}

/// N19: no secrets, no formula.
/// ASVS 1.2.10, 5.4.1, 5.4.2.
#[tokio::test]
async fn a_csv_export_holds_no_formula_and_no_secret() {
    let app = TestApp::spawn().await;
    let id = app.user_id("member.none");
    app.sql(format!(
        "UPDATE users SET first_name = '=cmd|'' /C calc''!A0', last_name = 'a \"b\", c' WHERE id = '{id}'"
    ))
    .await;
    app.signed_in("member.none").await;
    let mut admin = app.signed_in("admin").await;
    let (status, name, body) = export(&app, &mut admin, "csv", &[]).await;
    assert_eq!(status, 200);
    assert!(name.starts_with("attachment; filename=\"audit-") && name.ends_with(".csv\""), "{name}");
    let (head, rest) = body.split_once("\r\n").expect("a line");
    assert!(head.starts_with("id,at,event,action,result,"));
    assert!(rest.contains("\"'=cmd|' /C calc'!A0 a \"\"b\"\", c\""), "defused and quoted");
    assert!(!rest.contains(",=") && !rest.contains("\n=") && !rest.contains("\"="));
    let at = rest.split(',').nth(1).expect("a time");
    assert!(at.ends_with('Z') && at.contains('T'), "UTC: {at}");
    for person in app.people.people.values() {
        for secret in person.password.iter().chain(&person.recovery_codes) {
            assert!(!body.contains(secret.as_str()));
        }
    }
    assert!(!body.contains("Riverside"), "another organization's entries are not in it");
    assert_eq!(app.audited("admin", "audit_exported", "success").await, 1);
}

#[tokio::test]
async fn json_lines_hold_one_entry_each_and_the_filters_apply() {
    let app = TestApp::spawn().await;
    app.signed_in("member.none").await;
    let mut admin = app.signed_in("admin").await;
    let (status, name, body) = export(&app, &mut admin, "jsonl", &[]).await;
    assert_eq!(status, 200);
    assert!(name.ends_with(".jsonl\""));
    let all: Vec<Value> = body.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert!(all.len() > 60, "more than a page: {}", all.len());
    let harbor = app.organization_id("harbor_valley");
    assert!(all.iter().all(|entry| entry["organization_id"] == harbor.as_str()));
    let ids: Vec<&str> = all.iter().filter_map(|entry| entry["id"].as_str()).collect();
    assert!(ids.windows(2).all(|pair| pair[0] > pair[1]), "newest first, each once");
    let (_, _, body) = export(&app, &mut admin, "jsonl", &[("event", "sign_in"), ("who", "member.none")]).await;
    let some: Vec<Value> = body.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert!(!some.is_empty() && some.len() < all.len());
    assert!(some.iter().all(|entry| entry["action"] == "sign_in" && entry["actor"]["username"] == "member.none"));
}

/// More than one piece is streamed, none twice.
#[tokio::test]
async fn a_long_log_is_exported_whole() {
    let app = TestApp::spawn().await;
    let harbor = app.organization_id("harbor_valley");
    app.write(move |conn| {
        use vestibule::models::{audit_entries, new_id};
        let some = audit_entries::list_older(conn, &audit_entries::Filter::default(), None, 1)?.remove(0);
        for n in 0..1_200 {
            let at = some.at + time::Duration::milliseconds(n);
            let organization_id = Some(harbor.clone());
            let row = audit_entries::AuditEntry { id: new_id(at), at, organization_id, ..some.clone() };
            audit_entries::insert(conn, &row)?;
        }
        Ok(())
    })
    .await;
    app.later(60);
    let mut admin = app.signed_in("admin").await;
    let (_, _, body) = export(&app, &mut admin, "csv", &[]).await;
    let mut ids: Vec<&str> = body.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
    let lines = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), lines);
    assert!(lines > 1_200);
}

/// ASVS 7.5.3.
#[tokio::test]
async fn an_export_wants_freshness_a_format_and_the_organization() {
    let app = TestApp::spawn().await;
    let mut admin = app.signed_in("admin").await;
    assert_eq!(export(&app, &mut admin, "xlsx", &[]).await.0, 400);
    assert_eq!(admin.post_only("/admin/audit/export", &[("format", "csv")]).await.status, 409);
    app.later(11 * 60);
    let (status, _, body) = export(&app, &mut admin, "csv", &[]).await;
    assert_eq!(status, 303, "{body}");
    app.sql(format!(
        "INSERT INTO throttles (key, count, window_start, updated_at, in_flight) \
         VALUES ('audit-export:{}', 30, '2026-01-01 00:00:00', '2026-01-01 00:00:00', 0)",
        app.user_id("owner.one")
    ))
    .await;
}
