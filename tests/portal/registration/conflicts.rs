//! What is taken: settled at **Create**, told by mail.

use vestibule::domain::registration::{address, road};
use vestibule::models::{FactorKind, registrations};

use super::*;

/// G7: the owner of the address is told, nothing is created, the page is the same.
#[tokio::test]
async fn an_address_that_is_taken_is_told_to_its_owner() {
    let app = TestApp::spawn().await;
    let email: &'static str = app.email("member.none").leak();
    let person = Person { username: "ada.new", email };
    let mut browser = app.at_password(HARBOR, &person, "Email").await;
    create(&mut browser, PASSWORD).await;
    browser.must_be_at("/register/sent").must_say("Check your e-mail");
    assert!(app.user(person.username).await.is_none());
    assert_eq!(app.mails_to(email).await[0].kind, "registration_address_taken");
    assert_eq!(app.count_of("member.none", "registration_address_taken").await, 1);
}

/// G7: the typed address gets a link to choose another username.
#[tokio::test]
async fn a_username_that_is_taken_leads_to_another_one() {
    let app = TestApp::spawn().await;
    let person = Person { username: "Owner.One", ..ADA };
    let mut browser = app.at_password(HARBOR, &person, "Email").await;
    create(&mut browser, PASSWORD).await;
    browser.must_be_at("/register/sent").must_say("Check your e-mail");
    assert_eq!(app.mails_to(ADA.email).await[0].kind, "registration_username_taken");
    let link = app.link_to(ADA.email).await;
    let mut browser = app.browser();
    browser.get(&link).await;
    browser.must_be_at("/register/username").must_say("Choose another username");
    browser.fill("Username", "ada.second").click("Next").await;
    browser.must_be_at("/register/method");
    browser.click("Email").await;
    browser.must_say("You can now continue.");
    create(&mut browser, PASSWORD).await;
    agree(&mut browser).await;
    browser.must_be_at("/home");
    assert!(app.user("ada.second").await.is_some());
}

/// Two people finish with the same username, and with the same address, at the same moment.
/// ASVS 2.3.4, 15.4.2.
#[tokio::test]
async fn two_who_finish_at_once_get_one_account_and_neither_is_stuck() {
    let app = TestApp::spawn().await;
    let one = Person { username: "same.name", email: "one@harborvalley.example" };
    let two = Person { username: "same.name", email: "two@harborvalley.example" };
    let mut a = app.at_password(HARBOR, &one, "Email").await;
    let mut b = app.at_password(HARBOR, &two, "Email").await;
    let fields = [("new_password", PASSWORD), ("confirm_password", PASSWORD)];
    let (first, second) =
        tokio::join!(a.post_only("/register/email/create", &fields), b.post_only("/register/email/create", &fields));
    let mut places =
        [first.location().unwrap_or_default().to_owned(), second.location().unwrap_or_default().to_owned()];
    places.sort();
    assert_eq!(places, ["/register/sent", "/terms"]);
    let loser = if first.location() == Some("/terms") { two.email } else { one.email };
    assert_eq!(app.mails_to(loser).await[0].kind, "registration_username_taken");

    let one = Person { username: "first.of-two", email: "same@harborvalley.example" };
    let two = Person { username: "second.of-two", email: "same@harborvalley.example" };
    let mut a = app.at_password(HARBOR, &one, "Email").await;
    app.later(31);
    let mut b = app.at_password(HARBOR, &two, "Email").await;
    let (first, second) =
        tokio::join!(a.post_only("/register/email/create", &fields), b.post_only("/register/email/create", &fields));
    let mut places =
        [first.location().unwrap_or_default().to_owned(), second.location().unwrap_or_default().to_owned()];
    places.sort();
    assert_eq!(places, ["/register/sent", "/terms"]);
    let made = [app.user(one.username).await.is_some(), app.user(two.username).await.is_some()];
    assert_eq!(made.iter().filter(|m| **m).count(), 1);
}

