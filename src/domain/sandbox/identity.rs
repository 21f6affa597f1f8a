//! Identity checks of demo mode: which there are, and what a tester lets come out of one.

use time::Duration;

use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::Core;
use crate::domain::audit::Origin;
use crate::domain::self_reset;
use crate::identity::IdentityProvider;
use crate::identity::sandbox::{OUTCOMES, play};
use crate::models::identity_checks::{self, IdentityCheck};
use crate::models::sandbox_identity_sessions::{self as rows, SandboxIdentitySession};
use crate::models::users::{self, User};

/// As many as the page shows.
const SHOWN: i64 = 50;
/// The longest delay of an outcome, in seconds.
const MOST_DELAY: i64 = 86_400;

/// A check, and whose it is.
pub struct Check {
    pub session: SandboxIdentitySession,
    pub user: Option<User>,
    pub at: Timestamp,
}

/// The newest checks.
pub async fn checks(core: &Core) -> Result<Vec<Check>, Fault> {
    core.db
        .read(move |conn| {
            let sessions = rows::list_newest(conn, SHOWN)?;
            sessions.into_iter().map(|session| with_user(conn, session)).collect()
        })
        .await
}

/// One check.
pub async fn check(core: &Core, session_id: &str) -> Result<Option<Check>, Fault> {
    let id = session_id.to_owned();
    core.db.read(move |conn| rows::find(conn, &id)?.map(|session| with_user(conn, session)).transpose()).await
}

fn with_user(conn: &mut DbConnection, session: SandboxIdentitySession) -> Result<Check, Fault> {
    let check = identity_checks::find(conn, &session.reference)?;
    let user = match &check {
        Some(check) => users::find(conn, &check.user_id)?,
        None => None,
    };
    Ok(Check { at: session.created_at, user, session })
}

/// What a tester plays.
pub struct Play {
    /// `verified`, `requires_input` or `canceled`.
    pub outcome: String,
    /// On the document; the account's own where nothing is said.
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub delay_seconds: i64,
}

impl Play {
    pub fn is_possible(&self) -> bool {
        let short = |name: &Option<String>| name.as_ref().is_none_or(|n| n.chars().count() <= 200);
        OUTCOMES.contains(&self.outcome.as_str())
            && (0..=MOST_DELAY).contains(&self.delay_seconds)
            && short(&self.first_name)
            && short(&self.last_name)
    }
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Played {
    Yes,
    /// It has come to something already.
    Over,
    Unknown,
}

/// Lets a check come to something, and tells the portal at once, as a webhook would.
pub async fn play_identity(
    core: &Core,
    provider: &dyn IdentityProvider,
    session_id: &str,
    chosen: Play,
) -> Result<Played, Fault> {
    let Some(found) = check(core, session_id).await? else { return Ok(Played::Unknown) };
    let now = core.clock.now();
    let own = found.user.map(|user| (user.first_name, user.last_name)).unwrap_or_default();
    let names = (chosen.first_name.unwrap_or(own.0), chosen.last_name.unwrap_or(own.1));
    let names = (chosen.outcome == "verified").then_some(names);
    let ready_at = now + Duration::seconds(chosen.delay_seconds);
    if !play(&core.db, session_id, (chosen.outcome, names), ready_at, now).await? {
        return Ok(Played::Over);
    }
    let id = session_id.to_owned();
    let check: Option<IdentityCheck> =
        core.db.read(move |conn| Ok::<_, Fault>(identity_checks::find_by_session(conn, &id)?)).await?;
    self_reset::refresh(core, provider, check.as_ref(), &Origin::default()).await?;
    Ok(Played::Yes)
}
