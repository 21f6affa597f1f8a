//! ASVS 7.5.1: after ten minutes every change asks first who it is, and changes nothing.

use super::*;

#[tokio::test]
async fn each_change_wants_a_factor_of_the_last_ten_minutes() {
    let app = TestApp::spawn().await;
    let username = "all.factors";
    let mut browser = app.signed_in(username).await;
    browser.get("/security").await;
    app.later(11 * 60);
    let id = app.factor_id(username, "phone");
    let (rename, remove) = (format!("/security/factors/{id}/rename"), format!("/security/factors/{id}/remove"));
    let activate = format!("/security/tokens/{id}/activate");
    let old = user(&app, username).await;
    let password = app.password(username);
    let changes: [(&str, &[(&str, &str)]); 17] = [
        ("/security/authenticator", &[("code", "123456"), ("device_name", "x")]),
        ("/security/authenticator/begin", &[]),
        ("/security/phones/new", &[("country_code", "1"), ("phone_number", "6015550188"), ("how", "sms")]),
        ("/security/phones/new/code", &[("code", "123456")]),
        ("/security/phones/new/resend", &[]),
        ("/security/email-code", &[]),
        ("/security/email-code/verify", &[("code", "123456")]),
        ("/security/recovery-codes", &[]),
        (&rename, &[("device_name", "x")]),
        (&remove, &[]),
        (&activate, &[("code", "123456")]),
        ("/security/email", &[("email", "new@example.org")]),
        ("/security/email/verify", &[("code", "123456")]),
        (
            "/security/password",
            &[
                ("current_password", &password),
                ("new_password", "seven quiet otters dance"),
                ("confirm_password", "seven quiet otters dance"),
            ],
        ),
        ("/security/sessions/end-others", &[]),
        ("/security/sessions/some-id/end", &[]),
        ("/security/email/change", &[]),
    ];
    let sent = app.outbox_of(username).await.len();
    for (path, fields) in changes {
        let answer = browser.post_only(path, fields).await;
        let to = answer.location().unwrap_or_default().to_owned();
        assert_eq!(answer.status, 303, "{path}");
        assert!(to.starts_with("/security/confirm?return_to="), "{path} → {to}");
    }
    for path in ["/security/authenticator", "/security/phones/new", "/security/email", "/security/password", &remove] {
        let answer = browser.get_only(path).await;
        assert!(answer.location().is_some_and(|to| to.starts_with("/security/confirm?return_to=")), "{path}");
    }
    let now = user(&app, username).await;
    assert_eq!((now.email, now.password_hash, now.mfa_epoch), (old.email, old.password_hash, old.mfa_epoch));
    assert_eq!(factors_of(&app, username).await.len(), 3);
    assert_eq!(app.outbox_of(username).await.len(), sent, "nothing was sent");
    assert!(is_open(&mut browser).await, "reading goes on");
    // Shown again, the way leads back.
    browser.get("/security/phones/new").await;
    app.confirm(&mut browser, username).await;
    browser.must_be_at("/security/phones/new");
}

/// Without a factor it is the password.
#[tokio::test]
async fn who_has_no_factor_gives_the_password_again() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("member.none").await;
    app.later(11 * 60);
    browser.get("/security/authenticator").await;
    browser.must_be_at("/security/confirm");
    app.confirm(&mut browser, "member.none").await;
    browser.must_be_at("/security/authenticator");
}

/// SPEC section 5: ending sessions, and what other browsers remember, but not this one.
#[tokio::test]
async fn ending_the_others_forgets_them_elsewhere_and_not_here() {
    let app = TestApp::spawn().await;
    let (mut here, mut there) = (app.browser(), app.browser());
    app.sign_in(&mut there, BY_PHONE, true, "member.none").await;
    app.sign_in(&mut here, BY_PHONE, true, "member.none").await;
    here.get("/security/sessions").await;
    here.click("End all others").await;
    here.must_be_at("/security/sessions");
    assert!(!is_open(&mut there).await);
    there.close_and_reopen();
    there.choose(BY_PHONE, true).await;
    assert_ne!(there.path(), "/home", "forgotten elsewhere");
    here.close_and_reopen();
    here.choose(BY_PHONE, true).await;
    here.must_be_at("/home");
}
