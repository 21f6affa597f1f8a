//! Enforcing MFA is one flag, however many people it concerns, and its preview looks at a bounded number.

use std::sync::{Arc, Barrier, Mutex};
use std::time::{Duration, Instant};

use diesel::Connection;
use diesel::connection::{Instrumentation, InstrumentationEvent};
use vestibule::db::DbConnection;
use vestibule::domain::limits::COUNTED_PEOPLE;

use super::{ENFORCE, PAGE};
use crate::support::db::postgres_url;
use crate::support::{Browser, TestApp};

const SAVE: &str = "/admin/security/save";
const FIELDS: [&str; 13] = [
    "seen",
    "enforce",
    "grace_days",
    "grace_shown",
    "org_level",
    "authenticator",
    "phone",
    "email",
    "hardware_token",
    "email_code_seconds",
    "idle_minutes",
    "absolute_hours",
    "remember_me",
];

/// The same statements are written for 2,000 members as for 10: one row of the organization, and nobody's.
#[tokio::test]
async fn enforcing_writes_the_same_whatever_the_number_of_members() {
    let mut seen = Vec::new();
    for members in [10, 2_000] {
        let app = TestApp::spawn().await;
        app.fill("harbor_valley", members).await;
        let mut owner = app.owner("owner.one").await;
        let form = preview(&mut owner, true).await.0;
        let written = app.record_writes().await;
        save(&mut owner, &form).await;
        seen.push(written.lock().expect("nobody panicked").clone());
        owner.get(PAGE).await;
        assert!(owner.page().is_checked(ENFORCE), "it was enforced");
    }
    assert_eq!(seen[0], seen[1]);
    let begins = |what: &str| seen[1].iter().filter(|statement| statement.starts_with(what)).count();
    assert_eq!(begins("UPDATE organizations "), 1, "{seen:?}");
    assert_eq!(begins("INSERT INTO audit_entries "), 1, "{seen:?}");
    for nobodys in ["users", "memberships", "factors", "session_proofs", "remembered_browsers"] {
        for verb in ["UPDATE", "INSERT INTO", "DELETE FROM"] {
            assert_eq!(begins(&format!("{verb} {nobodys} ")), 0, "{seen:?}");
        }
    }
}

/// The figures of a large organization are of its first members, and the pages say so.
#[tokio::test]
async fn a_large_organization_is_counted_in_part() {
    let app = TestApp::spawn().await;
    let mut owner = app.owner("owner.one").await;
    let small = preview(&mut owner, true).await.1;
    assert!(!small.contains("the first"), "{small}");
    app.fill("harbor_valley", usize::try_from(COUNTED_PEOPLE).expect("a number") + 1).await;
    let large = preview(&mut owner, true).await.1;
    assert!(large.contains("would have to set up at once") && large.contains("of the first "), "{large}");
    assert!(large.contains("This organization is large"), "{large}");
    owner.get(PAGE).await;
    owner.must_say("of the first ").must_say("At least");
}

/// How long the POST that enforces takes, and the preview before it, with 10 members and with `MEMBERS`
/// (1,000,000 if nothing else is said). docs/performance.md has figures.
#[tokio::test]
#[ignore = "measures; fills a database with a million people"]
async fn enforcing_takes_as_long_for_a_million_members_as_for_ten() {
    let many = std::env::var("MEMBERS").ok().map_or(1_000_000, |n| n.parse().expect("MEMBERS is a number"));
    let mut sides = Vec::new();
    for members in [10, many] {
        let app = TestApp::spawn().await;
        app.fill("harbor_valley", members).await;
        let owner = app.owner("owner.one").await;
        sides.push((app, owner, Vec::new(), Vec::new()));
    }
    // In turns, so that what else the machine does meets both.
    for _ in 0..21 {
        for (_, owner, posts, previews) in &mut sides {
            let begun = Instant::now();
            let form = preview(owner, true).await.0;
            previews.push(begun.elapsed());
            let begun = Instant::now();
            save(owner, &form).await;
            posts.push(begun.elapsed());
            let form = preview(owner, false).await.0;
            save(owner, &form).await;
        }
    }
    let [small, large] = [0, 1].map(|side| (median(&sides[side].2), median(&sides[side].3)));
    println!("members   enforcing   preview (two pages)");
    println!("10        {:?}   {:?}", small.0, small.1);
    println!("{many}   {:?}   {:?}", large.0, large.1);
    let ratio = large.0.as_secs_f64() / small.0.as_secs_f64();
    println!("enforcing, {many} to 10: {ratio:.2}");
    assert!(ratio < 2.0, "beyond noise: {ratio:.2}");
}

