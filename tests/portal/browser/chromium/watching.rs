//! What goes on behind the page: the console, and whom it asks.

use serde_json::{Value, json};

use super::super::walks;
use super::{Chromium, Hands};

impl Chromium {
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
