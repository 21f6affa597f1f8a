//! Codes as an authenticator app shows them (RFC 6238), by the portal's clock.

use data_encoding::BASE32_NOPAD;
use totp_rs::{Algorithm, Builder};
use vestibule::clock::unix;

use super::app::TestApp;

const STEP: i64 = 30;

/// The code of a key at a time in seconds since 1970, by SHA-1.
pub fn code_at(key: &str, at: i64) -> String {
    let totp = Builder::new()
        .with_secret(BASE32_NOPAD.decode(key.as_bytes()).expect("base32"))
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_step_duration(30)
        .with_skew(0)
        .build()
        .expect("a key of 20 bytes");
    totp.generate(at.unsigned_abs()).to_string()
}

impl TestApp {
    /// Moves the clock on to the middle of the next step, so that the step does not end during a test.
    pub fn mid_step(&self) {
        let seconds = i64::try_from(unix(self.app.core.clock.now())).expect("a time after 1970");
        self.later(STEP - seconds % STEP + 10);
    }

    /// The key of somebody's authenticator or token, in base32.
    pub fn totp_key(&self, username: &str, which: &str) -> String {
        self.people.people[username].factors[which].key.clone().expect("a factor with a key")
    }

    /// The code so many steps of 30 seconds from now, by SHA-1.
    pub fn totp(&self, username: &str, which: &str, steps: i64) -> String {
        let now = i64::try_from(unix(self.app.core.clock.now())).expect("a time after 1970");
        code_at(&self.totp_key(username, which), now + steps * STEP)
    }

    /// A code that is wrong now and for an hour either way.
    pub fn wrong_totp(&self, username: &str, which: &str) -> String {
        let near: Vec<String> = (-130..=130).map(|steps| self.totp(username, which, steps)).collect();
        (0..1_000_000).map(|n| format!("{n:06}")).find(|code| !near.contains(code)).expect("there are many")
    }
}
