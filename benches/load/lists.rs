//! Administrators who look for somebody: paging, searching, filtering, Edit User.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::Failure;
use super::browser::{Browser, value_of};
use super::kinds::Kinds;
use super::people::{self, Person};
use super::worker::{SignIn, Worker};

/// Somebody with a console, at one of its windows.
#[derive(Clone)]
pub struct Admin {
    pub person: Person,
    pub browser: Browser,
}

/// Signs in everybody who looks after people, by authenticator.
pub async fn cast(browser: &Browser) -> Result<Vec<Admin>, Failure> {
    let mut admins = Vec::new();
    for person in people::everybody(browser).await? {
        if !(person.administers() && person.has_authenticator()) {
            continue;
        }
        // Some are led elsewhere: to choose an organization, or to a factor of its own.
        let mut worker = Worker::new(person, browser.fresh_unheard());
        if let SignIn::Done { .. } = worker.sign_in().await {
            worker.browser.tally = browser.tally.clone();
            admins.push(Admin { person: worker.person, browser: worker.browser });
        }
    }
    if admins.is_empty() { Err("nobody who signs in here administers anything".into()) } else { Ok(admins) }
}

/// So many windows, spread over the administrators, each looking people up until the time is up.
pub async fn run(admins: &[Admin], windows: usize, long: Duration) -> Kinds {
    let begun = Instant::now();
    let mut tasks = JoinSet::new();
    for mut admin in admins.iter().cycle().take(windows).cloned() {
        tasks.spawn(async move {
            let mut kinds = Kinds::default();
            while begun.elapsed() < long && admin.look_around(&mut kinds, Duration::ZERO).await.is_some() {}
            kinds
        });
    }
    let mut kinds = Kinds::default();
    while let Some(one) = tasks.join_next().await {
        kinds.join(one.unwrap_or_default());
    }
    kinds.seconds = begun.elapsed().as_secs_f64();
    kinds
}

impl Admin {
    /// From the first page of the list to somebody's Edit User, with a pause after each page. `None` when
    /// something was not as it should be.
    pub async fn look_around(&mut self, kinds: &mut Kinds, pause: Duration) -> Option<()> {
        const TITLE: &str = "<h1>User Management</h1>";
        let browser = &mut self.browser;
        let first = kinds.page("list: first page", browser, "/admin/users", TITLE).await?;
        tokio::time::sleep(pause).await;
        let listed = match link(&first, "Next page") {
            Some(next) => kinds.page("list: next page", browser, &next, TITLE).await?,
            None => first,
        };
        tokio::time::sleep(pause).await;
        let (user, name) = somebody(&listed)?;
        // "Al-Masri, Amira" is found by the beginning of the last name, and must be.
        let begins: String = name.chars().take(3).collect();
        let begins: String = url::form_urlencoded::byte_serialize(begins.as_bytes()).collect();
        kinds.page("list: search", browser, &format!("/admin/users?q={begins}"), &user).await?;
        tokio::time::sleep(pause).await;
        kinds.page("list: MFA status", browser, "/admin/users?status=enrolled", TITLE).await?;
        tokio::time::sleep(pause).await;
        kinds.page("list: role and account", browser, "/admin/users?role=member&account=active", TITLE).await?;
        tokio::time::sleep(pause).await;
        kinds.page("Edit User", browser, &user, "<h1>Edit User: ").await?;
        let methods = format!("{user}?tab=methods");
        kinds.page("Edit User: methods", browser, &methods, "<h1>Edit User: ").await.map(drop)
    }

    /// Resets somebody's own factors, as one does for a lost phone.
    pub async fn reset(&mut self, kinds: &mut Kinds, person: &Person) -> Option<()> {
        let path = format!("/admin/users/{}/reset", person.user_id);
        let asked = format!("{path}?scope=user");
        let words = "<h1 class=\"mb\">Reset MFA for this user?</h1>";
        let body = kinds.page("reset: the question", &mut self.browser, &asked, words).await?;
        let fields = [("organization_id", value_of(&body, "organization_id")?), ("scope", "user"), ("from", "")];
        let begun = Instant::now();
        let end = self.browser.post(&path, &body, &fields).await;
        kinds.judge("reset: done", &self.browser, begun, end, ("/admin/resets/", "Receipt")).map(drop)
    }
}

/// Where a link with these words leads.
fn link(body: &str, words: &str) -> Option<String> {
    let (before, _) = body.split_once(&format!("\">{words}</a>"))?;
    Some(before.rsplit_once("href=\"")?.1.replace("&#38;", "&").replace("&amp;", "&"))
}

/// The path and the name of the last row's person.
fn somebody(body: &str) -> Option<(String, String)> {
    let (path, rest) = body.rsplit_once("<a class=\"name\" href=\"")?.1.split_once("\">")?;
    Some((path.to_owned(), rest.split_once('<')?.0.to_owned()))
}
