//! Codes by e-mail as a factor: turned on with a code that proves the sign-in address. ASVS 6.6.1.

use super::{added, claim_try, give_back_try, hold};
use crate::clock::Timestamp;
use crate::db::Fault;
use crate::domain::access::Access;
use crate::domain::audit::{Entry, Origin};
use crate::domain::enrollment::new_factor;
use crate::domain::second_step::send_limits::{self, Refused};
use crate::domain::sessions::Opened;
use crate::domain::verification::{self, Checked, Subject, Target, Words};
use crate::domain::{Core, notices};
use crate::models::factors::{self, Factor};
use crate::models::sessions::Session;
use crate::models::users::fold;
use crate::models::{AuditResult, FactorKind, FactorState};

/// What the codes belong to.
pub fn subject(session: &Session) -> Subject {
    Subject { purpose: "email_enrollment", id: session.id.clone() }
}

/// Whether it is on already. It is the user's own, and no organization's.
pub async fn is_on(core: &Core, user_id: &str) -> Result<bool, Fault> {
    let user_id = user_id.to_owned();
    core.db.read(move |conn| Ok(factors::list(conn, &user_id)?.iter().any(is_email_code))).await
}

pub fn is_email_code(factor: &Factor) -> bool {
    factor.kind == FactorKind::Email && factor.state != FactorState::Pending
}

/// **Send verification code**, **Send new code**; returns the id of the message.
pub async fn send(
    core: &Core,
    session: &Session,
    access: &Access,
    origin: &Origin,
) -> Result<Result<String, Refused>, Fault> {
    let (context, session, access, origin) = (core.clone(), session.clone(), access.clone(), origin.clone());
    let sent = core
        .db
        .write(move |conn| {
            let (core, now) = (&context, context.clock.now());
            let user = hold(conn, &session)?;
            let words = Words {
                organization: access.managing(),
                asked: notices::asked(&access.zone(&session), &origin, now),
                user_id: Some(&user.id),
            };
            let target = Target::Email(notices::reader(&user));
            verification::send(conn, core, &subject(&session), &target, words, &origin, now)
        })
        .await?;
    core.outbox.notify_one();
    Ok(sent)
}

/// What became of **Verify code**.
pub enum Verified {
    Added(Box<Opened>),
    Wrong,
    TooMany {
        until: Timestamp,
    },
    /// Another request turned it on, or the address changed meanwhile.
    Gone,
}

pub async fn verify(
    core: &Core,
    session: &Session,
    access: &Access,
    code: &str,
    origin: &Origin,
) -> Result<Verified, Fault> {
    let (context, session, access) = (core.clone(), session.clone(), access.clone());
    let (code, origin) = (code.to_owned(), origin.clone());
    let verified = core
        .db
        .write(move |conn| {
            let (core, now) = (&context, context.clock.now());
            let user = hold(conn, &session)?;
            if let Some(until) = claim_try(conn, &user.id, &origin, now)? {
                return Ok::<_, Fault>(Verified::TooMany { until });
            }
            let address = match verification::check(conn, core, &subject(&session), &code, now)? {
                Checked::Right { destination } => destination,
                Checked::TooMany { until } => return Ok(Verified::TooMany { until }),
                Checked::Wrong => {
                    let entry = Entry::new("factor_added", AuditResult::Failure).of(&user.id);
                    entry.with("factor", "email").write(conn, &origin, now)?;
                    return Ok(Verified::Wrong);
                }
            };
            give_back_try(conn, &user.id, &origin)?;
            if fold(&address) != user.email_lower || factors::list(conn, &user.id)?.iter().any(is_email_code) {
                return Ok(Verified::Gone);
            }
            let factor = new_factor(&user.id, FactorKind::Email, FactorState::Active, &address, now);
            factors::insert(conn, &factor)?;
            send_limits::give_back(conn, core, &factor, &origin)?;
            let opened = added(conn, core, (&session, &access), (&factor, "email"), &origin, now)?;
            Ok(Verified::Added(Box::new(opened)))
        })
        .await?;
    core.outbox.notify_one();
    Ok(verified)
}
