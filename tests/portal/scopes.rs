//! Two scopes of factors: a user's count everywhere but where an organization wants its own, and an
//! organization's count there alone. SPEC section 6.

use vestibule::models::{FactorKind, Scope, factors, session_proofs, sessions};

use crate::set_up::factors_of;
use crate::support::{BY_EMAIL, BY_PHONE, TestApp};

/// A user whose only organization wants its own is asked for that alone.
#[tokio::test]
async fn only_the_organizations_own_factor_is_asked() {
    let app = TestApp::spawn().await;
    // An app of Northgate's, and a phone of her own.
    for option in [BY_PHONE, BY_EMAIL] {
        let mut browser = app.after_password(option, "sabebe").await;
        browser.must_be_at("/login/verify/authenticator").must_say("Northgate Surgical Center asks for this step");
        browser.click("Try another way").await;
        assert!(!browser.says("text message"), "{}", browser.text());
    }
}

/// A proof of one scope opens nothing that wants the other.
#[tokio::test]
async fn a_proof_counts_in_its_scope() {
    let app = TestApp::spawn().await;
    let (northgate, harbor) = (app.organization_id("northgate"), app.organization_id("harbor_valley"));
    // Somebody with an app of Northgate's and a phone of their own, in both organizations.
    app.join("sabebe", &harbor).await;
    let mut browser = app.after_password(BY_PHONE, "sabebe").await;
    browser.must_be_at("/login/verify/phone");
    app.second_step(&mut browser, "sabebe").await;
    browser.must_be_at("/login/organization");
    browser.click("Northgate Surgical Center").await;
    browser.must_be_at("/login/verify/authenticator").must_say("Northgate Surgical Center asks for this step");
    browser.click("Cancel").await;
    browser.click("Harbor Valley Health").await;
    browser.must_be_at("/home").must_say("Harbor Valley Health");
    let answer = browser.post_only("/login/organization", &[("organization", &northgate)]).await;
    assert_eq!(answer.location(), Some("/login/verify"));
    browser.get("/login/verify").await;
    app.second_step(&mut browser, "sabebe").await;
    browser.must_be_at("/home").must_say("Northgate Surgical Center");
    // The app alone opens Northgate, and not Harbor, which counts the phone.
    let mut by_app = app.browser();
    app.later(60);
    let id = app.user_id("sabebe");
    app.sql(format!("DELETE FROM session_proofs WHERE kind = 'phone' AND session_id IN (SELECT id FROM sessions WHERE user_id = '{id}')")).await;
    browser.get("/login/organization").await;
    browser.click("Harbor Valley Health").await;
    browser.must_be_at("/login/verify/phone").must_say("Harbor Valley Health asks for this step");
    by_app.get("/login").await;
}

/// DESIGN, two scopes of MFA: a new epoch of the membership voids what was proven under the old one, and
/// nothing else.
#[tokio::test]
async fn a_proof_of_an_older_epoch_counts_no_more() {
    let app = TestApp::spawn().await;
    let mut browser = app.after_password(BY_PHONE, "sabebe").await;
    app.second_step(&mut browser, "sabebe").await;
    browser.must_be_at("/home");
    let id = app.user_id("sabebe");
    app.sql(format!("UPDATE memberships SET mfa_epoch = mfa_epoch + 1 WHERE user_id = '{id}'")).await;
    assert_eq!(browser.get_only("/home").await.location(), Some("/security/factor?return_to=%2Fhome"));
    app.later(60);
    browser.get("/home").await;
    browser.must_say("Required by Northgate Surgical Center");
    browser.click("Continue").await;
    app.second_step(&mut browser, "sabebe").await;
    browser.must_be_at("/home");
    let (now, user) = (app.app.core.clock.now(), id.clone());
    let proofs = app
        .read(move |conn| {
            let session = sessions::list(conn, &user, now)?.remove(0);
            Ok(session_proofs::list(conn, &session.id)?)
        })
        .await;
    assert_eq!(proofs[0].mfa_epoch, 1);
    assert_eq!(proofs[0].scope, Scope::Organization);
}

