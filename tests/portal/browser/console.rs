//! Pages of the console: Swagger Docs at work, and what goes with it.

use super::chromium::{Chromium, Hands};
use super::entering::{at, see, signed_in};
use super::looks::{DESK, PHONE};
use crate::support::BY_PHONE;
use crate::support::app::TestApp;
use thirtyfour::prelude::*;

/// From the tile: open **user**, **Try it out**, a User ID in place of `value 1`, **Execute**: 200 at once, and
/// that user must set up again at the next sign-in, where MFA is required.
#[tokio::test]
#[ignore = "needs Chromium, its driver and axe-core (AXE_CORE=axe.min.js)"]
async fn browser_swagger_docs_resets_at_once() {
    let app = TestApp::spawn().await;
    let page = Chromium::open(&app.base).await;
    signed_in(&page, &app, "admin").await;
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
    let theirs = app.after_password(BY_PHONE, "all.factors").await;
    theirs.must_be_at("/security/setup");
    page.close().await;
}

/// What Swagger UI draws is its own; the page around it keeps the rules.
#[tokio::test]
#[ignore = "needs Chromium, its driver and axe-core (AXE_CORE=axe.min.js)"]
async fn browser_swagger_docs_keeps_the_rules() {
    let app = TestApp::spawn().await;
    let page = Chromium::open(&app.base).await;
    signed_in(&page, &app, "admin").await;
    page.go("/admin/help").await;
    let drawn = page.driver.query(By::Css("#operations-tag-user")).and_displayed().first().await;
    drawn.expect("Swagger UI is drawn");
    page.must_be_fine_beside(".swagger-ui").await;
    page.close().await;
}

/// Customers with their first account holder, links to applications, registration codes.
async fn customers(page: &Chromium, app: &TestApp) {
    signed_in(page, app, "dboudreaux").await;
    see(page, "/admin/customers").await;
    page.click("Add customer").await;
    at(page, "/admin/customers/new").await;
    page.fill("Name", "Bayou Family Care").await;
    page.click("Add customer").await;
    page.must_see("Bayou Family Care").await;
    page.must_be_fine().await;
    page.click("Invite the first Account Holder").await;
    page.must_see("Invite the first Account Holder").await;
    page.must_be_fine().await;
    page.click("Send invitation").await;
    page.must_see("There is a problem").await;
    page.must_be_fine().await;
    see(page, "/admin/applications").await;
    page.click("Add link").await;
    at(page, "/admin/applications/new").await;
    page.fill("Name", "Scheduling and Referrals of the Whole Partnership").await;
    page.fill("Address", "https://scheduling.gulfcoast.example/").await;
    page.click("Save").await;
    page.must_be_at("/admin/applications").await;
    page.click("Scheduling and Referrals").await;
    page.must_see("Edit link").await;
    page.must_be_fine().await;
    see(page, "/admin/registration-codes").await;
    page.click("Make a code").await;
    page.must_be_at("/admin/registration-codes").await;
    page.click("Change").await;
    page.must_see("The old code ends").await;
    page.must_be_fine().await;
}

#[tokio::test]
#[ignore = "needs Chromium, its driver and axe-core (AXE_CORE=axe.min.js)"]
async fn browser_partners_look_after_customers() {
    let app = TestApp::spawn().await;
    let page = Chromium::open(&app.base).await;
    customers(&page, &app).await;
    page.close().await;
}

/// The log filtered, one entry, its export; a token made, copied, revoked.
async fn log_and_tokens(page: &Chromium, app: &TestApp) {
    signed_in(page, app, "admin").await;
    see(page, "/admin/audit").await;
    page.go("/admin/audit?from=nonsense").await;
    page.must_see("There is a problem").await;
    page.must_be_fine().await;
    page.go("/admin/audit").await;
    page.fill("Who", "Lindqvist").await;
    page.click("Apply filters").await;
    page.must_see("Clear filters").await;
    page.click_on(By::Css("tbody td a")).await;
    page.must_see("Time").await;
    page.must_be_fine().await;
    page.go("/admin/audit").await;
    page.click("Export CSV").await;
    let file = page.downloaded().await;
    assert!(file.lines().count() > 3 && file.contains("admin"), "{file}");
    see(page, "/admin/api-tokens").await;
    page.click("Make a token").await;
    at(page, "/admin/api-tokens/new").await;
    page.click("Make token").await;
    page.must_see("There is a problem").await;
    page.must_be_fine().await;
    page.fill("Name", "Nightly comparison").await;
    page.check("Read users").await;
    page.click("Make token").await;
    page.must_see("Nightly comparison").await;
    page.must_be_fine().await;
    page.go("/admin/api-tokens").await;
    page.click("Revoke").await;
    page.must_see("Revoke").await;
    page.must_be_fine().await;
    page.click("Revoke token").await;
    page.must_be_at("/admin/api-tokens").await;
}

#[tokio::test]
#[ignore = "needs Chromium, its driver and axe-core (AXE_CORE=axe.min.js)"]
async fn browser_the_log_and_the_tokens_of_programs() {
    let app = TestApp::spawn().await;
    let page = Chromium::open(&app.base).await;
    log_and_tokens(&page, &app).await;
    page.close().await;
}

#[tokio::test]
#[ignore = "needs Chromium, its driver and axe-core (AXE_CORE=axe.min.js)"]
async fn browser_customers_log_and_tokens_need_neither_mouse_nor_javascript() {
    for (look, hands) in [(PHONE, Hands::Keyboard), (DESK, Hands::NoScript)] {
        let app = TestApp::spawn().await;
        let page = Chromium::open_with(&app.base, look, hands).await;
        customers(&page, &app).await;
        page.forget().await;
        log_and_tokens(&page, &app).await;
        page.close().await;
    }
}
