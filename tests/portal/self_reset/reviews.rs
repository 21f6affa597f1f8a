//! E5: names that differ go to people. Who may decide, what they see, what is told, what is erased.

use super::*;
use crate::support::{BY_EMAIL, BY_PHONE};

/// A request of somebody whose document shows another name.
pub(super) async fn in_review(app: &TestApp, username: &str, names: (&str, &str)) -> String {
    let mut browser = on_the_way(app, username).await;
    let id = begin(&mut browser).await;
    play(app, &id, "verified", Some(names)).await;
    assert_eq!(state(app, username).await, "review");
    browser.get("/mfa/reset/progress").await;
    browser.must_say("Your administrators compare the name");
    rows(app, username).await.pop().expect("a request").id
}

/// An administrator's decision about the review of somebody.
pub(super) async fn decide(app: &TestApp, username: &str, approve: bool) {
    let id = rows(app, username).await.pop().expect("a request").id;
    let mut admin = admin(app, "admin").await;
    admin.get(&format!("/admin/reviews/{id}")).await;
    let (field, button) = if approve { ("How did you check who this is?", "Approve") } else { ("Reason", "Refuse") };
    admin.fill(field, "Called the number on file").click(button).await;
    admin.must_be_at("/admin/reviews");
}

async fn admin(app: &TestApp, username: &str) -> Browser {
    let mut browser = app.browser();
    app.sign_in(&mut browser, BY_PHONE, false, username).await;
    if username == "technician" {
        browser.click("Riverside Family Clinic").await;
    }
    browser
}

/// E5: these pass without a person.
#[tokio::test]
async fn short_forms_accents_and_order_pass() {
    let app = TestApp::spawn().await;
    for (username, first, last) in
        [("rsmith", "Bob", "Smith"), ("jnunez", "JOSE", "NUNEZ"), ("phone.only", "Tran", "Marcus")]
    {
        let mut browser = on_the_way(&app, username).await;
        let id = begin(&mut browser).await;
        play(&app, &id, "verified", Some((first, last))).await;
        assert_eq!(state(&app, username).await, "ready", "{username}");
    }
}

/// E5: seen, approved by somebody who vouches, told; names erased.
#[tokio::test]
async fn an_administrator_approves_and_says_how_they_checked() {
    let app = TestApp::spawn().await;
    let id = in_review(&app, "phone.only", ("Markus", "Trahn")).await;
    for who in ["admin", "owner.one", "owner.two"] {
        assert_eq!(app.count_of(who, "self_reset_review").await, 1, "{who}");
    }
    assert_eq!(app.count_of("operator", "self_reset_review").await, 0);
    assert_eq!(app.count_of("phone.only", "self_reset_ready").await, 0);
    let sealed = rows(&app, "phone.only").await.pop().expect("a request").document.expect("the names, sealed");
    assert!(!String::from_utf8_lossy(&sealed).contains("Markus"));

    let mut admin = admin(&app, "admin").await;
    admin.get("/admin/reviews").await;
    admin.must_be_at("/admin/reviews").must_say("Marcus Tran");
    admin.click("Marcus Tran").await;
    admin.must_say("Markus Trahn").must_say("another").must_say("Name on the document");
    admin.fill("How did you check who this is?", "yes").click("Approve").await;
    admin.must_say("Say how you made sure who it is");
    let longer = "x".repeat(501);
    admin.fill("How did you check who this is?", &longer).click("Approve").await;
    admin.must_say("Enter at most 500 characters.");
    assert_eq!(admin.page().value("How did you check who this is?"), Some(longer), "what was typed is kept");
    admin.fill("How did you check who this is?", "Called the number on file").click("Approve").await;
    admin.must_be_at("/admin/reviews").must_say("Your decision was kept").must_say("Nothing to review.");

    let row = rows(&app, "phone.only").await.pop().expect("a request");
    assert_eq!((row.state.as_str(), row.document.is_some()), ("ready", false));
    assert_eq!((row.decided_by, row.note.as_deref()), (Some(app.user_id("admin")), Some("Called the number on file")));
    let mail = app.newest_is("phone.only", "sent").await;
    assert!(mail.text.contains("Your administrators have compared the names"), "{}", mail.text);
    let mut browser = app.browser();
    browser.get(&link(&app, "phone.only", "self_reset_ready").await).await;
    let password = app.password("phone.only");
    browser.fill("Password", &password).click("Remove my factors").await;
    browser.must_be_at("/login");
    admin.get(&format!("/admin/reviews/{id}")).await;
    assert_eq!(admin.status(), 404);
}

