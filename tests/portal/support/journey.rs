//! The ways in, as people walk them.

use vestibule::clock::Timestamp;
use vestibule::models::factors::{self, Factor};
use vestibule::models::{Stage, audit_entries, new_id, sessions};

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

    /// The whole way from the form for address and password, in a browser whose box stands like that.
    pub async fn sign_in_there(&self, browser: &mut Browser, username: &str, remember: bool) {
        if remember && !browser.says("Remember Me is on") {
            browser.get("/login/phone?somebody=else&remember=1").await;
        }
        browser.sign_in_as(&self.email(username), &self.password(username)).await;
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

    /// Confirms who it is, where a page asks for it, and goes on to that page.
    pub async fn confirm(&self, browser: &mut Browser, username: &str) {
        if !browser.path().starts_with("/security/confirm") {
            return;
        }
        if browser.says("Password") {
            let password = self.password(username);
            browser.fill("Password", &password);
        }
        browser.click("Continue").await;
        if browser.path() == "/login/verify/authenticator" {
            // The step that signed this person in is used up.
            self.later(60);
        }
        self.second_step(browser, username).await;
    }

    /// How many entries of the audit log there are about somebody, by action and result.
    pub async fn audited(&self, username: &str, action: &'static str, result: &str) -> usize {
        self.audited_at(username, action, result).await.len()
    }

    /// When those were written, in order.
    pub async fn audited_at(&self, username: &str, action: &'static str, result: &str) -> Vec<Timestamp> {
        let id = self.user_id(username);
        let rows = self.read(move |conn| Ok(audit_entries::list_of_user(conn, &id, &[action], 1_000)?)).await;
        let those = rows.iter().filter(|row| row.at >= self.started && row.result.as_str() == result);
        let mut at: Vec<Timestamp> = those.map(|row| row.at).collect();
        at.sort();
        at
    }
}

/// States that no page leads to yet, and what only the database tells.
impl TestApp {
    /// Gives somebody another phone, enrolled after what there is.
    pub async fn second_phone(&self, username: &str, number: &str) -> String {
        let (first, number) = (self.factor_id(username, "phone"), number.to_owned());
        let id = new_id(self.app.core.clock.now());
        let row_id = id.clone();
        self.write(move |conn| {
            let row = factors::find(conn, &first)?.expect("somebody with a phone");
            let row = Factor { id: row_id, phone: Some(number), name: "Second line".into(), ..row };
            Ok(factors::insert(conn, &row)?)
        })
        .await;
        id
    }

    /// One of the sample organizations requires nothing any more.
    pub async fn relax(&self, organization: &str) {
        let id = self.organization_id(organization);
        self.sql(format!("UPDATE organizations SET enforce_mfa = FALSE WHERE id = '{id}'")).await;
    }

    /// Counters whose key begins so start anew, if there are any.
    pub async fn forget_limits(&self, prefix: &str) {
        self.execute(format!("DELETE FROM throttles WHERE key LIKE '{prefix}%'")).await;
    }

    /// In how many sessions somebody is signed in fully.
    pub async fn open_sessions(&self, username: &str) -> usize {
        let (id, now) = (self.user_id(username), self.app.core.clock.now());
        let rows = self.read(move |conn| Ok(sessions::list(conn, &id, now)?)).await;
        rows.iter().filter(|row| row.stage == Stage::SignedIn && row.is_live(now)).count()
    }

    /// Posts the same thing fifty times at once from the same page; how many sessions that opened.
    pub async fn fifty_posts(&self, browser: &Browser, path: &str, fields: &[(&str, &str)]) -> usize {
        self.posts_at_once(50, browser, path, fields).await
    }

    /// The same any number of times.
    pub async fn posts_at_once(&self, many: usize, browser: &Browser, path: &str, fields: &[(&str, &str)]) -> usize {
        let posts = (0..many).map(|_| {
            let mut copy = browser.clone();
            async move { copy.post_only(path, fields).await }
        });
        let answers = futures_util::future::join_all(posts).await;
        let statuses: Vec<u16> = answers.iter().map(|a| a.status).collect();
        assert!(statuses.iter().all(|status| *status < 500), "{statuses:?}");
        let users: Vec<String> = self.people.people.keys().cloned().collect();
        let mut open = 0;
        for username in users {
            open += self.open_sessions(&username).await;
        }
        assert!(answers.iter().filter(|a| a.location() == Some("/home")).count() >= open.min(1));
        open
    }
}
