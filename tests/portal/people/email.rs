//! A new e-mail address that an administrator proposes, and the profile beside it.

use vestibule::models::{profiles, users};

use crate::support::{BY_PHONE, TestApp};

const NEW: &str = "m.tran@harborvalley.example";

/// SPEC section 7, ASVS 6.3.7: it counts once its owner confirms it; the old address is told both times.
#[tokio::test]
async fn a_proposed_address_counts_once_it_is_confirmed() {
    let app = TestApp::spawn().await;
    let mut marcus = app.signed_in("phone.only").await;
    let mut admin = app.signed_in("admin").await;
    let page = format!("/admin/users/{}/profile", app.user_id("phone.only"));
    admin.get(&page).await;
    admin.fill("New Email", NEW).click("Send link").await;
    admin.must_be_at(&page).must_say("A link was sent to the new address.").must_say("Waiting to be confirmed");
    let old = app.email("phone.only");
    let told = app.outbox_of("phone.only").await;
    assert!(told.iter().any(|m| m.kind == "email_proposed" && m.to == old));
    assert!(told.iter().all(|m| m.link.is_none() || m.to == NEW), "the link goes to the new address alone");
    marcus.get("/home").await;
    marcus.must_be_at("/home");
    let link = app.link_to(NEW).await;
    let mut mailbox = app.browser();
    for _ in 0..3 {
        mailbox.get(&link).await;
        mailbox.must_be_at("/email-change").must_say(NEW);
    }
    mailbox.click("Confirm").await;
    mailbox.must_say("The address was confirmed.");
    assert!(app.outbox_of("phone.only").await.iter().any(|m| m.kind == "email_confirmed" && m.to == old));
    marcus.get("/home").await;
    assert!(marcus.path().starts_with("/login"), "every session has ended");
    let mut again = app.browser();
    again.choose(BY_PHONE, false).await;
    again.sign_in_as(NEW, &app.password("phone.only")).await;
    again.must_be_at("/login/verify/phone");
    mailbox.get(&link).await;
    mailbox.must_say("This link has expired");
}

/// A code for a forgotten password that went to the old address is worth nothing once the new one counts.
#[tokio::test]
async fn a_confirmed_address_voids_codes_sent_to_the_old_one() {
    let app = TestApp::spawn().await;
    let mut old_mailbox = app.browser();
    old_mailbox.get("/forgot-password").await;
    old_mailbox.fill("Email Address", &app.email("member.none")).click("Send verification code").await;
    let code = app.newest_is("member.none", "sent").await.code.expect("a message with a code");
    let mut admin = app.signed_in("admin").await;
    admin.get(&format!("/admin/users/{}/profile", app.user_id("member.none"))).await;
    admin.fill("New Email", NEW).click("Send link").await;
    let mut mailbox = app.browser();
    mailbox.get(&app.link_to(NEW).await).await;
    mailbox.click("Confirm").await;
    mailbox.must_say("The address was confirmed.");
    old_mailbox.fill("Verification code", &code).click("Verify code").await;
    assert!(!old_mailbox.says("E-mail address verified"));
    old_mailbox.get("/forgot-password/new-password").await;
    assert!(!old_mailbox.says("Confirm New Password"));
}

/// Whoever changes the address themselves has decided: what was proposed before is void.
#[tokio::test]
async fn a_proposal_is_void_once_its_owner_chose_another_address() {
    let app = TestApp::spawn().await;
    let mut admin = app.signed_in("admin").await;
    admin.get(&format!("/admin/users/{}/profile", app.user_id("member.none"))).await;
    admin.fill("New Email", NEW).click("Send link").await;
    let link = app.link_to(NEW).await;
    let mut own = app.signed_in("member.none").await;
    own.get("/security/email").await;
    own.fill("New Email Address", "carla@example.org").click("Send verification code").await;
    app.newest_is("member.none", "sent").await;
    let code = app.code_to("carla@example.org").await;
    own.fill("Verification code", &code).click("Verify code").await;
    own.must_say("Your e-mail address was changed.");
    let mut mailbox = app.browser();
    mailbox.get(&link).await;
    mailbox.must_say("This link has expired");
}

/// An address that has an account answers the same; its owner is told, and nothing can be confirmed.
#[tokio::test]
async fn an_address_that_is_taken_looks_the_same() {
    let app = TestApp::spawn().await;
    let mut admin = app.signed_in("admin").await;
    let page = format!("/admin/users/{}/profile", app.user_id("phone.only"));
    admin.get(&page).await;
    let taken = app.email("khollis");
    admin.fill("New Email", &taken).click("Send link").await;
    admin.must_say("A link was sent to the new address.").must_say("Waiting to be confirmed");
    let told = app.outbox_of("khollis").await;
    assert_eq!(told.iter().map(|m| m.kind.as_str()).collect::<Vec<_>>(), ["address_wanted"]);
    assert!(told[0].text.contains("An administrator proposed your e-mail address"), "{}", told[0].text);
    assert!(!told[0].text.contains("register"), "{}", told[0].text);
    assert!(app.outbox().await.iter().all(|m| m.kind != "email_proposal"));
}

