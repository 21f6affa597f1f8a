//! Three nodes, a proxy in front, and whatever they need.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::Client;
use reqwest::redirect::Policy;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use vestibule::app::App;
use vestibule::config::Config;
use vestibule::domain::sample::SampleData;
use vestibule::secrets::Secret;

use crate::support::db::{Place, TestDb, postgres_url};
use crate::support::smtp::{Security, SmtpServer};
use crate::support::tls::Authority;
use crate::support::{Browser, template};

pub const HOST: &str = "login.example.org";
const NODES: usize = 3;
const STARTS_WITHIN: Duration = Duration::from_secs(60);
/// How long a node that ends goes on answering.
const DRAIN_SECONDS: u32 = 3;

/// Everything; it ends when dropped, the database last.
pub struct Fleet {
    pub people: SampleData,
    pub client: Client,
    pub base: String,
    nodes: Vec<Node>,
    _proxy: Proxy,
    _mail: SmtpServer,
    _place: Place,
    _dir: TempDir,
}

/// A process that ends with the test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// nginx, which has to end its workers itself.
struct Proxy(Process);

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = kill_process(Pid::from_child(&self.0.0), Signal::TERM);
        let _ = self.0.0.wait();
    }
}

struct Node {
    address: SocketAddr,
    config: PathBuf,
    log: PathBuf,
    process: Option<Process>,
}

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("a bound listener has an address")
}

impl Fleet {
    pub async fn start() -> Self {
        let given = postgres_url().unwrap_or_default();
        assert!(given.starts_with("postgres"), "several nodes want TEST_DATABASE_URL=postgres://…");
        let dir = TempDir::new().expect("a temporary folder");
        let (url, place) = TestDb::place();
        let mail = SmtpServer::start(Security::None).await;
        let people = people(&dir, &url).await;
        let (public, authority) = (free_address(), Authority::new());
        let base = format!("https://{HOST}:{}", public.port());
        let mut nodes: Vec<Node> = (0..NODES).map(|n| Node::prepare(&dir, n, &url, &base, mail.port)).collect();
        let addresses: Vec<SocketAddr> = nodes.iter().map(|node| node.address).collect();
        let client = client(&authority, public);
        for node in &mut nodes {
            node.start(&client).await;
        }
        let proxy = start_proxy(&dir, &authority, public, &addresses);
        let fleet = Self { people, client, base, nodes, _proxy: proxy, _mail: mail, _place: place, _dir: dir };
        until(&fleet.client, &format!("{}/readyz", fleet.base)).await;
        fleet
    }

    /// A browser that reaches the portal through the proxy alone.
    pub fn browser(&self) -> Browser {
        Browser::new(self.client.clone(), &self.base, true)
    }

    pub fn count(&self) -> usize {
        self.nodes.len()
    }

    /// SIGKILL.
    pub fn kill(&mut self, n: usize) {
        self.nodes[n].process = None;
    }

    pub async fn start_node(&mut self, n: usize) {
        let client = self.client.clone();
        self.nodes[n].start(&client).await;
    }

