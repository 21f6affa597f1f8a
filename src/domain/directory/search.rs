//! Where the rows of a list come from. A search with few matches puts them in order at once; with more,
//! the list is walked in its order and each row compared. Keys are ranges of bytes, so `%` and `_` are
//! characters like any other. ASVS 1.2.4.

use std::collections::BTreeSet;

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
    Found(Vec<Place>),
    /// By the index: all organizations, or these.
    Walk { organizations: Option<Vec<String>>, searched: bool },
}

impl Source {
    pub fn open(conn: &mut DbConnection, within: &Within, search: &Search) -> Result<Self, Fault> {
        let organizations = match within {
            Within::Everywhere => None,
            Within::Organizations(ids) => Some(ids.clone()),
        };
        let Some((from, to)) = search.range() else { return Ok(Self::Walk { organizations, searched: false }) };
        let limit = i64::try_from(DIRECTORY_MATCHES).unwrap_or(i64::MAX);
        let places: Vec<Option<String>> = match &organizations {
            None => vec![None],
            Some(ids) => ids.iter().cloned().map(Some).collect(),
        };
        let mut matches = BTreeSet::new();
        for organization in &places {
            for kind in KINDS {
                let range = (from.as_slice(), to.as_slice());
                matches.extend(directory_entries::list_matches(conn, organization.as_deref(), kind, range, limit + 1)?);
                if matches.len() > DIRECTORY_MATCHES {
                    return Ok(Self::Walk { organizations, searched: true });
                }
            }
        }
        let mut found = directory_entries::places_of(conn, &matches.into_iter().collect::<Vec<_>>())?;
        found.sort();
        Ok(Self::Found(found))
    }

    pub fn is_walked_for_a_search(&self) -> bool {
        matches!(self, Self::Walk { searched: true, .. })
    }

    /// The next places after `after`, in order; fewer than `limit` at the end alone.
    pub fn next(&mut self, conn: &mut DbConnection, after: Option<&Place>, limit: usize) -> Result<Vec<Place>, Fault> {
        let wanted = i64::try_from(limit).unwrap_or(i64::MAX);
        match self {
            Self::Found(places) => Ok(places
                .iter()
                .filter(|place| after.is_none_or(|after| *place > after))
                .take(limit)
                .cloned()
                .collect()),
            Self::Walk { organizations: None, .. } => Ok(directory_entries::list_places(conn, None, after, wanted)?),
            Self::Walk { organizations: Some(ids), .. } => {
                // Each organization has its own order; the first of all of them are the first of the list.
                let mut places = Vec::new();
                for id in ids.iter() {
                    places.extend(directory_entries::list_places(conn, Some(id), after, wanted)?);
                }
                places.sort();
                places.truncate(limit);
                Ok(places)
            }
        }
    }
}
