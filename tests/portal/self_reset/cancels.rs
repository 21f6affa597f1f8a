//! E11 and **This wasn't me**: each end is told.

use super::*;
use crate::support::BY_PHONE;

async fn is_over(app: &TestApp, username: &str, browser: &mut Browser) {
    assert_eq!(state(app, username).await, "canceled");
    assert_eq!(app.count_of(username, "self_reset_canceled").await, 1);
    browser.get("/mfa/reset/progress").await;
    browser.must_say("This reset was canceled");
}

/// E11: a factor is used while a request is pending, at whatever step.
#[tokio::test]
async fn a_sign_in_with_a_factor_cancels_the_request() {
    let app = TestApp::spawn().await;
    let mut browser = at_the_password(&app, "phone.only").await;
    app.after_password(BY_PHONE, "phone.only").await;
    assert_eq!(state(&app, "phone.only").await, "ready", "a password alone cancels nothing");
    app.signed_in("phone.only").await;
    is_over(&app, "phone.only", &mut browser).await;
    browser.get(&link(&app, "phone.only", "self_reset_ready").await).await;
    browser.must_say("This reset was canceled");
    assert_eq!(factors(&app, "phone.only").await, 1);
    app.forget_limits("mails:").await;
    ask(&app, &app.email("phone.only")).await.must_say(SENT);
    assert_eq!(state(&app, "phone.only").await, "requested", "another may be begun");
}

/// E11: an administrator was faster.
#[tokio::test]
async fn an_administrators_reset_cancels_the_request() {
    use vestibule::domain::administration::{Actor, Reach, Via};
    use vestibule::domain::audit::Origin;
    use vestibule::domain::mfa_reset::{Request, reset};
    use vestibule::models::{ResetScope, Role, organizations, users};

    let app = TestApp::spawn().await;
    let mut browser = on_the_way(&app, "phone.only").await;
    let (admin, harbor) = (app.user_id("admin"), app.organization_id("harbor_valley"));
    let actor = app
        .read(move |conn| {
            let organization = organizations::find(conn, &harbor)?;
            let user = users::find(conn, &admin)?.expect("the administrator");
            let reach = Reach::Organizations(vec![harbor.clone()]);
            Ok(Actor { user, organization, role: Some(Role::Admin), reach, via: Via::Console })
        })
        .await;
    let request = Request {
        user_ids: vec![app.user_id("phone.only")],
        scope: ResetScope::All,
        label: "Reset Multi-factor".into(),
        reason: String::new(),
        operator_confirmed: false,
    };
    let done = reset(&app.app.core, &actor, request, &Origin::default()).await.expect("no fault");
    assert!(done.is_ok());
    is_over(&app, "phone.only", &mut browser).await;
}

#[tokio::test]
async fn the_link_that_says_it_was_somebody_else_stops_it_with_its_button_only() {
    let app = TestApp::spawn().await;
    for kind in ["self_reset_link", "self_reset_ready"] {
        app.forget_limits("mails:").await;
        let mut browser = at_the_password(&app, "phone.only").await;
        let mut owner = app.browser();
        owner.get(&stop_link(&app, "phone.only", kind).await).await;
        owner.must_be_at("/mfa/reset/stop").must_say("Was this not you?");
        assert_eq!(state(&app, "phone.only").await, "ready", "a GET stops nothing");
        owner.click("This wasn’t me, stop it").await;
        owner.must_say("The reset was stopped").must_say("Your factors are unchanged");
        assert_eq!(state(&app, "phone.only").await, "canceled");
        browser.get("/mfa/reset/finish").await;
        browser.must_say("This reset was canceled");
        owner.get(&stop_link(&app, "phone.only", kind).await).await;
        owner.must_say("Nothing to stop");
    }
    assert_eq!(app.count_of("phone.only", "self_reset_canceled").await, 2);
}

