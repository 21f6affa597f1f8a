//! **Security**: what people do about their own account.

mod activity;
mod appearance;
mod authenticator;
mod email;
mod factors;
mod freshness;
mod overview;
mod password;
mod phones;
mod recovery_codes;
mod time_zone;
mod tokens;

use vestibule::models::users::{self, User};

use crate::set_up::factors_of;
use crate::support::{BY_PHONE, Browser, TestApp};

/// Whether a browser is signed in still.
async fn is_open(browser: &mut Browser) -> bool {
    browser.get_only("/security/sessions").await.status == 200
}

async fn user(app: &TestApp, username: &str) -> User {
    let id = app.user_id(username);
    app.read(move |conn| Ok(users::find(conn, &id)?.expect("somebody"))).await
}

/// To how many addresses a notice of this kind went, in order.
async fn told(app: &TestApp, username: &str, kind: &str) -> Vec<String> {
    let mut told: Vec<String> =
        app.outbox_of(username).await.into_iter().filter(|m| m.kind == kind).map(|m| m.to).collect();
    told.sort();
    told
}

/// Somebody signed in here, in another browser, and remembered in a third.
struct Three {
    here: Browser,
    elsewhere: Browser,
    remembered: Browser,
}

impl Three {
    async fn of(app: &TestApp, username: &str) -> Self {
        let mut remembered = app.browser();
        app.sign_in(&mut remembered, BY_PHONE, true, username).await;
        app.later(60);
        app.forget_limits("send:").await;
        let elsewhere = app.signed_in(username).await;
        app.later(60);
        app.forget_limits("send:").await;
        let here = app.signed_in(username).await;
        Self { here, elsewhere, remembered }
    }

    /// S13, ASVS 7.4.3: this one goes on under a new id, and everything else has ended.
    async fn only_here_goes_on(&mut self, before: Option<String>) {
        assert_ne!(self.here.cookie("vestibule"), before, "a new id");
        assert!(is_open(&mut self.here).await);
        assert!(!is_open(&mut self.elsewhere).await);
        self.remembered.close_and_reopen();
        self.remembered.choose(BY_PHONE, true).await;
        assert!(!self.remembered.path().starts_with("/home"), "remembered no more");
    }
}
