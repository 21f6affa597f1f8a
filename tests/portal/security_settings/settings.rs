//! Methods, times and Remember Me.

use super::{ENFORCE, PAGE};
use crate::support::{BY_EMAIL, BY_PHONE, TestApp};

/// ASVS 2.2.3: out of range, said beside the field, and nothing is kept.
/// ASVS 2.2.1.
#[tokio::test]
async fn each_number_has_its_range() {
    let app = TestApp::spawn().await;
    let mut owner = app.owner("owner.one").await;
    for (label, bad, words) in [
        ("Grace in days", "-1", "from 0 to 365"),
        ("Grace in days", "many", "from 0 to 365"),
        ("Life of e-mail codes in seconds", "29", "from 30 to 600"),
        ("Life of e-mail codes in seconds", "601", "from 30 to 600"),
        ("Session without use in minutes", "4", "from 5 to 60"),
        ("Session without use in minutes", "61", "from 5 to 60"),
        ("Session in all in hours", "25", "from 1 to 24"),
        ("Session in all in hours", "", "from 1 to 24"),
    ] {
        owner.get(PAGE).await;
        owner.fill(label, bad).click("Preview changes").await;
        owner.must_say(words).must_say("There is a problem");
        assert!(owner.title().starts_with("Error: "));
        assert_eq!(owner.page().value(label).as_deref(), Some(bad));
    }
    assert_eq!(app.audited_by("owner.one", "security_settings_changed").await, 0);
    let answer = owner.post_only("/admin/security/save", &[("enforce", "1")]).await;
    assert_eq!(answer.status, 409, "without the organization it was made in");
}

/// At least one method stays, and an app is offered beside phones.
/// ASVS 2.2.3; NIST 3.1.3.3.
#[tokio::test]
async fn methods_cannot_all_go() {
    let app = TestApp::spawn().await;
    let mut owner = app.owner("owner.one").await;
    owner.must_say("The weakest method").must_say("2 users rely on it alone");
    owner.check("Authenticator app", false).click("Preview changes").await;
    owner.must_say("authenticator apps must be offered beside them");
    owner.get(PAGE).await;
    for method in ["Authenticator app", "Phone", "E-mail code", "Hardware token"] {
        owner.check(method, false);
    }
    owner.click("Preview changes").await;
    owner.must_say("Leave at least one method checked");
    owner.get(PAGE).await;
    owner.check("Organization-level MFA", true);
    for method in ["Authenticator app", "Phone", "Hardware token"] {
        owner.check(method, false);
    }
    owner.click("Preview changes").await;
    owner.must_say("An organization's own factor is an authenticator app, a phone or a hardware token");
}

/// ASVS 6.3.6: a method that is switched off counts from the next request; who had only that is led to set-up,
/// who has another is asked for it.
#[tokio::test]
async fn a_method_that_is_switched_off_counts_no_more() {
    let app = TestApp::spawn().await;
    let mut alone = app.browser();
    app.sign_in(&mut alone, BY_EMAIL, false, "email.only").await;
    let mut both = app.browser();
    app.sign_in(&mut both, BY_EMAIL, false, "rsmith").await;
    let mut by_phone = app.signed_in("gkowalczyk").await;
    let mut owner = app.owner("owner.one").await;
    owner.check(ENFORCE, true).check("E-mail code", false).click("Preview changes").await;
    owner.must_say("2 users have nothing that counts after this but what counts now");
    owner.click("Save").await;
    assert_eq!(alone.get_only("/home").await.location(), Some("/security/setup"));
    assert_eq!(both.get_only("/home").await.location(), Some("/security/factor?return_to=%2Fhome"));
    assert_eq!(by_phone.get_only("/home").await.status, 200);
    both.get("/messages").await;
    both.must_be_at("/security/factor").must_say("Required by Harbor Valley Health");
    both.click("Continue").await;
    both.must_be_at("/login/verify/phone").must_say("Harbor Valley Health asks for this step");
    app.second_step(&mut both, "rsmith").await;
    both.must_be_at("/messages");
    app.after_password(BY_EMAIL, "rsmith").await.must_be_at("/login/verify/phone");
    app.after_password(BY_EMAIL, "email.only").await.must_be_at("/security/setup");
}

/// S16: off voids what was remembered, a session born from it too, and on again revives nothing.
#[tokio::test]
async fn remember_me_off_voids_what_was_remembered() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    app.sign_in(&mut browser, BY_PHONE, true, "phone.only").await;
    browser.close_and_reopen_at(BY_PHONE).await;
    browser.must_be_at("/home");
    let mut owner = app.owner("owner.one").await;
    app.save_settings(&mut owner, "owner.one", |page| {
        page.check("Off", true);
    })
    .await;
    assert_eq!(browser.get_only("/home").await.location(), Some("/login"));
    browser.close_and_reopen_at(BY_PHONE).await;
    browser.must_be_at("/login/phone");
    app.sign_in_there(&mut browser, "phone.only", true).await;
    browser.must_say("Remember Me did nothing: your organization has switched it off");
    app.save_settings(&mut owner, "owner.one", |page| {
        page.check("Credentials and MFA", true);
    })
    .await;
    browser.close_and_reopen_at(BY_PHONE).await;
    browser.must_be_at("/login/phone");
}

/// Times count for what begins from then on, and a code's life for the next code.
#[tokio::test]
async fn times_count_from_then_on() {
    let app = TestApp::spawn().await;
    let mut owner = app.owner("owner.one").await;
    app.save_settings(&mut owner, "owner.one", |page| {
        page.fill("Life of e-mail codes in seconds", "90").fill("Session without use in minutes", "5");
    })
    .await;
    let mut browser = app.after_password(BY_EMAIL, "email.only").await;
    browser.click("Send verification code").await;
    browser.must_say("more seconds");
    app.later(80);
    let code = app.code_of("email.only").await;
    browser.fill("Verification code", &code).click("Verify code").await;
    browser.click("Continue").await;
    browser.must_be_at("/home");
    app.later(5 * 60 + 1);
    assert_eq!(browser.get_only("/home").await.location(), Some("/login"));
}

/// Two owners at once: the second looks again.
#[tokio::test]
async fn a_change_beside_another_is_not_overwritten() {
    let app = TestApp::spawn().await;
    let mut one = app.owner("owner.one").await;
    let mut two = app.owner("owner.two").await;
    one.check(ENFORCE, true).click("Preview changes").await;
    app.save_settings(&mut two, "owner.two", |page| {
        page.fill("Session in all in hours", "10");
    })
    .await;
    one.click("Save").await;
    assert_eq!(one.status(), 409);
    one.must_say("Somebody else changed these settings meanwhile");
    app.after_password(BY_PHONE, "member.none").await.must_be_at("/home");
}

/// SPEC section 2: a form of another organization changes nothing.
#[tokio::test]
async fn a_form_made_in_another_organization_is_refused() {
    let app = TestApp::spawn().await;
    let mut owner = app.owner("owner.one").await;
    let other = app.organization_id("riverside");
    let answer = owner
        .post_only("/admin/security/safelist", &[("organization_id", &other), ("cidr", "127.0.0.1"), ("label", "")])
        .await;
    assert_eq!(answer.status, 409);
    assert!(answer.body.contains("You switched organization in another tab."));
}
