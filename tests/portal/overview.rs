//! **Admin Overview**: figures, charts with their tables, what wants attention, tools.

use crate::support::{BY_EMAIL, Browser, TestApp};

#[tokio::test]
async fn the_overview_has_figures_charts_and_tools() {
    let app = TestApp::spawn().await;
    let mut stranger = app.browser();
    stranger.choose(BY_EMAIL, false).await;
    stranger.sign_in_as(&app.email("phone.only"), "not the password at all").await;
    let mut owner = app.signed_in("owner.one").await;
    owner.get("/admin").await;
    for words in
        ["Active users", "MFA coverage", "Locked accounts", "Failed sign-ins, 24 hours", "Harbor Valley Health"]
    {
        owner.must_say(words);
    }
    for words in ["Tools", "Swagger Docs", "API Tokens", "Jobs", "Practice Security Settings"] {
        owner.must_say(words);
    }
    let page = owner.page();
    // The table beside the ring adds up to the active users.
    let all: i64 = page.texts(".donut .legend-t td").iter().map(|n| n.parse::<i64>().expect("a number")).sum();
    let active: i64 =
        page.texts(".stats dd")[0].split_whitespace().next().and_then(|n| n.parse().ok()).expect("a number");
    assert_eq!(all, active);
    assert!(page.has(".donut svg circle[stroke-dasharray]"));
    // Each chart has its numbers in a table; this sign-in and the wrong password are among them.
    owner.must_say("Nobody was reset in these eight weeks.");
    assert_eq!(page.texts(".plot + .disclose table").len(), 1);
    let today = page.texts(".plot + .disclose tbody tr")[13].clone();
    let numbers: Vec<u32> = today.split_whitespace().rev().take(2).map(|n| n.parse().expect("a number")).collect();
    assert!(numbers[0] >= 1 && numbers[1] >= 1, "{today}");
    assert!(page.has("a.tile[href='/admin/help']"));
    owner.get(&format!("/admin/users/{}/reset?scope=all", app.user_id("phone.only"))).await;
    owner.click("Reset all multi-factor authentications").await;
    owner.get("/admin").await;
    assert_eq!(owner.page().texts(".plot + .disclose table").len(), 2, "and now the resets too");
    // An administrator is not shown what only account holders use.
    let mut admin = app.signed_in("admin").await;
    admin.get("/admin").await;
    assert!(!admin.page().has("a.tile[href='/admin/security']"));
}

impl TestApp {
    /// Follows the link on the overview to the list of this status; the names in it.
    async fn listed(&self, owner: &mut Browser, status: &str) -> Vec<String> {
        let link = format!("/admin/users?status={status}");
        assert!(owner.page().has(&format!("a[href='{link}']")), "{status}");
        owner.get(&link).await;
        owner.page().texts("tbody .name")
    }
}

/// The link beside the ring lists as many as it says, where MFA is enforced too.
#[tokio::test]
async fn who_has_no_factor_is_listed() {
    let app = TestApp::spawn().await;
    let id = app.organization_id("harbor_valley");
    for enforced in [false, true] {
        app.sql(format!("UPDATE organizations SET enforce_mfa = {enforced} WHERE id = '{id}'")).await;
        let mut owner = app.signed_in("owner.one").await;
        owner.get("/admin").await;
        let words = owner.page().texts("a[href='/admin/users?status=no_factor']").remove(0);
        let said: usize = words.rsplit(' ').next().and_then(|n| n.parse().ok()).expect("a number");
        let listed = app.listed(&mut owner, "no_factor").await;
        assert_eq!(listed.len(), said, "{words}: {listed:?}");
        assert!(said > 0);
    }
}

#[tokio::test]
async fn what_wants_attention_is_named() {
    let app = TestApp::spawn().await;
    let mut sole = app.signed_in("sole.owner").await;
    sole.get("/admin").await;
    sole.must_say("Only one Account Holder");
    let id = app.user_id("admin");
    app.sql(format!("DELETE FROM factors WHERE user_id = '{id}' AND kind <> 'email'")).await;
    let mut owner = app.signed_in("owner.one").await;
    owner.get("/admin").await;
    owner.must_say("1 administrator with e-mail only").must_say("Tobias Lindqvist");
    assert!(!owner.says("without a factor"));
    let listed = app.listed(&mut owner, "admins_email_only").await;
    assert_eq!(listed, ["Lindqvist, Tobias"]);
    app.sql(format!("DELETE FROM factors WHERE user_id = '{id}'")).await;
    owner.get("/admin").await;
    owner.must_say("1 administrator without a factor").must_say("Tobias Lindqvist");
    assert!(!owner.says("with e-mail only"));
    assert_eq!(app.listed(&mut owner, "admins_no_factor").await, ["Lindqvist, Tobias"]);
    owner.get("/admin").await;
    assert!(!owner.says("Only one Account Holder"));
}

/// SPEC section 7: Settings, Setup and Admin lead to the same pages; what is marked is marked once.
#[tokio::test]
async fn the_headings_lead_to_the_same_pages() {
    let app = TestApp::spawn().await;
    let mut admin = app.administering("admin").await;
    admin.get("/admin").await;
    let headings = admin.page().texts("nav.side .grp");
    assert_eq!(headings[headings.len() - 3..], ["Settings", "Setup", "Admin"]);
    let entries = |url: &str| admin.page().texts(&format!("nav.side a[href='{url}']"));
    assert_eq!(entries("/settings/allaccounts"), ["Manage Accounts", "Manage Accounts"]);
    assert_eq!(entries("/setup/users"), ["Manage Users", "Manage Users"]);
    assert_eq!(entries("/admin/user-settings"), ["User Settings", "User Settings"]);
    assert_eq!(entries("/admin/help"), ["Swagger Docs", "Help"]);
    for url in ["/settings/allaccounts", "/setup/users", "/admin/help"] {
        admin.get(url).await;
        assert_eq!(admin.page().texts("nav.side a[aria-current]").len(), 1, "{url}");
    }
}
