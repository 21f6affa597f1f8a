//! Lists of people: search, filters, pages.

use vestibule::domain::directory::{self, Query, Rest, StatusFilter, Within};
use vestibule::domain::mfa::MfaStatus;
use vestibule::models::directory_entries::keys;
use vestibule::models::memberships::{self, Membership};
use vestibule::models::users::{self, User, fold};
use vestibule::models::{Account, Role, new_id};

use crate::support::TestApp;

/// Prefixes of first, last and full name, username and address, whatever the case; wildcards are characters.
/// ASVS 1.2.4.
#[tokio::test]
async fn a_search_finds_what_begins_so() {
    let app = TestApp::spawn().await;
    let mut admin = app.administering("admin").await;
    for (typed, finds) in [
        ("Tran", true),
        ("marc", true),
        ("MARCUS TRAN", true),
        ("tran, marcus", true),
        ("phone.o", true),
        ("phone.only@harbor", true),
        ("ran", false),
        ("%", false),
        ("_arcus", false),
        ("marcu%", false),
        ("\\", false),
    ] {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("q", typed).finish();
        admin.get(&format!("/admin/users?{query}")).await;
        assert_eq!(admin.says("Tran, Marcus"), finds, "{typed}");
        assert!(!admin.says("Chen, Wei"), "{typed} is of another organization");
    }
    admin.must_say("No users match these filters.");
    admin.get("/admin/users?q=nunez").await;
    admin.must_say("Núñez, José");
}

/// U18: every status has its own words, in the column and the filter, from one function.
#[tokio::test]
async fn a_filter_shows_one_status() {
    let app = TestApp::spawn().await;
    let mut admin = app.administering("admin").await;
    for (word, label, name, not) in [
        ("locked", "Locked", "Raman, Priya", "Tran, Marcus"),
        ("enrolled", "MFA on", "Tran, Marcus", "Raman, Priya"),
        ("none", "Not set up", "Esposito, Carla", "Tran, Marcus"),
    ] {
        admin.get(&format!("/admin/users?status={word}")).await;
        admin.must_say(name).must_say(label);
        assert!(!admin.says(not), "{word}");
    }
    admin.get("/admin/users?account=disabled").await;
    assert_eq!(admin.page().texts("tbody tr").len(), 1);
    admin.get("/admin/users?role=owner").await;
    assert_eq!(admin.page().texts("tbody tr").len(), 2);
    let mut owner = app.administering("khollis").await;
    for (word, label, name) in
        [("exempt", "Exempt", "Jennings, Harold"), ("setup_pending", "Set-up pending", "Brooks, Terrence")]
    {
        owner.get(&format!("/admin/users?status={word}")).await;
        owner.must_say(name).must_say(label);
    }
    let mut owner = app.administering("rgupta").await;
    owner.get("/admin/users?status=in_grace").await;
    owner.must_say("Grace until").must_say("Doyle, Patrick");
}

/// The five lists, each for whom it is.
#[tokio::test]
async fn the_lists_are_for_administrators() {
    let app = TestApp::spawn().await;
    let urls = [
        "/admin/users",
        "/settings/allaccounts",
        "/settings/allaccounts/",
        "/setup/users",
        "/identity/users",
        "/admin/authentication-methods",
    ];
    let mut admin = app.administering("admin").await;
    let mut member = app.signed_in("phone.only").await;
    let mut nobody = app.browser();
    for url in urls {
        assert_eq!(admin.get_only(url).await.status, 200, "{url}");
        assert_eq!(member.get_only(url).await.status, 403, "{url}");
        assert_eq!(nobody.get_only(url).await.status, 303, "{url}");
    }
    admin.get("/settings/allaccounts/").await;
    admin.must_say("Manage Accounts");
    admin.click("Reset Multi-factor of Tran, Marcus").await;
    admin.must_say("Reset Multi-factor for this user?").must_say("Marcus Tran");
    admin.get("/setup/users").await;
    assert!(admin.page().has("details summary"));
    admin.click("Reset Registration of Tran, Marcus").await;
    admin.must_say("Reset Registration of this user?");
}

/// Pages go on from where the last one ended; nobody is left out and nobody comes twice, with filters too.
#[tokio::test]
async fn pages_hold_everybody_once() {
    let app = TestApp::spawn().await;
    app.crowd("harbor_valley", 130).await;
    let mut admin = app.administering("admin").await;
    let (mut names, mut url) = (Vec::new(), "/admin/users".to_owned());
    loop {
        admin.get(&url).await;
        let page = admin.page();
        let rows = page.texts("td.main .sub");
        assert!(rows.len() <= 50);
        names.extend(rows);
        let next = page.texts("nav.pager a").iter().position(|text| text == "Next page");
        if next.is_none() {
            break;
        }
        admin.click("Next page").await;
        url = admin.path().to_owned();
    }
    assert_eq!(names.len(), 24 + 130);
    let mut once = names.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), names.len());
    for limit in [7, 50] {
        for search in ["", "crowd", "a"] {
            app.walk(limit, search).await;
        }
    }
}

