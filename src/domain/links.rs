//! Links in e-mails: 32 random bytes of which the SHA-256 is kept, the newest of its purpose counts,
//! opening consumes nothing. ASVS 6.4.1, 11.5.1; NIST SP 800-63B-4 section 4.2.1.2.

use time::Duration;

use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::models::links::{self, Link};
use crate::models::new_id;
use crate::secrets::key_ring::sha256;
use crate::secrets::{Secret, random};

/// Whom or what a link is for.
#[derive(Clone, Copy, Default)]
pub struct Owner<'a> {
    pub user_id: Option<&'a str>,
    /// Something that is no user yet, such as a registration.
    pub subject_id: Option<&'a str>,
}

/// Makes a link and kills the older ones of its purpose and owner. The token goes into the URL and
/// nowhere else.
pub fn create(
    conn: &mut DbConnection,
    purpose: &str,
    owner: Owner,
    life: Duration,
    now: Timestamp,
) -> Result<Secret<String>, Fault> {
    links::replace_all(conn, purpose, owner.user_id, owner.subject_id, now)?;
    let token = random::token();
    links::insert(
        conn,
        &Link {
            id: new_id(now),
            purpose: purpose.into(),
            user_id: owner.user_id.map(Into::into),
            subject_id: owner.subject_id.map(Into::into),
            token_hash: sha256(token.expose()),
            created_at: now,
            expires_at: now + life,
            used_at: None,
            replaced_at: None,
        },
    )?;
    Ok(token)
}

/// What a token from a URL turned out to be.
pub enum Found {
    Good(Link),
    /// Once good: too old, used, or replaced by a newer one.
    Over(Link),
    Unknown,
}

/// Looks a token up; consumes nothing.
pub fn find(conn: &mut DbConnection, purpose: &str, token: &str, now: Timestamp) -> Result<Found, Fault> {
    let Some(link) = links::find_by_token(conn, purpose, &sha256(token))? else { return Ok(Found::Unknown) };
    let good = link.used_at.is_none() && link.replaced_at.is_none() && now < link.expires_at;
    Ok(if good { Found::Good(link) } else { Found::Over(link) })
}
