//! **User Settings**: a list, a search by the full username, and the way to a reset.

use crate::support::TestApp;

const PAGE: &str = "/admin/user-settings";

/// U18: each with its status, in words of its own.
#[tokio::test]
async fn the_list_shows_where_each_person_stands() {
    let app = TestApp::spawn().await;
    let mut admin = app.signed_in("admin").await;
    admin.get(PAGE).await;
    admin.must_be_at(PAGE).must_say("Carla Esposito").must_say("member.none").must_say("Not set up");
    admin.must_say("MFA on").must_say("Locked").must_say("Invited").must_say("Disabled");
    assert!(!admin.says("Wei Chen"), "somebody of another organization");
    let id = app.user_id("phone.only");
    let link = format!("a[href='/admin/users/{id}/reset?scope=user&from=settings']");
    assert!(admin.page().texts(&link).iter().any(|words| words.starts_with("Reset MFA")));
    let oneself = format!("a[href='/admin/users/{}/reset?scope=user&from=settings']", app.user_id("admin"));
    assert!(!admin.page().has(&oneself), "oneself under Security");
}

/// SPEC section 6: full and exact, case apart.
#[tokio::test]
async fn the_search_wants_the_full_username() {
    let app = TestApp::spawn().await;
    let mut admin = app.signed_in("admin").await;
    for (typed, found) in
        [("phone.only", true), (" PHONE.Only ", true), ("phone", false), ("phone.onl%", false), ("wchen", false)]
    {
        admin.get(PAGE).await;
        admin.fill("Full and exact username", typed).click("Search").await;
        admin.must_be_at(PAGE);
        assert_eq!(admin.says("Marcus Tran"), found, "{typed}");
        assert_eq!(admin.says("No user of this organization has that username"), !found, "{typed}");
        assert!(!admin.says("Carla Esposito"));
    }
}

#[tokio::test]
async fn it_is_for_administrators() {
    let app = TestApp::spawn().await;
    assert_eq!(app.browser().get_only(PAGE).await.location(), Some("/login?return_to=%2Fadmin%2Fuser-settings"));
    assert_eq!(app.signed_in("phone.only").await.get_only(PAGE).await.status, 403);
}
