//! A mail server in this process: real SMTP (mailin) over real TLS (rustls), and it can misbehave.

use std::io;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use data_encoding::BASE64;
use mailin::response::{AUTH_OK, INVALID_CREDENTIALS, OK};
use mailin::{Action, AuthMechanism, Handler, Response, Session, SessionBuilder};
use rustls::ServerConfig;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// When the server speaks TLS.
#[derive(Clone)]
pub enum Security {
    Implicit(Arc<ServerConfig>),
    Starttls(Arc<ServerConfig>),
    None,
}

/// What it does with a mail. May be changed while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behavior {
    Accept,
    /// Answers RCPT with this code, and with words that quote the address.
    AnswerRecipient(u16),
    /// Answers the end of DATA with this code.
    AnswerData(u16),
    /// Takes the mail and answers only after so long.
    AnswerAfter(Duration),
    /// Accepts the connection and says nothing at all.
    Hang,
    /// Closes the connection when the mail was sent.
    CloseAfterData,
}

/// A mail that arrived.
#[derive(Clone, Debug)]
pub struct Received {
    pub from: String,
    pub to: Vec<String>,
    /// Headers and body as they were sent.
    pub data: String,
    pub tls: bool,
    pub user: Option<String>,
}

impl Received {
    /// A header's value, unfolded; `None` where it is missing.
    pub fn header(&self, name: &str) -> Option<String> {
        let head = self.data.split("\r\n\r\n").next().unwrap_or_default().replace("\r\n ", " ").replace("\r\n\t", " ");
        let found = head.lines().find_map(|line| {
            line.split_once(':').filter(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
        });
        found.map(str::to_owned)
    }

    /// How many headers of that name there are.
    pub fn count(&self, name: &str) -> usize {
        let head = self.data.split("\r\n\r\n").next().unwrap_or_default();
        let named = |line: &&str| line.split_once(':').is_some_and(|(found, _)| found.eq_ignore_ascii_case(name));
        head.lines().filter(named).count()
    }

    /// The decoded part of that content type, such as `text/plain`.
    pub fn part(&self, content_type: &str) -> Option<String> {
        let start = self.data.find(&format!("Content-Type: {content_type}"))?;
        let (head, rest) = self.data[start..].split_once("\r\n\r\n")?;
        let body = rest.split("\r\n--").next().unwrap_or(rest);
        let encoding = head.lines().find_map(|line| line.strip_prefix("Content-Transfer-Encoding: ")).unwrap_or("7bit");
        let bytes = match encoding {
            "quoted-printable" => quoted_printable(body),
            "base64" => BASE64.decode(body.replace("\r\n", "").as_bytes()).ok()?,
            _ => body.as_bytes().to_vec(),
        };
        String::from_utf8(bytes).ok().map(|text| text.replace("\r\n", "\n"))
    }
}

/// RFC 2045 section 6.7.
fn quoted_printable(body: &str) -> Vec<u8> {
    let joined = body.replace("=\r\n", "");
    let mut bytes = joined.bytes();
    let mut out = Vec::new();
    while let Some(byte) = bytes.next() {
        if byte == b'=' {
            let hex: Vec<u8> = bytes.by_ref().take(2).collect();
            let hex = String::from_utf8(hex).expect("hexadecimal digits");
            out.push(u8::from_str_radix(&hex, 16).expect("hexadecimal digits"));
        } else {
            out.push(byte);
        }
    }
    out
}

struct Shared {
    security: Security,
    login: Option<(String, String)>,
    behavior: Mutex<Behavior>,
    received: Mutex<Vec<Received>>,
    connections: AtomicUsize,
    logins: AtomicUsize,
}

/// The running server; it ends when this is dropped.
pub struct SmtpServer {
    pub port: u16,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

impl SmtpServer {
    pub async fn start(security: Security) -> Self {
        Self::start_with_login(security, None).await
    }

    /// One that takes no mail before this user and password.
    pub async fn start_with_login(security: Security, login: Option<(&str, &str)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        Self::serve(listener, security, login)
    }

    /// One that comes up late, in the clear, on a port that was kept for it.
    pub async fn start_at(kept: TcpSocket) -> Self {
        Self::serve(kept.listen(64).expect("the port was kept"), Security::None, None)
    }

    fn serve(listener: TcpListener, security: Security, login: Option<(&str, &str)>) -> Self {
        let port = listener.local_addr().expect("a bound listener has an address").port();
        let shared = Arc::new(Shared {
            security,
            login: login.map(|(user, password)| (user.to_owned(), password.to_owned())),
            behavior: Mutex::new(Behavior::Accept),
            received: Mutex::default(),
            connections: AtomicUsize::new(0),
            logins: AtomicUsize::new(0),
        });
        let task = tokio::spawn(accept(listener, shared.clone()));
        Self { port, shared, task }
    }

