//! Which walk looks at which page. The table is in docs/browser.md: a page that nobody walks past fails
//! here, in every run of the tests, and a walk that leaves out a page it is said to pass fails at its end.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use vestibule::routes::{Guard, table};

/// What a GET answers with something else than a page, or only leads on to one.
const NO_PAGES: &[(&str, &str)] = &[
    ("/", "leads to /login or /home"),
    ("/static/{path:.*}", "files"),
    ("/admin/help/openapi.json", "JSON"),
    ("/sandbox/outbox.json", "JSON"),
    ("/sandbox/people.json", "JSON"),
    ("/sandbox/domain/.well-known/openid-configuration", "JSON"),
    ("/sandbox/domain/keys", "JSON"),
    ("/sandbox/mail/{id}", "an e-mail, as mail programs show it"),
    ("/login/verify", "leads to the step that is due"),
    ("/login/domain/return", "leads on from the provider"),
    ("/login/verify/call/status", "JSON"),
    ("/register/factor", "leads to the factor that was chosen"),
    ("/register/phone/call/status", "JSON"),
    ("/security/phones/new/call/status", "JSON"),
    ("/security/setup/phone/call/status", "JSON"),
    ("/security/setup/recovery-codes", "leads to /security/setup, which shows the codes once"),
    ("/mfa/reset/progress/status", "JSON"),
    ("/mfa/reset/return", "leads on from the provider"),
    ("/mfa/reset/continue/{token}", "leads to /mfa/reset/progress"),
    ("/mfa/reset/finish/{token}", "leads to /mfa/reset/finish"),
    ("/mfa/reset/stop/{token}", "leads to /mfa/reset/stop"),
    ("/setup/first-owner/{token}", "leads to /setup/first-owner"),
    ("/email-change/{token}", "leads to /email-change"),
    ("/settings/allaccounts/", "the same page as without the slash"),
];

/// The name of this test, without `browser_`.
pub fn name() -> String {
    let name = std::thread::current().name().unwrap_or_default().to_owned();
    let last = name.rsplit("::").next().unwrap_or_default();
    last.strip_prefix("browser_").unwrap_or(last).to_owned()
}

/// The route that a path belongs to, as the table has it.
pub fn route_of(path: &str) -> String {
    let of = |route: &str| {
        let (mut have, mut want) = (path.split('/'), route.split('/'));
        loop {
            match (have.next(), want.next()) {
                (None, None) => return true,
                (Some(part), Some(name)) if name.starts_with('{') || name == part => {}
                _ => return false,
            }
        }
    };
    let found = table().find(|route| of(route.path)).map(|route| route.path.to_owned());
    found.unwrap_or_else(|| panic!("{path} is in no table"))
}

/// A route as the name of a file.
pub fn file_name(route: &str) -> String {
    let plain: Vec<&str> = route.split('/').filter(|part| !part.is_empty()).collect();
    plain.join("-").replace(['{', '}'], "")
}

/// Walk by walk, the pages that docs/browser.md says it passes.
fn documented() -> BTreeMap<String, Vec<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/browser.md");
    let text = std::fs::read_to_string(path).expect("docs/browser.md");
    let (_, walks) = text.split_once("| walk |").expect("the table of walks");
    let rows = walks.lines().skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').collect();
        let [walk, _, pages] = cells[..] else { panic!("three columns, not {row}") };
        let quoted = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
        let name = quoted(walk).pop().unwrap_or_else(|| panic!("a name in {row}"));
        (name, quoted(pages))
    })
    .collect()
}

/// The pages that a walk has to pass.
pub fn pages_of(walk: &str) -> Vec<String> {
    documented().remove(walk).unwrap_or_default()
}

#[test]
fn every_page_is_walked_past() {
    let known: BTreeSet<String> = documented().into_values().flatten().collect();
    let mut missing = Vec::new();
    for route in table().filter(|r| r.method == "GET" && ![Guard::Api, Guard::Operations].contains(&r.guard)) {
        let is_page = !NO_PAGES.iter().any(|(path, _)| *path == route.path);
        assert!(is_page || !known.contains(route.path), "{} is walked past and said to be no page", route.path);
        if is_page && !known.contains(route.path) {
            missing.push(route.path);
        }
    }
    assert!(missing.is_empty(), "docs/browser.md names no walk past {missing:#?}");
    for page in &known {
        assert!(table().any(|r| r.path == page), "docs/browser.md: {page} does not exist");
    }
    for (page, _) in NO_PAGES {
        assert!(table().any(|r| r.method == "GET" && r.path == *page), "{page} does not exist");
    }
}

/// Each walk of the table is a test, and each test with a mouse is in the table.
#[test]
fn every_documented_walk_exists() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/portal/browser");
    let files = std::fs::read_dir(folder).expect("the walks").map(|file| file.expect("a file").path());
    let files = files.filter(|path| path.is_file());
    let text: String = files.map(|path| std::fs::read_to_string(path).expect("text")).collect();
    for walk in documented().keys() {
        assert!(text.contains(&format!("async fn browser_{walk}()")), "there is no walk {walk}");
    }
}
