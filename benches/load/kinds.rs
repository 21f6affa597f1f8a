//! How long each kind of request took, and the table of it.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, Instant};

use super::browser::{Browser, End};
use super::figures::Times;

/// Times by kind, and from when to when they were taken.
#[derive(Default)]
pub struct Kinds {
    times: BTreeMap<&'static str, Times>,
    pub seconds: f64,
}

impl Kinds {
    pub fn add(&mut self, kind: &'static str, one: Duration) {
        self.times.entry(kind).or_default().add(one);
    }

    pub fn join(&mut self, others: Self) {
        for (kind, times) in others.times {
            self.times.entry(kind).or_default().join(times);
        }
    }

    /// How many there were of all kinds.
    pub fn many(&self) -> usize {
        self.times.values().map(Times::many).sum()
    }

    /// Asks for a page that must stand where it was asked for and say `words`; whatever else comes is
    /// complained of.
    pub async fn page(&mut self, kind: &'static str, browser: &mut Browser, path: &str, words: &str) -> Option<String> {
        let begun = Instant::now();
        let end = browser.get(path).await;
        self.judge(kind, browser, begun, end, (path, words))
    }

    /// What a form led to, by the same rules: a page whose path begins with `path`.
    pub fn judge(
        &mut self,
        kind: &'static str,
        browser: &Browser,
        begun: Instant,
        end: End,
        (path, words): (&str, &str),
    ) -> Option<String> {
        match end {
            End::Page { path: there, body } if there.starts_with(path) && body.contains(words) => {
                self.add(kind, begun.elapsed());
                return Some(body);
            }
            End::Page { path: there, .. } => browser.tally.complain(format!("{kind}: {there} is not {path}: {words}")),
            End::Busy(_) => browser.tally.complain(format!("{kind} was busy")),
            End::Wrong => {}
        }
        None
    }
}

impl fmt::Display for Kinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:28} {:>7} {:>8} {:>8} {:>8}", "kind", "many", "a second", "p50 ms", "p99 ms")?;
        for (kind, times) in &self.times {
            let (many, p50, p99) = (times.many(), times.at(0.5), times.at(0.99));
            writeln!(f, "{kind:28} {many:>7} {:>8.1} {p50:>8.1} {p99:>8.1}", many as f64 / self.seconds)?;
        }
        write!(f, "{:28} {:>7} {:>8.1}", "all", self.many(), self.many() as f64 / self.seconds)
    }
}