    pub fn behave(&self, behavior: Behavior) {
        *self.shared.behavior.lock().expect("no test panics holding it") = behavior;
    }

    pub fn received(&self) -> MutexGuard<'_, Vec<Received>> {
        self.shared.received.lock().expect("no test panics holding it")
    }

    /// How many connections were opened so far.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// How many tries to log in were made so far, good or bad.
    pub fn logins(&self) -> usize {
        self.shared.logins.load(Ordering::SeqCst)
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((stream, peer)) = listener.accept().await {
        shared.connections.fetch_add(1, Ordering::SeqCst);
        // A client that breaks off is none of the server's business.
        tokio::spawn(serve(stream, peer.ip(), shared.clone()));
    }
}

async fn serve(stream: TcpStream, ip: IpAddr, shared: Arc<Shared>) -> io::Result<()> {
    if shared.behavior() == Behavior::Hang {
        std::future::pending::<()>().await;
    }
    let mut builder = SessionBuilder::new("mail.test");
    if shared.login.is_some() {
        builder.enable_auth(AuthMechanism::Plain);
    }
    if matches!(shared.security, Security::Starttls(_)) {
        builder.enable_start_tls();
    }
    let tls = !matches!(shared.security, Security::None);
    let mail = Received { from: String::new(), to: Vec::new(), data: String::new(), tls, user: None };
    let mut session = builder.build(ip, Desk { shared: shared.clone(), mail });
    match &shared.security {
        Security::None => converse(stream, &mut session, true, &shared).await.map(drop),
        Security::Implicit(config) => {
            let stream = TlsAcceptor::from(config.clone()).accept(stream).await?;
            session.tls_active();
            converse(stream, &mut session, true, &shared).await.map(drop)
        }
        Security::Starttls(config) => {
            let Some(stream) = converse(stream, &mut session, true, &shared).await? else { return Ok(()) };
            let stream = TlsAcceptor::from(config.clone()).accept(stream).await?;
            session.tls_active();
            converse(stream, &mut session, false, &shared).await.map(drop)
        }
    }
}

/// Speaks SMTP until the end, or gives the stream back for TLS.
async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    session: &mut Session<Desk>,
    greet: bool,
    shared: &Shared,
) -> io::Result<Option<S>> {
    let mut stream = BufReader::new(stream);
    if greet {
        stream.write_all(&session.greeting().buffer()?).await?;
        stream.flush().await?;
    }
    let mut line = Vec::new();
    while stream.read_until(b'\n', &mut line).await? > 0 {
        let ends_data = line == b".\r\n";
        let answer = session.process(&line);
        line.clear();
        match shared.behavior() {
            Behavior::CloseAfterData if ends_data => return Ok(None),
            Behavior::AnswerAfter(delay) if ends_data => tokio::time::sleep(delay).await,
            _ => {}
        }
        if answer.action == Action::NoReply {
            continue;
        }
        stream.write_all(&answer.buffer()?).await?;
        stream.flush().await?;
        match answer.action {
            Action::UpgradeTls => return Ok(Some(stream.into_inner())),
            Action::Close => break,
            Action::Reply | Action::NoReply => {}
        }
    }
    Ok(None)
}

impl Shared {
    fn behavior(&self) -> Behavior {
        *self.behavior.lock().expect("no test panics holding it")
    }
}

/// The decisions of one connection.
struct Desk {
    shared: Arc<Shared>,
    mail: Received,
}

impl Handler for Desk {
    fn mail(&mut self, _ip: IpAddr, _domain: &str, from: &str) -> Response {
        self.mail.from = from.to_owned();
        self.mail.to.clear();
        self.mail.data.clear();
        OK
    }

    fn rcpt(&mut self, to: &str) -> Response {
        if let Behavior::AnswerRecipient(code) = self.shared.behavior() {
            return Response::custom(code, format!("5.1.1 <{to}> is not known here"));
        }
        self.mail.to.push(to.to_owned());
        OK
    }

    fn data(&mut self, line: &[u8]) -> io::Result<()> {
        self.mail.data.push_str(&String::from_utf8_lossy(line));
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        if let Behavior::AnswerData(code) = self.shared.behavior() {
            return Response::custom(code, "not now".to_owned());
        }
        self.shared.received.lock().expect("no test panics holding it").push(self.mail.clone());
        OK
    }

    fn auth_plain(&mut self, _authorization: &str, user: &str, password: &str) -> Response {
        self.shared.logins.fetch_add(1, Ordering::SeqCst);
        if self.shared.login.as_ref().is_some_and(|known| (known.0.as_str(), known.1.as_str()) == (user, password)) {
            self.mail.user = Some(user.to_owned());
            return AUTH_OK;
        }
        INVALID_CREDENTIALS
    }
}
