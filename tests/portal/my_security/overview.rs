//! The first page: what is enrolled, and where it is looked after.

use super::*;

#[tokio::test]
async fn each_factor_is_shown_with_name_number_and_what_can_be_done() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("all.factors").await;
    browser.get("/security").await;
    browser.must_be_at("/security").must_say("MFA on");
    assert!(browser.title().starts_with("Security - "), "{}", browser.title());
    let number = factors_of(&app, "all.factors").await.into_iter().find_map(|f| f.phone).expect("a phone");
    let masked = format!("XXX-XXX-{}", &number[number.len() - 4..]);
    browser.must_say("Authenticator").must_say("Phones").must_say("E-mail code").must_say(&masked);
    assert!(!browser.answer.body.contains(&number), "masked");
    browser.must_say("Phone number ending in").must_say("8 of 8 left").must_say("last used today");
    for link in ["MFA Configuration", "Add a phone", "Get new codes", "Rename", "Remove", "Change password"] {
        assert!(browser.page().controls().iter().any(|c| c.starts_with(link)), "{link}");
    }
    browser.click("MFA Configuration").await;
    browser.must_be_at("/security/authenticator").must_say("MFA Configuration");
    let mut nobody = app.browser();
    assert_eq!(nobody.get_only("/security").await.location(), Some("/login?return_to=%2Fsecurity"));
}

#[tokio::test]
async fn who_requires_it_and_where_it_counts_is_said() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("nwilliams").await;
    browser.get("/security").await;
    browser.must_say("Required by Riverside Family Clinic.");
    let mut browser = app.signed_in("org.level").await;
    browser.get("/security").await;
    browser.must_say("counts for Northgate Surgical Center only").must_say("wants factors of its own");
    let mut browser = app.signed_in("grace").await;
    browser.get("/security").await;
    browser.must_say("Required by Delta Orthopedics from").must_say("Grace until");
    let mut browser = app.signed_in("exempt").await;
    browser.get("/security").await;
    browser.must_say("You are exempt until");
    let mut browser = app.signed_in("member.none").await;
    browser.get("/security").await;
    assert!(!browser.says("Required by"));
    browser.must_say("No authenticator app yet").must_say("No phone yet");
}

#[tokio::test]
async fn what_this_browser_remembers_is_shown_and_forgotten() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    app.sign_in(&mut browser, BY_PHONE, true, "member.none").await;
    browser.get("/security").await;
    browser.must_say("On in this browser until");
    browser.click("Forget this browser").await;
    browser.get("/security").await;
    assert!(!browser.says("On in this browser until"));
}
