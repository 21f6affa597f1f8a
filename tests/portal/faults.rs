//! What goes wrong around the portal: it is killed, its database fails, its mail server or gateway
//! is down, and several nodes share the work. Nobody is let in by a fault, and nothing is lost.

mod bulk;
mod clock;
mod crash;
mod database;
mod disk;
mod kills;
mod locks;
mod nodes;
pub mod open_doors;
mod restore;
mod self_reset;
pub mod senders;

use std::time::Duration;

use tokio::task::JoinSet;

/// Ends the walks. One that ended by itself must have been cut off by the kill and by nothing else.
async fn count_cut_off(mut walks: JoinSet<()>) -> usize {
    // Those who wait for a mail notice nothing.
    tokio::time::sleep(Duration::from_millis(50)).await;
    walks.abort_all();
    let mut cut_off = 0;
    while let Some(ended) = walks.join_next().await {
        let Err(error) = ended else { continue };
        cut_off += 1;
        if let Ok(panic) = error.try_into_panic() {
            let words = panic.downcast_ref::<String>().cloned().unwrap_or_default();
            let by_the_kill = ["the portal answers", "the answer is text"].iter().any(|w| words.starts_with(w));
            assert!(by_the_kill, "{words}");
        }
    }
    cut_off
}
