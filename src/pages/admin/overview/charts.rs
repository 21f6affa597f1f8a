//! Charts as shapes with attributes only, which a strict content security policy lets through; the
//! numbers stand in a table beside or behind each.

use crate::domain::overview::Bar;
use crate::models::FactorKind;

/// The ring of MFA coverage; its circumference is 100.
#[derive(Clone, Debug, Default)]
pub struct Donut {
    pub percent: i64,
    pub with: i64,
    pub without: i64,
    pub all: i64,
    pub slices: Vec<Slice>,
}

#[derive(Clone, Debug)]
pub struct Slice {
    pub class: &'static str,
    pub label: &'static str,
    pub many: i64,
    /// `stroke-dasharray` and `stroke-dashoffset`; none for nobody.
    pub arc: Option<(String, String)>,
}

/// The gap between two slices.
const GAP: f64 = 0.6;

impl Donut {
    pub fn of(coverage: &[(Option<FactorKind>, i64)]) -> Self {
        let all: i64 = coverage.iter().map(|(_, many)| many).sum();
        let without = coverage.iter().filter(|(kind, _)| kind.is_none()).map(|(_, many)| many).sum();
        let with = all - without;
        let (mut begun, mut slices) = (0.0, Vec::new());
        for (kind, many) in coverage {
            let share = share(*many, all);
            let (class, label) = look(*kind);
            let length = (share - GAP).max(0.3);
            let arc = (*many > 0).then(|| {
                let length = if share >= 100.0 { 100.0 } else { length };
                (format!("{length:.2} {:.2}", 100.0 - length), format!("{:.2}", 25.0 - begun))
            });
            begun += share;
            slices.push(Slice { class, label, many: *many, arc });
        }
        // Rounded down: nobody should read 100 while somebody has none.
        let percent = if all == 0 { 0 } else { with * 100 / all };
        Self { percent, with, without, all, slices }
    }
}

fn share(many: i64, all: i64) -> f64 {
    // Counts of people are far below 2^53.
    if all == 0 { 0.0 } else { many as f64 * 100.0 / all as f64 }
}

fn look(kind: Option<FactorKind>) -> (&'static str, &'static str) {
    match kind {
        Some(FactorKind::HardwareToken) => ("c1", "Hardware token"),
        Some(FactorKind::Authenticator) => ("c2", "Authenticator app"),
        Some(FactorKind::Phone) => ("c3", "Phone"),
        Some(FactorKind::Email | FactorKind::RecoveryCode) => ("c4", "Email only"),
        // Nothing that is enrolled is of the last kind.
        None | Some(FactorKind::Domain) => ("c0", "Not set up"),
    }
}

/// Bars over time, 100 high.
#[derive(Clone, Debug, Default)]
pub struct Plot {
    /// The scale, from the top.
    pub scale: [u32; 4],
    pub bars: Vec<Shape>,
    /// Read out in place of the picture.
    pub summary: String,
    pub with_failed: bool,
}

#[derive(Clone, Debug)]
pub struct Shape {
    pub label: String,
    pub short: String,
    pub good: u32,
    pub bad: u32,
    pub x: String,
    /// Top and height of each part; none for nothing.
    pub good_at: Option<(String, String)>,
    pub bad_at: Option<(String, String)>,
}

impl Plot {
    /// Whether there is nothing to draw.
    pub fn is_empty(&self) -> bool {
        self.bars.iter().all(|bar| bar.good + bar.bad == 0)
    }

    pub fn of(what: &str, bars: &[Bar]) -> Self {
        let highest = bars.iter().map(|bar| bar.good + bar.bad).max().unwrap_or(0);
        let top = top(highest);
        let shapes = (0u32..).zip(bars).map(|(index, bar)| shape(index, bar, top)).collect();
        let (good, bad) = bars.iter().fold((0, 0), |(good, bad), bar| (good + bar.good, bad + bar.bad));
        let most = bars.iter().max_by_key(|bar| bar.good + bar.bad).filter(|_| highest > 0);
        let range = match (bars.first(), bars.last()) {
            (Some(first), Some(last)) => format!("{} to {}", first.label, last.label),
            _ => String::new(),
        };
        let mut summary = format!("Bar chart of {what}, {range}: {good} in all");
        if bad > 0 {
            summary.push_str(&format!(", {bad} failed"));
        }
        if let Some(bar) = most {
            summary.push_str(&format!("; most on {}", bar.label));
        }
        summary.push('.');
        Self {
            scale: [top, top / 3 * 2, top / 3, 0],
            bars: shapes,
            summary,
            with_failed: bars.iter().any(|b| b.bad > 0),
        }
    }
}

/// The next round number that three parts fit.
fn top(highest: u32) -> u32 {
    let mut step = 1;
    loop {
        for part in [1, 2, 5] {
            if part * step * 3 >= highest {
                return part * step * 3;
            }
        }
        step *= 10;
    }
}

fn shape(index: u32, bar: &Bar, top: u32) -> Shape {
    let height = |many: u32| f64::from(many) * 100.0 / f64::from(top);
    let (good, bad) = (height(bar.good), height(bar.bad));
    let gap = if bar.good > 0 { 1.0 } else { 0.0 };
    Shape {
        label: bar.label.clone(),
        short: bar.short.clone(),
        good: bar.good,
        bad: bar.bad,
        x: format!("{:.2}", f64::from(index) + 0.19),
        good_at: (bar.good > 0).then(|| (format!("{:.1}", 100.0 - good), format!("{good:.1}"))),
        bad_at: (bar.bad > 0).then(|| {
            let shown = (bad - gap).max(0.8);
            (format!("{:.1}", 100.0 - good - gap - shown), format!("{shown:.1}"))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_is_whole_and_never_says_too_much() {
        let donut = Donut::of(&[(Some(FactorKind::Phone), 199), (None, 1)]);
        assert_eq!((donut.percent, donut.with, donut.without), (99, 199, 1));
        assert_eq!(Donut::of(&[(None, 0)]).percent, 0);
        let one = Donut::of(&[(Some(FactorKind::Phone), 3), (None, 0)]);
        assert_eq!(one.slices[0].arc, Some(("100.00 0.00".into(), "25.00".into())));
        assert_eq!(one.slices[1].arc, None);
    }

    #[test]
    fn bars_fit_under_a_round_number() {
        assert_eq!([0, 1, 3, 4, 16, 31, 301].map(top), [3, 3, 3, 6, 30, 60, 600]);
        let bar = |good, bad| Bar { label: "Nov 8".into(), short: "8".into(), good, bad };
        let plot = Plot::of("sign-ins per day", &[bar(3, 0), bar(0, 0), bar(0, 1)]);
        assert_eq!(plot.bars[0].good_at, Some(("0.0".into(), "100.0".into())));
        assert_eq!(plot.bars[1].good_at, None);
        assert!(plot.summary.contains("3 in all, 1 failed"), "{}", plot.summary);
    }
}
