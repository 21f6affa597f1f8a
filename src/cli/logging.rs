//! Log lines to stderr: JSON in UTC for machines, plain lines for a person at a terminal.
//! ASVS 16.2.2, 16.2.4.

use tracing::{Level, Metadata};
use tracing_subscriber::filter::{FilterExt, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt, registry};

use super::Stop;
use crate::config::Problem;
use crate::models::audit_entries::LOG_TARGET;

const VARIABLE: &str = "VESTIBULE_LOG";

/// One JSON object per line, from info on.
pub fn json() -> Result<(), Stop> {
    let lines = fmt::layer().json().flatten_event(true).with_current_span(false).with_span_list(false);
    let filter = filter("info")?.and(filter_fn(is_harmless)).or(filter_fn(is_audit));
    registry().with(lines.with_writer(std::io::stderr).with_filter(filter)).try_init().map_err(Stop::failed)?;
    // A panic's own words may quote what it failed on, so only the place is told.
    std::panic::set_hook(Box::new(|panic| {
        let at = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(at, "a thread panicked");
    }));
    Ok(())
}

/// For commands: warnings and errors in words, and each audit entry they write as a line of JSON.
pub fn commands() -> Result<(), Stop> {
    let words = fmt::layer().compact().with_target(false).with_writer(std::io::stderr);
    let filter = filter("warn")?.and(filter_fn(is_harmless)).and(filter_fn(|line| !is_audit(line)));
    let copies = fmt::layer().json().flatten_event(true).with_current_span(false).with_span_list(false);
    let copies = copies.with_writer(std::io::stderr).with_filter(filter_fn(is_audit));
    registry().with(words.with_filter(filter)).with(copies).try_init().map_err(Stop::failed)
}

/// For demo mode: warnings and errors in words.
pub fn readable() -> Result<(), Stop> {
    let lines = fmt::layer().compact().with_target(false);
    let filter = filter("warn")?.and(filter_fn(is_harmless));
    registry().with(lines.with_writer(std::io::stderr).with_filter(filter)).try_init().map_err(Stop::failed)
}

fn filter(default: &str) -> Result<EnvFilter, Stop> {
    let directives = std::env::var(VARIABLE).unwrap_or_else(|_| default.into());
    EnvFilter::try_new(directives).map_err(|_| {
        Problem::new(VARIABLE, "must be a level such as info, or a list such as warn,vestibule=debug").into()
    })
}

/// The copies of audit entries: no level leaves them out. ASVS 16.4.3.
fn is_audit(line: &Metadata) -> bool {
    line.target() == LOG_TARGET
}

/// The libraries' lines below info hold whole requests and answers, cookies and passwords with them,
/// so they are never written, whatever the variable asks for. ASVS 16.2.5.
fn is_harmless(line: &Metadata) -> bool {
    line.target().starts_with("vestibule") || *line.level() <= Level::INFO
}
