//! Renaming and removing.

use super::*;

fn path(app: &TestApp, username: &str, which: &str, act: &str) -> String {
    format!("/security/factors/{}/{act}", app.factor_id(username, which))
}

/// U3.
#[tokio::test]
async fn a_name_is_wanted_short_visible_and_new() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("all.factors").await;
    browser.get(&path(&app, "all.factors", "phone", "rename")).await;
    let taken = factors_of(&app, "all.factors").await;
    let taken = taken.iter().find(|f| f.id == app.factor_id("all.factors", "authenticator")).map(|f| f.name.clone());
    let long = "x".repeat(200);
    for (name, words) in [
        ("", "Enter a name for this device."),
        (long.as_str(), "Use at most 60 characters"),
        (taken.as_deref().expect("a name"), "You already have a device of this name."),
    ] {
        browser.fill("Device name", name).click("Save").await;
        browser.must_say(words);
        assert_eq!(browser.page().value("Device name").as_deref(), Some(name), "kept");
    }
    browser.fill("Device name", "<script>alert(1)</script>").click("Save").await;
    browser.must_be_at("/security").must_say("The new name was saved.").must_say("<script>alert(1)</script>");
    assert!(!browser.answer.body.contains("<script>alert"));
    // Its own name again, in other letters, is no double.
    browser.get(&path(&app, "all.factors", "phone", "rename")).await;
    browser.fill("Device name", "<SCRIPT>alert(1)</script>").click("Save").await;
    browser.must_be_at("/security");
    assert_eq!(app.audited("all.factors", "factor_renamed", "success").await, 2);
}

/// ASVS 8.2.2: somebody else's is as unknown as one that never was.
#[tokio::test]
async fn a_foreign_factor_is_not_found() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("member.none").await;
    browser.get("/security").await;
    let unknown = "00000000-0000-7000-8000-000000000000".to_owned();
    for id in [app.factor_id("phone.only", "phone"), unknown] {
        for act in ["rename", "remove"] {
            let path = format!("/security/factors/{id}/{act}");
            assert_eq!(browser.get_only(&path).await.status, 404, "{path}");
            let fields: &[(&str, &str)] = if act == "rename" { &[("device_name", "Mine")] } else { &[] };
            assert_eq!(browser.post_only(&path, fields).await.status, 404, "{path}");
        }
        let path = format!("/security/tokens/{id}/activate");
        assert_eq!(browser.post_only(&path, &[("code", "123456")]).await.status, 404);
    }
    assert_eq!(factors_of(&app, "phone.only").await.len(), 1);
}

/// S13, ASVS 6.3.7, 6.5.6, 7.4.3.
/// NIST 3.2.1, 4.3.
#[tokio::test]
async fn removing_one_ends_everything_else_and_takes_effect_at_once() {
    let app = TestApp::spawn().await;
    let mut three = Three::of(&app, "all.factors").await;
    three.here.get(&path(&app, "all.factors", "authenticator", "remove")).await;
    three.here.must_say("It no longer signs you in.");
    assert!(!three.here.says("recovery codes will be deleted"));
    let before = three.here.cookie("vestibule");
    three.here.click("Remove").await;
    three.here.must_be_at("/security").must_say("It was removed.");
    three.only_here_goes_on(before).await;
    assert_eq!(told(&app, "all.factors", "factor_removed").await, [app.email("all.factors")]);
    assert_eq!(app.audited("all.factors", "factor_removed", "success").await, 1);
    let mut browser = app.after_password(BY_PHONE, "all.factors").await;
    let code = app.totp("all.factors", "authenticator", 0);
    browser.post("/login/verify/authenticator", &[("code", &code)]).await;
    assert_ne!(browser.path(), "/home");
    let gone = three.here.get_only(&path(&app, "all.factors", "authenticator", "remove")).await;
    assert_eq!(gone.status, 404);
}

/// An address of its own is told too, though its row is gone.
/// ASVS 6.3.7; NIST 4.6.
#[tokio::test]
async fn the_address_that_goes_is_told_too() {
    let app = TestApp::spawn().await;
    let id = app.factor_id("all.factors", "email");
    app.sql(format!("UPDATE factors SET email = 'second@example.org' WHERE id = '{id}'")).await;
    let mut browser = app.signed_in("all.factors").await;
    browser.get(&path(&app, "all.factors", "email", "remove")).await;
    browser.click("Remove").await;
    browser.must_be_at("/security");
    let mut both = vec![app.email("all.factors"), "second@example.org".to_owned()];
    both.sort();
    assert_eq!(told(&app, "all.factors", "factor_removed").await, both);
}

/// U12: nwilliams has one phone, and Riverside requires a second step.
#[tokio::test]
async fn the_last_one_stays_while_it_is_required() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("nwilliams").await;
    let remove = path(&app, "nwilliams", "phone", "remove");
    browser.get(&remove).await;
    browser.must_say("Riverside Family Clinic requires a second step").must_say("Add another first");
    assert!(!browser.page().controls().contains(&"Remove".to_owned()));
    browser.post(&remove, &[]).await;
    browser.must_say("Add another first");
    assert_eq!(factors_of(&app, "nwilliams").await.len(), 1);
    assert_eq!(app.count_of("nwilliams", "factor_removed").await, 0);
    assert_eq!(app.audited("nwilliams", "factor_removed", "refused").await, 1);

    browser.get("/security/authenticator").await;
    browser.click("Show QR code").await;
    crate::set_up::enroll(&app, &mut browser, "App").await;
    browser.check("I have saved these codes", true).click("Continue").await;
    browser.get(&remove).await;
    browser.click("Remove").await;
    browser.must_be_at("/security").must_say("It was removed.");
    let left = factors_of(&app, "nwilliams").await;
    assert_eq!(left.len(), 1);
    browser.get(&format!("/security/factors/{}/remove", left[0].id)).await;
    browser.must_say("It cannot be removed");
}

/// U12 under a race: two last factors removed at once.
#[tokio::test]
async fn of_two_removed_at_once_one_stays() {
    let app = TestApp::spawn().await;
    let browser = app.signed_in("malvarez").await;
    let ids = [app.factor_id("malvarez", "phone"), app.factor_id("malvarez", "email")];
    let posts = ids.iter().map(|id| {
        let (mut copy, path) = (browser.clone(), format!("/security/factors/{id}/remove"));
        async move { copy.post_only(&path, &[]).await }
    });
    let answers = futures_util::future::join_all(posts).await;
    assert!(answers.iter().all(|a| a.status < 500));
    assert_eq!(factors_of(&app, "malvarez").await.len(), 1);
}

#[tokio::test]
async fn recovery_codes_go_with_the_last_other_factor() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("vpetrova").await;
    browser.get(&path(&app, "vpetrova", "authenticator", "remove")).await;
    // Delta's grace runs still: nothing is required yet.
    browser.must_say("Your 8 recovery codes will be deleted with it.").must_say("Your password alone will open");
    browser.click("Remove").await;
    browser.must_be_at("/security");
    let id = app.user_id("vpetrova");
    let left = app.read(move |conn| Ok(vestibule::models::recovery_codes::count(conn, &id)?)).await;
    assert_eq!(left, 0);
    app.after_password(BY_PHONE, "vpetrova").await.must_be_at("/home");
}
