//! Removing somebody from an organization: what goes, what stays, who always remains.

use vestibule::domain::administration::{Actor, Reach, Via};
use vestibule::domain::audit::Origin;
use vestibule::domain::people::invite::membership;
use vestibule::domain::people::{managing, removal};
use vestibule::models::memberships::{self, Membership};
use vestibule::models::{Account, Role, organizations, users};

use crate::api::client::{self, make_token};
use crate::support::{BY_PHONE, TestApp};

/// The account goes on with its oldest membership, which manages it from then on.
#[tokio::test]
async fn the_oldest_remaining_organization_takes_an_account_over() {
    let app = TestApp::spawn().await;
    let mut admin = app.signed_in("admin").await;
    let id = app.user_id("two.orgs");
    admin.get(&format!("/admin/users/{id}/remove")).await;
    admin.must_say("Riverside Family Clinic looks after it from then on.");
    admin.click("Remove Gabriel").await;
    admin.must_be_at("/admin/users").must_say("no longer belongs to this organization");
    assert!(app.membership_of("two.orgs", "harbor_valley").await.is_none());
    let user = app.user("two.orgs").await.expect("the account");
    assert_eq!(user.managing_organization_id, Some(app.organization_id("riverside")));
    assert_eq!(app.count_of("two.orgs", "removed_from_organization").await, 1);
    assert_eq!(admin.get_only(&format!("/admin/users/{id}/remove")).await.status, 404);
}

/// Nobody loses an account silently: the page, the mail and the account say what happened.
#[tokio::test]
async fn an_account_without_an_organization_stays() {
    let app = TestApp::spawn().await;
    let mut marcus = app.signed_in("phone.only").await;
    let mut admin = app.signed_in("admin").await;
    admin.get(&format!("/admin/users/{}/remove", app.user_id("phone.only"))).await;
    admin.must_say("belongs nowhere until an organization invites it");
    admin.click("Remove Marcus").await;
    let user = app.user("phone.only").await.expect("the account");
    assert_eq!((user.account, user.managing_organization_id), (Account::Active, None));
    let mails = app.outbox_of("phone.only").await;
    let mail = mails.iter().find(|m| m.kind == "removed_from_organization").expect("a mail");
    assert!(mail.text.contains("Your account stays."), "{}", mail.text);
    marcus.get("/home").await;
    assert!(marcus.path().starts_with("/login"), "signed out there at once");
    // And it can be invited again.
    app.invite(&mut admin, "m.tran", &app.email("phone.only"), None).await;
    let mut marcus = app.signed_in("phone.only").await;
    marcus.get("/invitations").await;
    marcus.click("Accept").await;
    let user = app.user("phone.only").await.expect("the account");
    assert_eq!(user.managing_organization_id, Some(app.organization_id("harbor_valley")));
}

/// Leaving O deletes O's factors; the user's own stay.
#[tokio::test]
async fn the_factors_of_the_organization_go() {
    let app = TestApp::spawn().await;
    let mut owner = app.signed_in("hklein").await;
    let id = app.user_id("sabebe");
    owner.get(&format!("/admin/users/{id}/remove")).await;
    owner.must_say("Deleted: 1 factor");
    owner.click("Remove Selam").await;
    let left = app.read(move |conn| Ok(vestibule::models::factors::list(conn, &id)?)).await;
    assert_eq!(left.len(), 1);
    assert!(left.iter().all(|factor| factor.organization_id.is_none()));
}

#[tokio::test]
async fn nobody_removes_a_higher_role_or_themselves() {
    let app = TestApp::spawn().await;
    let mut admin = app.signed_in("admin").await;
    for (username, words) in [("owner.one", "higher role"), ("admin", "This is you.")] {
        let path = format!("/admin/users/{}/remove", app.user_id(username));
        admin.get(&path).await;
        admin.must_say(words);
        assert!(!admin.page().has(".btn-danger"));
        admin.get("/admin/users/new").await;
        app.post_in_console(&mut admin, &path, &[]).await;
        admin.must_say(words);
        assert!(app.membership_of(username, "harbor_valley").await.is_some());
    }
}

