//! A mixed day: many people's pages, sign-ins with and without a code, changes on **Security**, some
//! administrators in lists who now and then reset somebody, and a program that calls the API.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use vestibule::secrets::random::below;

use super::Failure;
use super::browser::{Browser, End, value_of};
use super::kinds::Kinds;
use super::lists::Admin;
use super::people::Person;
use super::worker::{SignIn, Worker};

/// Between two calls of a program: a token may ask 300 times in five minutes.
const CALL_EVERY: Duration = Duration::from_millis(1_500);
/// After so many looks at the lists an administrator resets somebody.
const LOOKS_PER_RESET: u32 = 10;

/// Everybody who takes part.
pub struct Day {
    pub workers: Vec<Worker>,
    pub admins: Vec<Admin>,
    /// Those whom nobody plays, each to be reset once.
    pub resettable: Vec<Person>,
    /// Between two pages of one person, half as long to one and a half times.
    pub pause: Duration,
}

/// Plays until the time is up; what is under way then is seen through.
pub async fn run(mut day: Day, long: Duration) -> Kinds {
    let begun = Instant::now();
    let end = begun + long;
    let mut tasks = JoinSet::new();
    if let Some(admin) = day.admins.first().cloned() {
        tasks.spawn(program(admin, end));
    }
    for admin in day.admins {
        let home = &admin.person.managing_organization_id;
        let (theirs, others) = day.resettable.into_iter().partition(|p| p.managing_organization_id == *home);
        day.resettable = others;
        tasks.spawn(look_after(admin, theirs, day.pause, end));
    }
    for worker in day.workers {
        tasks.spawn(work(worker, day.pause, end));
    }
    let mut kinds = Kinds::default();
    while let Some(one) = tasks.join_next().await {
        kinds.join(one.unwrap_or_default());
    }
    kinds.seconds = begun.elapsed().as_secs_f64();
    kinds
}

/// One person, page after page.
async fn work(mut worker: Worker, pause: Duration, end: Instant) -> Kinds {
    let mut kinds = Kinds::default();
    while Instant::now() < end {
        tokio::time::sleep(about(pause)).await;
        let browser = &mut worker.browser;
        let done = match below(100) {
            0..40 => kinds.page("home", browser, "/home", "<h1").await.map(drop),
            40..52 => kinds.page("messages", browser, "/messages", "<h1").await.map(drop),
            52..66 => kinds.page("security", browser, "/security", "<h1>Security</h1>").await.map(drop),
            66..74 => kinds.page("sessions", browser, "/security/sessions", "<h1>Sessions</h1>").await.map(drop),
            74..82 => kinds.page("activity", browser, "/security/activity", "<h1>Activity</h1>").await.map(drop),
            82..88 if worker.person.has_authenticator() => rename(browser, &mut kinds).await,
            _ => sign_in_again(&mut worker, &mut kinds).await,
        };
        if done.is_none() {
            break;
        }
    }
    kinds
}

/// Gives the authenticator another name.
async fn rename(browser: &mut Browser, kinds: &mut Kinds) -> Option<()> {
    let body = kinds.page("security", browser, "/security", "<h1>Security</h1>").await?;
    let path =
        body.split("href=\"").filter_map(|rest| rest.split('"').next()).find(|path| path.ends_with("/rename"))?;
    let form = kinds.page("rename: the form", browser, path, "<h1>Rename</h1>").await?;
    let (name, begun) = (format!("Phone {}", below(1_000)), Instant::now());
    let end = browser.post(path, &form, &[("device_name", &name)]).await;
    kinds.judge("rename: done", browser, begun, end, ("/security", &name)).map(drop)
}

/// Out and in again, where there is a code for it.
async fn sign_in_again(worker: &mut Worker, kinds: &mut Kinds) -> Option<()> {
    let home = kinds.page("home", &mut worker.browser, "/home", "<h1").await?;
    if !worker.is_ready() {
        return Some(());
    }
    let begun = Instant::now();
    let out = worker.browser.post("/sign-out", &home, &[]).await;
    kinds.judge("sign-out", &worker.browser, begun, out, ("/signed-out", "<h1"))?;
    loop {
        let begun = Instant::now();
        match worker.sign_in().await {
            SignIn::Done { with_code } => {
                let kind = if with_code { "sign-in with a code" } else { "sign-in, password alone" };
                kinds.add(kind, begun.elapsed());
                return Some(());
            }
            SignIn::Busy(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
            SignIn::Wrong => return None,
        }
    }
}

async fn look_after(mut admin: Admin, mut people: Vec<Person>, pause: Duration, end: Instant) -> Kinds {
    let (mut kinds, mut looks) = (Kinds::default(), 0);
    while Instant::now() < end && admin.look_around(&mut kinds, about(pause)).await.is_some() {
        looks += 1;
        if looks % LOOKS_PER_RESET == 1
            && let Some(person) = people.pop()
            && admin.reset(&mut kinds, &person).await.is_none()
        {
            break;
        }
    }
    kinds
}

/// A program with a token of this administrator's.
async fn program(mut admin: Admin, end: Instant) -> Kinds {
    let mut kinds = Kinds::default();
    let Ok(token) = token(&mut admin.browser).await else {
        admin.browser.tally.complain("no API token was made".into());
        return kinds;
    };
    while Instant::now() < end {
        let begun = Instant::now();
        let answer = admin.browser.call("/api/user/users", &token).await;
        if kinds.judge("API: users", &admin.browser, begun, answer, ("/api/", "\"username\"")).is_none() {
            break;
        }
        tokio::time::sleep(CALL_EVERY).await;
    }
    kinds
}

async fn token(browser: &mut Browser) -> Result<String, Failure> {
    const FORM: &str = "/admin/api-tokens/new";
    let End::Page { body, .. } = browser.get(FORM).await else { return Err("no form".into()) };
    let organization = value_of(&body, "organization_id").ok_or("no organization")?;
    let scope = "users:read";
    let fields = [("organization_id", organization), ("name", "Load driver"), ("scopes[]", scope), ("days", "1")];
    let End::Page { body, .. } = browser.post(FORM, &body, &fields).await else { return Err("not made".into()) };
    let (_, rest) = body.split_once("id=\"token\">").ok_or("no token on the page")?;
    Ok(rest.split('<').next().unwrap_or_default().to_owned())
}

fn about(pause: Duration) -> Duration {
    pause / 2 + pause * below(1_000) / 1_000
}