#[tokio::test]
async fn an_administrator_refuses_and_the_person_reads_why() {
    let app = TestApp::spawn().await;
    let id = in_review(&app, "phone.only", ("Mallory", "Thief")).await;
    let mut admin = admin(&app, "admin").await;
    admin.get(&format!("/admin/reviews/{id}")).await;
    admin.fill("Reason", "").click("Refuse").await;
    admin.must_say("Say why, in ten characters or more");
    admin.fill("Reason", "This is somebody else's document").click("Refuse").await;
    admin.must_be_at("/admin/reviews");
    let row = rows(&app, "phone.only").await.pop().expect("a request");
    assert_eq!((row.state.as_str(), row.document.is_some()), ("refused", false));
    let mail = app.newest_is("phone.only", "sent").await;
    assert!(mail.kind == "self_reset_refused" && mail.text.contains("somebody else's document"), "{}", mail.text);
    assert_eq!((factors(&app, "phone.only").await, app.count_of("phone.only", "self_reset_ready").await), (1, 0));
    let answer = admin.post_only(&format!("/admin/reviews/{id}/approve"), &[("how", "I changed my mind")]).await;
    assert_ne!(answer.status, 303);
    assert_eq!(state(&app, "phone.only").await, "refused");
}

/// ASVS 8.2.2: nobody else's, not one's own, nobody above.
#[tokio::test]
async fn only_who_may_reset_somebody_may_decide() {
    let app = TestApp::spawn().await;
    let of_member = in_review(&app, "phone.only", ("Mallory", "Thief")).await;
    let of_owner = in_review(&app, "owner.two", ("Mallory", "Thief")).await;
    let organization = app.organization_id("harbor_valley");

    let mut member = app.signed_in("email.only").await;
    assert_eq!(member.get_only("/admin/reviews").await.status, 403);
    let mut stranger = admin(&app, "rtsosie").await;
    stranger.get("/admin/reviews").await;
    stranger.must_say("Nothing to review.");
    for id in [&of_member, "0192f3a4-0000-7000-8000-000000000001"] {
        stranger.get(&format!("/admin/reviews/{id}")).await;
        assert_eq!(stranger.status(), 404);
    }
    stranger.get("/admin/reviews").await;
    let theirs = app.organization_id("summit");
    let fields = [("how", "Called the number on file"), ("organization_id", theirs.as_str())];
    assert_eq!(stranger.post_only(&format!("/admin/reviews/{of_member}/approve"), &fields).await.status, 404);

    let mut admin = admin(&app, "admin").await;
    admin.get(&format!("/admin/reviews/{of_owner}")).await;
    admin.must_say("holds a higher role");
    assert!(!admin.page().controls().iter().any(|c| c == "Approve"));
    let fields = [("how", "Called the number on file"), ("organization_id", organization.as_str())];
    let answer = admin.post_only(&format!("/admin/reviews/{of_owner}/approve"), &fields).await;
    assert_eq!(answer.status, 403);
    assert_eq!(state(&app, "owner.two").await, "review");
    let fields = [("how", "Called the number on file"), ("organization_id", "another")];
    assert_eq!(admin.post_only(&format!("/admin/reviews/{of_member}/approve"), &fields).await.status, 409);

    // Equal may decide for equal, and nobody for themselves; signing in ends one's own request anyway.
    let mut owner = app.browser();
    app.sign_in(&mut owner, BY_EMAIL, false, "owner.one").await;
    owner.get(&format!("/admin/reviews/{of_owner}")).await;
    owner.fill("How did you check who this is?", "Met in person today").click("Approve").await;
    owner.must_be_at("/admin/reviews");
    assert_eq!(state(&app, "owner.two").await, "ready");
}

/// An account holder whom the organization's other administrators may not judge is for the operators.
#[tokio::test]
async fn operators_are_told_where_nobody_else_may_decide() {
    let app = TestApp::spawn().await;
    in_review(&app, "sole.owner", ("Mallory", "Thief")).await;
    assert_eq!(app.count_of("operator", "self_reset_review").await, 1);
}

