//! Address and password.

use super::*;

/// G10.
#[tokio::test]
async fn a_bad_password_says_why_and_keeps_the_flow() {
    let app = TestApp::spawn().await;
    let mut browser = app.at_password(HARBOR, &ADA, "Email").await;
    for (password, why) in [
        ("short", "Use at least 15 characters."),
        ("harborvalleyhealth2026", "Do not use the name of your organization."),
        ("ada.new@harborvalley", "Do not use"),
        ("aaaaaaaaaaaaaaaaaaaa", "Do not use repeated characters"),
    ] {
        create(&mut browser, password).await;
        browser.must_say("There is a problem").must_say(why).must_say("You can now continue.");
        assert_eq!(browser.page().attribute("#new_password", "value"), None);
    }
    browser.fill("New Password", PASSWORD).fill("Confirm New Password", "another one").click("Create").await;
    browser.must_say("The two passwords are not the same.");
    create(&mut browser, PASSWORD).await;
    browser.must_be_at("/terms");
}

/// ASVS 6.2.1; NIST 3.1.1.2.
#[tokio::test]
async fn eight_characters_do_where_a_second_step_is_enforced() {
    let app = TestApp::spawn().await;
    let mut browser = app.at_password("riverside", &ADA, "Email").await;
    create(&mut browser, "short").await;
    browser.must_say("Use at least 8 characters.");
    create(&mut browser, "xq7-plum").await;
    browser.must_be_at("/terms");
}

/// The last verified address becomes the sign-in name.
#[tokio::test]
async fn the_address_can_be_changed_until_create() {
    let app = TestApp::spawn().await;
    let mut browser = app.at_password(HARBOR, &ADA, "Email").await;
    browser.click("Change").await;
    app.later(31);
    let other = "work@harborvalley.example";
    browser.fill("Email Address", other).click("Send verification code").await;
    let code = app.code_to(other).await;
    browser.fill("Verification code", &code).click("Verify code").await;
    browser.must_say("The code has been verified.");
    create(&mut browser, PASSWORD).await;
    agree(&mut browser).await;
    browser.must_be_at("/home");
    assert_eq!(app.user(ADA.username).await.expect("an account").email, other);
}

#[tokio::test]
async fn a_code_is_wrong_five_times_and_then_over() {
    let app = TestApp::spawn().await;
    let link = app.started(HARBOR, &ADA).await;
    let mut browser = app.browser();
    browser.get(&link).await;
    browser.click("Email").await;
    browser.click("Send verification code").await;
    let code = app.code_to(ADA.email).await;
    for _ in 0..5 {
        browser.fill("Verification code", &crate::support::other_than(&code)).click("Verify code").await;
        browser.must_say("That code is not right");
    }
    browser.post("/register/email/code", &[("code", &code)]).await;
    assert_eq!(browser.status(), 429);
}
