//! The storm: every browser signs in, and again, until the time is up.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::figures::{Bare, Times};
use super::worker::{SignIn, Worker};

/// What came of it.
#[derive(Default)]
pub struct Came {
    /// Within the time.
    pub completed: u64,
    /// Those and the last ones, which were late.
    pub seen_through: u64,
    pub with_code: u64,
    pub busy: u64,
    pub seconds: f64,
    /// From the first page to home, without those that were sent away.
    pub took: Times,
}

impl Came {
    pub fn per_second(&self) -> f64 {
        self.completed as f64 / self.seconds
    }

    /// Prints it beside the bare rate of argon2 before and after; `used` is the server's processor time in
    /// seconds, if that is known.
    pub fn tell(&self, (before, after): (&Bare, &Bare), used: Option<f64>) {
        println!("bare argon2, all cores: {:.1}/s before, {:.1}/s after", before.per_second, after.per_second);
        println!(
            "sign-ins completed: {} in {:.0} s, {:.1}/s; {:.2} of the bare argon2 rate",
            self.completed,
            self.seconds,
            self.per_second(),
            self.per_second() / ((before.per_second + after.per_second) / 2.0)
        );
        if let Some(used) = used {
            let hash = (before.milliseconds + after.milliseconds) / 2.0;
            let each = used * 1000.0 / self.seen_through as f64;
            let share = hash / each;
            println!(
                "  {each:.1} ms of the server's processor time each; a bare hash takes {hash:.1} ms, {share:.2} of it"
            );
        }
        println!("  {} with a code; {} sent away as busy and tried again", self.with_code, self.busy);
        println!("  one sign-in, in ms: {}", self.took);
    }
}

/// Each browser with the people who take turns at it. What is still under way when the time is up is seen
/// through, but not counted as completed.
pub async fn run(browsers: Vec<VecDeque<Worker>>, long: Duration) -> Came {
    let end = Instant::now() + long;
    let mut tasks = JoinSet::new();
    for workers in browsers {
        tasks.spawn(again_and_again(workers, end));
    }
    let mut came = Came { seconds: long.as_secs_f64(), ..Came::default() };
    while let Some(one) = tasks.join_next().await {
        let Ok(one) = one else { continue };
        came.completed += one.completed;
        came.seen_through += one.seen_through;
        came.with_code += one.with_code;
        came.busy += one.busy;
        came.took.join(one.took);
    }
    came
}

async fn again_and_again(mut workers: VecDeque<Worker>, end: Instant) -> Came {
    let mut came = Came::default();
    loop {
        let begun = Instant::now();
        let Some(worker) = workers.front_mut().filter(|_| begun < end) else { return came };
        if !worker.is_ready() {
            pause(Duration::from_millis(200), end).await;
            continue;
        }
        match worker.sign_in().await {
            SignIn::Done { .. } if Instant::now() > end => came.seen_through += 1,
            SignIn::Done { with_code } => {
                came.completed += 1;
                came.seen_through += 1;
                came.with_code += u64::from(with_code);
                came.took.add(begun.elapsed());
            }
            // As a person who reads the page would.
            SignIn::Busy(seconds) => {
                came.busy += 1;
                pause(Duration::from_secs(seconds), end).await;
            }
            SignIn::Wrong => return came,
        }
        workers.rotate_left(1);
    }
}

async fn pause(long: Duration, end: Instant) {
    tokio::time::sleep_until((Instant::now() + long).min(end).into()).await;
}
