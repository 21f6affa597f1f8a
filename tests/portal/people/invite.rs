//! **Add user** and **Invitations**.

use vestibule::models::outbox_messages::list_of_organization;
use vestibule::models::{Account, Role, audit_entries, users};

use crate::registration::{agree, create};
use crate::support::{BY_EMAIL, TestApp};

const EMAIL: &str = "ada.quimby@harborvalley.example";

/// U10: somebody who was invited is led through registering, and belongs as what the account holder chose.
#[tokio::test]
async fn somebody_invited_registers_and_belongs() {
    let app = TestApp::spawn().await;
    let mut owner = app.signed_in("owner.one").await;
    app.invite(&mut owner, "ada.quimby", EMAIL, Some("Administrator")).await;
    owner
        .must_be_at("/admin/invitations")
        .must_say("The invitation was sent.")
        .must_say("Ada Quimby")
        .must_say("Invited");
    let user = app.user("ada.quimby").await.expect("an account");
    assert_eq!((user.account, user.password_hash.is_none()), (Account::Invited, true));
    let mut ada = app.browser();
    // Nothing signs in before a password is chosen.
    ada.choose(BY_EMAIL, false).await;
    ada.sign_in_as(EMAIL, "a password nobody has chosen").await;
    ada.must_say("not right");
    let link = app.link_to(EMAIL).await;
    app.verify_address(&mut ada, &link, EMAIL, "Email").await;
    create(&mut ada, "quiet heron over wide water").await;
    agree(&mut ada).await;
    ada.must_be_at("/home").must_say("Administration");
    owner.get("/admin/invitations").await;
    assert!(!owner.says("Ada Quimby"));
    let entries = app.read(move |conn| Ok(audit_entries::list_of_user(conn, &user.id, &["invited"], 9)?)).await;
    assert_eq!((entries.len(), entries[0].actor_id.clone()), (1, Some(app.user_id("owner.one"))));
}

/// SPEC section 3: an address that has an account answers the same, and counts once its owner accepts.
#[tokio::test]
async fn somebody_who_has_an_account_joins_by_accepting() {
    let app = TestApp::spawn().await;
    let mut owner = app.signed_in("owner.one").await;
    app.invite(&mut owner, "k.hollis", &app.email("khollis"), None).await;
    owner
        .must_be_at("/admin/invitations")
        .must_say("The invitation was sent.")
        .must_say("Ada Quimby")
        .must_say("Invited");
    assert!(!owner.says("Kendra"), "the account's own name is not told");
    assert!(app.membership_of("khollis", "harbor_valley").await.is_none());
    assert_eq!(app.count_of("khollis", "invitation_offer").await, 1);
    let mut other = app.signed_in("malvarez").await;
    let mut kendra = app.signed_in("khollis").await;
    kendra.get("/invitations").await;
    kendra.must_say("Harbor Valley Health").must_say("As Member");
    let accept = kendra.page().attribute("form[action$='/accept']", "action").expect("a form");
    other.get("/invitations").await;
    other.must_say("No invitation waits for you.");
    let foreign = other.post_only(&accept, &[]).await;
    assert_eq!((foreign.status, foreign.body.contains("Harbor Valley")), (404, false), "somebody else's");
    kendra.click("Accept").await;
    kendra.must_be_at("/invitations").must_say("You have joined.");
    let membership = app.membership_of("khollis", "harbor_valley").await.expect("a membership");
    assert_eq!(membership.role, Role::Member);
    let id = app.user_id("khollis");
    let user = app.read(move |conn| Ok(users::find(conn, &id)?)).await.expect("the account");
    assert_eq!(user.managing_organization_id, Some(app.organization_id("riverside")), "managed where it was");
    let again = kendra.post_only(&accept, &[]).await;
    assert_eq!(again.status, 404, "once");
    assert!(again.body.contains("That invitation is over") && again.body.contains("answered already"));
}

