//! What people are at when the program dies.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;
use vestibule::clock::{Clock, unix};
use vestibule::domain::sample::address;

use crate::faults::senders::codes_in_mail;
use crate::support::program::Program;
use crate::support::smtp::SmtpServer;
use crate::support::{BY_EMAIL, BY_PHONE, Browser, code_at};

/// One kind of work each, by one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Signs in and out.
    SignIn,
    /// Sets up an authenticator.
    Enroll,
    /// Changes the password, signed in.
    Change,
    /// Forgets the password and chooses another.
    Forget,
    /// Changes the settings of an organization.
    Settings,
}

impl Kind {
    pub const ALL: [Self; 5] = [Self::SignIn, Self::Enroll, Self::Change, Self::Forget, Self::Settings];

    pub fn username(self) -> &'static str {
        match self {
            Self::SignIn => "exempt",
            Self::Enroll => "lferguson",
            Self::Change => "member.none",
            Self::Forget => "kowens",
            Self::Settings => "owner.one",
        }
    }
}

/// Somebody at a browser.
pub struct Seat {
    kind: Kind,
    email: String,
    /// The password, and before it one that was sent and may or may not have been taken.
    passwords: Vec<String>,
    new_browser: Browser,
    times: usize,
}

impl Seat {
    pub fn new(kind: Kind, program: &Program, http: &reqwest::Client) -> Self {
        let username = kind.username();
        let address_of = Kind::ALL.iter().position(|other| *other == kind).unwrap_or_default();
        Self {
            kind,
            email: address(username).expect("an address"),
            passwords: vec![program.people.people[username].password.clone().expect("a password")],
            new_browser: Browser::new(http.clone(), &program.base, true)
                .from(&format!("198.51.100.{}", address_of + 1)),
            times: 0,
        }
    }

    fn next_password(&mut self) -> String {
        self.times += 1;
        let new = format!("violet kettle harbors {} moss", self.times);
        self.passwords.insert(0, new.clone());
        new
    }

    /// Signs in with whichever password holds, up to the second step.
    async fn enter(&mut self, option: &str) -> Browser {
        let mut browser = self.new_browser.clone();
        loop {
            let password = self.passwords[0].clone();
            browser.choose(option, false).await;
            browser.sign_in_as(&self.email, &password).await;
            match (browser.status(), browser.path()) {
                // Other tests hash passwords as well.
                (503, _) => tokio::time::sleep(Duration::from_millis(100)).await,
                (_, "/login/phone" | "/login/email") => {
                    assert!(self.passwords.len() > 1, "neither password holds: {}", browser.text());
                    self.passwords.remove(0);
                }
                _ => break,
            }
        }
        self.passwords.truncate(1);
        browser
    }
}

/// Works until the program dies. The lock is held all the time, and survives a panic.
pub async fn go(seat: Arc<Mutex<Seat>>, mail: Arc<SmtpServer>) {
    let mut seat = seat.lock().await;
    loop {
        work(&mut seat, &mail).await;
        if seat.kind == Kind::Enroll {
            // Once is enough until the next round.
            std::future::pending::<()>().await;
        }
    }
}

pub async fn once(seat: Arc<Mutex<Seat>>, mail: Arc<SmtpServer>) {
    let mut seat = seat.lock().await;
    work(&mut seat, &mail).await;
}

async fn work(seat: &mut Seat, mail: &SmtpServer) {
    match seat.kind {
        Kind::SignIn => {
            let mut browser = seat.enter(BY_PHONE).await;
            browser.click("Sign out").await;
        }
        Kind::Enroll => enroll(seat).await,
        Kind::Change => change(seat).await,
        Kind::Forget => forget(seat, mail).await,
        Kind::Settings => settings(seat, mail).await,
    }
}

async fn enroll(seat: &mut Seat) {
    let mut browser = seat.enter(BY_PHONE).await;
    browser.must_be_at("/home");
    browser.get("/security").await;
    browser.click("MFA Configuration").await;
    let key = browser.page().texts("#totp-key").first().expect("a key on the page").replace(' ', "");
    let code = code_at(&key, unix(Clock::default().now()).cast_signed());
    browser.fill("One-time code", &code).fill("Device name", "Phone").click("Save").await;
    browser.must_say("Save your recovery codes");
}

async fn change(seat: &mut Seat) {
    let mut browser = seat.enter(BY_PHONE).await;
    browser.get("/security/password").await;
    let (old, new) = (seat.passwords[0].clone(), seat.next_password());
    browser.fill("Current Password", &old).fill("New Password", &new).fill("Confirm New Password", &new);
    browser.click("Save").await;
    browser.must_say("Your password was changed.");
    seat.passwords.truncate(1);
}

async fn forget(seat: &mut Seat, mail: &SmtpServer) {
    let mut browser = seat.new_browser.clone();
    let before = mail.received().len();
    browser.get("/forgot-password").await;
    browser.fill("Email Address", &seat.email).click("Send verification code").await;
    type_code(&mut browser, mail, &seat.email, before).await;
    browser.click("Continue").await;
    let new = seat.next_password();
    browser.fill("New Password", &new).fill("Confirm New Password", &new).click("Continue").await;
    browser.must_be_at("/home");
    seat.passwords.truncate(1);
}

async fn settings(seat: &mut Seat, mail: &SmtpServer) {
    let mut browser = seat.enter(BY_EMAIL).await;
    let before = mail.received().len();
    browser.click("Send verification code").await;
    type_code(&mut browser, mail, &seat.email, before).await;
    browser.click("Continue").await;
    for _ in 0..3 {
        browser.get("/admin/security").await;
        let minutes: i64 =
            browser.page().value("Session without use in minutes").and_then(|m| m.parse().ok()).unwrap_or(30);
        let other = if minutes == 30 { "40" } else { "30" };
        browser.fill("Session without use in minutes", other).click("Preview changes").await;
        browser.click("Save").await;
        browser.must_say("The settings were saved");
    }
}

/// Types the codes that came after so many mails until one is right: one that was queued before a kill may come
/// late. After a late one the page has its form at once, and the right one may be typed before the server has
/// heard that it was handed over: it is typed again.
async fn type_code(browser: &mut Browser, mail: &SmtpServer, email: &str, before: usize) {
    let (begun, mut typed, mut last) = (Instant::now(), Vec::new(), Instant::now());
    while !browser.page().controls().iter().any(|control| control == "Continue") {
        assert!(begun.elapsed() < Duration::from_secs(180), "no code is right: {}", browser.text());
        let codes = codes_in_mail(mail, email, before);
        match codes.into_iter().rev().find(|code| !typed.contains(code)) {
            // The mail may be here before the server has heard so.
            Some(_) if !browser.page().controls().iter().any(|c| c == "Verify code") => {
                browser.refresh().await;
            }
            Some(code) => {
                browser.fill("Verification code", &code).click("Verify code").await;
                typed.push(code);
                last = Instant::now();
            }
            None if !typed.is_empty() && last.elapsed() > AGAIN => {
                typed.pop();
            }
            None => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

/// When a code is typed a second time; seldom enough for the tries that somebody has.
const AGAIN: Duration = Duration::from_secs(40);
