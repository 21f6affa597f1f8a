//! Killed again and again while people enroll, change and forget passwords, and an owner changes settings; what
//! lies there afterwards is checked each time. `KILL_ROUNDS` says how often.

mod checker;
mod work;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::task::JoinSet;
use vestibule::secrets::random;

use self::checker::Checker;
use self::work::{Kind, Seat};
use super::count_cut_off;
use super::open_doors::PATIENCE;
use crate::support::program::{Program, client};
use crate::support::smtp::{Behavior, Security, SmtpServer};

const ROUNDS: usize = 6;
/// Between rounds, while nobody has the file open: limits start anew, and whoever enrolled may do so again.
const TIDY: &str = "DELETE FROM throttles; DELETE FROM second_step_pauses;
    UPDATE outbox_messages SET claimed_until = NULL WHERE state = 'queued';";

/// ASVS 2.3.3, 16.5.2.
#[tokio::test]
async fn killed_in_the_middle_of_any_work_it_leaves_all_of_it_or_nothing() {
    let rounds = std::env::var("KILL_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(ROUNDS);
    let mail = Arc::new(SmtpServer::start(Security::None).await);
    // Long enough for a kill to fall between hand-over and record.
    mail.behave(Behavior::AnswerAfter(Duration::from_millis(20)));
    let mut program = Program::prepare(mail.port);
    let http = client();
    let seats: Vec<Arc<Mutex<Seat>>> =
        Kind::ALL.iter().map(|kind| Arc::new(Mutex::new(Seat::new(*kind, &program, &http)))).collect();
    program.open().run(PATIENCE);
    let mut checker = Checker::new(&program);
    let mut cut_off = 0;

    // On a slow machine nobody gets far before the kill: then it comes later, a few times more.
    for round in 0..rounds * 6 {
        if round >= rounds && checker.has_seen_everything() && cut_off > 0 {
            break;
        }
        let longest = 1_500_u32 << (round / rounds);
        program.start(&http).await;
        let mut walks = JoinSet::new();
        for seat in &seats {
            walks.spawn(work::go(seat.clone(), mail.clone()));
        }
        tokio::time::sleep(Duration::from_millis(30 + u64::from(random::below(longest)))).await;
        program.kill();
        cut_off += count_cut_off(walks).await;
        checker.look(&mut program.open_copy());
        let mut database = program.open();
        database.run(TIDY);
        for sql in checker.tidy() {
            database.run(&sql);
        }
    }
    assert!(cut_off > 0 && checker.has_seen_everything(), "{cut_off} cut off, {checker:?}: the kills tried too little");

    // It still works, for all of them.
    program.start(&http).await;
    let mut walks = JoinSet::new();
    for seat in &seats {
        walks.spawn(work::once(seat.clone(), mail.clone()));
    }
    while let Some(done) = walks.join_next().await {
        done.expect("somebody can still do it");
    }
    program.ask_to_end();
    assert_eq!(program.exit_code(), Some(0));
    checker.look(&mut program.open_copy());
    assert_eq!(program.run(&["verify-audit"], "").code, 0);
    println!("{rounds} rounds, {cut_off} cut off, {checker:?}");
}
