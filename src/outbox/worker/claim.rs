//! Which messages are due, who takes them, and whether they are still of use.

use std::sync::Arc;

use time::Duration;

use super::flights::{Flights, places};
use super::hand_over;
use super::record::{self, gave_up};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::Core;
use crate::models::outbox_messages::{self, OutboxMessage};
use crate::models::{CallState, Channel, CodeState, QueryResult, one_time_codes, phone_calls};
use crate::outbox::message::Outgoing;
use crate::outbox::queue::{self, Payload};
use crate::outbox::sender::Sender;

/// How long a row is one worker's own: longer than any hand-over may take.
pub const LEASE: Duration = Duration::seconds(60);

/// Whether there is more to claim than was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum More {
    No,
    /// As soon as a hand-over ends and gives its place back.
    AfterLanding,
    /// At once: another node was quicker with these.
    Now,
}

/// A message that is this worker's for one attempt.
pub struct Claimed {
    /// As it stands after the claim.
    pub row: OutboxMessage,
    pub payload: Payload,
}

/// One claimed row: to be handed over, or of no use any more and recorded as failed.
enum Judged {
    Fit(Claimed),
    Unfit(OutboxMessage, Unfit),
}

/// Why a message is not handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Unfit {
    /// A newer code took its place.
    Replaced,
    /// The sign-in it belongs to is over, or went on without it.
    NotNeeded,
    GaveUp {
        attempts: i64,
        last_error: Option<String>,
    },
    Unreadable,
}

impl std::fmt::Display for Unfit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Replaced => f.write_str("replaced"),
            Self::NotNeeded => f.write_str("no longer needed"),
            Self::GaveUp { attempts, last_error } => f.write_str(&gave_up(*attempts, last_error.as_deref())),
            Self::Unreadable => f.write_str("the stored message does not open"),
        }
    }
}

/// Claims what is due, as far as there are places, and launches it.
pub async fn round(core: &Core, sender: &Arc<dyn Sender>, flights: &mut Flights) -> Result<More, Fault> {
    flights.sweep();
    let now = core.clock.now();
    let listed = core.db.read(move |conn| list(conn, now).map_err(Fault::from)).await?;
    let mut more = More::No;
    let mut due = Vec::new();
    for (channel, mut rows) in listed {
        let full = rows.len() == places(channel);
        rows.retain(|row| !flights.contains(&row.id));
        rows.truncate(flights.free(channel));
        if full {
            more = More::AfterLanding;
        }
        due.append(&mut rows);
    }
    if due.is_empty() {
        return Ok(more);
    }
    let (listed, core_too) = (due.len(), core.clone());
    let judged = core.db.write(move |conn| claim(conn, &core_too, due)).await?;
    if judged.len() < listed {
        more = More::Now;
    }
    for one in judged {
        match one {
            Judged::Fit(claimed) => {
                let (id, channel) = (claimed.row.id.clone(), claimed.row.channel);
                flights.launch(id, channel, hand_over::carry(core.clone(), sender.clone(), claimed));
            }
            Judged::Unfit(row, why) => {
                tell(&row, &why);
                // Its place is free at once, so the next one need not wait for a landing.
                more = if more == More::AfterLanding { More::Now } else { more };
            }
        }
    }
    Ok(more)
}

/// As many of each channel as it has places, so that no channel crowds out another. What is in
/// flight here may be among them once its lease has ended.
fn list(conn: &mut DbConnection, now: Timestamp) -> QueryResult<Vec<(Channel, Vec<OutboxMessage>)>> {
    let mut listed = Vec::new();
    for channel in Channel::ALL {
        let limit = i64::try_from(places(*channel)).unwrap_or(i64::MAX);
        listed.push((*channel, outbox_messages::list_due(conn, *channel, now, limit)?));
    }
    Ok(listed)
}

/// Claims rows and judges each in the same transaction: nobody can replace a code in between.
fn claim(conn: &mut DbConnection, core: &Core, mut rows: Vec<OutboxMessage>) -> Result<Vec<Judged>, Fault> {
    // The lease begins now, however long this transaction had to wait.
    let now = core.clock.now();
    // One order for all nodes, or two of them could wait for each other on PostgreSQL.
    rows.sort_by(|a, b| a.id.cmp(&b.id));
    let mut judged = Vec::new();
    for mut row in rows {
        if !outbox_messages::claim(conn, &row, now + LEASE)? {
            continue;
        }
        row.attempts += 1;
        judged.push(match judge(conn, core, &row, now)? {
            Ok(payload) => Judged::Fit(Claimed { row, payload }),
            Err(why) => {
                record::give_up(conn, core, &row, &why.to_string())?;
                Judged::Unfit(row, why)
            }
        });
    }
    Ok(judged)
}

fn judge(
    conn: &mut DbConnection,
    core: &Core,
    row: &OutboxMessage,
    now: Timestamp,
) -> Result<Result<Payload, Unfit>, Fault> {
    if now >= row.give_up_at {
        return Ok(Err(Unfit::GaveUp { attempts: row.attempts - 1, last_error: row.last_error.clone() }));
    }
    // What went wrong may quote the text, so it is told in words of our own. ASVS 16.2.5.
    let Ok(Some(payload)) = queue::open(&core.keys, row) else { return Ok(Err(Unfit::Unreadable)) };
    if let Outgoing::Call(_) = payload.outgoing {
        let call = phone_calls::find_by_message(conn, &row.id)?;
        return Ok(match call.map(|call| call.state) {
            Some(CallState::Queued) => Ok(payload),
            _ => Err(Unfit::NotNeeded),
        });
    }
    if payload.code.is_none() {
        return Ok(Ok(payload));
    }
    // No row: its sign-in is gone and took the code along.
    let code = one_time_codes::find_by_message(conn, &row.id)?;
    Ok(match code.map(|code| code.state) {
        Some(CodeState::Live) => Ok(payload),
        Some(CodeState::Replaced) => Err(Unfit::Replaced),
        _ => Err(Unfit::NotNeeded),
    })
}

/// After the commit, so that nothing is told that was rolled back.
fn tell(row: &OutboxMessage, why: &Unfit) {
    let (id, kind, channel) = (row.id.as_str(), row.kind.as_str(), row.channel.as_str());
    match why {
        Unfit::Replaced | Unfit::NotNeeded => tracing::info!(id, kind, channel, %why, "a message was not sent"),
        Unfit::GaveUp { .. } | Unfit::Unreadable => {
            metrics::counter!("vestibule_outbox_failed_total", "channel" => channel).increment(1);
            tracing::error!(id, kind, channel, key = row.payload_key_id, %why, "a message was given up");
        }
    }
}
