//! **Registration Error** and its **Reset**: a fresh link to the registered address of a username. The
//! same answer, and the same counters, whether anybody has it.

use super::mails::{self, Kind, Whom, mail_link};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::audit::{Entry, Origin};
use crate::domain::limits::*;
use crate::domain::{Core, throttle};
use crate::models::users::{self, fold};
use crate::models::{AuditResult, registrations};

/// Registrations of one username that get a link: several people may want the same, and whoever came
/// last must not cut the others off. So many times the work is done, however many there are.
const SAME_USERNAME: i64 = 3;

/// Mails links for a username. `Some(time)` when this address has asked too often.
pub async fn submit(core: &Core, username: &str, origin: &Origin) -> Result<Option<Timestamp>, Fault> {
    let (context, username, origin) = (core.clone(), fold(username), origin.clone());
    let refused = core
        .db
        .write(move |conn| {
            let (core, now) = (&context, context.clock.now());
            if !origin.unlimited {
                let key = format!("register:reset:{}", origin.limited_as);
                if let Some(until) = throttle::take(conn, &key, REGISTRATION_RESETS, REGISTRATION_WINDOW, now)? {
                    return Ok(Some(until));
                }
            }
            Entry::new("registration_reset", AuditResult::Success).write(conn, &origin, now)?;
            mail(conn, core, &username, &origin, now)?;
            Ok::<_, Fault>(None)
        })
        .await?;
    core.outbox.notify_one();
    Ok(refused)
}

fn mail(conn: &mut DbConnection, core: &Core, username: &str, origin: &Origin, now: Timestamp) -> Result<(), Fault> {
    let mut told: Vec<String> = Vec::new();
    if let Some(user) = users::find_by_username(conn, username)?.filter(mails::waits) {
        mail_link(conn, core, Whom::User(&user), REGISTRATION_LINK, origin, now)?;
        told.push(user.email_lower);
    }
    // Those who want a username that somebody else was given meanwhile get on by choosing another.
    for registration in registrations::list_started(conn, username, now - REGISTRATION_MEMORY, SAME_USERNAME)? {
        if told.len() == SAME_USERNAME as usize || told.contains(&registration.email_lower) {
            continue;
        }
        let kind = if mails::must_rename(conn, &registration)? { Kind::Username } else { Kind::Again };
        mails::send(conn, core, &registration, kind, REGISTRATION_LINK, origin, now)?;
        told.push(registration.email_lower);
    }
    for _ in told.len()..SAME_USERNAME as usize {
        mails::pretend(conn, core, username, REGISTRATION_LINK, origin, now)?;
    }
    Ok(())
}
