//! Who may reset whom.

use vestibule::models::new_id;

use crate::support::TestApp;

/// R11: oneself is refused, and pointed elsewhere.
#[tokio::test]
async fn nobody_resets_themselves_here() {
    let app = TestApp::spawn().await;
    let mut admin = app.administering("admin").await;
    admin.get(&app.user_url("admin")).await;
    admin.must_say("This is your own account");
    admin.get(&app.reset_url("admin", "scope=user")).await;
    admin.must_say("is you. Use Security, or reset your own factors at /mfa/reset.");
    let path = format!("/admin/users/{}/reset", app.user_id("admin"));
    let fields = app.console_fields(&[("scope", "user")]);
    admin.post(&path, &as_refs(&fields)).await;
    admin.must_say("is you.");
    assert_eq!(app.factors_of("admin").await.len(), 3);
    assert_eq!(app.audited("admin", "mfa_reset", "refused").await, 1);
}

/// R12: an administrator does not reset an account holder; account holders reset each other.
#[tokio::test]
async fn nobody_resets_a_higher_role() {
    let app = TestApp::spawn().await;
    let mut admin = app.administering("admin").await;
    admin.get(&app.user_url("owner.two")).await;
    admin.must_say("has a higher role than you");
    let path = format!("/admin/users/{}/reset", app.user_id("owner.two"));
    let fields = app.console_fields(&[("scope", "all")]);
    admin.post(&path, &as_refs(&fields)).await;
    admin.must_say("has a higher role than you.");
    assert_eq!(app.factors_of("owner.two").await.len(), 2);
    let mut owner = app.administering("owner.one").await;
    app.press_reset(&mut owner, "owner.two", "scope=user", "Reset MFA").await;
    owner.must_say("MFA reset for Margaret Oyelaran");
    assert!(app.factors_of("owner.two").await.is_empty());
}

/// N12, ASVS 8.2.2: people of other organizations answer like people that do not exist, and nothing changes.
/// ASVS 8.4.1.
#[tokio::test]
async fn foreign_people_are_not_there() {
    let app = TestApp::spawn().await;
    let mut admin = app.administering("admin").await;
    let unknown = new_id(app.app.core.clock.now());
    let without_id = |body: &str| body.split("give the number").next().unwrap_or_default().to_owned();
    for (tail, fields) in [
        ("", None),
        ("/reset?scope=user", None),
        ("/reset", Some(vec![("scope", "user")])),
        ("/reset", Some(vec![("scope", "registration")])),
        ("/disable", Some(vec![])),
        ("/enable", Some(vec![])),
        ("/unlock", Some(vec![])),
        ("/sign-out", Some(vec![])),
    ] {
        let mut bodies = Vec::new();
        for id in [app.user_id("wchen"), unknown.clone()] {
            let path = format!("/admin/users/{id}{tail}");
            let answer = match &fields {
                None => admin.get_only(&path).await,
                Some(fields) => {
                    let fields = app.console_fields(fields);
                    admin.post_only(&path, &as_refs(&fields)).await
                }
            };
            assert_eq!(answer.status, 404, "{tail}");
            bodies.push(without_id(&answer.body));
        }
        assert_eq!(bodies[0], bodies[1], "{tail}");
    }
    assert_eq!(app.factors_of("wchen").await.len(), 1);
    assert_eq!(app.outbox_of("wchen").await.len(), 0);
}

/// R9: only the managing organization resets user-level factors, and the others' administrators are told.
#[tokio::test]
async fn the_managing_organization_resets_and_the_others_are_told() {
    let app = TestApp::spawn().await;
    let mut elsewhere = app.administering("owner.one").await;
    elsewhere.get(&app.user_url("ykim")).await;
    elsewhere.must_say("Managed by Summit Behavioral Health");
    assert!(!elsewhere.says("Reset MFA For This User"));
    for scope in ["user", "all", "registration"] {
        elsewhere.get(&app.reset_url("ykim", &format!("scope={scope}"))).await;
        elsewhere.must_say("is managed by Summit Behavioral Health.");
    }
    let mut owner = app.administering("rtsosie").await;
    app.press_reset(&mut owner, "ykim", "scope=user", "Reset MFA").await;
    owner.must_say("MFA reset for Yuna Kim");
    for username in ["owner.one", "owner.two", "admin"] {
        assert_eq!(app.count_of(username, "mfa_reset_admin").await, 1, "{username}");
    }
    assert_eq!(app.count_of("jmartinez", "mfa_reset_admin").await, 0);
}

/// SPEC section 7: a reset wants a factor shown within ten minutes, and comes back to its own page.
/// ASVS 7.5.3.
#[tokio::test]
async fn a_reset_wants_a_fresh_factor() {
    let app = TestApp::spawn().await;
    let mut admin = app.administering("admin").await;
    app.later(11 * 60);
    let url = app.reset_url("phone.only", "scope=user");
    admin.get(&url).await;
    assert!(admin.path().starts_with("/security/confirm"));
    app.confirm(&mut admin, "admin").await;
    admin.must_be_at(&url);
    app.later(11 * 60);
    let path = format!("/admin/users/{}/reset", app.user_id("phone.only"));
    let fields = app.console_fields(&[("scope", "user")]);
    admin.post(&path, &as_refs(&fields)).await;
    assert!(admin.path().starts_with("/security/confirm"));
    assert_eq!(app.factors_of("phone.only").await.len(), 1);
}

impl TestApp {
    /// What a form of the console carries in Harbor Valley Health, and these.
    pub fn console_fields(&self, fields: &[(&str, &str)]) -> Vec<(String, String)> {
        let mut all = vec![("organization_id".to_owned(), self.organization_id("harbor_valley"))];
        all.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        all
    }
}

pub fn as_refs(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}
