//! **Specify Your Organization**: an NPI and a registration code lead to one organization, and what is
//! carried to the next page says which, under a key of ours.

use data_encoding::BASE64URL_NOPAD;
use subtle::ConstantTimeEq;
use time::Duration;

use crate::clock::{Timestamp, unix};
use crate::db::{DbConnection, Fault};
use crate::domain::audit::{Entry, Origin};
use crate::domain::limits::*;
use crate::domain::{Core, throttle};
use crate::models::organizations::Organization;
use crate::models::{AuditResult, QueryResult, registration_codes, throttles};

/// What was typed.
#[derive(Clone)]
pub struct Typed {
    pub npi: String,
    pub code: String,
    /// The /24 or /56 the address lies in.
    pub network: String,
}

/// What became of it.
pub enum Found {
    /// To be carried on to the next page.
    Ticket(String),
    /// No organization has this NPI and code; the one answer for every reason.
    None,
    TooMany {
        until: Timestamp,
    },
}

/// Looks an organization up; misses are counted per address and per NPI.
pub async fn find(core: &Core, typed: Typed, origin: &Origin) -> Result<Found, Fault> {
    let (context, origin) = (core.clone(), origin.clone());
    core.db
        .write(move |conn| {
            let (core, now) = (&context, context.clock.now());
            let keys = limits(core, &typed, &origin);
            // First of all, so that an address over its limit leaves no counter behind for each NPI it types.
            if let Some(until) = address_is_over(conn, &origin, now)? {
                return Ok(Found::TooMany { until });
            }
            for (key, limit) in &keys {
                if let Some(until) = throttle::take(conn, key, *limit, REGISTRATION_WINDOW, now)? {
                    return Ok(Found::TooMany { until });
                }
            }
            let Some((code, organization)) = open(conn, &typed, now)? else {
                Entry::new("registration_code", AuditResult::Failure).write(conn, &origin, now)?;
                return Ok(Found::None);
            };
            for (key, _) in &keys {
                throttles::give_back(conn, key)?;
            }
            Entry::new("registration_code", AuditResult::Success)
                .in_organization(Some(&organization.id))
                .write_seldom(conn, &origin, now)?;
            Ok(Found::Ticket(ticket(core, &code, now)))
        })
        .await
}

/// The id of the code, when NPI and code belong together.
fn open(conn: &mut DbConnection, typed: &Typed, now: Timestamp) -> Result<Option<(String, Organization)>, Fault> {
    let found = registration_codes::find_open(conn, &typed.code, now)?;
    let fits = |organization: &Organization| match &organization.npi {
        Some(npi) => *npi == typed.npi,
        None => typed.npi == typed.code,
    };
    Ok(found.filter(|(_, organization)| fits(organization)).map(|(code, organization)| (code.id, organization)))
}

fn limits(core: &Core, typed: &Typed, origin: &Origin) -> Vec<(String, i64)> {
    let npi = BASE64URL_NOPAD.encode(&core.keys.code_hash("npi", &typed.npi));
    let mut keys = vec![
        (format!("register:npi:{npi}"), REGISTRATION_TRIES_PER_NPI),
        (format!("register:npi:{npi}:{}", typed.network), REGISTRATION_TRIES),
    ];
    if !origin.unlimited {
        keys.push((address_key(origin), REGISTRATION_TRIES_PER_ADDRESS));
    }
    // One order for all, or two tries could wait for each other on PostgreSQL.
    keys.sort();
    keys
}

fn address_key(origin: &Origin) -> String {
    format!("register:address:{}", origin.limited_as)
}

fn address_is_over(conn: &mut DbConnection, origin: &Origin, now: Timestamp) -> QueryResult<Option<Timestamp>> {
    if origin.unlimited {
        return Ok(None);
    }
    throttle::is_over(conn, &address_key(origin), REGISTRATION_TRIES_PER_ADDRESS, REGISTRATION_WINDOW, now)
}

/// Ten digits of which the last checks the others: Luhn over them with 80840 in front (CMS, "NPI
/// check digit").
pub fn is_npi(text: &str) -> bool {
    if text.len() != 10 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    let digits: Vec<u32> = format!("80840{text}").chars().filter_map(|c| c.to_digit(10)).collect();
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, digit * 2) {
            (0, _) => *digit,
            (_, doubled) if doubled > 9 => doubled - 9,
            (_, doubled) => doubled,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Says which code was typed and when; nobody but this installation can make one. It is handed to the
/// browser, so it holds ids and no secret.
fn ticket(core: &Core, code_id: &str, now: Timestamp) -> String {
    let text = format!("{code_id}.{}", unix(now));
    format!("{text}.{}", signature(core, &text))
}

/// The organization a ticket was made for, while it is fresh and its code still works.
pub async fn of_ticket(core: &Core, ticket: &str) -> Result<Option<(String, Organization)>, Fault> {
    let now = core.clock.now();
    let Some(code_id) = read(core, ticket, now) else { return Ok(None) };
    let found = core.db.read(move |conn| Ok::<_, Fault>(registration_codes::find_open_by_id(conn, &code_id, now)?));
    Ok(found.await?.map(|(code, organization)| (code.id, organization)))
}

fn read(core: &Core, ticket: &str, now: Timestamp) -> Option<String> {
    let (text, sent) = ticket.rsplit_once('.')?;
    if !bool::from(signature(core, text).as_bytes().ct_eq(sent.as_bytes())) {
        return None;
    }
    let (code_id, made) = text.split_once('.')?;
    let age = Duration::seconds(i64::try_from(unix(now)).ok()? - made.parse::<i64>().ok()?);
    (age < STAND_STILL).then(|| code_id.to_owned())
}

fn signature(core: &Core, text: &str) -> String {
    BASE64URL_NOPAD.encode(&core.keys.code_hash("registration ticket", text))
}

#[cfg(test)]
mod tests {
    use super::is_npi;

    #[test]
    fn an_npi_has_ten_digits_and_checks() {
        for good in ["1234567893", "1000000111", "1000000186", "1000000251", "1000000327", "1000000392"] {
            assert!(is_npi(good), "{good}");
        }
        for bad in ["", "1234567890", "123456789", "12345678931", "123456789a", "１２３４５６７８９３", "-234567893"]
        {
            assert!(!is_npi(bad), "{bad}");
        }
    }
}