/// SPEC section 7: only the managing organization changes an account, and nobody a higher role's.
#[tokio::test]
async fn only_the_managing_organization_edits() {
    let app = TestApp::spawn().await;
    let mut admin = app.signed_in("malvarez").await;
    let page = format!("/admin/users/{}/profile", app.user_id("two.orgs"));
    admin.get(&page).await;
    admin.must_say("Managed by Harbor Valley Health");
    assert!(!admin.page().has("input[name=first_name]"));
    admin.get("/admin/users/new").await;
    let fields = [("email", NEW)];
    let path = format!("/admin/users/{}/email", app.user_id("two.orgs"));
    app.post_in_console(&mut admin, &path, &fields).await;
    admin.must_say("Managed by Harbor Valley Health");
    assert_eq!(app.count_of("two.orgs", "email_proposed").await, 0);
    let mut below = app.signed_in("admin").await;
    below.get(&format!("/admin/users/{}/profile", app.user_id("owner.one"))).await;
    below.must_say("This user has a higher role than you.");
}

#[tokio::test]
async fn names_and_profile_are_kept_and_told() {
    let app = TestApp::spawn().await;
    let mut admin = app.signed_in("admin").await;
    let id = app.user_id("two.orgs");
    let page = format!("/admin/users/{id}/profile");
    admin.get(&page).await;
    admin.fill("First Name", "").fill("Phone", "call me").click("Save").await;
    admin.must_say("Enter the first name.").must_say("with its area code");
    admin.get(&page).await;
    admin.fill("First Name", "Gabriele").fill("City", "Yazoo City").click("Save").await;
    admin.must_be_at(&page).must_say("The profile was saved.").must_say("Profile of Gabriele Santos");
    let user_id = id.clone();
    let (user, profile) =
        app.read(move |conn| Ok((users::find(conn, &user_id)?, profiles::find(conn, &user_id)?))).await;
    assert_eq!(user.expect("the account").first_name_lower, "gabriele");
    assert_eq!(profile.expect("a profile").city, "Yazoo City");
    admin.get("/admin/users?q=gabriele").await;
    admin.must_say("Gabriele");
    assert_eq!(app.audited("two.orgs", "profile_edited", "success").await, 1);
    // The administrators of the other organization hear of it.
    let mut other = app.signed_in("khollis").await;
    other.get("/messages").await;
    other.must_say("A profile was changed");
}

/// SPEC section 7: what the managing organization proposed is void once it does not manage the account, and what
/// somebody proposed once they may not.
#[tokio::test]
async fn a_proposal_ends_with_the_authority_of_whoever_made_it() {
    let app = TestApp::spawn().await;
    let id = app.user_id("two.orgs");
    let propose = async |username: &str, email: &str| {
        let mut admin = app.signed_in(username).await;
        admin.get(&format!("/admin/users/{id}/profile")).await;
        admin.fill("New Email", email).click("Send link").await;
        admin.must_say("A link was sent to the new address.");
        app.link_to(email).await
    };
    let goes_on = async |link: &str| {
        let mut mailbox = app.browser();
        mailbox.get(link).await;
        !mailbox.says("This link has expired")
    };
    // An administrator who is none any more.
    let link = propose("admin", "evil1@stranger.example").await;
    assert!(goes_on(&link).await);
    let admin = app.user_id("admin");
    app.sql(format!("UPDATE memberships SET role = 'member' WHERE user_id = '{admin}'")).await;
    assert!(!goes_on(&link).await);
    // An organization that manages the account no more, by handing it over and by removing the person.
    let link = propose("owner.one", "evil2@stranger.example").await;
    let mut mailbox = app.browser();
    mailbox.get(&link).await;
    mailbox.must_say("evil2@stranger.example");
    let mut owner = app.signed_in("owner.two").await;
    owner.get(&format!("/admin/users/{id}/managing")).await;
    owner.check("Riverside Family Clinic", true).click("Hand over").await;
    owner.must_say("The account was handed over.");
    mailbox.click("Confirm").await;
    assert!(!mailbox.says("The address was confirmed."), "{}", mailbox.text());
    let link = propose("khollis", "evil3@stranger.example").await;
    let mut owner = app.signed_in("khollis").await;
    owner.get(&format!("/admin/users/{id}/remove")).await;
    owner.click("Remove Gabriel").await;
    owner.must_say("no longer belongs to this organization");
    assert!(!goes_on(&link).await);
    assert_eq!(app.account_of("two.orgs").await.email, app.email("two.orgs"));
    // And a proposal of whoever looks after the account now holds.
    let link = propose("owner.two", NEW).await;
    assert!(goes_on(&link).await);
}
