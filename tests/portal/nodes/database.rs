//! PostgreSQL under the running program: restarted under load, and put back from a dump.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use vestibule::db::{DbConnection, Fault};
use vestibule::domain::sample::address;

use crate::faults::open_doors::Open;
use crate::support::postgres::Postgres;
use crate::support::program::{Program, client};
use crate::support::smtp::{Security, SmtpServer};
use crate::support::{BY_PHONE, Browser};

/// Nobody of them has a factor, so that a sign-in is one POST.
const PEOPLE: [&str; 2] = ["member.none", "exempt"];
const IN_TIME: Duration = Duration::from_secs(120);

/// What came of somebody's sign-ins.
#[derive(Default)]
struct Count {
    /// Answered, at home.
    done: usize,
    /// Answered by 503: it may have been carried out and its answer lost.
    unknown: usize,
    refused: Vec<String>,
}

/// Nothing but these is an answer while the database restarts.
#[track_caller]
fn is_fine(browser: &Browser) -> bool {
    let retry = browser.answer.header("retry-after").is_some();
    let status = browser.status();
    assert!(status == 200 || (status == 503 && retry), "{status} at {}: {}", browser.path(), browser.text());
    status == 200
}

/// Signs in, looks around and signs out, over and over.
async fn walk(base: String, username: &str, password: String, stop: Arc<AtomicBool>, all: Arc<AtomicUsize>) -> Count {
    let (http, mut count) = (client(), Count::default());
    let email = address(username).expect("an address");
    while !stop.load(Ordering::Relaxed) {
        let mut browser = Browser::new(http.clone(), &base, true).from("198.51.100.7");
        browser.get("/login").await;
        if !is_fine(&browser) {
            continue;
        }
        browser.click(BY_PHONE).await;
        if !is_fine(&browser) {
            continue;
        }
        browser.sign_in_as(&email, &password).await;
        // A sign-in that was carried out leads on by a 303, even where the next page cannot be shown.
        let carried_out = browser.answer.chain.iter().any(|(status, path)| *status == 303 && path == "/login/phone");
        match (is_fine(&browser), carried_out) {
            (_, true) => count.done += 1,
            (false, false) => count.unknown += 1,
            (true, false) => count.refused.push(browser.text()),
        }
        all.fetch_add(1, Ordering::Relaxed);
        for path in ["/home", "/messages", "/security"] {
            browser.get(path).await;
            is_fine(&browser);
        }
    }
    count
}

