//! Lists of people: one query behind all of them, one row per membership, by last name, first name and
//! membership. A page costs the same in an organization of ten and an installation of a million: places
//! come from an index in the order of the list or, where a filter fits few, from one of those alone; what no
//! index knows (most of MFA status, which is never stored) is looked at batch by batch, up to a bound; beyond it
//! the page ends with where to continue. docs/lists.md has the costs.

mod rare;
mod search;

use std::collections::{HashMap, HashSet};

use data_encoding::HEXLOWER;

use self::search::{Search, Source, Spot};
use super::limits::{DIRECTORY_BATCH, DIRECTORY_COUNTED, DIRECTORY_EXAMINED, DIRECTORY_PAGE};
use super::{Core, domain_account, mfa};
use crate::clock::Timestamp;
use crate::db::{Db, DbConnection, Fault};
use crate::domain::administration::{Actor, Reach};
use crate::domain::mfa::MfaStatus;
use crate::models::directory_entries::{self, KINDS, Place};
use crate::models::factors::{self, Factor};
use crate::models::memberships::Membership;
use crate::models::organizations::{self, Organization};
use crate::models::second_step_pauses::{self, SecondStepPause};
use crate::models::users::User;
use crate::models::{Account, Role, domain_identities, is_id};

/// Whose people are listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Within {
    Everywhere,
    /// Ids. None of them: nobody.
    Organizations(Vec<String>),
}

impl Within {
    /// The people of the organization acted in; everybody for an operator.
    pub fn current(actor: &Actor) -> Self {
        match (&actor.reach, &actor.organization) {
            (Reach::Everywhere, _) => Self::Everywhere,
            (_, Some(organization)) => Self::Organizations(vec![organization.id.clone()]),
            (_, None) => Self::Organizations(Vec::new()),
        }
    }

    fn ids(&self) -> Option<&[String]> {
        match self {
            Self::Everywhere => None,
            Self::Organizations(ids) => Some(ids),
        }
    }

    /// Those of these organizations that the actor reaches.
    pub fn chosen(actor: &Actor, ids: &[String]) -> Self {
        Self::Organizations(ids.iter().filter(|id| actor.reaches(id)).cloned().collect())
    }
}

/// An MFA status to list, without its date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusFilter {
    Locked,
    Sso,
    Enrolled,
    Exempt,
    InGrace,
    SetupPending,
    None,
    /// Active here, and nothing they have counts here: what **Admin Overview** counts as without a factor.
    NoFactor,
    /// Administrators of whom only e-mail counts.
    AdminsByEmail,
    /// Administrators of whom nothing counts.
    AdminsWithout,
}

impl StatusFilter {
    pub const ALL: [Self; 7] =
        [Self::Locked, Self::Sso, Self::Enrolled, Self::Exempt, Self::InGrace, Self::SetupPending, Self::None];

    /// What **Admin Overview** counts, which goes over several statuses.
    pub const COUNTED: [Self; 3] = [Self::NoFactor, Self::AdminsByEmail, Self::AdminsWithout];

    /// The word in URLs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Locked => "locked",
            Self::Sso => "sso",
            Self::Enrolled => "enrolled",
            Self::Exempt => "exempt",
            Self::InGrace => "in_grace",
            Self::SetupPending => "setup_pending",
            Self::None => "none",
            Self::NoFactor => "no_factor",
            Self::AdminsByEmail => "admins_email_only",
            Self::AdminsWithout => "admins_no_factor",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().chain(Self::COUNTED).find(|status| status.as_str() == word)
    }

    /// The words on a badge, without the date.
    pub fn label(self) -> &'static str {
        match self {
            Self::Locked => "Locked",
            Self::Sso => "Single sign-on",
            Self::Enrolled => "MFA on",
            Self::Exempt => "Exempt",
            Self::InGrace => "In grace",
            Self::SetupPending => "Set-up pending",
            Self::None => "Not set up",
            Self::NoFactor => "No factor",
            Self::AdminsByEmail => "Administrators: e-mail only",
            Self::AdminsWithout => "Administrators: no factor",
        }
    }

    /// Whether a row is listed under it.
    fn lists(self, row: &Row) -> bool {
        let (o, factors) = (&row.organization, &row.factors);
        let acts = row.user.account == Account::Active && row.membership.disabled_at.is_none();
        let admin = acts && row.membership.role >= Role::Admin;
        match self {
            Self::NoFactor => acts && !mfa::is_enrolled(o, factors),
            Self::AdminsByEmail => admin && mfa::is_by_email_only(o, factors),
            Self::AdminsWithout => admin && !mfa::is_enrolled(o, factors),
            status => status == Self::of(row.status),
        }
    }

    pub fn of(status: MfaStatus) -> Self {
        match status {
            MfaStatus::Locked => Self::Locked,
            MfaStatus::Sso => Self::Sso,
            MfaStatus::Enrolled => Self::Enrolled,
            MfaStatus::Exempt => Self::Exempt,
            MfaStatus::InGrace(_) => Self::InGrace,
            MfaStatus::SetupPending => Self::SetupPending,
            MfaStatus::None => Self::None,
        }
    }
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Query {
    pub within: Within,
    /// A prefix of first, last or full name, username or e-mail address; nothing in it is a wildcard.
    pub search: String,
    pub status: Option<StatusFilter>,
    pub account: Option<Account>,
    pub role: Option<Role>,
    pub after: Option<Cursor>,
    /// Rows of a page, at most `limits::DIRECTORY_BATCH`.
    pub limit: usize,
    /// Only people who enrolled something.
    pub with_factors: bool,
}

