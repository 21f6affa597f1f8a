//! PostgreSQL over TLS, by the program that is built for it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};

use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, sql_query};

use super::Setup;
use crate::support::postgres::Postgres;
use crate::support::tls::Authority;

const PROGRAM: &str = "TLS_PROGRAM";

struct Portal {
    setup: Setup,
    port: u16,
}

impl Portal {
    /// A command on the database at `host`, whose authority is the one in this file.
    fn command(&self, host: &str, authority: &Authority, words: &[&str]) -> Command {
        let url = format!(
            "postgres://vestibule@{host}:{}/postgres?sslmode=verify-full&sslrootcert={}",
            self.port,
            authority.file().display()
        );
        let url_line = format!("database.url = \"{url}\"");
        let line = |line: String| if line.starts_with("database.url") { url_line.clone() } else { line };
        let config = self.setup.write(&self.setup.lines().into_iter().map(line).collect::<Vec<_>>());
        let mut command = Command::new(std::env::var(PROGRAM).expect("TLS_PROGRAM names the program"));
        command.args(words).arg("--config").arg(config);
        command
    }

    fn migrate(&self, host: &str, authority: &Authority) -> Output {
        self.command(host, authority, &["migrate"]).output().expect("the program starts")
    }
}

#[derive(QueryableByName)]
struct Encrypted {
    #[diesel(sql_type = diesel::sql_types::Bool)]
    ssl: bool,
}

/// Ends with the test.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// `sslmode=verify-full` takes the server's name with a certificate of the authority in the file, and nothing else;
/// every connection of the pool is encrypted then. ASVS 12.3.1, 12.3.2, 12.3.3, 12.3.4.
#[test]
#[ignore = "needs PostgreSQL, and TLS_PROGRAM: the program built with --features postgres-tls"]
fn a_database_over_tls_is_reached_under_its_name_alone() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let server = Postgres::start_with_tls(&authority, "localhost");
    let portal = Portal { setup: Setup::new(), port: server.port() };
    for (host, authority) in [("127.0.0.1", &authority), ("localhost", &stranger)] {
        let refused = portal.migrate(host, authority);
        let told = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(1), "{told}");
        assert!(told.contains("certificate") || told.contains("SSL error"), "{told}");
    }
    let done = portal.migrate("localhost", &authority);
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));

    let mut serve = portal.command("localhost", &authority, &["serve"]);
    let mut serving = Serving(serve.stderr(Stdio::piped()).spawn().expect("the program starts"));
    let log = BufReader::new(serving.0.stderr.take().expect("its log is piped"));
    assert!(log.lines().map_while(Result::ok).any(|line| line.contains("\"serving\"")), "it serves");
    let mut beside = PgConnection::establish(&server.url()).expect("the server answers");
    let connections: Vec<Encrypted> = sql_query(
        "SELECT s.ssl FROM pg_stat_ssl s JOIN pg_stat_activity a ON a.pid = s.pid \
         WHERE a.backend_type = 'client backend' AND a.pid <> pg_backend_pid()",
    )
    .load(&mut beside)
    .expect("the query runs");
    assert!(!connections.is_empty() && connections.iter().all(|one| one.ssl), "{} connections", connections.len());
}
