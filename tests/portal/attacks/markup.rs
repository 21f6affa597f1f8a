//! Names that would be markup if a page took them for it.

use vestibule::routes::{Guard, table};

use crate::support::{Browser, TestApp};

const EVIL: &str = "\"><script>alert(1)</script><img src=x onerror=alert(2)>'{{7*7}}";

/// Opens a page; whether it shows the name, which it does as text.
async fn shows_it_as_text(browser: &mut Browser, path: &str) -> bool {
    let answer = browser.get_only(path).await;
    if !answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html")) {
        return false;
    }
    for markup in ["<script>alert", "<img src=x", "\"><script", "49'"] {
        assert!(!answer.body.contains(markup), "{path} holds {markup}");
    }
    let page = answer.page();
    assert!(!page.has("script:not([src]), img[onerror], [onerror]"), "{path}");
    page.text().contains("<script>alert(1)</script>")
}

/// ASVS 1.2.1, 1.3.7, 3.2.2: people, organizations, devices and labels, on every page that can be opened.
#[tokio::test]
async fn names_are_text_on_every_page() {
    let app = TestApp::spawn().await;
    let evil = EVIL.replace('\'', "''");
    let mut browsers = vec![app.browser()];
    for username in ["all.factors", "owner.one", "operator"] {
        browsers.push(app.signed_in(username).await);
    }
    for statement in [
        format!("UPDATE users SET first_name = '{evil}', last_name = '{evil}', username = username || '{evil}'"),
        format!("UPDATE organizations SET name = '{evil}' || name"),
        format!("UPDATE factors SET name = '{evil}' || name"),
        format!("UPDATE hardware_tokens SET model = '{evil}', manufacturer = '{evil}'"),
    ] {
        app.execute(statement).await;
    }
    let ids = ["all.factors", "owner.two", "token"].map(|username| app.user_id(username));
    let mut shown = Vec::new();
    for browser in &mut browsers {
        for route in table().filter(|r| r.method == "GET" && r.guard != Guard::Api && r.path != "/security/confirm") {
            let paths: Vec<String> = match route.path {
                path if path.starts_with("/admin/users/{id}") => {
                    ids.iter().map(|id| format!("{}?scope=user", path.replace("{id}", id))).collect()
                }
                path if path.contains('{') => continue,
                path => vec![path.to_owned()],
            };
            for path in paths {
                if shows_it_as_text(browser, &path).await {
                    shown.push(path);
                }
            }
        }
    }
    assert!(shown.len() > 40, "only these pages showed a name: {shown:#?}");
}
