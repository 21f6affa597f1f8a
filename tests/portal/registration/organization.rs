//! **Specify Your Organization**.

use super::*;

async fn next(browser: &mut Browser, npi: &str, code: &str) {
    browser.get("/register").await;
    browser.fill("NPI", npi).fill("Provider Registration Code", code).click("Next").await;
}

/// G1.
#[tokio::test]
async fn an_npi_that_cannot_be_one_is_an_error_of_its_field() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    for npi in ["123456789", "1234567890", "12345678930", "abcdefghij", ""] {
        next(&mut browser, npi, "whatever").await;
        browser.must_be_at("/register");
        assert!(browser.page().has("#npi-error") && browser.title().starts_with("Error: "), "{npi}");
    }
}

/// G2: the same bytes whether the NPI is known, the code somebody else's, or neither.
#[tokio::test]
async fn a_wrong_code_says_nothing_about_the_npi_and_is_throttled() {
    let app = TestApp::spawn().await;
    let (_, other) = app.organization("riverside").await;
    let mut browser = app.browser();
    let mut bodies = Vec::new();
    for (npi, code) in [("1234567893", "wrong-code"), ("1234567893", &*other), ("1999999984", "wrong-code")] {
        next(&mut browser, npi, code).await;
        browser.must_be_at("/register").must_say("do not go together");
        bodies.push(browser.answer.body.replace(npi, "NPI").replace(code, "CODE"));
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]), "the pages differ");
    for _ in 0..8 {
        next(&mut browser, "1234567893", "wrong-code").await;
    }
    next(&mut browser, "1234567893", "wrong-code").await;
    assert_eq!(browser.status(), 429);
    assert!(browser.answer.header("retry-after").is_some());
    app.later(601);
    let (_, code) = app.organization(HARBOR).await;
    next(&mut browser, "1234567893", &code).await;
    browser.must_be_at("/register/details");
}

/// G3.
#[tokio::test]
async fn without_an_npi_the_code_goes_into_both_fields() {
    let app = TestApp::spawn().await;
    let (partner, code) = app.organization("gulf_coast").await;
    let mut browser = app.browser();
    next(&mut browser, &code, &code).await;
    browser.must_be_at("/register/details").must_say(&partner.name);
    let (_, harbor) = app.organization(HARBOR).await;
    next(&mut browser, &harbor, &harbor).await;
    browser.must_be_at("/register").must_say("do not go together");
}

/// A code is read out on the phone, or copied with a blank.
#[tokio::test]
async fn a_code_may_be_typed_in_small_letters_and_with_blanks() {
    let app = TestApp::spawn().await;
    let (organization, code) = app.organization(HARBOR).await;
    let npi = organization.npi.expect("an NPI");
    let mut browser = app.browser();
    next(&mut browser, &format!(" {npi}"), &format!("  {} ", code.to_lowercase())).await;
    browser.must_be_at("/register/details").must_say(&organization.name);
    let (partner, code) = app.organization("gulf_coast").await;
    next(&mut browser, &code, &code.to_lowercase()).await;
    browser.must_be_at("/register/details").must_say(&partner.name);
}

#[tokio::test]
async fn a_code_that_was_revoked_or_is_over_opens_nothing() {
    let app = TestApp::spawn().await;
    let (organization, code) = app.organization(HARBOR).await;
    let npi = organization.npi.expect("an NPI");
    let mut browser = app.at_details(HARBOR).await;
    app.sql(format!("UPDATE registration_codes SET revoked_at = '2026-01-01 00:00:00' WHERE code = '{code}'")).await;
    fill_details(&mut browser, &ADA).click("Next").await;
    browser.must_be_at("/register/error").must_say("Registration Error");
    next(&mut browser, &npi, &code).await;
    browser.must_say("do not go together");
}

/// What is carried to the second page cannot be made up, and grows old.
#[tokio::test]
async fn the_second_page_wants_the_first() {
    let app = TestApp::spawn().await;
    let mut browser = app.browser();
    browser.get("/register/details").await;
    browser.must_be_at("/register/error").must_say("Registration Error");
    let mut browser = app.at_details(HARBOR).await;
    let ticket = browser.cookie("practice").expect("a ticket");
    browser.set_cookie("practice", &ticket.replacen('.', ".1", 1));
    browser.get("/register/details").await;
    browser.must_be_at("/register/error");
    browser.set_cookie("practice", &ticket);
    app.later(1_790);
    browser.get("/register/details").await;
    browser.must_be_at("/register/details");
    app.later(20);
    browser.get("/register/details").await;
    browser.must_be_at("/register/error");
}
