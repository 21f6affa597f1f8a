//! Everything in a person's hands that opens something without showing who they are: sessions of three
//! kinds, a half-made sign-in, a remembered browser, a forgotten password with its code, a mailed link.

use std::time::{Duration, Instant};

use vestibule::clock::{Clock, unix};
use vestibule::domain::sample::address;

use super::bulk::run;
use super::senders::code_in_mail;
use crate::command_line::create_owner::IDA;
use crate::support::program::Program;
use crate::support::smtp::SmtpServer;
use crate::support::{BY_EMAIL, BY_PHONE, Browser, code_at};

pub const NEW_PASSWORD: &str = "seven quiet otters dance";
/// E-mailed codes that outlast a machine with much else to do.
pub const PATIENCE: &str = "UPDATE organizations SET email_code_seconds = 600";
/// Where an invitation's link leads.
const OF_THE_LINK: &str = "Select the best multi-factor authentication method for you";
const IN_TIME: Duration = Duration::from_secs(180);

/// What stands open.
pub struct Open {
    /// Signed in: by a password, by an e-mailed code, by an authenticator.
    signed_in: Vec<Browser>,
    /// After the password, before the code.
    halfway: Browser,
    /// Closed since; only what is remembered is left.
    remembered: Browser,
    /// At the code for a new password, and that code.
    forgotten: (Browser, String),
    /// The path of an invitation's link.
    link: String,
    stranger: Browser,
}

impl Open {
    pub async fn all(program: &Program, http: &reqwest::Client, mail: &SmtpServer) -> Self {
        program.db().write(|conn| run(conn, PATIENCE)).await.expect("the statement runs");
        let stranger = Browser::new(http.clone(), &program.base, true).from("198.51.100.9");
        let password = |username: &str| program.people.people[username].password.clone().expect("a password");
        let simple = by_password(http, &program.base, "member.none", &password("member.none")).await;
        let mut remembered = by_mail(program, stranger.clone(), mail, "owner.one", true).await;
        let app = by_app(program, stranger.clone()).await;
        let mut halfway = stranger.clone();
        halfway.choose(BY_EMAIL, false).await;
        halfway.sign_in_as(&email("email.only"), &password("email.only")).await;
        halfway.must_be_at("/login/verify/email");
        let session = remembered.clone();
        remembered.close_and_reopen();

        let mut forgotten = stranger.clone();
        let before = mail.received().len();
        forgotten.get("/forgot-password").await;
        forgotten.fill("Email Address", &email("member.none")).click("Send verification code").await;
        let code = newer_code(mail, &email("member.none"), before).await;
        let ran = program.run(&IDA, "");
        let url = ran.out.split_whitespace().find(|word| word.starts_with("https://login.example.org/"));
        let url = url.unwrap_or_else(|| panic!("no link: {ran:?}"));
        let link = url.trim_start_matches("https://login.example.org").to_owned();
        let open = Self {
            signed_in: vec![simple, session, app],
            halfway,
            remembered,
            forgotten: (forgotten, code),
            link,
            stranger,
        };
        open.are_open().await;
        open
    }

    /// Each of them still works; none is used up by looking.
    pub async fn are_open(&self) {
        for browser in &self.signed_in {
            let mut browser = browser.clone();
            browser.get("/home").await;
            browser.must_be_at("/home");
        }
        let mut halfway = self.halfway.clone();
        halfway.get("/login/verify/email").await;
        halfway.must_be_at("/login/verify/email");
        let mut remembered = self.remembered.clone();
        remembered.get("/login").await;
        assert!(remembered.page().is_checked("Remember Me"), "{}", remembered.text());
        let mut stranger = self.stranger.clone();
        stranger.get(&self.link).await;
        stranger.must_say(OF_THE_LINK);
    }

