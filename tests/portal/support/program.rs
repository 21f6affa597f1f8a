//! The real program on a folder of its own: in `serve` mode, to be killed, and its other commands beside it.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};
use rustix::process::{Pid, Resource, Signal, getrlimit, kill_process, prlimit};
use tempfile::TempDir;
use vestibule::app::App;
use vestibule::clock::Clock;
use vestibule::config::Config;
use vestibule::db::Db;
use vestibule::domain::sample::{self, SampleData};
use vestibule::secrets::Secret;

use crate::support::db::{Place, TestDb};
use crate::support::template;

/// A folder with keys, sample people and a configuration, and the program on it.
pub struct Program {
    pub base: String,
    pub people: SampleData,
    dir: TempDir,
    child: Option<Child>,
    database: String,
    /// A schema on PostgreSQL.
    _place: Option<Place>,
}

impl Program {
    /// On SQLite, whose file can be looked at while nobody has it open.
    pub fn prepare(smtp_port: u16) -> Self {
        Self::prepare_on(smtp_port, None, &[] as &[&str])
    }

    /// On the database of this run of the tests.
    pub async fn prepare_anywhere(smtp_port: u16) -> Self {
        let (url, place) = TestDb::place();
        if !url.starts_with("postgres") {
            return Self::prepare(smtp_port);
        }
        Self::prepare_at(smtp_port, url, Some(place)).await
    }

    /// On an empty PostgreSQL database, which gets the sample people.
    pub async fn prepare_at(smtp_port: u16, url: String, place: Option<Place>) -> Self {
        let program = Self::prepare_on(smtp_port, Some((url, place)), &[] as &[&str]);
        let mut config = Config::demo_on(([127, 0, 0, 1], 0).into(), program.dir.path(), 0);
        config.database_url = Secret::new(program.database.clone());
        template::people(&App::build(config).expect("the portal is built")).await;
        program
    }

    /// With more settings.
    pub fn prepare_with(smtp_port: u16, more: &[impl AsRef<str>]) -> Self {
        Self::prepare_on(smtp_port, None, more)
    }

