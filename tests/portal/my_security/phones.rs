//! Phones: proven by a code or a call before they count.

use super::*;

const NUMBER: &str = "+16015550188";

async fn at_phone(app: &TestApp, username: &str) -> Browser {
    let mut browser = app.signed_in(username).await;
    browser.get("/security").await;
    browser.click("Add a phone").await;
    browser.must_be_at("/security/phones/new");
    browser
}

/// G6, ASVS 6.6.1.
#[tokio::test]
async fn a_phone_counts_once_its_code_was_right() {
    let app = TestApp::spawn().await;
    let mut browser = at_phone(&app, "member.none").await;
    for (number, why) in [
        ("601-555-0188 x12", "Use a direct line with 10 digits. Extensions are not supported."),
        ("900 555 0188", "cannot be used"),
        ("+44 20 7946 0958", "this country"),
        ("12345", "with all its digits"),
        ("", "Enter a phone number."),
    ] {
        browser.fill("Phone Number", number).click("Send Code").await;
        browser.must_be_at("/security/phones/new").must_say(why);
        assert_eq!(browser.page().value("Phone Number").as_deref(), Some(number));
    }
    browser.fill("Country Code", "+1").fill("Phone Number", "(601) 555-0188").click("Send Code").await;
    browser.must_be_at("/security/phones/new/code").must_say("XXX-XXX-0188");
    assert!(factors_of(&app, "member.none").await.is_empty(), "nothing counts yet");
    let right = app.code_of("member.none").await;
    browser.fill("Verification Code", &crate::support::other_than(&right)).click("Verify Code").await;
    browser.must_say("That code is not right.");
    let before = browser.cookie("vestibule");
    browser.fill("Verification Code", &right).click("Verify Code").await;
    browser.must_be_at("/security").must_say("Your phone was added.").must_say("XXX-XXX-0188");
    assert_ne!(browser.cookie("vestibule"), before, "a new id");
    let row = factors_of(&app, "member.none").await.remove(0);
    assert_eq!((row.phone.as_deref(), row.organization_id), (Some(NUMBER), None));
    assert_eq!(app.count_of("member.none", "factor_added").await, 1);
    app.after_password(BY_PHONE, "member.none").await.must_be_at("/login/verify/phone").must_say("XXX-XXX-0188");
}

#[tokio::test]
async fn a_call_proves_a_phone_and_a_hang_up_does_not() {
    let app = TestApp::spawn().await;
    let mut browser = at_phone(&app, "member.none").await;
    browser.fill("Phone Number", "601 555 0188").click("Call Me").await;
    browser.must_be_at("/security/phones/new/call").must_say("press the # key");
    app.press("member.none", "hangup").await;
    browser.refresh().await;
    browser.must_say("The call did not verify you");
    assert!(!factors_of(&app, "member.none").await.iter().any(|f| f.confirmed_at.is_some()));
    app.later(31);
    browser.refresh().await;
    browser.click("Call Me").await;
    app.press("member.none", "#").await;
    browser.refresh().await;
    browser.must_be_at("/security").must_say("Your phone was added.");
    let rows = factors_of(&app, "member.none").await;
    assert_eq!(rows.len(), 1);
    assert!(rows[0].confirmed_at.is_some());
}

/// ASVS 6.6.2: the code of one session is worth nothing in another.
#[tokio::test]
async fn a_code_is_bound_to_its_session() {
    let app = TestApp::spawn().await;
    let mut browser = at_phone(&app, "member.none").await;
    browser.fill("Phone Number", "601 555 0188").click("Send Code").await;
    let code = app.code_of("member.none").await;
    let mut other = app.signed_in("member.none").await;
    other.get("/security").await;
    other.post("/security/phones/new/code", &[("code", &code)]).await;
    other.must_be_at("/security/phones/new");
    assert!(factors_of(&app, "member.none").await.is_empty());
}

/// SPEC section 6: the same phone in both scopes, each verified.
#[tokio::test]
async fn a_number_is_added_again_where_an_organization_wants_its_own() {
    let app = TestApp::spawn().await;
    let number = factors_of(&app, "sabebe").await.into_iter().find_map(|f| f.phone).expect("a phone");
    let mut browser = at_phone(&app, "sabebe").await;
    browser.must_say("will count for Northgate Surgical Center only");
    browser.fill("Phone Number", &number).click("Send Code").await;
    let code = app.code_of("sabebe").await;
    browser.fill("Verification Code", &code).click("Verify Code").await;
    browser.must_be_at("/security").must_say("Your phone was added.");
    let northgate = app.organization_id("northgate");
    let phones: Vec<_> =
        factors_of(&app, "sabebe").await.into_iter().filter(|f| f.phone.as_ref() == Some(&number)).collect();
    assert_eq!(phones.len(), 2);
    assert_eq!(phones.iter().filter(|f| f.organization_id.as_ref() == Some(&northgate)).count(), 1);
    browser.get("/security/phones/new").await;
    browser.fill("Phone Number", &number).click("Send Code").await;
    browser.must_say("You have added this number already.");
}

/// ASVS 6.3.7, 7.4.3; the same number twice is refused with the reason.
#[tokio::test]
async fn adding_a_phone_ends_everything_else() {
    let app = TestApp::spawn().await;
    let mut three = Three::of(&app, "email.only").await;
    three.here.get("/security/phones/new").await;
    three.here.fill("Phone Number", "601 555 0188").click("Send Code").await;
    let before = three.here.cookie("vestibule");
    let code = app.code_of("email.only").await;
    three.here.fill("Verification Code", &code).click("Verify Code").await;
    three.here.must_be_at("/security");
    three.only_here_goes_on(before).await;
    three.here.get("/security/phones/new").await;
    three.here.fill("Phone Number", "601 555 0188").click("Send Code").await;
    three.here.must_be_at("/security/phones/new").must_say("You have added this number already.");
}
