//! Times as people read them, in their own zone (the tz database comes with jiff).

use jiff::tz::TimeZone;
use jiff::{Timestamp as Instant, Zoned};
use time::format_description::well_known::Rfc3339;

use crate::clock::{Timestamp, unix};

/// A time zone by its IANA name; an unknown name reads as UTC.
#[derive(Clone, Debug)]
pub struct Zone(TimeZone);

impl Zone {
    pub fn named(name: &str) -> Self {
        Self(TimeZone::get(name).unwrap_or(TimeZone::UTC))
    }

    /// "1:12 PM", and "7:12 PM UTC" where nobody's zone is known: a stranger's clock shows another time
    pub fn clock_time(&self, at: Timestamp) -> String {
        format!("{}{}", self.at(at).strftime("%-I:%M %p"), self.utc())
    }

    /// "1:12:07 PM", for what lives less than two minutes
    pub fn clock_time_seconds(&self, at: Timestamp) -> String {
        format!("{}{}", self.at(at).strftime("%-I:%M:%S %p"), self.utc())
    }

    /// "1:12 PM" for a time that is to be waited for, and "1:12 PM tomorrow", "1:12 PM on November 25" where
    /// it is on another day of the reader's than `now`
    pub fn when(&self, at: Timestamp, now: Timestamp) -> String {
        format!("{}{}", self.clock_time(at), self.day_of(at, now))
    }

    /// The same to the second
    pub fn when_seconds(&self, at: Timestamp, now: Timestamp) -> String {
        format!("{}{}", self.clock_time_seconds(at), self.day_of(at, now))
    }

    fn day_of(&self, at: Timestamp, now: Timestamp) -> String {
        let (at, now) = (self.at(at), self.at(now));
        if at.date() == now.date() {
            String::new()
        } else if now.date().tomorrow().is_ok_and(|tomorrow| at.date() == tomorrow) {
            " tomorrow".into()
        } else {
            at.strftime(" on %B %-d").to_string()
        }
    }

    fn utc(&self) -> &'static str {
        if self.0 == TimeZone::UTC { " UTC" } else { "" }
    }

    /// "Today, 1:12 PM", "Yesterday, 7:40 AM", "Nov 18, 9:03 PM", "Nov 18, 2025, 9:03 PM"
    pub fn day_and_time(&self, at: Timestamp, now: Timestamp) -> String {
        let (at, now) = (self.at(at), self.at(now));
        let clock = at.strftime("%-I:%M %p");
        let yesterday = now.date().yesterday().ok();
        if at.date() == now.date() {
            format!("Today, {clock}")
        } else if Some(at.date()) == yesterday {
            format!("Yesterday, {clock}")
        } else if at.year() == now.year() {
            format!("{}, {clock}", at.strftime("%b %-d"))
        } else {
            format!("{}, {clock}", at.strftime("%b %-d, %Y"))
        }
    }

    /// "Nov 18, 2026, 9:03:44 PM", for records.
    pub fn exact(&self, at: Timestamp) -> String {
        self.at(at).strftime("%b %-d, %Y, %-I:%M:%S %p").to_string()
    }

    /// The moment at which a day such as "2026-11-18" begins in this zone.
    pub fn day_begins(&self, day: &str) -> Option<Timestamp> {
        let date: jiff::civil::Date = day.parse().ok()?;
        self.start_of(date)
    }

    /// The moment at which that day ends.
    pub fn day_ends(&self, day: &str) -> Option<Timestamp> {
        let date: jiff::civil::Date = day.parse().ok()?;
        self.start_of(date.tomorrow().ok()?)
    }

    fn start_of(&self, date: jiff::civil::Date) -> Option<Timestamp> {
        let seconds = date.to_zoned(self.0.clone()).ok()?.timestamp().as_second();
        let at = time::OffsetDateTime::from_unix_timestamp(seconds).ok()?;
        Some(Timestamp::new(at.date(), at.time()))
    }

    /// The hour of the day, 0 to 23.
    pub fn hour(&self, at: Timestamp) -> i8 {
        self.at(at).hour()
    }

    /// "November 18, 2026"
    pub fn date(&self, at: Timestamp) -> String {
        self.at(at).strftime("%B %-d, %Y").to_string()
    }

    /// "November 18, 2026, 1:12 PM"
    pub fn date_and_time(&self, at: Timestamp) -> String {
        self.at(at).strftime("%B %-d, %Y, %-I:%M %p").to_string()
    }

    /// The end of a day given as "2026-11-18"; `None` for what is no day.
    pub fn end_of_day(&self, day: &str) -> Option<Timestamp> {
        let next: jiff::civil::Date = day.parse::<jiff::civil::Date>().ok()?.tomorrow().ok()?;
        let at = next.to_zoned(self.0.clone()).ok()?.timestamp().as_second();
        let at = time::OffsetDateTime::from_unix_timestamp(at).ok()?;
        Some(Timestamp::new(at.date(), at.time()))
    }

    /// The day something ends on, as `end_of_day` reads it.
    pub fn last_day(&self, end: Timestamp) -> String {
        self.at(end - time::Duration::seconds(1)).date().to_string()
    }

    /// "1:12 PM CST", for messages that leave the page
    pub fn time_with_zone(&self, at: Timestamp) -> String {
        self.at(at).strftime("%B %-d, %-I:%M %p %Z").to_string()
    }

    /// "Nov 8"
    pub fn short_date(&self, at: Timestamp) -> String {
        self.at(at).strftime("%b %-d").to_string()
    }

    /// "Nov 8" and "8" of the last days, today among them, the oldest first
    pub fn last_days(&self, now: Timestamp, many: usize) -> Vec<(String, String)> {
        let mut days = Vec::new();
        let mut day = Some(self.at(now).date());
        while let Some(date) = day.filter(|_| days.len() < many) {
            days.push((date.strftime("%b %-d").to_string(), date.day().to_string()));
            day = date.yesterday().ok();
        }
        days.reverse();
        days
    }

    fn at(&self, at: Timestamp) -> Zoned {
        let seconds = i64::try_from(unix(at)).unwrap_or(i64::MAX);
        Instant::from_second(seconds).unwrap_or(Instant::UNIX_EPOCH).to_zoned(self.0.clone())
    }
}