/// A sole administrator's own goes to the operators; where others could, they say that nobody can (T1).
#[tokio::test]
async fn operators_decide_for_a_sole_administrator_and_with_a_word_for_others() {
    let app = TestApp::spawn().await;
    let technician = app.user_id("technician");
    app.sql(format!("DELETE FROM memberships WHERE user_id = '{technician}'")).await;
    let alone = in_review(&app, "sole.owner", ("Mallory", "Thief")).await;
    assert_eq!(app.count_of("operator", "self_reset_review").await, 1);
    let other = in_review(&app, "phone.only", ("Mallory", "Thief")).await;
    assert_eq!(app.count_of("operator", "self_reset_review").await, 1);

    let mut operator = admin(&app, "operator").await;
    operator.get("/admin/reviews").await;
    operator.must_say("Ruth Delacroix").must_say("Marcus Tran");
    operator.get(&format!("/admin/reviews/{alone}")).await;
    assert!(!operator.says("No administrator of the organization can be reached"));
    operator.fill("How did you check who this is?", "Called the owner's line").click("Approve").await;
    assert_eq!(state(&app, "sole.owner").await, "ready");

    operator.get(&format!("/admin/reviews/{other}")).await;
    operator.fill("How did you check who this is?", "Called the number on file").click("Approve").await;
    operator.must_say("Confirm that no administrator of the organization can be reached.");
    assert_eq!(state(&app, "phone.only").await, "review");
    let organization = app.organization_id("harbor_valley");
    let fields =
        [("how", "Called the number on file"), ("nobody_else", "1"), ("organization_id", organization.as_str())];
    operator.post(&format!("/admin/reviews/{other}/approve"), &fields).await;
    assert_eq!(state(&app, "phone.only").await, "ready");
    for who in ["admin", "owner.one", "owner.two"] {
        assert_eq!(app.count_of(who, "self_reset_decided").await, 1, "{who}");
    }
}

/// Whoever could change the name could pass for its owner: a person looks.
#[tokio::test]
async fn a_name_or_address_that_changed_lately_has_a_person_look() {
    let app = TestApp::spawn().await;
    let id = app.user_id("phone.only");
    app.write({
        let (id, now) = (id.clone(), app.app.core.clock.now());
        move |conn| Ok(vestibule::models::users::rename(conn, &id, "Marcus", "Tran", now)?)
    })
    .await;
    app.later(6 * 86_400);
    in_review(&app, "phone.only", ("Marcus", "Tran")).await;
    let row = rows(&app, "phone.only").await.pop().expect("a request");
    assert!(row.reasons.contains("changed within the last 7 days"), "{}", row.reasons);

    // While the request is open.
    let mut browser = on_the_way(&app, "email.only").await;
    let check = begin(&mut browser).await;
    let id = app.user_id("email.only");
    app.sql(format!("UPDATE users SET last_name = 'Thief' WHERE id = '{id}'")).await;
    play(&app, &check, "verified", Some(("Leila", "Thief"))).await;
    assert_eq!(state(&app, "email.only").await, "review");

    // After the reset link went out.
    let mut browser = at_the_password(&app, "kowens").await;
    let id = app.user_id("kowens");
    app.sql(format!("UPDATE users SET first_name = 'Mallory' WHERE id = '{id}'")).await;
    let password = app.password("kowens");
    browser.fill("Password", &password).click("Remove my factors").await;
    assert_eq!((state(&app, "kowens").await, factors(&app, "kowens").await), ("canceled".into(), 1));
}

/// A review that nobody decides ends by itself, and the names with it.
/// ASVS 14.2.7.
#[tokio::test]
async fn a_review_ends_after_a_week_and_the_names_are_erased() {
    let app = TestApp::spawn().await;
    let id = in_review(&app, "phone.only", ("Mallory", "Thief")).await;
    app.later(7 * 86_400 + 60);
    let provider = app.app.identity.clone().expect("a provider");
    vestibule::domain::self_reset::tidy(&app.app.core, &*provider, app.app.identity_record()).await.expect("no fault");
    let row = rows(&app, "phone.only").await.pop().expect("a request");
    assert_eq!((row.state.as_str(), row.document.is_some()), ("expired", false));
    let mut admin = admin(&app, "admin").await;
    admin.get(&format!("/admin/reviews/{id}")).await;
    assert_eq!(admin.status(), 404);
}

/// Two who decide at once: one of them does.
#[tokio::test]
async fn one_decision_counts() {
    let app = TestApp::spawn().await;
    let id = in_review(&app, "phone.only", ("Mallory", "Thief")).await;
    let mut admin = admin(&app, "admin").await;
    admin.get(&format!("/admin/reviews/{id}")).await;
    let organization = app.organization_id("harbor_valley");
    let mut posts = tokio::task::JoinSet::new();
    for n in 0..10 {
        let (mut copy, id, organization) = (admin.clone(), id.clone(), organization.clone());
        posts.spawn(async move {
            let (act, field) = if n % 2 == 0 { ("approve", "how") } else { ("refuse", "reason") };
            let fields = [(field, "Called the number on file"), ("organization_id", organization.as_str())];
            copy.post_only(&format!("/admin/reviews/{id}/{act}"), &fields).await.status
        });
    }
    let statuses = posts.join_all().await;
    assert_eq!(statuses.iter().filter(|s| **s == 303).count(), 1, "{statuses:?}");
    let told =
        app.count_of("phone.only", "self_reset_ready").await + app.count_of("phone.only", "self_reset_refused").await;
    assert_eq!(told, 1);
}
