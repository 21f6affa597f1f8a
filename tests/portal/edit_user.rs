//! **Edit User**: what is shown, and what is done there.

use vestibule::models::{Account, FactorState, Role, memberships};

use crate::support::{BY_PHONE, TestApp};

/// The User ID with its copy button, and five tabs of plain links.
#[tokio::test]
async fn edit_user_shows_the_person() {
    let app = TestApp::spawn().await;
    let mut admin = app.administering("admin").await;
    admin.get(&app.user_url("all.factors")).await;
    admin.must_say("Edit User: Adaeze Nwosu").must_say("User ID").must_say(&app.user_id("all.factors"));
    assert!(admin.page().has("button[data-copy='#user-id']"));
    assert!(admin.page().has("dialog[aria-labelledby='reset-user-title'] button[autofocus][data-close]"));
    admin.click("Authentication Methods").await;
    admin.get(&format!("{}?tab=methods", app.user_url("all.factors"))).await;
    admin.must_say("XXX-XXX-").must_say("Reset all multi-factor authentications");
    for (tab, words) in [("sessions", "is not signed in anywhere"), ("activity", "Activity"), ("deliveries", "deliver")]
    {
        admin.get(&format!("{}?tab={tab}", app.user_url("all.factors"))).await;
        admin.must_say(words);
    }
}

/// Unlock: pauses end, and what was switched off is gone.
#[tokio::test]
async fn unlock_ends_pauses_and_takes_away_what_was_switched_off() {
    let app = TestApp::spawn().await;
    let mut admin = app.administering("admin").await;
    admin.get(&app.user_url("locked")).await;
    admin.must_say("switched off after 100 wrong codes");
    admin.click("Unlock").await;
    admin.must_say("The account is unlocked.");
    assert!(app.factors_of("locked").await.iter().all(|f| f.state != FactorState::SwitchedOff));
    assert_eq!(app.audited("locked", "account_unlocked", "success").await, 1);
    assert_eq!(app.count_of("locked", "account_unlocked").await, 1);
    app.after_password(BY_PHONE, "locked").await.must_be_at("/home");
}

/// ASVS 7.4.2: disabling ends everything at once; enabling gives it back as it was.
#[tokio::test]
async fn a_disabled_account_is_shut_at_once() {
    let app = TestApp::spawn().await;
    let mut person = app.signed_in("phone.only").await;
    let mut admin = app.administering("admin").await;
    admin.get(&app.user_url("phone.only")).await;
    admin.click("Disable").await;
    admin.must_say("Disabled. The user is signed out");
    person.get("/home").await;
    person.must_be_at("/login");
    assert_eq!(app.account_of("phone.only").await.account, Account::Disabled);
    admin.click("Enable").await;
    admin.must_say("Enabled.");
    app.signed_in("phone.only").await.must_be_at("/home");
}

/// Elsewhere it stops the membership only.
#[tokio::test]
async fn another_organization_stops_its_membership_only() {
    let app = TestApp::spawn().await;
    let mut owner = app.administering("khollis").await;
    owner.get(&app.user_url("two.orgs")).await;
    owner.must_say("Managed by Harbor Valley Health");
    owner.click("Disable").await;
    owner.must_say("Disabled in this organization.");
    assert_eq!(app.account_of("two.orgs").await.account, Account::Active);
    let (user, riverside) = (app.user_id("two.orgs"), app.organization_id("riverside"));
    let row = app.read(move |conn| Ok(memberships::find(conn, &user, &riverside)?)).await.expect("a membership");
    assert!(row.disabled_at.is_some());
    app.after_password(BY_PHONE, "two.orgs").await.must_be_at("/home");
    owner.must_say("membership stopped");
    owner.click("Enable").await;
    owner.must_say("Enabled.");
}

/// ASVS 7.4.5.
#[tokio::test]
async fn an_administrator_ends_the_sessions_of_a_user() {
    let app = TestApp::spawn().await;
    let mut person = app.signed_in("phone.only").await;
    let mut admin = app.administering("admin").await;
    admin.get(&format!("{}?tab=sessions", app.user_url("phone.only"))).await;
    admin.must_say("Firefox");
    admin.click("End all sessions").await;
    admin.must_say("The user is signed out");
    person.get("/home").await;
    person.must_be_at("/login");
}

