//! **Identity → Users** and **Authentication Methods**: choosing, the summary, and what comes of it.

use vestibule::models::mfa_reset_results;

use crate::support::db::postgres_url;
use crate::support::{BY_PHONE, Browser, TestApp};

const RESET_ALL: &str = "Reset all multi-factor authentications";

impl TestApp {
    /// The technician, in Riverside, who administers three customers.
    async fn technician(&self) -> Browser {
        let mut browser = self.browser();
        self.password_in(&mut browser, BY_PHONE, false, "technician").await;
        self.second_step(&mut browser, "technician").await;
        browser.click("Riverside Family Clinic").await;
        browser.get("/admin").await;
        self.confirm(&mut browser, "technician").await;
        browser.must_be_at("/admin");
        browser
    }

    async fn choose(&self, browser: &mut Browser, organization: &str, usernames: &[&str]) {
        let ids: Vec<String> = usernames.iter().map(|username| self.user_id(username)).collect();
        let organization = self.organization_id(organization);
        let mut fields = vec![("organization_id", organization.as_str())];
        fields.extend(ids.iter().map(|id| ("user_id[]", id.as_str())));
        browser.post("/identity/users/reset", &fields).await;
    }

    fn customers(&self, keys: &[&str]) -> String {
        let ids: Vec<String> = keys.iter().map(|key| format!("customer={}", self.organization_id(key))).collect();
        format!("/identity/users?{}", ids.join("&"))
    }
}

/// N12, N15: only customers one administers; none chosen shows none; what a URL names besides is not shown.
#[tokio::test]
async fn only_customers_that_one_administers_can_be_chosen() {
    let app = TestApp::spawn().await;
    let mut technician = app.technician().await;
    technician.get("/identity/users").await;
    technician.must_say("No customer is chosen.").must_say("Delta Orthopedics").must_say("Juniper Street Pediatrics");
    assert!(!technician.says("Harbor Valley Health"));
    assert!(!technician.page().has("table"));
    technician.get(&app.customers(&["riverside", "delta", "harbor_valley"])).await;
    technician.must_say("Chen, Wei").must_say("Moreau, Camille").must_say("Refresh");
    assert!(!technician.says("Tran, Marcus"));
    assert!(!technician.page().has("tbody input[checked]"), "the selection begins anew");
    technician.must_say("Delta Orthopedics and 1 more");
}

/// Without JavaScript the button can be pressed with nobody checked.
#[tokio::test]
async fn the_list_stays_as_it_was_where_nobody_was_checked() {
    let app = TestApp::spawn().await;
    let mut technician = app.technician().await;
    let list = format!("{}&q=chen&role=member", app.customers(&["riverside", "delta"]));
    technician.get(&list).await;
    technician.click(RESET_ALL).await;
    technician.must_say("Chen, Wei").must_say("Delta Orthopedics and 1 more");
    assert_eq!(technician.page().attribute("#q", "value").as_deref(), Some("chen"));
    assert_eq!(technician.page().attribute("#role option[selected]", "value").as_deref(), Some("member"));
}

/// N5, N10: the summary counts per customer and names who is left out and why; then exactly that is done.
#[tokio::test]
async fn the_summary_says_what_will_be_done() {
    let app = TestApp::spawn().await;
    let mut technician = app.technician().await;
    technician.get(&app.customers(&["riverside", "delta"])).await;
    app.choose(&mut technician, "riverside", &["wchen", "aferreira", "cmoreau", "technician", "khollis"]).await;
    assert!(technician.path().starts_with("/admin/resets/"), "{}", technician.path());
    technician.must_say(RESET_ALL).must_say("Riverside Family Clinic: 2 users").must_say("Delta Orthopedics: 1 user");
    technician.must_say("Sam Whitehorse is you.").must_say("Kendra Hollis has a higher role than you.");
    technician.must_say("2 users must set up a factor again at the next sign-in.");
    technician.click("Reset MFA for 3 users").await;
    technician.must_say("MFA reset for 3 users").must_say("Deleted: 1 authenticator app.").must_say("Skipped");
    for username in ["wchen", "aferreira", "cmoreau"] {
        assert!(app.factors_of(username).await.is_empty(), "{username}");
        assert_eq!(app.count_of(username, "mfa_reset").await, 1);
    }
    assert_eq!(app.factors_of("khollis").await.len(), 3);
    // A second click is the same reset.
    let path = technician.path().to_owned();
    let riverside = app.organization_id("riverside");
    technician.post(&path, &[("organization_id", riverside.as_str())]).await;
    technician.must_say("MFA reset for 3 users");
    assert_eq!(app.count_of("wchen", "mfa_reset").await, 1);
}

/// N12: a selection with people of others is not kept, and nobody sees another's summary.
/// ASVS 8.2.2, 8.4.1.
#[tokio::test]
async fn a_forged_selection_changes_nothing() {
    let app = TestApp::spawn().await;
    let mut technician = app.technician().await;
    app.choose(&mut technician, "riverside", &["wchen", "phone.only"]).await;
    assert_eq!(technician.status(), 404);
    technician.get("/identity/users").await;
    app.choose(&mut technician, "riverside", &["wchen"]).await;
    let path = technician.path().to_owned();
    let mut owner = app.administering("khollis").await;
    assert_eq!(owner.get_only(&path).await.status, 404);
    assert_eq!(app.factors_of("phone.only").await.len(), 1);
    technician.get("/identity/users").await;
    app.choose(&mut technician, "riverside", &[]).await;
    technician.must_say("Choose at least one user first.");
}

