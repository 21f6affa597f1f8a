//! Codes from authenticator apps and hardware tokens (RFC 6238): the code is tried against each
//! active one, a step is accepted once and never an older one. ASVS 6.5.1, NIST SP 800-63B-4
//! section 3.1.4.2.

use totp_rs::{Algorithm, Builder, Totp};
use zeroize::Zeroizing;

use super::judge::{Judged, Proof, Try};
use super::pace::unhurried;
use super::{notices, ways};
use crate::clock::unix;
use crate::db::{DbConnection, Fault};
use crate::domain::Core;
use crate::domain::access::Access;
use crate::domain::audit::Origin;
use crate::domain::limits::{CLOCK_HINT_STEPS, TOTP_SKEW};
use crate::domain::sign_in::{self, Device, Passed};
use crate::models::FactorKind;
use crate::models::factors::{self, Factor, secret_place};
use crate::models::sessions::Session;

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
    let (context, session, code, origin) = (core.clone(), session.clone(), digits(code), origin.clone());
    core.db
        .write(move |conn| {
            let core = &context;
            let who = (&session, &access.user);
            let mut attempt = match Try::claim(conn, core, who, FactorKind::Authenticator, &origin)? {
                Ok(attempt) => attempt,
                Err(refused) => return Ok(refused),
            };
            let now = attempt.now;
            let ways = ways::of_session(conn, core, &session, &access, now)?;
            let looked = look_at_all(core, ways.usable.iter().filter(|f| is_totp(f)), &code, unix(now))?;
            attempt.tried = looked.iter().map(|(factor, _)| factor.id.clone()).collect();
            let mut seen = Seen::Nothing;
            for (factor, found) in looked {
                if let Seen::Step(step) = found
                    && factors::claim_step(conn, &factor.id, step, now)?
                {
                    let proof = Proof::by(factor, "totp");
                    attempt.right(conn, &proof)?;
                    return sign_in::pass(conn, core, &session, &access, &device, &origin).map(Judged::Right);
                }
                seen = seen.or(found);
            }
            wrong(conn, attempt, seen)
        })
        .await
}

fn wrong(conn: &mut DbConnection, attempt: Try, seen: Seen) -> Result<Judged<Passed>, Fault> {
    let (core, user, origin, now) = (attempt.core, attempt.user, attempt.origin, attempt.now);
    match (attempt.wrong(conn)?, seen) {
        (Judged::Wrong, Seen::Off { minutes }) => Ok(Judged::ClockOff { minutes }),
        (judged, Seen::Step(_) | Seen::Used) => {
            notices::code_reused(conn, core, user, origin, now)?;
            Ok(judged)
        }
        (judged, _) => Ok(judged),
    }
}

/// What a code turned out to be for one factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    Nothing,
    /// Right for this step, and later than every accepted one when it was looked at.
    Step(i64),
    /// Right for a step that was accepted before, or an older one.
    Used,
    /// Right for another time, within an hour.
    Off {
        minutes: i64,
    },
}

impl Seen {
    fn or(self, other: Self) -> Self {
        if matches!(self, Self::Nothing) { other } else { self }
    }
}

/// Tries a code against each. One whose key is not in this node's file is passed over, so that the try is
/// judged and counted by the others; a fault if none can be read, when no code can be right.
fn look_at_all<'a>(
    core: &Core,
    factors: impl Iterator<Item = &'a Factor>,
    code: &str,
    now: u64,
) -> Result<Vec<(&'a Factor, Seen)>, Fault> {
    let (mut looked, mut unread) = (Vec::new(), None);
    for factor in factors {
        match look(core, factor, code, now) {
            Ok(seen) => looked.push((factor, seen)),
            Err(fault) => {
                tracing::error!(factor = factor.id, error = %fault, "an authenticator cannot be read");
                unread = Some(fault);
            }
        }
    }
    match unread {
        Some(fault) if looked.is_empty() => Err(fault),
        _ => Ok(looked),
    }
}

