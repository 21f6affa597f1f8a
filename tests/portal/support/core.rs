//! What rules need at hand, for tests that call them without a server.

use std::sync::Arc;

use tokio::sync::Notify;
use vestibule::clock::Clock;
use vestibule::db::Db;
use vestibule::domain::Core;
use vestibule::domain::core::Settings;
use vestibule::domain::password::Hasher;
use vestibule::domain::second_step::Waiting;
use vestibule::secrets::{KeyRing, Secret, random};

/// Everything but the outbox worker, with random keys and a clock of its own; not a demo.
pub fn core(db: Db) -> Core {
    core_with(db, false)
}

/// The same, as a demo or not.
pub fn core_with(db: Db, demo: bool) -> Core {
    let at_rest = vec![("test".to_owned(), Secret::new(random::bytes()))];
    Core {
        db,
        clock: Clock::default(),
        keys: Arc::new(KeyRing::new(at_rest, &Secret::new(random::bytes()))),
        hasher: Hasher::start().expect("the system gives threads"),
        code_waits: Waiting::default(),
        outbox: Arc::new(Notify::new()),
        settings: Arc::new(Settings {
            installation: "Vestibule".into(),
            public_url: "https://login.example.org".into(),
            host: "login.example.org".into(),
            terms_version: "1".into(),
            terms: "Be kind.".into(),
            demo,
            phone_countries: vec!["1".into()],
            site_sends_per_day: 10_000,
            gateway: true,
        }),
    }
}
