//! **LOGIN** with a domain account, over a provider on this machine: connected once, then at home at once.

use thirtyfour::By;
use vestibule::identity::sandbox_domain::settings;

use super::chromium::{Chromium, Hands};
use super::entering::{at, see};
use super::looks::{DESK, PHONE};
use crate::support::app::TestApp;
use crate::support::oidc::{OidcServer, Person};

async fn journey(page: &Chromium, app: &TestApp) {
    see(page, "/login").await;
    page.click_on(By::Css("form.domain button")).await;
    at(page, "/login/domain").await;
    page.click("Go to 127.0.0.1").await;
    at(page, "/login/domain/link").await;
    page.fill("Password", "not the password").await;
    page.click("Continue").await;
    page.must_see("There is a problem").await;
    page.must_be_fine().await;
    page.fill("Password", &app.password("member.none")).await;
    page.click("Continue").await;
    page.must_be_at("/home").await;
    page.forget().await;
    page.go("/login").await;
    page.click_on(By::Css("form.domain button")).await;
    page.click("Go to 127.0.0.1").await;
    page.must_be_at("/home").await;
    page.go("/security").await;
    page.click_on(By::Css("a[href*='/domain-accounts/']")).await;
    page.must_see("Remove this domain account?").await;
    page.must_be_fine().await;
    page.click("Remove").await;
    page.must_see("Your domain account was removed.").await;
}

/// The sandbox's own provider, for who tries the portal out.
async fn sandbox_journey(page: &Chromium) {
    page.go("/login").await;
    page.click_on(By::Css("form.domain button")).await;
    page.must_be_at("/login/domain").await;
    page.click_on(By::Css("a.btn-primary")).await;
    at(page, "/sandbox/domain/authorize").await;
    page.check("Signed in there with a second factor").await;
    page.click("Sign in").await;
    page.must_be_at("/login/domain/link").await;
}

#[tokio::test]
#[ignore = "needs Chromium, its driver and axe-core (AXE_CORE=axe.min.js)"]
async fn browser_the_sandbox_answers_for_domain_accounts() {
    for (look, hands) in [(DESK, Hands::Mouse), (PHONE, Hands::Keyboard), (PHONE, Hands::NoScript)] {
        let app = TestApp::spawn_with(|config| config.oidc = Some(settings(&config.public_url))).await;
        let page = Chromium::open_with(&app.base, look, hands).await;
        sandbox_journey(&page).await;
        page.close().await;
    }
}

#[tokio::test]
#[ignore = "needs Chromium, its driver and axe-core (AXE_CORE=axe.min.js)"]
async fn browser_a_domain_account_opens_the_portal() {
    for (look, hands) in [(DESK, Hands::Mouse), (PHONE, Hands::Keyboard), (PHONE, Hands::NoScript)] {
        let provider = OidcServer::start().await;
        let settings = provider.settings();
        let app = TestApp::spawn_with(|config| config.oidc = Some(settings)).await;
        provider.follow(&app.app.core.clock);
        let harbor = app.organization_id("harbor_valley");
        app.sql(format!("UPDATE organizations SET domain_sign_in = 'allowed' WHERE id = '{harbor}'")).await;
        provider.person(Person::new("domain-member.none", &app.email("member.none")).with_mfa());
        let page = Chromium::open_with(&app.base, look, hands).await;
        page.may_ask(&provider.issuer);
        journey(&page, &app).await;
        page.close().await;
    }
}
