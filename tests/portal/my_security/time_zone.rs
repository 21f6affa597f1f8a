//! Times in a zone of one's own. SPEC section 10.

use vestibule::domain::times::Zone;

use super::user;
use crate::support::TestApp;

const PAGE: &str = "/security/time-zone";

#[tokio::test]
async fn times_are_shown_in_the_zone_somebody_chose_and_in_the_organizations_again() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("phone.only").await;
    browser.get("/security").await;
    browser.must_say("America/Chicago, as your organization");
    browser.click("Change time zone").await;
    browser.fill("Time zone", "Pacific/Honolulu").click("Save").await;
    browser.must_be_at("/security").must_say("Times are shown in the zone you chose.");
    let signed_in = user(&app, "phone.only").await.last_sign_in_at.expect("somebody who signed in");
    let [honolulu, chicago] = ["Pacific/Honolulu", "America/Chicago"]
        .map(|name| format!("Today, {}", Zone::named(name).clock_time(signed_in)));
    // Once a night it is another day already in Chicago.
    let day = |name: &str| Zone::named(name).date(signed_in);
    browser.get("/home").await;
    browser.must_say(&honolulu);
    assert!(!browser.text().contains(&chicago));
    assert_eq!(app.audited("phone.only", "time_zone_changed", "success").await, 1);
    browser.get("/security/activity").await;
    browser.must_say("You chose another time zone.");

    browser.get(PAGE).await;
    browser.fill("Time zone", "").click("Save").await;
    browser.get("/home").await;
    if day("Pacific/Honolulu") == day("America/Chicago") {
        browser.must_say(&chicago);
    }
    assert_eq!(user(&app, "phone.only").await.time_zone, None);
}

#[tokio::test]
async fn a_zone_that_does_not_exist_is_told_beside_the_field_and_stays_there() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("phone.only").await;
    browser.get(PAGE).await;
    browser.fill("Time zone", "Mars/Base").click("Save").await;
    browser.must_be_at(PAGE).must_say("Enter a time zone such as America/Chicago, or leave it empty.");
    assert_eq!(browser.page().value("Time zone").as_deref(), Some("Mars/Base"));
    assert_eq!(user(&app, "phone.only").await.time_zone, None);
}

#[tokio::test]
async fn a_zone_is_kept_as_it_is_written_and_only_where_it_is_one() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("phone.only").await;
    for nowhere in ["Factory", "Etc/Unknown", "../etc/passwd"] {
        browser.get(PAGE).await;
        browser.fill("Time zone", nowhere).click("Save").await;
        browser.must_be_at(PAGE).must_say("Enter a time zone such as");
    }
    for _ in 0..3 {
        browser.get(PAGE).await;
        browser.fill("Time zone", " america/chicago ").click("Save").await;
        browser.must_be_at("/security");
    }
    assert_eq!(user(&app, "phone.only").await.time_zone.as_deref(), Some("America/Chicago"));
    assert_eq!(app.audited("phone.only", "time_zone_changed", "success").await, 1, "the second time changes nothing");
}
