//! The browser and its driver as processes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use thirtyfour::ChromiumLikeCapabilities;
use thirtyfour::prelude::*;

use super::Hands;

/// The driver with the browsers it started: they end with the test, also with one that panics. A driver that is
/// killed leaves its browser running, so each process of the family is ended by its own id.
pub struct Ended {
    driver: Child,
    profile: PathBuf,
}

impl Drop for Ended {
    fn drop(&mut self) {
        // First of all, so that it starts nothing more.
        let mut family = family(self.driver.id(), &self.profile);
        let _ = self.driver.kill();
        let begun = Instant::now();
        while !family.is_empty() && begun.elapsed() < Duration::from_secs(10) {
            for id in &family {
                if let Some(pid) = i32::try_from(*id).ok().and_then(Pid::from_raw) {
                    let _ = kill_process(pid, Signal::KILL);
                }
            }
            // Some may have been on their way while the others were listed.
            family = using(&self.profile);
        }
        let _ = self.driver.wait();
    }
}

/// The children of a process and theirs, and whoever works on this profile.
fn family(driver: u32, profile: &Path) -> BTreeSet<u32> {
    let mut found = using(profile);
    let parents = processes().filter_map(|id| Some((id, parent(id)?))).collect::<Vec<_>>();
    let mut generation = BTreeSet::from([driver]);
    while !generation.is_empty() {
        let children = parents.iter().filter(|(_, parent)| generation.contains(parent)).map(|(id, _)| *id);
        generation = children.filter(|id| !found.contains(id)).collect();
        found.extend(&generation);
    }
    // A browser that was not its driver's child has children too; those name the profile, or end with it.
    found
}

/// Whose command line names the profile: a folder of this test alone.
pub fn using(profile: &Path) -> BTreeSet<u32> {
    let name = profile.display().to_string();
    let names = |id: &u32| {
        let line = std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).contains(&name)
    };
    let own = std::process::id();
    processes().filter(|id| *id != own).filter(names).collect()
}

fn processes() -> impl Iterator<Item = u32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten();
    entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
}

/// The fourth word of `/proc/ID/stat`, after a name in brackets that may hold anything.
fn parent(id: u32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

pub fn start_driver(profile: &Path) -> (u16, Ended) {
    let program = std::env::var("CHROMEDRIVER").unwrap_or_else(|_| "chromedriver".into());
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a free port")
        .port();
    let child = Command::new(program)
        .arg(format!("--port={port}"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("chromedriver starts");
    (port, Ended { driver: child, profile: profile.to_owned() })
}

pub async fn connect(port: u16, profile: String, hands: Hands) -> WebDriver {
    let mut wanted = DesiredCapabilities::chrome();
    wanted.set_binary(&std::env::var("CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".into())).expect("a binary");
    let arguments = vec![
        "--headless=new".to_owned(),
        "--no-sandbox".into(),
        "--disable-gpu".into(),
        "--disable-background-networking".into(),
        "--disable-component-update".into(),
        "--disable-sync".into(),
        "--no-first-run".into(),
        format!("--user-data-dir={profile}"),
        "--window-size=1280,1200".into(),
    ];
    for argument in &arguments {
        wanted.add_arg(argument).expect("an argument");
    }
    if hands == Hands::NoScript {
        let settings = json!({"profile.managed_default_content_settings.javascript": 2});
        wanted.add_experimental_option("prefs", settings).expect("an option");
    }
    // The second is the log of the DevTools protocol, with every request.
    let logs = json!({"browser": "ALL", "performance": "ALL"});
    wanted.set("goog:loggingPrefs", logs).expect("a capability");
    let begun = Instant::now();
    loop {
        match WebDriver::new(format!("http://127.0.0.1:{port}"), wanted.clone()).await {
            Ok(driver) => return driver,
            Err(e) if begun.elapsed() > Duration::from_secs(20) => panic!("no browser: {e}"),
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}
