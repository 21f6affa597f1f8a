//! **Audit Log**: filters, pages, one entry, and whose entries they are.

use crate::support::{BY_PHONE, TestApp};

/// ASVS 16.3.1.
#[tokio::test]
async fn an_administrator_reads_what_happened_in_words() {
    let app = TestApp::spawn().await;
    let mut browser = app.after_password(BY_PHONE, "member.none").await;
    browser.get("/home").await;
    let mut wrong = app.browser();
    wrong.choose(BY_PHONE, false).await;
    wrong.sign_in_as(&app.email("member.none"), "not the password").await;
    let mut admin = app.signed_in("admin").await;
    admin.get("/admin/audit").await;
    admin.must_be_at("/admin/audit").must_say("Audit Log").must_say("Wrong password").must_say("Signed in");
    admin.must_say("Carla Esposito").must_say("127.0.0.1");
    assert!(!admin.says("Riverside"), "another organization's entries are not here");
    admin.get("/admin/audit?event=password&result=failure&about=member.none").await;
    assert_eq!(admin.page().texts("tbody tr").len(), 1, "{}", admin.text());
    admin.get("/admin/audit?who=Carla+Esposito&event=Signing+in").await;
    assert!(admin.page().texts("tbody tr").len() >= 3);
    admin.get("/admin/audit?who=carla+esp&event=Signing+in").await;
    assert!(admin.page().texts("tbody tr").len() >= 3, "a name that was begun");
    admin.get("/admin/audit?who=%25").await;
    admin.must_say("Nothing recorded");
    admin.get("/admin/audit?who=nobody").await;
    admin.must_say("Nothing recorded in these dates.");
}

/// ASVS 16.2.1.
#[tokio::test]
async fn one_entry_tells_everything_about_itself() {
    let app = TestApp::spawn().await;
    let mut admin = app.signed_in("admin").await;
    admin.get("/admin/audit?event=sign_in&who=admin").await;
    let path = admin.page().attribute("tbody a", "href").expect("an entry");
    admin.get(&path).await;
    admin.must_be_at(&path).must_say("Signed in").must_say("Tobias Lindqvist").must_say("Firefox");
    admin.must_say("Waits to be sealed").must_say("Harbor Valley Health");
    // Another organization's administrator finds it like one that does not exist.
    let mut foreign = app.signed_in("sole.owner").await;
    let unknown = foreign.get_only("/admin/audit/0198aaaa-0000-7000-8000-000000000000").await;
    let theirs = foreign.get_only(&path).await;
    assert_eq!((theirs.status, unknown.status), (404, 404));
}

#[tokio::test]
async fn pages_are_walked_by_key_there_and_back() {
    let app = TestApp::spawn().await;
    let mut admin = app.signed_in("admin").await;
    admin.get("/admin/audit").await;
    let first: Vec<String> = admin.page().texts("tbody tr");
    assert_eq!(first.len(), 50);
    admin.click("Older entries").await;
    let second: Vec<String> = admin.page().texts("tbody tr");
    assert!(!second.is_empty() && second.iter().all(|row| !first.contains(row)));
    admin.click("Newer entries").await;
    assert_eq!(admin.page().texts("tbody tr"), first);
}

#[tokio::test]
async fn days_are_those_of_the_reader_and_nonsense_is_said() {
    let app = TestApp::spawn().await;
    let mut admin = app.signed_in("admin").await;
    admin.get("/admin/audit?from=yesterday").await;
    admin.must_say("Enter the first day");
    assert!(admin.title().starts_with("Error: "));
    admin.get("/admin/audit?from=2026-01-02&to=2026-01-01").await;
    admin.must_say("The last day lies before the first.");
    admin.get("/admin/audit?from=2001-01-01&to=2001-12-31").await;
    admin.must_say("Nothing recorded in these dates.");
    let answer = admin.get_only("/admin/audit?older=%27%22%3B--&event=%3Cb%3E&result=x&organization=1").await;
    assert_eq!(answer.status, 200);
    assert!(!answer.body.contains("<b>"));
}

/// Operators see every organization, and choose one by its id.
#[tokio::test]
async fn operators_see_all_organizations() {
    let app = TestApp::spawn().await;
    let mut operator = app.signed_in("operator").await;
    operator.get("/admin/audit?event=sign_in").await;
    operator.must_say("Harbor Valley Health").must_say("Riverside Family Clinic");
    let riverside = app.organization_id("riverside");
    operator.get(&format!("/admin/audit?organization={riverside}")).await;
    assert!(operator.page().texts("tbody tr").iter().all(|row| row.contains("Riverside")), "{}", operator.text());
    let mut admin = app.signed_in("admin").await;
    admin.get(&format!("/admin/audit?organization={riverside}")).await;
    assert!(!admin.says("Riverside Family Clinic") && admin.page().texts("tbody tr").len() > 1);
}

/// Each event stands in the filter once.
#[tokio::test]
async fn the_filter_names_each_event_once() {
    let app = TestApp::spawn().await;
    let mut admin = app.administering("admin").await;
    admin.get("/admin/audit").await;
    let mut named = admin.page().texts("#event option");
    let all = named.len();
    named.sort();
    named.dedup();
    assert_eq!(named.len(), all);
}
