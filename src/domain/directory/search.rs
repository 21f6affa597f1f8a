//! Where the rows of a list come from. A search with few matches puts them in order at once; with more,
//! the list is walked in its order and each row compared. Keys are ranges of bytes, so `%` and `_` are
//! characters like any other. ASVS 1.2.4.

use std::collections::{BTreeSet, VecDeque};

use super::Within;
use crate::db::{DbConnection, Fault};
use crate::domain::limits::{DIRECTORY_MATCHES, SEARCH_LENGTH};
use crate::models::directory_entries::{self, KINDS, Place, key};
use crate::models::users::User;

/// What somebody typed, as keys are written.
pub struct Search(String);

impl Search {
    pub fn of(typed: &str) -> Self {
        let typed: String = typed.chars().take(SEARCH_LENGTH).collect();
        // "Lindqvist, Tobias" is how lists write it.
        Self(key(&typed.replace(',', " ")))
    }

    pub fn finds(&self, user: &User) -> bool {
        self.0.is_empty() || directory_entries::keys(user).iter().any(|(_, key)| key.starts_with(&self.0))
    }

    /// The keys that begin with it: from the first, up to but without the second.
    fn range(&self) -> Option<(Vec<u8>, Vec<u8>)> {
        let from = self.0.clone().into_bytes();
        let mut to = from.clone();
        // UTF-8 has no byte 0xFF, so the next byte is always there.
        *to.last_mut()? += 1;
        Some((from, to))
    }
}

pub enum Source {
    /// Everything there is, in order.
    Found(VecDeque<Place>),
    /// By the index, which has one order for each organization, or one for all.
    Walk { lanes: Vec<Lane>, searched: bool },
}

/// What was read ahead of one organization.
pub struct Lane {
    organization: Option<String>,
    ahead: VecDeque<Place>,
    last: Option<Place>,
    over: bool,
}

impl Source {
    /// What comes after `after`.
    pub fn open(
        conn: &mut DbConnection,
        within: &Within,
        search: &Search,
        after: Option<&Place>,
    ) -> Result<Self, Fault> {
        let Some((from, to)) = search.range() else { return Ok(Self::walk(within, false, after)) };
        let limit = i64::try_from(DIRECTORY_MATCHES).unwrap_or(i64::MAX);
        let mut matches = BTreeSet::new();
        for kind in KINDS {
            matches.extend(directory_entries::list_matches(conn, within.ids(), kind, (&from, &to), limit + 1)?);
            if matches.len() > DIRECTORY_MATCHES {
                return Ok(Self::walk(within, true, after));
            }
        }
        let mut found = directory_entries::places_of(conn, &matches.into_iter().collect::<Vec<_>>())?;
        found.retain(|place| after.is_none_or(|after| place > after));
        found.sort();
        Ok(Self::Found(found.into()))
    }

    fn walk(within: &Within, searched: bool, after: Option<&Place>) -> Self {
        let lane = |organization| Lane { organization, ahead: VecDeque::new(), last: after.cloned(), over: false };
        let lanes = match within.ids() {
            None => vec![lane(None)],
            Some(ids) => ids.iter().collect::<BTreeSet<_>>().into_iter().map(|id| lane(Some(id.clone()))).collect(),
        };
        Self::Walk { lanes, searched }
    }

    pub fn is_walked_for_a_search(&self) -> bool {
        matches!(self, Self::Walk { searched: true, .. })
    }

    /// The next places, in order; fewer than `limit` at the end alone.
    pub fn next(&mut self, conn: &mut DbConnection, limit: usize) -> Result<Vec<Place>, Fault> {
        match self {
            Self::Found(places) => Ok(places.drain(..limit.min(places.len())).collect()),
            Self::Walk { lanes, .. } => merge(conn, lanes, limit),
        }
    }
}

/// The first places of all lanes. Each is read in pieces, so that many organizations cost little more
/// than one.
fn merge(conn: &mut DbConnection, lanes: &mut [Lane], limit: usize) -> Result<Vec<Place>, Fault> {
    let piece = (limit / lanes.len().max(1) + 1).max(8);
    let mut places = Vec::with_capacity(limit);
    while places.len() < limit {
        for lane in lanes.iter_mut().filter(|lane| lane.ahead.is_empty() && !lane.over) {
            lane.read(conn, piece)?;
        }
        let first = lanes.iter_mut().filter(|lane| !lane.ahead.is_empty()).min_by(|a, b| a.ahead[0].cmp(&b.ahead[0]));
        match first.and_then(|lane| lane.ahead.pop_front()) {
            Some(place) => places.push(place),
            None => break,
        }
    }
    Ok(places)
}

impl Lane {
    fn read(&mut self, conn: &mut DbConnection, many: usize) -> Result<(), Fault> {
        let wanted = i64::try_from(many).unwrap_or(i64::MAX);
        let found = directory_entries::list_places(conn, self.organization.as_deref(), self.last.as_ref(), wanted)?;
        self.over = found.len() < many;
        self.last = found.last().cloned().or(self.last.take());
        self.ahead.extend(found);
        Ok(())
    }
}
