//! Removing somebody from an organization: what goes, what stays, who always remains.

use vestibule::domain::administration::{Actor, Reach, Via};
use vestibule::domain::audit::Origin;
use vestibule::domain::people::removal;
use vestibule::models::memberships::{self, Membership};
use vestibule::models::{Account, Role, organizations, users};

use crate::support::TestApp;

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
