//! The cookie of Remember Me: one ticket per person and option, newest last.

use super::cookies::REMEMBER;
use super::visitor::Visitor;
use crate::domain::limits::{REMEMBER_ME, REMEMBERED_PEOPLE};
use crate::domain::remember_me::Ticket;

/// Stands between tickets; neither base64url nor the dot inside one has it.
const BETWEEN: char = '~';

/// What came with the request; entries that are none of ours are left out.
pub fn read(visitor: &Visitor) -> Vec<Ticket> {
    visitor.cookie(REMEMBER).map(|value| parse(&value)).unwrap_or_default()
}

/// Keeps these in the browser, the oldest dropped when they are too many; none takes the cookie away.
pub fn write(visitor: &Visitor, tickets: &[Ticket]) {
    if tickets.is_empty() {
        visitor.remove_cookie(REMEMBER);
    } else {
        // Each entry also has its own end in the database; the cookie's is only tidiness.
        visitor.set_cookie(REMEMBER, encode(tickets), Some(REMEMBER_ME));
    }
}

fn parse(value: &str) -> Vec<Ticket> {
    value.split(BETWEEN).filter_map(Ticket::parse).take(REMEMBERED_PEOPLE).collect()
}

fn encode(tickets: &[Ticket]) -> String {
    let kept = &tickets[tickets.len().saturating_sub(REMEMBERED_PEOPLE)..];
    kept.iter().map(Ticket::encode).collect::<Vec<_>>().join("~")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::Secret;

    fn ticket(n: usize) -> Ticket {
        Ticket { selector: format!("{n:022}"), verifier: Secret::new(format!("{n:043}")) }
    }

    /// ASVS 3.3.5.
    #[test]
    fn the_newest_twenty_come_back_in_order() {
        let tickets: Vec<Ticket> = (0..25).map(ticket).collect();
        let value = encode(&tickets);
        assert!(value.len() < 4_000, "fits a cookie");
        let back = parse(&value);
        assert_eq!(back.len(), REMEMBERED_PEOPLE);
        assert_eq!(back[0].encode(), ticket(5).encode());
        assert_eq!(back[19].encode(), ticket(24).encode());
    }

    #[test]
    fn what_is_none_of_ours_is_left_out() {
        let value = format!("nonsense~{}~~a.b", ticket(1).encode());
        assert_eq!(parse(&value).len(), 1);
        assert_eq!(parse("").len(), 0);
    }
}
