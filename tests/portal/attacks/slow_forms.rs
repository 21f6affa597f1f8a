//! A form whose body comes long after its head: what ended meanwhile is ended for it too.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use vestibule::routes::{Guard, table};

use crate::foreign_ids::fields;
use crate::support::{Browser, TestApp};

/// As long as it takes for the head to be judged, and not to count as one with the body.
const A_WHILE: Duration = Duration::from_millis(600);
const BOUNDARY: &str = "----a-boundary-of-slow-forms";

/// A POST that has begun: its head and the first bytes of its body are there.
struct Begun {
    stream: TcpStream,
    rest: String,
}

fn begin(app: &TestApp, browser: &Browser, path: &str, fields: &[(&str, &str)]) -> Begun {
    let organization = browser.page().attribute("input[name=organization_id]", "value").expect("the organization");
    let mut all = vec![("csrf", browser.token()), ("organization_id", organization)];
    all.extend(fields.iter().map(|(name, value)| (*name, (*value).to_owned())));
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(all).finish();
    begin_body(app, browser, path, "application/x-www-form-urlencoded", &body)
}

/// The same with a file.
fn begin_upload(app: &TestApp, browser: &Browser, path: &str, fields: &[(&str, &str)], file: &str) -> Begun {
    let (token, organization) = (browser.token(), browser.acting_in());
    let always = [("csrf", token.as_str()), ("organization_id", organization.as_str())];
    let part = |(name, value): &(&str, &str)| {
        format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let text: String = always.iter().chain(fields).map(part).collect();
    let body = format!(
        "{text}--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f.csv\"\r\n\r\n\
         {file}\r\n--{BOUNDARY}--\r\n"
    );
    begin_body(app, browser, path, &format!("multipart/form-data; boundary={BOUNDARY}"), &body)
}

fn begin_body(app: &TestApp, browser: &Browser, path: &str, kind: &str, body: &str) -> Begun {
    let host = app.base.trim_start_matches("http://");
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: {}\r\nCookie: vestibule={}\r\nConnection: close\r\n\
         Content-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
        app.base,
        browser.cookie("vestibule").expect("a session"),
        body.len()
    );
    let mut stream = TcpStream::connect(host).expect("it listens");
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a time-out");
    let (first, rest) = body.split_at(5);
    stream.write_all(format!("{head}{first}").as_bytes()).expect("it is taken");
    Begun { stream, rest: rest.to_owned() }
}

impl Begun {
    /// Sends the rest; the answer.
    fn finish(mut self) -> String {
        self.stream.write_all(self.rest.as_bytes()).expect("it is taken");
        let mut answer = Vec::new();
        self.stream.read_to_end(&mut answer).expect("an answer");
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn status(self) -> u16 {
        let answer = self.finish();
        answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("{answer}"))
    }
}

fn location(answer: &str) -> &str {
    answer.lines().find_map(|line| line.strip_prefix("location: ")).unwrap_or_else(|| panic!("no way on: {answer}"))
}

/// ASVS 7.4.1.
#[tokio::test]
async fn a_form_that_outlives_its_session_does_nothing() {
    let app = TestApp::spawn().await;
    let page = format!("/admin/users/{}", app.user_id("member.none"));
    let path = format!("{page}/sign-out");
    for ends in [false, true] {
        let mut member = app.signed_in("member.none").await;
        let mut admin = app.signed_in("admin").await;
        admin.get(&page).await;
        let begun = begin(&app, &admin, &path, &[]);
        tokio::time::sleep(A_WHILE).await;
        if ends {
            admin.click("Sign out").await;
        }
        let answer = begun.finish();
        assert_eq!(location(&answer) == "/login", ends, "{answer}");
        assert_eq!(member.get_only("/home").await.status == 200, ends, "signed out by an act of a live session alone");
    }
}

/// A role that is taken away stops what was begun with it, and so does a lower one. ASVS 8.3.2.
#[tokio::test]
async fn a_form_that_outlives_a_role_does_nothing() {
    let app = TestApp::spawn().await;
    let mut two = app.signed_in("owner.two").await;
    two.get("/admin/users/new").await;
    let accomplice = [
        ("username", "a.complice"),
        ("first_name", "Ada"),
        ("last_name", "Quimby"),
        ("email", "evil@stranger.example"),
        ("role", "owner"),
    ];
    let begun = begin(&app, &two, "/admin/users/new", &accomplice);
    tokio::time::sleep(A_WHILE).await;
    let mut one = app.signed_in("owner.one").await;
    let page = format!("/admin/users/{}", app.user_id("owner.two"));
    one.get(&page).await;
    one.post(&format!("{page}/role"), &[("organization_id", &app.organization_id("harbor_valley")), ("role", "admin")])
        .await;
    one.must_say("The role is changed.");
    assert_eq!(begun.status(), 403);
    assert!(app.outbox().await.iter().all(|m| m.to != "evil@stranger.example"));
    // What an administrator may do is theirs still, with a request of their own.
    two.get("/admin/users/new").await;
    two.must_be_at("/admin/users/new");
}

