//! **Practice Security Settings**: demanding MFA of everybody, and what goes with it. SPEC section 6.

mod enforcing;
mod exemptions;
mod scale;
mod settings;
mod states;

use crate::support::{BY_PHONE, Browser, TestApp};

const PAGE: &str = "/admin/security";

impl TestApp {
    /// An owner in a browser of their own, signed in with a factor.
    pub async fn owner(&self, username: &str) -> Browser {
        let mut browser = self.browser();
        self.sign_in(&mut browser, BY_PHONE, false, username).await;
        browser.get(PAGE).await;
        browser.must_be_at(PAGE).must_say("Practice Security Settings");
        browser
    }

    /// Changes the settings as `fill` fills in the form, over the preview.
    pub async fn save_settings(&self, browser: &mut Browser, username: &str, fill: impl Fn(&mut Browser)) {
        browser.get(PAGE).await;
        self.confirm(browser, username).await;
        browser.must_be_at(PAGE);
        fill(browser);
        browser.click("Preview changes").await;
        if browser.path().starts_with("/security/confirm") {
            // What was typed comes along.
            self.confirm(browser, username).await;
        }
        browser.must_be_at("/admin/security/preview");
        browser.click("Save").await;
        browser.must_be_at(PAGE).must_say("The settings were saved");
    }

    /// Demands MFA of everybody, with so many days of grace.
    pub async fn enforce(&self, browser: &mut Browser, username: &str, grace_days: &str) {
        self.save_settings(browser, username, |page| {
            page.check(ENFORCE, true).fill("Grace in days", grace_days);
        })
        .await;
    }

    /// The MFA status of somebody in their first organization, as scripts read it.
    pub async fn mfa_status(&self, username: &str) -> String {
        let people: serde_json::Value = self.json("/sandbox/people.json").await;
        let found = people["people"].as_array().and_then(|p| p.iter().find(|p| p["username"] == username)).cloned();
        found.expect("a person")["memberships"][0]["mfa_status"].as_str().expect("a status").to_owned()
    }
}

const ENFORCE: &str = "Enforce multi-factor authentication for ALL users";
