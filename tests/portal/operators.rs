//! What an operator may do to somebody else's people, and who learns of it. SPEC section 7.

use crate::support::TestApp;

impl TestApp {
    /// How many mails account holders got about an operator's acts, each of whom has the notice too.
    async fn told_of_operator(&self, username: &str) -> usize {
        let mails = self.count_of(username, "operator_acted").await;
        let mut browser = self.signed_in(username).await;
        browser.get("/messages").await;
        let subjects =
            ["An account was disabled", "An operator handed an account over", "Your organization was disabled"];
        let noticed = subjects.iter().any(|subject| browser.says(subject));
        assert_eq!(noticed, mails > 0, "{}", browser.text());
        mails
    }
}

/// "Only owners see the role control", and an operator is none.
#[tokio::test]
async fn an_operator_sets_no_roles() {
    let app = TestApp::spawn().await;
    let mut operator = app.administering("operator").await;
    let harbor = app.organization_id("harbor_valley");
    for username in ["phone.only", "khollis"] {
        operator.get(&app.user_url(username)).await;
        operator.must_say("Edit User:");
        assert!(!operator.page().has("#role"), "{username}");
        let fields = [("organization_id", harbor.as_str()), ("role", "admin")];
        assert_eq!(operator.post_only(&format!("{}/role", app.user_url(username)), &fields).await.status, 403);
    }
    assert_eq!(app.role("phone.only").await, vestibule::models::Role::Member);
    // Nor by another path: an account holder of the same organization still does.
    let mut owner = app.administering("owner.one").await;
    owner.get(&app.user_url("phone.only")).await;
    assert!(owner.page().has("#role"));
}

#[tokio::test]
async fn account_holders_learn_of_accounts_an_operator_disables_and_enables() {
    let app = TestApp::spawn().await;
    let mut operator = app.administering("operator").await;
    operator.get(&app.user_url("two.orgs")).await;
    operator.click("Disable").await;
    operator.must_say("Disabled. The user is signed out");
    for owner in ["owner.one", "owner.two", "khollis"] {
        assert_eq!(app.told_of_operator(owner).await, 1, "{owner}");
    }
    let mail = app.outbox_of("khollis").await.into_iter().find(|m| m.kind == "operator_acted").expect("a mail");
    assert!(mail.text.contains("Gabriel Santos (two.orgs) can sign in nowhere"), "{}", mail.text);
    assert!(mail.text.contains("Ingrid Solberg, an operator of"), "{}", mail.text);
    operator.click("Enable").await;
    operator.must_say("Enabled.");
    assert_eq!(app.told_of_operator("owner.two").await, 2);
    // Somebody else's administrators are not told, nor is anybody of what an administrator of theirs does.
    assert_eq!(app.told_of_operator("sole.owner").await, 0);
    let mut admin = app.administering("admin").await;
    admin.get(&app.user_url("phone.only")).await;
    admin.click("Disable").await;
    admin.must_say("Disabled.");
    assert_eq!(app.count_of("owner.two", "operator_acted").await, 2);
}

#[tokio::test]
async fn account_holders_learn_of_a_hand_over_and_of_their_organization() {
    let app = TestApp::spawn().await;
    let mut operator = app.administering("operator").await;
    let path = format!("{}/managing", app.user_url("two.orgs"));
    operator.get(&path).await;
    operator.check("Riverside Family Clinic", true).click("Hand over").await;
    operator.must_say("The account was handed over.");
    for owner in ["owner.one", "owner.two", "khollis"] {
        assert_eq!(app.told_of_operator(owner).await, 1, "{owner}");
    }
    operator.get("/admin/customers?name=river").await;
    operator.click("Riverside Family Clinic").await;
    operator.click("Disable").await;
    operator.must_say("The organization was disabled.");
    operator.click("Enable").await;
    operator.must_say("Its people can sign in again.");
    assert_eq!(app.told_of_operator("khollis").await, 3);
    let texts: Vec<String> = app.outbox_of("khollis").await.into_iter().map(|m| m.text).collect();
    assert!(texts.iter().any(|text| text.contains("Your organization was disabled")), "{texts:?}");
}
