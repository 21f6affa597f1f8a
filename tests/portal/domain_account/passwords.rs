//! Organizations that want domain accounts only: passwords open nothing, and everything else says LOGIN.
//! SPEC sections 2 and 9; E12; ASVS 6.3.8.

use crate::support::oidc::OidcServer;
use crate::support::{BY_PHONE, TestApp};

#[tokio::test]
async fn the_right_password_reads_like_a_wrong_one() {
    let provider = OidcServer::start().await;
    let app = TestApp::with_domain(&provider).await;
    app.names_domain("harbor_valley", "only").await;
    let right = app.after_password(BY_PHONE, "phone.only").await;
    let mut wrong = app.browser();
    wrong.choose(BY_PHONE, false).await;
    wrong.sign_in_as(&app.email("phone.only"), "not the password at all").await;
    assert_eq!((right.status(), right.path()), (200, "/login/phone"));
    assert_eq!(right.text(), wrong.text());
    assert_eq!(app.open_sessions("phone.only").await, 0);
    // Other organizations' people, and operators, sign in as before.
    for username in ["khollis", "operator"] {
        let browser = app.after_password(BY_PHONE, username).await;
        assert!(browser.path().starts_with("/login/verify"), "{username}: {}", browser.text());
    }
    // The domain account opens, its own password being the local proof the first time.
    app.forget_limits("").await;
    app.linked(&provider, "phone.only").await;
}

/// What a browser remembers is worth nothing from that moment on.
#[tokio::test]
async fn a_remembered_browser_is_no_way_round() {
    let provider = OidcServer::start().await;
    let app = TestApp::with_domain(&provider).await;
    let mut browser = app.browser();
    app.sign_in(&mut browser, BY_PHONE, true, "phone.only").await;
    browser.close_and_reopen_at(BY_PHONE).await;
    browser.must_be_at("/home");
    app.names_domain("harbor_valley", "only").await;
    browser.close_and_reopen_at(BY_PHONE).await;
    browser.must_be_at("/login/phone");
}

/// Sessions that were opened by password before end with their next request; domain accounts' go on.
#[tokio::test]
async fn an_open_session_by_password_ends() {
    let provider = OidcServer::start().await;
    let app = TestApp::with_domain(&provider).await;
    let mut by_password = app.signed_in("phone.only").await;
    let mut by_domain = app.linked(&provider, "member.none").await;
    app.names_domain("harbor_valley", "only").await;
    by_password.get("/home").await;
    by_password.must_be_at("/login");
    by_domain.get("/home").await;
    by_domain.must_be_at("/home");
}

#[tokio::test]
async fn forgotten_passwords_are_sent_to_login() {
    let provider = OidcServer::start().await;
    let app = TestApp::with_domain(&provider).await;
    // Begun before, it ends nowhere.
    let mut begun = app.browser();
    begun.get("/forgot-password").await;
    begun.fill("Email Address", &app.email("phone.only")).click("Send verification code").await;
    let code = app.newest_is("phone.only", "sent").await.code.expect("a code");
    begun.fill("Verification code", &code).click("Verify code").await;
    app.names_domain("harbor_valley", "only").await;
    begun.click("Continue").await;
    assert_ne!(begun.path(), "/forgot-password/new-password");
    let mut browser = app.browser();
    browser.get("/forgot-password").await;
    browser.fill("Email Address", &app.email("email.only")).click("Send verification code").await;
    browser.must_be_at("/forgot-password/code");
    let mail = app.newest_is("email.only", "sent").await;
    assert_eq!((mail.kind.as_str(), mail.code), ("no_password_here", None));
    assert!(mail.text.contains("choose LOGIN for your domain account"), "{}", mail.text);
}

/// E12.
#[tokio::test]
async fn a_reset_of_ones_own_is_sent_to_login() {
    let provider = OidcServer::start().await;
    let app = TestApp::with_domain(&provider).await;
    app.names_domain("harbor_valley", "only").await;
    let mut browser = app.browser();
    browser.get("/mfa/reset").await;
    browser.fill("Email Address", &app.email("phone.only")).click("Continue").await;
    let mail = app.newest_is("phone.only", "sent").await;
    assert_eq!(mail.kind, "self_reset_elsewhere", "{}", mail.text);
    assert!(mail.text.contains("choose LOGIN for your domain account"), "{}", mail.text);
}

/// **Customers**: operators say which organizations name the provider.
#[tokio::test]
async fn operators_say_which_organizations_name_the_provider() {
    let provider = OidcServer::start().await;
    let app = TestApp::with_domain(&provider).await;
    let riverside = app.organization_id("riverside");
    let mut browser = app.signed_in("operator").await;
    browser.get(&format!("/admin/customers/{riverside}")).await;
    browser.must_say("Domain account").must_say("Allowed beside passwords");
    let fields = |policy: &'static str| {
        [
            ("name", "Riverside Family Clinic"),
            ("npi", "1000000111"),
            ("time_zone", "America/Chicago"),
            ("partner", "Gulf Coast Practice Partners"),
            ("domain_sign_in", policy),
        ]
    };
    let path = format!("/admin/customers/{riverside}");
    assert_eq!(browser.post_in_console(&path, &fields("only")).await.status, 303);
    assert_eq!(app.policy_of(&riverside).await, "only");
    assert_eq!(browser.post_in_console(&path, &fields("perhaps")).await.status, 400);
    // A partner's owner changes the rest, and leaves this alone.
    let mut partner = app.signed_in("dboudreaux").await;
    partner.get(&path).await;
    assert!(!partner.says("Allowed beside passwords"));
    assert_eq!(partner.post_in_console(&path, &fields("off")).await.status, 303);
    assert_eq!(app.policy_of(&riverside).await, "only");
}

impl TestApp {
    async fn policy_of(&self, id: &str) -> String {
        let id = id.to_owned();
        let found = self.read(move |conn| Ok(vestibule::models::organizations::find(conn, &id)?));
        found.await.expect("an organization").domain_sign_in.to_string()
    }
}
