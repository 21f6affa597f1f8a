//! A PostgreSQL server of a test's own, to be stopped and started: its programs are looked for where Debian has
//! them. A root's server runs as `postgres`, for it takes no root.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use diesel::{Connection, PgConnection};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::tls::Authority;

const STARTS_WITHIN: Duration = Duration::from_secs(120);

pub struct Postgres {
    dir: TempDir,
    programs: PathBuf,
    port: u16,
    /// Who runs it, where that is not whoever runs the test.
    owner: Option<(u32, u32)>,
    tls: bool,
    server: Option<Child>,
}

impl Postgres {
    pub fn start() -> Self {
        Self::begin(None)
    }

    /// One that takes TLS, with a certificate for `host`.
    pub fn start_with_tls(authority: &Authority, host: &str) -> Self {
        Self::begin(Some((authority, host)))
    }

    fn begin(tls: Option<(&Authority, &str)>) -> Self {
        let dir = TempDir::new().expect("a temporary folder");
        let data = dir.path().join("data");
        fs::create_dir(&data).expect("a folder for the data");
        let owner = rustix::process::getuid().is_root().then(|| account("postgres"));
        if let Some((user, group)) = owner {
            fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o711)).expect("the folder can be entered");
            chown(&data, Some(user), Some(group)).expect("the data is the server's");
        }
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = free.local_addr().expect("a bound listener has an address").port();
        drop(free);
        let mut server = Self { dir, programs: programs(), port, owner, tls: tls.is_some(), server: None };
        let mut initdb = server.command("initdb");
        initdb.args(["-U", "vestibule", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "-D"]);
        let made = initdb.arg(server.cluster()).output().expect("initdb runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        if let Some((authority, host)) = tls {
            let (_, key) = authority.files(host, &server.dir.path().join("data"));
            fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).expect("the key is for nobody else");
            if let Some((user, group)) = owner {
                chown(&key, Some(user), Some(group)).expect("the key is the server's");
            }
        }
        server.run();
        server.until_it_answers();
        server
    }

    pub fn url(&self) -> String {
        format!("postgres://vestibule@127.0.0.1:{}/postgres", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// One of PostgreSQL's programs, as the user the server is.
    pub fn command(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        if let Some((user, group)) = self.owner {
            command.uid(user).gid(group);
        }
        command.current_dir("/");
        command
    }

    /// SIGINT ends every session at once, SIGQUIT crashes the server; then it is started again.
    pub fn restart(&mut self, signal: Signal, away: Duration) {
        let mut server = self.server.take().expect("it runs");
        kill_process(Pid::from_child(&server), signal).expect("it is there");
        server.wait().expect("it ends");
        std::thread::sleep(away);
        self.run();
    }

    pub fn until_it_answers(&self) {
        let begun = Instant::now();
        while PgConnection::establish(&self.url()).is_err() {
            assert!(begun.elapsed() < STARTS_WITHIN, "PostgreSQL does not start");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn cluster(&self) -> PathBuf {
        self.dir.path().join("data/cluster")
    }

    fn run(&mut self) {
        let mut command = self.command("postgres");
        command.arg("-D").arg(self.cluster()).arg("-k").arg(self.dir.path().join("data"));
        command.args(["-c", "listen_addresses=127.0.0.1", "-p"]).arg(self.port.to_string());
        if self.tls {
            let file =
                |name: &str, setting: &str| format!("{setting}={}", self.dir.path().join("data").join(name).display());
            command.args(["-c", "ssl=on", "-c", &file("server.pem", "ssl_cert_file")]);
            command.args(["-c", &file("server.key", "ssl_key_file")]);
        }
        self.server = Some(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("postgres starts"));
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Some(mut server) = self.server.take() {
            let _ = kill_process(Pid::from_child(&server), Signal::INT);
            let _ = server.wait();
        }
    }
}

/// User and group of an account.
fn account(name: &str) -> (u32, u32) {
    let users = fs::read_to_string("/etc/passwd").expect("the accounts");
    let line = users.lines().find(|line| line.starts_with(&format!("{name}:"))).expect("an account postgres");
    let mut numbers = line.split(':').skip(2).map(|field| field.parse().expect("a number"));
    (numbers.next().expect("a user"), numbers.next().expect("a group"))
}

fn programs() -> PathBuf {
    let on_path = std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default();
    let links: Vec<PathBuf> = on_path;
    let real = links.iter().filter_map(|folder| fs::canonicalize(folder.join("initdb")).ok());
    let debian =
        fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|v| v.path().join("bin/initdb"));
    let all = real.chain(debian).filter_map(|initdb| initdb.parent().map(Path::to_path_buf));
    let found = all.into_iter().find(|folder| folder.join("initdb").exists() && folder.join("postgres").exists());
    found.expect("initdb and postgres (Debian: postgresql)")
}
