//! What goes, what stays, who is told.

use vestibule::models::{Account, FactorKind, FactorState, Scope};

use crate::support::{BY_PHONE, TestApp};

/// R1, R2, R4: user-level factors, and the current organization's own ones, each by its button.
#[tokio::test]
async fn each_button_takes_its_own_scope() {
    let app = TestApp::spawn().await;
    app.own_factor("all.factors", "harbor_valley").await;
    app.own_factor("all.factors", "riverside").await;
    let mut admin = app.administering("admin").await;
    admin.get(&app.user_url("all.factors")).await;
    admin.must_say("Reset MFA For This User").must_say("Reset Org-Level MFA For This User");
    admin.click("Reset Org-Level MFA For This User").await;
    admin.must_say("Reset Org-Level MFA for this user?").must_say("1 phone number").must_say("Harbor Valley Health");
    admin.click("Reset MFA").await;
    admin.must_say("MFA reset for Adaeze Nwosu").must_say("Reference");
    let left = app.factors_of("all.factors").await;
    let own: Vec<_> = left.iter().filter(|f| f.scope == Scope::Organization).collect();
    assert_eq!(own.len(), 1, "the other organization's stays");
    assert_eq!(own[0].organization_id, Some(app.organization_id("riverside")));
    assert_eq!(left.iter().filter(|f| f.scope == Scope::User).count(), 3);
    admin.get(&app.user_url("all.factors")).await;
    assert!(!admin.says("Reset Org-Level MFA For This User"));
    admin.click("Reset MFA For This User").await;
    admin.must_say("Reset MFA for this user?").must_say("1 authenticator app").must_say("8 recovery codes");
    admin.click("Reset MFA").await;
    let left = app.factors_of("all.factors").await;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].scope, Scope::Organization);
}

/// N1, N3: a token is deactivated and stays assigned; the preview had said exactly that.
#[tokio::test]
async fn a_hardware_token_stays_assigned() {
    let app = TestApp::spawn().await;
    let mut admin = app.administering("admin").await;
    admin.get(&app.reset_url("token", "scope=all")).await;
    admin.must_say("1 hardware token").must_say("stays assigned");
    admin.click("Reset all multi-factor authentications").await;
    admin.must_say("Deactivated, still assigned: 1 hardware token.");
    let left = app.factors_of("token").await;
    assert_eq!(left.len(), 1);
    assert_eq!((left[0].kind, left[0].state), (FactorKind::HardwareToken, FactorState::Deactivated));
    // Nothing is left to show, and nothing is required there: the password signs in.
    let browser = app.after_password(BY_PHONE, "token").await;
    browser.must_be_at("/home");
}

/// R16, S13, U11: the password stays, sessions and remembered browsers end, set-up only where it is required.
/// ASVS 7.4.3.
#[tokio::test]
async fn the_password_stays_and_everything_open_ends() {
    let app = TestApp::spawn().await;
    let mut person = app.browser();
    app.sign_in(&mut person, BY_PHONE, true, "phone.only").await;
    let before = app.account_of("phone.only").await;
    let mut admin = app.administering("admin").await;
    app.press_reset(&mut admin, "phone.only", "scope=user", "Reset MFA").await;
    admin.must_say("MFA reset for Marcus Tran");
    let after = app.account_of("phone.only").await;
    assert_eq!(after.password_hash, before.password_hash);
    assert!(after.mfa_epoch > before.mfa_epoch);
    person.get("/home").await;
    person.must_be_at("/login");
    person.choose(BY_PHONE, true).await;
    assert!(person.says("Email Address"), "nobody is remembered");
    person.sign_in_as(&app.email("phone.only"), &app.password("phone.only")).await;
    person.must_be_at("/home").must_say("Go to Message Center");
    person.get("/messages").await;
    person.must_say("Your factors were reset by Tobias Lindqvist of Harbor Valley Health");
    assert_eq!(app.count_of("phone.only", "mfa_reset").await, 1);
}