/// Offered under **Time zone**; any other IANA name can be typed.
pub const ZONES: &[&str] = &[
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
    "America/Puerto_Rico",
    "UTC",
];

/// The IANA name of a time zone as the time zone database writes it; `None` where there is none. Two of its
/// names stand for no zone at all: *Factory* and *Etc/Unknown*.
pub fn zone_name(typed: &str) -> Option<String> {
    let zone = TimeZone::get(typed.trim()).ok()?;
    zone.iana_name().filter(|name| !["Factory", "Etc/Unknown"].contains(name)).map(str::to_owned)
}

/// RFC 3339 in UTC with `Z`, for exports and the API.
pub fn rfc3339(at: Timestamp) -> String {
    at.assume_utc().format(&Rfc3339).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn times_are_told_in_the_zone_of_the_reader() {
        let zone = Zone::named("America/Chicago");
        let now = datetime!(2026-11-21 19:12:07);
        assert_eq!(zone.day_and_time(now, now), "Today, 1:12 PM");
        assert_eq!(zone.day_and_time(datetime!(2026-11-21 02:00), now), "Yesterday, 8:00 PM");
        assert_eq!(zone.day_and_time(datetime!(2026-11-18 03:03), now), "Nov 17, 9:03 PM");
        assert_eq!(zone.day_and_time(datetime!(2025-07-04 17:00), now), "Jul 4, 2025, 12:00 PM");
        assert_eq!(zone.clock_time_seconds(now), "1:12:07 PM");
        assert_eq!(zone.when(datetime!(2026-11-22 05:59), now), "11:59 PM");
        assert_eq!(zone.when(datetime!(2026-11-22 19:15), now), "1:15 PM tomorrow");
        assert_eq!(zone.when_seconds(datetime!(2026-11-24 19:15), now), "1:15:00 PM on November 24");
        assert_eq!(Zone::named("UTC").when(datetime!(2026-11-22 05:59), now), "5:59 AM UTC tomorrow");
        let end = zone.end_of_day("2026-11-21").expect("a date");
        assert_eq!(end, datetime!(2026-11-22 06:00));
        assert_eq!(zone.last_day(end), "2026-11-21");
        assert_eq!(zone.end_of_day("2026-13-01"), None);
        assert_eq!(Zone::named("Nowhere/Else").clock_time(now), "7:12 PM UTC");
    }
}
