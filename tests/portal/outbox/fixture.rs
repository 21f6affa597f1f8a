//! An outbox with people, codes and calls in it, and senders that lead to this process's servers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use vestibule::clock::{Clock, Timestamp};
use vestibule::db::DbConnection;
use vestibule::db::Fault;
use vestibule::domain::{Core, limits};
use vestibule::models::one_time_codes::{self, OneTimeCode};
use vestibule::models::outbox_messages::{self, OutboxMessage};
use vestibule::models::phone_calls::{self, PhoneCall};
use vestibule::models::sessions::{self, Session};
use vestibule::models::users::{self, User};
use vestibule::models::{Account, CallState, CodeState, LoginOption, MessageState, QueryResult, Stage, new_id};
use vestibule::outbox::email::{SmtpSender, SmtpSettings, SmtpTls};
use vestibule::outbox::message::{Call, Email, Outgoing, Sms};
use vestibule::outbox::network::Limits;
use vestibule::outbox::queue::{self, New, Payload};
use vestibule::outbox::sender::{Sender, Senders};
use vestibule::outbox::sms::SmsSender;
use vestibule::outbox::twilio::TwilioSettings;
use vestibule::outbox::voice::VoiceSender;
use vestibule::outbox::worker::{self, Worker};
use vestibule::secrets::Secret;

use crate::support::db::TestDb;
use crate::support::twilio::{ACCOUNT, TOKEN};
use crate::support::{core, core_with};

pub const CODE: &str = "482913";
pub const ADDRESS: &str = "dbezaury@harborvalley.example";
pub const NUMBER: &str = "+16015550123";
/// Life of a code in these tests, in seconds.
pub const LIFE: i64 = 30;

/// Long enough for a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);
const LIMITS: Limits = Limits { connect: Duration::from_secs(5), total: Duration::from_secs(8) };

pub struct Outbox {
    pub core: Core,
    pub db: TestDb,
}

impl Outbox {
    pub fn new() -> Self {
        let db = TestDb::new();
        Self { core: core(db.db()), db }
    }

    pub fn demo() -> Self {
        let db = TestDb::new();
        Self { core: core_with(db.db(), true), db }
    }

