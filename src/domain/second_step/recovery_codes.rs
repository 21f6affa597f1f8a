//! Recovery codes: one use each, told by mail. ASVS 6.5.1, 6.5.2; NIST SP 800-63B-4 section 4.2.1.1.

use super::judge::{Judged, Proof, Try};
use super::notices;
use super::pace::unhurried;
use crate::db::Fault;
use crate::domain::Core;
use crate::domain::access::Access;
use crate::domain::audit::Origin;
use crate::domain::sign_in::{self, Device, Passed};
use crate::models::sessions::Session;
use crate::models::{FactorKind, Scope, recovery_codes};
use crate::secrets::key_ring::sha256;

/// Judges a code and, when it is right, goes on with the sign-in.
pub async fn verify(
    core: &Core,
    session: &Session,
    access: Access,
    code: &str,
    device: Device,
    origin: &Origin,
) -> Result<Judged<Passed>, Fault> {
    unhurried(core, &access.user.id, || judge(core, session, access.clone(), code, device.clone(), origin)).await
}

async fn judge(
    core: &Core,
    session: &Session,
    access: Access,
    code: &str,
    device: Device,
    origin: &Origin,
) -> Result<Judged<Passed>, Fault> {
    let (context, session, hash, origin) = (core.clone(), session.clone(), hash(code), origin.clone());
    core.db
        .write(move |conn| {
            let (core, user) = (&context, &access.user);
            let claimed = Try::claim(conn, core, (&session, user), FactorKind::RecoveryCode, &origin)?;
            let attempt = match claimed {
                Ok(attempt) => attempt,
                Err(refused) => return Ok(refused),
            };
            let now = attempt.now;
            if !recovery_codes::consume(conn, &user.id, &hash, now)? {
                return attempt.wrong(conn);
            }
            let proof = Proof {
                factor_id: None,
                kind: FactorKind::RecoveryCode,
                channel: "recovery_code",
                scope: Scope::User,
                organization_id: None,
            };
            attempt.right(conn, &proof)?;
            let left = recovery_codes::count_unused(conn, &user.id)?;
            notices::recovery_code_used(conn, core, user, left, &origin, now)?;
            sign_in::pass(conn, core, &session, &access, &device, &origin).map(Judged::Right)
        })
        .await
}

/// What is kept of a code. Spaces, dashes and case do not matter.
pub fn hash(code: &str) -> Vec<u8> {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).take(64).collect();
    sha256(&plain.to_ascii_uppercase())
}
