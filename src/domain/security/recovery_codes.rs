//! A new set of recovery codes in place of the old one: shown once. ASVS 6.5.2, 6.3.7.

use super::hold;
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::audit::Origin;
use crate::domain::enrollment::recovery_codes::{Codes, make};
use crate::domain::{Core, mfa, notices};
use crate::models::factors;
use crate::models::sessions::Session;
use crate::models::{Scope, recovery_codes as rows};
use crate::outbox::messages::RecoveryCodesMade;

/// How somebody's set stands.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// What the present set is known by, none of its codes; empty where there is none.
    pub set: String,
    /// Unused.
    pub left: i64,
    /// Used ones too.
    pub made: i64,
    pub made_at: Option<Timestamp>,
    /// They stand for a factor that counts everywhere; without one there are none.
    pub possible: bool,
}

pub async fn standing(core: &Core, user_id: &str) -> Result<Standing, Fault> {
    let user_id = user_id.to_owned();
    core.db.read(move |conn| look(conn, &user_id)).await
}

pub(super) fn look(conn: &mut DbConnection, user_id: &str) -> Result<Standing, Fault> {
    let factors = factors::list(conn, user_id)?;
    let (set, made_at) = rows::newest(conn, user_id)?.unzip();
    Ok(Standing {
        set: set.unwrap_or_default(),
        left: rows::count_unused(conn, user_id)?,
        made: rows::count(conn, user_id)?,
        made_at,
        possible: factors.iter().any(|f| mfa::can_be_shown(f) && f.scope == Scope::User),
    })
}

/// What came of asking for a new set.
pub enum Renewed {
    Made(Codes),
    /// Another set has taken its place meanwhile: the form was sent before.
    Already,
    /// There is nothing that it would stand for.
    Impossible,
}

/// Makes a new set in place of the one named; what is printed is not replaced by a reload.
pub async fn renew(core: &Core, session: &Session, replaces: &str, origin: &Origin) -> Result<Renewed, Fault> {
    let (context, session, origin) = (core.clone(), session.clone(), origin.clone());
    let replaces = replaces.to_owned();
    let renewed = core
        .db
        .write(move |conn| {
            let (core, now) = (&context, context.clock.now());
            let user = hold(conn, &session)?;
            let standing = look(conn, &user.id)?;
            if !standing.possible {
                return Ok::<_, Fault>(Renewed::Impossible);
            }
            if !standing.set.is_empty() && standing.set != replaces {
                return Ok(Renewed::Already);
            }
            let codes = make(conn, &user.id, &origin, now)?;
            let message = |zone: &_| Box::new(RecoveryCodesMade { asked: notices::asked(zone, &origin, now) }) as _;
            notices::tell_everywhere(conn, core, &user, "recovery_codes_made", message, now)?;
            Ok(Renewed::Made(codes))
        })
        .await?;
    core.outbox.notify_one();
    Ok(renewed)
}