/// Tries a code against one factor, at `now` in Unix seconds and a step before and after.
pub fn look(core: &Core, factor: &Factor, code: &str, now: u64) -> Result<Seen, Fault> {
    let totp = open(core, factor)?;
    let period = factor.period.unsigned_abs().max(1);
    let present = now / period;
    let fits = |step: u64| totp.check(code, step * period).is_some();
    for step in present.saturating_sub(TOTP_SKEW)..=present + TOTP_SKEW {
        if fits(step) {
            let step = i64::try_from(step).unwrap_or(i64::MAX);
            return Ok(if step > factor.last_step { Seen::Step(step) } else { Seen::Used });
        }
    }
    let minutes = |steps: u64| i64::try_from((steps * period).div_ceil(60)).unwrap_or(0);
    Ok((TOTP_SKEW + 1..=CLOCK_HINT_STEPS)
        .find(|n| fits(present.saturating_sub(*n)) || fits(present + n))
        .map_or(Seen::Nothing, |n| Seen::Off { minutes: minutes(n) }))
}

/// The factor with its secret opened. Skew is ours to search, so that the step is known.
fn open(core: &Core, factor: &Factor) -> Result<Totp, Fault> {
    build(&secret(core, factor)?, &factor.algorithm, factor.digits, factor.period)
}

/// The secret of a factor, opened.
pub fn secret(core: &Core, factor: &Factor) -> Result<Zeroizing<Vec<u8>>, Fault> {
    let (Some(secret), Some(key_id)) = (&factor.secret, &factor.secret_key_id) else {
        return Err(Fault::Other("an authenticator without a secret".into()));
    };
    Ok(core.keys.open(&secret_place(&factor.id), key_id, secret)?)
}

/// A generator for a secret; `algorithm` is SHA1, SHA256 or SHA512, `period` in seconds.
pub fn build(secret: &[u8], algorithm: &str, digits: i64, period: i64) -> Result<Totp, Fault> {
    let algorithm = match algorithm {
        "SHA1" => Algorithm::SHA1,
        "SHA256" => Algorithm::SHA256,
        "SHA512" => Algorithm::SHA512,
        other => return Err(Fault::Other(format!("no TOTP algorithm {other}"))),
    };
    Builder::new()
        .with_secret(secret)
        .with_algorithm(algorithm)
        .with_digits(u8::try_from(digits).unwrap_or(6))
        .with_step_duration(period.unsigned_abs())
        .with_skew(0)
        .build()
        .map_err(|e| Fault::Other(format!("TOTP: {e}")))
}

pub fn is_totp(factor: &Factor) -> bool {
    matches!(factor.kind, FactorKind::Authenticator | FactorKind::HardwareToken)
}

/// A code without the spaces and dashes that apps show in it.
pub fn digits(code: &str) -> String {
    code.chars().filter(|c| !c.is_whitespace() && *c != '-').take(16).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238 appendix B.
    #[test]
    fn the_test_vectors_of_rfc_6238() {
        let seed = |n: usize| b"1234567890".iter().cycle().take(n).copied().collect::<Vec<u8>>();
        for (at, sha1, sha256, sha512) in [
            (59, "94287082", "46119246", "90693936"),
            (1_111_111_109, "07081804", "68084774", "25091201"),
            (1_111_111_111, "14050471", "67062674", "99943326"),
            (1_234_567_890, "89005924", "91819424", "93441116"),
            (2_000_000_000, "69279037", "90698825", "38618901"),
            (20_000_000_000_u64, "65353130", "77737706", "47863826"),
        ] {
            for (algorithm, length, code) in [("SHA1", 20, sha1), ("SHA256", 32, sha256), ("SHA512", 64, sha512)] {
                let totp = build(&seed(length), algorithm, 8, 30).expect("the secret is long enough");
                assert_eq!(totp.check(code, at), Some(at / 30), "{algorithm} at {at}");
                assert_eq!(totp.check(code, at + 30), None);
            }
        }
    }

    #[test]
    fn spaces_and_dashes_do_not_matter() {
        assert_eq!(digits(" 482 913 "), "482913");
        assert_eq!(digits("482-913"), "482913");
    }
}
