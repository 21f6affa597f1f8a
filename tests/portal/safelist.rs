//! **IP Safelist**: from where an organization may be entered. It refuses after the right password and
//! at every request, and never replaces a factor. ASVS 8.2.4.

use crate::support::{BY_PHONE, Browser, TestApp};

const PAGE: &str = "/admin/security";
const INSIDE: &str = "203.0.113.24";
const OUTSIDE: &str = "198.51.100.7";
const REFUSED: &str = "Your practice allows sign-in only from its own network. Ask your practice admin.";

/// U13: the list that would follow holds whoever saves it.
/// ASVS 2.2.3.
#[tokio::test]
async fn a_list_without_the_savers_address_is_refused() {
    let app = TestApp::behind_proxy().await;
    let mut owner = app.at_security("owner.one", INSIDE).await;
    owner.must_say("users can sign in from anywhere").must_say(INSIDE);
    owner.fill("Address or range", "192.0.2.0/24").fill("Name", "Main").click("Add address").await;
    owner.must_say("The list would leave you out: your address is 203.0.113.24");
    assert_eq!(owner.page().value("Address or range").as_deref(), Some("192.0.2.0/24"), "what was typed is kept");
    owner.add_address("::ffff:203.0.113.0/120", "Main clinic").await;
    owner.must_say("203.0.113.0/24").must_say("Main clinic").must_say("Includes you");
    owner.add_address("192.0.2.17", "Dr. Ferreira").await;
    owner.add_address("2001:db8:41::/48", "").await;
    owner.click("Remove 203.0.113.0/24").await;
    owner.must_say("The list would leave you out");
    owner.click("Remove 192.0.2.17").await;
    owner.must_be_at(PAGE).must_say("The address was removed");
    owner.click("Remove 2001:db8:41::/48").await;
    // The last one may go: then everybody may come from anywhere.
    owner.click("Remove 203.0.113.0/24").await;
    owner.must_be_at(PAGE).must_say("users can sign in from anywhere");
    assert_eq!(app.audited_by("owner.one", "safelist_changed").await, 6);
    assert_eq!(app.count_of("owner.two", "security_settings_changed").await, 6);
}

/// ASVS 2.2.3.
#[tokio::test]
async fn what_is_no_address_or_too_wide_is_refused_beside_the_field() {
    let app = TestApp::behind_proxy().await;
    let mut owner = app.at_security("owner.one", INSIDE).await;
    for (typed, words) in [
        ("", "Enter an address"),
        ("the clinic", "Enter an address"),
        ("203.0.113.0/33", "Enter an address"),
        ("0.0.0.0/0", "too wide"),
        ("0.0.0.0/7", "too wide"),
        ("::/0", "too wide"),
        ("2000::/15", "too wide"),
    ] {
        owner.get(PAGE).await;
        owner.fill("Address or range", typed).click("Add address").await;
        owner.must_say(words).must_say("There is a problem");
    }
    owner.fill("Name", &"x".repeat(61)).fill("Address or range", INSIDE).click("Add address").await;
    owner.must_say("at most 60");
    owner.add_address(INSIDE, "Here").await;
    owner.fill("Address or range", "203.0.113.24/32").click("Add address").await;
    owner.must_say("on the list already");
}

/// U16: said after the right password only, with one's own address; before any factor is asked.
#[tokio::test]
async fn a_sign_in_from_outside_is_refused_after_the_right_password_only() {
    let app = TestApp::behind_proxy().await;
    let mut owner = app.at_security("owner.one", INSIDE).await;
    owner.add_address("203.0.113.0/24", "Main").await;
    let mut outside = app.browser().from(OUTSIDE);
    outside.choose(BY_PHONE, false).await;
    outside.sign_in_as(&app.email("phone.only"), "not the password").await;
    assert!(!outside.says("network"));
    app.password_in(&mut outside, BY_PHONE, false, "phone.only").await;
    assert_eq!(outside.status(), 403);
    outside.must_say(REFUSED).must_say(OUTSIDE);
    assert_eq!(app.outbox_of("phone.only").await.len(), 0, "no code was sent");
    assert_eq!(app.audited("phone.only", "sign_in", "refused").await, 1);
    let mut inside = app.browser().from("203.0.113.99");
    app.password_in(&mut inside, BY_PHONE, false, "phone.only").await;
    inside.must_be_at("/login/verify/phone");
}

