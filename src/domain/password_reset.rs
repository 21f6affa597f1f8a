//! A forgotten password: the code from the mailbox, then a factor of the account where there is one,
//! then a new password. Up to the right code it is a row of its own, for known and unknown addresses
//! alike; from there on a session that opens nothing but this way. ASVS 2.3.1, 6.3.8, 6.4.3.

mod code;
mod new_password;
mod request;

pub use code::{Checked, Next, check, go_on};
pub use new_password::{Change, Outcome, change, min_length, rules};
pub use request::{Refused, resend, start};

use super::Core;
use super::audit::{Entry, Origin};
use super::verification::{self, Subject};
use crate::clock::Timestamp;
use crate::db::Fault;
use crate::models::password_resets::{self, PasswordReset};
use crate::models::{AuditResult, Channel};
use crate::secrets::key_ring::sha256;

/// What limits and codes of this are filed under.
const PURPOSE: &str = "password_reset";

fn subject(id: &str) -> Subject {
    Subject { purpose: PURPOSE, id: id.to_owned() }
}

/// The reset a cookie belongs to, and when its next code may be sent. `None` for one that has ended.
pub async fn find(core: &Core, token: &str) -> Result<Option<(PasswordReset, Option<Timestamp>)>, Fault> {
    let (hash, now) = (sha256(token), core.clock.now());
    core.db
        .read(move |conn| {
            let Some(row) = password_resets::find_by_token(conn, &hash, now)? else { return Ok(None) };
            let next = verification::next_send_at(conn, &subject(&row.id), Channel::Email, now)?;
            Ok(Some((row, next)))
        })
        .await
}

/// Drops it; its codes are worth nothing from here on.
pub async fn cancel(core: &Core, reset: &PasswordReset, origin: &Origin) -> Result<(), Fault> {
    let (reset, origin, now) = (reset.clone(), origin.clone(), core.clock.now());
    core.db
        .write(move |conn| {
            password_resets::delete(conn, &reset.id)?;
            let entry = Entry::new("password_reset_canceled", AuditResult::Success);
            Ok(entry.about(reset.user_id.as_deref()).write(conn, &origin, now)?)
        })
        .await
}
