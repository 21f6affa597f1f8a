//! What counts for one organization opens nothing of the account itself, and a role held in one organization is
//! none in another. SPEC sections 1, 6 and 7; ASVS 7.5.1, 8.2.2.

use vestibule::models::session_proofs::{self, SessionProof};
use vestibule::models::{FactorKind, Role, Scope, factors, new_id, sessions};

use crate::support::{BY_PHONE, Browser, TestApp};

impl TestApp {
    /// Signed in, in several organizations, with the app of Northgate alone, and in Northgate.
    async fn by_own_app(&self, username: &str) -> Browser {
        let mut browser = self.after_password(BY_PHONE, username).await;
        browser.click("Try another way").await;
        browser.click("Authenticator app").await;
        self.second_step(&mut browser, username).await;
        browser.click("Northgate Surgical Center").await;
        browser.must_be_at("/home").must_say("Northgate Surgical Center");
        browser
    }

    /// Joins with a role.
    async fn join_as(&self, username: &str, organization: &str, role: Role) {
        self.join(username, &self.organization_id(organization)).await;
        self.role_of(username, organization, role).await;
    }

    async fn role_of(&self, username: &str, organization: &str, role: Role) {
        let (id, organization) = (self.user_id(username), self.organization_id(organization));
        let change = format!("SET role = '{role}' WHERE user_id = '{id}' AND organization_id = '{organization}'");
        self.sql(format!("UPDATE memberships {change}")).await;
    }
}

/// Its administrators can hand such a factor out: with it and the password, nobody takes away what other
/// organizations count.
#[tokio::test]
async fn an_organizations_own_factor_does_not_open_the_account() {
    let app = TestApp::spawn().await;
    app.join("sabebe", &app.organization_id("harbor_valley")).await;
    let phone = app.factor_id("sabebe", "phone");
    let mut browser = app.by_own_app("sabebe").await;
    for page in ["/security/password".into(), "/security/email".into(), format!("/security/factors/{phone}/remove")] {
        let answer = browser.get_only(&page).await;
        assert!(answer.location().is_some_and(|to| to.starts_with("/security/confirm")), "{page}: {}", answer.status);
    }
    let answer = browser.post_only(&format!("/security/factors/{phone}/remove"), &[]).await;
    assert_eq!(answer.location(), Some("/security/confirm?return_to=%2Fsecurity"));
    browser.get("/security/password").await;
    browser.must_say("Confirm it is you");
    browser.click("Continue").await;
    browser.must_be_at("/login/verify/phone");
    app.second_step(&mut browser, "sabebe").await;
    browser.must_be_at("/security/password").must_say("New Password");
}

/// Who belongs nowhere else, or has no other factor, changes the account with what there is.
#[tokio::test]
async fn who_has_nothing_else_confirms_with_the_organizations_own() {
    let app = TestApp::spawn().await;
    let mut only_there = app.signed_in("sabebe").await;
    only_there.get("/security/password").await;
    only_there.must_be_at("/security/password");
    app.join("org.level", &app.organization_id("harbor_valley")).await;
    let mut browser = app.after_password(BY_PHONE, "org.level").await;
    app.second_step(&mut browser, "org.level").await;
    browser.click("Northgate Surgical Center").await;
    browser.get("/security/password").await;
    browser.must_be_at("/security/password");
}

/// An organization's own factor is removed in that organization, where it was shown.
#[tokio::test]
async fn a_proof_of_ones_own_takes_no_organizations_factor_away() {
    let app = TestApp::spawn().await;
    app.join("sabebe", &app.organization_id("harbor_valley")).await;
    let own = app.factor_id("sabebe", "organization_authenticator");
    let mut browser = app.after_password(BY_PHONE, "sabebe").await;
    app.second_step(&mut browser, "sabebe").await;
    browser.click("Harbor Valley Health").await;
    let remove = format!("/security/factors/{own}/remove");
    browser.get(&remove).await;
    browser.must_say("It cannot be removed here").must_say("It counts for Northgate Surgical Center alone");
    browser.post_only(&remove, &[]).await;
    assert!(app.factors_of("sabebe").await.iter().any(|f| f.id == own), "it is still there");
    browser.get("/login/organization").await;
    browser.click("Northgate Surgical Center").await;
    app.later(60);
    app.second_step(&mut browser, "sabebe").await;
    browser.get(&remove).await;
    browser.must_say("requires a second step, and this is your last one that counts there");
}

/// In an organization with factors of its own, a change asks for that one too, once ten minutes are over.
#[tokio::test]
async fn a_change_there_wants_both_fresh() {
    let app = TestApp::spawn().await;
    app.join("sabebe", &app.organization_id("harbor_valley")).await;
    let mut browser = app.by_own_app("sabebe").await;
    app.later(11 * 60);
    browser.get("/security/phones/new").await;
    browser.click("Continue").await;
    browser.must_be_at("/login/verify/phone");
    app.second_step(&mut browser, "sabebe").await;
    browser.must_say("Confirm it is you");
    browser.click("Continue").await;
    browser.must_be_at("/login/verify/authenticator");
    app.second_step(&mut browser, "sabebe").await;
    browser.must_be_at("/security/phones/new");
}