    fn prepare_on(smtp_port: u16, elsewhere: Option<(String, Option<Place>)>, more: &[impl AsRef<str>]) -> Self {
        let dir = TempDir::new().expect("a temporary folder");
        // Free now, and ours again at every start.
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let listen = free.local_addr().expect("a bound listener has an address");
        template::copy_to(&Config::demo_on(listen, dir.path(), 0));
        let people = sample::load_or_create(dir.path(), Clock::default().now()).expect("the people are read");
        let folder = dir.path().display();
        let (database, place) = match elsewhere {
            Some((url, place)) => (url, place),
            None => (format!("sqlite:{folder}/vestibule.db"), None),
        };
        let mut lines = vec![
            format!("listen = \"{listen}\""),
            "public_url = \"https://login.example.org\"".into(),
            "behind_proxy = true".into(),
            "trusted_proxies = [\"127.0.0.0/8\"]".into(),
            format!("key_file = \"{folder}/keys.toml\""),
            format!("database.url = \"{database}\""),
            "smtp.host = \"127.0.0.1\"".into(),
            format!("smtp.port = {smtp_port}"),
            "smtp.tls = \"none\"".into(),
            "smtp.from_address = \"portal@login.example.org\"".into(),
        ];
        lines.extend(more.iter().map(|line| line.as_ref().to_owned()));
        fs::write(dir.path().join("vestibule.toml"), lines.join("\n")).expect("the configuration is written");
        Self { base: format!("http://{listen}"), people, dir, child: None, database, _place: place }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The database is gone, as before the first start.
    pub fn forget_everybody(&self) {
        for name in ["vestibule.db", "vestibule.db-wal", "vestibule.db-shm"] {
            let _ = fs::remove_file(self.path(name));
        }
    }

    /// What the last start has printed.
    pub fn printed(&self) -> String {
        fs::read_to_string(self.path("out")).unwrap_or_default()
    }

    /// Runs one command with the folder's configuration, and types this into it.
    pub fn run(&self, arguments: &[&str], typed: &str) -> Ran {
        let (name, rest) = arguments.split_first().expect("a command");
        let mut command = program();
        command.arg(name).arg("--config").arg(self.path("vestibule.toml")).args(rest);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        // A command that asks nothing may be over before it is typed.
        let _ = child.stdin.take().expect("its input is piped").write_all(typed.as_bytes());
        child.wait_with_output().expect("it ends").into()
    }

    /// Starts it and waits until it is ready.
    pub async fn start(&mut self, http: &reqwest::Client) {
        let mut command = program();
        let out = File::create(self.path("out")).expect("a file for what it prints");
        let log = File::create(self.path("log")).expect("a file for the log");
        command.args(["serve", "--config"]).arg(self.path("vestibule.toml"));
        self.child = Some(command.stderr(log).stdout(out).spawn().expect("the program starts"));
        self.until_ready(http).await;
    }

    /// The same for a disk that may fill up (`room`): the log goes through a pipe, and the signal that a write
    /// beyond the limit brings is ignored, so that the write fails as it does on a full disk.
    pub async fn start_with_room(&mut self, http: &reqwest::Client) {
        let mut command = Command::new("sh");
        command.args(["-c", "trap '' XFSZ; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_vestibule"), "serve", "--config"]);
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("VESTIBULE_")) {
            command.env_remove(name);
        }
        let mut log = File::create(self.path("log")).expect("a file for the log");
        command.arg(self.path("vestibule.toml")).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let mut lines = child.stderr.take().expect("its log is piped");
        std::thread::spawn(move || std::io::copy(&mut lines, &mut log));
        self.child = Some(child);
        self.until_ready(http).await;
    }

    /// Whether files take anything of what the program writes.
    pub fn room(&self, there_is: bool) {
        let pid = Pid::from_child(self.child.as_ref().expect("it runs"));
        let mut limit = getrlimit(Resource::Fsize);
        limit.current = if there_is { limit.maximum } else { Some(0) };
        prlimit(Some(pid), Resource::Fsize, limit).expect("the limit is set");
    }

    pub fn is_running(&mut self) -> bool {
        self.child.as_mut().is_some_and(|child| child.try_wait().expect("its state").is_none())
    }

    async fn until_ready(&mut self, http: &reqwest::Client) {
        let begun = Instant::now();
        loop {
            let asked = http.get(format!("{}/readyz", self.base)).send().await;
            if asked.is_ok_and(|answer| answer.status() == 200) {
                return;
            }
            let ended = self.child.as_mut().and_then(|child| child.try_wait().expect("its state"));
            let waits = ended.is_none() && begun.elapsed() < Duration::from_secs(120);
            assert!(waits, "it does not start: {}", self.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// What it has logged since its last start.
    pub fn log(&self) -> String {
        fs::read_to_string(self.path("log")).expect("its log")
    }

    /// SIGTERM.
    pub fn ask_to_end(&self) {
        let child = self.child.as_ref().expect("it runs");
        kill_process(Pid::from_child(child), Signal::TERM).expect("it is there");
    }

    /// Waits for the end.
    pub fn exit_code(&mut self) -> Option<i32> {
        self.child.take().expect("it was started").wait().expect("it ends").code()
    }

    /// SIGKILL: nothing is finished, nothing tidied up.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("it is killed");
            child.wait().expect("it ends");
        }
    }

    /// The database as it lies there, beside its own file, so that opening it repairs nothing for the
    /// next start.
    pub fn open_copy(&self) -> Database {
        let copy = TempDir::new_in(self.dir.path()).expect("a folder");
        for name in ["vestibule.db", "vestibule.db-wal"] {
            if self.path(name).exists() {
                fs::copy(self.path(name), copy.path().join(name)).expect("it is copied");
            }
        }
        Database::open_with(&copy.path().join("vestibule.db"), Some(copy))
    }

    /// Bytes of the database that are not in its own file.
    pub fn beside_the_file(&self) -> u64 {
        fs::metadata(self.path("vestibule.db-wal")).map_or(0, |log| log.len())
    }

    /// The database, on either kind, as another node opens it.
    pub fn db(&self) -> Db {
        Db::open(&self.database, 2).expect("the database opens")
    }

    pub fn open(&self) -> Database {
        Database::open_with(&self.path("vestibule.db"), None)
    }
}

/// The program, whatever the environment of the tests says.
fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("VESTIBULE_")) {
        command.env_remove(name);
    }
    command
}

/// What came of a command.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { code: output.status.code().unwrap_or(-1), out: text(&output.stdout), err: text(&output.stderr) }
    }
}

/// No connection outlives a request, so none leads to a process that is gone.
pub fn client() -> reqwest::Client {
    vestibule::outbox::network::use_ring();
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().http1_only();
    client.pool_max_idle_per_host(0).build().expect("a client")
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = diesel::sql_types::Text)]
    line: String,
}

/// A look into the database past the program.
pub struct Database {
    conn: SqliteConnection,
    _copy: Option<TempDir>,
}

impl Database {
    pub fn at(path: &Path) -> Self {
        Self::open_with(path, None)
    }

    fn open_with(path: &Path, copy: Option<TempDir>) -> Self {
        let mut conn = SqliteConnection::establish(&path.display().to_string()).expect("the database opens");
        conn.batch_execute("PRAGMA busy_timeout = 5000").expect("a time-out");
        Self { conn, _copy: copy }
    }

    /// The column `line` of every row.
    pub fn lines(&mut self, sql: &str) -> Vec<String> {
        let rows: Vec<Line> = sql_query(sql).load(&mut self.conn).expect("the query runs");
        rows.into_iter().map(|row| row.line).collect()
    }

    pub fn run(&mut self, sql: &str) {
        self.conn.batch_execute(sql).expect("the statement runs");
    }

    /// Neither a broken page nor a row that points nowhere.
    pub fn is_whole(&mut self) {
        assert_eq!(self.lines("SELECT integrity_check AS line FROM pragma_integrity_check"), ["ok"]);
        let astray = self.lines("SELECT \"table\" AS line FROM pragma_foreign_key_check");
        assert!(astray.is_empty(), "{astray:?}");
    }
}
