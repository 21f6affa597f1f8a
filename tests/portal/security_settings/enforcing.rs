//! One flag, from everybody's next request.

use super::{ENFORCE, PAGE};
use crate::support::{BY_EMAIL, BY_PHONE, TestApp};
use diesel::sql_types::BigInt;
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use vestibule::db::DbConnection;

/// U6: a live session is led to set-up at its next request, an administrator's too.
#[tokio::test]
async fn it_counts_from_everybodys_next_request() {
    let app = TestApp::spawn().await;
    let id = app.user_id("lferguson");
    app.sql(format!("UPDATE memberships SET role = 'admin' WHERE user_id = '{id}'")).await;
    let mut member = app.signed_in("member.none").await;
    let mut admin = app.signed_in("lferguson").await;
    let mut enrolled = app.signed_in("phone.only").await;
    let mut owner = app.owner("owner.one").await;
    app.enforce(&mut owner, "owner.one", "0").await;
    let style = owner.page().attribute("link[rel=stylesheet]", "href").expect("a style sheet");
    for browser in [&mut member, &mut admin] {
        for path in ["/home", "/messages", "/security", "/admin", "/security/sessions"] {
            let answer = browser.get_only(path).await;
            assert_eq!((answer.status, answer.location()), (303, Some("/security/setup")), "{path}");
        }
        for path in ["/security/setup", "/help/mfa", style.as_str()] {
            assert_eq!(browser.get_only(path).await.status, 200, "{path}");
        }
    }
    assert_eq!(enrolled.get_only("/home").await.status, 200);
    assert_eq!(owner.get_only("/home").await.status, 200);
    member.get("/security/setup").await;
    member.must_say("Harbor Valley Health requires a second step");
    member.click("Sign out").await;
    assert_eq!(app.audited_by("owner.one", "security_settings_changed").await, 1);
    assert_eq!(app.count_of("owner.two", "security_settings_changed").await, 1);
    assert_eq!(app.count_of("owner.one", "security_settings_changed").await, 1);
    let mail = app.outbox_of("owner.two").await.remove(0);
    assert!(mail.text.contains("Enforce MFA for ALL users: off → on"), "{}", mail.text);
}

/// U5: the page itself wants a factor of whoever opens it.
#[tokio::test]
async fn an_owner_without_a_factor_enrolls_first() {
    let app = TestApp::spawn().await;
    let id = app.user_id("member.none");
    app.sql(format!("UPDATE memberships SET role = 'owner' WHERE user_id = '{id}'")).await;
    let mut owner = app.signed_in("member.none").await;
    for path in [PAGE, "/admin/security/preview"] {
        assert_eq!(owner.get_only(path).await.location(), Some("/security/setup"), "{path}");
    }
}

/// Who may look, and who may not.
#[tokio::test]
async fn the_page_is_for_account_holders_and_operators() {
    let app = TestApp::spawn().await;
    assert_eq!(app.browser().get_only(PAGE).await.location(), Some("/login?return_to=%2Fadmin%2Fsecurity"));
    assert_eq!(app.signed_in("phone.only").await.get_only(PAGE).await.status, 403);
    let mut admin = app.signed_in("admin").await;
    assert_eq!(admin.get_only(PAGE).await.status, 403);
    admin.get("/admin").await;
    assert!(!admin.says("Practice Security Settings"));
    let mut operator = app.signed_in("operator").await;
    operator.get(PAGE).await;
    operator.must_be_at(PAGE).must_say("Harbor Valley Health");
}

