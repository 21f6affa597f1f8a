//! **Enter User Information**.

use super::*;

const LABELS: [&str; 12] = [
    "Username",
    "First Name",
    "Last Name",
    "Address 1",
    "Address 2",
    "City",
    "State",
    "Zip Code",
    "Email",
    "Confirm Email",
    "Phone",
    "Fax",
];

#[tokio::test]
async fn every_field_is_there_by_its_label() {
    let app = TestApp::spawn().await;
    let browser = app.at_details(HARBOR).await;
    for label in LABELS {
        assert!(browser.page().value(label).is_some(), "no {label}");
    }
    browser.must_say("Please enter the required (*) fields").must_say("Organizational Information");
    browser.must_say("Account Information").must_say("Contact Information").must_say("< Login");
    browser.must_say("Official communication of service authorization will be sent to the fax number entered below.");
}

#[tokio::test]
async fn every_field_wrong_at_once_is_said_at_once_and_kept() {
    let app = TestApp::spawn().await;
    let mut browser = app.at_details(HARBOR).await;
    let long = "a".repeat(10_000);
    let fields = [
        ("username", "no spaces here"),
        ("first_name", long.as_str()),
        ("last_name", "Núñez\r\nBcc: everybody@example.org"),
        ("address_1", long.as_str()),
        ("address_2", "\u{202e}"),
        ("city", "\u{7}"),
        ("state", long.as_str()),
        ("zip_code", "<39201>"),
        ("email", "a@b.example\r\nBcc: c@d.example"),
        ("confirm_email", "another@b.example"),
        ("phone", "call me"),
        ("fax", "no"),
    ];
    browser.post("/register/details", &fields).await;
    browser.must_be_at("/register/details").must_say("There is a problem");
    let page = browser.page();
    for (field, _) in fields {
        assert!(page.has(&format!("#{field}-error")) && page.has(&format!("#errors a[href='#{field}']")), "{field}");
    }
    assert_eq!(page.value("Username").as_deref(), Some("no spaces here"));
    assert_eq!(page.value("First Name").map(|v| v.len()), Some(10_000));
    assert!(app.outbox().await.is_empty(), "nothing is sent");
}

#[tokio::test]
async fn the_fax_is_required_unless_the_organization_says_otherwise() {
    let app = TestApp::spawn().await;
    let mut browser = app.at_details(HARBOR).await;
    browser.fill("Username", ADA.username).click("Next").await;
    assert!(browser.page().has("#fax-error"));
    let id = app.organization_id(HARBOR);
    app.sql(format!("UPDATE organizations SET fax_required = FALSE WHERE id = '{id}'")).await;
    browser.get("/register/details").await;
    browser.fill("Username", ADA.username).fill("First Name", "𝒜da").fill("Last Name", "Núñez");
    browser.fill("Email", ADA.email).fill("Confirm Email", ADA.email).click("Next").await;
    browser.must_be_at("/register/sent");
}

/// 6.3.8: the same bytes for a known and an unknown address or username.
#[tokio::test]
async fn known_and_unknown_people_get_the_same_page() {
    let app = TestApp::spawn().await;
    let known_email = app.email("owner.one");
    let mut bodies = Vec::new();
    for (username, email) in [("ada.new", ADA.email), ("owner.one", "b@c.example"), ("other.new", &known_email)] {
        let mut browser = app.at_details(HARBOR).await;
        browser.fill("Username", username).fill("First Name", "Ada").fill("Last Name", "Núñez");
        browser.fill("Email", email).fill("Confirm Email", email).fill("Fax", "6015550199").click("Next").await;
        browser.must_be_at("/register/sent");
        bodies.push(browser.answer.body.clone());
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]));
}