/// Every mail to its owner has the link: it stops what is open, and says what can be done where that is over.
#[tokio::test]
async fn every_mail_to_its_owner_leads_to_this_wasnt_me() {
    let app = TestApp::spawn().await;
    let mut browser = on_the_way(&app, "phone.only").await;
    browser.click("Stop and keep my factors").await;
    app.forget_limits("mails:").await;
    super::reviews::in_review(&app, "email.only", ("Mallory", "Thief")).await;
    super::reviews::decide(&app, "email.only", false).await;
    for (username, kind) in [("phone.only", "self_reset_canceled"), ("email.only", "self_reset_refused")] {
        let mail = app.outbox_of(username).await.into_iter().find(|m| m.kind == kind).expect("a mail");
        assert!(mail.text.contains("This wasn't me"), "{}", mail.text);
        let mut owner = app.browser();
        owner.get(&stop_link(&app, username, kind).await).await;
        owner.must_be_at("/mfa/reset/stop").must_say("Nothing to stop").must_say("factors are unchanged by it");
        owner.must_say("Choose a new password");
        // A post of an old page changes nothing either.
        owner.get("/mfa/reset").await;
        owner.post("/mfa/reset/stop", &[]).await;
        owner.must_be_at("/mfa/reset/stop").must_say("Nothing to stop");
    }
    // A review that waits is stopped by the link in the first mail, days later too.
    app.forget_limits("mails:").await;
    super::reviews::in_review(&app, "phone.only", ("Mallory", "Thief")).await;
    app.later(3 * 86_400);
    let mut owner = app.browser();
    owner.get(&stop_link(&app, "phone.only", "self_reset_link").await).await;
    owner.click("This wasn’t me, stop it").await;
    owner.must_say("The reset was stopped");
    assert_eq!(state(&app, "phone.only").await, "canceled");
    // The first page of a request that is none of this browser's: a form without a cookie stops nothing.
    let mut stranger = app.browser();
    stranger.get("/mfa/reset/stop").await;
    stranger.must_say("Nothing to stop");
    stranger.get("/mfa/reset").await;
    stranger.post("/mfa/reset/stop", &[]).await;
    stranger.must_say("Nothing to stop");
}

/// Too late to stop: the mail that tells of the end locks the account, once, and everybody hears of it.
#[tokio::test]
async fn a_finished_reset_that_was_somebody_elses_locks_the_account() {
    let app = TestApp::spawn().await;
    let mut thief = at_the_password(&app, "phone.only").await;
    let password = app.password("phone.only");
    thief.fill("Password", &password).click("Remove my factors").await;
    let mut thief = app.after_password(BY_PHONE, "phone.only").await;
    crate::set_up::enroll(&app, &mut thief, "Theirs").await;
    thief.check("I have saved these codes", true).click("Continue").await;
    thief.must_be_at("/home");

    let (mut owner, mut twice) = (app.browser(), app.browser());
    owner.get(&stop_link(&app, "phone.only", "self_reset_done").await).await;
    owner.must_be_at("/mfa/reset/stop").must_say("The reset is finished").must_say("lock your account now");
    twice.get(&stop_link(&app, "phone.only", "self_reset_link").await).await;
    thief.get("/home").await;
    thief.must_be_at("/home");
    owner.click("This wasn’t me, lock my account").await;
    owner.must_say("Your account is locked").must_say("your administrators were told");
    thief.get("/home").await;
    thief.must_be_at("/login");
    app.after_password(BY_PHONE, "phone.only").await.must_be_at("/login/phone");
    for admin in ["admin", "owner.one", "owner.two"] {
        assert_eq!(app.count_of(admin, "self_reset_disowned").await, 1, "{admin}");
    }
    assert_eq!(app.audited("phone.only", "self_reset_disowned", "success").await, 1);
    // The other links of the request, and this one, are over.
    twice.click("This wasn’t me, lock my account").await;
    twice.must_be_at("/mfa/reset/stop").must_say("Call your practice admin at once");
    assert!(!twice.says("lock my account"));
    assert_eq!(app.audited("phone.only", "self_reset_disowned", "success").await, 1);
    assert_eq!(app.count_of("admin", "self_reset_disowned").await, 1);
    // The thief reads the mailbox, too: no new password is sent until the administrators have enabled it.
    let id = app.user_id("phone.only");
    let user = app.read(move |conn| Ok(vestibule::models::users::find(conn, &id)?)).await.expect("the account");
    assert_eq!(user.account, vestibule::models::Account::Disabled);
    let before = app.outbox_of("phone.only").await.len();
    let mut thief = app.browser();
    thief.get("/forgot-password").await;
    thief.fill("Email Address", &app.email("phone.only")).click("Send verification code").await;
    assert_eq!(app.outbox_of("phone.only").await.len(), before);
    // The administrators know.
    let mail = app.outbox_of("admin").await.into_iter().find(|m| m.kind == "self_reset_disowned").expect("a mail");
    assert!(mail.text.contains("reset its factors and enable it again"), "{}", mail.text);
}