/// R17: two account holders who remove each other at once; one always remains.
/// ASVS 2.3.4, 15.4.2.
#[tokio::test]
async fn one_account_holder_always_remains() {
    let app = TestApp::spawn().await;
    let mut one = app.signed_in("owner.one").await;
    let mut two = app.signed_in("owner.two").await;
    let path = |username: &str| format!("/admin/users/{}/remove", app.user_id(username));
    one.get(&path("owner.two")).await;
    two.get(&path("owner.one")).await;
    let organization = app.organization_id("harbor_valley");
    let fields = [("organization_id", organization.as_str())];
    let (to_two, to_one) = (path("owner.two"), path("owner.one"));
    let (a, b) = tokio::join!(one.post_only(&to_two, &fields), two.post_only(&to_one, &fields));
    assert!(a.status < 500 && b.status < 500, "{} {}", a.status, b.status);
    assert_eq!(app.owners("harbor_valley").await, 1);
}

/// The same a hundred times, each on an organization that has both again.
/// ASVS 2.3.4, 15.4.2.
#[tokio::test]
async fn one_account_holder_always_remains_however_often() {
    let app = TestApp::spawn().await;
    let (one, two) = (app.actor("owner.one").await, app.actor("owner.two").await);
    let organization = one.organization.clone().expect("an organization");
    let kept: Vec<Membership> = [
        app.membership_of("owner.one", "harbor_valley").await.expect("a membership"),
        app.membership_of("owner.two", "harbor_valley").await.expect("a membership"),
    ]
    .into();
    let (core, origin) = (&app.app.core, Origin::default());
    for _ in 0..100 {
        let (a, b) = tokio::join!(
            removal::remove(core, &one, &organization, &two.user.id, &origin),
            removal::remove(core, &two, &organization, &one.user.id, &origin),
        );
        let removed = [a, b].into_iter().filter(|done| done.as_ref().expect("no fault").is_ok()).count();
        assert_eq!((removed, app.owners("harbor_valley").await), (1, 1));
        let (rows, managing) = (kept.clone(), organization.id.clone());
        app.write(move |conn| {
            for row in rows {
                if memberships::find(conn, &row.user_id, &row.organization_id)?.is_none() {
                    memberships::insert(conn, &row)?;
                    users::pass_on(conn, &row.user_id, None, Some(&managing), row.created_at)?;
                }
            }
            Ok(())
        })
        .await;
    }
}

impl TestApp {
    /// How many account holders can act.
    async fn owners(&self, organization: &str) -> usize {
        let id = self.organization_id(organization);
        let admins = self.read(move |conn| {
            let mut owners = 0;
            for user_id in memberships::admin_user_ids(conn, &id)? {
                let membership = memberships::find(conn, &user_id, &id)?;
                let active = users::find(conn, &user_id)?.is_some_and(|u| u.account == Account::Active);
                owners += usize::from(active && membership.is_some_and(|m| m.role == Role::Owner));
            }
            Ok(owners)
        });
        admins.await
    }

    /// Somebody who acts in Harbor Valley.
    async fn actor(&self, username: &str) -> Actor {
        let (id, organization_id) = (self.user_id(username), self.organization_id("harbor_valley"));
        self.read(move |conn| {
            Ok(Actor {
                user: users::find(conn, &id)?.expect("an account"),
                organization: organizations::find(conn, &organization_id)?,
                role: Some(Role::Owner),
                reach: Reach::Organizations(vec![organization_id]),
                via: Via::Console,
            })
        })
        .await
    }
}

/// ASVS 7.4.2: what was open there ends for good. A token does not come back with a new invitation, and no browser
/// remembers the person.
#[tokio::test]
async fn tokens_and_remembered_browsers_end_with_the_membership() {
    let app = TestApp::spawn().await;
    let mut admin = app.signed_in("admin").await;
    let token = make_token(&mut admin, "Reports", &["Read users"]).await;
    let mut remembered = app.browser();
    app.sign_in(&mut remembered, BY_PHONE, true, "admin").await;
    assert_eq!(client::get(&app, &token, "/api/user/users").await.status, 200);
    let id = app.user_id("admin");
    let mut owner = app.signed_in("owner.one").await;
    owner.get(&format!("/admin/users/{id}/remove")).await;
    owner.click("Remove Tobias").await;
    owner.must_say("no longer belongs to this organization");
    remembered.close_and_reopen_at(BY_PHONE).await;
    assert!(remembered.path().starts_with("/login"), "{}", remembered.path());
    app.invite(&mut owner, "t.lindqvist", &app.email("admin"), Some("Administrator")).await;
    let mut admin = app.signed_in("admin").await;
    admin.get("/invitations").await;
    admin.click("Accept").await;
    assert!(app.membership_of("admin", "harbor_valley").await.is_some());
    assert_eq!(client::get(&app, &token, "/api/user/users").await.status, 401);
}