/// G7, G8: the mail may have got lost; **Reset** by the username helps all the same.
#[tokio::test]
async fn whoever_lost_a_username_gets_on_by_reset() {
    let app = TestApp::spawn().await;
    let person = Person { username: "owner.one", ..ADA };
    let mut browser = app.at_password(HARBOR, &person, "Email").await;
    create(&mut browser, PASSWORD).await;
    let before = app.mails_to(ADA.email).await.len();
    browser.get("/register/reset").await;
    browser.fill("Username", "owner.one").click("Submit").await;
    assert_eq!(app.mails_to(ADA.email).await.len(), before + 1);
    assert_eq!(app.count_of("owner.one", "registration_reset").await, 0, "nothing to who has it");
    let link = app.link_to(ADA.email).await;
    browser.get(&link).await;
    browser.must_be_at("/register/username").must_say("Choose another username");
}

/// The free name that was chosen is gone on with, by **Reset** and by a new link alike.
#[tokio::test]
async fn the_username_that_was_chosen_instead_is_kept() {
    let app = TestApp::spawn().await;
    let person = Person { username: "owner.one", ..ADA };
    let mut browser = app.at_password(HARBOR, &person, "Email").await;
    create(&mut browser, PASSWORD).await;
    let renaming = app.link_to(ADA.email).await;
    browser.get(&renaming).await;
    browser.fill("Username", "ada.second").click("Next").await;
    browser.must_be_at("/register/method");
    // Opened again, the same link asks for no third name.
    browser.get(&renaming).await;
    browser.must_be_at("/register/method");
    browser.get("/register/reset").await;
    browser.fill("Username", "ada.second").click("Submit").await;
    let mail = app.mails_to(ADA.email).await.into_iter().next().expect("a mail");
    assert_eq!(mail.kind, "registration_reset");
    assert!(!mail.text.contains("somebody else"), "{}", mail.text);
    let link = app.link_to(ADA.email).await;
    app.later(21 * 60);
    browser.get(&link).await;
    browser.must_say("This link has expired");
    browser.click("Get a new link").await;
    let link = app.link_to(ADA.email).await;
    browser.get(&link).await;
    browser.must_be_at("/register/method");
    browser.click("Email").await;
    browser.must_say("You can now continue.");
    create(&mut browser, PASSWORD).await;
    agree(&mut browser).await;
    browser.must_be_at("/home");
    assert!(app.user("ada.second").await.is_some());
}

/// An owner who was invited cannot sign in yet; the mail leads to what works.
#[tokio::test]
async fn an_owner_who_was_invited_is_told_how_to_finish() {
    let app = TestApp::spawn().await;
    let email: &'static str = app.email("invited").leak();
    let mut browser = app.at_password(HARBOR, &Person { username: "ada.new", email }, "Email").await;
    create(&mut browser, PASSWORD).await;
    browser.must_be_at("/register/sent");
    let mail = app.mails_to(email).await.into_iter().next().expect("a mail");
    assert_eq!(mail.kind, "registration_address_taken");
    assert!(mail.text.contains("/register/complete") && !mail.text.contains("/login"), "{}", mail.text);
}

/// A code that leaked and was replaced makes no accounts; whoever is on the road is told why.
#[tokio::test]
async fn a_code_that_was_revoked_makes_no_account_and_says_so() {
    let app = TestApp::spawn().await;
    let mut browser = app.at_password(HARBOR, &ADA, "Email").await;
    let now = app.app.core.clock.now();
    let id = app.organization_id(HARBOR);
    app.execute(format!("UPDATE registration_codes SET revoked_at = '{}' WHERE organization_id = '{id}'", day(now)))
        .await;
    create(&mut browser, PASSWORD).await;
    browser.must_say("Your provider registration code no longer works.");
    assert!(app.user(ADA.username).await.is_none());
}

fn day(at: vestibule::clock::Timestamp) -> String {
    format!("{} 00:00:00", at.date())
}

/// A step that began before **Create** and ends after it does not part a registration from its account.
#[tokio::test]
async fn a_slow_step_undoes_nothing_of_create() {
    let app = TestApp::spawn().await;
    let mut browser = app.at_password(HARBOR, &ADA, "Email").await;
    let kept = browser.cookie("registration").expect("a cookie");
    let road = road::of_cookie(&app.app.core, &kept).await.expect("it can be read").expect("a road");
    create(&mut browser, PASSWORD).await;
    address::choose(&app.app.core, &road, FactorKind::Phone).await.expect("it is written");
    let user = app.user(ADA.username).await.expect("an account");
    let row = app.read(move |conn| Ok(registrations::find_by_user(conn, &user.id)?)).await.expect("still bound");
    assert_eq!(row.verified_email.as_deref(), Some(ADA.email));
}
