//! **Identity → Users**: a selection across customers, its preview, and the job that carries it out.

use thirtyfour::By;
use vestibule::domain::jobs::worker;

use super::chromium::{Chromium, Hands};
use super::entering::{at, code_by_phone, password, see};
use super::looks::{DESK, PHONE};
use crate::support::app::TestApp;

/// The technician's customers, one user of two of them, and everybody.
async fn selection(page: &Chromium, app: &TestApp) {
    password(page, app, "Login with Phone", "technician").await;
    code_by_phone(page, app, "technician").await;
    if page.path().await == "/login/organization" {
        page.click("Riverside Family Clinic").await;
    }
    page.must_be_at("/home").await;
    see(page, "/identity/users").await;
    page.must_see("No customer is chosen.").await;
    page.check("Riverside Family Clinic").await;
    page.check("Delta Orthopedics").await;
    page.click("Apply").await;
    page.must_see("Chen, Wei").await;
    if page.hands != Hands::NoScript {
        assert!(!page.is_shown(".bulk").await, "nobody is chosen yet");
    }
    page.tick("Select Chen, Wei").await;
    page.tick("Select Moreau, Camille").await;
    if page.hands != Hands::NoScript {
        page.must_see("2 users selected").await;
    }
    page.must_be_fine().await;
    page.click("Reset all multi-factor authentications").await;
    page.must_see("2 users").await;
    page.must_be_fine().await;
}

/// Everybody there is: the preview, then a job that shows how far it is by itself.
async fn job(page: &Chromium, app: &TestApp) {
    page.go(&format!("/identity/users?customer={}", app.organization_id("riverside"))).await;
    page.click("Select all").await;
    page.must_see("What happens next").await;
    page.must_be_fine().await;
    page.click_in("form.panel", "Reset").await;
    page.must_see("This page keeps itself up to date.").await;
    page.must_be_fine().await;
    let worker = worker::start(app.app.core.clone());
    page.must_see("ended").await;
    page.must_be_fine().await;
    page.click("Skipped").await;
    page.click_in(".crumbs", "Jobs").await;
    at(page, "/admin/jobs").await;
    drop(worker);
}

/// **Authentication Methods**, one row per factor; a reset from there.
async fn methods(page: &Chromium) {
    see(page, "/admin/authentication-methods").await;
    page.find(By::Css("tbody input[type=checkbox]")).await;
    page.tick("Select Ferreira, Ana").await;
    page.click("Reset all multi-factor authentications").await;
    page.must_see("Ana Ferreira").await;
    page.must_be_fine().await;
}

async fn every_step(page: &Chromium, app: &TestApp) {
    selection(page, app).await;
    methods(page).await;
    job(page, app).await;
}

#[tokio::test]
#[ignore = "needs Chromium, its driver and axe-core (AXE_CORE=axe.min.js)"]
async fn browser_many_are_reset_at_once() {
    let app = TestApp::spawn().await;
    let page = Chromium::open(&app.base).await;
    every_step(&page, &app).await;
    page.close().await;
}

#[tokio::test]
#[ignore = "needs Chromium, its driver and axe-core (AXE_CORE=axe.min.js)"]
async fn browser_the_keyboard_is_enough_to_reset_many() {
    let app = TestApp::spawn().await;
    let page = Chromium::open_with(&app.base, PHONE, Hands::Keyboard).await;
    every_step(&page, &app).await;
    page.close().await;
}

/// ASVS 3.7.1, 3.7.5.
#[tokio::test]
#[ignore = "needs Chromium, its driver and axe-core (AXE_CORE=axe.min.js)"]
async fn browser_resetting_many_needs_no_javascript() {
    let app = TestApp::spawn().await;
    let page = Chromium::open_with(&app.base, DESK, Hands::NoScript).await;
    every_step(&page, &app).await;
    page.close().await;
}
