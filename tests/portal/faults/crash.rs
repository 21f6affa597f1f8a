//! Killed in the middle of sign-ins and sends, again and again. `CRASH_ROUNDS` says how often.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;
use tokio::task::JoinSet;
use vestibule::domain::sample::address;
use vestibule::secrets::random;

use super::count_cut_off;
use super::senders::code_in_mail;
use crate::support::program::{Database, Program, client};
use crate::support::smtp::{Behavior, Security, SmtpServer};
use crate::support::{BY_EMAIL, Browser};

const ROUNDS: usize = 10;
/// What stays as it is however often somebody signs in.
pub(super) const PEOPLE: &str =
    "SELECT id || ' ' || username || ' ' || email || ' ' || coalesce(password_hash, '') || ' ' || account
    AS line FROM users ORDER BY id";
pub(super) const FACTORS: &str =
    "SELECT id || ' ' || user_id || ' ' || kind || ' ' || state AS line FROM factors ORDER BY id";
pub(super) const IN_HAND: &str =
    "SELECT id AS line FROM outbox_messages WHERE state = 'queued' AND claimed_until IS NOT NULL";

/// Somebody at a browser, and how far they got.
struct Seat {
    username: String,
    email: String,
    password: String,
    /// As it was bought.
    new_browser: Browser,
    browser: Browser,
    /// **Continue** was answered in this browser.
    home: bool,
    sign_ins: usize,
}

