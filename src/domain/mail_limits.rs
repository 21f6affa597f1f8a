//! How many mails may be asked for by somebody who cannot sign in: a forgotten password, a lost link.
//! The limit per address is told, the one per account is silent, known or not. ASVS 2.4.1, 6.3.8.

use data_encoding::BASE64URL_NOPAD;

use super::Core;
use super::audit::Origin;
use super::limits::*;
use super::sign_in::Device;
use super::throttle;
use crate::clock::Timestamp;
use crate::db::DbConnection;
use crate::models::users::fold;
use crate::models::{QueryResult, known_devices, throttles};

/// Takes one of the mails of this network address; `Some` until when there are none.
pub fn take_of_address(
    conn: &mut DbConnection,
    what: &str,
    origin: &Origin,
    now: Timestamp,
) -> QueryResult<Option<Timestamp>> {
    if origin.unlimited {
        return Ok(None);
    }
    throttle::take(conn, &address_key(what, origin), ADDRESS_RESETS, ADDRESS_RESETS_WITHIN, now)
}

/// What was asked for turned out to be used, so it does not count against the address.
pub fn give_back(conn: &mut DbConnection, what: &str, origin: &Origin) -> QueryResult<()> {
    throttles::give_back(conn, &address_key(what, origin)).map(|_| ())
}

/// Takes one of the mails of an account, known or not; `false` when nothing more is sent. A browser
/// the account knows has a count of its own, so that a stranger cannot use up the owner's.
pub fn take_of_account(
    conn: &mut DbConnection,
    core: &Core,
    what: &str,
    (email, user_id): (&str, Option<&str>),
    device: &Device,
    now: Timestamp,
) -> QueryResult<bool> {
    // Asked for strangers too, so that both cost the same.
    let known = known_devices::exists(conn, &device.hash(), user_id.unwrap_or_default())?;
    let account = BASE64URL_NOPAD.encode(&core.keys.code_hash("account", &fold(email)));
    let key = match known {
        true => format!("mails:{what}:{account}:{}", BASE64URL_NOPAD.encode(&device.hash())),
        false => format!("mails:{what}:{account}"),
    };
    Ok(throttle::take(conn, &key, RESET_MAILS, RESET_MAILS_WITHIN, now)?.is_none())
}

fn address_key(what: &str, origin: &Origin) -> String {
    format!("mails:{what}:address:{}", origin.limited_as)
}