/// SPEC section 3: the list does not tell who has an account, on the day or later.
#[tokio::test]
async fn the_list_tells_the_same_of_somebody_who_has_an_account() {
    let app = TestApp::spawn().await;
    let mut owner = app.signed_in("owner.one").await;
    app.invite(&mut owner, "k.hollis", &app.email("khollis"), None).await;
    app.invite(&mut owner, "ada.quimby", EMAIL, None).await;
    for later in [0, 25 * 3_600] {
        app.later(later);
        let mut owner = app.signed_in("owner.one").await;
        owner.get("/admin/invitations").await;
        let said = |what: &str| owner.page().texts(&format!("tbody td[data-l='{what}']"));
        // The demo's own is the third.
        assert_eq!(said("Status"), ["Invited"; 3]);
        let sent = said("Sent");
        assert!(
            sent.len() == 3 && sent.iter().all(|when| !when.contains("until") && !when.contains("ended")),
            "{sent:?}"
        );
    }
}

/// Neither does the Audit Log, nor what was sent: whose account an address belongs to is not for who typed it.
#[tokio::test]
async fn nothing_an_administrator_reads_names_the_account_behind_an_offer() {
    let app = TestApp::spawn().await;
    let mut owner = app.signed_in("owner.one").await;
    let id = app.user_id("khollis");
    for answer in ["Decline", "Withdraw"] {
        app.invite(&mut owner, "k.hollis", &app.email("khollis"), None).await;
        owner.get("/admin/invitations").await;
        owner.click("Send again").await;
        if answer == "Decline" {
            let mut kendra = app.signed_in("khollis").await;
            kendra.get("/invitations").await;
            kendra.click(answer).await;
        } else {
            owner.get("/admin/invitations").await;
            owner.click(answer).await;
        }
    }
    owner.get("/admin/audit").await;
    owner.must_say("Invited").must_say("Invitation sent again").must_say("Invitation declined");
    owner.must_say("Invitation withdrawn").must_say(&app.email("khollis"));
    let named = owner.says("Kendra") || owner.says(&id) || owner.page().has(&format!("[href*='{id}']"));
    assert!(!named, "{}", owner.text());
    assert!(app.count_of("khollis", "invitation_offer").await >= 2);
    let (here, whose) = (app.organization_id("harbor_valley"), id.clone());
    let sent = app.read(move |conn| Ok(list_of_organization(conn, &here, Some(&whose), (None, None), None, 9)?)).await;
    assert!(sent.is_empty(), "{sent:?}");
    let entries = app.read(move |conn| Ok(audit_entries::list_of_user(conn, &id, &["invited"], 9)?)).await;
    assert_eq!(entries.len(), 2, "the person's own activity has them");
}

/// SPEC section 3: a link lives as long as its mail says, also one that is sent again late.
#[tokio::test]
async fn an_invitation_sent_again_late_lives_its_day() {
    let app = TestApp::spawn().await;
    let mut owner = app.signed_in("owner.one").await;
    app.invite(&mut owner, "ada.quimby", EMAIL, None).await;
    app.later(7 * 86_400 - 1_800);
    let mut owner = app.signed_in("owner.one").await;
    owner.get("/admin/invitations").await;
    owner.click("Send again").await;
    let link = app.link_to(EMAIL).await;
    app.later(23 * 3_600);
    let mut ada = app.browser();
    ada.get(&link).await;
    ada.must_be_at("/register/method");
}

#[tokio::test]
async fn an_offer_can_be_declined_and_ends_after_a_week() {
    let app = TestApp::spawn().await;
    let mut owner = app.signed_in("owner.one").await;
    app.invite(&mut owner, "k.hollis", &app.email("khollis"), None).await;
    let mut kendra = app.signed_in("khollis").await;
    kendra.get("/invitations").await;
    kendra.click("Decline").await;
    kendra.must_say("You have declined.").must_say("No invitation waits for you.");
    app.invite(&mut owner, "k.hollis", &app.email("khollis"), None).await;
    app.later(7 * 86_400 + 1);
    let mut kendra = app.signed_in("khollis").await;
    kendra.get("/invitations").await;
    kendra.must_say("No invitation waits for you.");
    assert!(app.membership_of("khollis", "harbor_valley").await.is_none());
}

