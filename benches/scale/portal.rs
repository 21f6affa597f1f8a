//! A portal in this process on a filled database, an operator and an administrator signed in to it, and
//! what they ask for.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};

use data_encoding::HEXLOWER;
use tempfile::TempDir;
use tokio::sync::oneshot;
use vestibule::app::{self, App};
use vestibule::config::Config;
use vestibule::domain::sample::SampleData;
use vestibule::routes;
use vestibule::secrets::Secret;

use crate::browser::{Browser, End, Tally};
use crate::{Failure, Options, fill, sign_in};

/// One kind of request.
pub struct Task {
    pub name: &'static str,
    who: Who,
    what: What,
}

#[derive(Clone, Copy)]
enum Who {
    /// Sees everybody.
    Operator,
    /// Sees one organization, of some 500 people in either database.
    Admin,
}

#[derive(Clone, Copy)]
enum What {
    Page(&'static str),
    /// A page in the middle of the list.
    Deep,
    EditUser,
    Reset,
    /// From Login Options to Home, by password alone: a hash, and what is written.
    SignIn,
}

use What::{Deep, EditUser, Page, Reset, SignIn};
use Who::{Admin, Operator};

const fn task(name: &'static str, who: Who, what: What) -> Task {
    Task { name, who, what }
}

pub const TASKS: &[Task] = &[
    task("first page, everybody", Operator, Page("/admin/users")),
    task("first page, one organization", Admin, Page("/admin/users")),
    task("search \"Ma\", everybody", Operator, Page("/admin/users?q=ma")),
    // One person of the sample data, in either database.
    task("search \"Hollis, Kendra\", everybody", Operator, Page("/admin/users?q=hollis%2C+kendra")),
    task("search \"Ma\", one organization", Admin, Page("/admin/users?q=ma")),
    task("status MFA on, everybody", Operator, Page("/admin/users?status=enrolled")),
    task("status Locked, everybody", Operator, Page("/admin/users?status=locked")),
    task("role Account Holder, everybody", Operator, Page("/admin/users?role=owner")),
    task("status MFA on, one organization", Admin, Page("/admin/users?status=enrolled")),
    task("deep page, everybody", Operator, Deep),
    task("deep page, one organization", Admin, Deep),
    task("Edit User", Admin, EditUser),
    task("one reset", Admin, Reset),
    task("one sign-in", Admin, SignIn),
];

pub struct Portal {
    operator: Browser,
    admin: Browser,
    tally: Arc<Tally>,
    organization_id: String,
    people: SampleData,
    /// The next user of the administrator's organization who is reset.
    next: u64,
    _dir: Option<TempDir>,
}

impl Portal {
    /// Fills the database, if it is not, and signs in.
    pub async fn open(options: &Options, users: u64) -> Result<Self, Failure> {
        let dir = if options.folder.is_none() { Some(TempDir::new()?) } else { None };
        let folder = match (&options.folder, &dir) {
            (Some(folder), _) => folder.join(users.to_string()),
            (None, Some(dir)) => dir.path().to_owned(),
            (None, None) => return Err("no folder".into()),
        };
        std::fs::create_dir_all(&folder)?;
        let listener = TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let mut config = Config::demo_on(listener.local_addr()?, &folder, 0);
        if let Some(url) = &options.database {
            config.database_url = Secret::new(fill::schema(url, users)?);
        }
        let base = config.public_url.clone();
        let app = Arc::new(App::build(config)?);
        let people = app.sample_people().await.map_err(|fault| fault.to_string())?;
        let organization_id = people.organizations["harbor_valley"].id.clone();
        let begun = Instant::now();
        if fill::fill(&app.core, users, options.organizations, &organization_id).await? {
            println!("{users} users were written in {:.0} s", begun.elapsed().as_secs_f64());
        }
        serve(app, listener).await?;
        let tally = Arc::new(Tally::default());
        let browser = Browser::new(base, tally.clone())?;
        let operator = sign_in::sign_in(browser.fresh(), &people, "operator").await?;
        let admin = sign_in::sign_in(browser, &people, "admin").await?;
        Ok(Self { operator, admin, tally, organization_id, people, next: 0, _dir: dir })
    }

    /// How long one request took, redirects included.
    pub async fn ask(&mut self, task: &Task, n: usize) -> Result<Duration, Failure> {
        let user = fill::user_id(n as u64 % fill::HOME);
        let browser = match task.who {
            Operator => &mut self.operator,
            Admin => &mut self.admin,
        };
        let begun = match task.what {
            Page(path) => timed(browser, path).await?,
            Deep => {
                let key = HEXLOWER.encode(b"namann jobel");
                timed(browser, &format!("/admin/users?after={key}.0")).await?
            }
            EditUser => timed(browser, &format!("/admin/users/{user}")).await?,
            Reset => return self.reset().await,
            SignIn => return self.sign_in().await,
        };
        Ok(begun)
    }

    /// A whole sign-in in a new browser.
    async fn sign_in(&self) -> Result<Duration, Failure> {
        let begun = Instant::now();
        sign_in::with_password(self.admin.fresh(), &self.people, "member.none").await?;
        Ok(begun.elapsed())
    }

    /// Confirms a reset of somebody who was not reset yet; only the act is timed, with its receipt.
    async fn reset(&mut self) -> Result<Duration, Failure> {
        let user = fill::user_id(self.next);
        // Every second one has a factor.
        self.next += 2;
        let path = format!("/admin/users/{user}/reset");
        let End::Page { body, .. } = self.admin.get(&format!("{path}?scope=user")).await else {
            return Err(format!("no page to confirm: {:?}", self.tally.wrong()).into());
        };
        let fields = [("organization_id", self.organization_id.as_str()), ("scope", "user"), ("from", "")];
        let begun = Instant::now();
        match self.admin.post(&path, &body, &fields).await {
            End::Page { path, .. } if path.starts_with("/admin/resets/") => Ok(begun.elapsed()),
            End::Page { path, .. } => Err(format!("a reset led to {path}").into()),
            _ => Err(format!("no reset: {:?}", self.tally.wrong()).into()),
        }
    }
}

async fn timed(browser: &mut Browser, path: &str) -> Result<Duration, Failure> {
    let begun = Instant::now();
    match browser.get(path).await {
        End::Page { path: there, .. } if there == path => Ok(begun.elapsed()),
        End::Page { path: there, .. } => Err(format!("{path} led to {there}").into()),
        _ => Err(format!("{path}: {:?}", browser.tally.wrong()).into()),
    }
}

/// On a thread of its own, as another process would. Nothing is sent: what waits in the outbox waits.
async fn serve(app: Arc<App>, listener: TcpListener) -> Result<(), Failure> {
    let (tell, told) = oneshot::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let Ok(runtime) = runtime else { return };
        runtime.block_on(async move {
            if let Ok(server) = app::run(app, listener, routes::configure).await {
                let _ = tell.send(());
                let _ = server.await;
            }
        });
    });
    told.await.map_err(|_| "the portal did not start".into())
}
