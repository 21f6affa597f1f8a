//! Hardware tokens: imported with errors and without, assigned, activated, exported.

use super::chromium::{Chromium, Hands};
use super::entering::{at, see, signed_in};
use super::looks::{DESK, PHONE};
use crate::support::app::TestApp;

const HEAD: &str = "upn,serial number,secret key,time interval,manufacturer,model";
const KEY: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

async fn journey(page: &Chromium, app: &TestApp) {
    signed_in(page, app, "owner.two").await;
    see(page, "/admin/hardware-tokens").await;
    page.go("/admin/hardware-tokens/import").await;
    at(page, "/admin/hardware-tokens/import").await;
    page.upload("File", &format!("{HEAD}\r\n,N1,{KEY},45,Feitian,c200\r\n,N2,JBSWY3DP,30,Feitian,c200\r\n")).await;
    page.click("Dry run").await;
    page.must_see("must be 30 or 60").await;
    page.must_be_fine().await;
    page.upload("File", &format!("{HEAD}\r\n,N1,{KEY},30,Feitian,c200\r\n")).await;
    page.click("Import").await;
    page.go("/admin/hardware-tokens?serial=N1").await;
    page.click("N1").await;
    page.must_see("Assign").await;
    page.must_be_fine().await;
    page.fill("Username", "nobody.here").await;
    page.click("Assign").await;
    page.must_see("There is a problem").await;
    page.must_be_fine().await;
    page.clear("Username").await;
    page.fill("Username", "member.none").await;
    page.click("Assign").await;
    page.must_see("Carla Esposito").await;
    page.must_be_fine().await;
    app.mid_step();
    page.fill("Code from the token", &crate::set_up::code(app, KEY, 0)).await;
    page.click("Activate").await;
    page.must_see("Deactivate").await;
    page.must_be_fine().await;
    page.go("/admin/hardware-tokens").await;
    page.click("Export CSV").await;
    let file = page.downloaded().await;
    assert!(file.contains("N1") && !file.contains(KEY), "no secrets: {file}");
}

#[tokio::test]
#[ignore = "needs Chromium, its driver and axe-core (AXE_CORE=axe.min.js)"]
async fn browser_hardware_tokens_are_handed_out() {
    let app = TestApp::spawn().await;
    let page = Chromium::open(&app.base).await;
    journey(&page, &app).await;
    page.close().await;
}

#[tokio::test]
#[ignore = "needs Chromium, its driver and axe-core (AXE_CORE=axe.min.js)"]
async fn browser_hardware_tokens_need_neither_mouse_nor_javascript() {
    for (look, hands) in [(PHONE, Hands::Keyboard), (DESK, Hands::NoScript)] {
        let app = TestApp::spawn().await;
        let page = Chromium::open_with(&app.base, look, hands).await;
        journey(&page, &app).await;
        page.close().await;
    }
}
