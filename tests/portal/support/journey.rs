//! The ways in, as people walk them.

use vestibule::models::audit_entries;

use super::app::TestApp;
use super::browser::Browser;

pub const BY_PHONE: &str = "Login with Phone";
pub const BY_EMAIL: &str = "Login with Email";

/// A code that is certainly not this one.
pub fn other_than(code: &str) -> String {
    let n: u32 = code.parse().expect("six digits");
    format!("{:06}", (n + 1) % 1_000_000)
}

impl Browser {
    /// From **Login Options** to the form for address and password.
    pub async fn choose(&mut self, option: &str, remember: bool) {
        self.get("/login").await;
        self.check("Remember Me", remember);
        self.click(option).await;
    }

    /// Types an address and a password, and presses **Sign in**.
    pub async fn sign_in_as(&mut self, email: &str, password: &str) {
        self.fill("Email Address", email).fill("Password", password).click("Sign in").await;
    }
}

impl TestApp {
    /// A new browser, up to where the password was right.
    pub async fn after_password(&self, option: &str, username: &str) -> Browser {
        let mut browser = self.browser();
        self.password_in(&mut browser, option, false, username).await;
        browser
    }

    /// Option, box, address and password in a browser that is there already.
    pub async fn password_in(&self, browser: &mut Browser, option: &str, remember: bool, username: &str) {
        browser.choose(option, remember).await;
        browser.sign_in_as(&self.email(username), &self.password(username)).await;
    }

    /// A new browser, signed in fully.
    pub async fn signed_in(&self, username: &str) -> Browser {
        let mut browser = self.browser();
        self.sign_in(&mut browser, BY_PHONE, false, username).await;
        browser
    }

    /// The whole way, with whatever is asked.
    pub async fn sign_in(&self, browser: &mut Browser, option: &str, remember: bool, username: &str) {
        self.password_in(browser, option, remember, username).await;
        self.second_step(browser, username).await;
        browser.must_be_at("/home");
    }

    /// Shows the factor whose page is open.
    pub async fn second_step(&self, browser: &mut Browser, username: &str) {
        match browser.path() {
            "/login/verify/phone" => {
                browser.click("Send Code").await;
                let code = self.code_of(username).await;
                browser.fill("Verification Code", &code).click("Verify Code").await;
            }
            "/login/verify/email" => {
                browser.click("Send verification code").await;
                let code = self.code_of(username).await;
                browser.fill("Verification code", &code).click("Verify code").await;
                browser.click("Continue").await;
            }
            "/login/verify/authenticator" => {
                let factors = &self.people.people[username].factors;
                let which = factors.iter().find(|(_, f)| f.key.is_some()).map(|(key, _)| key.as_str());
                let code = self.totp(username, which.expect("somebody with an authenticator"), 0);
                browser.fill("Verification Code", &code).click("Verify Code").await;
            }
            _ => {}
        }
    }

    /// How many entries of the audit log there are about somebody, by action and result.
    pub async fn audited(&self, username: &str, action: &'static str, result: &str) -> usize {
        let id = self.user_id(username);
        let rows = self.read(move |conn| Ok(audit_entries::list_of_user(conn, &id, &[action], 1_000)?)).await;
        rows.iter().filter(|row| row.result.as_str() == result).count()
    }
}