/// The last account holder stays one, without a password; nothing else of the account opens anything.
#[tokio::test]
async fn a_disowned_reset_of_the_last_account_holder_ends_what_they_had_open() {
    let app = TestApp::spawn().await;
    let token = crate::api::client::token_of(&app, "sole.owner").await;
    let works = || crate::api::client::get(&app, &token, "/api/user/users");
    assert_eq!(works().await.status, 200);
    let id = app.user_id("sole.owner");
    let mut thief = at_the_password(&app, "sole.owner").await;
    thief.fill("Password", &app.password("sole.owner")).click("Remove my factors").await;
    // Somebody else's domain account, and one of the owner's from before.
    for (n, at) in [("theirs", "2999-01-01"), ("own", "2020-01-01")] {
        let columns = "(id, user_id, issuer, subject, created_at, last_used_at)";
        let day = format!("'{at} 00:00:00'");
        app.sql(format!(
            "INSERT INTO domain_identities {columns} VALUES ('{n}', '{id}', 'https://{n}.example', 's', {day}, {day})"
        ))
        .await;
    }
    let mut owner = app.browser();
    owner.get(&stop_link(&app, "sole.owner", "self_reset_done").await).await;
    owner.click("This wasn’t me, lock my account").await;
    owner.must_say("Your account is locked");
    assert_eq!(works().await.status, 401);
    let (user, left, open, links) = app
        .read(move |conn| {
            use diesel::prelude::*;
            use vestibule::schema::{api_tokens, links};
            let user = vestibule::models::users::find(conn, &id)?.expect("the account");
            let left = vestibule::models::domain_identities::list_of_user(conn, &id)?;
            let open = api_tokens::table
                .filter(api_tokens::user_id.eq(&id))
                .filter(api_tokens::revoked_at.is_null())
                .count()
                .get_result::<i64>(conn)?;
            let links = links::table
                .filter(links::user_id.eq(&id))
                .filter(links::replaced_at.is_null())
                .filter(links::used_at.is_null())
                .count()
                .get_result::<i64>(conn)?;
            Ok((user, left, open, links))
        })
        .await;
    assert_eq!(user.account, vestibule::models::Account::Active);
    assert!(user.password_off_at.is_some());
    assert_eq!((left.len(), left[0].id.as_str(), open, links), (1, "own", 0, 0));
    assert_eq!(app.open_sessions("sole.owner").await, 0);
}

#[tokio::test]
async fn its_owner_may_stop_it_on_its_page() {
    let app = TestApp::spawn().await;
    let mut browser = on_the_way(&app, "phone.only").await;
    let id = begin(&mut browser).await;
    browser.get("/mfa/reset/progress").await;
    browser.click("Stop and keep my factors").await;
    browser.must_be_at("/login").must_say("The reset was stopped");
    let link = link(&app, "phone.only", "self_reset_link").await;
    browser.get(&link).await;
    browser.must_say("This reset was canceled");
    // A document that comes afterwards changes nothing.
    play(&app, &id, "verified", None).await;
    assert_eq!(app.count_of("phone.only", "self_reset_ready").await, 0);
    assert_eq!(factors(&app, "phone.only").await, 1);
}

/// Disabled while pending.
#[tokio::test]
async fn an_account_that_is_disabled_meanwhile_gets_no_further() {
    let app = TestApp::spawn().await;
    let mut browser = on_the_way(&app, "phone.only").await;
    let check = begin(&mut browser).await;
    let id = app.user_id("phone.only");
    app.sql(format!("UPDATE users SET account = 'disabled' WHERE id = '{id}'")).await;
    play(&app, &check, "verified", None).await;
    assert_eq!((state(&app, "phone.only").await, factors(&app, "phone.only").await), ("canceled".into(), 1));
}
