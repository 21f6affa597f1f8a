//! What pages and scripts of the sandbox do: look, press a key, move the clock.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use super::{OutboxItem, People, outbox, people};
use crate::clock::unix;
use crate::db::Fault;
use crate::domain::Core;
use crate::domain::sample::{self, SampleData};
use crate::domain::second_step::calls::{self, Key};
use crate::models::{factors, second_step_pauses, throttles};
use crate::models::{outbox_messages, phone_calls};
use crate::outbox::message::Outgoing;
use crate::outbox::queue;

/// How far the clock may be moved either way: ten years, in seconds.
pub const MOST_OFFSET: i64 = 315_576_000;

/// The newest messages, for one recipient or all; `base_url` stands before the paths to press keys at.
pub async fn read_outbox(
    core: &Core,
    to: Option<String>,
    limit: i64,
    base_url: String,
) -> Result<Vec<OutboxItem>, Fault> {
    let context = core.clone();
    core.db.read(move |conn| outbox(conn, &context.keys, to.as_deref(), limit, context.clock.now(), &base_url)).await
}

/// Whether the sample people are in the database: in a new folder that takes some seconds after the first page.
pub async fn is_seeded(core: &Core) -> Result<bool, Fault> {
    core.db.read(sample::is_seeded).await
}

/// Everybody and everything, with the secrets as first seeded. Whoever asks right after the first start waits for
/// them, a minute at most.
pub async fn read_people(core: &Core, sample: &Arc<OnceLock<SampleData>>) -> Result<People, Fault> {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(60) && !is_seeded(core).await? {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let (sample, now) = (sample.clone(), core.clock.now());
    core.db.read(move |conn| people(conn, sample.get(), now)).await
}

/// The HTML part of an e-mail; `None` for what is no e-mail.
pub async fn mail_html(core: &Core, id: &str) -> Result<Option<String>, Fault> {
    let (id, keys) = (id.to_owned(), core.keys.clone());
    core.db
        .read(move |conn| {
            let Some(row) = outbox_messages::find(conn, &id)? else { return Ok(None) };
            Ok(match queue::open(&keys, &row)?.map(|payload| payload.outgoing) {
                Some(Outgoing::Email(email)) => Some(email.html),
                _ => None,
            })
        })
        .await
}

/// What a script or a form may press: a key of a telephone, or the end of the call.
pub fn key(word: &str) -> Option<Key> {
    match word {
        "#" => Some(Key::Pound),
        "hangup" => Some(Key::HangUp),
        "*" | "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" => Some(Key::Other),
        _ => None,
    }
}

/// Presses a key in a call; `false` for one that is unknown. One that is over takes it and does nothing.
pub async fn press(core: &Core, call_id: &str, key: Key) -> Result<bool, Fault> {
    let id = call_id.to_owned();
    let known = core.db.read(move |conn| phone_calls::find(conn, &id).map_err(Fault::from)).await?;
    if known.is_some() {
        calls::press(core, call_id, key).await?;
    }
    Ok(known.is_some())
}

/// Moves the clock to so many seconds from the real time; `false` when that is too far.
pub async fn set_clock(core: &Core, offset_seconds: i64) -> Result<bool, Fault> {
    if !(-MOST_OFFSET..=MOST_OFFSET).contains(&offset_seconds) {
        return Ok(false);
    }
    let back = offset_seconds < core.clock.offset();
    core.clock.set_offset(offset_seconds);
    if back {
        let now = core.clock.now();
        // What was counted in the future that is now undone would hold people up for as long.
        core.db
            .write(move |conn| {
                throttles::forget_future(conn, now)?;
                second_step_pauses::forget_future(conn, now)?;
                factors::pull_in_steps(conn, i64::try_from(unix(now)).unwrap_or(i64::MAX))?;
                Ok::<_, Fault>(())
            })
            .await?;
    }
    // What was to go out later may be due now.
    core.outbox.notify_one();
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_keys_of_a_telephone_are_pressed() {
        assert_eq!(key("#"), Some(Key::Pound));
        assert_eq!(key("hangup"), Some(Key::HangUp));
        for other in ["0", "1", "9", "*"] {
            assert_eq!(key(other), Some(Key::Other));
        }
        for wrong in ["", "12", "##", "a", "Hangup"] {
            assert_eq!(key(wrong), None, "{wrong}");
        }
    }
}
