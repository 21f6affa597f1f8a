//! Who signs in, and how one of them does.

use data_encoding::BASE32_NOPAD;
use serde::Deserialize;
use totp_rs::{Algorithm, Builder};

use super::Failure;
use super::browser::{Browser, End};

const STEP: u64 = 30;

/// The part of /sandbox/people.json that is needed here.
#[derive(Deserialize)]
struct People {
    people: Vec<Person>,
}

#[derive(Clone, Deserialize)]
pub struct Person {
    pub user_id: String,
    email: String,
    password: Option<String>,
    operator: bool,
    account: String,
    pub managing_organization_id: Option<String>,
    memberships: Vec<Membership>,
    factors: Vec<Factor>,
}

#[derive(Clone, Deserialize)]
struct Membership {
    role: String,
}

#[derive(Clone, Deserialize)]
struct Factor {
    kind: String,
    totp_key: Option<String>,
}

/// One person at one browser.
#[derive(Clone)]
pub struct Worker {
    pub person: Person,
    pub browser: Browser,
    /// The last step of the authenticator that was used up.
    step: u64,
}

/// What became of one sign-in.
pub enum SignIn {
    Done { with_code: bool },
    Busy(u64),
    Wrong,
}

/// Everybody who takes part.
pub struct Cast {
    pub workers: Vec<Worker>,
    /// Is signed in and looks at pages.
    pub watcher: Browser,
    pub people: usize,
    pub with_authenticator: usize,
}

/// Everybody the demo knows.
pub async fn everybody(browser: &Browser) -> Result<Vec<Person>, Failure> {
    let People { people } = serde_json::from_str(&browser.text("/sandbox/people.json").await?)?;
    Ok(people)
}

/// Spreads the browsers over the people. An authenticator's code is good once, so each of their
/// owners has one browser; the rest belong to people who have a password alone.
pub async fn cast(browser: &Browser, browsers: usize) -> Result<Cast, Failure> {
    let (mut plain, mut coded) = (Vec::new(), Vec::new());
    for person in everybody(browser).await? {
        let app = person.has_authenticator();
        if person.password.is_none() || !person.plays() {
            continue;
        }
        // Some of them are led elsewhere: to set something up, or to choose an organization. And a
        // code may have been used up by a run just before. Neither is anything to complain of.
        let mut worker = Worker::new(person, browser.fresh_unheard());
        if let SignIn::Done { .. } = worker.sign_in().await {
            worker.browser.tally = browser.tally.clone();
            if app { &mut coded } else { &mut plain }.push(worker);
        }
    }
    let watcher = plain.pop().ok_or("nobody signs in with a password alone")?.browser;
    if plain.is_empty() {
        return Err("too few people sign in with a password alone".into());
    }
    let (people, with_authenticator) = (plain.len() + coded.len(), coded.len());
    let mut workers = coded;
    workers.truncate(browsers / 4);
    for n in 0..browsers.saturating_sub(workers.len()) {
        let person = plain[n % plain.len()].person.clone();
        let mut worker = Worker::new(person, browser.fresh());
        let SignIn::Done { .. } = worker.sign_in().await else { return Err("a first sign-in failed".into()) };
        workers.push(worker);
    }
    Ok(Cast { workers, watcher, people, with_authenticator })
}

impl Person {
    /// Signs in with a password, or with an authenticator besides and nothing else.
    fn plays(&self) -> bool {
        self.factors.is_empty() || (self.factors.len() == 1 && self.has_authenticator())
    }

    pub fn has_authenticator(&self) -> bool {
        self.factors.iter().any(|factor| factor.kind == "authenticator")
    }

    pub fn administers(&self) -> bool {
        self.operator || self.memberships.iter().any(|membership| membership.role != "member")
    }

    /// Whether resetting this person disturbs nobody who plays.
    pub fn may_be_reset(&self) -> bool {
        self.account == "active" && !self.plays() && !self.administers()
    }
}

impl Worker {
    pub fn new(person: Person, browser: Browser) -> Self {
        Self { person, browser, step: 0 }
    }

    /// Whether there is a code that was not used yet, for whom needs one.
    pub fn is_ready(&self) -> bool {
        self.person.factors.is_empty() || self.step <= step_now()
    }

    /// From the first page to home.
    pub async fn sign_in(&mut self) -> SignIn {
        self.browser.forget_session();
        let end = self.password().await;
        match end {
            End::Page { path, .. } if path == "/home" => SignIn::Done { with_code: false },
            End::Page { path, body } if path == "/login/verify/authenticator" => self.code(&body).await,
            other => self.elsewhere(other),
        }
    }

    /// Login Options, then address and password.
    async fn password(&mut self) -> End {
        let End::Page { body, .. } = self.browser.get("/login").await else { return End::Wrong };
        let next = self.browser.post("/login", &body, &[("option", "phone")]).await;
        let End::Page { path, body } = next else { return next };
        let (email, password) = (self.person.email.clone(), self.person.password.clone().unwrap_or_default());
        self.browser.post(&path, &body, &[("email", &email), ("password", &password)]).await
    }

    async fn code(&mut self, body: &str) -> SignIn {
        // The present step, or the one after it, which is accepted too.
        let step = step_now().max(self.step + 1);
        let key = self.person.factors.iter().find_map(|f| f.totp_key.as_deref()).unwrap_or_default();
        let Some(code) = code_at(key, step) else { return SignIn::Wrong };
        self.step = step;
        let end = self.browser.post("/login/verify/authenticator", body, &[("code", &code)]).await;
        match end {
            End::Page { path, .. } if path == "/home" => SignIn::Done { with_code: true },
            other => self.elsewhere(other),
        }
    }

    fn elsewhere(&self, end: End) -> SignIn {
        match end {
            End::Busy(seconds) => SignIn::Busy(seconds),
            End::Wrong => SignIn::Wrong,
            End::Page { path, .. } => {
                self.browser.tally.complain(format!("{} was led to {path}", self.person.email));
                SignIn::Wrong
            }
        }
    }
}

fn step_now() -> u64 {
    vestibule::clock::unix(vestibule::clock::Clock::default().now()) / STEP
}

fn code_at(key: &str, step: u64) -> Option<String> {
    let secret = BASE32_NOPAD.decode(key.as_bytes()).ok()?;
    let totp = Builder::new()
        .with_secret(secret)
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_step_duration(STEP)
        .with_skew(0)
        .build()
        .ok()?;
    Some(totp.generate(step * STEP).to_string())
}