/// A remembered browser opens such an organization only after its factor was shown.
#[tokio::test]
async fn remember_me_does_not_stand_for_an_organizations_own_factor() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    app.password_in(&mut browser, BY_PHONE, true, "sabebe").await;
    app.second_step(&mut browser, "sabebe").await;
    browser.must_be_at("/home");
    browser.close_and_reopen_at(BY_PHONE).await;
    browser.must_be_at("/security/factor").must_say("It wants the factor that you set up for it");
    assert_eq!(browser.get_only("/messages").await.location(), Some("/security/factor?return_to=%2Fmessages"));
    app.later(60);
    browser.click("Continue").await;
    browser.must_be_at("/login/verify/authenticator");
    app.second_step(&mut browser, "sabebe").await;
    browser.must_be_at("/home");
}

/// Recovery codes stand for the user's factors only.
#[tokio::test]
async fn recovery_codes_do_not_count_where_an_organization_wants_its_own() {
    let app = TestApp::spawn().await;
    let (from, to) = (app.user_id("all.factors"), app.user_id("sabebe"));
    app.sql(format!("UPDATE recovery_codes SET user_id = '{to}' WHERE user_id = '{from}'")).await;
    let mut browser = app.after_password(BY_PHONE, "sabebe").await;
    browser.click("Try another way").await;
    assert!(!browser.says("Recovery code"), "{}", browser.text());
}

/// The preview says whom the switch affects, and it counts at the next request: the owner too.
#[tokio::test]
async fn switching_it_on_asks_everybody_for_a_factor_of_its_own() {
    let app = TestApp::spawn().await;
    let mut member = app.signed_in("phone.only").await;
    let mut owner = app.owner("owner.one").await;
    owner.check("Organization-level MFA", true).click("Preview changes").await;
    owner.must_say("21 of 21 users would have to set up at once").must_say("You are among them");
    owner.click("Save").await;
    owner.must_be_at("/security/setup").must_say("Harbor Valley Health requires");
    assert_eq!(member.get_only("/home").await.location(), Some("/security/setup"));
}

/// Leaving an organization deletes what was set up for it, and nothing else.
/// ASVS 6.5.6.
#[tokio::test]
async fn leaving_an_organization_deletes_its_factors() {
    let app = TestApp::spawn().await;
    let (id, northgate) = (app.user_id("hklein"), app.organization_id("northgate"));
    let left = app
        .write(move |conn| {
            factors::delete_of_organization(conn, &id, &northgate)?;
            Ok(factors::list(conn, &id)?)
        })
        .await;
    assert!(left.iter().all(|f| f.scope == Scope::User));
    assert_eq!(left.iter().filter(|f| f.kind == FactorKind::Phone).count(), 1);
}

/// S17: nothing of an organization that requires MFA before a factor or set-up.
#[tokio::test]
async fn switching_to_an_organization_that_requires_it_shows_nothing_before() {
    let app = TestApp::spawn().await;
    let mut browser = app.after_password(BY_PHONE, "two.orgs").await;
    browser.click("Harbor Valley Health").await;
    browser.must_be_at("/home");
    let riverside = app.organization_id("riverside");
    let answer = browser.post_only("/login/organization", &[("organization", &riverside)]).await;
    assert_eq!(answer.location(), Some("/security/setup"));
    browser.get("/security/setup").await;
    browser.must_say("Riverside Family Clinic requires a second step");
    assert_eq!(browser.get_only("/home").await.location(), Some("/security/setup"));
}