/// N6: those that fail are named and can be tried again; the others are done.
#[tokio::test]
async fn a_failure_stops_nobody_else() {
    let app = TestApp::spawn().await;
    let mut admin = app.administering("admin").await;
    admin.get("/identity/users").await;
    app.choose(&mut admin, "harbor_valley", &["phone.only", "email.only", "app.only"]).await;
    let reference = admin.path().rsplit('/').next().expect("a reference").to_owned();
    let broken = app.user_id("email.only");
    let harbor = app.organization_id("harbor_valley");
    let path = format!("/admin/resets/{reference}");
    app.break_messages(&broken, true).await;
    admin.post(&path, &[("organization_id", harbor.as_str())]).await;
    admin.must_say("MFA reset for 2 users").must_say("Leila Haddad").must_say("Something went wrong.");
    assert_eq!(app.factors_of("email.only").await.len(), 1);
    app.break_messages(&broken, false).await;
    admin.click("Try again").await;
    admin.must_say("MFA reset for 3 users");
    let rows = app.read(move |conn| Ok(mfa_reset_results::list(conn, &reference)?)).await;
    assert_eq!(rows.len(), 3);
    assert_eq!(app.count_of("phone.only", "mfa_reset").await, 1);
    assert_eq!(app.count_of("email.only", "mfa_reset").await, 1);
}

/// One row per factor; two of them are one person, who is reset once.
#[tokio::test]
async fn a_person_chosen_twice_is_reset_once() {
    let app = TestApp::spawn().await;
    let mut admin = app.administering("admin").await;
    admin.get("/admin/authentication-methods").await;
    let rows = admin.page().texts("tbody tr").iter().filter(|row| row.contains("Nwosu, Adaeze")).count();
    assert_eq!(rows, 3);
    let (id, harbor) = (app.user_id("all.factors"), app.organization_id("harbor_valley"));
    let fields = [("organization_id", harbor.as_str()), ("user_id[]", id.as_str()), ("user_id[]", id.as_str())];
    admin.post("/admin/authentication-methods/reset", &fields).await;
    admin.must_say("Harbor Valley Health: 1 user");
    admin.click("Reset MFA for 1 user").await;
    admin.must_say("MFA reset for Adaeze Nwosu");
    assert_eq!(app.count_of("all.factors", "mfa_reset").await, 1);
}

impl TestApp {
    /// Lets every message to somebody's Message Center fail, or work again.
    async fn break_messages(&self, user_id: &str, broken: bool) {
        let sqlite = postgres_url().is_none();
        let statement = match (sqlite, broken) {
            (true, true) => format!(
                "CREATE TRIGGER broken BEFORE INSERT ON messages WHEN NEW.user_id = '{user_id}' \
                 BEGIN SELECT RAISE(ABORT, 'broken'); END"
            ),
            (true, false) => "DROP TRIGGER broken".to_owned(),
            (false, true) => {
                format!("ALTER TABLE messages ADD CONSTRAINT broken CHECK (user_id <> '{user_id}') NOT VALID")
            }
            (false, false) => "ALTER TABLE messages DROP CONSTRAINT broken".to_owned(),
        };
        self.execute(statement).await;
    }
}

/// SPEC section 7: a row offers a reset only where it is not refused beforehand, and says why elsewhere. What an
/// organization may do about its own factors stands on Edit User, whoever manages the account.
#[tokio::test]
async fn rows_offer_no_reset_that_would_be_refused() {
    let app = TestApp::spawn().await;
    let mut technician = app.technician().await;
    let refused = [
        ("technician", "Whitehorse, Sam", "You"),
        ("khollis", "Hollis, Kendra", "Higher role"),
        ("two.orgs", "Santos, Gabriel", "Managed by Harbor Valley Health"),
    ];
    let (accounts, users) = ("/settings/allaccounts".to_owned(), "/setup/users".to_owned());
    let (settings, identity) = ("/admin/user-settings".to_owned(), app.customers(&["riverside"]));
    let methods = "/admin/authentication-methods".to_owned();
    for (list, row, enrolled) in [
        (accounts, "tbody tr", false),
        (users, ".prompts details", false),
        (settings, "tbody tr", false),
        (identity, "tbody tr", false),
        (methods, "tbody tr", true),
    ] {
        technician.get(&list).await;
        let page = technician.page();
        let offered = |username: &str| {
            let id = app.user_id(username);
            page.has(&format!("a[href*='/admin/users/{id}/reset']")) || page.has(&format!("input[value='{id}']"))
        };
        assert!(offered("wchen"), "{list}: Wei Chen can be reset");
        // Whoever has nothing enrolled stands in no list of factors.
        for (username, name, words) in refused.iter().filter(|(username, ..)| !enrolled || *username != "two.orgs") {
            let rows = page.texts(row);
            // User Settings writes names the other way round, and leads oneself to Security.
            let last = name.split(',').next().expect("a last name");
            let found = rows.iter().find(|row| row.contains(last));
            let text = found.unwrap_or_else(|| panic!("{list} shows {name}"));
            let said = text.contains(words) || (*username == "technician" && text.contains("Security"));
            assert!(said, "{list}: {text}");
            assert!(!offered(username), "{list} offers a reset of {name}");
        }
    }
    // A forged post is judged all the same.
    technician.get(&app.customers(&["riverside"])).await;
    app.choose(&mut technician, "riverside", &["wchen", "two.orgs"]).await;
    technician.must_say("Gabriel Santos").must_say("managed by Harbor Valley Health");
}
