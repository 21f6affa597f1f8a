//! **Forgot your password?**: with every kind of factor, in every wrong order, known and unknown alike.

mod answers;
mod factors;
mod new_password;
mod order;

use crate::support::{Browser, TestApp};

/// Long enough for accounts whose organization enforces nothing.
const NEW: &str = "violet kettle harbors moss";

impl Browser {
    /// Types an address and presses **Send verification code**.
    async fn forget(&mut self, email: &str) {
        self.get("/forgot-password").await;
        self.fill("Email Address", email).click("Send verification code").await;
    }

    async fn choose_password(&mut self, password: &str, again: &str) {
        self.fill("New Password", password).fill("Confirm New Password", again).click("Continue").await;
    }
}

impl TestApp {
    /// A new browser, up to where the code from the mailbox was right and **Continue** was pressed.
    pub async fn after_mailbox(&self, username: &str) -> Browser {
        let mut browser = self.browser();
        self.mailbox(&mut browser, username).await;
        browser
    }

    async fn mailbox(&self, browser: &mut Browser, username: &str) {
        browser.forget(&self.email(username)).await;
        let code = self.newest_is(username, "sent").await.code.expect("a message with a code");
        browser.fill("Verification code", &code).click("Verify code").await;
        browser.must_say("E-mail address verified. You can now continue.");
        browser.click("Continue").await;
    }

    /// Whether this password gets past the first step.
    async fn gets_past_password(&self, username: &str, password: &str) -> bool {
        let mut browser = self.browser();
        browser.choose(crate::support::BY_PHONE, false).await;
        browser.sign_in_as(&self.email(username), password).await;
        browser.path() != "/login/phone"
    }
}