/// An account that is left with an organization its person does not belong to goes to the next that they join.
#[tokio::test]
async fn whoever_is_joined_takes_an_account_over_that_nobody_looks_after() {
    let app = TestApp::spawn().await;
    let (id, delta) = (app.user_id("phone.only"), app.organization_id("delta"));
    app.sql(format!("UPDATE users SET managing_organization_id = '{delta}' WHERE id = '{id}'")).await;
    let mut owner = app.signed_in("khollis").await;
    app.invite(&mut owner, "m.tran", &app.email("phone.only"), None).await;
    let mut marcus = app.signed_in("phone.only").await;
    marcus.get("/invitations").await;
    marcus.click("Accept").await;
    let user = app.account_of("phone.only").await;
    assert_eq!(user.managing_organization_id, Some(app.organization_id("riverside")));
}

/// Two organizations remove the same person at once, and one hands the account over while the other removes them:
/// whoever manages the account is one of those that are left. On PostgreSQL these meet; SQLite has one writer.
#[tokio::test]
async fn what_manages_an_account_is_among_those_that_are_left() {
    let app = TestApp::spawn().await;
    let (harbor, riverside, delta) =
        (app.organization_id("harbor_valley"), app.organization_id("riverside"), app.organization_id("delta"));
    let (person, owner, other) = (app.user_id("two.orgs"), app.user_id("owner.one"), app.user_id("khollis"));
    for round in 0..12 {
        let again = vec![harbor.clone(), riverside.clone(), delta.clone()];
        app.belongs_to(&person, again, &harbor).await;
        let first = app.remove_by(&owner, &harbor, &person);
        if round % 2 == 0 {
            let (first, second) = tokio::join!(first, app.remove_by(&other, &riverside, &person));
            assert!(first && second);
        } else {
            let (handed, removed) = tokio::join!(
                app.hand_over_by(&owner, &harbor, &person, &riverside),
                app.remove_by(&other, &riverside, &person)
            );
            assert!(removed, "{handed}");
        }
        let (left, user) = (app.places_of(&person).await, app.account_of("two.orgs").await);
        let managing = user.managing_organization_id.expect("somebody looks after it");
        assert!(left.contains(&managing), "round {round}: {managing} is not among {left:?}");
    }
}

impl TestApp {
    /// Puts somebody into these organizations, in this order and anew.
    async fn belongs_to(&self, user_id: &str, organizations: Vec<String>, managing: &str) {
        self.sql(format!("DELETE FROM memberships WHERE user_id = '{user_id}'")).await;
        self.sql(format!("UPDATE users SET managing_organization_id = '{managing}' WHERE id = '{user_id}'")).await;
        let (id, now) = (user_id.to_owned(), self.app.core.clock.now());
        self.write(move |conn| {
            for organization in &organizations {
                memberships::insert(conn, &membership(&id, organization, Role::Member, now))?;
            }
            Ok(())
        })
        .await;
    }

    async fn places_of(&self, user_id: &str) -> Vec<String> {
        let id = user_id.to_owned();
        let rows = self.read(move |conn| Ok(memberships::list(conn, &id)?)).await;
        rows.into_iter().map(|row| row.organization_id).collect()
    }

    async fn owner_of(&self, user_id: &str, organization_id: &str) -> Actor {
        let (user, organization) = (user_id.to_owned(), organization_id.to_owned());
        let (user, organization) =
            self.read(move |conn| Ok((users::find(conn, &user)?, organizations::find(conn, &organization)?))).await;
        Actor {
            user: user.expect("the owner"),
            organization,
            role: Some(Role::Owner),
            reach: Reach::Organizations(vec![organization_id.to_owned()]),
            via: Via::Console,
        }
    }

    async fn remove_by(&self, owner: &str, organization_id: &str, person: &str) -> bool {
        let actor = self.owner_of(owner, organization_id).await;
        let organization = actor.organization.clone().expect("the organization");
        let done = removal::remove(&self.app.core, &actor, &organization, person, &Origin::default()).await;
        done.expect("no fault").is_ok()
    }

    async fn hand_over_by(&self, owner: &str, from: &str, person: &str, to: &str) -> bool {
        let actor = self.owner_of(owner, from).await;
        managing::hand_over(&self.app.core, &actor, person, to, &Origin::default()).await.expect("no fault").is_ok()
    }
}
