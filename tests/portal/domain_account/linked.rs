//! A domain account that is connected: shown on **Security**, and taken away there or by an administrator.

use super::TestApp;
use crate::support::Browser;
use crate::support::oidc::OidcServer;

/// The page that asks before it is removed.
async fn remove_page(browser: &mut Browser) -> String {
    browser.get("/security").await;
    browser.page().attribute("a[href*='/domain-accounts/']", "href").expect("a way to remove it")
}

#[tokio::test]
async fn its_owner_sees_it_and_takes_it_away() {
    let provider = OidcServer::start().await;
    let app = TestApp::with_domain(&provider).await;
    let mut other = app.linked(&provider, "member.none").await;
    let mut browser = app.browser();
    app.by_domain(&provider, &mut browser).await;
    let page = remove_page(&mut browser).await;
    browser.must_say("Northwind").must_say("127.0.0.1 · connected").must_say("last used today");
    // Confirmed a while ago does not do, and nobody else's is there.
    assert_eq!(app.signed_in("admin").await.get_only(&page).await.status, 404);
    app.later(11 * 60);
    browser.get(&page).await;
    assert_eq!(browser.path().split('?').next(), Some("/security/confirm"));
    browser.click("Confirm with Northwind").await;
    let back = app.through(&provider, &mut browser).await;
    browser.get(&back).await;
    browser.must_be_at(&page).must_say("Remove this domain account?").must_say("It no longer signs you in.");
    browser.click("Remove").await;
    browser.must_be_at("/security").must_say("Your domain account was removed.");
    assert!(!browser.says("127.0.0.1 · connected"));
    assert_eq!(app.identities().await, 0);
    assert_eq!(app.count_of("member.none", "domain_unlinked").await, 1);
    assert_eq!(app.audited("member.none", "domain_unlinked", "success").await, 1);
    // This session goes on, the other has ended, and the next LOGIN has to be shown to be theirs.
    assert_eq!(browser.get_only("/home").await.status, 200);
    other.get("/home").await;
    other.must_be_at("/login");
    let mut again = app.browser();
    app.by_domain(&provider, &mut again).await;
    again.must_be_at("/login/domain/link");
    assert_eq!(browser.post_only(&page, &[]).await.status, 404, "once");
}

/// Where nothing else signs somebody in, an administrator takes it away.
#[tokio::test]
async fn the_only_way_in_stays_until_an_administrator_takes_it_away() {
    let provider = OidcServer::start().await;
    let app = TestApp::with_domain(&provider).await;
    let mut browser = app.linked(&provider, "member.none").await;
    let page = remove_page(&mut browser).await;
    let id = app.user_id("member.none");
    app.names_domain("harbor_valley", "only").await;
    browser.get(&page).await;
    browser.must_say("Harbor Valley Health signs in with domain accounts only.");
    assert!(!browser.page().controls().contains(&"Remove".to_owned()));
    browser.post(&page, &[]).await;
    browser.must_say("Your domain account was not removed.");
    app.names_domain("harbor_valley", "allowed").await;
    app.sql(format!("UPDATE users SET password_hash = NULL WHERE id = '{id}'")).await;
    browser.post(&page, &[]).await;
    browser.must_say("your account has no password");
    assert_eq!(app.identities().await, 1);
    assert_eq!(app.audited("member.none", "domain_unlinked", "refused").await, 2);

    let mut admin = app.signed_in("admin").await;
    admin.get(&format!("/admin/users/{id}?tab=methods")).await;
    admin.must_say("Domain account").must_say("127.0.0.1");
    admin.click("Remove domain account").await;
    admin.must_say("The domain account was removed, and the person was told.");
    assert_eq!(app.identities().await, 0);
    assert_eq!(app.count_of("member.none", "domain_unlinked").await, 1);
    browser.get("/home").await;
    browser.must_be_at("/login");
}

/// Another organization's administrators neither see it nor take it away.
#[tokio::test]
async fn only_the_managing_organization_takes_it_away() {
    let provider = OidcServer::start().await;
    let app = TestApp::with_domain(&provider).await;
    let id = app.user_id("two.orgs");
    let (columns, day) = ("(id, user_id, issuer, subject, created_at, last_used_at)", "'2026-01-01 00:00:00'");
    let issuer = &provider.issuer;
    app.sql(format!("INSERT INTO domain_identities {columns} VALUES ('i', '{id}', '{issuer}', 's', {day}, {day})"))
        .await;
    let mut elsewhere = app.signed_in("khollis").await;
    elsewhere.get(&format!("/admin/users/{id}?tab=methods")).await;
    elsewhere.must_say("Authentication Methods");
    assert!(!elsewhere.says("127.0.0.1"));
    elsewhere.post_in_console(&format!("/admin/users/{id}/domain-accounts/remove"), &[]).await;
    assert_eq!(app.identities().await, 1);
}
