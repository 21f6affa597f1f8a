//! The disk under SQLite, with the real program: it takes nothing any more, the file cannot be written, the file
//! is damaged. Every answer is a page of ours, nothing is half written, and once there is room everything goes
//! on without a restart. On SQLite always: PostgreSQL looks after its own disk.
//!
//! A full disk is played by a limit on how far the process may write into files (RLIMIT_FSIZE 0), which needs
//! no rights: to SQLite it is a write that fails, as with a quota or a dying disk.

use std::fs;
use std::time::{Duration, Instant};

use vestibule::clock::{Clock, unix};
use vestibule::domain::sample::address;

use super::open_doors::by_password;
use crate::support::program::{Program, client};
use crate::support::{BY_PHONE, Browser, code_at};

const IN_TIME: Duration = Duration::from_secs(180);
/// What a write of any kind would have added to or changed.
const WRITTEN: [&str; 5] = [
    "SELECT id || stage || state AS line FROM sessions ORDER BY id",
    "SELECT id AS line FROM audit_entries ORDER BY id",
    "SELECT id || state AS line FROM outbox_messages ORDER BY id",
    "SELECT key || count || in_flight AS line FROM throttles ORDER BY key",
    "SELECT id || last_step || failed_in_row AS line FROM factors ORDER BY id",
];

fn written(program: &Program) -> Vec<Vec<String>> {
    let mut copy = program.open_copy();
    WRITTEN.iter().map(|sql| copy.lines(sql)).collect()
}

