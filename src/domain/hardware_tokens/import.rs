//! Importing tokens from a file: looked through first, and saved as a whole or not at all.
//! ASVS 5.2.1, 5.2.2, 2.3.3.

use std::collections::HashMap;

use data_encoding::BASE64URL_NOPAD;
use zeroize::Zeroizing;

use super::file::{self, Algorithm, Line, Problem, Read, Why};
use super::notices::{self, What};
use super::{factor_of, may_act_on};
use crate::clock::{Timestamp, unix};
use crate::db::{DbConnection, Fault};
use crate::domain::Core;
use crate::domain::administration::Actor;
use crate::domain::audit::{Entry, Origin};
use crate::domain::csv_file::Unreadable;
use crate::domain::limits::STAND_STILL;
use crate::models::hardware_tokens::{self, HardwareToken, secret_place};
use crate::models::organizations::Organization;
use crate::models::users::{User, fold};
use crate::models::{Account, AuditResult, factors, memberships, new_id};

/// What is to be imported, and for whom.
#[derive(Clone)]
pub struct Upload {
    pub organization: Organization,
    /// Nobody on the command line.
    pub actor: Option<Actor>,
    pub bytes: Zeroizing<Vec<u8>>,
    /// What tokens use where the file does not say.
    pub algorithm: Algorithm,
}

/// What is in a file, and what became of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub assigned: usize,
    pub available: usize,
    /// In the order of the file. With one there, nothing was saved.
    pub problems: Vec<Problem>,
}

/// Looks through a file; saves nothing.
pub async fn dry_run(core: &Core, upload: Upload) -> Result<Result<Report, Unreadable>, Fault> {
    core.db
        .read(move |conn| {
            let read = match file::read(&upload.bytes, upload.algorithm) {
                Ok(read) => read,
                Err(why) => return Ok(Err(why)),
            };
            Ok(Ok(check(conn, &upload, read)?.1))
        })
        .await
}

/// Saves every token of a file in one transaction, or none where something is wrong.
pub async fn save(core: &Core, upload: Upload, origin: &Origin) -> Result<Result<Report, Unreadable>, Fault> {
    let (context, again, origin) = (core.clone(), upload.clone(), origin.clone());
    let saved = core
        .db
        .write(move |conn| {
            if let Some(actor) = &upload.actor {
                actor.hold(conn)?;
            }
            let now = context.clock.now();
            let read = match file::read(&upload.bytes, upload.algorithm) {
                Ok(read) => read,
                Err(why) => return Ok(Err(why)),
            };
            let (lines, report) = check(conn, &upload, read)?;
            if report.problems.is_empty() {
                write(conn, &context, &upload, (&lines, &report), &origin, now)?;
            }
            Ok::<_, Fault>(Ok(report))
        })
        .await;
    core.outbox.notify_one();
    match saved {
        // Another import was quicker with the same serial number: now it is found.
        Err(fault) if fault.is_unique_violation() => dry_run(core, again).await,
        saved => saved,
    }
}

/// A line with the person it names.
type Wanted = (Line, Option<User>);

/// What the rows say against each other, the inventory and the organization's people.
fn check(conn: &mut DbConnection, upload: &Upload, read: Read) -> Result<(Vec<Wanted>, Report), Fault> {
    let Read { lines, mut problems } = read;
    let serials: Vec<String> = lines.iter().map(|line| fold(&line.serial)).collect();
    let present = hardware_tokens::present(conn, &upload.organization.id, &serials)?;
    let people = people(conn, upload, &lines)?;
    let mut first: HashMap<&str, usize> = HashMap::new();
    let (mut wanted, mut report) = (Vec::new(), Report::default());
    for (line, serial) in lines.into_iter().zip(&serials) {
        let mut problem = |why| problems.push(Problem { row: line.row, why });
        if !serial.is_empty() {
            match first.get(serial.as_str()) {
                Some(first) => problem(Why::DoubleInFile { first: *first }),
                None if present.contains(serial) => problem(Why::DoubleInInventory),
                None => {}
            }
            first.entry(serial).or_insert(line.row);
        }
        let user = match people.get(&fold(&line.upn)) {
            _ if line.upn.is_empty() => None,
            Some(Ok(user)) => Some(user.clone()),
            Some(Err(why)) => {
                problem(*why);
                None
            }
            None => {
                problem(Why::UnknownUser);
                None
            }
        };
        match user {
            Some(_) => report.assigned += 1,
            None => report.available += 1,
        }
        wanted.push((line, user));
    }
    problems.sort_by_key(|problem| problem.row);
    Ok((wanted, Report { problems, ..report }))
}