/// U8, U9: one date per organization, which nothing moves but a shorter grace.
#[tokio::test]
async fn the_grace_is_given_once() {
    let app = TestApp::spawn().await;
    let mut owner = app.owner("owner.one").await;
    app.enforce(&mut owner, "owner.one", "10").await;
    let first = app.grace_until().await.expect("a date");
    app.signed_in("member.none").await.must_be_at("/home");
    assert!(app.mfa_status("member.none").await.starts_with("in grace until"));
    app.later(86_400);
    let mut owner = app.owner("owner.one").await;
    app.save_settings(&mut owner, "owner.one", |page| {
        page.check(ENFORCE, false);
    })
    .await;
    app.save_settings(&mut owner, "owner.one", |page| {
        page.check(ENFORCE, true);
    })
    .await;
    assert_eq!(app.grace_until().await, Some(first), "off and on");
    owner.fill("Grace in days", "30").click("Preview changes").await;
    owner.must_say("It can be shortened, not lengthened").must_say("There is a problem");
    assert_eq!(owner.page().value("Grace in days").as_deref(), Some("30"), "what was typed is kept");
    assert_eq!(app.grace_until().await, Some(first));
    app.save_settings(&mut owner, "owner.one", |page| {
        page.fill("Grace in days", "2");
    })
    .await;
    assert!(app.grace_until().await < Some(first));
    app.later(2 * 86_400 + 1);
    app.after_password(BY_PHONE, "member.none").await.must_be_at("/security/setup");
    let mut owner = app.owner("owner.one").await;
    owner.fill("Grace in days", "1").click("Preview changes").await;
    owner.must_say("It can be shortened, not lengthened");
}

/// U9: an organization that demanded it without a grace has none to give after it was off.
#[tokio::test]
async fn off_and_on_makes_no_window_where_there_was_none() {
    let app = TestApp::spawn().await;
    let mut owner = app.owner("khollis").await;
    app.save_settings(&mut owner, "khollis", |page| {
        page.check(ENFORCE, false);
    })
    .await;
    app.after_password(BY_PHONE, "tbrooks").await.must_be_at("/home");
    owner.check(ENFORCE, true).fill("Grace in days", "14").click("Preview changes").await;
    owner.must_say("It can be shortened, not lengthened");
    app.save_settings(&mut owner, "khollis", |page| {
        page.check(ENFORCE, true).fill("Grace in days", "0");
    })
    .await;
    app.after_password(BY_PHONE, "tbrooks").await.must_be_at("/security/setup");
}

/// U11: factors are kept and still asked; who was reset signs in without set-up.
#[tokio::test]
async fn turning_it_off_removes_nobodys_factors() {
    let app = TestApp::spawn().await;
    let mut owner = app.owner("khollis").await;
    owner.must_say("Turning this off later removes nobody's factors");
    owner.check(ENFORCE, false).click("Preview changes").await;
    owner.must_say("Turning this off removes nobody's factors");
    owner.click("Save").await;
    app.after_password(BY_PHONE, "nwilliams").await.must_be_at("/login/verify/phone");
    app.after_password(BY_EMAIL, "aferreira").await.must_be_at("/login/verify/email");
    app.after_password(BY_PHONE, "ebergstrom").await.must_be_at("/home");
}

/// The preview counts in the database and names the first few.
#[tokio::test]
async fn the_preview_says_who_is_affected_and_changes_nothing() {
    let app = TestApp::spawn().await;
    let mut owner = app.owner("owner.one").await;
    owner.check(ENFORCE, true).click("Preview changes").await;
    owner.must_be_at("/admin/security/preview").must_say("Nothing has been changed yet");
    // member.none, two.orgs, lferguson, and locked whose authenticator is off.
    owner.must_say("4 of 21 users would have to set up at once; 4 have neither phone nor e-mail code");
    owner.must_say("Enforce MFA for ALL users: off → on").must_say("Carla Esposito");
    app.after_password(BY_PHONE, "member.none").await.must_be_at("/home");
    owner.click("Cancel").await;
    assert!(!owner.page().is_checked(ENFORCE));
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    entries: i64,
}

impl TestApp {
    async fn grace_until(&self) -> Option<vestibule::clock::Timestamp> {
        let id = self.organization_id("harbor_valley");
        let found = self.read(move |conn| Ok(vestibule::models::organizations::find(conn, &id)?)).await;
        found.expect("an organization").grace_until
    }

    /// Entries by somebody, about an organization or others.
    pub async fn audited_by(&self, username: &str, action: &str) -> usize {
        let id = self.user_id(username);
        let query =
            format!("SELECT COUNT(*) AS entries FROM audit_entries WHERE actor_id = '{id}' AND action = '{action}'");
        let counted: Counted = self
            .read(move |conn| match conn {
                DbConnection::Sqlite(c) => Ok(sql_query(query).get_result(c)?),
                DbConnection::Pg(c) => Ok(sql_query(query).get_result(c)?),
            })
            .await;
        usize::try_from(counted.entries).expect("a count")
    }
}
