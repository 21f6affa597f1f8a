//! What scanners ask for: source control, settings, lists of files, and addresses that look like files.

use crate::support::TestApp;

const PROBES: [&str; 22] = [
    "/.git/config",
    "/.git/HEAD",
    "/.svn/entries",
    "/.env",
    "/.htaccess",
    "/.well-known/",
    "/Cargo.toml",
    "/keys.toml",
    "/vestibule.toml",
    "/vestibule.db",
    "/static/",
    "/static",
    "/static/..%2f..%2fCargo.toml",
    "/static/../Cargo.toml",
    "/static/x/%2e%2e/%2e%2e/src/main.rs",
    "/static/css/",
    "/server-status",
    "/debug/pprof/",
    "/actuator/env",
    "/phpinfo.php",
    "/swagger.json",
    "/openapi.json",
];

/// ASVS 13.4.1, 13.4.3, 13.4.7: not found, and nothing from inside.
#[tokio::test]
async fn a_scanner_finds_nothing() {
    let app = TestApp::spawn().await;
    let mut stranger = app.browser();
    for path in PROBES {
        let answer = stranger.get_only(path).await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.body);
        for inside in ["[core]", "[package]", "at_rest", "Index of"] {
            assert!(!answer.body.contains(inside), "{path} holds {inside}");
        }
    }
}

/// ASVS 14.2.5: an address that ends like a style sheet never leads to somebody's page, so that no cache on
/// the way keeps it.
#[tokio::test]
async fn a_page_with_the_ending_of_a_file_is_not_there() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("owner.one").await;
    for page in ["/home", "/security", "/messages", "/security/sessions", "/admin/users", "/settings/allaccounts"] {
        assert_eq!(browser.get_only(page).await.status, 200, "{page} itself");
        for ending in ["/x.css", ".css", "/x.js", ";x.css", "%2fx.css", "%3bx.png", "%00.css", "/..%2fx.woff2"] {
            let path = format!("{page}{ending}");
            let answer = browser.get_only(&path).await;
            assert_eq!(answer.status, 404, "{path}");
            assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
        }
    }
}
