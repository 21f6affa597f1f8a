//! One try of a second step: claimed before it is judged, counted when it was wrong, and the pause,
//! the switch-off and the notices that follow from that.

use time::Duration;

use super::ways::pause_kind;
use super::{notices, pace};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::audit::{Entry, Origin};
use crate::domain::limits::*;
use crate::domain::{Core, throttle};
use crate::models::factors::{self, Factor};
use crate::models::second_step_pauses::{self, SecondStepPause};
use crate::models::session_proofs::SessionProof;
use crate::models::sessions::{self, Session};
use crate::models::users::User;
use crate::models::{
    AuditResult, FactorKind, QueryResult, Scope, memberships, new_id, remembered_browsers, session_proofs, throttles,
};

/// That a factor was shown.
#[derive(Clone, Debug)]
pub struct Proof {
    pub factor_id: Option<String>,
    pub kind: FactorKind,
    pub channel: &'static str,
    pub scope: Scope,
    pub organization_id: Option<String>,
}

impl Proof {
    pub fn by(factor: &Factor, channel: &'static str) -> Self {
        Self {
            factor_id: Some(factor.id.clone()),
            kind: factor.kind,
            channel,
            scope: factor.scope,
            organization_id: factor.organization_id.clone(),
        }
    }

    /// Notes in a session that the factor was shown, under the epoch that its reset would end.
    pub fn keep(&self, conn: &mut DbConnection, session_id: &str, user: &User, now: Timestamp) -> QueryResult<()> {
        let mfa_epoch = match (self.scope, &self.organization_id) {
            (Scope::Organization, Some(id)) => memberships::epoch(conn, &user.id, id)?.unwrap_or_default(),
            _ => user.mfa_epoch,
        };
        session_proofs::insert(
            conn,
            &SessionProof {
                id: new_id(now),
                session_id: session_id.to_owned(),
                factor_id: self.factor_id.clone(),
                kind: self.kind,
                channel: self.channel.into(),
                scope: self.scope,
                organization_id: self.organization_id.clone(),
                mfa_epoch,
                proved_at: now,
            },
        )
    }
}

/// What became of a try.
pub enum Judged<T> {
    Right(T),
    Wrong,
    /// Right for a time so many minutes from now; counted as wrong.
    ClockOff {
        minutes: i64,
    },
    /// That was the last try of this sign-in; it has ended.
    Over,
    /// This factor kind is paused.
    Paused {
        until: Timestamp,
    },
    /// Too many wrong codes from this address.
    AddressLimit {
        until: Timestamp,
    },
}

/// A try in hand: the pause's row is locked until the transaction ends.
pub struct Try<'a> {
    pub core: &'a Core,
    pub session: &'a Session,
    pub user: &'a User,
    pub origin: &'a Origin,
    /// When the try's turn came.
    pub now: Timestamp,
    kind: FactorKind,
    pause: SecondStepPause,
    /// Codes that were sent are counted per sign-in too, across resends.
    sent_code: bool,
    /// The authenticators and tokens the code is tried against.
    pub tried: Vec<String>,
}

impl<'a> Try<'a> {
    /// Claims a try; the `Err` side of the answer says why there is none. `Fault::Ended` when the sign-in
    /// was canceled, or went on, while this try was on its way; `Fault::TooSoon` right after a wrong code.
    pub fn claim<T>(
        conn: &mut DbConnection,
        core: &'a Core,
        (session, user): (&'a Session, &'a User),
        kind: FactorKind,
        origin: &'a Origin,
    ) -> Result<Result<Self, Judged<T>>, Fault> {
        let kind = pause_kind(kind);
        // A request beside this one may have gone on, or ended the sign-in: then nothing is judged.
        let stage = sessions::lock(conn, &session.id)?.map(|s| s.stage);
        if stage != Some(session.stage) {
            return Err(Fault::Ended);
        }
        let pause = second_step_pauses::lock(conn, &user.id, kind, core.clock.now())?;
        // Read once the row is ours: whoever waited for it would judge by a time before the last try.
        let now = core.clock.now();
        if let Some(until) = pause.paused_until.filter(|until| *until > now) {
            tracing::warn!(user = user.id, kind = kind.as_str(), request_id = origin.request_id, "paused");
            return Ok(Err(Judged::Paused { until }));
        }
        pace::check(&pause, origin, now)?;
        if !origin.unlimited {
            for (key, limit, window) in address_limits(origin) {
                if let Some(until) = throttle::take(conn, &key, limit, window, now)? {
                    return Ok(Err(Judged::AddressLimit { until }));
                }
            }
        }
        let sent_code = matches!(kind, FactorKind::Phone | FactorKind::Email);
        if sent_code && !sessions::claim_code_try(conn, &session.id, TRIES_PER_CODE)? {
            sessions::delete(conn, &session.id)?;
            return Ok(Err(Judged::Over));
        }
        Ok(Ok(Self { core, session, user, origin, now, kind, pause, sent_code, tried: Vec::new() }))
    }

