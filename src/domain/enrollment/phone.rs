//! Phones: a number is proven by a code or by the # key before it counts. ASVS 6.6.1, 6.6.2.

use super::{Enrollee, new_factor};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::access::Access;
use crate::domain::audit::Origin;
use crate::domain::second_step::calls;
use crate::domain::second_step::send_limits::Refused;
use crate::domain::times::Zone;
use crate::domain::verification::{self, Checked, Subject, Target, Words};
use crate::domain::{Core, notices};
use crate::models::factors::{self, Factor};
use crate::models::one_time_codes::{self, OneTimeCode};
use crate::models::organizations::Organization;
use crate::models::outbox_messages::{self, OutboxMessage};
use crate::models::sessions::Session;
use crate::models::{FactorKind, FactorState, phone_calls};

/// **Send Code**; returns the id of the message.
pub fn send(
    conn: &mut DbConnection,
    core: &Core,
    who: Enrollee,
    (subject, number): (&Subject, String),
    (zone, letterhead): (&Zone, Option<&Organization>),
    origin: &Origin,
    now: Timestamp,
) -> Result<Result<String, Refused>, Fault> {
    phone_calls::end_all(conn, who.session_id)?;
    let words =
        Words { organization: letterhead, asked: notices::asked(zone, origin, now), user_id: Some(&who.user.id) };
    verification::send(conn, core, subject, &Target::Phone(number), words, origin, now)
}

/// **Call Me**: the number waits as a factor that does not count until # is pressed.
pub fn call(
    conn: &mut DbConnection,
    core: &Core,
    who: Enrollee,
    (session, access): (&Session, &Access),
    (subject, number): (&Subject, String),
    origin: &Origin,
    now: Timestamp,
) -> Result<Result<String, Refused>, Fault> {
    let target = Target::Phone(number.clone());
    if let Err(refused) = verification::claim_send(conn, core, subject, &target, origin, now)? {
        return Ok(Err(refused));
    }
    one_time_codes::replace_all_of_subject(conn, &subject.key())?;
    factors::delete_pending_of_session(conn, &who.user.id, who.session_id, FactorKind::Phone)?;
    let factor = Factor {
        pending_session_id: Some(who.session_id.to_owned()),
        ..new_phone(who, &number, FactorState::Pending, now)
    };
    factors::insert(conn, &factor)?;
    calls::queue_call(conn, core, session, access, (&factor.id, &number), origin, now).map(Ok)
}

/// **Verify Code**: the number is a factor from here on when the code was right.
pub fn verify(
    conn: &mut DbConnection,
    core: &Core,
    who: Enrollee,
    (subject, code): (&Subject, &str),
    now: Timestamp,
) -> Result<Result<Factor, Checked>, Fault> {
    let checked = verification::check(conn, core, subject, code, now)?;
    let Checked::Right { destination } = checked else { return Ok(Err(checked)) };
    let factor = new_phone(who, &destination, FactorState::Active, now);
    factors::insert(conn, &factor)?;
    Ok(Ok(factor))
}

/// The # key was pressed: the number that was called is a factor from here on. `None` when another
/// request did so first.
pub fn approved(
    conn: &mut DbConnection,
    who: Enrollee,
    call_id: &str,
    now: Timestamp,
) -> Result<Option<Factor>, Fault> {
    let call = phone_calls::find(conn, call_id)?.filter(|c| c.session_id == who.session_id);
    let Some(call) = call else { return Ok(None) };
    if !phone_calls::consume(conn, &call.id)? || !factors::confirm(conn, &call.factor_id, now)? {
        return Ok(None);
    }
    Ok(factors::find(conn, &call.factor_id)?)
}

/// The newest code and its message.
pub async fn latest(core: &Core, subject: &Subject) -> Result<Option<(OneTimeCode, OutboxMessage)>, Fault> {
    let key = subject.key();
    core.db
        .read(move |conn| {
            let Some(code) = one_time_codes::latest_of_subject(conn, &key)? else { return Ok(None) };
            let message = outbox_messages::find(conn, &code.outbox_message_id)?;
            Ok(message.map(|message| (code, message)))
        })
        .await
}

/// The number a call goes to.
pub async fn number_called(core: &Core, factor_id: &str) -> Result<Option<String>, Fault> {
    let id = factor_id.to_owned();
    core.db.read(move |conn| Ok(factors::find(conn, &id)?.and_then(|f| f.phone))).await
}

fn new_phone(who: Enrollee, number: &str, state: FactorState, now: Timestamp) -> Factor {
    let (scope, organization_id) = who.scope();
    Factor { scope, organization_id, ..new_factor(&who.user.id, FactorKind::Phone, state, number, now) }
}
