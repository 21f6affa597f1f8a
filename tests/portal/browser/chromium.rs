//! One headless Chromium with its driver, started and ended by the test, and what a person does in it.

pub mod driver;
mod seeing;
mod watching;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::TypingData;
use thirtyfour::error::WebDriverErrorInner;
use thirtyfour::prelude::*;

use self::driver::{Ended, connect, start_driver};
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
    pub(super) profile: TempDir,
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

impl Chromium {
    /// Starts the driver on a free port and opens a window on the portal at `base`, on a desk in daylight.
    pub async fn open(base: &str) -> Self {
        Self::open_with(base, DESK, Hands::Mouse).await
    }

    pub async fn open_with(base: &str, look: Look, hands: Hands) -> Self {
        let profile = TempDir::new().expect("a temporary directory");
        let (port, process) = start_driver(profile.path());
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
        let begun = Instant::now();
        loop {
            match self.driver.query(by.clone()).and_displayed().first().await {
                Ok(found) => return found,
                // The page went away while it was looked at: the next one is meant.
                Err(e) if is_stale(&e) && begun.elapsed() < Duration::from_secs(20) => {}
                Err(e) => self.lost(&format!("no {by:?}: {e}")).await,
            }
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
            Hands::Mouse => {
                // As a person scrolls a line out from under the bar.
                found.scroll_into_view().await.expect("it can be scrolled to");
                found.click().await.expect("it can be clicked");
            }
        }
    }

    /// Gives a file with this content to the field with this label.
    pub async fn upload(&self, label: &str, content: &str) {
        let file = self.profile.path().join("people.csv");
        std::fs::write(&file, content).expect("the file is written");
        self.field(label).await.send_keys(file.display().to_string()).await.expect("it takes a file");
    }

    /// Presses a key, wherever the focus is.
    pub async fn keys(&self, key: Key) {
        self.driver.action_chain().send_keys(key + "").perform().await.expect("keys are taken");
    }

    /// Empties the field with this label.
    pub async fn clear(&self, label: &str) {
        let field = self.field(label).await;
        field.clear().await.expect("it can be emptied");
    }

    /// A command of the DevTools protocol, through the driver.
    pub(super) async fn tell(&self, command: &str, params: Value) -> Value {
        let url = format!("http://127.0.0.1:{}/session/{}/goog/cdp/execute", self.port, self.driver.session_id());
        let answer = reqwest::Client::new().post(url).json(&json!({"cmd": command, "params": params})).send().await;
        let answer: Value = answer.expect("the driver answers").json().await.expect("JSON");
        assert!(answer["value"].get("error").is_none(), "{command}: {answer}");
        answer["value"].clone()
    }

    /// Types into the field with this label.
    pub async fn fill(&self, label: &str, text: &str) {
        let field = self.field(label).await;
        match self.hands {
            Hands::Keyboard => self.press(&field, text).await,
            _ => {
                // Who comes by keyboard finds it selected; what a refused form gave back is replaced.
                if field.value().await.expect("a field").is_some_and(|kept| !kept.is_empty()) {
                    field.clear().await.expect("it can be emptied");
                }
                field.send_keys(text).await.expect("it takes text");
            }
        }
    }

    /// Signs nobody out: a browser with no cookies any more.
    pub async fn forget(&self) {
        self.driver.delete_all_cookies().await.expect("cookies can go");
    }
}

fn is_stale(error: &WebDriverError) -> bool {
    matches!(&**error, WebDriverErrorInner::StaleElementReference(_))
}
