//! **Reviews**: where the name on a document is not the account's, a person who may reset that account
//! decides, and vouches for it. Who may is what `mfa_reset` says for every other reset. T1, ASVS 8.2.2.

use super::{account_hash, cancel, mails};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::administration::{Actor, Reach};
use crate::domain::audit::{Entry, Origin};
use crate::domain::limits::{NOTE_LEAST, REASON_LENGTH, SELF_RESET};
use crate::domain::mfa_reset::{Judge, Refusal, Target};
use crate::domain::times::Zone;
use crate::domain::{Core, notices};
use crate::models::self_resets::{self, SelfReset, document_place};
use crate::models::users::User;
use crate::models::{Account, AuditResult, SelfResetState};
use crate::outbox::messages::SelfResetDecided;

const PER_PAGE: i64 = 20;

/// One line of the list.
pub struct Line {
    pub request: SelfReset,
    pub user: User,
    /// Where the account is managed.
    pub managed_by: Option<String>,
    /// Why the actor may not decide, if so.
    pub refusal: Option<Refusal>,
}

/// A page of open reviews, oldest first.
pub struct Page {
    pub lines: Vec<Line>,
    /// The id behind which the next page begins.
    pub after: Option<String>,
}

/// Open reviews of those whose accounts the actor manages; after an id.
pub async fn list(core: &Core, actor: &Actor, after: &str) -> Result<Page, Fault> {
    let (actor, after, now) = (actor.clone(), after.to_owned(), core.clock.now());
    core.db
        .read(move |conn| {
            let managed = match &actor.reach {
                Reach::Everywhere => None,
                Reach::Organizations(ids) => Some(ids.as_slice()),
            };
            let mut rows = self_resets::list_reviews(conn, managed, &after, PER_PAGE + 1, now)?;
            let more = rows.len() > PER_PAGE as usize;
            rows.truncate(PER_PAGE as usize);
            let after = rows.last().filter(|_| more).map(|row| row.id.clone());
            let mut lines = Vec::new();
            for request in rows {
                if let Some((line, _)) = line(conn, &actor, request)? {
                    lines.push(line);
                }
            }
            Ok(Page { lines, after })
        })
        .await
}

fn line(conn: &mut DbConnection, actor: &Actor, request: SelfReset) -> Result<Option<(Line, Target)>, Fault> {
    let judge = Judge::of(conn, actor)?;
    let Some(target) = Target::load(conn, &request.user_id)?.filter(|t| judge.manages(t)) else { return Ok(None) };
    let refusal = if judge.is_oneself(&target) {
        Some(Refusal::Oneself)
    } else {
        judge.is_above(&target).then_some(Refusal::HigherRole)
    };
    let managed_by = target.managing().map(|o| o.name.clone());
    Ok(Some((Line { request, user: target.user.clone(), managed_by, refusal }, target)))
}

/// One review with all that is to be compared.
pub struct Review {
    pub line: Line,
    /// First and last name on the document.
    pub document: (String, String),
    pub reasons: Vec<String>,
    /// An operator steps in where an administrator could.
    pub wants_confirmation: bool,
}

/// An open review; `None` for one that is over, unknown, or somebody else's to see.
pub async fn find(core: &Core, actor: &Actor, id: &str) -> Result<Option<Review>, Fault> {
    let (context, actor, id) = (core.clone(), actor.clone(), id.to_owned());
    core.db
        .read(move |conn| {
            let now = context.clock.now();
            let open = |r: &SelfReset| r.state == SelfResetState::Review && now < r.expires_at;
            let Some(request) = self_resets::find(conn, &id)?.filter(open) else { return Ok(None) };
            let Some((line, target)) = line(conn, &actor, request)? else { return Ok(None) };
            let wants_confirmation = Judge::of(conn, &actor)?.wants_confirmation(conn, &target)?;
            let document = document(&context, &line.request)?;
            let reasons = line.request.reasons.lines().map(Into::into).collect();
            Ok(Some(Review { line, document, reasons, wants_confirmation }))
        })
        .await
}

fn document(core: &Core, request: &SelfReset) -> Result<(String, String), Fault> {
    let (Some(bytes), Some(key_id)) = (&request.document, &request.document_key_id) else {
        return Ok(Default::default());
    };
    let plain = core.keys.open(&document_place(&request.id), key_id, bytes)?;
    serde_json::from_slice(&plain).map_err(|e| Fault::Other(e.to_string()))
}

