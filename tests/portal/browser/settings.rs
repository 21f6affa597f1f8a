//! **Practice Security Settings**: enforcement over its preview, the safelist, exemptions.

use super::chromium::{Chromium, Hands};
use super::entering::{at, see, signed_in};
use super::looks::{DESK, PHONE};
use crate::support::app::TestApp;

/// MFA for everybody, over the preview.
async fn enforcing(page: &Chromium, app: &TestApp) {
    signed_in(page, app, "owner.two").await;
    see(page, "/admin/security").await;
    page.clear("Grace in days").await;
    page.fill("Grace in days", "many").await;
    page.click("Preview changes").await;
    page.must_see("There is a problem").await;
    page.must_be_fine().await;
    page.clear("Grace in days").await;
    page.fill("Grace in days", "0").await;
    page.check("Enforce multi-factor authentication for ALL users").await;
    page.click("Preview changes").await;
    at(page, "/admin/security/preview").await;
    page.must_see("would have to set up at once").await;
    page.click("Save").await;
    at(page, "/admin/security").await;
    assert_eq!(page.attribute("#enforce", "checked").await, "true");
}

/// A list that leaves out its author is refused; one that does not is kept.
async fn safelist(page: &Chromium) {
    page.fill("Address or range", "203.0.113.0/24").await;
    page.click("Add address").await;
    page.must_see("There is a problem").await;
    page.must_be_fine().await;
    page.clear("Address or range").await;
    page.fill("Address or range", "127.0.0.0/8").await;
    page.click("Add address").await;
    page.must_see("127.0.0.0/8").await;
    page.must_be_fine().await;
    page.click("Remove").await;
    page.must_see("No addresses yet").await;
}

#[tokio::test]
#[ignore = "needs Chromium, its driver and axe-core (AXE_CORE=axe.min.js)"]
async fn browser_account_holders_require_a_second_step() {
    let app = TestApp::spawn().await;
    let page = Chromium::open(&app.base).await;
    enforcing(&page, &app).await;
    safelist(&page).await;
    page.close().await;
}

#[tokio::test]
#[ignore = "needs Chromium, its driver and axe-core (AXE_CORE=axe.min.js)"]
async fn browser_settings_need_neither_mouse_nor_javascript() {
    for (look, hands) in [(PHONE, Hands::Keyboard), (DESK, Hands::NoScript)] {
        let app = TestApp::spawn().await;
        let page = Chromium::open_with(&app.base, look, hands).await;
        enforcing(&page, &app).await;
        safelist(&page).await;
        page.close().await;
    }
}