/// R12: the role counts where the right comes from. An administrator of Delta who is account holder elsewhere
/// edits, resets and disables no account holder that Delta manages, from wherever.
#[tokio::test]
async fn a_role_held_elsewhere_reaches_no_higher() {
    let app = TestApp::spawn().await;
    app.role_of("technician", "riverside", Role::Owner).await;
    app.join_as("rgupta", "riverside", Role::Member).await;
    let mut technician = app.after_password(BY_PHONE, "technician").await;
    app.second_step(&mut technician, "technician").await;
    for organization in ["Riverside", "Delta"] {
        technician.get("/login/organization").await;
        technician.click(organization).await;
        technician.get(&format!("{}/profile", app.user_url("rgupta"))).await;
        app.confirm(&mut technician, "technician").await;
        technician.must_say("higher role");
        technician.get(&app.reset_url("rgupta", "scope=all&from=edit")).await;
        technician.must_say("higher role");
        // A page with forms: those of this person have none.
        technician.get("/admin/users/new").await;
        let path = format!("{}/email", app.user_url("rgupta"));
        let answer = technician.post_in_console(&path, &[("email", "evil@attacker.example")]).await;
        assert!(answer.body.contains("higher role"), "{}: {}", answer.status, answer.body);
        technician.post_in_console(&format!("{}/disable", app.user_url("rgupta")), &[]).await;
    }
    assert_eq!(app.audited("rgupta", "email_proposed", "success").await, 0);
    assert_eq!(app.audited("rgupta", "account_disabled", "success").await, 0);
    assert_eq!(app.audited("rgupta", "account_disabled", "refused").await, 2);
}

/// ASVS 7.5.3: an act wants what the organization of the person counts shown within ten minutes, in whichever
/// organization the console stands.
#[tokio::test]
async fn an_act_in_another_organization_wants_its_factor_fresh_too() {
    let app = TestApp::spawn().await;
    app.join_as("dwright", "summit", Role::Admin).await;
    app.join("fromano", &app.organization_id("summit")).await;
    let mut admin = app.after_password(BY_PHONE, "dwright").await;
    app.second_step(&mut admin, "dwright").await;
    admin.click("Northgate Surgical Center").await;
    admin.get("/admin").await;
    app.later(11 * 60);
    admin.get("/login/organization").await;
    admin.click("Summit").await;
    app.second_step(&mut admin, "dwright").await;
    admin.get(&app.reset_url("fromano", "scope=user&from=edit")).await;
    app.confirm(&mut admin, "dwright").await;
    admin.must_say("Managed by Northgate Surgical Center");
    let left = app.factors_of("fromano").await;
    assert_eq!(left.len(), 1);
}

/// A try is counted also where one of the authenticators cannot be read: its key is in another node's file.
#[tokio::test]
async fn a_key_that_is_missing_gives_no_free_tries() {
    let app = TestApp::spawn().await;
    let first = app.factor_id("all.factors", "authenticator");
    app.write(move |conn| {
        let row = factors::find(conn, &first)?.expect("an authenticator");
        let other = factors::Factor { id: "unread".into(), secret_key_id: Some("gone".into()), ..row };
        Ok(factors::insert(conn, &other)?)
    })
    .await;
    let mut browser = app.after_password(BY_PHONE, "all.factors").await;
    browser.click("Try another way").await;
    browser.click("Authenticator app").await;
    for _ in 0..9 {
        browser.fill("Verification Code", "000000").click("Verify Code").await;
        browser.must_be_at("/login/verify/authenticator");
        app.later(2);
    }
    browser.fill("Verification Code", "000000").click("Verify Code").await;
    browser.must_say("Too many tries");
    assert_eq!(app.audited("all.factors", "second_step", "failure").await, 10);
    let unread = app.factors_of("all.factors").await.into_iter().find(|f| f.id == "unread").expect("it is there");
    assert_eq!(unread.failed_in_row, 0, "no code was tried against it");
    app.later(16 * 60);
    let mut again = app.after_password(BY_PHONE, "all.factors").await;
    again.click("Try another way").await;
    again.click("Authenticator app").await;
    app.second_step(&mut again, "all.factors").await;
    again.must_be_at("/home");
}

/// **Forget this browser** asks for a factor, says why, and a right one goes on until the four hours are over.
#[tokio::test]
async fn a_browser_that_is_forgotten_goes_on_with_a_factor() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    app.sign_in(&mut browser, BY_PHONE, true, "mgreen").await;
    browser.close_and_reopen_at(BY_PHONE).await;
    browser.must_be_at("/home");
    browser.get("/security/sessions").await;
    browser.click("Forget this browser").await;
    browser.must_be_at("/security/factor").must_say("This browser is no longer remembered");
    assert!(!browser.says("Required by"), "{}", browser.text());
    browser.click("Continue").await;
    assert!(!browser.says("asks for this step"), "{}", browser.text());
    app.second_step(&mut browser, "mgreen").await;
    browser.must_be_at("/security/sessions");
    app.later(29 * 60);
    browser.get("/home").await;
    browser.must_be_at("/home");
}

