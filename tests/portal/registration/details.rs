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

/// ASVS 2.2.1, 2.2.2, 1.3.11.
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

/// What must be typed, under this name.
fn named<'a>(first: &'a str, last: &'a str) -> [(&'static str, &'a str); 6] {
    [
        ("username", ADA.username),
        ("first_name", first),
        ("last_name", last),
        ("email", ADA.email),
        ("confirm_email", ADA.email),
        ("fax", "601-555-0199"),
    ]
}

/// Four bytes a character, twelve on the wire.
#[tokio::test]
async fn a_name_of_ten_thousand_foxes_comes_back() {
    let app = TestApp::spawn().await;
    let mut browser = app.at_details(HARBOR).await;
    let foxes = "🦊".repeat(10_000);
    browser.post("/register/details", &named("Ada", &foxes)).await;
    browser.must_be_at("/register/details").must_say("Use at most 100 characters.");
    assert!(browser.page().value("Last Name").is_some_and(|kept| kept == foxes));
    assert_eq!(browser.page().value("Email").as_deref(), Some(ADA.email));
}

#[tokio::test]
async fn a_name_that_nobody_sees_is_none() {
    let app = TestApp::spawn().await;
    for nothing in ["\u{200b}", "\u{200e}\u{2060}", "...", "\u{ad}"] {
        let mut browser = app.at_details(HARBOR).await;
        browser.post("/register/details", &named(nothing, "Núñez")).await;
        browser.must_be_at("/register/details").must_say("Enter your first name.");
    }
}

/// SPEC section 2: what counts against an address are registrations that nobody finishes.
#[tokio::test]
async fn a_practice_behind_one_address_is_not_shut_out() {
    let app = TestApp::behind_proxy().await;
    let mut finishing = app.at_password(HARBOR, &ADA, "Email").await.from("203.0.113.10");
    let begin = async |email: &'static str| {
        let mut browser = app.at_details(HARBOR).await.from("203.0.113.10");
        fill_details(&mut browser, &Person { username: "next.one", email }).click("Next").await;
        browser.status()
    };
    assert_eq!(begin("next.one@harborvalley.example").await, 200);
    app.sql("UPDATE throttles SET count = 25 WHERE key = 'register:start:203.0.113.10'".into()).await;
    assert_eq!(begin("next.two@harborvalley.example").await, 429);
    create(&mut finishing, PASSWORD).await;
    finishing.must_be_at("/terms");
    assert_eq!(begin("next.two@harborvalley.example").await, 200);
}
