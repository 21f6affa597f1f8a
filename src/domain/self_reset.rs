//! Resetting one's own MFA: an e-mailed link, an identity check, where the names differ a person who
//! looks, a reset link, the password. Each step is a row's conditional UPDATE, with its audit entry and
//! its messages in the same transaction; the request goes on from the e-mail on any device, and only
//! the last link is for once. SPEC section 9, ASVS 2.3.1, 6.4.4, NIST SP 800-63B-4 section 4.2.2.2.

mod cancel;
mod check;
mod finish;
mod link;
mod mails;
mod names;
mod outcome;
mod request;
pub mod reviews;
mod told;

pub use cancel::{Ended, Why, cancel, factor_shown, factors_were_reset, stop};
pub use check::{Started, Where, refresh, start, url};
pub use finish::{Finished, finish};
pub use link::{Given, View, of_finish, of_link, of_stop};
pub use request::{ask, send_again};
pub use told::{Event, Taken, tidy, told};

use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::models::users::User;
use crate::models::{SelfResetState, identity_checks, self_resets};
use crate::secrets::key_ring::sha256;

/// What limits are filed under.
const PURPOSE: &str = "self_reset";
/// The link that goes on with a request, until it ends.
const GO_ON: &str = "self_reset";
/// The reset link.
const FINISH: &str = "self_reset_finish";
/// **This wasn't me**.
pub(super) const STOP: &str = "self_reset_stop";

/// What the document is compared with; a change while a request is open shows here.
fn account_hash(user: &User) -> Vec<u8> {
    sha256(&format!("{}\n{}\n{}", user.first_name, user.last_name, user.email_lower))
}

/// Ends what has lived too long, and erases names that nobody looked at: everybody's, or one person's.
fn expire(conn: &mut DbConnection, user_id: Option<&str>, now: Timestamp) -> Result<(), Fault> {
    for id in self_resets::list_over(conn, user_id, now)? {
        if self_resets::end(conn, &id, &SelfResetState::LIVE, SelfResetState::Expired, now)? {
            identity_checks::close_of(conn, &id, now)?;
        }
    }
    Ok(())
}
