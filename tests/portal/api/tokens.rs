//! The life of a token: made, shown once, used, ended.

use super::client::{ask, get, make_token, token_of};
use crate::support::TestApp;

const ENTRIES: &str = "/api/audit/entries";

/// ASVS 14.2.6.
#[tokio::test]
async fn a_token_is_shown_once_and_kept_as_a_hash() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("admin").await;
    let token = make_token(&mut browser, "Night report", &["Read the audit log"]).await;
    assert!(token.starts_with("vst_") && token.len() > 50, "{token}");
    assert_eq!(browser.answer.header("cache-control"), Some("no-store"));
    assert_eq!(get(&app, &token, ENTRIES).await.status, 200);

    browser.get("/admin/api-tokens").await;
    browser.must_say("Night report").must_say("Tobias Lindqvist").must_say("Active");
    assert!(!browser.answer.body.contains(&token), "the list does not show it");
    let secret = token.clone();
    let rows: i64 = app
        .execute(format!("UPDATE api_tokens SET name = name WHERE prefix = '{secret}' OR name LIKE '%{secret}%'"))
        .await as i64;
    assert_eq!(rows, 0, "nothing keeps it in clear");
    assert_eq!(app.audited("admin", "api_token_made", "success").await, 1);
}

/// A page that is loaded again, or a button that is pressed twice, makes no second secret.
#[tokio::test]
async fn a_form_that_is_sent_twice_makes_one_token() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("admin").await;
    make_token(&mut browser, "Night report", &["Read the audit log"]).await;
    browser.get("/admin/api-tokens").await;
    browser.click("Make a token").await;
    browser.fill("Name", " night Report").check("Read the audit log", true);
    browser.click("Make token").await;
    browser.must_say("You have a token of this name here");
    assert_eq!(app.audited("admin", "api_token_made", "success").await, 1);
    let mut other = app.signed_in("owner.one").await;
    make_token(&mut other, "Night report", &["Read the audit log"]).await;
}

#[tokio::test]
async fn a_revoked_or_expired_token_is_refused() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("admin").await;
    let token = make_token(&mut browser, "Old", &["Read the audit log"]).await;
    browser.get("/admin/api-tokens").await;
    browser.click("Revoke Old").await;
    assert_eq!(get(&app, &token, ENTRIES).await.status, 200, "the question changes nothing");
    browser.click("Revoke token").await;
    browser.must_be_at("/admin/api-tokens").must_say("The token was revoked").must_say("Revoked");
    get(&app, &token, ENTRIES).await.must_be_problem(401, "unauthorized");
    assert_eq!(app.audited("admin", "api_token_revoked", "success").await, 1);

    let token = make_token(&mut browser, "Short", &["Read the audit log"]).await;
    app.later(89 * 86_400);
    assert_eq!(get(&app, &token, ENTRIES).await.status, 200);
    app.later(86_400);
    get(&app, &token, ENTRIES).await.must_be_problem(401, "unauthorized");
}

/// R5; ASVS 8.3.2: the role is read at each request.
#[tokio::test]
async fn a_token_can_do_what_its_owner_may_do_now() {
    let app = TestApp::spawn().await;
    let token = token_of(&app, "admin").await;
    let id = app.user_id("admin");
    app.sql(format!("UPDATE memberships SET role = 'member' WHERE user_id = '{id}'")).await;
    get(&app, &token, ENTRIES).await.must_be_problem(403, "role");
    assert_eq!(app.audited("admin", "api_refused", "refused").await, 1, "a refusal leaves a trace");
    app.sql(format!("UPDATE memberships SET role = 'admin' WHERE user_id = '{id}'")).await;
    assert_eq!(get(&app, &token, ENTRIES).await.status, 200);
    app.sql(format!("UPDATE users SET account = 'disabled' WHERE id = '{id}'")).await;
    get(&app, &token, ENTRIES).await.must_be_problem(401, "unauthorized");
    app.sql(format!("UPDATE users SET account = 'active' WHERE id = '{id}'")).await;
    let harbor = app.organization_id("harbor_valley");
    app.sql(format!("UPDATE organizations SET disabled_at = created_at WHERE id = '{harbor}'")).await;
    get(&app, &token, ENTRIES).await.must_be_problem(401, "unauthorized");
}

/// ASVS 7.4.2: what was disabled comes back without the tokens it had.
#[tokio::test]
async fn who_was_disabled_and_is_enabled_again_makes_new_tokens() {
    let app = TestApp::spawn().await;
    let token = token_of(&app, "admin").await;
    let mut owner = app.signed_in("owner.one").await;
    owner.get(&format!("/admin/users/{}", app.user_id("admin"))).await;
    owner.click("Disable").await;
    get(&app, &token, ENTRIES).await.must_be_problem(401, "unauthorized");
    owner.get(&format!("/admin/users/{}", app.user_id("admin"))).await;
    owner.click("Enable").await;
    owner.must_say("Enabled.");
    get(&app, &token, ENTRIES).await.must_be_problem(401, "unauthorized");
}

#[tokio::test]
async fn a_scope_that_was_not_checked_is_refused() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("admin").await;
    let token = make_token(&mut browser, "Only deliveries", &["Read deliveries"]).await;
    assert_eq!(get(&app, &token, "/api/delivery/deliveries").await.status, 200);
    get(&app, &token, ENTRIES).await.must_be_problem(403, "scope");
}

