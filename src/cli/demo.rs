//! `vestibule` without a command: a portal to try out, on this machine.

use std::sync::Arc;

use super::{Stop, background, block_on, listen, logging, print};
use crate::app::{self, App};
use crate::config::Config;
use crate::domain::sample;
use crate::routes;

/// A line of the table that demo mode prints.
pub struct Account {
    pub username: String,
    pub email: String,
    pub password: String,
    /// What can be tried with it, in a few words.
    pub what_for: String,
}

pub fn run() -> Result<(), Stop> {
    serve(Config::demo().map_err(Stop::Settings)?)
}

/// Serves until the process is asked to end.
pub fn serve(mut config: Config) -> Result<(), Stop> {
    logging::readable()?;
    let listener = listen(&mut config)?;
    app::use_sandbox_domain(&mut config);
    let app = Arc::new(App::build(config)?);
    app.load_sample().map_err(Stop::failed)?;
    let served = block_on(async {
        app::notice_restore(&app).await.map_err(Stop::failed)?;
        // First the socket answers, then the sample people are hashed: that takes a second or two.
        let server = app::run(app.clone(), listener, routes::configure).await.map_err(Stop::failed)?;
        let worker = background::start(&app)?;
        print::line(format_args!("Vestibule {} in demo mode: {}/", env!("CARGO_PKG_VERSION"), app.config.public_url));
        let people = tokio::spawn(sample_people(app.clone()));
        server.await.map_err(Stop::failed)?;
        people.abort();
        worker.stop().await;
        Ok(())
    });
    app.core.db.close();
    served
}

async fn sample_people(app: Arc<App>) {
    match load_sample(&app).await {
        Ok(accounts) => print::text(table(&accounts)),
        Err(why) => tracing::error!(why, "there are no sample people"),
    }
}

async fn load_sample(app: &App) -> Result<Vec<Account>, String> {
    let data = app.sample_people().await.map_err(|fault| fault.to_string())?;
    let account = |username: &&str| {
        let person = data.people.get(*username)?;
        Some(Account {
            username: (*username).to_owned(),
            email: sample::address(username)?,
            password: person.password.clone()?,
            what_for: sample::shows(username),
        })
    };
    Ok(sample::FIXED.iter().filter_map(account).collect())
}

/// Columns as wide as their longest entry.
fn table(accounts: &[Account]) -> String {
    if accounts.is_empty() {
        return String::new();
    }
    let head = ["User name", "E-mail", "Password", "To try"].map(String::from);
    let rows: Vec<[String; 4]> = std::iter::once(head)
        .chain(accounts.iter().map(|a| [a.username.clone(), a.email.clone(), a.password.clone(), a.what_for.clone()]))
        .collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let (w0, w1, w2) = (width(0), width(1), width(2));
    let mut text = String::from("\nAccounts to try:\n\n");
    for [username, email, password, what_for] in &rows {
        let line = format!("  {username:w0$}  {email:w1$}  {password:w2$}  {what_for}");
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_lines_up() {
        let account = |username: &str, email: &str| Account {
            username: username.into(),
            email: email.into(),
            password: "p".into(),
            what_for: "x".into(),
        };
        let text = table(&[account("sole.owner", "s@x.example"), account("admin", "a@harbor.example")]);
        let starts: Vec<usize> = text.lines().filter_map(|line| line.find('@')).collect();
        assert_eq!(starts.len(), 2);
        assert_eq!(text.lines().map(|l| l.rfind("  x").unwrap_or(0)).filter(|n| *n > 0).collect::<Vec<_>>().len(), 2);
        assert!(table(&[]).is_empty());
    }
}
