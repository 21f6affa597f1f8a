//! Ids of another organization, at every address that takes one: the same answer, byte for byte, as for an
//! id that nobody has.

use diesel::{QueryableByName, RunQueryDsl, sql_query};
use reqwest::Method;
use vestibule::db::DbConnection;
use vestibule::routes::{Guard, Route, table};

use crate::support::browser::Answer;
use crate::support::{Browser, TestApp};

const NOBODY: &str = "0198aaaa-0000-7000-8000-000000000000";
/// Where ids come from; `#` is the foreign organization.
const THEIRS: [&str; 9] = [
    "SELECT user_id AS id FROM memberships WHERE organization_id = '#'
        AND user_id NOT IN (SELECT user_id FROM memberships WHERE organization_id <> '#') LIMIT 2",
    "SELECT id FROM memberships WHERE organization_id = '#' LIMIT 1",
    "SELECT f.id FROM factors f JOIN memberships m ON m.user_id = f.user_id WHERE m.organization_id = '#'
        AND m.user_id NOT IN (SELECT user_id FROM memberships WHERE organization_id <> '#') LIMIT 1",
    "SELECT id FROM registration_codes WHERE organization_id = '#' LIMIT 1",
    "SELECT id FROM hardware_tokens WHERE organization_id = '#' LIMIT 1",
    "SELECT id FROM safelist_entries WHERE organization_id = '#' LIMIT 1",
    "SELECT id FROM organization_applications WHERE organization_id = '#' LIMIT 1",
    "SELECT id FROM audit_entries WHERE organization_id = '#' LIMIT 1",
    "SELECT id FROM organizations WHERE id = '#'",
];

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = diesel::sql_types::Text)]
    id: String,
}

async fn ids(app: &TestApp, query: String) -> Vec<String> {
    let rows: Vec<Found> = app
        .read(move |conn| match conn {
            DbConnection::Sqlite(c) => Ok(sql_query(query).load(c)?),
            DbConnection::Pg(c) => Ok(sql_query(query).load(c)?),
        })
        .await;
    rows.into_iter().map(|row| row.id).collect()
}

/// What an answer tells, apart from the id that was asked for and the number to report.
fn told(answer: &Answer, id: &str) -> (u16, String, String) {
    let page = answer.page();
    let mut text = page.text();
    for number in page.texts("#request-id") {
        text = text.replace(&number, "NUMBER");
    }
    (answer.status, answer.location().unwrap_or_default().replace(id, "ID"), text.replace(id, "ID"))
}

async fn ask(browser: &Browser, route: &Route, id: &str, organization: &str) -> (u16, String, String) {
    let mut browser = browser.clone();
    let path = route.path.replace("{id}", id);
    if route.method == "GET" {
        let answer = browser.get_only(&format!("{path}?scope=user")).await;
        return told(&answer, id);
    }
    let token = browser.token();
    let form = [("csrf", token.as_str()), ("organization_id", organization)];
    let form: Vec<(String, String)> = form.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    told(&browser.ask(Method::POST, &path, &[], Some(&form)).await, id)
}

/// ASVS 8.2.2, 8.4.1: whoever owns one organization sees of another that there is nothing.
#[tokio::test]
async fn ids_of_others_are_as_unknown_as_ids_of_nobody() {
    let app = TestApp::spawn().await;
    let theirs = app.organization_id("riverside");
    let mut found = Vec::new();
    for query in THEIRS {
        found.extend(ids(&app, query.replace('#', &theirs)).await);
    }
    assert!(found.len() >= 6, "{found:?}");
    let mine = app.organization_id("harbor_valley");
    let mut owner = app.signed_in("owner.one").await;
    owner.get("/admin").await;
    let before = ids(&app, format!("SELECT id FROM audit_entries WHERE organization_id = '{theirs}'")).await.len();
    let mut seen = 0;
    for route in table().filter(|r| r.path.contains("{id}") && (r.guard.is_console() || is_own(r.guard))) {
        let nobody = ask(&owner, route, NOBODY, &mine).await;
        assert_ne!(nobody.0, 200, "{} {}", route.method, route.path);
        for id in &found {
            assert_eq!(ask(&owner, route, id, &mine).await, nobody, "{} {} with {id}", route.method, route.path);
        }
        seen += 1;
    }
    assert!(seen > 30, "only {seen} addresses");
    let after = ids(&app, format!("SELECT id FROM audit_entries WHERE organization_id = '{theirs}'")).await.len();
    assert_eq!(after, before, "nothing happened there");
}

/// Addresses for one's own things.
fn is_own(guard: Guard) -> bool {
    matches!(guard, Guard::SignedIn | Guard::Fresh)
}
