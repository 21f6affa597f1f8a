//! Showing a factor again: before the console opens, before it acts, and on the way into an
//! organization that counts another factor.

use vestibule::models::{FactorKind, remembered_browsers, session_proofs, sessions};

use crate::support::{BY_EMAIL, BY_PHONE, TestApp};

/// ASVS 8.4.2: the console opens for a factor shown in this session, and for the role alone.
/// ASVS 8.2.1.
#[tokio::test]
async fn the_console_wants_the_role_and_a_factor() {
    let app = TestApp::spawn().await;
    let mut admin = app.signed_in("admin").await;
    assert!(admin.says("Administration"));
    admin.get("/admin").await;
    admin.must_be_at("/admin").must_say("Admin Overview").must_say("Administrator Settings");
    let mut member = app.signed_in("phone.only").await;
    assert!(!member.says("Administration"));
    let answer = member.get_only("/admin").await;
    assert_eq!(answer.status, 403);
    assert_eq!(app.audited("phone.only", "access_denied", "refused").await, 1);
    let mut nobody = app.browser();
    nobody.get("/admin").await;
    nobody.must_be_at("/login?return_to=%2Fadmin");
}

/// S15: a session born from Remember Me shows a factor first.
#[tokio::test]
async fn a_remembered_administrator_shows_a_factor_first() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    app.sign_in(&mut browser, BY_PHONE, true, "owner.two").await;
    browser.close_and_reopen_at(BY_PHONE).await;
    browser.must_be_at("/home");
    browser.get("/admin").await;
    browser.must_be_at("/security/confirm?for=console&return_to=%2Fadmin");
    // Cancel leaves the session as it was.
    browser.click("Continue").await;
    browser.must_be_at("/login/verify/phone");
    assert_eq!(browser.get_only("/home").await.location(), Some("/login/verify"));
    browser.get("/login/verify").await;
    browser.click("Cancel").await;
    browser.must_be_at("/home");
    browser.get("/admin").await;
    let before = browser.cookie("vestibule");
    app.confirm(&mut browser, "owner.two").await;
    browser.must_be_at("/admin").must_say("Admin Overview");
    assert_ne!(browser.cookie("vestibule"), before, "a new id");
    assert_eq!(app.audited("owner.two", "step_up", "success").await, 1);
}

/// NIST SP 800-63B-4 section 2.2.3: a console that stood still for 15 minutes asks again, one in use does not.
#[tokio::test]
async fn a_console_that_stood_still_asks_again() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("owner.two").await;
    for _ in 0..3 {
        app.later(14 * 60);
        browser.get("/admin").await;
        browser.must_be_at("/admin");
    }
    app.later(15 * 60 + 1);
    browser.get("/home").await;
    browser.must_be_at("/home");
    browser.get("/admin").await;
    browser.must_be_at("/security/confirm?for=console&return_to=%2Fadmin");
    app.confirm(&mut browser, "owner.two").await;
    browser.must_be_at("/admin");
}

/// Step-up by e-mail goes over **Continue** like a sign-in.
#[tokio::test]
async fn an_email_code_confirms_too() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    app.sign_in(&mut browser, BY_EMAIL, false, "owner.two").await;
    app.later(16 * 60);
    browser.get("/admin").await;
    browser.click("Continue").await;
    browser.must_be_at("/login/verify/email");
    app.second_step(&mut browser, "owner.two").await;
    browser.must_be_at("/admin");
}

/// ASVS 7.3.2: showing a factor again does not prolong the session.
/// NIST 5.2.
#[tokio::test]
async fn showing_a_factor_again_prolongs_nothing() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("owner.two").await;
    let end = app.only_session("owner.two").await.expires_at;
    app.later(16 * 60);
    browser.get("/admin").await;
    app.confirm(&mut browser, "owner.two").await;
    browser.must_be_at("/admin");
    assert_eq!(app.only_session("owner.two").await.expires_at, end);
}

/// SPEC section 2: what an organization lacks is asked under its name, and leaves the others open.
#[tokio::test]
async fn an_organization_asks_for_the_factor_it_counts() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    let riverside = app.organization_id("riverside");
    // Signed in by phone; Riverside takes authenticators only.
    app.sql(format!("UPDATE organizations SET allowed_methods = 'authenticator' WHERE id = '{riverside}'")).await;
    app.password_in(&mut browser, BY_PHONE, false, "technician").await;
    app.second_step(&mut browser, "technician").await;
    browser.must_be_at("/login/organization").must_say("asks for another factor first");
    browser.click("Riverside Family Clinic").await;
    browser.must_be_at("/login/verify/authenticator").must_say("Riverside Family Clinic asks for this step.");
    browser.click("Cancel").await;
    browser.must_be_at("/login/organization");
    browser.click("Riverside Family Clinic").await;
    app.second_step(&mut browser, "technician").await;
    browser.must_be_at("/home").must_say("Riverside Family Clinic");
    let session = app.only_session("technician").await;
    let proofs = app.read(move |conn| Ok(session_proofs::list(conn, &session.id)?)).await;
    assert_eq!(proofs.iter().filter(|p| p.kind == FactorKind::Authenticator).count(), 1);
    assert_eq!(proofs.len(), 2);
}

/// ASVS 7.3.2: a way into another organization that closes meanwhile leads back, and prolongs nothing.
#[tokio::test]
async fn a_switch_that_comes_to_nothing_prolongs_nothing() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    app.password_in(&mut browser, BY_PHONE, true, "technician").await;
    app.second_step(&mut browser, "technician").await;
    browser.click("Riverside Family Clinic").await;
    browser.must_be_at("/home");
    let end = app.only_session("technician").await.expires_at;
    let tickets = app.remembered("technician").await;
    app.later(20 * 60);
    let delta = app.organization_id("delta");
    app.sql(format!("UPDATE organizations SET allowed_methods = 'authenticator' WHERE id = '{delta}'")).await;
    browser.get("/login/organization").await;
    browser.click("Delta Orthopedics").await;
    browser.must_be_at("/login/verify/authenticator");
    let at = "'2026-01-01 00:00:00'";
    app.sql(format!("INSERT INTO safelist_entries VALUES ('{delta}', '{delta}', '10.0.0.0/8', '', {at})")).await;
    app.second_step(&mut browser, "technician").await;
    if browser.path() == "/login/organization" {
        browser.click("Riverside Family Clinic").await;
    }
    browser.must_be_at("/home").must_say("Riverside Family Clinic");
    assert_eq!(app.only_session("technician").await.expires_at, end);
    assert_eq!(app.remembered("technician").await, tickets);
}

impl TestApp {
    async fn only_session(&self, username: &str) -> sessions::Session {
        let (id, now) = (self.user_id(username), self.app.core.clock.now());
        let mut rows = self.read(move |conn| Ok(sessions::list(conn, &id, now)?)).await;
        assert_eq!(rows.len(), 1);
        rows.remove(0)
    }

    /// When what browsers remember of somebody ends.
    async fn remembered(&self, username: &str) -> Vec<vestibule::clock::Timestamp> {
        let (id, now) = (self.user_id(username), self.app.core.clock.now());
        let rows = self.read(move |conn| Ok(remembered_browsers::list(conn, &id, now)?)).await;
        rows.into_iter().map(|row| row.expires_at).collect()
    }
}
