//! Recovery codes: eight at a time, shown once, kept as SHA-256. ASVS 6.5.2, NIST SP 800-63B-4
//! section 4.2.1.1.

use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::audit::Entry;
use crate::domain::limits::{RECOVERY_CODE_LENGTH, RECOVERY_CODES};
use crate::domain::second_step::recovery_codes::hash;
use crate::domain::{Core, audit::Origin};
use crate::models::recovery_codes::{self, RecoveryCode};
use crate::models::{AuditResult, new_id};
use crate::secrets::{Secret, random};

const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Codes in clear, for one page.
pub type Codes = Vec<Secret<String>>;

/// Replaces somebody's set by a new one.
pub fn make(conn: &mut DbConnection, user_id: &str, origin: &Origin, now: Timestamp) -> Result<Codes, Fault> {
    recovery_codes::delete_of_user(conn, user_id)?;
    let codes: Codes = (0..RECOVERY_CODES).map(|_| random::string(BASE32, RECOVERY_CODE_LENGTH)).collect();
    for code in &codes {
        let row = RecoveryCode {
            id: new_id(now),
            user_id: user_id.to_owned(),
            code_hash: hash(code.expose()),
            created_at: now,
            used_at: None,
        };
        recovery_codes::insert(conn, &row)?;
    }
    Entry::new("recovery_codes_made", AuditResult::Success).of(user_id).write(conn, origin, now)?;
    Ok(codes)
}

/// Those of `codes` that are this person's. A page that lost its codes to a reload gets none back:
/// only what the browser still holds can be shown again.
pub async fn known(core: &Core, user_id: &str, codes: Codes) -> Result<Codes, Fault> {
    let user_id = user_id.to_owned();
    core.db
        .read(move |conn| {
            let mut known = Codes::new();
            for code in codes {
                if recovery_codes::exists(conn, &user_id, &hash(code.expose()))? {
                    known.push(code);
                }
            }
            Ok(known)
        })
        .await
}
