//! Several organizations, remembered browsers, and who must not be led to set-up.

use vestibule::models::{Scope, sessions};

use super::*;
use crate::support::{BY_EMAIL, BY_PHONE};

const HARBOR: &str = "Harbor Valley Health";
const RIVERSIDE: &str = "Riverside Family Clinic";

/// S17.
#[tokio::test]
async fn an_organization_that_demands_it_opens_after_set_up_and_the_other_at_once() {
    let app = TestApp::spawn().await;
    let mut browser = app.after_password(BY_PHONE, "two.orgs").await;
    browser.must_be_at("/login/organization").must_say("asks you to set up a second step first");
    browser.click(RIVERSIDE).await;
    browser.must_be_at("/security/setup").must_say("Riverside Family Clinic requires a second step");
    assert_eq!(browser.get_only("/home").await.location(), Some("/security/setup"));
    // Its refusal leaves the other open.
    browser.click("Choose organization").await;
    browser.must_be_at("/login/organization");
    browser.click(HARBOR).await;
    browser.must_be_at("/home").must_say(HARBOR);
    assert!(!browser.says(RIVERSIDE));
    // And later from the menu.
    browser.click("Switch organization").await;
    let before = browser.cookie("vestibule");
    browser.click(RIVERSIDE).await;
    browser.must_be_at("/security/setup");
    assert_ne!(browser.cookie("vestibule"), before, "a new id");
    enroll(&app, &mut browser, "Phone").await;
    browser.check("I have saved these codes", true).click("Continue").await;
    browser.must_be_at("/home").must_say(RIVERSIDE);
}

/// ASVS 7.3.2: a detour through set-up prolongs nothing, neither the session nor Remember Me.
#[tokio::test]
async fn a_detour_does_not_prolong_a_session() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    app.password_in(&mut browser, BY_PHONE, true, "two.orgs").await;
    browser.click(HARBOR).await;
    let ticket = browser.cookie("remember");
    let end = end_of_session(&app).await;
    app.later(540);
    browser.click("Switch organization").await;
    browser.click(RIVERSIDE).await;
    browser.must_be_at("/security/setup");
    browser.click("Choose organization").await;
    browser.click(HARBOR).await;
    browser.must_be_at("/home");
    assert!(end_of_session(&app).await <= end);
    assert_eq!(browser.cookie("remember"), ticket);
    // A password of long ago leads to no set-up.
    app.later(120);
    browser.click("Switch organization").await;
    browser.click(RIVERSIDE).await;
    browser.must_be_at("/login/phone?somebody=else").must_say("sign in with your password first");
    browser.get("/home").await;
    browser.must_be_at("/home").must_say(HARBOR);
}

async fn end_of_session(app: &TestApp) -> vestibule::clock::Timestamp {
    let (id, now) = (app.user_id("two.orgs"), app.app.core.clock.now());
    let rows = app.read(move |conn| Ok(sessions::list(conn, &id, now)?)).await;
    assert_eq!(rows.len(), 1);
    rows[0].expires_at
}

/// Set-up follows a password, never a remembered sign-in alone.
#[tokio::test]
async fn a_remembered_browser_is_asked_for_everything() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    app.password_in(&mut browser, BY_PHONE, true, "two.orgs").await;
    browser.click(HARBOR).await;
    browser.must_be_at("/home");
    browser.close_and_reopen_at(BY_PHONE).await;
    browser.must_be_at("/login/organization");
    browser.click(RIVERSIDE).await;
    browser.must_be_at("/login/phone?somebody=else").must_say("sign in with your password first");
    browser.sign_in_as(&app.email("two.orgs"), &app.password("two.orgs")).await;
    browser.click(RIVERSIDE).await;
    browser.must_be_at("/security/setup");

    let mut alone = app.browser();
    app.sign_in(&mut alone, BY_EMAIL, true, "member.none").await;
    change_organization(&app, "harbor_valley", "enforce_mfa = TRUE").await;
    alone.close_and_reopen_at(BY_EMAIL).await;
    alone.must_be_at("/login/email");
    alone.sign_in_as(&app.email("member.none"), &app.password("member.none")).await;
    alone.must_be_at("/security/setup");
}

impl Browser {
    pub async fn close_and_reopen_at(&mut self, option: &str) {
        self.close_and_reopen();
        self.choose(option, true).await;
    }
}

/// A hundred wrong guesses must not open the door to a new authenticator.
#[tokio::test]
async fn a_switched_off_authenticator_is_not_replaced_on_the_password_alone() {
    let app = TestApp::spawn().await;
    change_organization(&app, "harbor_valley", "enforce_mfa = TRUE").await;
    for methods in ["authenticator,phone", "phone"] {
        change_organization(&app, "harbor_valley", &format!("allowed_methods = '{methods}'")).await;
        let browser = app.after_password(BY_PHONE, "locked").await;
        browser.must_be_at("/login/phone").must_say("The email address or password is not right");
    }
    assert_eq!(app.audited("locked", "set_up_demanded", "success").await, 0);
}

