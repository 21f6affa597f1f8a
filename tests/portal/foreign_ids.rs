//! Every address of the console with an id in it, once with an id of another organization and once with one
//! that nobody has: the answers are the same byte for byte, and nothing is changed. ASVS 8.2.2, 8.4.1.

use std::collections::BTreeMap;

use reqwest::Method;
use vestibule::models::{Account, JobState, api_tokens, jobs, organizations, registration_codes};
use vestibule::routes::{Guard, Route, table};

use crate::api::client::make_token;
use crate::support::browser::Answer;
use crate::support::{Browser, TestApp};

const UNKNOWN: &str = "0198aaaa-0000-7000-8000-000000000000";
/// What is written for this test alone.
const THEIRS: &str = "0198bbbb-0000-7000-8000-000000000000";

/// What makes a form complete, so that its handler gets as far as the id.
pub fn fields(path: &str) -> &'static [(&'static str, &'static str)] {
    match path {
        "/admin/users/{id}/profile" => &[
            ("first_name", "A"),
            ("last_name", "B"),
            ("address_1", ""),
            ("address_2", ""),
            ("city", ""),
            ("state", ""),
            ("zip_code", ""),
            ("phone", ""),
            ("fax", ""),
        ],
        "/admin/users/{id}/email" => &[("email", "somebody@else.example")],
        "/admin/users/{id}/managing" => &[("to", UNKNOWN)],
        "/admin/users/{id}/reset" => &[("scope", "user"), ("from", "")],
        "/admin/users/{id}/role" => &[("role", "admin")],
        "/admin/registration-codes/{id}/rotate" => &[("old", "now")],
        "/admin/applications/{id}" => {
            &[("name", "A"), ("url", "https://a.example"), ("description", ""), ("position", "1")]
        }
        "/admin/hardware-tokens/{id}/assign" => &[("username", "phone.only")],
        "/admin/hardware-tokens/{id}/activate" => &[("code", "123456")],
        "/admin/customers/{id}" => &[("name", "A"), ("npi", ""), ("time_zone", "UTC")],
        "/admin/customers/{id}/owner" => {
            &[("username", "a.b"), ("email", "a@b.example"), ("first_name", "A"), ("last_name", "B")]
        }
        "/admin/reviews/{id}/approve" => &[("how", "I called them at their desk.")],
        "/admin/reviews/{id}/refuse" => &[("reason", "The names are of two people.")],
        _ => &[],
    }
}

impl TestApp {
    /// Things of Riverside, by the part of the path behind /admin/.
    pub async fn things(&self) -> BTreeMap<&'static str, String> {
        let riverside = self.organization_id("riverside");
        let mut owner = self.signed_in("khollis").await;
        let token = make_token(&mut owner, "Theirs", &["Read users"]).await;
        assert!(!token.is_empty());
        owner.get("/identity/users").await;
        let chosen = [("organization_id", riverside.as_str()), ("user_id[]", &self.user_id("wchen"))];
        owner.post("/identity/users/reset", &chosen).await;
        let reference = owner.path().rsplit('/').next().expect("a reference").to_owned();
        owner.get(&format!("/identity/users?customer={riverside}")).await;
        owner.click("Select all").await;
        let job = owner.path().split('/').nth(3).expect("a job").to_owned();
        owner.get("/admin/users/new").await;
        let (name, address) = ("Newcomer", "newcomer@riverside.example");
        owner.fill("Username", "new.comer").fill("Email", address).fill("First Name", name).fill("Last Name", name);
        owner.click("Send invitation").await;
        let now = "'2026-01-01 00:00:00'";
        self.sql(format!("INSERT INTO safelist_entries VALUES ('{THEIRS}', '{riverside}', '::/16', '', {now})")).await;
        self.sql(format!(
            "INSERT INTO organization_applications VALUES ('{THEIRS}', '{riverside}', 'A', 'https://a.example', '', 1)"
        ))
        .await;
        let id = riverside.clone();
        let code = self.read(move |conn| Ok(registration_codes::list(conn, &id, None, 1)?.remove(0).id)).await;
        let of_theirs = |table: &str| format!("SELECT id AS line FROM {table} WHERE organization_id = '{riverside}'");
        let (api_token, hardware) =
            (self.text(&of_theirs("api_tokens")).await, self.text(&of_theirs("hardware_tokens")).await);
        let invitation = self.text(&of_theirs("invitations")).await;
        BTreeMap::from([
            ("users", self.user_id("exempt")),
            ("invitations", invitation),
            ("jobs", job),
            ("resets", reference),
            ("registration-codes", code),
            ("applications", THEIRS.into()),
            ("customers", riverside.clone()),
            ("hardware-tokens", hardware),
            ("audit", self.text(&of_theirs("audit_entries")).await),
            ("api-tokens", api_token),
            ("safelist", THEIRS.into()),
            ("exemptions", self.user_id("exempt")),
            // Reviews of others have a test of their own (`self_reset::reviews`); here is one that nobody has.
            ("reviews", THEIRS.into()),
        ])
    }

    /// The first row of a query with one column, `line`.
    async fn text(&self, sql: &str) -> String {
        use diesel::{QueryableByName, RunQueryDsl, sql_query};
        use vestibule::db::DbConnection;

        #[derive(QueryableByName)]
        struct Line {
            #[diesel(sql_type = diesel::sql_types::Text)]
            line: String,
        }
        let sql = sql.to_owned();
        let rows: Vec<Line> = self
            .read(move |conn| match conn {
                DbConnection::Sqlite(c) => Ok(sql_query(sql).load(c)?),
                DbConnection::Pg(c) => Ok(sql_query(sql).load(c)?),
            })
            .await;
        rows.into_iter().next().expect("a row").line
    }
}

