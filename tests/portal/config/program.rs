//! The program itself: exit codes, what it prints, start and end.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::Setup;
use crate::support::program::Database;

fn vestibule() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("VESTIBULE_")) {
        command.env_remove(name);
    }
    command
}

fn run(arguments: &[&str]) -> Output {
    vestibule().args(arguments).output().expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A node in demo mode; ends with the test.
struct Demo {
    child: Child,
    address: SocketAddr,
}

impl Demo {
    fn start(data: &Path, listen: &str) -> Self {
        let mut child = vestibule()
            .env("VESTIBULE_DATA_DIR", data)
            .env("VESTIBULE_LISTEN", listen)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut line = String::new();
        let out = child.stdout.as_mut().expect("its output is piped");
        BufReader::new(out).read_line(&mut line).expect("it prints its address");
        let (_, url) = line.trim_end().rsplit_once("http://").expect("an address");
        let address = url.trim_end_matches('/').parse().expect("an address and a port");
        Self { child, address }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a time-out");
        stream
    }

    fn get(&self, path: &str, headers: &str) -> String {
        let mut stream = self.connect();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n{headers}\r\n", self.address)
            .expect("it is sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("it answers");
        text(&answer)
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, signal).expect("the process is there");
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_wrong_command_line_or_configuration_is_code_2() {
    let setup = Setup::new();
    let path = setup.write(&["listen = \"0.0.0.0:80\"".into()]).display().to_string();
    for (arguments, told) in [
        (vec!["serve"], "--config"),
        (vec!["serve", "--config", "/nowhere.toml"], "/nowhere.toml"),
        (vec!["serve", "--config", &path], "database.url"),
        (vec!["migrate", "--config", &path], "smtp"),
        (vec!["frobnicate"], "frobnicate"),
    ] {
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(text(&output.stderr).contains(told), "{arguments:?}: {}", text(&output.stderr));
    }
    let open = vestibule().env("VESTIBULE_LISTEN", "0.0.0.0:0").output().expect("the program starts");
    assert_eq!(open.status.code(), Some(2));
    assert!(text(&open.stderr).contains("VESTIBULE_LISTEN"));
}

#[test]
fn a_port_in_use_is_one_clear_line_and_nothing_is_made() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("its address").to_string();
    let data = dir.path().join("data");
    let output = vestibule()
        .env("VESTIBULE_DATA_DIR", &data)
        .env("VESTIBULE_LISTEN", &address)
        .output()
        .expect("the program starts");
    assert_eq!(output.status.code(), Some(1));
    let told = text(&output.stderr);
    assert_eq!(told.lines().count(), 1, "{told}");
    assert!(told.contains(&address) && told.contains("in use"), "{told}");
    assert!(!data.exists());
}

/// ASVS 4.2.5, 13.4.5, 13.4.6.
#[test]
fn demo_mode_answers_and_ends_when_asked() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let mut demo = Demo::start(&dir.path().join("data"), "127.0.0.1:0");
    assert!(demo.get("/healthz", "").starts_with("HTTP/1.1 200"));
    // Right after the start it is not ready yet, and whoever asks for the sample people gets all of them.
    let ready = demo.get("/readyz", "");
    assert!(ready.starts_with("HTTP/1.1 200") || ready.contains("the sample people are on their way"), "{ready}");
    let people = demo.get("/sandbox/people.json", "");
    assert!(people.starts_with("HTTP/1.1 200") && people.contains("owner.one"), "{people}");
    assert!(demo.get("/readyz", "").starts_with("HTTP/1.1 200"));
    let missing = demo.get("/nothing", "");
    assert!(missing.starts_with("HTTP/1.1 404") && missing.contains("content-security-policy"), "{missing}");
    assert!(!missing.to_lowercase().contains("\nserver:"), "no Server header");

    let numbers = demo.get("/metrics", "");
    assert!(numbers.contains("vestibule_requests_total{status=\"404\"}"), "{numbers}");
    assert!(demo.get("/metrics", "x-forwarded-for: 127.0.0.1\r\n").starts_with("HTTP/1.1 404"));
    assert!(demo.get(&format!("/{}", "a".repeat(9_000)), "").starts_with("HTTP/1.1 414"));
    assert!(demo.get("/", &format!("x: {}\r\n", "a".repeat(17_000))).starts_with("HTTP/1.1 431"));

    // An idle connection does not hold up the end.
    let mut idle = demo.connect();
    idle.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").expect("it is sent");
    let mut part = [0; 12];
    idle.read_exact(&mut part).expect("it answers");
    let asked = Instant::now();
    demo.signal(Signal::TERM);
    assert_eq!(demo.child.wait().expect("it ends").code(), Some(0));
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
    let beside = fs::metadata(dir.path().join("data/vestibule.db-wal")).map_or(0, |log| log.len());
    assert_eq!(beside, 0, "bytes of the database are not in its file");
}

/// An output that nobody reads any more.
fn closed() -> Stdio {
    let (ours, gone) = UnixStream::pair().expect("a pair of sockets");
    drop(gone);
    Stdio::from(OwnedFd::from(ours))
}

/// `vestibule … | head -0`: the work is done all the same, and the exit code is that of the work.
#[test]
fn a_command_that_nobody_listens_to_does_its_work() {
    let setup = Setup::new();
    let config = setup.write(&setup.lines()).display().to_string();
    let keys = setup.path("new.toml").display().to_string();
    let owner = ["--organization", "Maple Grove", "--email", "ida@maplegrove.example", "--first-name", "Ida"];
    let owner = [&["create-owner", "--config", &config][..], &owner, &["--last-name", "Wells"]].concat();
    for (arguments, code) in [
        (vec!["openapi"], 0),
        (vec!["--help"], 0),
        (vec!["new-keys", &keys], 0),
        (vec!["new-keys", &keys], 1),
        (vec!["migrate", "--config", &config], 0),
        (owner, 0),
        (vec!["verify-audit", "--config", &config], 0),
        (vec!["serve", "--config", &keys], 2),
    ] {
        let ended = vestibule().args(&arguments).stdout(closed()).stderr(closed()).status().expect("it starts");
        assert_eq!(ended.code(), Some(code), "{arguments:?}");
    }
    let made = Database::at(&setup.path("portal.db")).lines("SELECT name AS line FROM organizations");
    assert_eq!(made, ["Maple Grove"]);
    let full = fs::File::options().write(true).open("/dev/full").expect("a disk that is always full");
    let ended = vestibule().arg("openapi").stdout(full).output().expect("it starts");
    assert_eq!(ended.status.code(), Some(1), "what it is there for was not done");
    assert!(text(&ended.stderr).starts_with("vestibule: "), "{}", text(&ended.stderr));
}

/// The same of demo mode, whose table comes later.
#[test]
fn demo_mode_goes_on_when_nobody_reads_its_table() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = free.local_addr().expect("its address");
    drop(free);
    let log = dir.path().join("log");
    let child = vestibule()
        .env("VESTIBULE_DATA_DIR", dir.path().join("data"))
        .env("VESTIBULE_LISTEN", address.to_string())
        .stdout(closed())
        .stderr(fs::File::create(&log).expect("a file for the log"))
        .spawn()
        .expect("the program starts");
    let mut demo = Demo { child, address };
    let begun = Instant::now();
    while TcpStream::connect(address).is_err() {
        assert!(begun.elapsed() < Duration::from_secs(60), "it does not listen");
        std::thread::sleep(Duration::from_millis(20));
    }
    let people = demo.get("/sandbox/people.json", "");
    assert!(people.starts_with("HTTP/1.1 200") && people.contains("owner.one"), "{people}");
    assert!(demo.get("/readyz", "").starts_with("HTTP/1.1 200"));
    demo.signal(Signal::TERM);
    assert_eq!(demo.child.wait().expect("it ends").code(), Some(0));
    let log = fs::read_to_string(&log).expect("its log");
    assert!(!log.contains("panicked"), "{log}");
}

