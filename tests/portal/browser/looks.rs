//! How a page looks: in both themes, on a desk and on a phone, by the rules of axe, and as a picture.

use std::path::PathBuf;

use data_encoding::BASE64;
use serde_json::{Value, json};

use super::chromium::{Chromium, Hands};
use super::walks;

/// How a person sees the portal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    pub width: u32,
    pub dark: bool,
}

pub const DESK: Look = Look { width: 1280, dark: false };
pub const PHONE: Look = Look { width: 390, dark: true };

/// Each theme and each width; with pictures, each theme at each width.
const LOOKS: [Look; 4] = [DESK, PHONE, Look { width: 1280, dark: true }, Look { width: 390, dark: false }];
/// Nothing is cut off or scrolls sideways down to 320 px (WCAG 1.4.10). Beside the menu of the console, from
/// 1024 px on, there is less room than without it.
const WIDTHS: [u32; 8] = [320, 390, 645, 768, 1024, 1100, 1280, 1440];
/// What is cut off and cannot be scrolled to. What only a screen reader is told is clipped on purpose.
const CUT: &str = "return [...document.querySelectorAll('main, main *')].filter(e => { \
     const s = getComputedStyle(e); \
     return ['hidden', 'clip'].includes(s.overflowX) && s.clip === 'auto' && e.tagName !== 'INPUT' \
     && e.scrollWidth > e.clientWidth + 1; \
     }).map(e => `${e.tagName}.${e.className} ${e.clientWidth}/${e.scrollWidth}: ` + [...e.querySelectorAll('*')]\
     .filter(c => c.getBoundingClientRect().right > e.getBoundingClientRect().right)\
     .map(c => c.outerHTML.slice(0, 90)).slice(-2).join(' ') + e.innerText.slice(0, 400))";
/// No picture is higher: WebP ends at 16,383.
const HIGHEST: i64 = 16_000;

const AXE: &str = "const done = arguments[arguments.length - 1]; \
     axe.run({exclude: [arguments[0]]}, {resultTypes: ['violations'], \
     runOnly: ['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice']})\
     .then(r => done(r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.target.join(' ')).join(', '))))";

impl Look {
    fn name(self) -> String {
        format!("{}-{}", if self.dark { "dark" } else { "light" }, self.width)
    }
}

impl Chromium {
    /// Shows the page so from now on, without anything that moves.
    pub async fn wear(&self, look: Look) {
        let theme = if look.dark { "dark" } else { "light" };
        let features = json!([
            {"name": "prefers-color-scheme", "value": theme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]);
        self.tell("Emulation.setEmulatedMedia", json!({"features": features})).await;
        self.narrow(look.width).await;
    }

    async fn narrow(&self, width: u32) {
        let height = if width < 500 { 844 } else { 1200 };
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500});
        self.tell("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// The page as it stands keeps the rules in every look: nothing sideways, nothing that axe finds.
    /// What it asks for and what the console says is looked at when the walk ends.
    pub async fn must_be_fine(&self) {
        self.must_be_fine_beside("#no-part-of-it").await;
    }

    /// The same but for one part that another program draws; what axe finds in there is not ours.
    pub async fn must_be_fine_beside(&self, part: &str) {
        if self.hands != Hands::Mouse {
            return self.must_not_scroll(self.look.width).await;
        }
        let url = self.driver.current_url().await.expect("a page is open");
        let route = walks::route_of(url.path());
        let times = {
            let mut seen = self.seen.lock().expect("nobody panics holding it");
            let times = seen.entry(route.clone()).or_default();
            *times += 1;
            *times
        };
        let looks = if std::env::var_os("SHOTS").is_some() { &LOOKS[..] } else { &LOOKS[..2] };
        for look in looks.iter().copied() {
            self.wear(look).await;
            self.must_not_scroll(look.width).await;
            let found = self.found_by_axe(part).await;
            assert_eq!(found, json!([]), "{url} in {look:?}");
            self.shot(&route, times, look).await;
        }
        for width in WIDTHS {
            self.narrow(width).await;
            self.must_not_scroll(width).await;
            assert_eq!(self.run(CUT).await, json!([]), "{url} at {width} px");
        }
        self.wear(self.look).await;
    }

    async fn must_not_scroll(&self, width: u32) {
        let needed = self.run("return document.documentElement.scrollWidth").await.as_i64().expect("a number");
        if needed > i64::from(width) {
            self.lost(&format!("{needed} px wide, on {width}")).await;
        }
    }

    async fn run(&self, script: &str) -> Value {
        let answer = self.driver.execute(script, vec![]).await;
        answer.unwrap_or_else(|e| panic!("the script runs: {e}")).json().clone()
    }

    /// A page that loads itself again may do so in the midst of it: then once more.
    async fn found_by_axe(&self, part: &str) -> Value {
        for _ in 0..5 {
            if self.run("return typeof axe").await != "object" {
                let path = std::env::var("AXE_CORE").expect("AXE_CORE names axe.min.js");
                let axe = std::fs::read_to_string(path).expect("AXE_CORE can be read");
                if self.driver.execute(&axe, vec![]).await.is_err() {
                    continue;
                }
            }
            if let Ok(found) = self.driver.execute_async(AXE, vec![json!(part)]).await {
                return found.json().clone();
            }
        }
        self.lost("axe does not come to an end").await
    }

    /// A picture of the whole page into the directory `SHOTS`, where there is one.
    async fn shot(&self, route: &str, times: usize, look: Look) {
        let Some(directory) = std::env::var_os("SHOTS") else { return };
        let height = self.run("return document.documentElement.scrollHeight").await.as_i64().expect("a number");
        let mut wanted = json!({"format": "webp", "quality": 80, "captureBeyondViewport": true});
        if height > HIGHEST {
            wanted["clip"] = json!({"x": 0, "y": 0, "width": look.width, "height": HIGHEST, "scale": 1});
        }
        let shot = self.tell("Page.captureScreenshot", wanted).await;
        let webp = BASE64.decode(shot["data"].as_str().expect("base64").as_bytes()).expect("base64");
        assert!(!webp.is_empty(), "no picture of {route}");
        let folder = PathBuf::from(directory).join(&self.walk);
        std::fs::create_dir_all(&folder).expect("a folder for the walk");
        let again = if times > 1 { format!("-{times}") } else { String::new() };
        let file = folder.join(format!("{}{again}-{}.webp", walks::file_name(route), look.name()));
        std::fs::write(file, webp).expect("the picture is kept");
    }
}
