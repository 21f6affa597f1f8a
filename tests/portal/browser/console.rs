//! Pages of the console: Swagger Docs at work, and what goes with it.

use super::chromium::{Chromium, LOOKS, Look};
use crate::support::BY_PHONE;
use crate::support::app::TestApp;
use thirtyfour::prelude::*;

async fn administrator(page: &Chromium, app: &TestApp) {
    signed_in(page, app, "admin").await;
}

/// Somebody with a phone.
async fn signed_in(page: &Chromium, app: &TestApp, username: &str) {
    page.go("/login").await;
    page.click("Login with Phone").await;
    page.fill("Email Address", &app.email(username)).await;
    page.fill("Password", &app.password(username)).await;
    page.click("Sign in").await;
    page.must_be_at("/login/verify/phone").await;
    page.click("Send Code").await;
    page.must_be_at("/login/verify/phone/code").await;
    page.fill("Verification Code", &app.code_of(username).await).await;
    page.click("Verify Code").await;
    page.must_be_at("/home").await;
}

/// From the tile: open **user**, **Try it out**, a User ID in place of `value 1`, **Execute**: 200 at once, and
/// that user must set up again at the next sign-in, where MFA is required.
#[tokio::test]
#[ignore = "needs Chromium, its driver and axe-core (AXE_CORE=axe.min.js)"]
async fn browser_swagger_docs_resets_at_once() {
    let app = TestApp::spawn().await;
    let page = Chromium::open(&app.base, Look { width: 1280, dark: false }).await;
    administrator(&page, &app).await;
    let harbor = app.organization_id("harbor_valley");
    app.sql(format!("UPDATE organizations SET enforce_mfa = TRUE WHERE id = '{harbor}'")).await;
    page.go("/admin").await;
    let tile = page.driver.query(By::Css("main a[href='/admin/help']")).and_displayed().first().await;
    tile.expect("the tile Swagger Docs").click().await.expect("it leads there");
    page.must_be_at("/admin/help").await;
    let find = async |css: &str| {
        let found = page.driver.query(By::Css(css.to_owned())).and_displayed().first().await;
        found.unwrap_or_else(|e| panic!("no {css}: {e}"))
    };
    find("#operations-tag-user").await.click().await.expect("the topic opens");
    find("#operations-user-resetMfa .opblock-summary-control").await.click().await.expect("the request opens");
    page.click("Try it out").await;
    let body = find("#operations-user-resetMfa textarea.body-param__text").await;
    let example = body.prop("value").await.expect("a value").unwrap_or_default();
    assert_eq!(example.split_whitespace().collect::<String>(), r#"["value1"]"#);
    let end = Key::Control + "a";
    body.send_keys(end).await.expect("it takes keys");
    body.send_keys(format!("[\"{}\"]", app.user_id("all.factors"))).await.expect("it takes text");
    page.click("Execute").await;
    let status = find(".live-responses-table tbody .response-col_status").await;
    assert_eq!(status.text().await.expect("a status").trim(), "200");
    assert_eq!(app.audited("all.factors", "mfa_reset", "success").await, 1);
    assert_eq!(page.console().await, Vec::<String>::new());
    let theirs = app.after_password(BY_PHONE, "all.factors").await;
    theirs.must_be_at("/security/setup");
    page.close().await;
}

/// What Swagger UI draws is its own; the page around it keeps the rules.
#[tokio::test]
#[ignore = "needs Chromium, its driver and axe-core (AXE_CORE=axe.min.js)"]
async fn browser_swagger_docs_keeps_the_rules() {
    for look in LOOKS {
        let app = TestApp::spawn().await;
        let page = Chromium::open(&app.base, look).await;
        administrator(&page, &app).await;
        page.go("/admin/help").await;
        let drawn = page.driver.query(By::Css("#operations-tag-user")).and_displayed().first().await;
        drawn.expect("Swagger UI is drawn");
        page.must_be_fine_beside(".swagger-ui").await;
        page.close().await;
    }
}

/// Customers with their first account holder, and the preview of a large reset.
#[tokio::test]
#[ignore = "needs Chromium, its driver and axe-core (AXE_CORE=axe.min.js)"]
async fn browser_customers_and_large_resets_keep_the_rules() {
    for look in LOOKS {
        let app = TestApp::spawn().await;
        let page = Chromium::open(&app.base, look).await;
        signed_in(&page, &app, "dboudreaux").await;
        page.go("/admin/customers/new").await;
        page.fill("Name", "Bayou Family Care").await;
        page.click("Add customer").await;
        page.must_be_fine().await;
        page.click("Invite the first Account Holder").await;
        page.must_be_fine().await;
        page.click("Send invitation").await;
        page.must_be_fine().await;
        page.go(&format!("/identity/users?customer={}", app.organization_id("gulf_coast"))).await;
        page.click("Select all").await;
        page.must_be_fine().await;
        assert_eq!(page.console().await, Vec::<String>::new(), "{look:?}");
        page.close().await;
    }
}

#[tokio::test]
#[ignore = "needs Chromium, its driver and axe-core (AXE_CORE=axe.min.js)"]
async fn browser_audit_log_and_tokens_keep_the_rules() {
    for look in LOOKS {
        let app = TestApp::spawn().await;
        let page = Chromium::open(&app.base, look).await;
        administrator(&page, &app).await;
        for path in ["/admin/audit", "/admin/audit?from=nonsense", "/admin/api-tokens", "/admin/api-tokens/new"] {
            page.go(path).await;
            page.must_be_fine().await;
        }
        page.click("Make token").await;
        page.must_be_fine().await;
        assert_eq!(page.console().await, Vec::<String>::new(), "{look:?}");
        page.close().await;
    }
}
