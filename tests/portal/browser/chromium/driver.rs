//! The browser and its driver as processes.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;
use thirtyfour::ChromiumLikeCapabilities;
use thirtyfour::prelude::*;

use super::Hands;

/// A process that ends with the test.
pub struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub fn start_driver() -> (u16, Ended) {
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
    (port, Ended(child))
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
