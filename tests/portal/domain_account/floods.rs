//! What anybody can do again and again fills no table. ASVS 2.4.1.

use diesel::prelude::*;
use vestibule::schema::{audit_entries, throttles};

use crate::registration::HARBOR;
use crate::support::TestApp;
use crate::support::oidc::OidcServer;

impl TestApp {
    async fn entries(&self, action: &'static str) -> i64 {
        let mine = audit_entries::table
            .filter(audit_entries::action.eq(action))
            .filter(audit_entries::at.ge(self.started))
            .count();
        self.read(move |conn| Ok(mine.get_result(conn)?)).await
    }

    async fn counters(&self) -> i64 {
        self.read(|conn| Ok(throttles::table.count().get_result(conn)?)).await
    }
}

#[tokio::test]
async fn an_answer_of_nobodys_is_written_down_once_a_minute() {
    let provider = OidcServer::start().await;
    let app = TestApp::with_domain(&provider).await;
    let mut browser = app.browser();
    app.to_provider(&provider, &mut browser).await;
    for n in 0..10 {
        browser.get(&format!("/login/domain/return?code=c&state=made-up-{n}")).await;
        browser.must_say(super::STALE);
    }
    assert_eq!(app.entries("domain_sign_in").await, 1);
    // Not even that for a browser with no sign-in under way.
    let mut stranger = app.browser();
    stranger.get("/login/domain/return?code=c&state=made-up").await;
    app.later(61);
    assert_eq!(app.entries("domain_sign_in").await, 1);
    browser.get("/login/domain/return?code=c&state=made-up").await;
    assert_eq!(app.entries("domain_sign_in").await, 2);
}

#[tokio::test]
async fn a_right_registration_code_is_written_down_once_a_minute() {
    let app = TestApp::spawn().await;
    for _ in 0..5 {
        app.at_details(HARBOR).await;
    }
    assert_eq!(app.entries("registration_code").await, 1);
}

/// Whoever is over the limit of their address leaves no counter behind for each account or NPI they type.
#[tokio::test]
async fn an_address_over_its_limit_leaves_no_counters() {
    let app = TestApp::behind_proxy().await;
    let mut browser = app.browser().from("203.0.113.9");
    browser.choose(crate::support::BY_PHONE, false).await;
    browser.sign_in_as("nobody@nowhere.example", "not the password at all").await;
    app.sql("UPDATE throttles SET count = 20 WHERE key LIKE 'sign-in:address:%'".into()).await;
    let mut code = app.browser().from("203.0.113.9");
    code.get("/register").await;
    code.fill("NPI", "1234567893").fill("Provider Registration Code", "NOTHING").click("Next").await;
    app.sql("UPDATE throttles SET count = 20 WHERE key LIKE 'register:address:%'".into()).await;
    let before = app.counters().await;
    for n in 0..5 {
        browser.choose(crate::support::BY_PHONE, false).await;
        browser.sign_in_as(&format!("nobody{n}@nowhere.example"), "not the password at all").await;
        assert_eq!(browser.status(), 429);
        code.get("/register").await;
        code.fill("NPI", &format!("123456789{n}")).fill("Provider Registration Code", "NOTHING").click("Next").await;
    }
    assert_eq!(app.counters().await, before);
}

/// A household has 2^72 addresses of version 6: they count as one.
#[tokio::test]
async fn a_network_of_version_6_is_one_address() {
    let app = TestApp::behind_proxy().await;
    for n in 0..6 {
        let mut browser = app.browser().from(&format!("2001:db8:1:2{n:02x}::{n}"));
        browser.get("/mfa/reset").await;
        browser.fill("Email Address", &format!("nobody{n}@nowhere.example")).click("Continue").await;
        assert_eq!(browser.status(), if n < 5 { 200 } else { 429 }, "{n}");
    }
}