#[tokio::test]
async fn the_form_says_what_is_wrong_and_keeps_what_was_typed() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("admin").await;
    browser.get("/admin/api-tokens/new").await;
    assert!(!browser.says("Require MFA"), "that is for account holders");
    assert_eq!(browser.page().value("Name").as_deref(), Some(""));
    browser.fill("Name", "  ").fill("Expires after (days)", "366").check("Read users", true);
    browser.click("Make token").await;
    browser.must_say("Enter a name").must_say("from 1 to 365");
    assert_eq!(browser.page().value("Expires after (days)").as_deref(), Some("366"));
    assert!(browser.page().is_checked("Read users"));
    browser.fill("Name", "x").fill("Expires after (days)", "1").check("Read users", false);
    browser.click("Make token").await;
    browser.must_say("Check what the token may be used for.");
    let harbor = app.organization_id("harbor_valley");
    let fields = [("organization_id", harbor.as_str()), ("name", "x"), ("days", "1"), ("scopes[]", "org:mfa")];
    browser.post("/admin/api-tokens/new", &fields).await;
    browser.must_say("for account holders");
}

#[tokio::test]
async fn only_owners_end_the_tokens_of_others() {
    let app = TestApp::spawn().await;
    let mut owner = app.signed_in("owner.one").await;
    let owners = make_token(&mut owner, "Owner's", &["Read deliveries"]).await;
    let mut admin = app.signed_in("admin").await;
    make_token(&mut admin, "Admin's", &["Read deliveries"]).await;
    admin.get("/admin/api-tokens").await;
    assert!(admin.says("Owner's"));
    let links: Vec<String> = admin.page().texts("a[href$='/revoke']");
    assert_eq!(links.len(), 1, "one's own: {links:?}");
    owner.get("/admin/api-tokens").await;
    assert_eq!(owner.page().texts("a[href$='/revoke']").len(), 2);
    let path = owner.page().attribute("a[href$='/revoke']", "href").expect("the newest comes first");
    owner.click("Revoke Admin's").await;
    owner.click("Revoke token").await;
    owner.must_say("The token was revoked");
    assert_eq!(get(&app, &owners, "/api/delivery/deliveries").await.status, 200);
    // Another organization's administrator finds nothing there.
    let mut foreign = app.signed_in("sole.owner").await;
    assert_eq!(foreign.get_only(&path).await.status, 404);
}

/// N19's neighbor: making a token wants a factor just shown, and a token's page wants the role.
/// ASVS 7.5.1, 13.4.5.
#[tokio::test]
async fn making_a_token_wants_freshness_and_the_role() {
    let app = TestApp::spawn().await;
    let mut member = app.signed_in("member.none").await;
    for path in ["/admin/api-tokens", "/admin/api-tokens/new", "/admin/help", "/admin/audit"] {
        assert_eq!(member.get_only(path).await.status, 403, "{path}");
        let answer = app.browser().get_only(path).await;
        assert_eq!(answer.status, 303, "{path}");
    }
    let mut admin = app.signed_in("admin").await;
    app.later(11 * 60);
    admin.get("/admin/api-tokens/new").await;
    assert!(admin.path().starts_with("/security/confirm") || admin.path().starts_with("/login/verify"));
}

/// Swagger Docs gets a token that lives ten minutes, and no longer than the session.
#[tokio::test]
async fn the_token_of_the_help_page_ends_with_its_session() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("admin").await;
    browser.get("/admin/help").await;
    browser.must_be_at("/admin/help");
    assert!(browser.title().starts_with("Admin: Help"));
    let harbor = app.organization_id("harbor_valley");
    let granted = browser.post_only("/administration/help/token", &[("organization_id", &harbor)]).await;
    assert_eq!(granted.status, 200, "{}", granted.body);
    let granted: serde_json::Value = serde_json::from_str(&granted.body).expect("JSON");
    let token = granted["token"].as_str().expect("a token").to_owned();
    assert!((590..=600).contains(&granted["expires_in"].as_i64().unwrap()));
    assert_eq!(get(&app, &token, ENTRIES).await.status, 200);
    assert_eq!(app.audited("admin", "api_token_for_help", "success").await, 1);
    browser.get("/admin/api-tokens").await;
    assert!(!browser.says("Swagger Docs") || browser.says("No tokens yet."), "it is nobody's to keep");

    let forged = browser.ask(reqwest::Method::POST, "/administration/help/token", &[], Some(&[])).await;
    assert_eq!(forged.status, 403, "not without the form's token");
    app.later(601);
    assert_eq!(get(&app, &token, ENTRIES).await.status, 401);

    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("admin").await;
    browser.get("/admin/help").await;
    let harbor = app.organization_id("harbor_valley");
    let granted = browser.post_only("/administration/help/token", &[("organization_id", &harbor)]).await;
    let granted: serde_json::Value = serde_json::from_str(&granted.body).expect("JSON");
    let token = granted["token"].as_str().expect("a token").to_owned();
    browser.get("/home").await;
    browser.click("Sign out").await;
    assert_eq!(get(&app, &token, ENTRIES).await.status, 401, "signed out is signed out");
}

/// ASVS 3.5.1: a cookie opens nothing here.
#[tokio::test]
async fn a_cookie_alone_is_no_token() {
    let app = TestApp::spawn().await;
    let browser = app.signed_in("admin").await;
    let cookie = format!("vestibule={}", browser.cookie("vestibule").expect("a session"));
    let answer = ask(&app, reqwest::Method::GET, ENTRIES, &[("Cookie", &cookie)], None).await;
    answer.must_be_problem(401, "unauthorized");
    assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"api\"");
    assert!(!answer.headers.contains_key("set-cookie"));
}
