//! Whether strangers learn something from the time. ASVS 6.3.8.

use std::time::Duration;

const SAMPLES: usize = 32;
/// The first ones warm up pools and pages.
const WARM_UP: usize = 4;
const ROUNDS: usize = 8;
/// One at a time: they would disturb each other most of all.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Lower quartiles of interleaved samples within 25 % of those of the last kind. `sample` takes the kind and a
/// number that never comes twice. A machine that is busy elsewhere spoils some samples; the more there
/// are, the less that counts, while a difference that is there stays.
pub async fn must_take_as_long(kinds: &[&str], mut sample: impl AsyncFnMut(&str, usize) -> Duration) {
    let _alone = ALONE.lock().await;
    let mut times = vec![Vec::new(); kinds.len()];
    let mut seen = Vec::new();
    for round in 0..ROUNDS {
        for n in 0..SAMPLES + WARM_UP {
            for turn in 0..kinds.len() {
                // Nobody always comes first, nor always after somebody whose mail is still going out.
                let at = (turn + n) % kinds.len();
                let which = if n % 2 == 0 { at } else { kinds.len() - 1 - at };
                let took = sample(kinds[which], round * 1_000 + n).await;
                // Whatever was sent has gone out by then.
                tokio::time::sleep(Duration::from_millis(25)).await;
                if n >= WARM_UP {
                    times[which].push(took);
                }
            }
        }
        let quick: Vec<f64> = times.iter().cloned().map(lower_quartile).collect();
        let ratios: Vec<f64> = quick.iter().map(|took| took / quick[quick.len() - 1]).collect();
        if ratios.iter().all(|ratio| (0.75..=1.25).contains(ratio)) {
            return;
        }
        seen.push(ratios);
    }
    panic!("{kinds:?} take so many times as long as the last: {seen:?}");
}

/// What a busy machine spoils least.
fn lower_quartile(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 4].as_secs_f64()
}
