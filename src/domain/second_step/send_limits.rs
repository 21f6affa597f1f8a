//! How often codes and calls may be sent. All limits are taken before anything is queued, inside
//! the transaction that queues it. ASVS 2.4.1; the numbers are in `limits`.

use time::Duration;

use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::access::Access;
use crate::domain::audit::Origin;
use crate::domain::limits::*;
use crate::domain::{Core, throttle};
use crate::models::factors::Factor;
use crate::models::sessions::{self, Session};
use crate::models::{Channel, memberships, throttles};

/// Premium-rate numbers of the North American plan, and satellite networks: never texted or called.
const DEAR_PREFIXES: [&str; 8] = ["1900", "1976", "870", "881", "882", "883", "878", "979"];

/// Why nothing was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The gap since the last one is still running.
    Wait { until: Timestamp },
    /// A limit per number, person, address, organization or installation.
    Limit { until: Timestamp },
    /// Five in one sign-in are all.
    NoMore,
    /// A country the installation does not text or call.
    Country,
    /// This factor cannot be used now.
    NotUsable,
}

/// When the next one may be sent in this sign-in.
pub fn next_send_at(session: &Session, channel: Channel) -> Option<Timestamp> {
    session.last_send_at.map(|at| at + gap(session.sends, channel))
}

/// The gap after so many sends.
pub fn gap(sends: i64, channel: Channel) -> Duration {
    match (channel, sends) {
        (_, 0) => Duration::ZERO,
        (Channel::Email, _) => EMAIL_GAP,
        (_, n) => PHONE_GAPS[usize::try_from(n - 1).unwrap_or(0).min(PHONE_GAPS.len() - 1)],
    }
}

/// Takes one send of everything that limits it.
pub fn claim(
    conn: &mut DbConnection,
    core: &Core,
    session: &Session,
    access: &Access,
    (factor, channel): (&Factor, Channel),
    origin: &Origin,
    now: Timestamp,
) -> Result<Result<(), Refused>, Fault> {
    // The row, not the copy in hand: two clicks may run side by side.
    let Some(session) = sessions::lock(conn, &session.id)? else { return Ok(Err(Refused::NotUsable)) };
    if session.sends >= SENDS_PER_CHALLENGE {
        return Ok(Err(Refused::NoMore));
    }
    let gap = gap(session.sends, channel);
    if let Some(until) = session.last_send_at.map(|at| at + gap).filter(|until| *until > now) {
        return Ok(Err(Refused::Wait { until }));
    }
    let limits = limits(conn, core, access, (factor, channel), origin)?;
    if let Some(until) = throttle::take_all(conn, &limits, now)? {
        return Ok(Err(Refused::Limit { until }));
    }
    if !sessions::claim_send(conn, &session.id, SENDS_PER_CHALLENGE, now - gap, now)? {
        // Another click was quicker between the look and the claim.
        return Ok(Err(Refused::Wait { until: now + gap }));
    }
    Ok(Ok(()))
}

/// A code that was used gives back what it took from address and number, so that honest people
/// behind one address, or on one phone, do not shut each other out.
pub fn give_back(conn: &mut DbConnection, core: &Core, factor: &Factor, origin: &Origin) -> Result<(), Fault> {
    throttles::give_back(conn, &address_key(origin))?;
    if let Some(number) = &factor.phone {
        throttles::give_back(conn, &number_key(core, number))?;
    }
    Ok(())
}

/// Whether the installation texts and calls this number's country.
pub fn country_is_allowed(core: &Core, number: &str) -> bool {
    let Some(digits) = number.strip_prefix('+') else { return false };
    // Premium-rate and satellite ranges cost more than they prove, whatever the country.
    !DEAR_PREFIXES.iter().any(|prefix| digits.starts_with(prefix))
        && core.settings.phone_countries.iter().any(|code| digits.starts_with(code.as_str()))
}

fn limits(
    conn: &mut DbConnection,
    core: &Core,
    access: &Access,
    (factor, channel): (&Factor, Channel),
    origin: &Origin,
) -> Result<Vec<(String, i64, Duration)>, Fault> {
    let number = factor.phone.as_deref().filter(|_| channel != Channel::Email);
    let mut limits = shared(core, number, origin);
    if number.is_some() {
        limits.extend(of_person(conn, access)?);
    }
    // One order for all, or two sends could wait for each other on PostgreSQL.
    limits.sort();
    Ok(limits)
}

/// What a person and their organization may have texted and called in a day.
pub fn of_person(conn: &mut DbConnection, access: &Access) -> Result<Vec<(String, i64, Duration)>, Fault> {
    let mut limits = vec![(format!("send:user:{}", access.user.id), SENDS_PER_USER_DAY, Duration::days(1))];
    if let Some(organization) = access.managing() {
        let people = memberships::count(conn, &organization.id)?;
        let budget = SENDS_PER_ORGANIZATION_DAY.max(people * SENDS_PER_MEMBER_DAY);
        limits.push((format!("send:organization:{}", organization.id), budget, Duration::days(1)));
    }
    limits.sort();
    Ok(limits)
}

/// The limits that every send shares, whoever asks: per address, per number, per installation.
pub fn shared(core: &Core, number: Option<&str>, origin: &Origin) -> Vec<(String, i64, Duration)> {
    let mut limits = Vec::new();
    if !origin.unlimited {
        limits.push((address_key(origin), ADDRESS_SENDS, Duration::minutes(5)));
    }
    if let Some(number) = number {
        limits.push((number_key(core, number), SENDS_PER_NUMBER, Duration::minutes(10)));
        limits.push(("send:site".to_owned(), core.settings.site_sends_per_day, Duration::days(1)));
    }
    limits.sort();
    limits
}

fn address_key(origin: &Origin) -> String {
    format!("send:address:{}", origin.limited_as)
}

fn number_key(core: &Core, number: &str) -> String {
    format!("send:number:{}", data_encoding::BASE64URL_NOPAD.encode(&core.keys.code_hash("number", number)))
}