async fn ask(browser: &Browser, route: &Route, path: &str, organization: &str) -> Answer {
    let mut browser = browser.clone();
    if route.method == "GET" {
        let query = if route.path == "/admin/users/{id}/reset" { "?scope=user" } else { "" };
        return browser.get_only(&format!("{path}{query}")).await;
    }
    let mut all = vec![("csrf".to_owned(), browser.token()), ("organization_id".to_owned(), organization.to_owned())];
    all.extend(fields(route.path).iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    browser.ask(Method::POST, path, &[], Some(&all)).await
}

/// Status, way on and body, without the id and what is new in each answer.
fn told(answer: &Answer, id: &str) -> (u16, String, String) {
    let page = answer.page();
    let mut body = answer.body.replace(id, "ID");
    for once in page.texts("#request-id").into_iter().chain(page.attribute("input[name=csrf]", "value")) {
        body = body.replace(&once, "");
    }
    (answer.status, answer.location().unwrap_or_default().replace(id, "ID"), body)
}

#[tokio::test]
async fn ids_of_others_answer_like_ids_that_nobody_has() {
    let app = TestApp::spawn().await;
    let things = app.things().await;
    let harbor = app.organization_id("harbor_valley");
    let mut actors = Vec::new();
    for username in ["owner.two", "admin"] {
        let mut browser = app.signed_in(username).await;
        browser.get("/admin/users").await;
        actors.push((username, browser));
    }
    let mut wrong = Vec::new();
    let mut tried = 0;
    for route in table().filter(|route| route.guard.is_console() && route.path.contains('{')) {
        let part =
            route.path.split('/').filter(|part| !part.is_empty()).rev().skip_while(|p| !p.starts_with('{')).nth(1);
        let Some(foreign) = part.and_then(|part| things.get(part)) else {
            wrong.push(format!("{} has no id here", route.path));
            continue;
        };
        let at = |id: &str| route.path.replace("{id}", id).replace("{reference}", id);
        for (username, browser) in &actors {
            let theirs = ask(browser, route, &at(foreign), &harbor).await;
            let nobodys = ask(browser, route, &at(UNKNOWN), &harbor).await;
            tried += 1;
            let wants_more = matches!(route.guard, Guard::FreshOrgOwner | Guard::OrgOwner) && *username == "admin"
                || route.guard == Guard::FreshOperator;
            let fits = match theirs.status {
                403 => wants_more,
                // Back to where it would be looked at, and nothing there.
                303 => route.method == "POST" && !wants_more,
                status => status == 404 && !wants_more,
            };
            if !fits || told(&theirs, foreign) != told(&nobodys, UNKNOWN) {
                let (a, b) = (theirs.status, nobodys.status);
                wrong.push(format!("{username}: {} {}: {a} and {b}", route.method, route.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(tried > 80, "{tried}");
    app.nothing_was_changed(&things).await;
}

impl TestApp {
    async fn nothing_was_changed(&self, things: &BTreeMap<&'static str, String>) {
        let user = self.account_of("exempt").await;
        assert_eq!((user.account, user.first_name.as_str()), (Account::Active, "Harold"));
        assert_eq!(self.factors_of("wchen").await.len(), 1);
        let invitation = things["invitations"].clone();
        let (things, riverside) = (things.clone(), self.organization_id("riverside"));
        self.read(move |conn| {
            let job = jobs::find(conn, &things["jobs"])?.expect("the job");
            assert_eq!(job.state, JobState::Planned);
            assert!(api_tokens::find(conn, &things["api-tokens"])?.expect("the token").revoked_at.is_none());
            let code = registration_codes::list(conn, &riverside, None, 1)?.remove(0);
            assert_eq!((code.id.as_str(), code.revoked_at), (things["registration-codes"].as_str(), None));
            assert!(organizations::applications(conn, &riverside)?.iter().any(|link| link.name == "A"));
            Ok(())
        })
        .await;
        for table in ["safelist_entries", "organization_applications"] {
            assert_eq!(self.text(&format!("SELECT id AS line FROM {table} WHERE id = '{THEIRS}'")).await, THEIRS);
        }
        let still_there = format!("SELECT id AS line FROM invitations WHERE id = '{invitation}'");
        assert_eq!(self.text(&still_there).await, invitation);
    }
}