/// A page that adds a factor for one organization adds none for another that was switched to meanwhile.
#[tokio::test]
async fn a_factor_is_not_added_for_an_organization_switched_to_in_another_tab() {
    let app = TestApp::spawn().await;
    app.relax("riverside").await;
    app.join("admin", &app.organization_id("riverside")).await;
    let mut one = app.browser();
    app.password_in(&mut one, BY_PHONE, false, "admin").await;
    app.second_step(&mut one, "admin").await;
    one.click("Harbor Valley Health").await;
    one.get("/security/phones/new").await;
    let mut two = one.clone();
    two.get("/login/organization").await;
    two.click("Riverside Family Clinic").await;
    two.must_be_at("/home").must_say("Riverside Family Clinic");
    one.set_cookie("vestibule", &two.cookie("vestibule").expect("a session"));
    let mut leaving = one.clone();
    let before = factors_of(&app, "admin").await.len();
    one.fill("Phone Number", "6015550177").click("Send Code").await;
    assert_eq!(one.status(), 409, "{}", one.text());
    one.must_say("You switched organization in another tab.");
    assert_eq!(factors_of(&app, "admin").await.len(), before);
    // What is the same in every organization still works there.
    leaving.click("Sign out").await;
    leaving.must_be_at("/signed-out");
}

/// Who has a factor that serves elsewhere shows that one, where the organization at hand counts none they have.
#[tokio::test]
async fn a_factor_that_counts_elsewhere_is_shown_where_none_counts() {
    let app = TestApp::spawn().await;
    let (harbor, id) = (app.organization_id("harbor_valley"), app.user_id("sabebe"));
    app.relax("harbor_valley").await;
    app.join("sabebe", &harbor).await;
    app.sql(format!("UPDATE organizations SET allowed_methods = 'hardware_token' WHERE id = '{harbor}'")).await;
    let mut browser = app.after_password(BY_PHONE, "sabebe").await;
    browser.click("Try another way").await;
    browser.click("Authenticator app").await;
    app.second_step(&mut browser, "sabebe").await;
    browser.get("/login/organization").await;
    browser.click("Harbor Valley Health").await;
    browser.must_be_at("/home").must_say("Harbor Valley Health");
    app.sql(format!(
        "INSERT INTO second_step_pauses (user_id, kind, failed_in_row, paused_until, updated_at) \
         VALUES ('{id}', 'phone', 10, '2099-01-01 00:00:00', '2026-11-01 00:00:00')"
    ))
    .await;
    app.later(15 * 60);
    browser.get("/security/phones/new").await;
    app.confirm(&mut browser, "sabebe").await;
    browser.must_be_at("/security/phones/new");
}

impl TestApp {
    /// Makes somebody a member of another organization.
    pub async fn join(&self, username: &str, organization_id: &str) {
        let id = self.user_id(username);
        self.sql(format!(
            "INSERT INTO memberships (id, user_id, organization_id, role, mfa_epoch, created_at) \
             VALUES ('{username}-{organization_id}', '{id}', '{organization_id}', 'member', 0, '2026-11-01 00:00:00')"
        ))
        .await;
    }
}

/// "… asks for this step." stands where it is true: not over a phone of one's own that an organization with factors of
/// its own does not count, and not over the second step of a forgotten password, which is the account's.
#[tokio::test]
async fn an_organization_asks_only_for_what_it_counts() {
    let app = TestApp::spawn().await;
    let mut browser = app.after_password(BY_PHONE, "fromano").await;
    browser.must_be_at("/login/verify/phone");
    assert!(!browser.says("asks for this step"), "Northgate counts no phone of one's own");
    browser.click("Send Code").await;
    browser.must_be_at("/login/verify/phone/code");
    assert!(!browser.says("asks for this step"));
    let mut own = app.after_password(BY_PHONE, "sabebe").await;
    own.must_be_at("/login/verify/authenticator").must_say("Northgate Surgical Center asks for this step");
    own.click("Cancel").await;
    own.get("/forgot-password").await;
    own.fill("Email Address", &app.email("sabebe")).click("Send verification code").await;
    let code = app.newest_is("sabebe", "sent").await.code.expect("a message with a code");
    own.fill("Verification code", &code).click("Verify code").await;
    own.click("Continue").await;
    own.must_be_at("/login/verify/authenticator");
    assert!(!own.says("asks for this step"), "{}", own.text());
}
