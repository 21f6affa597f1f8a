//! How long after a failed attempt the next one comes.

use time::Duration;

use crate::secrets::random;

/// After the first, second, … attempt; from there on it doubles.
const STEPS: [i64; 7] = [1, 2, 4, 8, 15, 30, 60];
const LONGEST: Duration = Duration::hours(1);

/// The delay after so many attempts, up to a tenth more or less, so that what failed together does
/// not come back together.
pub fn delay(attempts: i64) -> Duration {
    let millis = base(attempts).whole_milliseconds();
    // The longest is 3,600,000 ms: it fits, and so does its fifth.
    let spread = u32::try_from(millis / 5).unwrap_or(u32::MAX);
    let shortest = base(attempts) - base(attempts) / 10;
    shortest + Duration::milliseconds(i64::from(random::below(spread.max(1))))
}

fn base(attempts: i64) -> Duration {
    let nth = usize::try_from(attempts - 1).unwrap_or(0);
    if let Some(seconds) = STEPS.get(nth) {
        return Duration::seconds(*seconds);
    }
    // Six doublings of a minute are more than the longest; the bound keeps the shift in range.
    let doublings = (nth + 1 - STEPS.len()).min(6);
    Duration::minutes(1 << doublings).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_from_a_second_to_an_hour() {
        let seconds: Vec<i64> = (1..=15).map(|n| base(n).whole_seconds()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 15, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]);
        assert_eq!(base(i64::MAX), LONGEST);
    }

    #[test]
    fn delays_are_spread_by_a_tenth_each_way() {
        let delays: Vec<Duration> = (0..1_000).map(|_| delay(7)).collect();
        assert!(delays.iter().all(|d| (54_000..66_000).contains(&d.whole_milliseconds())));
        let apart = delays.iter().max().zip(delays.iter().min()).map(|(max, min)| *max - *min);
        assert!(apart > Some(Duration::seconds(8)), "{apart:?}");
    }
}
