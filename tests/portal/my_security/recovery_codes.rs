//! A new set in place of the old one.

use super::*;

#[tokio::test]
async fn a_new_set_is_shown_once_and_the_old_one_is_worth_nothing() {
    let app = TestApp::spawn().await;
    let old = app.people.people["all.factors"].recovery_codes[0].clone();
    let mut browser = app.signed_in("all.factors").await;
    browser.get("/security").await;
    browser.click("Get new codes").await;
    browser.must_say("8 codes left");
    browser.click("Get new codes").await;
    browser.must_say("Save your recovery codes").must_say("You will not see these codes again.");
    let codes = browser.page().texts("#codes li");
    assert_eq!(codes.len(), 8);
    assert!(browser.page().has("[data-print]"));
    let posted = browser.page().attribute("input[name=codes]", "value").expect("the codes");
    let file = browser.post_only("/security/recovery-codes/download", &[("codes", &posted)]).await;
    assert!(file.body.contains(&codes[7]) && file.body.contains(&app.email("all.factors")));
    let foreign = browser.post_only("/security/recovery-codes/download", &[("codes", "AAAA-BBBB")]).await;
    assert_eq!(foreign.location(), Some("/security"), "nothing but one's own codes");
    browser.check("I have saved these codes", true).click("Continue").await;
    browser.must_be_at("/security").must_say("8 of 8 left");
    assert_eq!(told(&app, "all.factors", "recovery_codes_made").await, [app.email("all.factors")]);

    for (code, right) in [(&old, false), (&codes[0], true)] {
        let mut browser = app.after_password(BY_PHONE, "all.factors").await;
        browser.get("/login/verify/recovery-code").await;
        browser.post("/login/verify/recovery-code", &[("code", code)]).await;
        assert_eq!(browser.path() == "/home", right, "{code}");
    }
}

#[tokio::test]
async fn without_a_factor_there_are_none() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("member.none").await;
    browser.get("/security/recovery-codes").await;
    browser.must_say("Set up a second step first");
    browser.post("/security/recovery-codes", &[]).await;
    browser.must_be_at("/security/recovery-codes");
    assert_eq!(app.audited("member.none", "recovery_codes_made", "success").await, 0);
}

/// UI.md section 6: a form that is sent again, as a reload of its answer sends it, makes no second set, and is told
/// what happened.
#[tokio::test]
async fn a_form_that_is_sent_again_makes_no_second_set() {
    let app = TestApp::spawn().await;
    let username = "all.factors";
    let mut browser = app.signed_in(username).await;
    browser.get("/security/recovery-codes").await;
    let mut again = browser.clone();
    browser.click("Get new codes").await;
    let codes = browser.page().texts("#codes li");
    assert_eq!(codes.len(), 8);
    again.click("Get new codes").await;
    again.must_be_at("/security/recovery-codes").must_say("Your new recovery codes were made and shown already.");
    assert!(!again.page().has("#codes"), "shown once");
    assert_eq!(app.audited(username, "recovery_codes_made", "success").await, 1);
    // What was printed is what counts.
    let mut elsewhere = app.after_password(BY_PHONE, username).await;
    elsewhere.get("/login/verify/recovery-code").await;
    elsewhere.post("/login/verify/recovery-code", &[("code", &codes[0])]).await;
    elsewhere.must_be_at("/home");
    // Who did not keep them makes others.
    again.click("Get new codes").await;
    assert_ne!(again.page().texts("#codes li"), codes);
    assert_eq!(again.page().texts("#codes li").len(), 8);
}
