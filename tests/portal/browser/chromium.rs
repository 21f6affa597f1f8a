//! One headless Chromium with its driver, started and ended by the test.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::prelude::*;
use thirtyfour::{ChromiumLikeCapabilities, LoggingPrefsLogLevel};

/// How a person sees the portal.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    pub width: u32,
    pub dark: bool,
}

pub const LOOKS: [Look; 4] = [
    Look { width: 1280, dark: false },
    Look { width: 1280, dark: true },
    Look { width: 390, dark: false },
    Look { width: 390, dark: true },
];

/// A browser window at work.
pub struct Chromium {
    pub driver: WebDriver,
    base: String,
    look: Look,
    port: u16,
    axe: Option<String>,
    _driver: Ended,
    _profile: TempDir,
}

/// A process that ends with the test.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Chromium {
    /// Starts the driver on a free port and opens a window on the portal at `base`.
    pub async fn open(base: &str, look: Look) -> Self {
        let profile = TempDir::new().expect("a temporary directory");
        let (port, process) = start_driver();
        let driver = connect(port, profile.path().display().to_string(), look).await;
        driver.set_window_rect(0, 0, look.width, 1200).await.expect("the window takes a size");
        let axe = std::env::var("AXE_CORE")
            .ok()
            .map(|path| std::fs::read_to_string(PathBuf::from(path)).expect("AXE_CORE names axe.min.js"));
        Self { driver, base: base.to_owned(), look, port, axe, _driver: process, _profile: profile }
    }

    pub async fn go(&self, path: &str) {
        self.driver.goto(format!("{}{path}", self.base)).await.expect("the page loads");
    }

    /// Presses the button or follows the link with these words.
    pub async fn click(&self, words: &str) {
        let path = format!("//*[self::button or self::a or self::summary][contains(normalize-space(.), \"{words}\")]");
        let found = self.driver.query(By::XPath(path)).and_displayed().first().await;
        found.unwrap_or_else(|e| panic!("no «{words}»: {e}")).click().await.expect("it can be clicked");
    }

    /// Types into the field with this label.
    pub async fn fill(&self, label: &str, text: &str) {
        let path = format!("//input[@id=//label[normalize-space(.)=\"{label}\"]/@for]");
        let field = self.driver.query(By::XPath(path)).first().await.unwrap_or_else(|e| panic!("no {label}: {e}"));
        field.send_keys(text).await.expect("it takes text");
    }

    /// Waits until the address ends so.
    pub async fn must_be_at(&self, path: &str) {
        let begun = Instant::now();
        loop {
            let url = self.driver.current_url().await.expect("a page is open");
            if url.path() == path {
                return;
            }
            assert!(begun.elapsed() < Duration::from_secs(10), "at {url}, not at {path}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The page as it stands keeps the rules: nothing sideways, nothing off site, nothing in the
    /// console, nothing that axe finds.
    pub async fn must_be_fine(&self) {
        let at = self.driver.current_url().await.expect("a page is open");
        let run = async |script: &str| {
            let answer = self.driver.execute(script, vec![]).await.expect("the script runs");
            answer.json().clone()
        };
        let wide = run("return document.documentElement.scrollWidth - window.innerWidth").await;
        assert!(wide.as_i64().unwrap_or(0) <= 0, "{at} is {wide} px too wide in {:?}", self.look);
        let urls = run("return performance.getEntriesByType('resource').map(e => e.name)").await;
        for url in urls.as_array().into_iter().flatten().filter_map(Value::as_str) {
            assert!(url.starts_with(&self.base), "{at} asks {url}");
        }
        let Some(axe) = &self.axe else { panic!("AXE_CORE is not set") };
        run(axe).await;
        let script = "const done = arguments[arguments.length - 1]; \
             axe.run(document, {runOnly: ['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice']})\
             .then(r => done(r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.target.join(' ')).join(', '))))";
        let found = self.driver.execute_async(script, vec![]).await.expect("axe runs");
        assert_eq!(found.json(), &json!([]), "{at} in {:?}", self.look);
    }

    /// What the browser complained about so far: errors, refusals by the content policy.
    pub async fn console(&self) -> Vec<String> {
        let url = format!("http://127.0.0.1:{}/session/{}/se/log", self.port, self.driver.session_id());
        let answer = reqwest::Client::new().post(url).json(&json!({"type": "browser"})).send().await;
        let log: Value = answer.expect("the driver answers").json().await.expect("JSON");
        let lines = log["value"].as_array().expect("a log").iter();
        lines.filter(|l| l["level"] != "INFO").map(|l| l["message"].to_string()).collect()
    }

    pub async fn close(self) {
        self.driver.clone().quit().await.expect("the browser ends");
    }
}

fn start_driver() -> (u16, Ended) {
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

async fn connect(port: u16, profile: String, look: Look) -> WebDriver {
    let mut wanted = DesiredCapabilities::chrome();
    wanted.set_binary(&std::env::var("CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".into())).expect("a binary");
    let mut arguments = vec![
        "--headless=new".to_owned(),
        "--no-sandbox".into(),
        "--disable-gpu".into(),
        "--disable-background-networking".into(),
        "--disable-component-update".into(),
        "--disable-sync".into(),
        "--no-first-run".into(),
        format!("--user-data-dir={profile}"),
        format!("--window-size={},1200", look.width),
    ];
    if look.dark {
        arguments.push("--blink-settings=preferredColorScheme=0".into());
    }
    for argument in &arguments {
        wanted.add_arg(argument).expect("an argument");
    }
    if look.width < 500 {
        // A window is never narrower than 500 px; a phone is.
        let phone = json!({"deviceMetrics": {"width": look.width, "height": 844, "pixelRatio": 1.0}});
        wanted.add_experimental_option("mobileEmulation", phone).expect("an option");
    }
    wanted.set_browser_log_level(LoggingPrefsLogLevel::All).expect("a log level");
    let begun = Instant::now();
    loop {
        match WebDriver::new(format!("http://127.0.0.1:{port}"), wanted.clone()).await {
            Ok(driver) => return driver,
            Err(e) if begun.elapsed() > Duration::from_secs(20) => panic!("no browser: {e}"),
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}
