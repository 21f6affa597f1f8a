//! The whole portal in this process: its own database and folder, a port of its own, real HTTP.

use std::net::TcpListener;
use std::sync::Arc;
use std::thread::JoinHandle;

use actix_web::dev::ServerHandle;
use actix_web::web::ServiceConfig;
use diesel::{RunQueryDsl, sql_query};
use tempfile::TempDir;
use tokio::sync::oneshot;
use vestibule::app::{self, App};
use vestibule::clock::Timestamp;
use vestibule::config::Config;
use vestibule::db::{DbConnection, Fault};
use vestibule::domain::sample::{SampleData, address};
use vestibule::outbox::worker;
use vestibule::routes;
use vestibule::secrets::Secret;

use super::browser::Browser;
use super::db::{Place, TestDb};
use super::template;

/// What puts the addresses into a server.
pub type Routes = fn(&mut ServiceConfig);

/// A running portal; it ends when this is dropped.
pub struct TestApp {
    pub app: Arc<App>,
    pub people: SampleData,
    /// When it was ready: what the sample people did lies before.
    pub started: Timestamp,
    /// Where it really listens, without a slash at the end.
    pub base: String,
    pub http: reqwest::Client,
    stop: ServerHandle,
    thread: Option<JoinHandle<()>>,
    _place: Place,
    _dir: TempDir,
}

impl TestApp {
    /// Demo mode with the sample people, reached directly.
    pub async fn spawn() -> Self {
        Self::spawn_with(|_| {}).await
    }

    /// Behind a proxy on this machine: `Browser::from` says which address it forwards. Then limits by
    /// address apply, because those addresses are not loopback.
    pub async fn behind_proxy() -> Self {
        Self::spawn_with(|config| {
            config.behind_proxy = true;
            config.trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")];
        })
        .await
    }

    /// No demo: secure cookies under an https address, no sandbox. `change` gives the senders.
    pub async fn serve_mode(change: impl FnOnce(&mut Config)) -> Self {
        Self::spawn_with(|config| {
            config.demo = false;
            config.public_url = "https://login.example.org".into();
            config.behind_proxy = true;
            change(config);
        })
        .await
    }

    /// Demo mode with settings changed before the start.
    pub async fn spawn_with(change: impl FnOnce(&mut Config)) -> Self {
        let dir = TempDir::new().expect("a temporary directory");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).expect("a socket that does not block");
        let listen = listener.local_addr().expect("a bound listener has an address");
        let mut config = Config::demo_on(listen, dir.path(), 0);
        let (url, place) = TestDb::place();
        config.database_url = Secret::new(url);
        config.database_pool = 4;
        change(&mut config);
        template::copy_to(&config);
        let app = Arc::new(App::build(config).expect("the portal is built"));
        let people = template::people(&app).await;
        let (stop, thread) = serve(app.clone(), listener, routes::configure).await;
        let http = client();
        let started = app.core.clock.now();
        Self {
            app,
            people,
            started,
            base: format!("http://{listen}"),
            http,
            stop,
            thread: Some(thread),
            _place: place,
            _dir: dir,
        }
    }

    /// A browser that has never been here.
    pub fn browser(&self) -> Browser {
        Browser::new(self.http.clone(), &self.base, self.app.config.secure_cookies())
    }

    pub fn email(&self, username: &str) -> String {
        address(username).expect("somebody among the sample people")
    }

    pub fn password(&self, username: &str) -> String {
        self.people.people[username].password.clone().expect("somebody with a password")
    }

    pub fn user_id(&self, username: &str) -> String {
        self.people.people[username].user_id.clone()
    }

    /// The id of what somebody enrolled: "phone", "email", "authenticator" …
    pub fn factor_id(&self, username: &str, which: &str) -> String {
        self.people.people[username].factors[which].id.clone()
    }

    /// The id of one of the sample organizations, such as "harbor_valley".
    pub fn organization_id(&self, key: &str) -> String {
        self.people.organizations[key].id.clone()
    }

    /// Moves the clock to so many seconds from the real time.
    pub fn at(&self, seconds: i64) {
        self.app.core.clock.set_offset(seconds);
        self.app.core.outbox.notify_one();
    }

    /// Moves the clock on.
    pub fn later(&self, seconds: i64) {
        self.at(self.app.core.clock.offset() + seconds);
    }

    /// Moves the clock to this moment, give or take what a request takes.
    pub async fn until(&self, moment: vestibule::clock::Timestamp) {
        let missing = moment - self.app.core.clock.now();
        self.later(missing.whole_seconds());
        let rest = moment - self.app.core.clock.now();
        tokio::time::sleep(rest.try_into().unwrap_or_default()).await;
    }

    /// Reads the database.
    pub async fn read<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut DbConnection) -> Result<T, Fault> + Send + 'static,
    ) -> T {
        self.app.core.db.read(f).await.expect("the database can be read")
    }

    /// Runs one statement, for a state that no page leads to yet.
    pub async fn sql(&self, statement: String) {
        assert!(self.execute(statement).await > 0, "the statement changes something");
    }

    /// The same, and it may change nothing; how many rows it changed.
    pub async fn execute(&self, statement: String) -> usize {
        self.write(move |conn| match conn {
            DbConnection::Sqlite(c) => Ok(sql_query(statement).execute(c)?),
            DbConnection::Pg(c) => Ok(sql_query(statement).execute(c)?),
        })
        .await
    }

    /// Writes to the database, for what no page does yet.
    pub async fn write<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut DbConnection) -> Result<T, Fault> + Send + 'static,
    ) -> T {
        self.app.core.db.write(f).await.expect("the database can be written")
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        // The order is given at once; the future only waits for the end.
        drop(self.stop.stop(false));
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            if !std::thread::panicking() {
                ended.expect("the server's thread does not panic");
            }
        }
    }
}

/// Runs server and outbox worker on a thread of their own, as a process would.
pub(super) async fn serve(app: Arc<App>, listener: TcpListener, routes: Routes) -> (ServerHandle, JoinHandle<()>) {
    let (tell, told) = oneshot::channel();
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async move {
            let server = app::run(app.clone(), listener, routes).await.expect("the server starts");
            let worker = worker::start(app.core.clone(), app.senders().expect("the senders are set up"));
            let _ = tell.send(server.handle());
            server.await.expect("the server runs to its end");
            // Dropped, not stopped: nobody waits for what a slow sender still carries.
            drop(worker);
        });
    });
    (told.await.expect("the server has started"), thread)
}

/// HTTP/1.1, no redirects, no proxy of the environment.
fn client() -> reqwest::Client {
    vestibule::outbox::network::use_ring();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .http1_only()
        .build()
        .expect("a client")
}
