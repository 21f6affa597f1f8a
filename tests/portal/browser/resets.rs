//! Resetting somebody: Manage Accounts, Edit User with its dialog, Manage Users, User Settings.

use thirtyfour::{By, Key};

use super::chromium::{Chromium, Hands};
use super::entering::{see, signed_in};
use super::looks::{DESK, PHONE};
use crate::support::app::TestApp;

/// The row of somebody in **Manage Accounts**, the page that confirms, the receipt.
async fn manage_accounts(page: &Chromium, app: &TestApp) {
    see(page, "/settings/allaccounts").await;
    page.fill("Search", "Tran").await;
    page.click("Apply filters").await;
    page.must_see("Tran, Marcus").await;
    page.click("Reset Multi-factor").await;
    page.must_be_at(&format!("/admin/users/{}/reset", app.user_id("phone.only"))).await;
    page.must_be_fine().await;
    page.click_in("form.panel", "Reset").await;
    page.must_see("Reference").await;
    page.must_be_fine().await;
}

/// From **User Management** by name to **Account Status**; the dialog where there are scripts, the page elsewhere.
async fn edit_user(page: &Chromium, app: &TestApp) {
    see(page, "/admin/users").await;
    page.fill("Search", "Nwosu").await;
    page.click("Apply filters").await;
    page.click("Nwosu, Adaeze").await;
    page.must_see("Account Status").await;
    page.must_be_fine().await;
    page.click("Reset MFA For This User").await;
    page.must_see("Reset MFA for this user?").await;
    page.must_be_fine().await;
    if page.hands == Hands::NoScript {
        page.click("Cancel").await;
        page.must_see("Account Status").await;
        page.click("Reset MFA For This User").await;
        page.must_see("Reset MFA for this user?").await;
        page.click_in("form.panel", "Reset MFA").await;
    } else {
        leave_and_return(page).await;
        page.click_in("dialog[open]", "Reset MFA").await;
    }
    page.must_see("Reference").await;
    assert_eq!(app.audited("all.factors", "mfa_reset", "success").await, 1);
}

/// The dialog keeps the focus, Escape closes it, and the focus is back where it was.
async fn leave_and_return(page: &Chromium) {
    assert_eq!(page.focused().await, "Cancel");
    for _ in 0..5 {
        page.keys(Key::Tab).await;
        assert!(page.focus_is_in("dialog[open]").await, "the focus left the dialog for {}", page.focused().await);
    }
    page.keys(Key::Escape).await;
    page.must_be_gone("dialog[open]").await;
    assert_eq!(page.focused().await, "Reset MFA For This User");
    page.click("Reset MFA For This User").await;
    page.click_in("dialog[open]", "Cancel").await;
    page.must_be_gone("dialog[open]").await;
    page.click("Reset MFA For This User").await;
    page.find(By::Css("dialog[open]")).await;
}

/// An expandable row, the pencil, **Reset Registration**.
async fn manage_users(page: &Chromium) {
    see(page, "/setup/users").await;
    page.fill("Search", "Haddad").await;
    page.click("Apply filters").await;
    page.click("Haddad, Leila").await;
    page.must_be_fine().await;
    page.click("Reset Registration").await;
    page.must_see("Leila Haddad").await;
    page.must_be_fine().await;
    page.click_in("form.panel", "Reset").await;
    page.must_see("Reference").await;
}

async fn user_settings(page: &Chromium) {
    see(page, "/admin/user-settings").await;
    page.fill("Full and exact username", "rsmith").await;
    page.click("Search").await;
    page.must_see("Robert Smith").await;
    page.click("Reset MFA").await;
    page.must_see("Robert Smith").await;
    page.click_in("form.panel", "Reset MFA").await;
    page.must_see("Reference").await;
}

async fn every_button(page: &Chromium, app: &TestApp) {
    signed_in(page, app, "owner.two").await;
    manage_accounts(page, app).await;
    edit_user(page, app).await;
    manage_users(page).await;
    user_settings(page).await;
}

#[tokio::test]
#[ignore = "needs Chromium, its driver and axe-core (AXE_CORE=axe.min.js)"]
async fn browser_administrators_reset_somebody() {
    let app = TestApp::spawn().await;
    let page = Chromium::open(&app.base).await;
    every_button(&page, &app).await;
    see(&page, "/admin").await;
    let user = format!("/admin/users/{}", app.user_id("two.orgs"));
    for tab in ["methods", "sessions", "activity", "deliveries"] {
        see(&page, &format!("{user}?tab={tab}")).await;
    }
    see(&page, &format!("/admin/users/{}", app.user_id("locked"))).await;
    page.click("Unlock").await;
    page.must_be_fine().await;
    if page.hands != Hands::NoScript {
        page.click("Copy").await;
        page.must_see("Copied").await;
    }
    page.close().await;
}

#[tokio::test]
#[ignore = "needs Chromium, its driver and axe-core (AXE_CORE=axe.min.js)"]
async fn browser_resetting_needs_neither_mouse_nor_javascript() {
    for (look, hands) in [(PHONE, Hands::Keyboard), (DESK, Hands::NoScript)] {
        let app = TestApp::spawn().await;
        let page = Chromium::open_with(&app.base, look, hands).await;
        every_button(&page, &app).await;
        page.close().await;
    }
}