/// ASVS 2.3.3.
#[tokio::test]
async fn killed_at_any_moment_it_starts_again_with_everything_in_its_place() {
    let rounds = std::env::var("CRASH_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(ROUNDS);
    let mail = Arc::new(SmtpServer::start(Security::None).await);
    // Long enough for a kill to fall between hand-over and record.
    mail.behave(Behavior::AnswerAfter(Duration::from_millis(30)));
    let mut program = Program::prepare(mail.port);
    let http = client();
    let seats = seats(&program, &http);
    let (people, factors) = sample_rows(&mut program.open_copy());
    let mut in_hand: HashMap<String, usize> = HashMap::new();
    let (mut cut_off, mut sign_ins) = (0, 0);

    // On a slow machine nobody gets far before the kill: then it comes later, a few times more.
    for round in 0..rounds * 4 {
        if round >= rounds && sign_ins > 0 && cut_off > 0 {
            break;
        }
        let longest = 1_200 * (1 + round / rounds);
        program.start(&http).await;
        nobody_is_further_than_they_got(&seats).await;
        let mut walks = JoinSet::new();
        for seat in &seats {
            walks.spawn(walk(seat.clone(), mail.clone()));
        }
        tokio::time::sleep(Duration::from_millis(20 + u64::from(random::below(longest as u32)))).await;
        program.kill();
        cut_off += count_cut_off(walks).await;
        sign_ins = completed(&seats).await;

        let mut left = program.open_copy();
        left.is_whole();
        assert_eq!((&people, &factors), (&left.lines(PEOPLE), &left.lines(FACTORS)));
        for id in left.lines(IN_HAND) {
            *in_hand.entry(id).or_default() += 1;
        }
    }

    // What was in hand is free again after its lease, a minute: that is not waited for here.
    program.open().run("UPDATE outbox_messages SET claimed_until = NULL WHERE state = 'queued'");
    program.start(&http).await;
    nobody_is_further_than_they_got(&seats).await;
    everything_went_out(&mut program.open(), &mail, &in_hand).await;
    program.open().is_whole();
    assert_eq!((people, factors), sample_rows(&mut program.open()));

    assert!(sign_ins > 0 && cut_off > 0, "{sign_ins} sign-ins, {cut_off} cut off: the kills tried nothing");
}

async fn completed(seats: &[Arc<Mutex<Seat>>]) -> usize {
    let mut sign_ins = 0;
    for seat in seats {
        sign_ins += seat.lock().await.sign_ins;
    }
    sign_ins
}

/// Everybody whose only factor is e-mail, each at an address of their own; save for one whose organization
/// takes sign-ins from its own network alone.
fn seats(program: &Program, http: &reqwest::Client) -> Vec<Arc<Mutex<Seat>>> {
    let of_email =
        program.people.people.iter().filter(|(name, p)| p.factors.keys().eq(["email"]) && name.as_str() != "spatel");
    let seats = of_email.enumerate().filter_map(|(n, (username, person))| {
        let browser = Browser::new(http.clone(), &program.base, true).from(&format!("198.51.100.{}", n + 1));
        Some(Arc::new(Mutex::new(Seat {
            username: username.clone(),
            email: address(username)?,
            password: person.password.clone()?,
            new_browser: browser.clone(),
            browser,
            home: false,
            sign_ins: 0,
        })))
    });
    seats.collect()
}

/// Signs in by e-mail over and over. The lock is held all the time, and survives a panic.
async fn walk(seat: Arc<Mutex<Seat>>, mail: Arc<SmtpServer>) {
    let mut seat = seat.lock().await;
    let Seat { email, password, new_browser, browser, home, sign_ins, .. } = &mut *seat;
    loop {
        (*browser, *home) = (new_browser.clone(), false);
        browser.choose(BY_EMAIL, false).await;
        browser.sign_in_as(email, password).await;
        if browser.status() == 503 {
            // Other tests hash passwords as well.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        }
        browser.must_be_at("/login/verify/email");
        let before = mail.received().len();
        browser.click("Send verification code").await;
        let code = newer_code(&mail, email, before).await;
        // The mail may be here before the server has heard so.
        while !browser.page().controls().iter().any(|c| c == "Verify code") {
            browser.refresh().await;
        }
        browser.fill("Verification code", &code).click("Verify code").await;
        browser.must_say("You can now continue");
        *home = browser.post_only("/login/verify/email/continue", &[]).await.status == 303;
        browser.get("/home").await;
        browser.must_be_at("/home");
        *sign_ins += 1;
    }
}

async fn newer_code(mail: &SmtpServer, email: &str, before: usize) -> String {
    loop {
        let arrived = mail.received().iter().skip(before).any(|m| m.to.iter().any(|to| to.contains(email)));
        if let Some(code) = code_in_mail(mail, email).filter(|_| arrived) {
            return code;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Whoever saw home is still in; whoever did not is not.
async fn nobody_is_further_than_they_got(seats: &[Arc<Mutex<Seat>>]) {
    for seat in seats {
        let mut seat = seat.lock().await;
        let (home, username) = (seat.home, seat.username.clone());
        let path = seat.browser.get("/home").await.path.clone();
        assert_eq!(path == "/home", home, "{username} is at {path}");
    }
}

fn sample_rows(database: &mut Database) -> (Vec<String>, Vec<String>) {
    (database.lines(PEOPLE), database.lines(FACTORS))
}

/// Nothing waits for ever, what is marked as sent has arrived, and nothing arrived more often than
/// there were kills while it was in hand.
pub(super) async fn everything_went_out(database: &mut Database, mail: &SmtpServer, in_hand: &HashMap<String, usize>) {
    let begun = Instant::now();
    loop {
        let waiting = database.lines("SELECT id AS line FROM outbox_messages WHERE state = 'queued'");
        if waiting.is_empty() {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{} messages still wait", waiting.len());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut times: HashMap<String, usize> = HashMap::new();
    for one in mail.received().iter() {
        let id = one.header("Message-ID").expect("every mail has an id");
        let id = id.trim_matches(['<', '>']).split('@').next().unwrap_or_default().to_owned();
        *times.entry(id).or_default() += 1;
    }
    let sent = database.lines("SELECT id AS line FROM outbox_messages WHERE state = 'sent' AND channel = 'email'");
    for id in &sent {
        assert!(times.contains_key(id), "{id} is marked as sent and never arrived");
    }
    for (id, times) in &times {
        let allowed = 1 + in_hand.get(id).copied().unwrap_or(0);
        assert!(*times <= allowed, "{id} arrived {times} times and was in hand at {} kills", allowed - 1);
    }
    let failed = "SELECT coalesce(last_error, '') AS line FROM outbox_messages WHERE state = 'failed'";
    for why in database.lines(failed) {
        assert!(["replaced", "no longer needed"].contains(&why.as_str()) || why.starts_with("gave up"), "{why}");
    }
}