/// Whoever administers one of somebody's organizations ends what is open there, and is told of no more than that.
#[tokio::test]
async fn another_organization_ends_the_sessions_there_only() {
    let app = TestApp::spawn().await;
    let mut person = app.after_password(BY_PHONE, "two.orgs").await;
    person.must_be_at("/login/organization");
    person.click("Harbor Valley Health").await;
    person.must_be_at("/home");

    let mut owner = app.administering("khollis").await;
    owner.get(&format!("{}?tab=sessions", app.user_url("two.orgs"))).await;
    owner.must_say("Gabriel Santos is not signed in to Riverside Family Clinic.");
    assert!(!owner.says("anywhere"), "{}", owner.text());
    owner.click("End all sessions").await;
    owner.must_say("The user’s sessions in this organization have ended, and the user has been told.");
    assert!(!owner.says("The user is signed out"), "{}", owner.text());
    let told = app.outbox_of("two.orgs").await;
    let mail = told.iter().find(|m| m.kind == "sessions_ended").expect("a mail");
    assert!(mail.text.contains("You were signed out of Riverside Family Clinic"), "{}", mail.text);
    person.get("/home").await;
    person.must_be_at("/home");
}

/// Only owners see the role control, and only they may post it.
/// ASVS 8.2.3.
#[tokio::test]
async fn roles_are_for_account_holders() {
    let app = TestApp::spawn().await;
    let mut admin = app.administering("admin").await;
    admin.get(&app.user_url("phone.only")).await;
    assert!(!admin.page().has("#role"));
    let path = format!("{}/role", app.user_url("phone.only"));
    let harbor = app.organization_id("harbor_valley");
    let fields = [("organization_id", harbor.as_str()), ("role", "admin")];
    assert_eq!(admin.post_only(&path, &fields).await.status, 403);
    let mut owner = app.administering("owner.one").await;
    owner.get(&app.user_url("phone.only")).await;
    assert!(owner.page().has("#role"));
    owner.post(&path, &fields).await;
    owner.must_say("The role is changed.");
    assert_eq!(app.role("phone.only").await, Role::Admin);
    let details = app.details("phone.only", "role_changed").await;
    assert_eq!((&details["from"], &details["to"]), (&"member".into(), &"admin".into()));
}

/// R17: the last account holder who can sign in is not demoted or disabled, on no path.
#[tokio::test]
async fn the_last_account_holder_stays() {
    let app = TestApp::spawn().await;
    let mut owner = app.administering("owner.one").await;
    let harbor = app.organization_id("harbor_valley");
    let org = ("organization_id", harbor.as_str());
    owner.post(&format!("{}/disable", app.user_url("owner.two")), &[org]).await;
    owner.must_say("Disabled.");
    let mut operator = app.administering("operator").await;
    operator.post(&format!("{}/disable", app.user_url("owner.one")), &[org]).await;
    operator.must_say("is the only active Account Holder");
    let registration = [org, ("scope", "registration"), ("reason", "because"), ("confirmed", "yes")];
    operator.post(&format!("{}/reset", app.user_url("owner.one")), &registration).await;
    operator.must_say("is the only active Account Holder");
    assert_eq!(app.role("owner.one").await, Role::Owner);
    assert_eq!(app.account_of("owner.one").await.account, Account::Active);
}

/// R17: two account holders who remove each other at the same moment: one stays.
#[tokio::test]
async fn two_account_holders_do_not_remove_each_other() {
    let app = TestApp::spawn().await;
    let harbor = app.organization_id("harbor_valley");
    let org = ("organization_id", harbor.as_str());
    for (round, tail) in ["role", "disable"].into_iter().cycle().take(6).enumerate() {
        let (mut one, mut two) = (app.administering("owner.one").await, app.administering("owner.two").await);
        let fields = if tail == "role" { vec![org, ("role", "member")] } else { vec![org] };
        let (at_two, at_one) =
            (format!("{}/{tail}", app.user_url("owner.two")), format!("{}/{tail}", app.user_url("owner.one")));
        let answers = tokio::join!(one.post_only(&at_two, &fields), two.post_only(&at_one, &fields));
        assert!(answers.0.status < 500 && answers.1.status < 500, "{} {}", answers.0.status, answers.1.status);
        let mut left = 0;
        for username in ["owner.one", "owner.two"] {
            let there = app.account_of(username).await.account == Account::Active;
            left += usize::from(there && app.role(username).await == Role::Owner);
        }
        assert_eq!(left, 1, "round {round}");
        let ids = [app.user_id("owner.one"), app.user_id("owner.two")];
        for id in ids {
            app.sql(format!("UPDATE users SET account = 'active' WHERE id = '{id}'")).await;
            app.sql(format!(
                "UPDATE memberships SET role = 'owner' WHERE user_id = '{id}' AND organization_id = '{harbor}'"
            ))
            .await;
        }
        app.later((i64::try_from(round).expect("small") + 1) * 700);
    }
}

impl TestApp {
    /// The role in Harbor Valley Health.
    pub async fn role(&self, username: &str) -> Role {
        let (user, harbor) = (self.user_id(username), self.organization_id("harbor_valley"));
        self.read(move |conn| Ok(memberships::find(conn, &user, &harbor)?)).await.expect("a membership").role
    }
}