#[test]
fn static_files_are_compressed_and_pages_are_not() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let demo = Demo::start(dir.path(), "127.0.0.1:0");
    let gzip = "accept-encoding: gzip\r\n";
    let file = demo.get(&vestibule::web::assets::url("css/vestibule.css"), gzip);
    assert!(file.starts_with("HTTP/1.1 200") && file.contains("content-encoding: gzip"));
    assert!(!demo.get("/nothing", gzip).contains("content-encoding"));
}

#[test]
fn keys_backup_and_rotation_from_the_command_line() {
    let setup = Setup::new();
    let file = |name: &str| setup.path(name).display().to_string();
    let config = setup.write(&setup.lines()).display().to_string();

    assert_eq!(run(&["new-keys", &file("new.toml")]).status.code(), Some(0));
    let mode = |name: &str| fs::metadata(setup.path(name)).expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode("new.toml"), 0o600);
    assert_eq!(run(&["new-keys", &file("new.toml")]).status.code(), Some(1), "an existing file is left alone");

    let backup = ["backup", "--config", &config, "--to", &file("copy.db")];
    assert_eq!(run(&backup).status.code(), Some(1), "there is no database yet");
    assert!(!setup.path("portal.db").exists() && !setup.path("copy.db").exists());
    assert_eq!(run(&["migrate", "--config", &config]).status.code(), Some(0));
    assert_eq!(run(&backup).status.code(), Some(0));
    assert_eq!(mode("copy.db"), 0o600);
    assert_eq!(run(&backup).status.code(), Some(1), "an existing file is left alone");

    let rotated = run(&["rotate-keys", "--config", &config]);
    assert_eq!(rotated.status.code(), Some(0), "{}", text(&rotated.stderr));
    assert!(text(&rotated.stdout).contains("authenticator secrets: 0 encrypted again, 0 left alone"));
    assert_eq!(run(&["rotate-keys", "--config", &config, "--step", "add"]).status.code(), Some(0));
    assert_eq!(run(&["rotate-keys", "--config", &config, "--step", "reseal"]).status.code(), Some(0));
    let keys = fs::read_to_string(setup.path("keys.toml")).expect("the key file");
    assert_eq!(keys.matches("[[at_rest]]").count(), 3);
}

/// ASVS 16.2.2, 16.2.4.
#[test]
fn serve_logs_json_in_utc_and_ends_when_asked() {
    let setup = Setup::new();
    let config = setup.write(&setup.lines());
    let mut child = vestibule()
        .args(["serve", "--config"])
        .arg(&config)
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut lines = BufReader::new(child.stderr.take().expect("its log is piped")).lines();
    let line = lines.by_ref().map_while(Result::ok).find(|l| l.contains("\"serving\"")).expect("it says it serves");
    let json: serde_json::Value = serde_json::from_str(&line).expect("a line is JSON");
    assert!(json["timestamp"].as_str().is_some_and(|t| t.ends_with('Z')), "{line}");
    assert_eq!(json["public_url"], "https://login.example.org");
    kill_process(Pid::from_child(&child), Signal::INT).expect("the process is there");
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
    for line in lines.map_while(Result::ok) {
        assert!(serde_json::from_str::<serde_json::Value>(&line).is_ok(), "{line}");
    }
}
