//! How somebody signs in.

use data_encoding::BASE32_NOPAD;
use totp_rs::{Algorithm, Builder};
use vestibule::clock::{Clock, unix};
use vestibule::domain::sample::{SampleData, address};

use crate::Failure;
use crate::browser::{Browser, End};

const STEP: u64 = 30;

/// Somebody without a second step, from Login Options to Home.
pub async fn with_password(mut browser: Browser, people: &SampleData, username: &str) -> Result<(), Failure> {
    match password(&mut browser, people, username).await? {
        (path, _) if path == "/home" => Ok(()),
        (path, _) => Err(format!("{username} came to {path}").into()),
    }
}

/// Somebody with an authenticator, from Login Options to Home.
pub async fn sign_in(mut browser: Browser, people: &SampleData, username: &str) -> Result<Browser, Failure> {
    let person = people.people.get(username).ok_or("no such person")?;
    let key = person.factors.values().find_map(|factor| factor.key.as_deref()).ok_or("no authenticator")?;
    let (path, mut body) = password(&mut browser, people, username).await?;
    // The step of an earlier run on the same database may be used up: the one after it is taken too.
    for later in [0, 1] {
        let code = code_at(key, unix(Clock::default().now()) / STEP + later)?;
        match browser.post(&path, &body, &[("code", &code)]).await {
            End::Page { path, .. } if path == "/home" => return Ok(browser),
            End::Page { body: again, .. } => body = again,
            _ => break,
        }
    }
    Err(format!("{username} could not sign in: {path} {:?}", browser.tally.wrong()).into())
}

/// Login Options, address and password; the path and the page after them.
async fn password(browser: &mut Browser, people: &SampleData, username: &str) -> Result<(String, String), Failure> {
    let email = address(username).ok_or("no address")?;
    let password = people.people.get(username).and_then(|p| p.password.clone()).unwrap_or_default();
    let End::Page { body, .. } = browser.get("/login").await else { return Err("no Login Options".into()) };
    let End::Page { path, body } = browser.post("/login", &body, &[("option", "phone")]).await else {
        return Err("no form for the password".into());
    };
    let typed = [("email", email.as_str()), ("password", password.as_str())];
    match browser.post(&path, &body, &typed).await {
        End::Page { path, body } => Ok((path, body)),
        _ => Err(format!("nothing after the password: {:?}", browser.tally.wrong()).into()),
    }
}

fn code_at(key: &str, step: u64) -> Result<String, Failure> {
    let secret = BASE32_NOPAD.decode(key.as_bytes())?;
    let totp = Builder::new()
        .with_secret(secret)
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_step_duration(STEP)
        .with_skew(0)
        .build()
        .map_err(|error| format!("{error:?}"))?;
    Ok(totp.generate(step * STEP).to_string())
}
