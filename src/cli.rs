//! The command line, one file per subcommand. Exit codes: 0 done, 1 failed, 2 wrong command line or
//! configuration.

mod background;
mod backup;
mod create_owner;
mod demo;
mod import_tokens;
mod import_users;
mod keys;
mod logging;
mod migrate;
mod openapi;
mod print;
mod reset_mfa;
mod restore;
mod serve;
mod verify_audit;

use std::fmt::Display;
use std::future::Future;
use std::io::BufRead;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::app::BuildError;
use crate::config::{Config, Problem};

/// A self-hosted sign-in portal. Without a command it starts in demo mode on this machine:
/// sample people, a sandbox for messages, nothing to set up.
#[derive(Parser)]
#[command(version, about)]
struct CommandLine {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the portal with a configuration
    Serve(ConfigFile),
    /// Bring the database's schema up to date
    Migrate(ConfigFile),
    /// Make a key file
    NewKeys { file: PathBuf },
    /// Put a new key for encryption at rest in front and encrypt again with it
    RotateKeys(keys::Rotate),
    /// Copy a SQLite database while it is in use
    Backup(backup::Backup),
    /// Go back to a copy, and end what was open in it
    Restore(restore::Restore),
    /// Make an organization and invite its first account holder
    CreateOwner(create_owner::CreateOwner),
    /// Invite the people of a CSV file into an organization
    ImportUsers(import_users::ImportUsers),
    /// Put the hardware tokens of a CSV file into an organization's inventory
    ImportTokens(import_tokens::ImportTokens),
    /// Break-glass: remove somebody's factors, and tell every administrator
    ResetMfa(reset_mfa::ResetMfa),
    /// Check the hash chain over the audit log
    VerifyAudit(verify_audit::VerifyAudit),
    /// Print the description of the API (OpenAPI, JSON)
    Openapi,
}

#[derive(clap::Args)]
struct ConfigFile {
    /// The TOML file with the settings; variables such as VESTIBULE_SMTP__PASSWORD go over it
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

impl ConfigFile {
    fn load(&self) -> Result<Config, Stop> {
        Config::load(&self.config).map_err(Stop::Settings)
    }
}

/// Why a command ended without having done its work.
enum Stop {
    /// Exit code 2.
    Settings(Vec<Problem>),
    /// Exit code 1.
    Failed(String),
}

impl Stop {
    fn failed(why: impl Display) -> Self {
        Self::Failed(why.to_string())
    }
}

impl From<BuildError> for Stop {
    fn from(error: BuildError) -> Self {
        match error {
            BuildError::Setting(problem) => Self::Settings(vec![problem]),
            other => Self::failed(other),
        }
    }
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Settings(vec![problem])
    }
}

/// Asks at the terminal, or reads the answer from what is piped in.
fn confirmed(question: &str) -> Result<bool, Stop> {
    print::text(format_args!("{question} Type yes: "));
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).map_err(Stop::failed)?;
    Ok(answer.trim().eq_ignore_ascii_case("yes"))
}

/// Does what the command line asks for.
pub fn main() -> ExitCode {
    // Whatever this program writes is for its own user alone. ASVS 13.3.2.
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    let command = match CommandLine::try_parse() {
        Ok(line) => line.command,
        Err(error) => {
            // Nothing is left to be done when not even the explanation can be printed.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let done = match command {
        None => demo::run(),
        Some(Command::Serve(file)) => serve::run(&file),
        Some(Command::Migrate(file)) => migrate::run(&file),
        Some(Command::NewKeys { file }) => keys::new(&file),
        Some(Command::RotateKeys(rotate)) => keys::rotate(&rotate),
        Some(Command::Backup(backup)) => backup::run(&backup),
        Some(Command::Restore(restore)) => restore::run(&restore),
        Some(Command::CreateOwner(owner)) => create_owner::run(&owner),
        Some(Command::ImportUsers(import)) => import_users::run(&import),
        Some(Command::ImportTokens(command)) => import_tokens::run(&command),
        Some(Command::ResetMfa(command)) => reset_mfa::run(&command),
        Some(Command::VerifyAudit(verify)) => verify_audit::run(&verify),
        Some(Command::Openapi) => openapi::run(),
    };
    ended(done)
}

/// Demo mode with settings of the caller's: the load driver starts one on another database.
pub fn demo(config: Config) -> ExitCode {
    ended(demo::serve(config))
}

fn ended(done: Result<(), Stop>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Stop::Failed(why)) => {
            print::error(format_args!("vestibule: {why}"));
            ExitCode::from(1)
        }
        Err(Stop::Settings(problems)) => {
            print::error("vestibule does not start, because of these settings:");
            for problem in problems {
                print::error(format_args!("  {problem}"));
            }
            ExitCode::from(2)
        }
    }
}

/// Runs a command's asynchronous part. Requests run on the server's own threads.
fn block_on<T>(work: impl Future<Output = Result<T, Stop>>) -> Result<T, Stop> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| Stop::Failed(format!("the async runtime did not start: {e}")))?;
    runtime.block_on(work)
}

/// Takes the address first: a port in use is told before anything is touched.
fn listen(config: &mut Config) -> Result<std::net::TcpListener, Stop> {
    let address = config.listen;
    let listener = bind(address).map_err(|e| {
        Stop::Failed(match e.kind() {
            std::io::ErrorKind::AddrInUse => {
                format!("{address} is in use by another program; stop it or listen elsewhere")
            }
            std::io::ErrorKind::PermissionDenied => format!("{address} may not be listened on by this user"),
            _ => format!("cannot listen on {address}: {e}"),
        })
    })?;
    config.listening_on(listener.local_addr().map_err(Stop::failed)?);
    Ok(listener)
}

fn bind(address: std::net::SocketAddr) -> std::io::Result<std::net::TcpListener> {
    let listener = std::net::TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}
