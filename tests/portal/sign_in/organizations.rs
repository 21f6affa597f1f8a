//! Several organizations: choosing one at the end, switching later.

use crate::support::{BY_PHONE, TestApp};

/// SPEC section 2, Organizations.
#[tokio::test]
async fn somebody_in_two_organizations_chooses_one_and_switches_later() {
    let app = TestApp::spawn().await;
    app.relax("riverside").await;
    let mut browser = app.after_password(BY_PHONE, "two.orgs").await;
    browser.must_be_at("/login/organization").must_say("Harbor Valley Health").must_say("Riverside Family Clinic");
    browser.get("/home").await;
    browser.must_be_at("/login/organization");
    browser.click("Harbor Valley Health").await;
    browser.must_be_at("/home").must_say("Harbor Valley Health");
    browser.click("Switch organization").await;
    browser.must_be_at("/login/organization").must_say("you are here");
    browser.click("Riverside Family Clinic").await;
    browser.must_be_at("/home").must_say("Riverside Family Clinic");
}

/// ASVS 7.2.4: a switch gives the session a new id, and keeps its end.
#[tokio::test]
async fn the_cookie_from_before_a_switch_is_worth_nothing() {
    let app = TestApp::spawn().await;
    app.relax("riverside").await;
    let mut browser = app.after_password(BY_PHONE, "two.orgs").await;
    browser.click("Harbor Valley Health").await;
    let mut before = browser.clone();
    browser.click("Switch organization").await;
    browser.click("Riverside Family Clinic").await;
    browser.must_be_at("/home");
    before.get("/home").await;
    assert_eq!(before.path(), "/login");
    // Twelve hours from the sign-in, not from the switch.
    for quarter in 1..48 {
        app.at(quarter * 900);
        browser.get("/messages").await;
        browser.must_be_at("/messages");
        if quarter == 24 {
            browser.click("Switch organization").await;
            browser.click("Harbor Valley Health").await;
        }
    }
    app.at(12 * 3600 + 1);
    browser.get("/home").await;
    assert_eq!(browser.path(), "/login");
}

/// ASVS 8.2.2: a foreign organization answers like one that does not exist.
#[tokio::test]
async fn a_foreign_organization_is_not_found_like_an_unknown_one() {
    let app = TestApp::spawn().await;
    let mut browser = app.after_password(BY_PHONE, "two.orgs").await;
    let foreign = app.organization_id("northgate");
    for stage in ["at the end of the sign-in", "when switching"] {
        let foreign = browser.post_only("/login/organization", &[("organization", &foreign)]).await;
        let unknown = browser.post_only("/login/organization", &[("organization", "no-such-id")]).await;
        assert_eq!((foreign.status, unknown.status), (404, 404), "{stage}");
        assert_eq!(masked(&foreign.body), masked(&unknown.body), "{stage}");
        browser.get("/login/organization").await;
        browser.click("Harbor Valley Health").await;
        browser.must_be_at("/home");
    }
}

/// Without the request's id and the token.
fn masked(body: &str) -> String {
    let page = crate::support::page::Page::read(body);
    let id = page.texts("#request-id").join(" ");
    page.text().replace(&id, "")
}

/// SPEC section 2: the form of a tab that was left open says what happened, whatever organization the
/// session went to meanwhile, and changes nothing.
#[tokio::test]
async fn a_form_from_before_a_switch_is_told_so() {
    let app = TestApp::spawn().await;
    app.relax("riverside").await;
    let riverside = app.organization_id("riverside");
    app.join("admin", &riverside).await;
    app.sql(format!("UPDATE memberships SET role = 'admin' WHERE id = 'admin-{riverside}'")).await;
    let mut one = app.browser();
    app.password_in(&mut one, BY_PHONE, false, "admin").await;
    app.second_step(&mut one, "admin").await;
    one.click("Harbor Valley Health").await;
    one.get(&app.user_url("locked")).await;
    one.must_say("Unlock");
    let mut two = one.clone();
    two.get("/login/organization").await;
    two.click("Riverside Family Clinic").await;
    two.must_be_at("/home").must_say("Riverside Family Clinic");
    // Both tabs are of one browser, and share its cookies.
    let (old, new) = (one.cookie("vestibule"), two.cookie("vestibule").expect("a session"));
    assert_ne!(old.as_deref(), Some(&*new), "the session goes on under a new id");
    one.set_cookie("vestibule", &new);
    one.click("Unlock").await;
    assert_eq!(one.status(), 409, "{}", one.text());
    one.must_say("You switched organization in another tab.");
    assert_eq!(app.audited("locked", "account_unlocked", "success").await, 0);
    // The forms of one sign-in are worth nothing in the next.
    let before = two.token();
    two.click("Sign out").await;
    app.later(60);
    app.password_in(&mut two, BY_PHONE, false, "admin").await;
    app.second_step(&mut two, "admin").await;
    two.click("Harbor Valley Health").await;
    two.must_be_at("/home");
    let form = [("csrf".to_owned(), before)];
    let answer = two.ask(reqwest::Method::POST, "/sign-out", &[], Some(&form)).await;
    assert_eq!(answer.status, 403);
}

/// The same where the organization switched to gives no role: what happened is told first. A form that never was
/// of an organization one administers is refused for the role, as before.
#[tokio::test]
async fn a_form_from_before_a_switch_is_told_so_without_a_role_too() {
    let app = TestApp::spawn().await;
    app.relax("riverside").await;
    let (riverside, harbor) = (app.organization_id("riverside"), app.organization_id("harbor_valley"));
    let northgate = app.organization_id("northgate");
    app.join("admin", &riverside).await;
    let mut one = app.browser();
    app.password_in(&mut one, BY_PHONE, false, "admin").await;
    app.second_step(&mut one, "admin").await;
    one.click("Harbor Valley Health").await;
    one.get(&app.user_url("locked")).await;
    one.must_say("Unlock");
    let mut two = one.clone();
    two.get("/login/organization").await;
    two.click("Riverside Family Clinic").await;
    two.must_be_at("/home").must_say("Riverside Family Clinic");
    one.set_cookie("vestibule", &two.cookie("vestibule").expect("a session"));
    let mut import = one.clone();
    one.click("Unlock").await;
    assert_eq!(one.status(), 409, "{}", one.text());
    one.must_say("You switched organization in another tab.");
    assert_eq!(app.audited("locked", "account_unlocked", "success").await, 0);
    let answer = import.upload_in_console("/admin/users/import", &[], b"username").await;
    assert_eq!(answer.status, 409);
    assert_eq!(app.audited("admin", "access_denied", "refused").await, 0, "nobody tried a door");
    // Here one is a member, and elsewhere nothing.
    let unlock = format!("{}/unlock", app.user_url("locked"));
    for organization in [&riverside, &northgate, &String::new()] {
        let answer = two.post_only(&unlock, &[("organization_id", organization)]).await;
        assert_eq!(answer.status, 403, "{organization}");
    }
    let form = [("organization_id".to_owned(), harbor)];
    let forged = two.ask(reqwest::Method::POST, &unlock, &[], Some(&form)).await;
    assert_eq!(forged.status, 403, "a form that is not ours is not told anything");
}