async fn ready_says(browser: &mut Browser, status: u16) {
    let begun = Instant::now();
    while browser.get_only("/readyz").await.status != status {
        assert!(begun.elapsed() < IN_TIME, "/readyz never says {status}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[track_caller]
fn is_our_error_page(browser: &Browser) {
    assert!([500, 503].contains(&browser.status()), "{} {}: {}", browser.status(), browser.path(), browser.text());
    assert!(browser.answer.header("content-security-policy").is_some() && browser.page().has("main h1"));
    assert_eq!(browser.answer.header("cache-control"), Some("no-store"));
    for inside in ["sqlite", "disk", "I/O", "malformed", "vestibule.db"] {
        assert!(!browser.says(inside), "the page tells of {inside}: {}", browser.text());
    }
}

fn code(program: &Program) -> String {
    let key = program.people.people["app.only"].factors["authenticator"].key.clone().expect("a key");
    code_at(&key, unix(Clock::default().now()).cast_signed())
}

/// Up to the code of an authenticator.
async fn after_password(program: &Program, mut browser: Browser) -> Browser {
    browser.choose(BY_PHONE, false).await;
    let password = program.people.people["app.only"].password.clone().expect("a password");
    browser.sign_in_as(&address("app.only").expect("an address"), &password).await;
    browser.must_be_at("/login/verify/authenticator");
    browser
}

/// ASVS 16.5.1, 16.5.3.
#[tokio::test]
async fn a_disk_that_takes_nothing_half_writes_nothing_and_needs_no_restart() {
    let mut program = Program::prepare(9);
    let http = client();
    program.start_with_room(&http).await;
    let password = program.people.people["member.none"].password.clone().expect("a password");
    let mut inside = by_password(&http, &program.base, "member.none", &password).await;
    let stranger = Browser::new(http.clone(), &program.base, true).from("198.51.100.9");
    let mut pending = after_password(&program, stranger.clone()).await;
    ready_says(&mut inside, 200).await;

    program.room(false);
    ready_says(&mut inside, 503).await;
    let before = written(&program);
    pending.fill("Verification Code", &code(&program)).click("Verify Code").await;
    is_our_error_page(&pending);
    for _ in 0..3 {
        let mut another = stranger.clone();
        another.choose(BY_PHONE, false).await;
        another.sign_in_as(&address("member.none").expect("an address"), &password).await;
        is_our_error_page(&another);
        another.get("/home").await;
        another.must_be_at("/login");
    }
    let read = inside.post_only("/messages/read", &[]).await;
    assert!(read.status >= 400, "{}", read.status);
    assert_eq!(written(&program), before, "nothing was written, whole or half");
    let log = program.log();
    let reason = log.lines().find(|line| line.contains("not ready")).expect("the reason is logged");
    assert!(reason.contains("disk"), "{reason}");

    program.room(true);
    ready_says(&mut inside, 200).await;
    pending.get("/login/verify/authenticator").await;
    pending.fill("Verification Code", &code(&program)).click("Verify Code").await;
    pending.must_be_at("/home");
    by_password(&http, &program.base, "member.none", &password).await;
    inside.get("/home").await;
    inside.must_be_at("/home");
    assert!(program.is_running(), "the same process all the time");
    program.open_copy().is_whole();
    assert_eq!(program.run(&["verify-audit"], "").code, 0);
}

/// Damaged while it lies there: refused at the start, in words that say what to do.
#[tokio::test]
async fn a_damaged_database_is_refused_at_the_start() {
    let program = Program::prepare(9);
    let file = program.path("vestibule.db");
    let whole = fs::read(&file).expect("the database");
    let mut overwritten = whole.clone();
    let middle = whole.len() / 2;
    overwritten[middle..].fill(0xA5);
    let mut beheaded = whole.clone();
    beheaded[..100].fill(0);
    for (what, content) in [
        ("overwritten", overwritten),
        ("truncated", whole[..middle].to_vec()),
        ("without its head", beheaded),
        ("not a database at all", b"Dear Sir or Madam, ".repeat(2_000)),
    ] {
        fs::write(&file, &content).expect("it is damaged");
        for command in ["serve", "migrate"] {
            let ran = program.run(&[command], "");
            assert_eq!(ran.code, 1, "{what}: {ran:?}");
            let advice = "is damaged: put a copy back with vestibule restore";
            assert!(ran.err.contains("vestibule.db") && ran.err.contains(advice), "{what}: {ran:?}");
        }
        assert!(fs::read(&file).expect("the database") == content, "{what}: it was left as it was found");
    }
}

#[tokio::test]
async fn a_database_that_is_read_only_is_refused_at_the_start() {
    let program = Program::prepare(9);
    let config = fs::read_to_string(program.path("vestibule.toml")).expect("the configuration");
    let file = program.path("vestibule.db").display().to_string();
    // Also for root, to whom a file's mode says nothing.
    let config = config.replace(&format!("sqlite:{file}"), &format!("sqlite:file:{file}?mode=ro"));
    assert!(config.contains("mode=ro"));
    fs::write(program.path("vestibule.toml"), config).expect("the configuration is written");
    let ran = program.run(&["serve"], "");
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.err.contains("cannot be written"), "{ran:?}");
}

/// Damaged under the running program: nobody is let in by it, and `/readyz` says so.
#[tokio::test]
async fn a_database_damaged_under_the_program_lets_nobody_in() {
    use std::os::unix::fs::FileExt;
    let mut program = Program::prepare(9);
    let http = client();
    program.start(&http).await;
    let password = program.people.people["member.none"].password.clone().expect("a password");
    let mut inside = by_password(&http, &program.base, "member.none", &password).await;
    let file = fs::File::options().write(true).open(program.path("vestibule.db")).expect("the database");
    let length = usize::try_from(file.metadata().expect("its length").len()).expect("it fits");
    // What stands in the log is still whole; all of the file but its head is not.
    file.write_all_at(&vec![0xA5; length - 4_096], 4_096).expect("it is damaged");

    ready_says(&mut inside, 503).await;
    let mut stranger = Browser::new(http.clone(), &program.base, true).from("198.51.100.9");
    stranger.choose(BY_PHONE, false).await;
    stranger.sign_in_as(&address("app.only").expect("an address"), "anything at all, really").await;
    is_our_error_page(&stranger);
    stranger.get("/home").await;
    stranger.must_be_at("/login");
    assert!(program.is_running());
    assert_eq!(stranger.get_only("/healthz").await.status, 200);
}
