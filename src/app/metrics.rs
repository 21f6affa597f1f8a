//! Numbers for Prometheus. The recorder is the process's, as the `metrics` crate has it: one for all
//! nodes that tests start in one process.

use std::sync::OnceLock;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

/// Seconds; from what a page costs to what a password that waits costs.
const BUCKETS: [f64; 12] = [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5];

static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Starts counting.
pub fn install() {
    handle();
}

/// The numbers as text, with those that are asked for rather than counted.
pub fn render(password_hashes: u64, passwords_waiting: usize) -> String {
    metrics::counter!("vestibule_password_hashes_total").absolute(password_hashes);
    metrics::gauge!("vestibule_passwords_waiting").set(passwords_waiting as f64);
    handle().map(PrometheusHandle::render).unwrap_or_default()
}

/// Gives back what measurements occupy until somebody asks for them. To be called now and then.
pub fn tidy() {
    if let Some(handle) = handle() {
        handle.run_upkeep();
    }
}

fn handle() -> Option<&'static PrometheusHandle> {
    let start = || {
        PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Full("vestibule_request_seconds".into()), &BUCKETS)
            .and_then(PrometheusBuilder::install_recorder)
            .inspect_err(|error| tracing::error!(%error, "there will be no metrics"))
            .ok()
    };
    HANDLE.get_or_init(start).as_ref()
}
