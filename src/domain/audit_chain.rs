//! The hash chain over the audit log. A worker seals what has settled in batches, so that no act
//! ever waits for it: the hash of a seal is SHA-256 over the hash before it and the entries in it.
//! Whoever changes, adds or removes a sealed entry breaks the chain from there on. ASVS 16.4.2.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::Core;
use super::limits::{SEAL_BATCH, SEAL_SETTLE};
use crate::clock::Timestamp;
use crate::db::{Db, DbConnection, Fault};
use crate::models::audit_entries::{self, AuditEntry};
use crate::models::audit_seals::{self, AuditSeal};
use crate::models::id_floor;

/// Seals are read in pages of so many.
const PAGE: i64 = 200;

/// Seals everything that has settled; returns how many entries. Safe to run on every node at once:
/// the number of a seal is taken by one node, and the others find their entries sealed.
pub async fn seal(core: &Core) -> Result<usize, Fault> {
    let mut sealed = 0;
    loop {
        let now = core.clock.now();
        let batch = core.db.write(move |conn| seal_batch(conn, now)).await?;
        sealed += batch;
        if batch < SEAL_BATCH {
            return Ok(sealed);
        }
    }
}

/// One batch. What is younger than the settle time waits, so that entries of transactions that are
/// still under way mostly come in order; one that comes later is in a later seal, which does no harm.
fn seal_batch(conn: &mut DbConnection, now: Timestamp) -> Result<usize, Fault> {
    let last = audit_seals::last(conn)?;
    let limit = i64::try_from(SEAL_BATCH).unwrap_or(i64::MAX);
    let entries = audit_entries::list_unsealed(conn, &id_floor(now - SEAL_SETTLE), limit)?;
    let (Some(first), Some(newest)) = (entries.first(), entries.last()) else { return Ok(0) };
    let number = last.as_ref().map_or(1, |seal| seal.number + 1);
    let seal = AuditSeal {
        number,
        first_id: first.id.clone(),
        last_id: newest.id.clone(),
        count: i64::try_from(entries.len()).unwrap_or(i64::MAX),
        hash: hash(number, last.as_ref().map(|seal| seal.hash.as_slice()).unwrap_or_default(), &entries),
        sealed_at: now,
    };
    if !audit_seals::claim(conn, &seal)? {
        // Another node has just sealed these.
        return Ok(0);
    }
    let ids: Vec<&str> = entries.iter().map(|entry| entry.id.as_str()).collect();
    if audit_entries::set_seal(conn, &ids, number)? != entries.len() {
        return Err(Fault::Other(format!("entries of seal {number} were sealed by somebody else")));
    }
    Ok(entries.len())
}

/// Each field with its length before it, so that no two rows read alike.
fn hash(number: i64, before: &[u8], entries: &[AuditEntry]) -> Vec<u8> {
    let mut hasher = Sha256::new();
    hasher.update(before);
    hasher.update(number.to_be_bytes());
    for entry in entries {
        let at = (entry.at.assume_utc().unix_timestamp_nanos() / 1_000).to_string();
        let fields = [
            Some(entry.id.as_str()),
            Some(at.as_str()),
            Some(entry.actor_kind.as_str()),
            entry.actor_id.as_deref(),
            Some(entry.action.as_str()),
            Some(entry.result.as_str()),
            entry.subject_user_id.as_deref(),
            entry.organization_id.as_deref(),
            Some(entry.address.as_str()),
            Some(entry.user_agent.as_str()),
            Some(entry.request_id.as_str()),
            entry.session_id.as_deref(),
            Some(entry.details.as_str()),
        ];
        for field in fields {
            match field {
                Some(text) => {
                    hasher.update((text.len() as u64 + 1).to_be_bytes());
                    hasher.update(text.as_bytes());
                }
                None => hasher.update(0_u64.to_be_bytes()),
            }
        }
    }
    hasher.finalize().to_vec()
}

/// What a check of the chain found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Seals that hold.
    pub seals: i64,
    /// Entries in them.
    pub entries: i64,
    /// The last hash in hexadecimal, to be kept elsewhere: a chain made anew would end in another.
    pub last_hash: Option<String>,
    /// Entries that wait for their seal; nothing vouches for them yet.
    pub unsealed: i64,
    pub broken: Option<Break>,
}

/// Where the chain does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// The first seal that does not hold.
    pub seal: i64,
    pub why: String,
}

/// Goes through the whole chain, seal by seal, up to the first that does not hold.
pub async fn verify(db: &Db) -> Result<Report, Fault> {
    let mut report = Report { seals: 0, entries: 0, last_hash: None, unsealed: 0, broken: None };
    let mut before: Vec<u8> = Vec::new();
    loop {
        let after = report.seals;
        let seals = db.read(move |conn| audit_seals::list_after(conn, after, PAGE).map_err(Fault::from)).await?;
        if seals.is_empty() {
            break;
        }
        for seal in seals {
            let (number, expected) = (seal.number, report.seals + 1);
            let entries = db.read(move |conn| audit_entries::list_sealed(conn, number).map_err(Fault::from)).await?;
            if let Some(why) = fault_of(&seal, expected, &before, &entries) {
                report.broken = Some(Break { seal: expected, why });
                break;
            }
            report.seals = number;
            report.entries += seal.count;
            report.last_hash = Some(HEXLOWER.encode(&seal.hash));
            before = seal.hash;
        }
        if report.broken.is_some() {
            break;
        }
    }
    let last = report.seals;
    let (unsealed, stray) = db
        .read(move |conn| {
            let stray = audit_entries::count_sealed_after(conn, last)?;
            Ok::<_, Fault>((audit_entries::count_unsealed(conn)?, stray))
        })
        .await?;
    report.unsealed = unsealed;
    if report.broken.is_none() && stray > 0 {
        let why = format!("{stray} entries name a seal that is not there");
        report.broken = Some(Break { seal: last + 1, why });
    }
    Ok(report)
}

fn fault_of(seal: &AuditSeal, expected: i64, before: &[u8], entries: &[AuditEntry]) -> Option<String> {
    if seal.number != expected {
        return Some("the seal is missing".into());
    }
    let found = i64::try_from(entries.len()).unwrap_or(i64::MAX);
    if found != seal.count {
        return Some(format!("it was made over {} entries, and {found} are there", seal.count));
    }
    (hash(seal.number, before, entries) != seal.hash)
        .then(|| "its hash does not fit: an entry or the seal before it was changed".into())
}
