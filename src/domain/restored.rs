//! A database that was put back from a copy. What was open in it was ended since by whoever had a reason:
//! signed out, changed a password, reset a factor. The copy does not know, so all of it ends before the
//! first request is answered. ASVS 7.4.1.

use super::Core;
use super::audit::{Entry, LOCAL, Origin};
use super::self_reset::STOP;
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::models::{
    AuditResult, api_tokens, domain_sign_ins, jobs, links, one_time_codes, password_resets, remembered_browsers,
    restore_marks, self_resets, sessions,
};
use crate::outbox::queue;
use crate::secrets::KeyRing;

const WHY_STOPPED: &str = "The database was put back from a copy.";

/// How much was open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    pub sessions: usize,
    pub remembered_browsers: usize,
    pub links: usize,
    pub api_tokens: usize,
}

impl std::fmt::Display for Ended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { sessions, remembered_browsers, links, api_tokens } = self;
        write!(
            f,
            "{sessions} sessions, {remembered_browsers} remembered browsers, {links} links and {api_tokens} API tokens"
        )
    }
}

/// Ends what is open where the database is a copy by its mark; of several nodes one does. `None` where it is
/// the database it always was.
pub async fn notice(core: &Core) -> Result<Option<Ended>, Fault> {
    let as_ever = core.db.read(|conn| Ok::<_, Fault>(restore_marks::find(conn)? == Some(restore_marks::here(conn)?)));
    if as_ever.await? {
        return Ok(None);
    }
    let context = core.clone();
    core.db
        .write(move |conn| {
            let here = restore_marks::here(conn)?;
            let Some(mark) = restore_marks::find(conn)? else {
                // From before there were marks: the next start can tell.
                restore_marks::begin(conn, &here)?;
                return Ok(None);
            };
            if mark == here || !restore_marks::replace(conn, &mark, &here)? {
                return Ok(None);
            }
            end_everything(conn, &context.keys, "noticed at the start", context.clock.now()).map(Some)
        })
        .await
}

/// Ends what is open because whoever has the command line says that the database is a copy.
pub async fn told(core: &Core) -> Result<Ended, Fault> {
    let context = core.clone();
    core.db
        .write(move |conn| {
            let here = restore_marks::here(conn)?;
            restore_marks::begin(conn, &here)?;
            if let Some(mark) = restore_marks::find(conn)? {
                restore_marks::replace(conn, &mark, &here)?;
            }
            end_everything(conn, &context.keys, "told by the command line", context.clock.now())
        })
        .await
}

/// Everything that lets somebody in without showing who they are: sessions with their proofs, codes and
/// calls, remembered browsers, links and codes that were mailed, requests for a new password or a reset,
/// tokens of programs. Jobs stop, because they may have been done, and so do messages with a link or a code that
/// waited in the copy: they may have gone out, and open nothing now. Links of **This wasn't me** open
/// nothing and stay.
fn end_everything(conn: &mut DbConnection, keys: &KeyRing, how: &str, now: Timestamp) -> Result<Ended, Fault> {
    let ended = Ended {
        sessions: sessions::delete_everything(conn)?,
        remembered_browsers: remembered_browsers::delete_everything(conn)?,
        links: links::replace_everything_but(conn, STOP, now)?,
        api_tokens: api_tokens::revoke_everything(conn, now)?,
    };
    one_time_codes::replace_everything(conn)?;
    password_resets::delete_everything(conn)?;
    domain_sign_ins::delete_everything(conn)?;
    self_resets::cancel_everything(conn, now)?;
    jobs::stop_everything(conn, WHY_STOPPED, now)?;
    let messages = queue::give_up_what_opens(conn, keys, WHY_STOPPED)?;
    Entry::new("database_restored", AuditResult::Success)
        .by_command_line()
        .with("how", how)
        .with("sessions", ended.sessions)
        .with("remembered_browsers", ended.remembered_browsers)
        .with("links", ended.links)
        .with("api_tokens", ended.api_tokens)
        .with("messages", messages)
        .write(conn, &Origin { address: LOCAL.into(), ..Origin::default() }, now)?;
    Ok(ended)
}
