//! Commands of the real program: exit codes, what they print, what they leave in the database, and the
//! mails that go out once the portal runs.

pub mod create_owner;
mod import_users;
mod reset_mfa;
mod set_up_token;

use std::time::{Duration, Instant};

use crate::support::smtp::SmtpServer;

/// Waits for a mail to an address that says this; its text.
async fn mailed(mail: &SmtpServer, to: &str, words: &str) -> String {
    let begun = Instant::now();
    loop {
        let found = mail.received().iter().rev().find_map(|m| {
            let text = m.to.iter().any(|address| address.contains(to)).then(|| m.part("text/plain")).flatten()?;
            text.contains(words).then_some(text)
        });
        if let Some(text) = found {
            return text;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "no mail to {to} says {words:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The path of the first link in a text that leads there.
fn path(text: &str, leads: &str) -> String {
    let url = text.split_whitespace().find(|word| word.contains(leads)).unwrap_or_else(|| panic!("no {leads}: {text}"));
    url.strip_prefix("https://login.example.org").expect("a link of ours").to_owned()
}