    /// Waits until the proxy sends requests to a node again.
    pub async fn until_back(&self, n: usize) {
        let begun = Instant::now();
        while self.answered()[n] == 0 {
            assert!(begun.elapsed() < STARTS_WITHIN, "node {n} gets no requests");
            // Which node answers, and whether nginx knows of one at all just now, does not matter here.
            let _ = self.client.get(format!("{}/healthz", self.base)).send().await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// SIGTERM; what `/readyz` of that node says from then on, and the exit code.
    pub async fn ask_to_end(&mut self, n: usize) -> (Vec<u16>, Option<i32>) {
        let url = format!("http://{}/readyz", self.nodes[n].address);
        let mut process = self.nodes[n].process.take().expect("it runs");
        kill_process(Pid::from_child(&process.0), Signal::TERM).expect("it is there");
        let mut said = Vec::new();
        loop {
            if let Some(ended) = process.0.try_wait().expect("its state") {
                return (said, ended.code());
            }
            if let Ok(answer) = self.client.get(&url).send().await {
                said.push(answer.status().as_u16());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// How many requests each node has answered since its last start, other than those of this test to
    /// `/readyz`.
    pub fn answered(&self) -> Vec<usize> {
        let count = |node: &Node| {
            let log = fs::read_to_string(&node.log).expect("its log");
            let is_page = |line: &&str| line.contains("\"message\":\"request\"") && !line.contains("/readyz");
            log.lines().filter(is_page).count()
        };
        self.nodes.iter().map(count).collect()
    }
}

/// Makes the schema, the keys and the sample people where the nodes will find them.
async fn people(dir: &TempDir, url: &str) -> SampleData {
    let mut config = Config::demo_on(free_address(), dir.path(), 0);
    config.database_url = Secret::new(url.to_owned());
    config.database_pool = 4;
    template::copy_to(&config);
    let app = App::build(config).expect("the portal is built");
    template::people(&app).await
}

fn client(authority: &Authority, proxy: SocketAddr) -> Client {
    let pem = fs::read(authority.file()).expect("the authority's certificate");
    let certificates = reqwest::Certificate::from_pem_bundle(&pem).expect("a certificate");
    let client = Client::builder().tls_certs_only(certificates).resolve(HOST, proxy);
    client.redirect(Policy::none()).no_proxy().build().expect("a client")
}

async fn until(client: &Client, url: &str) {
    let begun = Instant::now();
    while !client.get(url).send().await.is_ok_and(|answer| answer.status() == 200) {
        assert!(begun.elapsed() < STARTS_WITHIN, "{url} does not answer");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

impl Node {
    fn prepare(dir: &TempDir, n: usize, database: &str, base: &str, smtp_port: u16) -> Self {
        let (folder, address) = (dir.path().display(), free_address());
        let lines = [
            format!("listen = \"{address}\""),
            format!("public_url = \"{base}\""),
            "behind_proxy = true".into(),
            "trusted_proxies = [\"127.0.0.0/8\"]".into(),
            format!("drain_seconds = {DRAIN_SECONDS}"),
            format!("key_file = \"{folder}/keys.toml\""),
            format!("database.url = \"{database}\""),
            "smtp.host = \"127.0.0.1\"".into(),
            format!("smtp.port = {smtp_port}"),
            "smtp.tls = \"none\"".into(),
            format!("smtp.from_address = \"portal@{HOST}\""),
        ];
        let config = dir.path().join(format!("node-{n}.toml"));
        fs::write(&config, lines.join("\n")).expect("the configuration is written");
        Self { address, config, log: dir.path().join(format!("node-{n}.log")), process: None }
    }

    async fn start(&mut self, client: &Client) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("VESTIBULE_")) {
            command.env_remove(name);
        }
        let log = File::create(&self.log).expect("a file for the log");
        command.args(["serve", "--config"]).arg(&self.config).stdout(Stdio::null()).stderr(log);
        self.process = Some(Process(command.spawn().expect("the program starts")));
        until(client, &format!("http://{}/readyz", self.address)).await;
    }
}

/// nginx with the file from `deploy/`: nothing is replaced in it but addresses, the certificate, and the
/// server on port 80.
fn start_proxy(dir: &TempDir, authority: &Authority, public: SocketAddr, nodes: &[SocketAddr]) -> Proxy {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut text = fs::read_to_string(root.join("deploy/nginx.conf")).expect("the example");
    for (n, address) in nodes.iter().enumerate() {
        let example = format!("10.0.0.1{}:8080", n + 1);
        assert!(text.contains(&example), "the example has {example}");
        text = text.replace(&example, &address.to_string());
    }
    let (certificate, key) = authority.files(HOST, dir.path());
    for (example, ours) in [
        ("/etc/ssl/login.example.org.crt", certificate.display().to_string()),
        ("/etc/ssl/private/login.example.org.key", key.display().to_string()),
        ("    listen 443 ssl http2;\n    listen [::]:443 ssl http2;\n", format!("    listen {public} ssl http2;\n")),
        ("    listen 80;\n    listen [::]:80;\n", format!("    listen {};\n", free_address())),
    ] {
        assert!(text.contains(example), "the example has {example}");
        text = text.replace(example, &ours);
    }
    let folder = dir.path().display();
    let temporary =
        ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(|of| format!("{of}_temp_path {folder}/{of};"));
    // The workers of a root's nginx are somebody else, who may not enter this folder.
    let user = if rustix::process::getuid().is_root() { "user root;\n" } else { "" };
    let main = format!(
        "{user}daemon off;\npid {folder}/nginx.pid;\nworker_processes 2;\nevents {{ worker_connections 256; }}\n\
         http {{\naccess_log off;\n{}\n{text}\n}}\n",
        temporary.join("\n")
    );
    let file = dir.path().join("nginx.conf");
    fs::write(&file, main).expect("the configuration is written");
    let log = dir.path().join("nginx.log");
    let mut command = Command::new("nginx");
    command.arg("-e").arg(&log).arg("-p").arg(dir.path()).arg("-c").arg(&file).stdout(Stdio::null());
    Proxy(Process(command.spawn().unwrap_or_else(|e| panic!("nginx (Debian: nginx-light): {e}"))))
}
