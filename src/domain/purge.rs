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

/// One transaction per table, so that nobody waits for all of them. Returns how many rows went.
pub async fn purge(core: &Core) -> Result<usize, Fault> {
    let tables: [Purge; 18] = [
        sessions::purge,
        |conn, now| one_time_codes::purge(conn, now - CODE_MEMORY),
        |conn, now| links::purge(conn, now - LINK_MEMORY),
        |conn, now| registrations::purge(conn, now - REGISTRATION_MEMORY),
        factors::purge_pending,
        remembered_browsers::purge,
        password_resets::purge,
        |conn, now| domain_sign_ins::purge(conn, now - CODE_MEMORY),
        |conn, now| known_devices::purge(conn, now - KNOWN_DEVICE),
        |conn, now| throttles::purge(conn, now - THROTTLE_MEMORY),
        |conn, now| outbox_messages::purge(conn, now - OUTBOX_MEMORY),
        |conn, now| api_tokens::purge(conn, now, now - API_TOKEN_MEMORY),
        |conn, now| mfa_resets::purge(conn, now - RECEIPT_MEMORY),
        |conn, now| stripe_events::purge(conn, now - PROVIDER_EVENTS),
        |conn, now| invitations::purge(conn, now - INVITATION_OFFER - INVITATION_MEMORY),
        |conn, now| email_changes::purge(conn, now - LINK_MEMORY),
        |conn, now| jobs::purge(conn, now - JOB_MEMORY),
        |conn, now| jobs::purge_plans(conn, now - JOB_PLAN),
    ];
    let now = core.clock.now();
    let mut gone = 0;
    for table in tables {
        gone += core.db.write(move |conn| table(conn, now).map_err(Fault::from)).await?;
    }
    Ok(gone)
}
