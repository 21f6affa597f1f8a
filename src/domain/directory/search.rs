//! Where the rows of a list come from: places off an index, in the order of the list. A search with few
//! matches puts them in that order at once, and so does a filter that few fit (`rare`); a search with more
//! goes through those whose last name begins so, then first names, usernames, addresses, each off the index,
//! so that a page costs the same however many there are. Keys are ranges of bytes, so `%` and `_` are characters like any other. ASVS 1.2.4.

use std::collections::{BTreeSet, VecDeque};

use super::{Query, Within, rare};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::limits::{DIRECTORY_MATCHES, SEARCH_LENGTH};
use crate::models::directory_entries::{self, KINDS, LAST_FIRST, Place, Stretch, key};
use crate::models::users::User;

/// What somebody typed, as keys are written.
pub struct Search(String);

impl Search {
    pub fn of(typed: &str) -> Self {
        let typed: String = typed.chars().take(SEARCH_LENGTH).collect();
        // "Lindqvist, Tobias" is how lists write it.
        Self(key(&typed.replace(',', " ")))
    }

    /// Whether somebody is found, and at this spot: who is found by last and by first name comes once.
    pub fn finds(&self, user: &User, spot: &Spot) -> bool {
        let by = || directory_entries::keys(user).into_iter().find(|(_, key)| key.starts_with(&self.0));
        self.0.is_empty() || by().is_some_and(|(kind, _)| spot.kind.is_none_or(|here| here == kind))
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

/// A place, and in a search with many matches the kind of key it was found by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    pub place: Place,
    pub kind: Option<i64>,
}

pub enum Source {
    /// Everything there is, in order.
    Found(VecDeque<Place>),
    /// By the index, which has one order for each organization, or one for all.
    Walk(Vec<Lane>),
    /// The matches of one kind of key after the other.
    Matches { within: Within, range: (Vec<u8>, Vec<u8>), kind: i64, lanes: Vec<Lane> },
}

/// What was read ahead of one organization.
pub struct Lane {
    organization: Option<String>,
    stretch: Stretch,
    ahead: VecDeque<Place>,
    last: Option<Place>,
    over: bool,
}

impl Source {
    /// What comes after the last page.
    pub fn open(conn: &mut DbConnection, query: &Query, search: &Search, now: Timestamp) -> Result<Self, Fault> {
        let (within, after) = (&query.within, query.after.as_ref().map(|cursor| &cursor.0));
        let (place, kind) = (after.map(|spot| &spot.place), after.and_then(|spot| spot.kind));
        let range = search.range();
        // Who came here through many matches goes on through them.
        let mut found = None;
        if kind.is_none() {
            found = match &range {
                Some(range) => few(conn, within, range)?,
                None => None,
            };
            if found.is_none() {
                found = rare::places(conn, query, now)?;
            }
        }
        Ok(match (found, range) {
            (Some(mut found), _) => {
                found.retain(|one| place.is_none_or(|after| one > after));
                found.sort();
                Self::Found(found.into())
            }
            (None, None) => Self::Walk(lanes(within, &Stretch { kind: LAST_FIRST, range: None }, place)),
            (None, Some(range)) => {
                let kind = kind.unwrap_or(LAST_FIRST);
                let stretch = Stretch { kind, range: Some(range.clone()) };
                Self::Matches { within: within.clone(), range, kind, lanes: lanes(within, &stretch, place) }
            }
        })
    }

    /// The next spots, in order; fewer than `limit` at the end alone.
    pub fn next(&mut self, conn: &mut DbConnection, limit: usize) -> Result<Vec<Spot>, Fault> {
        let at = |kind| move |place| Spot { place, kind };
        match self {
            Self::Found(places) => Ok(places.drain(..limit.min(places.len())).map(at(None)).collect()),
            Self::Walk(lanes) => Ok(merge(conn, lanes, limit)?.into_iter().map(at(None)).collect()),
            Self::Matches { within, range, kind, lanes } => {
                let mut spots = Vec::with_capacity(limit);
                loop {
                    spots.extend(merge(conn, lanes, limit - spots.len())?.into_iter().map(at(Some(*kind))));
                    let following = KINDS.into_iter().find(|other| other > kind);
                    let Some(following) = following.filter(|_| spots.len() < limit) else { return Ok(spots) };
                    *kind = following;
                    *lanes = self::lanes(within, &Stretch { kind: following, range: Some(range.clone()) }, None);
                }
            }
        }
    }
}

/// The places of all matches, in no order; `None` where there are too many.
fn few(conn: &mut DbConnection, within: &Within, (from, to): &(Vec<u8>, Vec<u8>)) -> Result<Option<Vec<Place>>, Fault> {
    let limit = i64::try_from(DIRECTORY_MATCHES).unwrap_or(i64::MAX);
    let mut matches = BTreeSet::new();
    for kind in KINDS {
        matches.extend(directory_entries::list_matches(conn, within.ids(), kind, (from, to), limit + 1)?);
        if matches.len() > DIRECTORY_MATCHES {
            return Ok(None);
        }
    }
    Ok(Some(directory_entries::places_of(conn, &matches.into_iter().collect::<Vec<_>>())?))
}

fn lanes(within: &Within, stretch: &Stretch, after: Option<&Place>) -> Vec<Lane> {
    let lane = |organization| Lane {
        organization,
        stretch: stretch.clone(),
        ahead: VecDeque::new(),
        last: after.cloned(),
        over: false,
    };
    match within.ids() {
        None => vec![lane(None)],
        Some(ids) => ids.iter().collect::<BTreeSet<_>>().into_iter().map(|id| lane(Some(id.clone()))).collect(),
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
        let (organization, last) = (self.organization.as_deref(), self.last.as_ref());
        let found = directory_entries::list_places(conn, organization, &self.stretch, last, wanted)?;
        self.over = found.len() < many;
        self.last = found.last().cloned().or(self.last.take());
        self.ahead.extend(found);
        Ok(())
    }
}
