//! A reset of many people, killed in the middle and started again: everybody is reset once and told once.
//! `BULK_RESET_USERS` says how many there are; figures are printed (`--nocapture`).

use std::collections::{BTreeMap, HashSet};
use std::time::{Duration, Instant};

use vestibule::db::{Db, DbConnection, Fault};
use vestibule::models::factors::{self, Factor};
use vestibule::models::jobs::{self, Job};
use vestibule::models::memberships::{self, Membership};
use vestibule::models::users::{self, User};
use vestibule::models::{JobState, Role, job_items, new_id};

use super::senders::code_in_mail;
use crate::support::program::Program;
use crate::support::smtp::{Security, SmtpServer};
use crate::support::{BY_EMAIL, Browser};

const USERS: usize = 300;
const LONG: Duration = Duration::from_secs(1_800);

#[tokio::test]
async fn a_killed_reset_of_many_goes_on_and_nobody_is_reset_twice() {
    let many = std::env::var("BULK_RESET_USERS").ok().and_then(|n| n.parse().ok()).unwrap_or(USERS);
    let mail = SmtpServer::start(Security::None).await;
    let mut program = Program::prepare_anywhere(mail.port).await;
    let (db, harbor) = (program.db(), program.people.organizations["harbor_valley"].id.clone());
    let crowd = add_people(&db, many, &harbor, &program.people.people["phone.only"].user_id).await;
    let http = reqwest_client();
    program.start(&http).await;
    let mut owner = signed_in(&program, &http, &mail).await;

    let begun = Instant::now();
    owner.get(&format!("/identity/users?customer={harbor}&q=crowd")).await;
    owner.click("Select all").await;
    owner.must_say(&format!("for {many} users?")).must_say(&format!("Deleted: {many} phone numbers"));
    let previewed = begun.elapsed();
    owner.click("Reset ").await;
    let id = owner.path().trim_start_matches("/admin/jobs/").to_owned();
    let begun = Instant::now();
    let half = i64::try_from(many / 2).expect("a small number");
    until(&db, &id, |job| job.succeeded >= half).await;
    program.kill();
    let (took, done) = (begun.elapsed(), find(&db, &id).await);
    assert!(done.state == JobState::Running && done.succeeded < done.total, "killed too late: {done:?}");
    let in_hand = queued(&db).await;

    // What was in hand is free again after its lease: that is not waited for here.
    free(&db).await;
    program.start(&http).await;
    let again = Instant::now();
    let job = until(&db, &id, |job| job.state == JobState::Done).await;
    let rest = again.elapsed();
    assert_eq!((job.succeeded, job.skipped, job.failed), (job.total, 0, 0));
    assert_eq!(usize::try_from(job.total), Ok(many));
    everybody_was_reset_once(&db, &id, &crowd).await;
    let told = everybody_was_told_once(&db, &mail, &crowd, in_hand).await;
    owner.get(&format!("/admin/jobs/{id}")).await;
    owner.must_say("Done");
    let seconds = (took + rest).as_secs_f64();
    println!(
        "{many} users: previewed in {:.2} s; killed after {} in {:.1} s, the rest in {:.1} s; {:.0} resets a second; \
         every e-mail handed over {:.1} s after the restart",
        previewed.as_secs_f64(),
        done.succeeded,
        took.as_secs_f64(),
        rest.as_secs_f64(),
        many as f64 / seconds,
        told.duration_since(again).as_secs_f64(),
    );
}

fn reqwest_client() -> reqwest::Client {
    vestibule::outbox::network::use_ring();
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().http1_only();
    client.pool_max_idle_per_host(0).build().expect("a client")
}

