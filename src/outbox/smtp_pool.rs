//! Connections to the mail server, kept open for a while.
//!
//! lettre has a pool of its own, but it takes back a connection whose command was cut off by a
//! time-out, and the next mail then reads the answers meant for the last one. Here a connection goes
//! back only after a whole, accepted mail. lettre's own `send` also waits for the answer to QUIT
//! after a refusal, so a server that keeps silent then would hide the refusal: hence [`offer`].

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use lettre::address::{Address, Envelope};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters, TlsParametersBuilder,
};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::email::{SmtpSettings, SmtpTls};
use super::network::{Limits, SettingError, read_ca};
use super::sender::SendError;

/// A connection that has been idle for longer is not used again.
const KEEP: Duration = Duration::from_secs(60);
/// How long an idle connection may take to show that it is alive.
const ALIVE: Duration = Duration::from_secs(1);

pub(super) struct Pool {
    host: String,
    port: u16,
    tls: SmtpTls,
    parameters: Option<TlsParameters>,
    credentials: Option<Credentials>,
    hello: ClientId,
    limits: Limits,
    permits: Semaphore,
    idle: Mutex<Vec<(AsyncSmtpConnection, Instant)>>,
}

impl Pool {
    pub(super) fn new(settings: &SmtpSettings, domain: &str, limits: Limits) -> Result<Self, SettingError> {
        let credentials = settings.user.as_ref().zip(settings.password.as_ref());
        Ok(Self {
            host: settings.host.clone(),
            port: settings.port(),
            tls: settings.tls,
            parameters: if settings.tls == SmtpTls::None { None } else { Some(tls_parameters(settings)?) },
            credentials: credentials.map(|(user, password)| Credentials::new(user.clone(), password.expose().clone())),
            hello: ClientId::Domain(settings.hello_name.clone().unwrap_or_else(|| domain.to_owned())),
            limits,
            permits: Semaphore::new(settings.max_connections),
            idle: Mutex::default(),
        })
    }

    /// Hands one mail over. The caller bounds the time; dropping this closes the connection.
    pub(super) async fn send(&self, envelope: &Envelope, mail: &[u8]) -> Result<(), SendError> {
        let closed = |_| SendError::retry("the mail sender is shutting down");
        let _permit = self.permits.acquire().await.map_err(closed)?;
        let mut connection = match self.take().await {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        offer(&mut connection, envelope, mail).await?;
        self.idle().push((connection, Instant::now()));
        Ok(())
    }

    async fn take(&self) -> Option<AsyncSmtpConnection> {
        loop {
            // The guard must not be held across the wait below.
            let (mut connection, since) = self.idle().pop()?;
            if since.elapsed() < KEEP && tokio::time::timeout(ALIVE, connection.test_connected()).await.unwrap_or(false)
            {
                return Some(connection);
            }
        }
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, SendError> {
        let wrapped = if self.tls == SmtpTls::Implicit { self.parameters.clone() } else { None };
        let server = (self.host.trim_start_matches('[').trim_end_matches(']'), self.port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(server, Some(self.limits.connect), &self.hello, wrapped, None)
                .await
                .map_err(|e| about_server(&e))?;
        if self.tls == SmtpTls::Starttls {
            let parameters = self.parameters.clone().filter(|_| connection.can_starttls());
            let parameters = parameters.ok_or_else(|| SendError::retry("the mail server does not offer TLS"))?;
            connection.starttls(parameters, &self.hello).await.map_err(|e| about_server(&e))?;
        }
        if let Some(credentials) = &self.credentials {
            let mechanisms = [Mechanism::Plain, Mechanism::Login];
            connection.auth(&mechanisms, credentials).await.map_err(|e| about_server(&e))?;
        }
        Ok(connection)
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<(AsyncSmtpConnection, Instant)>> {
        // A list of connections cannot be left half-changed, so a panic elsewhere does not matter.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One mail over a ready connection. After an error the connection is not fit for another.
async fn offer(connection: &mut AsyncSmtpConnection, envelope: &Envelope, mail: &[u8]) -> Result<(), SendError> {
    let server = connection.server_info();
    let mut options = Vec::new();
    if !envelope.to().iter().all(|to| <Address as AsRef<str>>::as_ref(to).is_ascii()) {
        if !server.supports_feature(Extension::SmtpUtfEight) {
            return Err(SendError::refused("the mail server takes no addresses beyond ASCII"));
        }
        options.push(MailParameter::SmtpUtfEight);
    }
    if !mail.is_ascii() {
        if !server.supports_feature(Extension::EightBitMime) {
            return Err(SendError::refused("the mail server takes no text beyond ASCII"));
        }
        options.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    let refused = |e: Error| about_message(&e);
    connection.command(Mail::new(envelope.from().cloned(), options)).await.map_err(refused)?;
    for to in envelope.to() {
        connection.command(Rcpt::new(to.clone(), Vec::new())).await.map_err(refused)?;
    }
    connection.command(Data).await.map_err(refused)?;
    connection.message(mail).await.map_err(refused)?;
    Ok(())
}

fn tls_parameters(settings: &SmtpSettings) -> Result<TlsParameters, SettingError> {
    let host = settings.host.trim_start_matches('[').trim_end_matches(']');
    let mut builder = TlsParametersBuilder::new(host.to_owned());
    if let Some(file) = &settings.ca_file {
        let bad = || SettingError::new("smtp.ca_file", "holds no PEM certificate");
        let pem = read_ca("smtp.ca_file", file)?;
        if !pem.windows(CERTIFICATE.len()).any(|window| window == CERTIFICATE) {
            return Err(bad());
        }
        let certificate = Certificate::from_pem(&pem).map_err(|_| bad())?;
        builder = builder.certificate_store(CertificateStore::None).add_root_certificate(certificate);
    }
    builder.build_rustls().map_err(|e| SettingError::new("smtp.tls", e.to_string()))
}

/// lettre takes a file without any certificate for an empty list.
const CERTIFICATE: &[u8] = b"-----BEGIN CERTIFICATE-----";

/// What went wrong before the mail was offered: never the mail's fault, so it may be tried again.
fn about_server(error: &Error) -> SendError {
    SendError::retry(match error.status() {
        Some(code) => format!("the mail server answered {code} before the mail was offered"),
        None if is_certificate(error) => "the certificate of the mail server was not accepted".to_owned(),
        None => "no connection to the mail server".to_owned(),
    })
}

/// What went wrong with this mail. The server's words are left out: they tend to quote the address.
fn about_message(error: &Error) -> SendError {
    match error.status() {
        Some(code) if error.is_permanent() => SendError::refused(format!("the mail server answered {code}")),
        Some(code) => SendError::retry(format!("the mail server answered {code}")),
        None => SendError::retry("the connection to the mail server broke off"),
    }
}

fn is_certificate(error: &Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        let tls = inner.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        if tls.and_then(|e| e.downcast_ref()).is_some_and(|e| matches!(e, rustls::Error::InvalidCertificate(_))) {
            return true;
        }
        source = inner.source();
    }
    false
}
