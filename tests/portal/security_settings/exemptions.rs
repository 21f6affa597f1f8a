//! Exemptions: per user, with a reason and an end.

use super::PAGE;
use crate::support::{BY_PHONE, TestApp};

#[tokio::test]
async fn an_exemption_begins_ends_and_can_be_removed() {
    let app = TestApp::spawn().await;
    let mut owner = app.owner("khollis").await;
    owner.must_say("Harold Jennings").must_say("On leave; a direct line follows with the return");
    app.after_password(BY_PHONE, "tbrooks").await.must_be_at("/security/setup");
    let day = (app.app.core.clock.now().date() + time::Duration::days(3)).to_string();
    for (username, reason, day, words) in [
        ("nobody", "Because", day.as_str(), "No user of this organization has that username"),
        ("member.none", "Because", day.as_str(), "No user of this organization has that username"),
        ("tbrooks", "", day.as_str(), "Enter a reason"),
        ("tbrooks", "Because", "2020-01-01", "Enter a day from today on"),
        ("tbrooks", "Because", "2999-01-01", "Enter a day from today on"),
        ("tbrooks", "Because", "soon", "Enter a day from today on"),
    ] {
        owner.get(PAGE).await;
        owner.fill("Username", username).fill("Reason", reason).fill("Last day", day).click("Exempt user").await;
        owner.must_say(words);
        assert_eq!(owner.page().value("Username").as_deref(), Some(username), "what was typed is kept");
    }
    owner.fill("Username", "TBrooks").fill("Reason", "New phone on order").fill("Last day", &day);
    owner.click("Exempt user").await;
    owner.must_be_at(PAGE).must_say("The exemption was saved").must_say("New phone on order");
    assert_eq!(app.mfa_status("tbrooks").await, "exempt");
    assert_eq!(app.audited_by("khollis", "exemption_set").await, 1);
    assert_eq!(app.count_of("khollis", "security_settings_changed").await, 1);
    let mut exempt = app.after_password(BY_PHONE, "tbrooks").await;
    exempt.must_be_at("/home");
    owner.click("End exemption of Terrence Brooks").await;
    owner.must_say("The exemption was ended");
    assert_eq!(exempt.get_only("/home").await.location(), Some("/security/setup"));
    assert_eq!(app.mfa_status("tbrooks").await, "set-up pending");
}

/// It ends by itself.
#[tokio::test]
async fn an_exemption_ends_with_its_last_day() {
    let app = TestApp::spawn().await;
    let mut owner = app.owner("khollis").await;
    let day = (app.app.core.clock.now().date() + time::Duration::days(1)).to_string();
    owner.fill("Username", "tbrooks").fill("Reason", "Travel").fill("Last day", &day).click("Exempt user").await;
    app.after_password(BY_PHONE, "tbrooks").await.must_be_at("/home");
    app.later(3 * 86_400);
    app.after_password(BY_PHONE, "tbrooks").await.must_be_at("/security/setup");
}

/// A foreign membership is not found, like an unknown one.
#[tokio::test]
async fn exemptions_elsewhere_are_out_of_reach() {
    let app = TestApp::spawn().await;
    let id = app.user_id("exempt");
    let found = app.read(move |conn| Ok(vestibule::models::memberships::list(conn, &id)?)).await;
    let mut owner = app.owner("owner.one").await;
    let harbor = app.organization_id("harbor_valley");
    for id in [found[0].id.as_str(), "no-such-id"] {
        let path = format!("/admin/security/exemptions/{id}/remove");
        assert_eq!(owner.post_only(&path, &[("organization_id", &harbor)]).await.status, 404);
    }
    assert_eq!(app.mfa_status("exempt").await, "exempt");
}

/// Everything that is wrong stands beside its field at once.
#[tokio::test]
async fn all_that_is_wrong_with_an_exemption_is_said_at_once() {
    let app = TestApp::spawn().await;
    let mut owner = app.owner("khollis").await;
    owner.fill("Username", "nobody").fill("Reason", "").fill("Last day", "soon").click("Exempt user").await;
    owner.must_say("No user of this organization has that username").must_say("Enter a reason");
    owner.must_say("Enter a day from today on");
}