/// The account holder, by an e-mailed code.
async fn signed_in(program: &Program, http: &reqwest::Client, mail: &SmtpServer) -> Browser {
    let mut browser = Browser::new(http.clone(), &program.base, true).from("198.51.100.9");
    let email = vestibule::domain::sample::address("owner.one").expect("an address");
    let password = program.people.people["owner.one"].password.clone().expect("a password");
    browser.choose(BY_EMAIL, false).await;
    browser.sign_in_as(&email, &password).await;
    browser.click("Send verification code").await;
    let code = loop {
        if let Some(code) = code_in_mail(mail, &email) {
            break code;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    while !browser.page().controls().iter().any(|c| c == "Verify code") {
        browser.refresh().await;
    }
    browser.fill("Verification code", &code).click("Verify code").await;
    browser.click("Continue").await;
    browser.must_be_at("/home");
    browser
}

/// So many people with a phone; their ids and addresses.
async fn add_people(db: &Db, many: usize, harbor: &str, like: &str) -> BTreeMap<String, String> {
    let (harbor, like) = (harbor.to_owned(), like.to_owned());
    db.write(move |conn| {
        let template = users::find(conn, &like)?.expect("somebody");
        let phone = factors::list(conn, &like)?.remove(0);
        let mut made = BTreeMap::new();
        for n in 0..many {
            let user = person(&template, n);
            users::insert(conn, &user)?;
            memberships::insert(conn, &membership(&user, &harbor))?;
            let (id, user_id) = (new_id(user.created_at), user.id.clone());
            factors::insert(conn, &Factor { id, user_id, ..phone.clone() })?;
            made.insert(user.id, user.email);
        }
        Ok::<_, Fault>(made)
    })
    .await
    .expect("they are added")
}

fn person(template: &User, n: usize) -> User {
    let (name, email) = (format!("crowd.{n}"), format!("crowd.{n}@harborvalley.example"));
    User {
        id: new_id(template.created_at),
        username_lower: name.clone(),
        username: name,
        email_lower: email.clone(),
        email,
        first_name: format!("N{n}"),
        first_name_lower: format!("n{n}"),
        last_name: "Crowd".into(),
        last_name_lower: "crowd".into(),
        password_hash: None,
        ..template.clone()
    }
}

fn membership(user: &User, organization_id: &str) -> Membership {
    Membership {
        id: new_id(user.created_at),
        user_id: user.id.clone(),
        organization_id: organization_id.to_owned(),
        role: Role::Member,
        mfa_epoch: 0,
        exempt_until: None,
        exempt_reason: None,
        disabled_at: None,
        created_at: user.created_at,
    }
}

async fn find(db: &Db, id: &str) -> Job {
    let id = id.to_owned();
    db.read(move |conn| Ok::<_, Fault>(jobs::find(conn, &id)?.expect("the job"))).await.expect("it is read")
}

async fn until(db: &Db, id: &str, fits: impl Fn(&Job) -> bool) -> Job {
    let begun = Instant::now();
    loop {
        let job = find(db, id).await;
        if fits(&job) {
            return job;
        }
        assert!(begun.elapsed() < LONG, "{job:?}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

async fn free(db: &Db) {
    for table in ["jobs", "outbox_messages"] {
        let statement = format!("UPDATE {table} SET claimed_until = NULL WHERE claimed_until IS NOT NULL");
        db.write(move |conn| run(conn, &statement)).await.expect("it is freed");
    }
}

pub fn run(conn: &mut DbConnection, statement: &str) -> Result<(), Fault> {
    use diesel::connection::SimpleConnection;
    match conn {
        DbConnection::Sqlite(c) => Ok(c.batch_execute(statement)?),
        DbConnection::Pg(c) => Ok(c.batch_execute(statement)?),
    }
}

/// The addresses of what is on its way, with whether somebody has it in hand.
async fn rows(db: &Db, sql: &'static str) -> Vec<String> {
    use diesel::{QueryableByName, RunQueryDsl, sql_query};

    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = diesel::sql_types::Text)]
        line: String,
    }
    let read = db.read(move |conn| {
        let rows: Vec<Line> = match conn {
            DbConnection::Sqlite(c) => sql_query(sql).load(c)?,
            DbConnection::Pg(c) => sql_query(sql).load(c)?,
        };
        Ok::<_, Fault>(rows)
    });
    read.await.expect("the query runs").into_iter().map(|row| row.line).collect()
}

async fn queued(db: &Db) -> HashSet<String> {
    let sql = "SELECT recipient AS line FROM outbox_messages WHERE state = 'queued' AND claimed_until IS NOT NULL";
    rows(db, sql).await.into_iter().collect()
}

/// Each has one item, one entry in the audit log, one row in the outbox, and nothing enrolled any more.
async fn everybody_was_reset_once(db: &Db, id: &str, crowd: &BTreeMap<String, String>) {
    let job = id.to_owned();
    let items = db.read(move |conn| Ok::<_, Fault>(job_items::list(conn, &job, None, 0, 1_000_000)?)).await;
    let items: HashSet<String> = items.expect("its items").into_iter().filter_map(|item| item.subject_id).collect();
    assert_eq!(items.len(), crowd.len());
    assert!(items.iter().all(|id| crowd.contains_key(id)));
    let once = |lines: Vec<String>, what: &str| {
        let mut times: BTreeMap<String, usize> = BTreeMap::new();
        lines.into_iter().filter(|line| crowd.contains_key(line)).for_each(|line| *times.entry(line).or_default() += 1);
        assert_eq!(times.len(), crowd.len(), "{what}");
        assert!(times.values().all(|n| *n == 1), "{what}: {times:?}");
    };
    let sql = "SELECT subject_user_id AS line FROM audit_entries WHERE action = 'mfa_reset' AND result = 'success'";
    once(rows(db, sql).await, "audit");
    once(rows(db, "SELECT user_id AS line FROM outbox_messages WHERE kind = 'mfa_reset'").await, "e-mails");
    once(
        rows(db, "SELECT user_id AS line FROM messages WHERE subject LIKE 'Your factors were reset%'").await,
        "messages",
    );
    let left = rows(db, "SELECT user_id AS line FROM factors").await;
    assert!(!left.iter().any(|id| crowd.contains_key(id)));
}

/// Every mailbox got the e-mail; a second time only what was in hand at the kill, between hand-over and
/// record. When the last one went out.
async fn everybody_was_told_once(
    db: &Db,
    mail: &SmtpServer,
    crowd: &BTreeMap<String, String>,
    in_hand: HashSet<String>,
) -> Instant {
    let begun = Instant::now();
    while !rows(db, "SELECT id AS line FROM outbox_messages WHERE state = 'queued'").await.is_empty() {
        assert!(begun.elapsed() < LONG, "messages still wait");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let told = Instant::now();
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for to in mail.received().iter().flat_map(|one| one.to.clone()) {
        *times.entry(to.trim_matches(['<', '>']).to_owned()).or_default() += 1;
    }
    for email in crowd.values() {
        let arrived = times.get(email).copied().unwrap_or_default();
        let allowed = 1 + usize::from(in_hand.contains(email));
        assert!((1..=allowed).contains(&arrived), "{email} arrived {arrived} times");
    }
    told
}
