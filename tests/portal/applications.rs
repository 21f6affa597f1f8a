//! **Applications**: the links on Home.

use vestibule::models::organizations;

use crate::support::TestApp;

const LIST: &str = "/admin/applications";

#[tokio::test]
async fn an_owner_keeps_the_links_on_home() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("owner.two").await;
    browser.get(LIST).await;
    browser.must_say("Service Authorizations").must_say("Claims");
    browser.click("Add link").await;
    browser.fill("Name", "").fill("Address", "javascript:alert(1)").fill("Position", "first").click("Save").await;
    browser.must_say("Enter a name.").must_say("begins with https://").must_say("Enter a number from 1 to 999.");
    browser.fill("Name", "Payroll").fill("Address", "https://payroll.example/start").fill("Position", "1");
    browser.click("Save").await;
    browser.must_be_at(LIST).must_say("The links were saved.").must_say("Payroll");
    let mut member = app.signed_in("phone.only").await;
    assert!(member.answer.body.contains("href=\"https://payroll.example/start\""));
    browser.click("Payroll").await;
    browser.fill("Name", "Wages").fill("Address", "https://wages.example/").click("Save").await;
    browser.must_be_at(LIST).must_say("Wages");
    browser.click("Wages").await;
    browser.click("Remove").await;
    browser.must_be_at(LIST);
    member.get("/home").await;
    assert!(!member.says("Wages") && member.says("Claims"));
}

/// ASVS 8.2.2.
#[tokio::test]
async fn links_are_for_account_holders_and_their_own_organization() {
    let app = TestApp::spawn().await;
    let id = app.organization_id("riverside");
    let foreign = app.read(move |conn| Ok(organizations::applications(conn, &id)?)).await.remove(0);
    let mut browser = app.signed_in("owner.two").await;
    browser.get(&format!("{LIST}/new")).await;
    let fields = [("name", "X"), ("url", "https://x.example"), ("description", ""), ("position", "1")];
    for id in [foreign.id.as_str(), "0192f3a4-0000-7000-8000-000000000001"] {
        assert_eq!(browser.get_only(&format!("{LIST}/{id}")).await.status, 404);
        assert_eq!(browser.post_in_console(&format!("{LIST}/{id}"), &fields).await.status, 404);
        assert_eq!(browser.post_in_console(&format!("{LIST}/{id}/remove"), &[]).await.status, 404);
    }
    let mut admin = app.signed_in("admin").await;
    assert_eq!(admin.get_only(LIST).await.status, 403);
}