    /// The code was right: the row of failures ends, the proof is kept.
    pub fn right(self, conn: &mut DbConnection, proof: &Proof) -> Result<(), Fault> {
        second_step_pauses::clear(conn, &self.user.id, self.kind)?;
        if !self.origin.unlimited {
            for (key, ..) in address_limits(self.origin) {
                throttles::give_back(conn, &key)?;
            }
        }
        if let Some(id) = &proof.factor_id {
            factors::used(conn, id, self.now)?;
        }
        factors::forget_failures(conn, &self.tried)?;
        proof.keep(conn, &self.session.id, self.user, self.now)?;
        Entry::new("second_step", AuditResult::Success)
            .of(&self.user.id)
            .with("factor", proof.kind.as_str())
            .with("channel", proof.channel)
            .write(conn, self.origin, self.now)?;
        Ok(())
    }

    /// The code was wrong: counts it, and pauses or switches off what has had too many.
    pub fn wrong<T>(mut self, conn: &mut DbConnection) -> Result<Judged<T>, Fault> {
        self.pause.failed_in_row += 1;
        self.pause.updated_at = self.now;
        let failed = self.pause.failed_in_row;
        let paused = (failed % SECOND_STEP_TRIES == 0).then(|| self.now + pause_after(failed));
        self.pause.paused_until = paused;
        second_step_pauses::save(conn, &self.pause)?;
        Entry::new("second_step", AuditResult::Failure)
            .about(Some(&self.user.id))
            .with("factor", self.kind.as_str())
            .with("in_a_row", failed)
            .write(conn, self.origin, self.now)?;
        self.count_against_authenticators(conn)?;
        if failed == 3 {
            notices::wrong_codes(conn, self.core, self.user, failed, self.origin, self.now)?;
        }
        if let Some(until) = paused {
            // A lock forgets every browser at once (SPEC section 2).
            remembered_browsers::delete_of_user(conn, &self.user.id)?;
            notices::paused(conn, self.core, self.user, self.kind, (failed, until), self.origin, self.now)?;
            return Ok(Judged::Paused { until });
        }
        let last = self.session.code_tries + 1 >= TRIES_PER_CODE;
        if self.sent_code && self.is_last_try(conn, last)? {
            sessions::delete(conn, &self.session.id)?;
            return Ok(Judged::Over);
        }
        Ok(Judged::Wrong)
    }

    /// The row tells, not the copy in hand: other tries may have run beside this one.
    fn is_last_try(&self, conn: &mut DbConnection, guess: bool) -> Result<bool, Fault> {
        let row = sessions::find(conn, &self.session.id)?;
        Ok(row.map_or(guess, |s| s.code_tries >= TRIES_PER_CODE))
    }

    fn count_against_authenticators(&self, conn: &mut DbConnection) -> Result<(), Fault> {
        if self.kind != FactorKind::Authenticator {
            return Ok(());
        }
        factors::count_failure(conn, &self.tried)?;
        if factors::switch_off_at(conn, &self.user.id, AUTHENTICATOR_HARD_CAP)? > 0 {
            remembered_browsers::delete_of_user(conn, &self.user.id)?;
            Entry::new("authenticator_switched_off", AuditResult::Success).about(Some(&self.user.id)).write(
                conn,
                self.origin,
                self.now,
            )?;
            notices::switched_off(conn, self.core, self.user, self.origin, self.now)?;
        }
        Ok(())
    }
}

/// A quarter of an hour after ten, half an hour after twenty, then an hour each.
fn pause_after(failed: i64) -> Duration {
    let doublings = (failed / SECOND_STEP_TRIES - 1).clamp(0, 2);
    (SECOND_STEP_PAUSE * (1_i32 << doublings)).min(SECOND_STEP_PAUSE_MAX)
}

/// What every code of an address is counted against; nothing where addresses have no limits.
pub fn address_limits(origin: &Origin) -> [(String, i64, Duration); 2] {
    [
        (format!("codes:minute:{}", origin.limited_as), ADDRESS_CODES_MINUTE, Duration::minutes(1)),
        (format!("codes:ten:{}", origin.limited_as), ADDRESS_CODES_TEN_MINUTES, Duration::minutes(10)),
    ]
}