/// The organization's people that a file names, by username and by e-mail address, or why not.
fn people(
    conn: &mut DbConnection,
    upload: &Upload,
    lines: &[Line],
) -> Result<HashMap<String, Result<User, Why>>, Fault> {
    let mut names: Vec<String> = lines.iter().map(|line| fold(&line.upn)).filter(|upn| !upn.is_empty()).collect();
    names.sort();
    names.dedup();
    let mut people = HashMap::new();
    for user in memberships::members_called(conn, &upload.organization.id, &names)? {
        let refused = match &upload.actor {
            Some(actor) if !may_act_on(conn, actor, &user)? => Some(Why::HigherRole),
            _ if user.account == Account::Disabled => Some(Why::DisabledUser),
            _ => None,
        };
        for name in [user.username_lower.clone(), user.email_lower.clone()] {
            people.insert(name, refused.map_or_else(|| Ok(user.clone()), Err));
        }
    }
    Ok(people)
}

fn write(
    conn: &mut DbConnection,
    core: &Core,
    upload: &Upload,
    (lines, report): (&[Wanted], &Report),
    origin: &Origin,
    now: Timestamp,
) -> Result<(), Fault> {
    let (organization, actor) = (&upload.organization, upload.actor.as_ref());
    let mut rows = Vec::with_capacity(lines.len());
    for (line, user) in lines {
        let mut token = token(core, organization, line, now)?;
        if let Some(user) = user {
            let factor = factor_of(core, organization, &token, &line.secret, user, now)?;
            factors::insert(conn, &factor)?;
            token.factor_id = Some(factor.id);
        }
        rows.push(token);
    }
    hardware_tokens::insert_all(conn, &rows)?;
    for (token, user) in rows.iter().zip(lines).filter_map(|(token, (_, user))| Some((token, user.as_ref()?))) {
        notices::tell(conn, core, (organization, actor), (token, user), What::Assigned, origin, now)?;
    }
    let entry = Entry::new("hardware_tokens_imported", AuditResult::Success);
    let entry = match actor {
        Some(actor) => entry.by(actor),
        None => entry.by_command_line(),
    };
    let entry = entry.in_organization(Some(&organization.id));
    let (assigned, available) = (report.assigned, report.available);
    entry.with("assigned", assigned).with("available", available).write(conn, origin, now)?;
    Ok(())
}

fn token(core: &Core, organization: &Organization, line: &Line, now: Timestamp) -> Result<HardwareToken, Fault> {
    let id = new_id(now);
    let sealed = core.keys.seal(&secret_place(&id), &line.secret)?;
    Ok(HardwareToken {
        id,
        organization_id: organization.id.clone(),
        serial: line.serial.clone(),
        serial_lower: fold(&line.serial),
        manufacturer: line.manufacturer.clone(),
        model: line.model.clone(),
        secret: sealed.bytes,
        secret_key_id: sealed.key_id,
        algorithm: line.algorithm.word().into(),
        period: line.period,
        last_step: 0,
        factor_id: None,
        lost_at: None,
        created_at: now,
    })
}

/// A file that was looked through, sealed for this session and organization, so that it can be imported
/// without being chosen again and nobody can read it off the page.
pub fn keep(core: &Core, session_id: &str, upload: &Upload) -> Result<String, Fault> {
    let head = format!("{} {}\n", unix(core.clock.now()), upload.algorithm.word());
    let plain = Zeroizing::new([head.as_bytes(), &upload.bytes].concat());
    let sealed = core.keys.seal(&kept_place(session_id, &upload.organization.id), &plain)?;
    Ok(format!("{}.{}", sealed.key_id, BASE64URL_NOPAD.encode(&sealed.bytes)))
}

/// The file again, with its algorithm; `None` for one kept for another session or organization, or too
/// long ago.
pub fn kept(
    core: &Core,
    session_id: &str,
    organization_id: &str,
    sealed: &str,
) -> Option<(Zeroizing<Vec<u8>>, Algorithm)> {
    let (key_id, text) = sealed.rsplit_once('.')?;
    let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
    let plain = core.keys.open(&kept_place(session_id, organization_id), key_id, &bytes).ok()?;
    let end = plain.iter().position(|byte| *byte == b'\n')?;
    let (at, algorithm) = std::str::from_utf8(&plain[..end]).ok()?.split_once(' ')?;
    let age = unix(core.clock.now()).checked_sub(at.parse().ok()?)?;
    let fresh = i64::try_from(age).ok()? < STAND_STILL.whole_seconds();
    fresh.then(|| Some((Zeroizing::new(plain[end + 1..].to_vec()), Algorithm::parse(algorithm)?)))?
}

fn kept_place(session_id: &str, organization_id: &str) -> String {
    format!("hardware_tokens:import:{session_id}:{organization_id}")
}
