//! How one of them signs in.

use data_encoding::BASE32_NOPAD;
use totp_rs::{Algorithm, Builder};

use super::browser::{Browser, End};
use super::people::Person;

const STEP: u64 = 30;

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

impl Worker {
    pub fn new(person: Person, browser: Browser) -> Self {
        Self { person, browser, step: 0 }
    }

    /// Whether there is a code that was not used yet, for whom needs one.
    pub fn is_ready(&self) -> bool {
        !self.person.has_authenticator() || self.step <= step_now()
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
        let key = self.person.totp_key().unwrap_or_default();
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
