//! One headless Chromium with its driver, started and ended by the test.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use data_encoding::BASE64;
use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::prelude::*;
use thirtyfour::{ChromiumLikeCapabilities, LoggingPrefsLogLevel, TypingData};

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
    hands: Hands,
    _driver: Ended,
    _profile: TempDir,
}

/// With what a person works the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hands {
    #[default]
    Mouse,
    /// Tab, Enter, Space and letters, and nothing else.
    Keyboard,
    /// The same keys, and a browser that loads no script: every one of ours is a file of its own.
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
    /// Starts the driver on a free port and opens a window on the portal at `base`.
    pub async fn open(base: &str, look: Look) -> Self {
        Self::open_with(base, look, Hands::Mouse).await
    }

    pub async fn open_with(base: &str, look: Look, hands: Hands) -> Self {
        let profile = TempDir::new().expect("a temporary directory");
        let (port, process) = start_driver();
        let driver = connect(port, profile.path().display().to_string(), look).await;
        driver.set_window_rect(0, 0, look.width, 1200).await.expect("the window takes a size");
        let axe = std::env::var("AXE_CORE")
            .ok()
            .map(|path| std::fs::read_to_string(PathBuf::from(path)).expect("AXE_CORE names axe.min.js"));
        let page = Self { driver, base: base.to_owned(), look, port, axe, hands, _driver: process, _profile: profile };
        if hands == Hands::NoScript {
            page.tell("Network.enable", json!({})).await;
            page.tell("Network.setBlockedURLs", json!({"urls": ["*.js*"]})).await;
        }
        page
    }

    pub async fn go(&self, path: &str) {
        self.driver.goto(format!("{}{path}", self.base)).await.expect("the page loads");
    }

    /// Presses the button or follows the link with these words.
    pub async fn click(&self, words: &str) {
        let path = format!("//*[self::button or self::a or self::summary][contains(normalize-space(.), \"{words}\")]");
        let found = self.driver.query(By::XPath(path)).and_displayed().first().await;
        let found = found.unwrap_or_else(|e| panic!("no «{words}»: {e}"));
        match self.hands {
            Hands::Mouse => found.click().await.expect("it can be clicked"),
            Hands::Keyboard | Hands::NoScript => self.press(&found, Key::Enter + "").await,
        }
    }

    /// Goes to an element with the Tab key alone, sees that the focus shows there, and types.
    async fn press(&self, element: &WebElement, keys: impl Into<TypingData>) {
        for _ in 0..80 {
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
        let path = format!("//input[@id=//label[normalize-space(.)=\"{label}\"]/@for]");
        let found = self.driver.query(By::XPath(path)).first().await.unwrap_or_else(|e| panic!("no {label}: {e}"));
        match self.hands {
            Hands::Keyboard => self.press(&found, " ").await,
            _ => found.click().await.expect("it can be clicked"),
        }
    }

    /// Empties the field with this label.
    pub async fn clear(&self, label: &str) {
        let path = format!("//input[@id=//label[normalize-space(.)=\"{label}\"]/@for]");
        let field = self.driver.query(By::XPath(path)).first().await.unwrap_or_else(|e| panic!("no {label}: {e}"));
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
    async fn tell(&self, command: &str, params: Value) -> Value {
        let url = format!("http://127.0.0.1:{}/session/{}/goog/cdp/execute", self.port, self.driver.session_id());
        let answer = reqwest::Client::new().post(url).json(&json!({"cmd": command, "params": params})).send().await;
        let answer: Value = answer.expect("the driver answers").json().await.expect("JSON");
        assert!(answer["value"].get("error").is_none(), "{command}: {answer}");
        answer["value"].clone()
    }

    /// A picture of the whole page into the directory `SHOTS`, where there is one.
    pub async fn shot(&self, name: &str) {
        let Some(directory) = std::env::var_os("SHOTS") else { return };
        let wanted = json!({"format": "webp", "quality": 80, "captureBeyondViewport": true});
        let shot = self.tell("Page.captureScreenshot", wanted).await;
        let webp = BASE64.decode(shot["data"].as_str().expect("base64").as_bytes()).expect("base64");
        let theme = if self.look.dark { "dark" } else { "light" };
        let file = PathBuf::from(directory).join(format!("{name}-{theme}-{}.webp", self.look.width));
        std::fs::write(file, webp).expect("the picture is kept");
    }

    /// Where the page is now, without host and query.
    pub async fn path(&self) -> String {
        self.driver.current_url().await.expect("a page is open").path().to_owned()
    }

    /// Types into the field with this label.
    pub async fn fill(&self, label: &str, text: &str) {
        let path = format!("//input[@id=//label[normalize-space(.)=\"{label}\"]/@for]");
        let field = self.driver.query(By::XPath(path)).first().await.unwrap_or_else(|e| panic!("no {label}: {e}"));
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
            assert!(begun.elapsed() < Duration::from_secs(10), "«{words}» is not to be seen");
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
            assert!(begun.elapsed() < Duration::from_secs(10), "at {url}, not at {path}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The page as it stands keeps the rules: nothing sideways, nothing off site, nothing in the
    /// console, nothing that axe finds.
    pub async fn must_be_fine(&self) {
        self.must_be_fine_beside("#no-part-of-it").await;
    }

    /// The same but for one part that another program draws; what axe finds in there is not ours.
    pub async fn must_be_fine_beside(&self, part: &str) {
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
             axe.run({exclude: [arguments[0]]}, \
             {runOnly: ['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice']})\
             .then(r => done(r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.target.join(' ')).join(', '))))";
        let found = self.driver.execute_async(script, vec![json!(part)]).await.expect("axe runs");
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
