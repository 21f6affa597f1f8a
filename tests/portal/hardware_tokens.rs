//! **Hardware Tokens**: the inventory, imports, who has which token, exports.

mod acts;
mod command_line;
mod exports;
mod imports;
mod inventory;

use data_encoding::BASE32_NOPAD;
use totp_rs::{Algorithm, Builder};
use vestibule::clock::unix;
use vestibule::models::hardware_tokens::{self, HardwareToken, Holding};

use crate::support::{Browser, TestApp};

const LIST: &str = "/admin/hardware-tokens";

/// A code of a token, so many steps from now; `slow` is SHA-256 and 60 seconds.
fn code(app: &TestApp, key: &str, slow: bool, steps: i64) -> String {
    let period = if slow { 60 } else { 30 };
    let totp = Builder::new()
        .with_secret(BASE32_NOPAD.decode(key.as_bytes()).expect("base32"))
        .with_algorithm(if slow { Algorithm::SHA256 } else { Algorithm::SHA1 })
        .with_digits(6)
        .with_step_duration(period)
        .with_skew(0)
        .build()
        .expect("a key of 20 bytes");
    let at = i64::try_from(unix(app.app.core.clock.now())).expect("a time after 1970");
    totp.generate((at + steps * period as i64).unsigned_abs()).to_string()
}

impl TestApp {
    /// A token of Harbor Valley by its serial number.
    async fn token(&self, serial: &'static str) -> (HardwareToken, Option<Holding>) {
        self.token_in("harbor_valley", serial).await.expect("a token of this serial number")
    }

    async fn token_in(&self, organization: &str, serial: &'static str) -> Option<(HardwareToken, Option<Holding>)> {
        let id = self.organization_id(organization);
        let rows =
            self.read(move |conn| Ok(hardware_tokens::list(conn, &id, (&serial.to_lowercase(), None), "", 10)?)).await;
        rows.into_iter().find(|(token, _)| token.serial == serial)
    }

    /// How many tokens an organization has.
    async fn tokens_of(&self, organization: &str) -> usize {
        let id = self.organization_id(organization);
        self.read(move |conn| Ok(hardware_tokens::list(conn, &id, ("", None), "", 10_000)?)).await.len()
    }

    /// An account holder of Harbor Valley at the page of a token.
    async fn at_token(&self, serial: &'static str) -> Browser {
        let mut browser = self.signed_in("owner.two").await;
        browser.get(&format!("{LIST}/{}", self.token(serial).await.0.id)).await;
        browser.must_say(serial);
        browser
    }

    /// The key of a token nobody had at the beginning.
    fn spare_key(&self, serial: &str) -> String {
        self.people.tokens[serial].key.clone().expect("a token in the drawer")
    }
}
