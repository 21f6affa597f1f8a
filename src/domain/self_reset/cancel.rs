//! A request ends before its time: by its owner, by **This wasn't me**, by a factor that is shown after
//! all, by an administrator's reset. Each of them tells the owner. One that was finished cannot end any
//! more: **This wasn't me** locks the account then.

use super::link::{Given, View, of_stop};
use super::{STOP, mails};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::audit::{Entry, Origin};
use crate::domain::mfa_reset::{Target, is_last_owner};
use crate::domain::{Core, locks, sessions};
use crate::models::self_resets::{self, SelfReset};
use crate::models::users::{self, User};
use crate::models::{
    Account, AuditResult, SelfResetState, api_tokens, domain_identities, identity_checks, links, password_resets,
};

/// Why a request ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// **Stop and keep my factors**.
    Stopped,
    /// **This wasn't me**.
    NotMe,
    /// Somebody signed in with a factor.
    FactorShown,
    /// An administrator has reset the factors.
    Reset,
    /// The account was disabled, or has changed since.
    Account,
}

impl Why {
    fn word(self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::NotMe => "not me",
            Self::FactorShown => "factor shown",
            Self::Reset => "administrator's reset",
            Self::Account => "account changed",
        }
    }

    fn sentence(self) -> &'static str {
        match self {
            Self::Stopped => "It was stopped on its page. Your factors are unchanged.",
            Self::NotMe => {
                "It was stopped with the link in an email that says it was not you. Your factors are unchanged."
            }
            Self::FactorShown => {
                "Somebody has signed in to your account with one of its factors, so no reset is needed."
            }
            Self::Reset => "An administrator has reset your factors meanwhile.",
            Self::Account => {
                "Your account has changed since you asked, so the request cannot go on. Your factors are unchanged."
            }
        }
    }
}

/// Stops a request from its own page; `false` when it had ended already.
pub async fn cancel(core: &Core, request_id: &str, origin: &Origin) -> Result<bool, Fault> {
    let (context, id, origin) = (core.clone(), request_id.to_owned(), origin.clone());
    let ended = core.db.write(move |conn| by_id(conn, &context, &id, Why::Stopped, &origin)).await?;
    core.outbox.notify_one();
    Ok(ended)
}

/// What became of **This wasn't me**.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    Now,
    /// The factors were gone already, so the account is locked.
    Locked,
    Before,
}

/// Stops the request a link of **This wasn't me** belongs to, or locks the account where it is too late.
pub async fn stop(core: &Core, token: &str, origin: &Origin) -> Result<Ended, Fault> {
    let (context, origin) = (core.clone(), origin.clone());
    let view = match of_stop(core, token).await? {
        Given::Live(view) => view,
        Given::Over(view) if view.state == SelfResetState::Done => {
            let locked = core.db.write(move |conn| lock(conn, &context, &view, &origin)).await?;
            core.outbox.notify_one();
            return Ok(if locked { Ended::Locked } else { Ended::Before });
        }
        Given::Over(_) | Given::Unknown => return Ok(Ended::Before),
    };
    let ended = core.db.write(move |conn| by_id(conn, &context, &view.request.id, Why::NotMe, &origin)).await?;
    core.outbox.notify_one();
    Ok(if ended { Ended::Now } else { Ended::Before })
}

/// Somebody else has the password, had a document and reads the mailbox: nothing of it opens the account
/// until an administrator enables it again. The last Account Holder of an organization stays one, and
/// loses the password alone; the operators hear of it. API tokens end, and so do domain accounts that
/// were connected since the request began: they would open what the password opens no more. Once for all
/// links of the request.
fn lock(conn: &mut DbConnection, core: &Core, view: &View, origin: &Origin) -> Result<bool, Fault> {
    let (user, now) = (&view.user, core.clock.now());
    locks::people_and_owned(conn, std::slice::from_ref(&user.id))?;
    if !links::consume(conn, &view.link.id, now)? {
        return Ok(false);
    }
    links::replace_all(conn, STOP, None, Some(&view.request.id), now)?;
    links::replace_all_of_user(conn, &user.id, now)?;
    let tokens = api_tokens::revoke_of_user(conn, &user.id, now)?;
    let unlinked = domain_identities::delete_since(conn, &user.id, view.request.created_at)?;
    password_resets::delete_of_user(conn, &user.id)?;
    match Target::load(conn, &user.id)? {
        Some(target) if !is_last_owner(conn, &target)? => {
            users::set_account(conn, &user.id, Account::Disabled, now)?;
        }
        _ => {
            users::switch_password_off(conn, &user.id, now)?;
        }
    }
    sessions::end_everything(conn, &user.id, now)?;
    Entry::new("self_reset_disowned", AuditResult::Success)
        .about(Some(&user.id))
        .with("reference", view.request.id.as_str())
        .with("api_tokens_revoked", tokens)
        .with("domain_accounts_removed", unlinked)
        .write(conn, origin, now)?;
    mails::disowned(conn, core, user, origin, now)?;
    Ok(true)
}

/// A factor was shown: nothing needs to be reset. Nothing happens where there is no request.
pub fn factor_shown(
    conn: &mut DbConnection,
    core: &Core,
    user: &User,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), Fault> {
    live(conn, core, user, Why::FactorShown, origin, now)
}

/// An administrator has reset the factors.
pub fn factors_were_reset(
    conn: &mut DbConnection,
    core: &Core,
    user: &User,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), Fault> {
    live(conn, core, user, Why::Reset, origin, now)
}

fn live(
    conn: &mut DbConnection,
    core: &Core,
    user: &User,
    why: Why,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), Fault> {
    if let Some(row) = self_resets::find_live(conn, &user.id, now)? {
        end(conn, core, user, &row, why, origin, now)?;
    }
    Ok(())
}

fn by_id(conn: &mut DbConnection, core: &Core, id: &str, why: Why, origin: &Origin) -> Result<bool, Fault> {
    let Some(row) = self_resets::find(conn, id)? else { return Ok(false) };
    let Some(user) = users::find(conn, &row.user_id)? else { return Ok(false) };
    end(conn, core, &user, &row, why, origin, core.clock.now())
}

/// Ends one request; `true` for the one caller who did.
pub(super) fn end(
    conn: &mut DbConnection,
    core: &Core,
    user: &User,
    row: &SelfReset,
    why: Why,
    origin: &Origin,
    now: Timestamp,
) -> Result<bool, Fault> {
    if !self_resets::end(conn, &row.id, &SelfResetState::LIVE, SelfResetState::Canceled, now)? {
        return Ok(false);
    }
    identity_checks::close_of(conn, &row.id, now)?;
    Entry::new("self_reset_canceled", AuditResult::Success)
        .about(Some(&user.id))
        .with("reference", row.id.as_str())
        .with("why", why.word())
        .write(conn, origin, now)?;
    mails::canceled(conn, core, user, row, why.sentence(), now)?;
    Ok(true)
}