/// ASVS 8.2.4: begun inside, used from outside: refused, not ended.
#[tokio::test]
async fn a_live_session_is_checked_at_every_request() {
    let app = TestApp::behind_proxy().await;
    let mut member = app.browser().from(OUTSIDE);
    app.sign_in(&mut member, BY_PHONE, false, "phone.only").await;
    let mut owner = app.at_security("owner.one", INSIDE).await;
    owner.add_address("203.0.113.0/24", "Main").await;
    for path in ["/home", "/messages", "/security/sessions", "/security/confirm"] {
        let answer = member.get_only(path).await;
        assert_eq!(answer.status, 403, "{path}");
        assert!(answer.body.contains(OUTSIDE), "{path}");
    }
    member.get("/home").await;
    member.must_say(REFUSED);
    assert!(!member.says("Switch organization"), "there is no other one");
    member.get("/login/organization").await;
    member.must_be_at("/login/organization").must_say(REFUSED);
    let mut inside = member.clone().from(INSIDE);
    inside.get("/home").await;
    inside.must_be_at("/home");
    member.get("/home").await;
    member.click("Sign out").await;
    inside.get("/home").await;
    assert_eq!(inside.path(), "/login");
}

/// Whoever has another organization is offered it.
#[tokio::test]
async fn who_is_refused_by_one_of_several_may_switch() {
    let app = TestApp::behind_proxy().await;
    app.relax("riverside").await;
    let mut member = app.browser().from(OUTSIDE);
    app.password_in(&mut member, BY_PHONE, false, "two.orgs").await;
    member.click("Harbor Valley Health").await;
    member.must_be_at("/home");
    let mut owner = app.at_security("owner.one", INSIDE).await;
    owner.add_address("203.0.113.0/24", "Main").await;
    member.get("/home").await;
    member.must_say(REFUSED);
    member.click("Switch organization").await;
    member.click("Riverside Family Clinic").await;
    member.must_be_at("/home");
}

/// A session that is being set up, and a remembered one, are refused alike.
#[tokio::test]
async fn set_up_and_remember_me_are_refused_from_outside() {
    let app = TestApp::behind_proxy().await;
    let mut remembered = app.browser().from(INSIDE);
    app.sign_in(&mut remembered, BY_PHONE, true, "phone.only").await;
    let mut setting_up = app.browser().from(INSIDE);
    app.password_in(&mut setting_up, BY_PHONE, false, "tbrooks").await;
    setting_up.must_be_at("/security/setup");
    for (organization, id) in [("harbor_valley", "a"), ("riverside", "b")] {
        let organization = app.organization_id(organization);
        app.sql(format!(
            "INSERT INTO safelist_entries (id, organization_id, cidr, label, created_at) \
             VALUES ('{id}', '{organization}', '203.0.113.0/24', '', '2026-01-01 00:00:00')"
        ))
        .await;
    }
    let mut setting_up = setting_up.from(OUTSIDE);
    assert_eq!(setting_up.get_only("/security/setup").await.status, 403);
    let mut remembered = remembered.from(OUTSIDE);
    remembered.close_and_reopen_at(BY_PHONE).await;
    assert_eq!(remembered.status(), 403);
    remembered.must_say(REFUSED).must_say(OUTSIDE);
    let mut remembered = remembered.from(INSIDE);
    remembered.get("/home").await;
    remembered.must_be_at("/home");
}