impl TestApp {
    /// Reads a whole list in pages and compares it with the list in one.
    async fn walk(&self, limit: usize, search: &str) {
        let within = Within::Organizations(vec![
            self.organization_id("harbor_valley"),
            self.organization_id("riverside"),
            self.organization_id("delta"),
        ]);
        for status in [None, Some(StatusFilter::None), Some(StatusFilter::Enrolled)] {
            let query = Query { search: search.into(), status, limit, ..Query::within(within.clone()) };
            let all = Query { limit: 200, ..query.clone() };
            let all = directory::list(&self.app.core, all).await.expect("a page");
            let (mut found, mut after) = (Vec::new(), None);
            loop {
                let page = directory::list(&self.app.core, Query { after, ..query.clone() }).await.expect("a page");
                found.extend(page.rows.into_iter().map(|row| row.membership.id));
                match page.rest {
                    Rest::End => break,
                    Rest::Next(cursor) | Rest::Continue(cursor) => after = Some(cursor),
                }
            }
            let ids: Vec<String> = all.rows.into_iter().map(|row| row.membership.id).collect();
            assert_eq!(found, ids, "{search} {status:?} {limit}");
        }
    }

    /// So many more people in an organization, with names of all kinds.
    async fn crowd(&self, organization: &str, many: usize) {
        self.crowd_called(organization, many, "crowd").await;
    }

    async fn crowd_called(&self, organization: &str, many: usize, name: &'static str) {
        let (organization, template) = (self.organization_id(organization), self.account_of("member.none").await);
        let now = self.app.core.clock.now();
        self.write(move |conn| {
            for n in 0..many {
                let id = new_id(now);
                let (first, last) = (format!("A{}", n % 7), format!("Crowd{}", n % 11));
                let (username, email) = (format!("{name}.{n}"), format!("{name}{n}@example.org"));
                let user = User {
                    id: id.clone(),
                    username_lower: fold(&username),
                    username,
                    email_lower: fold(&email),
                    email,
                    first_name_lower: fold(&first),
                    first_name: first,
                    last_name_lower: fold(&last),
                    last_name: last,
                    account: Account::Active,
                    ..template.clone()
                };
                users::insert(conn, &user)?;
                let row = Membership {
                    id: new_id(now),
                    user_id: id,
                    organization_id: organization.clone(),
                    role: Role::Member,
                    mfa_epoch: 0,
                    exempt_until: None,
                    exempt_reason: None,
                    disabled_at: None,
                    created_at: now,
                };
                memberships::insert(conn, &row)?;
            }
            Ok(())
        })
        .await;
    }
}

/// A search with more matches than are put in order at once: everybody once, those whose last name begins so
/// before the others, and filters hold.
#[tokio::test]
async fn a_search_with_many_matches_finds_everybody_once() {
    let app = TestApp::spawn().await;
    app.crowd("harbor_valley", 260).await;
    app.crowd_called("riverside", 30, "arnold").await;
    let within = Within::Organizations(vec![app.organization_id("harbor_valley"), app.organization_id("riverside")]);
    let everybody = app.pages(Query { limit: 200, ..Query::within(within.clone()) }).await;
    assert!(everybody.len() > 290);
    for (search, status) in [("crowd", None), ("a", None), ("a", Some(StatusFilter::None)), ("c", None)] {
        let begins = |row: &directory::Row| keys(&row.user).iter().any(|(_, key)| key.starts_with(search));
        let status_fits = |row: &directory::Row| status.is_none_or(|wanted| wanted == StatusFilter::of(row.status));
        let mut expected: Vec<&str> =
            everybody.iter().filter(|r| begins(r) && status_fits(r)).map(|r| r.membership.id.as_str()).collect();
        assert!(expected.len() > 200, "{search}: {}", expected.len());
        let found =
            app.pages(Query { search: search.into(), status, limit: 37, ..Query::within(within.clone()) }).await;
        let by_last_name = |row: &directory::Row| row.user.last_name.to_lowercase().starts_with(search);
        let first_other = found.iter().position(|row| !by_last_name(row)).unwrap_or(found.len());
        assert!(!found[first_other..].iter().any(by_last_name), "{search}: last names come first");
        let mut ids: Vec<&str> = found.iter().map(|row| row.membership.id.as_str()).collect();
        ids.sort_unstable();
        expected.sort_unstable();
        assert_eq!(ids, expected, "{search} {status:?}");
    }
}

impl TestApp {
    /// A whole list, page by page.
    async fn pages(&self, query: Query) -> Vec<directory::Row> {
        let (mut rows, mut after) = (Vec::new(), None);
        loop {
            let page = directory::list(&self.app.core, Query { after, ..query.clone() }).await.expect("a page");
            rows.extend(page.rows);
            match page.rest {
                Rest::End => return rows,
                Rest::Next(cursor) | Rest::Continue(cursor) => {
                    // As a link carries it.
                    after = Some(directory::Cursor::parse(&cursor.encode()).expect("a cursor"));
                }
            }
        }
    }
}

