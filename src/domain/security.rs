//! **Security**: what people do about their own account. Every change is one transaction: the act, its
//! audit entry, the mail to every address on record, and the end of everything else that is open. The
//! session at hand goes on under a new id. SPEC section 5; ASVS 6.3.7, 7.2.4, 7.4.3, 7.5.1.

pub mod activity;
pub mod authenticator;
pub mod domain_account;
pub mod email;
pub mod email_code;
pub mod factors;
pub mod overview;
pub mod password;
pub mod phones;
pub mod recovery_codes;
pub mod time_zone;
pub mod tokens;

use super::access::Access;
use super::audit::Origin;
use super::enrollment::{self, Enrollee};
use super::limits::{SECOND_STEP_PAUSE, SECOND_STEP_TRIES};
use super::second_step::Proof;
use super::second_step::judge::address_limits;
use super::sessions::{Opened, renew_alone};
use super::{Core, throttle};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::models::factors::Factor;
use crate::models::sessions::{self, Session};
use crate::models::users::{self, User};
use crate::models::{Stage, throttles};

/// Holds the account until the transaction ends, and makes sure that the session still stands: a
/// request beside this one may have ended it.
fn hold(conn: &mut DbConnection, session: &Session) -> Result<User, Fault> {
    let user = users::lock(conn, &session.user_id)?.ok_or(Fault::Ended)?;
    // Signed in, or led to set-up.
    let stages = [Stage::SignedIn, Stage::SetUp];
    let there =
        sessions::find(conn, &session.id)?.is_some_and(|s| s.stage == session.stage && stages.contains(&s.stage));
    if !there || user.mfa_epoch != session.mfa_epoch {
        return Err(Fault::Ended);
    }
    Ok(user)
}

/// What follows every change.
fn renew(conn: &mut DbConnection, session: &Session, access: &Access, now: Timestamp) -> Result<Opened, Fault> {
    renew_alone(conn, session, access.current(session).map(|(_, o)| o), now)
}

/// A factor was proven and counts from here on: this session has shown it.
fn added(
    conn: &mut DbConnection,
    core: &Core,
    (session, access): (&Session, &Access),
    (factor, channel): (&Factor, &'static str),
    origin: &Origin,
    now: Timestamp,
) -> Result<Opened, Fault> {
    Proof::by(factor, channel).keep(conn, &session.id, &access.user, now)?;
    enrollment::added(conn, core, Enrollee::of(session, access), factor, origin, now)?;
    renew(conn, session, access, now)
}

/// Takes one of the codes that somebody, and their network address, may try here, whatever they prove
/// and in how many sessions; `Some` until when there are none. ASVS 2.4.1, 6.6.3.
fn claim_try(
    conn: &mut DbConnection,
    user_id: &str,
    origin: &Origin,
    now: Timestamp,
) -> Result<Option<Timestamp>, Fault> {
    let mut limits = vec![(tries_key(user_id), SECOND_STEP_TRIES, SECOND_STEP_PAUSE)];
    if !origin.unlimited {
        limits.extend(address_limits(origin));
    }
    // One order for all, or two tries could wait for each other on PostgreSQL.
    limits.sort();
    Ok(throttle::take_all(conn, &limits, now)?)
}

/// The code was right.
fn give_back_try(conn: &mut DbConnection, user_id: &str, origin: &Origin) -> Result<(), Fault> {
    throttles::give_back(conn, &tries_key(user_id))?;
    if !origin.unlimited {
        for (key, ..) in address_limits(origin) {
            throttles::give_back(conn, &key)?;
        }
    }
    Ok(())
}

fn tries_key(user_id: &str) -> String {
    format!("security:tries:{user_id}")
}
