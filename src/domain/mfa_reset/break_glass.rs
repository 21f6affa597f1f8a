//! Break-glass: who has the machine resets somebody's factors where nobody else can. The one reset, with a
//! reason, and an entry of its own that says who typed it. Every administrator of the person is told, and
//! the operators.

use super::{Preview, Receipt, Refusals, Request, Verdict, preview, reset_in};
use crate::db::Fault;
use crate::domain::Core;
use crate::domain::administration::{Actor, Reach, Via};
use crate::domain::audit::Entry;
use crate::domain::people::command_line;
use crate::models::users::{self, User};
use crate::models::{AuditResult, ResetScope};

/// The words on the button, so to speak.
const LABEL: &str = "vestibule reset-mfa";

/// Whom some words mean.
pub enum Meant {
    One(Box<User>),
    Nobody,
    /// One person's username is another's address.
    Several,
}

/// Somebody by user id, e-mail address or username, exactly but for case.
pub async fn find(core: &Core, words: &str) -> Result<Meant, Fault> {
    let words = words.trim().to_owned();
    core.db
        .read(move |conn| {
            let found = [
                users::find(conn, &words)?,
                users::find_by_email(conn, &words)?,
                users::find_by_username(conn, &words)?,
            ];
            let mut found: Vec<User> = found.into_iter().flatten().collect();
            found.dedup_by(|a, b| a.id == b.id);
            Ok(match (found.pop(), found.is_empty()) {
                (Some(user), true) => Meant::One(Box::new(user)),
                (Some(_), false) => Meant::Several,
                (None, _) => Meant::Nobody,
            })
        })
        .await
}

/// Nobody's account stands behind the command line: only `via` of this actor is looked at.
fn actor(user: &User) -> Actor {
    Actor { user: user.clone(), organization: None, role: None, reach: Reach::Everywhere, via: Via::CommandLine }
}

/// What would go; `None` where the person is gone by now.
pub async fn look(core: &Core, user: &User) -> Result<Option<Preview>, Fault> {
    let ids = [user.id.clone()];
    let previewed = preview(core, &actor(user), &ids, ResetScope::All).await?;
    Ok(previewed.people.into_iter().find(|person| matches!(person.verdict, Verdict::Go(_))))
}

/// Resets every factor in every scope. `run_by` is the user of the operating system.
pub async fn reset(core: &Core, user: &User, reason: &str, run_by: &str) -> Result<Result<Receipt, Refusals>, Fault> {
    let (context, user, run_by) = (core.clone(), user.clone(), run_by.to_owned());
    let request = Request {
        user_ids: vec![user.id.clone()],
        scope: ResetScope::All,
        label: LABEL.into(),
        reason: reason.to_owned(),
        operator_confirmed: true,
    };
    core.db
        .write(move |conn| {
            let (now, origin) = (context.clock.now(), command_line());
            let done = reset_in(conn, &context, &actor(&user), &request, &origin, now)?;
            if let Ok(receipt) = &done {
                Entry::new("break_glass", AuditResult::Success)
                    .by_command_line()
                    .about(Some(&user.id))
                    .with("run_by", run_by.as_str())
                    .with("reason", request.reason.as_str())
                    .with("reference", receipt.reference.as_str())
                    .write(conn, &origin, now)?;
            }
            Ok(done)
        })
        .await
}
