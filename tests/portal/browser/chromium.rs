//! One headless Chromium with its driver, started and ended by the test.

use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::prelude::*;
use thirtyfour::{ChromiumLikeCapabilities, TypingData};

use super::looks::{DESK, Look};
use super::walks;

/// How long a page may take to say or become what is expected, on a machine with much to do.
const WAIT: Duration = Duration::from_secs(30);

/// A browser window at work.
pub struct Chromium {
    pub driver: WebDriver,
    pub(super) base: String,
    /// In which it is walked; each page is looked at in every other look too.
    pub(super) look: Look,
    pub(super) hands: Hands,
    /// The test's name, without `browser_`.
    pub(super) walk: String,
    /// The pages looked at, as the table of routes has them, and how often.
    pub(super) seen: Mutex<BTreeMap<String, usize>>,
    port: u16,
    /// Hosts other than the portal's that this walk leads to.
    hosts: Mutex<Vec<String>>,
    /// What the console will complain of, because the walk asks for what is refused.
    refusals: Mutex<Vec<&'static str>>,
    _driver: Ended,
    profile: TempDir,
}

/// With what a person works the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hands {
    #[default]
    Mouse,
    /// Tab, Enter, Space and letters, and nothing else.
    Keyboard,
    /// The same keys, in a browser whose settings forbid JavaScript.
    NoScript,
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
    /// Starts the driver on a free port and opens a window on the portal at `base`, on a desk in daylight.
    pub async fn open(base: &str) -> Self {
        Self::open_with(base, DESK, Hands::Mouse).await
    }

    pub async fn open_with(base: &str, look: Look, hands: Hands) -> Self {
        let profile = TempDir::new().expect("a temporary directory");
        let (port, process) = start_driver();
        let driver = connect(port, profile.path().display().to_string(), hands).await;
        driver.set_window_rect(0, 0, 1280, 1200).await.expect("the window takes a size");
        let page = Self {
            driver,
            base: base.to_owned(),
            look,
            hands,
            walk: walks::name(),
            seen: Mutex::default(),
            port,
            hosts: Mutex::default(),
            refusals: Mutex::default(),
            _driver: process,
            profile,
        };
        page.wear(look).await;
        let downloads = page.profile.path().join("downloads");
        std::fs::create_dir(&downloads).expect("a folder for downloads");
        let wanted = json!({"behavior": "allow", "downloadPath": downloads.display().to_string()});
        page.tell("Browser.setDownloadBehavior", wanted).await;
        page
    }

    pub async fn go(&self, path: &str) {
        self.driver.goto(format!("{}{path}", self.base)).await.expect("the page loads");
    }

    /// Presses the button or follows the link with these words.
    pub async fn click(&self, words: &str) {
        let path = format!("//*[self::button or self::a or self::summary][contains(normalize-space(.), \"{words}\")]");
        self.click_on(By::XPath(path)).await;
    }

    /// The same within the part of the page that a selector finds.
    pub async fn click_in(&self, css: &str, words: &str) {
        let within = self.find(By::Css(css.to_owned())).await;
        let path = format!(".//*[self::button or self::a or self::summary][contains(normalize-space(.), \"{words}\")]");
        let found = within.query(By::XPath(path)).and_displayed().first().await;
        self.push(&found.unwrap_or_else(|e| panic!("no «{words}» in {css}: {e}"))).await;
    }

    pub async fn click_on(&self, by: By) {
        self.push(&self.find(by).await).await;
    }

    /// The first such element that is shown; waits for it.
    pub async fn find(&self, by: By) -> WebElement {
        match self.driver.query(by.clone()).and_displayed().first().await {
            Ok(found) => found,
            Err(e) => self.lost(&format!("no {by:?}: {e}")).await,
        }
    }

    async fn push(&self, found: &WebElement) {
        match self.hands {
            Hands::Mouse => found.click().await.expect("it can be clicked"),
            Hands::Keyboard | Hands::NoScript => self.press(found, Key::Enter + "").await,
        }
    }

    /// Says what the page showed when something was not there.
    pub(super) async fn lost(&self, why: &str) -> ! {
        let url = self.driver.current_url().await.map(|u| u.to_string()).unwrap_or_default();
        let body = match self.driver.find(By::Tag("main")).await {
            Ok(body) => body.text().await.unwrap_or_default(),
            Err(e) => e.to_string(),
        };
        panic!("{why}\nat {url}:\n{}", body.chars().take(1_500).collect::<String>());
    }

    /// Goes to an element with the Tab key alone, sees that the focus shows there, and types.
    pub async fn press(&self, element: &WebElement, keys: impl Into<TypingData>) {
        for _ in 0..300 {
            let focused = self.driver.active_element().await.expect("something has the focus");
            if focused == *element {
                let ring = "const s = getComputedStyle(document.activeElement); return s.outlineStyle !== 'none' || s.boxShadow !== 'none'";
                let shown = self.driver.execute(ring, vec![]).await.expect("the script runs");
                assert_eq!(shown.json(), &json!(true), "the focus shows nowhere: {focused:?}");
                return self.driver.action_chain().send_keys(keys).perform().await.expect("keys are taken");
            }
            self.driver.action_chain().send_keys(Key::Tab + "").perform().await.expect("keys are taken");
        }
        panic!("the Tab key never reaches {element:?}");
    }

    /// Checks the box with this label.
    pub async fn check(&self, label: &str) {
        let found = self.field(label).await;
        match self.hands {
            Hands::Keyboard | Hands::NoScript => self.press(&found, " ").await,
            Hands::Mouse => found.click().await.expect("it can be clicked"),
        }
    }

    /// The control with this label.
    pub async fn field(&self, label: &str) -> WebElement {
        let path = format!("//*[@id=//label[normalize-space(.)=\"{label}\"]/@for]");
        self.find(By::XPath(path)).await
    }

    /// Checks the box that is called so without a label of its own.
    pub async fn tick(&self, name: &str) {
        let found = self.find(By::Css(format!("input[type=checkbox][aria-label^='{name}']"))).await;
        match self.hands {
            Hands::Keyboard | Hands::NoScript => self.press(&found, " ").await,
            Hands::Mouse => found.click().await.expect("it can be clicked"),
        }
    }

    /// Gives a file with this content to the field with this label.
    pub async fn upload(&self, label: &str, content: &str) {
        let file = self.profile.path().join("people.csv");
        std::fs::write(&file, content).expect("the file is written");
        self.field(label).await.send_keys(file.display().to_string()).await.expect("it takes a file");
    }

    /// Waits for the file that was asked for last, and takes it away.
    pub async fn downloaded(&self) -> String {
        let begun = Instant::now();
        loop {
            let files = std::fs::read_dir(self.profile.path().join("downloads")).expect("the folder");
            let done = |name: &str| name.ends_with(".csv") || name.ends_with(".jsonl") || name.ends_with(".txt");
            let file = files.filter_map(|f| Some(f.ok()?.path())).find(|path| done(&path.display().to_string()));
            if let Some(file) = file {
                let content = std::fs::read_to_string(&file).expect("text");
                std::fs::remove_file(file).expect("it goes");
                return content;
            }
            if begun.elapsed() > WAIT {
                self.lost("nothing was downloaded").await;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Presses a key, wherever the focus is.
    pub async fn keys(&self, key: Key) {
        self.driver.action_chain().send_keys(key + "").perform().await.expect("keys are taken");
    }

    /// The words of what has the focus.
    pub async fn focused(&self) -> String {
        let focused = self.driver.active_element().await.expect("something has the focus");
        focused.text().await.expect("it can be read")
    }

    /// Whether the focus is on something within, or on nothing of the page.
    pub async fn focus_is_in(&self, css: &str) -> bool {
        let script = "const a = document.activeElement; return a === document.body || !!a.closest(arguments[0])";
        let found = self.driver.execute(script, vec![json!(css)]).await.expect("the script runs");
        found.json() == &json!(true)
    }

    /// Whether something such is to be seen.
    pub async fn is_shown(&self, css: &str) -> bool {
        for found in self.driver.find_all(By::Css(css.to_owned())).await.unwrap_or_default() {
            if found.is_displayed().await.unwrap_or(false) {
                return true;
            }
        }
        false
    }

    /// Waits until nothing such is to be seen.
    pub async fn must_be_gone(&self, css: &str) {
        let begun = Instant::now();
        while self.is_shown(css).await {
            if begun.elapsed() > WAIT {
                self.lost(&format!("{css} is still there")).await;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Empties the field with this label.
    pub async fn clear(&self, label: &str) {
        let field = self.field(label).await;
        field.clear().await.expect("it can be emptied");
    }

    /// The words of the first element that this selector finds, shown or not.
    pub async fn attribute(&self, selector: &str, name: &str) -> String {
        let found = self.driver.query(By::Css(selector)).first().await.unwrap_or_else(|e| panic!("no {selector}: {e}"));
        found.attr(name).await.expect("it can be read").unwrap_or_else(|| panic!("{selector} has no {name}"))
    }

    /// The words in the one element that fits.
    pub async fn text_of(&self, selector: &str) -> String {
        let found = self.driver.query(By::Css(selector)).first().await.unwrap_or_else(|e| panic!("no {selector}: {e}"));
        found.text().await.expect("it can be read")
    }

    /// A command of the DevTools protocol, through the driver.
    pub(super) async fn tell(&self, command: &str, params: Value) -> Value {
        let url = format!("http://127.0.0.1:{}/session/{}/goog/cdp/execute", self.port, self.driver.session_id());
        let answer = reqwest::Client::new().post(url).json(&json!({"cmd": command, "params": params})).send().await;
        let answer: Value = answer.expect("the driver answers").json().await.expect("JSON");
        assert!(answer["value"].get("error").is_none(), "{command}: {answer}");
        answer["value"].clone()
    }

    /// Where the page is now, without host and query.
    pub async fn path(&self) -> String {
        self.driver.current_url().await.expect("a page is open").path().to_owned()
    }

    /// Types into the field with this label.
    pub async fn fill(&self, label: &str, text: &str) {
        let field = self.field(label).await;
        match self.hands {
            Hands::Keyboard => self.press(&field, text).await,
            _ => field.send_keys(text).await.expect("it takes text"),
        }
    }

    /// Waits until the page says so, in words that are shown.
    pub async fn must_see(&self, words: &str) {
        let path = format!("//main//*[contains(normalize-space(.), \"{words}\")]");
        let begun = Instant::now();
        loop {
            // The page may be on its way out while it is looked at.
            for found in self.driver.find_all(By::XPath(&path)).await.unwrap_or_default() {
                if found.is_displayed().await.unwrap_or(false) {
                    return;
                }
            }
            if begun.elapsed() > WAIT {
                self.lost(&format!("«{words}» is not to be seen")).await;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Signs nobody out: a browser with no cookies any more.
    pub async fn forget(&self) {
        self.driver.delete_all_cookies().await.expect("cookies can go");
    }

    /// Waits until the address ends so.
    pub async fn must_be_at(&self, path: &str) {
        let begun = Instant::now();
        loop {
            let url = self.driver.current_url().await.expect("a page is open");
            if url.path() == path {
                return;
            }
            if begun.elapsed() > WAIT {
                self.lost(&format!("not at {path}")).await;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// This walk leads to that host too.
    pub fn may_ask(&self, origin: &str) {
        self.hosts.lock().expect("nobody panics holding it").push(origin.to_owned());
    }

    /// The walk is about to be refused something, so the console will say this, once or more.
    pub fn will_complain(&self, words: &'static str) {
        self.refusals.lock().expect("nobody panics holding it").push(words);
    }

    /// A log of the browser.
    async fn log(&self, kind: &str) -> Vec<Value> {
        let url = format!("http://127.0.0.1:{}/session/{}/se/log", self.port, self.driver.session_id());
        let answer = reqwest::Client::new().post(url).json(&json!({"type": kind})).send().await;
        let log: Value = answer.expect("the driver answers").json().await.expect("JSON");
        log["value"].as_array().expect("a log").clone()
    }

    /// What the browser complained about: errors, refusals by the content policy.
    async fn complaints(&self) -> Vec<String> {
        let lines = self.log("browser").await;
        let expected = self.refusals.lock().expect("nobody panics holding it").clone();
        let of = lines.iter().filter(|l| l["level"] != "INFO").map(|l| l["message"].to_string());
        of.filter(|line| !expected.iter().any(|words| line.contains(words))).collect()
    }

    /// Every address asked for that is neither the portal's nor a host this walk leads to.
    async fn asked_elsewhere(&self) -> Vec<String> {
        let hosts = self.hosts.lock().expect("nobody panics holding it").clone();
        let is_ours = |url: &str| url.starts_with(&self.base) || hosts.iter().any(|host| url.starts_with(host));
        let mut found = Vec::new();
        for line in self.log("performance").await {
            let text = line["message"].as_str().expect("an event");
            let event: Value = serde_json::from_str(text).expect("JSON");
            if event["message"]["method"] == "Network.requestWillBeSent" {
                let url = event["message"]["params"]["request"]["url"].as_str().expect("an address").to_owned();
                // A new tab of the browser's own is no page of ours.
                if url.starts_with("http") && !is_ours(&url) {
                    found.push(url);
                }
            }
        }
        found
    }

    /// Ends the walk: nothing in the console, nothing asked elsewhere, no page left out that is promised.
    pub async fn close(self) {
        assert_eq!(self.complaints().await, Vec::<String>::new(), "in the console");
        assert_eq!(self.asked_elsewhere().await, Vec::<String>::new(), "asked elsewhere");
        if self.hands == Hands::Mouse {
            let seen = self.seen.lock().expect("nobody panics holding it").clone();
            let promised = walks::pages_of(&self.walk);
            let missed: Vec<&String> = promised.iter().filter(|page| !seen.contains_key(*page)).collect();
            assert!(missed.is_empty(), "{} never looked at {missed:#?}", self.walk);
        }
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

async fn connect(port: u16, profile: String, hands: Hands) -> WebDriver {
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
