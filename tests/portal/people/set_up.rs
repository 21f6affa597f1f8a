//! An installation without anybody, and `create-owner`. ASVS 6.3.2.

use vestibule::domain::people::first_owner::{self, Founded, Founding};
use vestibule::domain::registration::details::Details;
use vestibule::models::{Role, memberships};

use crate::support::TestApp;

/// The first start prints a token; it works once, and only while there is nobody.
/// ASVS 6.3.2, 6.4.1, 13.2.3.
#[tokio::test]
async fn the_first_account_holder_is_made_by_a_token_once() {
    let app = TestApp::spawn().await;
    let core = &app.app.core;
    assert!(first_owner::token(core).await.expect("no fault").is_none(), "somebody is here");
    app.sql("DELETE FROM users".into()).await;
    let old = first_owner::token(core).await.expect("no fault").expect("a token");
    let token = first_owner::token(core).await.expect("no fault").expect("a token");
    let mut browser = app.browser();
    assert_eq!(browser.get_only("/setup/first-owner").await.status, 404);
    for wrong in ["wrong", old.expose().as_str()] {
        assert_eq!(browser.get_only(&format!("/setup/first-owner/{wrong}")).await.status, 404);
    }
    let mut second = app.browser();
    for browser in [&mut browser, &mut second] {
        browser.get(&format!("/setup/first-owner/{}", token.expose())).await;
        browser.must_be_at("/setup/first-owner");
    }
    browser.fill("Organization", "Maple Grove").fill("NPI", "123").click("Continue").await;
    browser.must_say("These are not one.").must_say("Enter a username.");
    browser.fill("Organization", "Maple\u{202e}Grove").fill("NPI", "").fill("Time Zone", "Factory");
    browser.click("Continue").await;
    for field in ["organization", "time_zone"] {
        let page = browser.page();
        assert!(page.has(&format!("#{field}-error")) && page.has(&format!("#errors a[href='#{field}']")), "{field}");
    }
    for browser in [&mut browser, &mut second] {
        browser.fill("Organization", "Maple Grove").fill("NPI", "").fill("Time Zone", "america/new_york");
        browser.fill("First Name", "Ida").fill("Last Name", "Wells").fill("Username", "ida.wells");
        browser.fill("Email", "ida@maplegrove.example");
    }
    browser.click("Continue").await;
    browser.must_be_at("/register/method");
    second.click("Continue").await;
    assert_eq!(second.status(), 404);
    let user = app.user("ida.wells").await.expect("an account");
    assert!(user.password_hash.is_none());
    let id = user.id.clone();
    let rows = app.read(move |conn| Ok(memberships::list_with_organizations(conn, &id)?)).await;
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].0.role, rows[0].1.name.as_str()), (Role::Owner, "Maple Grove"));
    assert_eq!(rows[0].1.time_zone, "America/New_York");
    assert!(first_owner::token(core).await.expect("no fault").is_none());
}

#[tokio::test]
async fn create_owner_mails_and_prints_the_same_link() {
    let app = TestApp::spawn().await;
    let owner = Details {
        username: "ida.wells".into(),
        first_name: "Ida".into(),
        last_name: "Wells".into(),
        email: "ida@maplegrove.example".into(),
        ..Details::default()
    };
    let founding =
        Founding { organization: "Maple Grove".into(), npi: String::new(), time_zone: "America/Chicago".into(), owner };
    let Founded::Done { link: Some(link), .. } = first_owner::create(&app.app.core, &founding).await.expect("no fault")
    else {
        panic!("a link");
    };
    let mailed = app.mails_to("ida@maplegrove.example").await;
    assert_eq!(mailed.len(), 1);
    assert_eq!(mailed[0].link.as_deref(), Some(link.as_str()));
    // The address has an account by now: the second organization is an offer.
    let again = Founding { organization: "Maple Hill".into(), ..founding };
    let again = Founding { owner: Details { username: "ida.w".into(), ..again.owner }, ..again };
    let founded = first_owner::create(&app.app.core, &again).await.expect("no fault");
    assert!(matches!(founded, Founded::Done { link: None, .. }));
}