/// R16: where the organization requires a factor, set-up comes next, and only there it is said.
#[tokio::test]
async fn set_up_is_said_where_it_is_so() {
    let app = TestApp::spawn().await;
    let mut owner = app.administering("khollis").await;
    owner.get(&app.reset_url("wchen", "scope=user")).await;
    owner.must_say("must set up a factor again at the next sign-in");
    owner.click("Reset MFA").await;
    owner.must_say("Must set up a factor at the next sign-in.");
    let browser = app.after_password(BY_PHONE, "wchen").await;
    browser.must_be_at("/security/setup");
    let mut admin = app.administering("admin").await;
    admin.get(&app.reset_url("email.only", "scope=user")).await;
    admin.must_say("Nothing has to be set up at the next sign-in");
}

/// R13: what wrong codes had locked is unlocked; a disabled account stays disabled.
#[tokio::test]
async fn a_reset_unlocks_and_enables_nothing() {
    let app = TestApp::spawn().await;
    let mut admin = app.administering("admin").await;
    admin.get(&app.user_url("locked")).await;
    admin.must_say("Locked");
    app.press_reset(&mut admin, "locked", "scope=user", "Reset MFA").await;
    assert!(app.factors_of("locked").await.is_empty());
    app.after_password(BY_PHONE, "locked").await.must_be_at("/home");
    app.press_reset(&mut admin, "disabled", "scope=all&from=accounts", "Reset Multi-factor").await;
    admin.must_say("MFA reset for Walter Becker");
    assert_eq!(app.account_of("disabled").await.account, Account::Disabled);
}

/// R14: nothing to reset is said, and nobody is told.
#[tokio::test]
async fn nothing_to_reset_is_said() {
    let app = TestApp::spawn().await;
    let mut admin = app.administering("admin").await;
    admin.get(&app.reset_url("member.none", "scope=user")).await;
    admin.must_say("There is nothing to reset");
    admin.click("Reset MFA").await;
    admin.must_say("Nothing to reset").must_say("no mail was sent");
    assert_eq!(app.count_of("member.none", "mfa_reset").await, 0);
    assert_eq!(app.details("member.none", "mfa_reset").await["result"], "nothing_to_reset");
}

/// Where there was nothing to reset, nothing counts or reads as a reset: not in the figures, not on Edit User, not
/// in the audit log, not in the activity of the person.
#[tokio::test]
async fn nothing_to_reset_is_told_as_that() {
    let app = TestApp::spawn().await;
    let mut admin = app.administering("admin").await;
    app.press_reset(&mut admin, "member.none", "scope=user", "Reset MFA").await;
    admin.get("/admin").await;
    admin.must_say("Nobody was reset in these eight weeks.");
    admin.get(&format!("{}?tab=activity", app.user_url("member.none"))).await;
    admin.must_say("MFA reset: nothing to reset").must_say("Nothing changed");
    admin.get("/admin/audit?event=mfa_reset").await;
    admin.must_say("MFA reset: nothing to reset");
    let mut person = app.after_password(BY_PHONE, "member.none").await;
    person.get("/security/activity").await;
    person.must_say("There was nothing to reset, and nothing changed.");
    assert!(!person.says("Your factors were reset."));
    // One that was one counts, whatever its reason says.
    app.press_reset(&mut admin, "phone.only", "scope=user", "Reset MFA").await;
    admin.get("/admin").await;
    assert!(!admin.says("Nobody was reset"));
    let weeks = admin.page().texts(".span-all .disclose tbody td");
    assert_eq!(weeks.iter().map(|n| n.parse::<u32>().expect("a number")).sum::<u32>(), 1);
}

