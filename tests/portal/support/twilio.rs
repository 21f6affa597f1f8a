//! A telephone gateway in this process: it checks what it is sent, records it, can misbehave, and
//! posts back to the portal under a valid signature.

use std::sync::{Arc, Mutex, MutexGuard};

use actix_web::dev::ServerHandle;
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use data_encoding::BASE64;
use rustls::ServerConfig;
use scraper::{Html, Selector};
use vestibule::outbox::twilio_signature;
use vestibule::secrets::Secret;

pub const ACCOUNT: &str = "AC00000000000000000000000000000001";
pub const TOKEN: &str = "canary-auth-token-3f9a";

/// What it does with a request. May be changed while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behavior {
    Accept,
    /// An error as the API words it: status and error code; the message quotes the number.
    Error(u16, u32),
    Hang,
    /// Accepts, with an answer of a megabyte.
    Huge,
    /// Sends the client on to somewhere else.
    Redirect,
}

/// A request that arrived, whatever became of it.
#[derive(Clone, Debug)]
pub struct Received {
    /// `Messages` or `Calls`.
    pub resource: String,
    pub form: Vec<(String, String)>,
    pub sid: String,
}

impl Received {
    /// The values of a field, in order.
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.form.iter().filter(|(found, _)| found == name).map(|(_, value)| value.as_str()).collect()
    }

    /// The value of a field that must be there once.
    pub fn one(&self, name: &str) -> &str {
        match self.all(name)[..] {
            [value] => value,
            ref values => panic!("{name} is there {} times in {:?}", values.len(), self.form),
        }
    }
}

struct State {
    behavior: Mutex<Behavior>,
    received: Mutex<Vec<Received>>,
}

/// The running gateway; it ends when this is dropped.
pub struct TwilioServer {
    pub base_url: String,
    state: Arc<State>,
    handle: ServerHandle,
}

impl TwilioServer {
    pub async fn start() -> Self {
        Self::start_with(None).await
    }

    /// Over TLS when there is a certificate.
    pub async fn start_with(tls: Option<Arc<ServerConfig>>) -> Self {
        let state = Arc::new(State { behavior: Mutex::new(Behavior::Accept), received: Mutex::default() });
        let data = web::Data::from(state.clone());
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .route("/2010-04-01/Accounts/{account}/{resource}.json", web::post().to(answer))
                .route("/elsewhere", web::to(elsewhere))
        });
        let server = server.workers(1).disable_signals().shutdown_timeout(0);
        let (scheme, server) = match tls {
            None => ("http", server.bind("127.0.0.1:0")),
            Some(config) => ("https", server.bind_rustls_0_23("127.0.0.1:0", ServerConfig::clone(&config))),
        };
        let server = server.expect("a free port");
        let base_url = format!("{scheme}://{}", server.addrs()[0]);
        let server = server.run();
        let handle = server.handle();
        tokio::spawn(server);
        Self { base_url, state, handle }
    }

    pub fn behave(&self, behavior: Behavior) {
        *self.state.behavior.lock().expect("no test panics holding it") = behavior;
    }

    pub fn received(&self) -> MutexGuard<'_, Vec<Received>> {
        self.state.received.lock().expect("no test panics holding it")
    }

    /// The person picks up: posts to the call's URL and gives what is said.
    pub async fn pick_up(&self, call: &Received) -> Spoken {
        Spoken::hear(post(call.one("Url"), &fields(call, "in-progress", None)).await)
    }

    /// Tells the portal how the call ended: `completed`, `busy`, `no-answer`, `failed`.
    pub async fn end(&self, call: &Received, status: &str) -> u16 {
        post(call.one("StatusCallback"), &fields(call, status, None)).await.0
    }

    /// The person presses a key: posts it to where the words said to.
    pub async fn press(&self, call: &Received, spoken: &Spoken, digit: &str) -> Spoken {
        let action = spoken.action.as_deref().expect("the words ask for a key");
        Spoken::hear(post(action, &fields(call, "in-progress", Some(digit))).await)
    }
}

impl Drop for TwilioServer {
    fn drop(&mut self) {
        // The future only waits for the end; the order to stop is given at once.
        drop(self.handle.stop(false));
    }
}

/// What the gateway was told to say.
#[derive(Debug)]
pub struct Spoken {
    pub status: u16,
    pub words: Vec<String>,
    /// Where a pressed key goes; `None` where none is asked for.
    pub action: Option<String>,
    /// `#` arrives as a key only where this is empty.
    pub finish_on_key: Option<String>,
    pub hangs_up: bool,
}

