//! Times of one kind of request.

use std::time::Duration;

/// The first requests fill caches and are not counted.
pub const WARM_UP: usize = 5;

#[derive(Default)]
pub struct Measured(Vec<Duration>);

impl Measured {
    pub fn add(&mut self, one: Duration) {
        self.0.push(one);
    }

    /// In milliseconds.
    pub fn median(&self) -> f64 {
        let mut counted = self.0[WARM_UP.min(self.0.len())..].to_vec();
        counted.sort();
        counted.get(counted.len() / 2).map_or(f64::NAN, |time| time.as_secs_f64() * 1000.0)
    }
}
