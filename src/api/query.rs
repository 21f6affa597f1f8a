//! Parameters that several lists have in common.

use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};

use super::problem::{InputError, Problem};
use crate::clock::Timestamp;
use crate::domain::limits::{API_PAGE, API_PAGE_MAX};
use crate::models::is_id;

/// How many rows.
pub fn limit(asked: Option<i64>, expected: &str) -> Result<i64, Problem> {
    match asked {
        None => Ok(API_PAGE),
        Some(n) if (1..=API_PAGE_MAX).contains(&n) => Ok(n),
        Some(_) => {
            let detail = format!("Expected a number from 1 to {API_PAGE_MAX}.");
            Err(Problem::input(expected, &[InputError::parameter("limit", detail)]))
        }
    }
}

/// Where a list goes on. What no answer has given is refused: taken for none, it would be the first page again, and
/// a program that reads on would never end.
pub fn cursor(asked: Option<String>, expected: &str) -> Result<Option<String>, Problem> {
    match asked {
        Some(text) if !is_id(&text) => Err(no_cursor(expected)),
        asked => Ok(asked),
    }
}

pub fn no_cursor(expected: &str) -> Problem {
    Problem::input(expected, &[InputError::parameter("cursor", "Expected a next_cursor.")])
}

/// A moment in RFC 3339.
pub fn moment(name: &str, asked: Option<String>, expected: &str) -> Result<Option<Timestamp>, Problem> {
    let Some(text) = asked else { return Ok(None) };
    let refuse = || {
        let detail = "Expected a moment in RFC 3339, such as 2026-11-22T14:00:00Z.";
        Problem::input(expected, &[InputError::parameter(name, detail)])
    };
    let at = OffsetDateTime::parse(&text, &Rfc3339).ok().and_then(|at| at.checked_to_offset(UtcOffset::UTC));
    let at = at.filter(|at| (0..=9999).contains(&at.year())).ok_or_else(refuse)?;
    Ok(Some(Timestamp::new(at.date(), at.time())))
}