impl Spoken {
    pub fn hear((status, twiml): (u16, String)) -> Self {
        // TwiML has no element that an HTML parser reads differently, names are lower-cased.
        let page = Html::parse_fragment(&twiml.replace("<Hangup/>", "<Hangup></Hangup>"));
        let select = |name: &str| Selector::parse(name).expect("an element's name is a selector");
        let gather = page.select(&select("gather")).next();
        let attribute = |name| gather.and_then(|gather| gather.attr(name)).map(str::to_owned);
        Self {
            status,
            words: page.select(&select("say")).map(|say| say.text().collect()).collect(),
            action: attribute("action"),
            finish_on_key: attribute("finishonkey"),
            hangs_up: page.select(&select("hangup")).next().is_some(),
        }
    }
}

/// Posts as the gateway does, signed.
pub async fn post(url: &str, form: &[(String, String)]) -> (u16, String) {
    let signature = twilio_signature::sign(&Secret::new(TOKEN.to_owned()), url, form);
    post_signed(url, form, &signature).await
}

/// Posts under any signature, for forgeries.
pub async fn post_signed(url: &str, form: &[(String, String)], signature: &str) -> (u16, String) {
    vestibule::outbox::network::use_ring();
    let answer = reqwest::Client::new()
        .post(url)
        .header(twilio_signature::HEADER, signature)
        .form(form)
        .send()
        .await
        .expect("the portal answers the gateway");
    (answer.status().as_u16(), answer.text().await.expect("the answer has a body"))
}

fn fields(call: &Received, status: &str, digit: Option<&str>) -> Vec<(String, String)> {
    let mut fields = vec![
        ("AccountSid", ACCOUNT),
        ("CallSid", &call.sid),
        ("CallStatus", status),
        ("From", call.one("From")),
        ("To", call.one("To")),
    ];
    fields.extend(digit.map(|digit| ("Digits", digit)));
    fields.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

async fn answer(
    request: HttpRequest,
    path: web::Path<(String, String)>,
    body: web::Bytes,
    state: web::Data<State>,
) -> HttpResponse {
    let (account, resource) = path.into_inner();
    let expected = format!("Basic {}", BASE64.encode(format!("{ACCOUNT}:{TOKEN}").as_bytes()));
    let given = request.headers().get("Authorization").and_then(|value| value.to_str().ok());
    if account != ACCOUNT || given != Some(expected.as_str()) {
        return error(401, 20003, "Authenticate");
    }
    let form: Vec<(String, String)> = url::form_urlencoded::parse(&body).into_owned().collect();
    let has = |name: &str| form.iter().any(|(found, value)| found == name && !value.is_empty());
    let complete = match resource.as_str() {
        "Messages" => has("To") && has("Body") && (has("From") || has("MessagingServiceSid")),
        "Calls" => has("To") && has("From") && has("Url"),
        _ => return error(404, 20404, "The requested resource was not found"),
    };
    if !complete {
        return error(400, 21604, "A required parameter is missing");
    }
    let to = form.iter().find(|(name, _)| name == "To").map(|(_, to)| to.clone()).unwrap_or_default();
    let sid = {
        let mut received = state.received.lock().expect("no test panics holding it");
        let sid = format!("{}{:032x}", if resource == "Calls" { "CA" } else { "SM" }, received.len() + 1);
        received.push(Received { resource, form, sid: sid.clone() });
        sid
    };
    let behavior = *state.behavior.lock().expect("no test panics holding it");
    match behavior {
        Behavior::Accept => HttpResponse::Created().json(serde_json::json!({"sid": sid, "status": "queued"})),
        Behavior::Error(status, code) => error(status, code, &format!("The number {to} is not valid")),
        Behavior::Hang => std::future::pending().await,
        Behavior::Huge => {
            let padding = "x".repeat(1024 * 1024);
            HttpResponse::Created().json(serde_json::json!({"padding": padding, "sid": sid}))
        }
        Behavior::Redirect => HttpResponse::TemporaryRedirect().insert_header((LOCATION, "/elsewhere")).finish(),
    }
}

fn error(status: u16, code: u32, message: &str) -> HttpResponse {
    let status = StatusCode::from_u16(status).expect("a status code");
    HttpResponse::build(status).json(serde_json::json!({"code": code, "message": message, "status": status.as_u16()}))
}

/// Where a redirect leads; nobody may come here.
async fn elsewhere(state: web::Data<State>) -> HttpResponse {
    let sid = "SMelsewhere".to_owned();
    let mut received = state.received.lock().expect("no test panics holding it");
    received.push(Received { resource: "elsewhere".to_owned(), form: Vec::new(), sid: sid.clone() });
    HttpResponse::Created().json(serde_json::json!({"sid": sid}))
}