    pub async fn write<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut DbConnection) -> QueryResult<T> + Send + 'static,
    ) -> T {
        self.core.db.write(move |conn| f(conn).map_err(Fault::from)).await.expect("the database takes it")
    }

    pub async fn read<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut DbConnection) -> QueryResult<T> + Send + 'static,
    ) -> T {
        self.core.db.read(move |conn| f(conn).map_err(Fault::from)).await.expect("the database answers")
    }

    pub async fn enqueue(&self, outgoing: Outgoing, code: Option<&str>, life: time::Duration) -> String {
        self.enqueue_with(outgoing, code, life, |_, _, _| Ok(())).await
    }

    /// Queues a message and, in the same transaction, what hangs on it.
    async fn enqueue_with(
        &self,
        outgoing: Outgoing,
        code: Option<&str>,
        life: time::Duration,
        also: impl FnOnce(&mut DbConnection, String, Timestamp) -> QueryResult<()> + Send + 'static,
    ) -> String {
        let (core, code) = (self.core.clone(), code.map(str::to_owned));
        let queued = self.core.db.write(move |conn| {
            let payload = Payload { outgoing, code, link: None };
            let new = New { kind: "test", user_id: None, organization_id: None, payload, life };
            let now = core.clock.now();
            let id = queue::enqueue(conn, &core.keys, new, now)?;
            also(conn, id.clone(), now)?;
            Ok::<_, Fault>(id)
        });
        let id = queued.await.expect("it is queued");
        self.core.outbox.notify_one();
        id
    }

    /// A notice, with neither code nor call.
    pub async fn notice(&self, outgoing: Outgoing) -> String {
        self.enqueue(outgoing, None, limits::NOTICE_LIFE).await
    }

    /// A sign-in that has just sent something for the second time.
    pub async fn sign_in(&self) -> Session {
        let now = self.core.clock.now();
        let (user, session) = (user(now), new_id(now));
        let session = Session {
            id: session.clone(),
            token_hash: session.into_bytes(),
            user_id: user.id.clone(),
            stage: Stage::SecondStep,
            login_option: LoginOption::Email,
            remember: false,
            remembered_browser_id: None,
            return_to: None,
            organization_id: None,
            mfa_epoch: 0,
            code_tries: 0,
            sends: 2,
            last_send_at: Some(now),
            password_at: Some(now),
            address: "192.0.2.1".into(),
            user_agent: String::new(),
            state: "{}".into(),
            idle_seconds: 600,
            created_at: now,
            last_seen_at: now,
            resume_stage: None,
            entering_organization_id: None,
            console_seen_at: None,
            domain_sign_in_id: None,
            forms_of: None,
            expires_at: now + time::Duration::minutes(10),
        };
        let row = session.clone();
        self.write(move |conn| users::insert(conn, &user).and_then(|()| sessions::insert(conn, &row))).await;
        session
    }

    /// A code of a sign-in, replacing the ones before it.
    pub async fn code(&self, session: &Session, outgoing: Outgoing) -> String {
        let (channel, session) = (outgoing.channel(), session.clone());
        let also = move |conn: &mut DbConnection, outbox_message_id, now| {
            one_time_codes::replace_all(conn, &session.id)?;
            let row = OneTimeCode {
                id: new_id(now),
                session_id: Some(session.id),
                user_id: Some(session.user_id),
                factor_id: None,
                purpose: "sign_in".into(),
                channel,
                code_hash: vec![1],
                outbox_message_id,
                lifetime_seconds: LIFE,
                tries_left: 5,
                state: CodeState::Live,
                created_at: now,
                expires_at: None,
                subject_id: None,
                destination: None,
            };
            one_time_codes::insert(conn, &row)
        };
        self.enqueue_with(outgoing, Some(CODE), time::Duration::minutes(10), also).await
    }

    /// A call of a sign-in.
    pub async fn call(&self, session: &Session) -> String {
        let outgoing = Outgoing::Call(Call {
            to: NUMBER.into(),
            answer_url: "https://login.example.org/hooks/calls/1".into(),
            status_url: "https://login.example.org/hooks/calls/1/status".into(),
            ring_seconds: 30,
        });
        let session = session.clone();
        let also = move |conn: &mut DbConnection, outbox_message_id, now| {
            let row = PhoneCall {
                id: new_id(now),
                session_id: session.id,
                user_id: session.user_id,
                factor_id: "factor".into(),
                outbox_message_id,
                state: CallState::Queued,
                created_at: now,
                expires_at: None,
            };
            phone_calls::insert(conn, &row)
        };
        self.enqueue_with(outgoing, None, time::Duration::minutes(10), also).await
    }

    pub async fn row(&self, message: &str) -> OutboxMessage {
        let id = message.to_owned();
        self.read(move |conn| outbox_messages::find(conn, &id)).await.expect("the message is there")
    }

    pub async fn code_row(&self, message: &str) -> OneTimeCode {
        let id = message.to_owned();
        self.read(move |conn| one_time_codes::find_by_message(conn, &id)).await.expect("the code is there")
    }

    pub async fn call_row(&self, message: &str) -> PhoneCall {
        let id = message.to_owned();
        self.read(move |conn| phone_calls::find_by_message(conn, &id)).await.expect("the call is there")
    }

    pub async fn session(&self, session: &Session) -> Session {
        let id = session.id.clone();
        self.read(move |conn| sessions::find(conn, &id)).await.expect("the session is there")
    }

    /// Waits until the row is as wanted, and gives it.
    pub async fn until(&self, message: &str, wanted: impl Fn(&OutboxMessage) -> bool) -> OutboxMessage {
        let begun = Instant::now();
        loop {
            let row = self.row(message).await;
            if wanted(&row) {
                return row;
            }
            assert!(begun.elapsed() < PATIENCE, "in vain: {} {} {:?}", row.state, row.attempts, row.last_error);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub async fn until_sent(&self, message: &str) -> OutboxMessage {
        self.until(message, |row| row.state == MessageState::Sent).await
    }

    pub async fn until_failed(&self, message: &str) -> OutboxMessage {
        self.until(message, |row| row.state == MessageState::Failed).await
    }

    /// Waits until so many attempts have failed and the message waits for the next one.
    pub async fn until_tried(&self, message: &str, attempts: i64) -> OutboxMessage {
        let waits = |row: &OutboxMessage| row.last_error.is_some() && row.claimed_until.is_none();
        self.until(message, |row| row.attempts == attempts && waits(row)).await
    }

    /// Makes what waits due.
    pub fn pass(&self, seconds: i64) {
        self.core.clock.set_offset(self.core.clock.offset() + seconds);
        self.core.outbox.notify_one();
    }

    pub fn start(&self, senders: &Senders) -> Worker {
        worker::start(self.core.clone(), senders.clone())
    }
}

fn user(now: Timestamp) -> User {
    let id = new_id(now);
    User {
        username: id.clone(),
        username_lower: id.clone(),
        email: id.clone(),
        email_lower: id.clone(),
        id,
        first_name: "Dana".into(),
        last_name: "Bezaury".into(),
        first_name_lower: "dana".into(),
        last_name_lower: "bezaury".into(),
        password_hash: None,
        password_changed_at: None,
        password_off_at: None,
        password_must_change: false,
        managing_organization_id: None,
        operator: false,
        account: Account::Active,
        mfa_epoch: 0,
        terms_version: None,
        terms_accepted_at: None,
        time_zone: None,
        last_sign_in_at: None,
        created_at: now,
        updated_at: now,
        set_up_demanded: false,
        identity_changed_at: None,
    }
}

pub fn mail(subject: &str) -> Outgoing {
    Outgoing::Email(Email {
        to: ADDRESS.into(),
        to_name: None,
        subject: subject.into(),
        text: format!("Your code: {CODE}"),
        html: format!("<p>{CODE}</p>"),
    })
}

pub fn text(words: &str) -> Outgoing {
    Outgoing::Sms(Sms { to: NUMBER.into(), text: words.into() })
}

/// Senders to a mail server and a gateway on this machine; nobody listens at a port or URL not given.
pub fn senders(smtp_port: u16, gateway: &str) -> Senders {
    let smtp = SmtpSettings {
        host: "127.0.0.1".into(),
        port: Some(smtp_port),
        tls: SmtpTls::None,
        ca_file: None,
        user: None,
        password: None,
        from_address: "no-reply@login.example.org".into(),
        from_name: "Vestibule".into(),
        hello_name: None,
        max_connections: 4,
    };
    let twilio = TwilioSettings {
        base_url: gateway.into(),
        account_sid: ACCOUNT.into(),
        auth_token: Secret::new(TOKEN.into()),
        sms_from: Some("+16015550100".into()),
        messaging_service_sid: None,
        call_from: Some("+16015550101".into()),
        ca_file: None,
    };
    let good = "the settings are good";
    let email: Arc<dyn Sender> = Arc::new(SmtpSender::with_limits(&smtp, Clock::default(), LIMITS).expect(good));
    let sms: Arc<dyn Sender> = Arc::new(SmsSender::with_limits(&twilio, None, LIMITS).expect(good));
    let call: Arc<dyn Sender> = Arc::new(VoiceSender::with_limits(&twilio, LIMITS).expect(good));
    Senders { email, sms, call }
}

/// A gateway that is never there.
pub const NOWHERE: &str = "http://127.0.0.1:1";