/// SPEC section 7: only account holders see the role control, ASVS 8.2.3: and a forged field does nothing.
/// ASVS 6.4.6.
#[tokio::test]
async fn only_account_holders_give_roles() {
    let app = TestApp::spawn().await;
    let mut admin = app.signed_in("admin").await;
    admin.get("/admin/users/new").await;
    assert!(!admin.page().has("input[name=role]"));
    let fields = [("username", "x.y.z"), ("first_name", "X"), ("last_name", "Y"), ("email", EMAIL), ("role", "owner")];
    assert_eq!(app.post_in_console(&mut admin, "/admin/users/new", &fields).await, 403);
    assert!(app.user("x.y.z").await.is_none());
    // ASVS 6.4.6: there is no field for a password.
    let fields = [("username", "x.y.z"), ("first_name", "X"), ("last_name", "Y"), ("email", EMAIL), ("password", "p")];
    admin.get("/admin/users/new").await;
    assert_eq!(app.post_in_console(&mut admin, "/admin/users/new", &fields).await, 400);
    assert!(app.user("x.y.z").await.is_none());
}

/// What was typed comes back with what is wrong; a username that is taken tells nothing about addresses.
#[tokio::test]
async fn what_is_wrong_is_said_beside_its_field() {
    let app = TestApp::spawn().await;
    let mut owner = app.signed_in("owner.one").await;
    for email in [EMAIL.to_owned(), app.email("khollis")] {
        app.invite(&mut owner, "phone.only", &email, None).await;
        owner.must_be_at("/admin/users/new").must_say("This username is taken.");
        assert_eq!(owner.page().value("Email"), Some(email));
    }
    app.invite(&mut owner, "ada.quimby", &app.email("phone.only"), None).await;
    owner.must_say("belongs to Harbor Valley Health already.");
    app.invite(&mut owner, "no spaces", "nonsense", None).await;
    owner.must_say("Use letters, numbers").must_say("Enter an email address");
}

/// ASVS 6.4.1: a link is good for a day and until a newer one; a withdrawn one opens nothing.
#[tokio::test]
async fn an_invitation_is_sent_again_and_withdrawn() {
    let app = TestApp::spawn().await;
    let mut owner = app.signed_in("owner.one").await;
    app.invite(&mut owner, "ada.quimby", EMAIL, None).await;
    let first = app.link_to(EMAIL).await;
    owner.click("Send again").await;
    owner.must_say("The invitation was sent.");
    let second = app.link_to(EMAIL).await;
    assert_ne!(first, second);
    let mut ada = app.browser();
    ada.get(&first).await;
    ada.must_say("This link has expired");
    app.later(23 * 3_600);
    ada.get(&second).await;
    ada.must_be_at("/register/method");
    let mut owner = app.signed_in("owner.one").await;
    owner.get("/admin/invitations").await;
    owner.click("Withdraw").await;
    owner.must_say("The invitation was withdrawn.");
    assert!(!owner.says("Ada Quimby"));
    owner.click("Withdraw").await;
    owner.must_say("The invitation was withdrawn.").must_say("No invitation waits.");
    assert!(app.user("ada.quimby").await.is_none(), "an account that was never used goes");
    ada.get(&second).await;
    ada.must_say("This link has expired");
}

/// The invited people of the demo stand among the invitations, and one can be sent again.
#[tokio::test]
async fn the_demos_invited_people_wait_as_invitations() {
    let app = TestApp::spawn().await;
    for (owner, invited, name) in [("owner.one", "invited", "Noor Siddiqui"), ("hklein", "bmccoy", "Bethany McCoy")] {
        let mut owner = app.administering(owner).await;
        owner.get("/admin/invitations").await;
        owner.must_say(name).must_say(&app.email(invited));
        owner.click("Send again").await;
        owner.must_be_at("/admin/invitations").must_say(name);
        assert!(app.outbox_of(invited).await.iter().any(|mail| mail.link.is_some()), "{invited}");
    }
}
