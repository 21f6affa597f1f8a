//! **IP Safelist**: from where an organization may be entered. It refuses, after the right password
//! and at every request, and never replaces a factor. ASVS 8.2.4, 2.2.3, SPEC section 6.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::{IpNet, Ipv4Net};

use super::Core;
use super::administration::Actor;
use super::audit::{Entry, Origin};
use super::limits::{LABEL_LENGTH, SAFELIST_ENTRIES, SAFELIST_WIDEST_V4, SAFELIST_WIDEST_V6};
use super::security_settings::notices;
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::models::memberships::Membership;
use crate::models::organizations::{self, Organization};
use crate::models::safelist_entries::{self, SafelistEntry};
use crate::models::{AuditResult, QueryResult, new_id};

/// What is wrong with an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    NotAnAddress,
    /// More than a /8, or a /16 for IPv6.
    TooWide,
    Label,
    Twice,
    TooMany,
    /// The list that would follow leaves out whoever saves it.
    LeavesYouOut,
}

/// Whether a list lets an address in: an empty one lets in everybody. What cannot be read fits nothing.
pub fn admits(ranges: &[String], address: &str) -> bool {
    if ranges.is_empty() {
        return true;
    }
    let Ok(address) = address.parse::<IpAddr>() else { return false };
    let address = address.to_canonical();
    ranges.iter().filter_map(|range| range.parse::<IpNet>().ok()).any(|range| canonical(range).contains(&address))
}

/// Whether an organization may be entered from an address.
pub fn admits_in(conn: &mut DbConnection, organization_id: &str, address: &str) -> QueryResult<bool> {
    Ok(admits(&safelist_entries::ranges(conn, organization_id)?, address))
}

/// Whether every organization somebody belongs to refuses an address: then nothing is left to enter.
pub fn all_refuse(
    conn: &mut DbConnection,
    memberships: &[(Membership, Organization)],
    address: &str,
) -> QueryResult<bool> {
    for (_, organization) in memberships {
        if admits_in(conn, &organization.id, address)? {
            return Ok(false);
        }
    }
    Ok(!memberships.is_empty())
}

/// Reads an address or a range as it is kept: the network, IPv4 where it is an IPv4 one in IPv6 clothes.
pub fn parse(text: &str) -> Result<IpNet, Problem> {
    let text = text.trim();
    let range = match text.parse::<IpAddr>() {
        Ok(address) => IpNet::from(address),
        Err(_) => text.parse::<IpNet>().map_err(|_| Problem::NotAnAddress)?,
    };
    let range = canonical(range).trunc();
    let widest = if range.addr().is_ipv4() { SAFELIST_WIDEST_V4 } else { SAFELIST_WIDEST_V6 };
    if range.prefix_len() < widest { Err(Problem::TooWide) } else { Ok(range) }
}

/// `::ffff:203.0.113.0/120` is `203.0.113.0/24`.
fn canonical(range: IpNet) -> IpNet {
    let IpNet::V6(v6) = range else { return range };
    let mapped = v6.addr().to_ipv4_mapped().zip(v6.prefix_len().checked_sub(96));
    let v4 = mapped.and_then(|(address, prefix): (Ipv4Addr, u8)| Ipv4Net::new(address, prefix).ok());
    v4.map_or(range, IpNet::V4)
}

/// The entries of an organization, oldest first.
pub async fn list(core: &Core, organization_id: &str) -> Result<Vec<SafelistEntry>, Fault> {
    let id = organization_id.to_owned();
    core.db.read(move |conn| Ok(safelist_entries::list(conn, &id)?)).await
}

/// Adds an address or a range to the actor's organization.
pub async fn add(
    core: &Core,
    actor: &Actor,
    (typed, label): (&str, &str),
    origin: &Origin,
) -> Result<Result<(), Problem>, Fault> {
    let range = match (parse(typed), is_label(label)) {
        (Err(problem), _) => return Ok(Err(problem)),
        (_, false) => return Ok(Err(Problem::Label)),
        (Ok(range), true) => range,
    };
    let (cidr, label) = (range.to_string(), label.trim().to_owned());
    let added = change(core, actor, origin, move |conn, organization, ranges, now| {
        if ranges.contains(&cidr) {
            return Ok(Err(Problem::Twice));
        }
        if ranges.len() >= SAFELIST_ENTRIES {
            return Ok(Err(Problem::TooMany));
        }
        let row = SafelistEntry {
            id: new_id(now),
            organization_id: organization.id.clone(),
            cidr: cidr.clone(),
            label: label.clone(),
            created_at: now,
        };
        safelist_entries::insert(conn, &row)?;
        let named = if label.is_empty() { cidr } else { format!("{cidr} ({label})") };
        Ok(Ok(Some(format!("IP Safelist: {named} added"))))
    });
    Ok(added.await?.map(|_| ()))
}