/// R15: the button of **User Settings** says where it stands.
#[tokio::test]
async fn a_reset_in_user_settings_is_told_by_its_button() {
    let app = TestApp::spawn().await;
    let mut admin = app.administering("admin").await;
    admin.get("/admin/user-settings?username=app.only").await;
    let link = admin.page().attribute("a.btn-risk[href*='/reset?']", "href").expect("a button");
    admin.get(&link).await;
    admin.click("Reset MFA").await;
    let details = app.details("app.only", "mfa_reset").await;
    assert_eq!((details["label"].as_str(), details["result"].as_str()), (Some("Reset MFA"), Some("reset")));
    admin.must_say("Reset MFA");
}

/// R15: the same entry from every button, with where it came from and what stood on it.
#[tokio::test]
async fn every_button_leaves_the_same_entry() {
    let app = TestApp::spawn().await;
    let mut admin = app.administering("admin").await;
    for (username, query, button) in [
        ("phone.only", "scope=all&from=accounts", "Reset Multi-factor"),
        ("email.only", "scope=all", "Reset all multi-factor authentications"),
        ("app.only", "scope=user&from=settings", "Reset MFA"),
    ] {
        app.press_reset(&mut admin, username, query, button).await;
        let details = app.details(username, "mfa_reset").await;
        assert_eq!(details["label"], button);
        assert_eq!(details["via"], "console");
        assert_eq!(details["result"], "reset");
        admin.must_say(details["reference"].as_str().expect("a reference"));
    }
}

/// **Reset Registration**: factors, password and terms go; the names stay; a link is mailed that goes on.
#[tokio::test]
async fn a_registration_begins_again() {
    let app = TestApp::spawn().await;
    let mut admin = app.administering("admin").await;
    app.press_reset(&mut admin, "phone.only", "scope=registration&from=registrations", "Reset Registration").await;
    admin.must_say("Registration reset for Marcus Tran").must_say("a link was mailed");
    let user = app.account_of("phone.only").await;
    assert_eq!(user.account, Account::Invited);
    assert_eq!((user.password_hash, user.terms_version), (None, None));
    assert_eq!(user.username, "phone.only");
    assert!(app.factors_of("phone.only").await.is_empty());
    let mails = app.outbox_of("phone.only").await;
    let link = mails.iter().find_map(|m| m.link.clone()).expect("a link");
    assert!(mails.iter().any(|m| m.text.contains("24 hours")));
    let mut person = app.browser();
    person.get(link.strip_prefix(&app.base).expect("ours")).await;
    assert_eq!(person.status(), 200);
    assert!(person.path().starts_with("/register/"), "{}", person.path());
    app.after_password(BY_PHONE, "member.none").await.must_be_at("/home");
}

/// **Reset Registration** of somebody invited who has set nothing up: nothing is said to go that is not there.
#[tokio::test]
async fn only_what_is_there_is_said_to_go() {
    let app = TestApp::spawn().await;
    let mut owner = app.signed_in("owner.one").await;
    app.invite(&mut owner, "ada.quimby", "ada.quimby@harborvalley.example", None).await;
    let id = app.user("ada.quimby").await.expect("an account").id;
    owner.get(&format!("/admin/users/{id}/reset?scope=registration&from=registrations")).await;
    owner.must_say("has set nothing up yet").must_say("A link to register again is mailed");
    assert!(!owner.says("the password") && !owner.says("accepted terms"));
    owner.click("Reset Registration").await;
    owner.must_say("Registration reset for Ada Quimby").must_say("a link was mailed");
    assert!(!owner.says("Password and terms") && !owner.says("Removed:"));
    let mails = app.mails_to("ada.quimby@harborvalley.example").await;
    let mail = mails.iter().find(|m| m.kind == "mfa_reset").expect("a mail");
    assert!(mail.text.contains("Your registration was reset") && mail.text.contains("nothing was set up yet"));
    assert!(!mail.text.contains("assword") && !mail.text.contains("Your factors"), "{}", mail.text);
    // Who has all of it reads all of it.
    owner.get(&app.reset_url("phone.only", "scope=registration&from=registrations")).await;
    owner.must_say("the password, the verified address, the accepted terms").must_say("1 phone number");
}
