//! What is in `deploy/` fits the program. nginx is driven by the tests of several nodes; systemd and Caddy read
//! their own files where they are installed.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use vestibule::db::LAST_READERS;
use vestibule::domain::limits::{DRAIN_MOST, LAST_JOBS, LAST_MESSAGES, LAST_REQUESTS};

fn root() -> PathBuf {
    env!("CARGO_MANIFEST_DIR").into()
}

fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// How SQLite is compiled, the schema, the pages: nothing that the image is built of is left behind, and the
/// compiler is new enough.
#[test]
fn an_image_is_built_of_the_whole_checkout() {
    let ignored = read(".dockerignore");
    let ignored: Vec<&str> = ignored.lines().map(|line| line.trim_matches('/')).filter(|l| !l.is_empty()).collect();
    for needed in
        [".cargo", "Cargo.toml", "Cargo.lock", "askama.toml", "migrations", "templates", "static", "src", "benches"]
    {
        assert!(root().join(needed).exists() && !ignored.contains(&needed), "{needed} is left out");
        assert!(!ignored.iter().any(|line| line.contains(['*', '!'])), "this test reads plain names only");
    }
    assert!(read(".cargo/config.toml").contains("LIBSQLITE3_FLAGS"));
    let dockerfile = read("deploy/Dockerfile");
    let (copied, built) = (dockerfile.find("COPY . ."), dockerfile.find("cargo build --release --locked"));
    assert!(copied.is_some() && copied < built);
    let version = |text: &str| -> (u32, u32) {
        let mut numbers = text.split('.').map(|n| n.parse().expect("a number"));
        (numbers.next().expect("a version"), numbers.next().expect("a version"))
    };
    let image = dockerfile.split("FROM rust:").nth(1).and_then(|rest| rest.split('-').next()).expect("an image");
    let manifest = read("Cargo.toml");
    let least = manifest.split("rust-version = \"").nth(1).and_then(|rest| rest.split('"').next()).expect("a version");
    assert!(version(image) >= version(least), "{image} is older than {least}");
}

/// The proxies name the same nodes, and ask the page that tells the truth.
#[test]
fn the_proxies_are_set_up_alike() {
    let (nginx, caddy) = (read("deploy/nginx.conf"), read("deploy/Caddyfile"));
    for node in ["10.0.0.11:8080", "10.0.0.12:8080", "10.0.0.13:8080"] {
        assert!(nginx.contains(node) && caddy.contains(node), "{node}");
    }
    assert!(caddy.contains("health_uri /readyz"));
    assert!(!nginx.contains("non_idempotent"), "a POST is never sent twice");
}

/// Who sets the longest `drain_seconds` has its node killed by nobody in the middle of its work.
#[test]
fn a_node_is_given_the_time_that_its_end_takes() {
    let last = LAST_REQUESTS + LAST_JOBS + LAST_MESSAGES + LAST_READERS;
    let longest = DRAIN_MOST + last.as_secs();
    let unit = read("deploy/vestibule.service");
    let given = unit.lines().find_map(|line| line.strip_prefix("TimeoutStopSec=")).expect("the unit says it");
    let given: u64 = given.parse().expect("seconds");
    // The threads and the process have to end as well.
    assert!(given >= longest + 5, "{given} s are given, {longest} s may be needed");
    let page = read("docs/deploying.md").replace('\n', " ");
    assert!(page.contains(&format!("Give a node {given} seconds")), "docs/deploying.md says another number");
    assert!(page.contains(&format!("`drain_seconds` ({DRAIN_MOST})")));
    assert!(page.contains(&format!("up to {longest} until")));
    assert!(read("docs/configuration.md").contains(&format!("at `/readyz`, 0 to {DRAIN_MOST};")));
    assert!(read("deploy/vestibule.toml.example").contains(&format!("({DRAIN_MOST} at the most)")));
}

#[test]
#[ignore = "needs systemd (Debian: systemd)"]
fn the_unit_is_read_by_systemd() {
    let dir = tempfile::TempDir::new().expect("a temporary folder");
    // What it starts has to be there.
    let unit = read("deploy/vestibule.service").replace("/usr/local/bin/vestibule", env!("CARGO_BIN_EXE_vestibule"));
    let file = dir.path().join("vestibule.service");
    fs::write(&file, unit).expect("the unit is written");
    let read = Command::new("systemd-analyze").arg("verify").arg(&file).output().expect("systemd-analyze runs");
    let said = String::from_utf8_lossy(&read.stderr);
    assert!(read.status.success() && !said.contains("vestibule.service"), "{said}");
}

#[test]
#[ignore = "needs Caddy (Debian: caddy)"]
fn the_caddyfile_is_read_by_caddy() {
    let dir = tempfile::TempDir::new().expect("a temporary folder");
    let mut caddy = Command::new("caddy");
    caddy.args(["validate", "--adapter", "caddyfile", "--config"]).arg(root().join("deploy/Caddyfile"));
    let read = caddy.env("HOME", dir.path()).output().expect("caddy runs");
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
}
