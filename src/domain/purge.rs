//! Removing what has ended by itself. Nothing depends on it being prompt: every rule looks at the
//! times in the rows. ASVS 14.2.7.

use super::Core;
use super::limits::*;
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::models::{
    QueryResult, api_tokens, domain_sign_ins, email_changes, factors, invitations, jobs, known_devices, links,
    mfa_resets, one_time_codes, outbox_messages, password_resets, registrations, remembered_browsers, sessions,
    stripe_events, throttles,
};

type Purge = fn(&mut DbConnection, Timestamp) -> QueryResult<usize>;

/// One transaction per table, so that nobody waits for all of them, and a table that fails keeps nothing in the
/// others. Returns how many rows went; a fault says how many tables failed, and the log why.
pub async fn purge(core: &Core) -> Result<usize, Fault> {
    let tables: [(&str, Purge); 18] = [
        ("sessions", sessions::purge),
        ("one_time_codes", |conn, now| one_time_codes::purge(conn, now - CODE_MEMORY)),
        ("links", |conn, now| links::purge(conn, now - LINK_MEMORY)),
        ("registrations", |conn, now| registrations::purge(conn, now - REGISTRATION_MEMORY)),
        ("factors", factors::purge_pending),
        ("remembered_browsers", remembered_browsers::purge),
        ("password_resets", password_resets::purge),
        ("domain_sign_ins", |conn, now| domain_sign_ins::purge(conn, now - CODE_MEMORY)),
        ("known_devices", |conn, now| known_devices::purge(conn, now - KNOWN_DEVICE)),
        ("throttles", |conn, now| throttles::purge(conn, now - THROTTLE_MEMORY)),
        ("outbox_messages", |conn, now| outbox_messages::purge(conn, now - OUTBOX_MEMORY)),
        ("api_tokens", |conn, now| api_tokens::purge(conn, now, now - API_TOKEN_MEMORY)),
        ("mfa_resets", |conn, now| mfa_resets::purge(conn, now - RECEIPT_MEMORY)),
        ("stripe_events", |conn, now| stripe_events::purge(conn, now - PROVIDER_EVENTS)),
        ("invitations", |conn, now| invitations::purge(conn, now - INVITATION_OFFER - INVITATION_MEMORY)),
        ("email_changes", |conn, now| email_changes::purge(conn, now - LINK_MEMORY)),
        ("jobs", |conn, now| jobs::purge(conn, now - JOB_MEMORY)),
        ("plans of jobs", |conn, now| jobs::purge_plans(conn, now - JOB_PLAN)),
    ];
    let now = core.clock.now();
    let (mut gone, mut failed) = (0, 0);
    for (name, table) in tables {
        match core.db.write(move |conn| table(conn, now).map_err(Fault::from)).await {
            Ok(rows) => gone += rows,
            Err(fault) => {
                tracing::error!(table = name, %fault, "what has ended could not be removed");
                failed += 1;
            }
        }
    }
    match failed {
        0 => Ok(gone),
        failed => {
            Err(Fault::Other(format!("{failed} of {} tables failed; {gone} rows of the others went", tables.len())))
        }
    }
}
