//! Handing an account over.

use crate::support::TestApp;

#[tokio::test]
async fn the_account_holder_of_the_managing_organization_hands_over() {
    let app = TestApp::spawn().await;
    let id = app.user_id("two.orgs");
    let path = format!("/admin/users/{id}/managing");
    // Riverside does not manage it.
    let mut other = app.signed_in("khollis").await;
    other.get(&path).await;
    other.must_say("Managed by Harbor Valley Health");
    assert!(!other.page().has("input[name=to]"));
    let mut owner = app.signed_in("owner.one").await;
    owner.get(&path).await;
    owner.click("Hand over").await;
    owner.must_say("Choose an organization.");
    owner.check("Riverside Family Clinic", true).click("Hand over").await;
    owner.must_be_at("/admin/users").must_say("The account was handed over.");
    let user = app.user("two.orgs").await.expect("the account");
    assert_eq!(user.managing_organization_id, Some(app.organization_id("riverside")));
    owner.get(&path).await;
    owner.must_say("Managed by Riverside Family Clinic");
    other.get("/messages").await;
    other.must_say("An account was handed over");
    // Nowhere that the person does not belong.
    other.get(&path).await;
    let foreign = app.organization_id("delta");
    assert_eq!(app.post_in_console(&mut other, &path, &[("to", &foreign)]).await, 404);
}
