//! The hardware tokens of demo mode: those that people have, and some in the drawer.

use super::organizations::{HARBOR, RIVERSIDE};
use super::people::{Enrolled, PEOPLE};
use super::{SampleData, SampleFactor, credentials, founded};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::models::hardware_tokens::{self, HardwareToken, secret_place};
use crate::models::new_id;
use crate::models::users::fold;
use crate::secrets::KeyRing;

/// Nobody's yet: organization, serial number, and whether it is one of the other kind.
pub const SPARE: &[(&str, &str, bool)] = &[
    (HARBOR, "VT-201501", false),
    (HARBOR, "VT-201502", false),
    (HARBOR, "VT-201503", false),
    (HARBOR, "VT-201601", true),
    (RIVERSIDE, "VT-201701", false),
    (RIVERSIDE, "VT-201702", false),
];

/// The serial number on the token of the person at this place in the list.
pub fn serial(index: usize) -> String {
    format!("VT-{:06}", 201_400 + index)
}

/// How a token makes its codes: algorithm and seconds. `slow` is the other kind.
pub fn kind(slow: bool) -> (&'static str, i64) {
    if slow { ("SHA256", 60) } else { ("SHA1", 30) }
}

/// A token of somebody among the sample people.
struct Owned {
    organization: &'static str,
    username: &'static str,
    serial: String,
    enrolled: Enrolled,
}

fn owned() -> impl Iterator<Item = Owned> {
    PEOPLE.iter().enumerate().flat_map(|(index, spec)| {
        let tokens = spec.enrolled.iter().filter(|e| matches!(e, Enrolled::Token | Enrolled::SlowToken));
        tokens.map(move |enrolled| Owned {
            organization: spec.home,
            username: spec.username,
            serial: serial(index),
            enrolled: *enrolled,
        })
    })
}

/// Draws what is not there yet. The key of somebody's token is kept with that person.
pub fn complete(data: &mut SampleData, now: Timestamp) {
    for owned in owned() {
        data.tokens.entry(owned.serial).or_insert_with(|| SampleFactor { id: new_id(founded(now)), key: None });
    }
    for (_, serial, _) in SPARE {
        data.tokens
            .entry((*serial).into())
            .or_insert_with(|| SampleFactor { id: new_id(founded(now)), key: Some(credentials::totp_key()) });
    }
}

/// Writes the inventories. The people's factors are there already.
pub fn seed(conn: &mut DbConnection, data: &SampleData, keys: &KeyRing, now: Timestamp) -> Result<(), Fault> {
    let missing = |serial: &str| Fault::Other(format!("there is no usable sample token {serial}"));
    let mut rows = Vec::new();
    for owned in owned() {
        let factor = data.person(owned.username)?.factors.get(owned.enrolled.key());
        let factor = factor.ok_or_else(|| missing(&owned.serial))?;
        let token = (owned.serial.as_str(), owned.enrolled == Enrolled::SlowToken);
        let row = row(data, owned.organization, token, factor.key.as_deref(), keys, now)?;
        rows.push(HardwareToken { factor_id: Some(factor.id.clone()), ..row.ok_or_else(|| missing(&owned.serial))? });
    }
    for (organization, serial, slow) in SPARE {
        let key = data.tokens.get(*serial).and_then(|token| token.key.as_deref());
        rows.push(row(data, organization, (serial, *slow), key, keys, now)?.ok_or_else(|| missing(serial))?);
    }
    Ok(hardware_tokens::insert_all(conn, &rows)?)
}

fn row(
    data: &SampleData,
    organization: &str,
    (serial, slow): (&str, bool),
    key: Option<&str>,
    keys: &KeyRing,
    now: Timestamp,
) -> Result<Option<HardwareToken>, Fault> {
    let (Some(token), Some(secret)) = (data.tokens.get(serial), key.and_then(credentials::totp_bytes)) else {
        return Ok(None);
    };
    let sealed = keys.seal(&secret_place(&token.id), &secret)?;
    let (algorithm, period) = kind(slow);
    Ok(Some(HardwareToken {
        id: token.id.clone(),
        organization_id: data.organization(organization)?.id.clone(),
        serial: serial.to_owned(),
        serial_lower: fold(serial),
        manufacturer: "Vestibule Tokens".into(),
        model: if slow { "VT-60" } else { "VT-30" }.into(),
        secret: sealed.bytes,
        secret_key_id: sealed.key_id,
        algorithm: algorithm.into(),
        period,
        last_step: 0,
        factor_id: None,
        lost_at: None,
        created_at: founded(now),
    }))
}