    /// None of them opens anything.
    pub async fn are_closed(&mut self) {
        for browser in &mut self.signed_in {
            browser.get("/home").await;
            browser.must_be_at("/login");
        }
        self.halfway.get("/login/verify/email").await;
        self.halfway.must_be_at("/login");
        self.remembered.choose(BY_EMAIL, true).await;
        self.remembered.must_be_at("/login/email").must_say("Password");
        let (forgotten, code) = &mut self.forgotten;
        forgotten.fill("Verification code", code).click("Verify code").await;
        assert!(!forgotten.says("You can now continue"), "{}", forgotten.text());
        let mut stranger = self.stranger.clone();
        stranger.get(&self.link).await;
        assert!(!stranger.says(OF_THE_LINK), "{}: {}", stranger.path(), stranger.text());
    }

    /// Somebody signs in by password and chooses another one.
    pub async fn change_password(&mut self, program: &Program) {
        let old = program.people.people["member.none"].password.clone().expect("a password");
        let browser = &mut self.signed_in[0];
        browser.get("/security/password").await;
        browser.fill("Current Password", &old).fill("New Password", NEW_PASSWORD);
        browser.fill("Confirm New Password", NEW_PASSWORD).click("Save").await;
        browser.must_be_at("/security").must_say("Your password was changed.");
    }

    /// With the passwords and factors of the copy.
    pub async fn sign_in_anew(&self, program: &Program, mail: &SmtpServer) -> Browser {
        let (http, password) = (crate::support::program::client(), &program.people.people["member.none"].password);
        by_mail(program, self.stranger.clone(), mail, "email.only", false).await;
        by_password(&http, &program.base, "member.none", password.as_ref().expect("a password")).await
    }
}

fn email(username: &str) -> String {
    address(username).expect("an address")
}

/// Somebody without a factor.
pub async fn by_password(http: &reqwest::Client, base: &str, username: &str, password: &str) -> Browser {
    let mut browser = Browser::new(http.clone(), base, true).from("198.51.100.10");
    let begun = Instant::now();
    loop {
        browser.choose(BY_PHONE, false).await;
        browser.sign_in_as(&email(username), password).await;
        // Other tests hash passwords as well.
        if browser.status() != 503 || begun.elapsed() > IN_TIME {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    browser.must_be_at("/home");
    browser
}

/// Somebody whose factor is e-mail.
pub async fn by_mail(
    program: &Program,
    mut browser: Browser,
    mail: &SmtpServer,
    username: &str,
    remember: bool,
) -> Browser {
    let password = program.people.people[username].password.clone().expect("a password");
    browser.choose(BY_EMAIL, remember).await;
    browser.sign_in_as(&email(username), &password).await;
    let before = mail.received().len();
    browser.click("Send verification code").await;
    let code = newer_code(mail, &email(username), before).await;
    let begun = Instant::now();
    // The mail may be here before the server has heard so.
    while !browser.page().controls().iter().any(|c| c == "Verify code") && begun.elapsed() < IN_TIME {
        browser.refresh().await;
    }
    browser.fill("Verification code", &code).click("Verify code").await;
    browser.click("Continue").await;
    browser.must_be_at("/home");
    browser
}

async fn by_app(program: &Program, mut browser: Browser) -> Browser {
    let person = &program.people.people["app.only"];
    browser.choose(BY_PHONE, false).await;
    browser.sign_in_as(&email("app.only"), person.password.as_ref().expect("a password")).await;
    let now = unix(Clock::default().now()).cast_signed();
    let code = code_at(person.factors["authenticator"].key.as_ref().expect("a key"), now);
    browser.fill("Verification Code", &code).click("Verify Code").await;
    browser.must_be_at("/home");
    browser
}

async fn newer_code(mail: &SmtpServer, to: &str, before: usize) -> String {
    let begun = Instant::now();
    loop {
        let arrived = mail.received().iter().skip(before).any(|m| m.to.iter().any(|one| one.contains(to)));
        if let Some(code) = code_in_mail(mail, to).filter(|_| arrived) {
            return code;
        }
        assert!(begun.elapsed() < IN_TIME, "no code for {to}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