/// What reads the roles itself, and says so in its own way.
const JUDGED: [&str; 16] = [
    "/admin/reviews/{id}/approve",
    "/admin/reviews/{id}/refuse",
    "/admin/users/{id}/reset",
    "/admin/users/{id}/unlock",
    "/admin/users/{id}/disable",
    "/admin/users/{id}/enable",
    "/admin/users/{id}/sign-out",
    "/admin/users/{id}/domain-accounts/remove",
    "/admin/users/{id}/role",
    "/admin/users/{id}/remove",
    "/admin/resets/{reference}",
    "/identity/users/reset",
    "/admin/authentication-methods/reset",
    // Looks a file through and changes nothing.
    "/admin/users/import",
    // With files, further down.
    "/admin/users/import/start",
    "/admin/hardware-tokens/import",
];

/// For whoever looks after no customers there are none.
const OF_CARETAKERS: &str = "/admin/customers";

/// What makes a form complete that has no id in its address.
fn whole<'a>(path: &str, organization: &'a str) -> Vec<(&'static str, &'a str)> {
    match path {
        "/admin/users/new" => {
            vec![("username", "a.b"), ("first_name", "A"), ("last_name", "B"), ("email", "a@b.example")]
        }
        "/admin/applications/new" => fields("/admin/applications/{id}").to_vec(),
        "/admin/customers/new" => fields("/admin/customers/{id}").to_vec(),
        "/admin/api-tokens/new" => vec![("name", "Mine"), ("scopes[]", "users:read"), ("days", "7")],
        "/admin/hardware-tokens/export" => vec![("serial", ""), ("state", ""), ("after", "")],
        "/admin/audit/export" => vec![
            ("who", ""),
            ("about", ""),
            ("event", ""),
            ("result", ""),
            ("from", ""),
            ("to", ""),
            ("organization", ""),
            ("format", "csv"),
        ],
        "/admin/security/save" => vec![
            ("seen", "0"),
            ("grace_days", "0"),
            ("grace_shown", "0"),
            ("phone", "on"),
            ("authenticator", "on"),
            ("email_code_seconds", "30"),
            ("idle_minutes", "25"),
            ("absolute_hours", "9"),
            ("remember_me", "off"),
        ],
        "/admin/security/safelist" => vec![("cidr", "127.0.0.0/8"), ("label", "")],
        "/admin/security/exemptions" => {
            vec![("username", "wchen"), ("reason", "On leave"), ("last_day", "2026-12-05")]
        }
        "/identity/users/reset-all" => vec![("customer[]", organization)],
        _ => fields(path).to_vec(),
    }
}

/// Every form of the console, once as an account holder and once as an operator, each of whom is nothing of the
/// kind any more when the rest of it comes. ASVS 8.3.2.
#[tokio::test]
async fn no_form_of_the_console_outlives_the_role_it_was_begun_with() {
    let app = TestApp::spawn().await;
    let things = app.things().await;
    app.sql("DELETE FROM safelist_entries".into()).await;
    let (holder, operator) = (app.user_id("khollis"), app.user_id("operator"));
    let demoted = [
        ("khollis", format!("UPDATE memberships SET role = 'member' WHERE user_id = '{holder}'")),
        ("operator", format!("UPDATE users SET operator = FALSE WHERE id = '{operator}'")),
    ];
    let mut wrong = Vec::new();
    for (username, demote) in demoted {
        let mut browser = app.signed_in(username).await;
        browser.get("/admin/users/new").await;
        let (mut begun, organization) = (Vec::new(), browser.acting_in());
        let open_to = |guard: Guard| guard.is_console() && (username == "operator" || guard != Guard::FreshOperator);
        for route in table().filter(|route| route.method == "POST" && open_to(route.guard)) {
            let part = route.path.split('/').rev().skip_while(|p| !p.starts_with('{')).nth(1);
            let id = part.and_then(|part| things.get(part)).cloned().unwrap_or_default();
            let path = route.path.replace("{id}", &id).replace("{reference}", &id);
            begun.push((route.path, begin(&app, &browser, &path, &whole(route.path, &organization))));
        }
        let row = "serial number,secret key\r\nS-1,JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
        let import = "/admin/hardware-tokens/import";
        let fields = [("action", "import")];
        begun.push(("tokens by file", begin_upload(&app, &browser, import, &fields, row)));
        tokio::time::sleep(A_WHILE).await;
        let before = app.successes_of(username).await;
        assert_eq!(app.execute(demote).await, 1);
        assert!(begun.len() > 50, "{}", begun.len());
        for (path, begun) in begun {
            let status = begun.status();
            // To an operator of Harbor Valley, some of these ids are nobody's.
            let own_way = JUDGED.contains(&path)
                || (path.starts_with(OF_CARETAKERS) && username == "khollis")
                || (path.starts_with("/admin/jobs/") && username == "operator");
            if status != 403 && !(own_way && status >= 300) {
                wrong.push(format!("{username}: {path}: {status}"));
            }
        }
        assert_eq!(app.successes_of(username).await, before, "{username}: {wrong:#?}");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

impl TestApp {
    /// How much somebody did, by the audit log.
    async fn successes_of(&self, username: &str) -> i64 {
        use diesel::prelude::*;
        use vestibule::schema::audit_entries::dsl::{actor_id, audit_entries, result};
        let id = self.user_id(username);
        self.read(move |conn| {
            Ok(audit_entries.filter(actor_id.eq(id)).filter(result.eq("success")).count().get_result(conn)?)
        })
        .await
    }
}