/// The same where the password opens another organization.
#[tokio::test]
async fn an_organization_whose_own_authenticator_was_switched_off_refuses_and_the_other_opens() {
    let app = TestApp::spawn().await;
    let (user, northgate) = (app.user_id("org.level"), app.organization_id("northgate"));
    app.sql(format!("UPDATE factors SET state = 'switched_off' WHERE user_id = '{user}'")).await;
    let harbor = app.organization_id("harbor_valley");
    app.sql(format!(
        "INSERT INTO memberships (id, user_id, organization_id, role, mfa_epoch, created_at) \
         VALUES ('m', '{user}', '{harbor}', 'member', 0, '2026-01-01 00:00:00')"
    ))
    .await;
    let mut browser = app.after_password(BY_PHONE, "org.level").await;
    browser.must_be_at("/login/organization").must_say("switched off after too many wrong codes");
    browser.post("/login/organization", &[("organization", &northgate)]).await;
    browser.must_be_at("/login/organization");
    browser.click(HARBOR).await;
    browser.must_be_at("/home");
    browser.post("/login/organization", &[("organization", &northgate)]).await;
    browser.must_be_at("/login/organization");
    assert_eq!(app.audited("org.level", "set_up_demanded", "success").await, 0);
}

/// An organization that wants factors of its own: what somebody has is shown first (ASVS 6.3.3), then
/// its own is set up, and counts there alone.
#[tokio::test]
async fn an_organizations_own_authenticator_is_set_up_after_the_persons_own_factor() {
    let app = TestApp::spawn().await;
    let mut browser = app.after_password(BY_PHONE, "fromano").await;
    browser.must_be_at("/login/verify/phone");
    assert_eq!(browser.get_only("/security/setup").await.location(), Some("/login/verify"));
    app.second_step(&mut browser, "fromano").await;
    browser.must_be_at("/security/setup").must_say("Northgate Surgical Center requires a second step");
    enroll(&app, &mut browser, "Work").await;
    // Recovery codes count for nothing there, so there are none.
    browser.must_be_at("/home").must_say("Your authenticator was saved");
    let own = factors_of(&app, "fromano").await.into_iter().find(|f| f.name == "Work").expect("it is there");
    assert_eq!((own.scope, own.organization_id), (Scope::Organization, Some(app.organization_id("northgate"))));
    let next = app.after_password(BY_PHONE, "fromano").await;
    next.must_be_at("/login/verify/authenticator");
}

/// U8 and the like: who need not, is not led there.
#[tokio::test]
async fn grace_and_exemption_let_people_in() {
    let app = TestApp::spawn().await;
    for username in ["grace", "exempt"] {
        app.after_password(BY_PHONE, username).await.must_be_at("/home");
    }
    app.later(91 * 24 * 3_600);
    app.after_password(BY_PHONE, "grace").await.must_be_at("/security/setup");
}

/// A factor that no organization of theirs accepts any more (ASVS 6.3.6).
#[tokio::test]
async fn who_has_only_what_is_no_longer_accepted_is_led_to_set_up() {
    let app = TestApp::spawn().await;
    change_organization(&app, "harbor_valley", "enforce_mfa = TRUE, allowed_methods = 'authenticator,phone'").await;
    app.after_password(BY_EMAIL, "email.only").await.must_be_at("/security/setup");
    app.signed_in("phone.only").await;
}

/// SPEC section 2: an enrolled factor is asked even where nothing is required, and whether or not its method is
/// still allowed. The password alone opens nothing. NIST 3.2.2.
#[tokio::test]
async fn what_is_no_longer_accepted_is_asked_for_where_nothing_else_is_there() {
    let app = TestApp::spawn().await;
    change_organization(&app, "harbor_valley", "enforce_mfa = FALSE, allowed_methods = 'authenticator'").await;
    let mut browser = app.after_password(BY_PHONE, "email.only").await;
    browser.must_be_at("/login/verify/email");
    app.second_step(&mut browser, "email.only").await;
    browser.must_be_at("/home");
    let mut browser = app.after_password(BY_PHONE, "phone.only").await;
    browser.must_be_at("/login/verify/phone");
    assert_eq!(browser.get_only("/home").await.location(), Some("/login/verify"));
    // Who has an authenticator besides is asked for that.
    app.after_password(BY_PHONE, "all.factors").await.must_be_at("/login/verify/authenticator");
}

/// A stolen password must not be enough to set up another factor.
#[tokio::test]
async fn who_has_a_phone_that_is_no_longer_accepted_shows_it_before_set_up() {
    let app = TestApp::spawn().await;
    change_organization(&app, "harbor_valley", "enforce_mfa = TRUE, allowed_methods = 'authenticator'").await;
    let mut browser = app.after_password(BY_PHONE, "phone.only").await;
    browser.must_be_at("/login/verify/phone");
    assert_eq!(browser.get_only("/security/setup").await.location(), Some("/login/verify"));
    app.second_step(&mut browser, "phone.only").await;
    browser.must_be_at("/security/setup");
}

/// The mailbox alone does not change a password where a phone is enrolled.
#[tokio::test]
async fn a_forgotten_password_asks_for_it_too() {
    let app = TestApp::spawn().await;
    change_organization(&app, "harbor_valley", "enforce_mfa = FALSE, allowed_methods = 'authenticator'").await;
    app.after_mailbox("phone.only").await.must_be_at("/login/verify/phone");
}
