//! What a page shows, and waiting until it does.

use std::time::{Duration, Instant};

use serde_json::json;
use thirtyfour::prelude::*;

use super::{Chromium, WAIT};

impl Chromium {
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

    /// Where the page is now, without host and query.
    pub async fn path(&self) -> String {
        self.driver.current_url().await.expect("a page is open").path().to_owned()
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
}