/// Takes an entry off the list of the actor's organization; `false` when it is not there.
pub async fn remove(core: &Core, actor: &Actor, id: &str, origin: &Origin) -> Result<Result<bool, Problem>, Fault> {
    let id = id.to_owned();
    change(core, actor, origin, move |conn, organization, _, _| {
        let entry = safelist_entries::list(conn, &organization.id)?.into_iter().find(|entry| entry.id == id);
        let Some(entry) = entry else { return Ok(Ok(None)) };
        safelist_entries::delete(conn, &organization.id, &id)?;
        Ok(Ok(Some(format!("IP Safelist: {} removed", entry.cidr))))
    })
    .await
}

/// One change with what goes with it: the list that follows must hold whoever saves it. The act says
/// what changed, or nothing.
async fn change(
    core: &Core,
    actor: &Actor,
    origin: &Origin,
    act: impl FnOnce(
        &mut DbConnection,
        &Organization,
        &[String],
        Timestamp,
    ) -> Result<Result<Option<String>, Problem>, Fault>
    + Send
    + 'static,
) -> Result<Result<bool, Problem>, Fault> {
    let (context, actor, origin) = (core.clone(), actor.clone(), origin.clone());
    let changed = core
        .db
        .write(move |conn| {
            actor.hold(conn)?;
            let (core, now) = (&context, context.clock.now());
            let organization = match actor.organization_id() {
                Some(id) => organizations::lock(conn, id)?,
                None => None,
            };
            let Some(organization) = organization else { return Err(Refused::Fault(nowhere())) };
            let before = safelist_entries::ranges(conn, &organization.id)?;
            let changed = act(conn, &organization, &before, now)?.map_err(Refused::Problem)?;
            let Some(words) = changed else { return Ok(false) };
            let after = safelist_entries::ranges(conn, &organization.id)?;
            if !admits(&after, &origin.address) {
                // Nothing of it stays: the transaction ends here.
                return Err(Refused::Problem(Problem::LeavesYouOut));
            }
            Entry::new("safelist_changed", AuditResult::Success)
                .by(&actor)
                .in_organization(Some(&organization.id))
                .with("before", before)
                .with("after", after)
                .with("via", actor.via.as_str())
                .write(conn, &origin, now)?;
            notices::tell_owners(conn, core, &organization, &actor, vec![words], &origin, now)?;
            Ok(true)
        })
        .await;
    match changed {
        Ok(done) => {
            core.outbox.notify_one();
            Ok(Ok(done))
        }
        Err(Refused::Problem(problem)) => Ok(Err(problem)),
        Err(Refused::Fault(fault)) => Err(fault),
    }
}

/// Why a change did not come about; either way nothing of it is kept.
enum Refused {
    Problem(Problem),
    Fault(Fault),
}

impl<F: Into<Fault>> From<F> for Refused {
    fn from(fault: F) -> Self {
        Self::Fault(fault.into())
    }
}

fn nowhere() -> Fault {
    Fault::Other("a safelist of no organization".into())
}

fn is_label(label: &str) -> bool {
    let label = label.trim();
    label.chars().count() <= LABEL_LENGTH && !label.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_the_network() {
        for (typed, kept) in [
            ("203.0.113.24", "203.0.113.24/32"),
            (" 203.0.113.24/24 ", "203.0.113.0/24"),
            ("10.0.0.0/8", "10.0.0.0/8"),
            ("::ffff:203.0.113.24", "203.0.113.24/32"),
            ("::ffff:203.0.113.0/120", "203.0.113.0/24"),
            ("2001:db8:41::/48", "2001:db8:41::/48"),
            ("2001:DB8::1", "2001:db8::1/128"),
        ] {
            assert_eq!(parse(typed).map(|range| range.to_string()).as_deref(), Ok(kept), "{typed}");
        }
        for typed in ["", "0.0.0.0/0", "::/0", "10.0.0.0/7", "2000::/15", "::ffff:0:0/96", "::ffff:10.0.0.0/103"] {
            assert!(parse(typed).is_err(), "{typed}");
        }
        for typed in ["10.0.0", "10.0.0.0/33", "010.0.0.1", "fe80::1%eth0", "example.org", "10.0.0.0/8 x", "1.2.3.4/-1"]
        {
            assert_eq!(parse(typed), Err(Problem::NotAnAddress), "{typed}");
        }
    }

    #[test]
    fn a_list_lets_in_what_lies_in_it() {
        let list = ["203.0.113.0/24".to_owned(), "2001:db8:41::/48".to_owned(), "::ffff:198.51.100.17/128".to_owned()];
        for (address, inside) in [
            ("203.0.113.255", true),
            ("203.0.114.0", false),
            ("::ffff:203.0.113.9", true),
            ("198.51.100.17", true),
            ("2001:db8:41:ffff::1", true),
            ("2001:db8:42::1", false),
            ("nonsense", false),
            ("", false),
        ] {
            assert_eq!(admits(&list, address), inside, "{address}");
        }
        assert!(admits(&[], "203.0.113.9"), "an empty list lets in everybody");
    }
}