fn median(times: &[Duration]) -> Duration {
    let mut times = times.to_vec();
    times.sort();
    times[times.len() / 2]
}

type Fields = Vec<(&'static str, String)>;

/// The form of the preview that turns enforcing on or off, and what the page says.
async fn preview(owner: &mut Browser, enforce: bool) -> (Fields, String) {
    owner.get(PAGE).await;
    owner.check(ENFORCE, enforce).click("Preview changes").await;
    owner.must_be_at("/admin/security/preview");
    let page = owner.page();
    let value = |name: &&'static str| Some((*name, page.attribute(&format!("main input[name={name}]"), "value")?));
    (FIELDS.iter().filter_map(value).collect(), owner.text())
}

async fn save(owner: &mut Browser, form: &Fields) {
    let fields: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = owner.post_in_console(SAVE, &fields).await;
    assert_eq!((answer.status, answer.location()), (303, Some(PAGE)));
}

impl TestApp {
    /// So many more members of an organization, one in ten of them without a factor.
    async fn fill(&self, organization: &str, members: usize) {
        let (organization, like) = (self.organization_id(organization), self.user_id("member.none"));
        let phone = self.factor_id("phone.only", "phone");
        self.sql(format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {members}) \
             INSERT INTO users (id, username, username_lower, email, email_lower, first_name, last_name, \
               first_name_lower, last_name_lower, password_must_change, managing_organization_id, operator, \
               account, mfa_epoch, created_at, updated_at) \
             SELECT 'scale-' || i, 'scale.' || i, 'scale.' || i, 'scale' || i || '@example.org', \
               'scale' || i || '@example.org', t.first_name, t.last_name, t.first_name_lower, t.last_name_lower, \
               t.password_must_change, t.managing_organization_id, t.operator, t.account, t.mfa_epoch, \
               t.created_at, t.updated_at FROM n CROSS JOIN users t WHERE t.id = '{like}'"
        ))
        .await;
        self.sql(format!(
            "INSERT INTO memberships (id, user_id, organization_id, role, mfa_epoch, created_at) \
             SELECT 'of-' || id, id, '{organization}', 'member', 0, created_at FROM users WHERE id LIKE 'scale-%'"
        ))
        .await;
        self.sql(format!(
            "INSERT INTO factors (id, user_id, kind, scope, name, state, phone, algorithm, digits, period, last_step, \
               failed_in_row, created_at, confirmed_at) \
             SELECT 'of-' || u.id, u.id, f.kind, f.scope, f.name, f.state, f.phone, f.algorithm, f.digits, f.period, \
               f.last_step, f.failed_in_row, f.created_at, f.confirmed_at FROM factors f CROSS JOIN users u \
             WHERE f.id = '{phone}' AND u.id LIKE 'scale-%' AND u.id NOT LIKE '%0'"
        ))
        .await;
        if postgres_url().is_some() {
            // What autovacuum does after a while.
            self.execute("ANALYZE".into()).await;
        }
    }

    /// From now on, what is written: statements without their values. Messages on their way out and the last use
    /// of sessions are written at times of their own.
    async fn record_writes(&self) -> Arc<Mutex<Vec<String>>> {
        let written = Arc::new(Mutex::new(Vec::new()));
        // SQLite has one writing connection. Of PostgreSQL's pool each is held until all are.
        let all = if postgres_url().is_some() { 4 } else { 1 };
        let together = Arc::new(Barrier::new(all));
        let connections = (0..all).map(|_| {
            let (together, recorder) = (together.clone(), Recorder(written.clone()));
            self.write(move |conn| {
                match conn {
                    DbConnection::Sqlite(c) => c.set_instrumentation(recorder),
                    DbConnection::Pg(c) => c.set_instrumentation(recorder),
                }
                together.wait();
                Ok(())
            })
        });
        futures_util::future::join_all(connections).await;
        written
    }
}

/// Keeps what is written.
struct Recorder(Arc<Mutex<Vec<String>>>);

impl Instrumentation for Recorder {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        let InstrumentationEvent::StartQuery { query, .. } = event else { return };
        let text = query.to_string().replace(['`', '"'], "");
        let statement = text.split(" -- binds").next().unwrap_or_default().to_owned();
        let writes = ["INSERT", "UPDATE", "DELETE"].iter().any(|verb| statement.starts_with(verb));
        // The outbox worker writes whenever it comes to it: to its messages and to the calls they carry.
        if writes && !statement.contains("outbox_message") && !statement.starts_with("UPDATE sessions ") {
            self.0.lock().expect("nobody panicked").push(statement);
        }
    }
}