/// Memberships from before lists had their own table are found once the portal has caught up.
#[tokio::test]
async fn older_people_are_found_after_catching_up() {
    let app = TestApp::spawn().await;
    app.sql("DELETE FROM directory_entries".into()).await;
    let mut admin = app.administering("admin").await;
    admin.get("/admin/users").await;
    admin.must_say("No users yet.");
    let written = directory::catch_up(&app.app.core.db).await.expect("it catches up");
    assert!(written > 50);
    assert_eq!(directory::catch_up(&app.app.core.db).await.expect("it finds nothing"), 0);
    admin.get("/admin/users?q=tran").await;
    admin.must_say("Tran, Marcus");
}

/// Filters that few fit find them at once, however long the list before them is, and exactly them.
#[tokio::test]
async fn a_filter_that_few_fit_finds_them_at_once() {
    let app = TestApp::spawn().await;
    app.crowd("harbor_valley", 1_100).await;
    let mut operator = app.administering("operator").await;
    for (filter, name) in [
        ("status=locked", "Raman, Priya"),
        ("status=exempt", "Jennings, Harold"),
        ("role=owner", "Hollis, Kendra"),
        ("account=disabled", "Disabled"),
        ("status=locked&q=ra", "Raman, Priya"),
    ] {
        operator.get(&format!("/admin/users?{filter}")).await;
        operator.must_say(name);
        assert!(!operator.says("Continue searching"), "{filter}");
    }
    let harbor = Within::Organizations(vec![app.organization_id("harbor_valley"), app.organization_id("riverside")]);
    for within in [Within::Everywhere, harbor] {
        let all = app.pages(Query { limit: 200, ..Query::within(within.clone()) }).await;
        for status in StatusFilter::ALL {
            let query = Query { status: Some(status), limit: 3, ..Query::within(within.clone()) };
            app.same(query, &all, |row| StatusFilter::of(row.status) == status).await;
        }
        for &account in Account::ALL {
            let query = Query { account: Some(account), limit: 3, ..Query::within(within.clone()) };
            app.same(query, &all, |row| row.user.account == account).await;
        }
        for &role in Role::ALL {
            let query = Query { role: Some(role), limit: 3, ..Query::within(within.clone()) };
            app.same(query, &all, |row| row.membership.role == role).await;
        }
        let query = Query { role: Some(Role::Admin), status: Some(StatusFilter::Enrolled), ..Query::within(within) };
        let both = |row: &directory::Row| row.membership.role == Role::Admin && row.status == MfaStatus::Enrolled;
        app.same(query, &all, both).await;
    }
}

/// Several pauses of one person are one person, and where more people fit than are looked at in one go, pages go on.
#[tokio::test]
async fn nobody_is_missing_where_many_fit() {
    let app = TestApp::spawn().await;
    app.crowd("harbor_valley", 1_100).await;
    let pause = |kinds: &str, last: &str| {
        format!(
            "INSERT INTO second_step_pauses (user_id, kind, failed_in_row, paused_until, updated_at)
             SELECT u.id, k.kind, 10, '2099-01-01 00:00:00', '2026-01-01 00:00:00'
             FROM users u CROSS JOIN ({kinds}) k WHERE u.username_lower LIKE 'crowd.{last}'"
        )
    };
    let four = "SELECT 'phone' AS kind UNION ALL SELECT 'email' UNION ALL SELECT 'authenticator' UNION ALL SELECT 'hardware_token'";
    let harbor = Within::Organizations(vec![app.organization_id("harbor_valley")]);
    // First the 400 from 100 on, each four times; then everybody.
    let some: &[&str] = &["1__", "2__", "3__", "4__"];
    let others: &[&str] = &["_", "__", "5__", "6__", "7__", "8__", "9__", "____"];
    for (kinds, lasts, many) in [(four, some, 400), ("SELECT 'phone' AS kind", others, 1_100)] {
        for last in lasts {
            app.sql(pause(kinds, last)).await;
        }
        for within in [Within::Everywhere, harbor.clone()] {
            let all = app.pages(Query { limit: 200, ..Query::within(within.clone()) }).await;
            assert!(all.iter().filter(|row| row.status == MfaStatus::Locked).count() >= many);
            let query = Query { status: Some(StatusFilter::Locked), limit: 50, ..Query::within(within) };
            app.same(query, &all, |row| row.status == MfaStatus::Locked).await;
        }
    }
}

impl TestApp {
    /// A filtered list, page by page, is the whole list without the others, in its order.
    async fn same(&self, query: Query, all: &[directory::Row], fits: impl Fn(&directory::Row) -> bool) {
        let expected: Vec<&str> = all.iter().filter(|row| fits(row)).map(|row| row.membership.id.as_str()).collect();
        let long = Query { limit: if expected.len() > 100 { 200 } else { query.limit }, ..query.clone() };
        let found = self.pages(long).await;
        let found: Vec<&str> = found.iter().map(|row| row.membership.id.as_str()).collect();
        assert_eq!(found, expected, "{query:?}");
    }
}