/// What somebody decides, in their own words.
pub struct Decision {
    pub approve: bool,
    /// How the identity was checked, or why it is refused.
    pub note: String,
    /// An operator says that no administrator can be reached.
    pub nobody_else: bool,
}

/// What became of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decided {
    Done,
    /// Somebody else decided, or the request has ended.
    Gone,
    /// Unknown, or not theirs to see.
    Unknown,
    Refused(Refusal),
    NoteWanted,
    /// Longer than `limits::REASON_LENGTH`.
    NoteTooLong,
    ConfirmationWanted,
}

/// Decides a review; once.
pub async fn decide(
    core: &Core,
    actor: &Actor,
    id: &str,
    decision: Decision,
    origin: &Origin,
) -> Result<Decided, Fault> {
    let (context, actor, id, origin) = (core.clone(), actor.clone(), id.to_owned(), origin.clone());
    let note = decision.note.trim().to_owned();
    if note.chars().count() < NOTE_LEAST {
        return Ok(Decided::NoteWanted);
    }
    if note.chars().count() > REASON_LENGTH {
        return Ok(Decided::NoteTooLong);
    }
    let decision = Decision { note, ..decision };
    let decided = core.db.write(move |conn| act(conn, &context, &actor, &id, &decision, &origin)).await?;
    core.outbox.notify_one();
    Ok(decided)
}

fn act(
    conn: &mut DbConnection,
    core: &Core,
    actor: &Actor,
    id: &str,
    decision: &Decision,
    origin: &Origin,
) -> Result<Decided, Fault> {
    let now = core.clock.now();
    let Some(request) = self_resets::find(conn, id)? else { return Ok(Decided::Unknown) };
    let Some((line, target)) = line(conn, actor, request)? else { return Ok(Decided::Unknown) };
    if let Some(refusal) = line.refusal {
        Entry::new("self_reset_review", AuditResult::Refused)
            .by(actor)
            .about(Some(&target.user.id))
            .with("why", refusal.as_str())
            .write(conn, origin, now)?;
        return Ok(Decided::Refused(refusal));
    }
    let steps_in = Judge::of(conn, actor)?.wants_confirmation(conn, &target)?;
    if steps_in && !decision.nobody_else {
        return Ok(Decided::ConfirmationWanted);
    }
    if target.user.account != Account::Active {
        cancel::end(conn, core, &target.user, &line.request, cancel::Why::Account, origin, now)?;
        return Ok(Decided::Gone);
    }
    let review = [SelfResetState::Review];
    let claimed = match decision.approve {
        true => self_resets::advance(conn, id, &review, SelfResetState::Ready, now + SELF_RESET, now)?,
        false => line.request.expires_at > now && self_resets::end(conn, id, &review, SelfResetState::Refused, now)?,
    };
    if !claimed {
        return Ok(Decided::Gone);
    }
    self_resets::decided(conn, id, (&actor.user.id, &decision.note), &account_hash(&target.user))?;
    Entry::new("self_reset_review", AuditResult::Success)
        .by(actor)
        .about(Some(&target.user.id))
        .with("reference", id)
        .with("decision", if decision.approve { "approved" } else { "refused" })
        .with("note", decision.note.as_str())
        .write(conn, origin, now)?;
    tell(conn, core, (&line, decision), (actor, steps_in), now)?;
    Ok(Decided::Done)
}

/// The person is told, and where an operator stepped in every administrator.
fn tell(
    conn: &mut DbConnection,
    core: &Core,
    (line, decision): (&Line, &Decision),
    (actor, steps_in): (&Actor, bool),
    now: Timestamp,
) -> Result<(), Fault> {
    let user = &line.user;
    if decision.approve {
        let request = SelfReset { decided_by: Some(actor.user.id.clone()), ..line.request.clone() };
        mails::ready(conn, core, user, &request, now)?;
    } else {
        mails::refused(conn, core, user, &line.request, &decision.note, now)?;
    }
    if !steps_in {
        return Ok(());
    }
    for admin in mails::admins_of(conn, user)? {
        let message = |_: &Zone| {
            Box::new(SelfResetDecided {
                person: user.full_name().into(),
                username: user.username.as_str().into(),
                user_id: user.id.parse().unwrap_or_default(),
                by: actor.user.full_name().into(),
                approved: decision.approve,
                note: decision.note.as_str().into(),
            }) as _
        };
        notices::tell(conn, core, &admin, "self_reset_decided", message, now)?;
    }
    Ok(())
}