/// The page of a removal says what comes next, and what comes next says why.
#[tokio::test]
async fn removing_what_was_shown_asks_for_what_is_kept() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("tnguyen").await;
    browser.get(&format!("/security/factors/{}/remove", app.factor_id("tnguyen", "phone"))).await;
    browser.must_say("This session goes on once you have shown another of your second steps");
    browser.click("Remove").await;
    browser.must_be_at("/security/factor").must_say("you have shown none that is still there");
    assert!(!browser.says("Required by"), "{}", browser.text());
    browser.click("Continue").await;
    browser.must_be_at("/login/verify/email");
    app.second_step(&mut browser, "tnguyen").await;
    browser.must_be_at("/security");
}

/// Set-up is no way round: what is set up counts everywhere, so what guards another organization is shown first.
#[tokio::test]
async fn set_up_wants_what_guards_the_other_organizations() {
    let app = TestApp::spawn().await;
    app.join("sabebe", &app.organization_id("harbor_valley")).await;
    let riverside = app.organization_id("riverside");
    app.join("sabebe", &riverside).await;
    app.sql(format!("UPDATE organizations SET allowed_methods = 'authenticator' WHERE id = '{riverside}'")).await;
    let mut browser = app.by_own_app("sabebe").await;
    browser.get("/login/organization").await;
    browser.click("Riverside Family Clinic").await;
    browser.must_be_at("/login/verify/phone");
    browser.click("Cancel").await;

    app.relax("riverside").await;
    browser.get("/login/organization").await;
    browser.click("Riverside Family Clinic").await;
    browser.must_be_at("/home").must_say("Riverside Family Clinic");
    browser.get("/security/setup").await;
    assert!(browser.path().starts_with("/security/confirm"), "{}: {}", browser.path(), browser.text());
    browser.click("Continue").await;
    browser.must_be_at("/login/verify/phone");
}

/// Whoever administers one organization and holds another reaches in each what the role there reaches: neither the
/// own factor nor the membership of an account holder, where they administer.
#[tokio::test]
async fn what_an_organization_counts_is_reached_by_the_role_held_there() {
    let app = TestApp::spawn().await;
    app.join_as("rgupta", "northgate", Role::Admin).await;
    app.join_as("sjohnson", "northgate", Role::Owner).await;
    let (own, person) = (app.factor_id("dwright", "organization_phone"), app.user_id("sjohnson"));
    let acting = app.user_id("rgupta");
    app.write(move |conn| {
        let row = factors::find(conn, &own)?.expect("a phone of Northgate's");
        factors::insert(conn, &factors::Factor { id: "of-northgate".into(), user_id: person, ..row.clone() })?;
        Ok(factors::insert(conn, &factors::Factor { id: "the-actors".into(), user_id: acting, ..row })?)
    })
    .await;
    let mut actor = app.after_password(BY_PHONE, "rgupta").await;
    app.second_step(&mut actor, "rgupta").await;
    app.counts_in("rgupta", "northgate").await;
    actor.click("Delta").await;
    app.press_reset(&mut actor, "sjohnson", "scope=all", "Reset all multi-factor authentications").await;
    assert!(app.factors_of("sjohnson").await.iter().any(|f| f.id == "of-northgate"), "{}", actor.text());

    let (id, northgate) = (app.user_id("sjohnson"), app.organization_id("northgate"));
    let membership = format!("user_id = '{id}' AND organization_id = '{northgate}'");
    app.sql(format!("UPDATE memberships SET disabled_at = created_at WHERE {membership}")).await;
    actor.get("/login/organization").await;
    actor.click("Northgate Surgical Center").await;
    actor.get("/admin/users/new").await;
    assert!(!actor.acting_in().is_empty(), "{}", actor.text());
    actor.post_in_console(&format!("{}/enable", app.user_url("sjohnson")), &[]).await;
    let still =
        app.execute(format!("UPDATE memberships SET role = role WHERE disabled_at IS NOT NULL AND {membership}"));
    assert_eq!(still.await, 1, "the account holder's membership stays stopped");
}

impl TestApp {
    /// As if somebody had just shown a phone that this organization counts for itself.
    async fn counts_in(&self, username: &str, organization: &str) {
        let (user, organization) = (self.user_id(username), self.organization_id(organization));
        let now = self.app.core.clock.now();
        self.write(move |conn| {
            let session = sessions::list(conn, &user, now)?.remove(0);
            let proof = SessionProof {
                id: new_id(now),
                session_id: session.id,
                factor_id: None,
                kind: FactorKind::Phone,
                channel: "sms".into(),
                scope: Scope::Organization,
                organization_id: Some(organization),
                mfa_epoch: 0,
                proved_at: now,
            };
            Ok(session_proofs::insert(conn, &proof)?)
        })
        .await;
    }
}