impl Query {
    pub fn within(within: Within) -> Self {
        Self {
            within,
            search: String::new(),
            status: None,
            account: None,
            role: None,
            after: None,
            limit: DIRECTORY_PAGE,
            with_factors: false,
        }
    }
}

/// Where a page begins: behind this membership.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(Spot);

impl Cursor {
    pub fn encode(&self) -> String {
        let Spot { place, kind } = &self.0;
        let kind = kind.map(|kind| format!(".{kind}")).unwrap_or_default();
        format!("{}.{}{kind}", HEXLOWER.encode(&place.key), place.membership_id)
    }

    /// `None` for what is no cursor.
    pub fn parse(text: &str) -> Option<Self> {
        let (key, rest) = text.split_once('.')?;
        let (id, kind) = match rest.split_once('.') {
            Some((id, kind)) => (id, Some(KINDS.into_iter().find(|known| known.to_string() == kind)?)),
            None => (rest, None),
        };
        let key = HEXLOWER.decode(key.as_bytes()).ok()?;
        is_id(id).then(|| Self(Spot { place: Place { key, membership_id: id.to_owned() }, kind }))
    }
}

/// One row: a membership.
#[derive(Clone)]
pub struct Row {
    pub membership: Membership,
    pub user: User,
    pub organization: Organization,
    /// All of the person's.
    pub factors: Vec<Factor>,
    pub status: MfaStatus,
}

/// What comes after a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rest {
    End,
    /// Another page.
    Next(Cursor),
    /// Perhaps: so many rows were looked at that the search stopped here.
    Continue(Cursor),
}

pub struct Page {
    pub rows: Vec<Row>,
    pub rest: Rest,
}

impl Page {
    /// Who is on it; somebody with two rows twice.
    pub fn user_ids(&self) -> Vec<String> {
        self.rows.iter().map(|row| row.user.id.clone()).collect()
    }
}

/// How many memberships there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    Exactly(usize),
    MoreThan(usize),
}

/// One page of a list.
pub async fn list(core: &Core, query: Query) -> Result<Page, Fault> {
    let now = core.clock.now();
    core.db.read(move |conn| find(conn, &query, now)).await
}

/// How many people there are to list, without search and filters.
pub async fn size(core: &Core, within: Within) -> Result<Size, Fault> {
    core.db
        .read(move |conn| {
            let limit = i64::try_from(DIRECTORY_COUNTED).unwrap_or(i64::MAX);
            let all = directory_entries::count_up_to(conn, within.ids(), limit + 1)?;
            Ok(if all > DIRECTORY_COUNTED { Size::MoreThan(DIRECTORY_COUNTED) } else { Size::Exactly(all) })
        })
        .await
}

/// Everybody under one query, page by page, for what goes over all of them.
pub fn find(conn: &mut DbConnection, query: &Query, now: Timestamp) -> Result<Page, Fault> {
    let search = Search::of(&query.search);
    let mut source = Source::open(conn, query, &search, now)?;
    let limit = query.limit.clamp(1, DIRECTORY_BATCH);
    let (mut rows, mut after, mut examined): (Vec<Row>, _, _) = (Vec::new(), query.after.clone().map(|c| c.0), 0);
    loop {
        // At first a page, and the row that tells whether there is another; more once rows are left out.
        let batch = if examined == 0 { limit + 1 } else { DIRECTORY_BATCH };
        let spots = source.next(conn, batch)?;
        let over = spots.len() < batch;
        examined += spots.len();
        for (spot, row) in load(conn, &spots, now)? {
            if fits(query, &search, &spot, &row) {
                if rows.len() == limit {
                    let rest = Rest::Next(Cursor(after.unwrap_or(spot)));
                    return Ok(Page { rows, rest });
                }
                rows.push(row);
            }
            after = Some(spot);
        }
        after = spots.last().cloned().or(after);
        match after {
            _ if over => return Ok(Page { rows, rest: Rest::End }),
            Some(ref spot) if examined >= DIRECTORY_EXAMINED => {
                let cursor = Cursor(spot.clone());
                let rest = if rows.len() == limit { Rest::Next(cursor) } else { Rest::Continue(cursor) };
                return Ok(Page { rows, rest });
            }
            _ => {}
        }
    }
}