/// SPEC section 2: refusal by one organization leaves the others open.
#[tokio::test]
async fn one_organization_refuses_and_the_others_stay_open() {
    let app = TestApp::behind_proxy().await;
    app.relax("riverside").await;
    let mut owner = app.at_security("owner.one", INSIDE).await;
    owner.add_address("203.0.113.0/24", "Main").await;
    let mut browser = app.browser().from(OUTSIDE);
    app.password_in(&mut browser, BY_PHONE, false, "two.orgs").await;
    browser.must_be_at("/login/organization").must_say(REFUSED).must_say(OUTSIDE);
    let harbor = app.organization_id("harbor_valley");
    let answer = browser.post_only("/login/organization", &[("organization", &harbor)]).await;
    assert_eq!(answer.location(), Some("/login/organization"));
    browser.get("/login/organization").await;
    browser.click("Riverside Family Clinic").await;
    browser.must_be_at("/home").must_say("Riverside Family Clinic");
    let answer = browser.post_only("/login/organization", &[("organization", &harbor)]).await;
    assert_eq!(answer.location(), Some("/login/organization"), "switching is refused as well");
    assert_eq!(browser.get_only("/home").await.status, 200);
}

/// U15: the header counts from a configured proxy alone.
/// ASVS 4.1.3, 15.3.4.
#[tokio::test]
async fn a_forwarded_address_from_anyone_else_is_ignored() {
    let app = TestApp::spawn().await;
    let mut owner = app.at_security("owner.one", INSIDE).await;
    owner.must_say("127.0.0.1");
    assert!(!owner.says(INSIDE));
    owner.add_address("127.0.0.0/8", "This machine").await;
    let mut forged = app.browser().from(OUTSIDE);
    app.password_in(&mut forged, BY_PHONE, false, "phone.only").await;
    forged.must_be_at("/login/verify/phone");
    let harbor = app.organization_id("harbor_valley");
    app.sql(format!("UPDATE safelist_entries SET cidr = '203.0.113.0/24' WHERE organization_id = '{harbor}'")).await;
    let mut forged = app.browser().from(INSIDE);
    app.password_in(&mut forged, BY_PHONE, false, "phone.only").await;
    assert_eq!(forged.status(), 403);
}

/// It never replaces a factor: inside, the second step is asked all the same.
#[tokio::test]
async fn being_inside_replaces_no_factor() {
    let app = TestApp::behind_proxy().await;
    let mut owner = app.at_security("owner.one", INSIDE).await;
    owner.add_address(INSIDE, "").await;
    let mut browser = app.browser().from(INSIDE);
    app.password_in(&mut browser, BY_PHONE, false, "app.only").await;
    browser.must_be_at("/login/verify/authenticator");
    assert_eq!(browser.get_only("/home").await.location(), Some("/login/verify"));
}

/// 404 for an entry of another organization, as for one that never was.
#[tokio::test]
async fn entries_elsewhere_are_out_of_reach() {
    let app = TestApp::spawn().await;
    let mut owner = app.at_security("owner.one", INSIDE).await;
    let partner = app.organization_id("gulf_coast");
    let entries = app.read(move |conn| Ok(vestibule::models::safelist_entries::list(conn, &partner)?)).await;
    let harbor = app.organization_id("harbor_valley");
    for id in [entries[0].id.as_str(), "no-such-id"] {
        let path = format!("/admin/security/safelist/{id}/remove");
        assert_eq!(owner.post_only(&path, &[("organization_id", &harbor)]).await.status, 404);
    }
}

impl TestApp {
    async fn at_security(&self, username: &str, address: &str) -> Browser {
        let mut browser = self.browser().from(address);
        self.sign_in(&mut browser, BY_PHONE, false, username).await;
        browser.get(PAGE).await;
        browser.must_be_at(PAGE);
        browser
    }
}

impl Browser {
    async fn add_address(&mut self, range: &str, name: &str) {
        self.fill("Address or range", range).fill("Name", name).click("Add address").await;
        self.must_be_at(PAGE).must_say("The address was added");
    }
}