async fn at_least(all: &AtomicUsize, more: usize) {
    let (wanted, begun) = (all.load(Ordering::Relaxed) + more, Instant::now());
    while all.load(Ordering::Relaxed) < wanted {
        assert!(begun.elapsed() < IN_TIME, "sign-ins have come to a halt");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn number(program: &Program, sql: String) -> usize {
    use diesel::{QueryableByName, RunQueryDsl, sql_query};
    #[derive(QueryableByName)]
    struct Number {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        number: i64,
    }
    let db = program.db();
    let read = db.read(move |conn| match conn {
        DbConnection::Pg(c) => Ok::<_, Fault>(sql_query(sql).get_result::<Number>(c)?.number),
        DbConnection::Sqlite(_) => unreachable!("this test brings its PostgreSQL"),
    });
    usize::try_from(read.await.expect("the query runs")).expect("a count")
}

/// Restarted twice, once in order and once by a crash, while people sign in: 200, 303 and 503 with Retry-After
/// are all there is, and every sign-in that was answered is in the audit log once.
#[tokio::test]
#[ignore = "needs PostgreSQL's own programs (initdb, postgres)"]
async fn nodes_outlive_a_restart_of_postgresql_under_load() {
    let mut postgres = Postgres::start();
    let mut program = Program::prepare_at(9, postgres.url(), None).await;
    let http = client();
    program.start(&http).await;
    let signed_in = |username: &str| {
        let id = &program.people.people[username].user_id;
        format!(
            "SELECT count(*) AS number FROM audit_entries WHERE action = 'sign_in' AND result = 'success'
             AND subject_user_id = '{id}'"
        )
    };
    let mut before = Vec::new();
    for username in PEOPLE {
        before.push(number(&program, signed_in(username)).await);
    }
    let (stop, all) = (Arc::new(AtomicBool::default()), Arc::new(AtomicUsize::default()));
    let mut walks = Vec::new();
    for username in PEOPLE {
        let password = program.people.people[username].password.clone().expect("a password");
        walks.push(tokio::spawn(walk(program.base.clone(), username, password, stop.clone(), all.clone())));
    }
    at_least(&all, 6).await;
    for signal in [Signal::INT, Signal::QUIT] {
        postgres = tokio::task::spawn_blocking(move || {
            postgres.restart(signal, Duration::from_secs(2));
            postgres
        })
        .await
        .expect("it restarts");
        let begun = Instant::now();
        while http.get(format!("{}/readyz", program.base)).send().await.map(|a| a.status().as_u16()).ok() != Some(200) {
            assert!(begun.elapsed() < IN_TIME, "/readyz does not come back");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        at_least(&all, 6).await;
    }
    stop.store(true, Ordering::Relaxed);
    let (mut done, mut unknown) = (0, 0);
    for ((username, before), walk) in PEOPLE.into_iter().zip(before).zip(walks) {
        let count = walk.await.expect("every answer was fine");
        assert!(count.refused.is_empty(), "{username}: {:?}", count.refused);
        let noted = number(&program, signed_in(username)).await - before;
        let possible = count.done..=count.done + count.unknown;
        assert!(possible.contains(&noted), "{username}: {noted} noted, {possible:?} possible");
        (done, unknown) = (done + count.done, unknown + count.unknown);
    }
    assert!(program.is_running(), "the same process all the time");
    assert_eq!(program.run(&["verify-audit"], "").code, 0);
    println!("{done} sign-ins over two restarts, {unknown} answered by 503");
}

/// As the handbook says: `pg_dump -Fc`, `pg_restore --clean --if-exists`. The start notices by itself.
#[tokio::test]
#[ignore = "needs PostgreSQL's own programs (initdb, postgres, pg_dump, pg_restore)"]
async fn nodes_on_a_restored_postgresql_let_nobody_in_who_was_in() {
    let postgres = Postgres::start();
    let mail = SmtpServer::start(Security::None).await;
    let mut program = Program::prepare_at(mail.port, postgres.url(), None).await;
    let http = client();
    program.start(&http).await;
    let mut open = Open::all(&program, &http, &mail).await;
    let dump = postgres.command("pg_dump").args(["-Fc", "-d"]).arg(postgres.url()).output().expect("pg_dump runs");
    assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
    open.change_password(&program).await;
    program.kill();
    program.start(&http).await;
    open.are_open().await;

    program.kill();
    let mut restore = postgres.command("pg_restore");
    restore.args(["--clean", "--if-exists", "--exit-on-error", "-d"]).arg(postgres.url());
    let mut restore = restore.stdin(std::process::Stdio::piped()).spawn().expect("pg_restore runs");
    std::io::Write::write_all(&mut restore.stdin.take().expect("its input is piped"), &dump.stdout).expect("it reads");
    assert!(restore.wait().expect("it ends").success());
    program.start(&http).await;
    assert!(program.log().contains("put back from a copy"), "{}", program.log());
    open.are_closed().await;
    open.sign_in_anew(&program, &mail).await;
    let noted = "SELECT count(*) AS number FROM audit_entries WHERE action = 'database_restored'";
    assert_eq!(number(&program, noted.to_owned()).await, 1);
    assert_eq!(program.run(&["verify-audit"], "").code, 0);
    let ran = program.run(&["restore", "--from", "copy.db"], "");
    assert!(ran.code == 1 && ran.err.contains("pg_restore"), "{ran:?}");
    let ran = program.run(&["restore"], "");
    assert!(ran.code == 1 && ran.out.contains("Stop every node"), "{ran:?}");
    let ran = program.run(&["restore", "--yes"], "");
    assert!(ran.code == 0 && ran.out.contains("Ended what was open"), "{ran:?}");
}