fn fits(query: &Query, search: &Search, spot: &Spot, row: &Row) -> bool {
    search.finds(&row.user, spot)
        && query.account.is_none_or(|account| account == row.user.account)
        && query.role.is_none_or(|role| role == row.membership.role)
        && query.status.is_none_or(|status| status.lists(row))
        && (!query.with_factors || row.shown_factors(&query.within).next().is_some())
}

impl Row {
    /// The factors that are listed with this membership: its organization's own, and those of the person,
    /// which stand beside the managing organization where that is in the list, so that each is one row.
    pub fn shown_factors<'a>(&'a self, within: &'a Within) -> impl Iterator<Item = &'a Factor> {
        let managing = self.user.managing_organization_id.as_ref();
        let elsewhere = managing.is_some_and(|id| {
            *id != self.organization.id
                && match within {
                    Within::Everywhere => true,
                    Within::Organizations(ids) => ids.contains(id),
                }
        });
        self.factors.iter().filter(move |factor| match &factor.organization_id {
            Some(id) => *id == self.organization.id,
            None => !elsewhere,
        })
    }
}

/// The rows at these places, in their order. One that went meanwhile is left out.
fn load(conn: &mut DbConnection, spots: &[Spot], now: Timestamp) -> Result<Vec<(Spot, Row)>, Fault> {
    let ids: Vec<String> = spots.iter().map(|spot| spot.place.membership_id.clone()).collect();
    let found = directory_entries::load(conn, &ids)?;
    let users: Vec<String> = found.iter().map(|(_, user, _)| user.id.clone()).collect();
    let mut of_user: HashMap<String, (Vec<Factor>, Vec<SecondStepPause>)> = HashMap::new();
    for factor in factors::list_of_users(conn, &users)? {
        of_user.entry(factor.user_id.clone()).or_default().0.push(factor);
    }
    for pause in second_step_pauses::list_of_users(conn, &users)? {
        of_user.entry(pause.user_id.clone()).or_default().1.push(pause);
    }
    let proven: HashSet<String> = domain_identities::second_factor_of(conn, &users)?.into_iter().collect();
    let mut rows: HashMap<String, Row> = found
        .into_iter()
        .map(|(membership, user, organization)| {
            let (factors, pauses) = of_user.get(&user.id).cloned().unwrap_or_default();
            let sso = domain_account::answers_for(&organization, proven.contains(&user.id));
            let status = mfa::status(&organization, &membership, &factors, &pauses, (sso, user.set_up_demanded), now);
            (membership.id.clone(), Row { membership, user, organization, factors, status })
        })
        .collect();
    Ok(spots.iter().filter_map(|spot| Some((spot.clone(), rows.remove(&spot.place.membership_id)?))).collect())
}

/// Writes what lists find older memberships by; how many. Lists are complete once it has run.
pub async fn catch_up(db: &Db) -> Result<usize, Fault> {
    let (mut after, mut written) = (String::new(), 0);
    loop {
        let from = after.clone();
        let batch = db.read(move |conn| directory_entries::list_missing(conn, &from, 500).map_err(Fault::from)).await?;
        let Some((last, _)) = batch.last() else { return Ok(written) };
        after = last.id.clone();
        written += batch.len();
        db.write(move |conn| {
            for (membership, user) in &batch {
                directory_entries::write(conn, membership, user)?;
            }
            Ok::<_, Fault>(())
        })
        .await?;
    }
}

/// The customers to choose from: the organizations the actor reaches, by name.
pub async fn customers(core: &Core, actor: &Actor) -> Result<Vec<Organization>, Fault> {
    let reach = actor.reach.clone();
    core.db
        .read(move |conn| {
            Ok(match reach {
                Reach::Everywhere => organizations::list_all(conn, 1_000)?,
                Reach::Organizations(ids) => organizations::list_of(conn, &ids)?,
            })
        })
        .await
}
