//! Stripe Identity in this process: it checks what it is sent, keeps sessions, can misbehave, and posts
//! events to the portal under a valid signature.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use actix_web::dev::ServerHandle;
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use data_encoding::BASE64;
use serde_json::{Value, json};
use vestibule::clock::unix;
use vestibule::identity::stripe::StripeSettings;
use vestibule::identity::stripe_signature::{HEADER, sign};
use vestibule::secrets::Secret;

use super::TestApp;

pub const KEY: &str = "sk_test_canary_51f09a";
pub const WEBHOOK: &str = "whsec_canary_77be20";

/// What it does with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behavior {
    Answer,
    /// An error of its own for so many calls, then answers.
    FailFor(u32),
    Fail,
    Redirect,
    Garbage,
}

/// A session it keeps.
#[derive(Clone, Debug)]
pub struct Kept {
    pub id: String,
    pub reference: String,
    pub return_url: String,
    pub status: String,
    pub reason: Option<String>,
    pub names: (String, String),
    pub redacted: bool,
}

struct State {
    behavior: Mutex<Behavior>,
    sessions: Mutex<Vec<Kept>>,
    keys: Mutex<BTreeMap<String, String>>,
    calls: Mutex<Vec<String>>,
    base: Mutex<String>,
}

/// The running provider; it ends when this is dropped.
pub struct StripeServer {
    pub base_url: String,
    state: Arc<State>,
    handle: ServerHandle,
}

impl StripeServer {
    pub async fn start() -> Self {
        let state = Arc::new(State {
            behavior: Mutex::new(Behavior::Answer),
            sessions: Mutex::default(),
            keys: Mutex::default(),
            calls: Mutex::default(),
            base: Mutex::default(),
        });
        let data = web::Data::from(state.clone());
        let server = HttpServer::new(move || {
            let root = "/v1/identity/verification_sessions";
            App::new()
                .app_data(data.clone())
                .route(root, web::post().to(create))
                .route(&format!("{root}/{{id}}"), web::get().to(retrieve))
                .route(&format!("{root}/{{id}}/{{act}}"), web::post().to(act))
        });
        let server = server.workers(1).disable_signals().shutdown_timeout(0).bind("127.0.0.1:0").expect("a free port");
        let base_url = format!("http://{}", server.addrs()[0]);
        *state.base.lock().expect("nobody panics holding it") = base_url.clone();
        let server = server.run();
        let handle = server.handle();
        tokio::spawn(server);
        Self { base_url, state, handle }
    }

    pub fn settings(&self) -> StripeSettings {
        StripeSettings {
            base_url: self.base_url.clone(),
            secret_key: Secret::new(KEY.into()),
            webhook_secret: Secret::new(WEBHOOK.into()),
            ca_file: None,
            redact_after_days: 30,
        }
    }

    pub fn behave(&self, behavior: Behavior) {
        *self.state.behavior.lock().expect("nobody panics holding it") = behavior;
    }

    pub fn sessions(&self) -> MutexGuard<'_, Vec<Kept>> {
        self.state.sessions.lock().expect("nobody panics holding it")
    }

    /// The calls so far: method and what follows the root.
    pub fn calls(&self) -> Vec<String> {
        self.state.calls.lock().expect("nobody panics holding it").clone()
    }

    pub fn newest(&self) -> Kept {
        self.sessions().last().cloned().expect("a session")
    }

    /// What became of a document.
    pub fn decide(&self, id: &str, status: &str, reason: Option<&str>, names: (&str, &str)) {
        let mut sessions = self.sessions();
        let kept = sessions.iter_mut().find(|s| s.id == id).expect("a session of ours");
        kept.status = status.to_owned();
        kept.reason = reason.map(Into::into);
        kept.names = (names.0.to_owned(), names.1.to_owned());
    }

    /// Posts an event as Stripe does; the status of the answer.
    pub async fn tell(&self, app: &TestApp, event: &str, session: &Kept) -> u16 {
        let body = body(event, session);
        self.post(app, &body, &header(app, 0, &body)).await
    }

    /// Posts anything under any header.
    pub async fn post(&self, app: &TestApp, body: &str, header: &str) -> u16 {
        let request = app.http.post(format!("{}/hooks/stripe", app.base)).header(HEADER, header);
        let request = request.header("Content-Type", "application/json").body(body.to_owned());
        request.send().await.expect("the portal answers").status().as_u16()
    }
}

/// An event about a session. What it says of the session is what must not be believed.
pub fn body(event: &str, session: &Kept) -> String {
    json!({
        "id": event, "object": "event", "type": "identity.verification_session.verified",
        "data": {"object": {"id": session.id, "status": "verified", "metadata": {"reference": session.reference},
            "verified_outputs": {"first_name": "Mallory", "last_name": "Forged"}}}
    })
    .to_string()
}

/// A right header for a body, signed so many seconds from now.
pub fn header(app: &TestApp, seconds: i64, body: &str) -> String {
    let now = i64::try_from(unix(app.app.core.clock.now())).expect("a time after 1970");
    sign(&Secret::new(WEBHOOK.into()), now + seconds, body.as_bytes())
}

impl Drop for StripeServer {
    fn drop(&mut self) {
        // The future only waits for the end; the order to stop is given at once.
        drop(self.handle.stop(false));
    }
}

/// Notes the call, checks the key, misbehaves.
fn received(request: &HttpRequest, state: &State) -> Option<HttpResponse> {
    let path = request.path().trim_start_matches("/v1/identity/verification_sessions");
    state.calls.lock().expect("nobody panics holding it").push(format!("{} {path}", request.method()));
    let expected = format!("Basic {}", BASE64.encode(format!("{KEY}:").as_bytes()));
    if request.headers().get("Authorization").and_then(|v| v.to_str().ok()) != Some(expected.as_str()) {
        return Some(error(401, "api_key_expired"));
    }
    let mut behavior = state.behavior.lock().expect("nobody panics holding it");
    match *behavior {
        Behavior::Answer | Behavior::FailFor(0) => None,
        Behavior::FailFor(times) => {
            *behavior = Behavior::FailFor(times - 1);
            Some(error(503, "api_error"))
        }
        Behavior::Fail => Some(error(500, "api_error")),
        Behavior::Redirect => {
            Some(HttpResponse::TemporaryRedirect().insert_header((LOCATION, "https://elsewhere.example/")).finish())
        }
        Behavior::Garbage => Some(HttpResponse::Ok().body("{\"id\": ")),
    }
}

async fn create(request: HttpRequest, body: web::Bytes, state: web::Data<State>) -> HttpResponse {
    if let Some(refused) = received(&request, &state) {
        return refused;
    }
    let form: BTreeMap<String, String> = url::form_urlencoded::parse(&body).into_owned().collect();
    let fits = form.get("type").map(String::as_str) == Some("document")
        && form.get("options[document][require_matching_selfie]").map(String::as_str) == Some("true")
        && form.contains_key("return_url");
    let (Some(reference), true) = (form.get("metadata[reference]"), fits) else {
        return error(400, "parameter_missing");
    };
    let header = request.headers().get("Idempotency-Key").and_then(|v| v.to_str().ok());
    let Some(key) = header.map(str::to_owned) else { return error(400, "idempotency_key_missing") };
    let mut sessions = state.sessions.lock().expect("nobody panics holding it");
    let mut keys = state.keys.lock().expect("nobody panics holding it");
    if let Some(found) = keys.get(&key).and_then(|id| sessions.iter().find(|s| s.id == *id)) {
        return HttpResponse::Ok().json(shown(found, &state));
    }
    let kept = Kept {
        id: format!("vs_{:024x}", sessions.len() + 1),
        reference: reference.clone(),
        return_url: form["return_url"].clone(),
        status: "requires_input".into(),
        reason: None,
        names: Default::default(),
        redacted: false,
    };
    keys.insert(key, kept.id.clone());
    sessions.push(kept.clone());
    HttpResponse::Ok().json(shown(&kept, &state))
}

async fn retrieve(request: HttpRequest, id: web::Path<String>, state: web::Data<State>) -> HttpResponse {
    if let Some(refused) = received(&request, &state) {
        return refused;
    }
    assert!(request.query_string().contains("verified_outputs"), "the names are asked for");
    let sessions = state.sessions.lock().expect("nobody panics holding it");
    match sessions.iter().find(|s| s.id == *id) {
        Some(kept) => HttpResponse::Ok().json(shown(kept, &state)),
        None => error(404, "resource_missing"),
    }
}

async fn act(request: HttpRequest, path: web::Path<(String, String)>, state: web::Data<State>) -> HttpResponse {
    if let Some(refused) = received(&request, &state) {
        return refused;
    }
    let (id, act) = path.into_inner();
    let mut sessions = state.sessions.lock().expect("nobody panics holding it");
    let Some(kept) = sessions.iter_mut().find(|s| s.id == id) else { return error(404, "resource_missing") };
    match act.as_str() {
        "cancel" if kept.status == "requires_input" => kept.status = "canceled".into(),
        "redact" => kept.redacted = true,
        _ => return error(400, "verification_session_not_cancelable"),
    }
    let kept = kept.clone();
    HttpResponse::Ok().json(shown(&kept, &state))
}

fn shown(kept: &Kept, state: &State) -> Value {
    let base = state.base.lock().expect("nobody panics holding it").clone();
    let outputs = (kept.status == "verified" && !kept.redacted).then(|| {
        json!({"first_name": kept.names.0, "last_name": kept.names.1, "dob": {"year": 1980, "month": 1, "day": 2},
            "address": {"line1": "12 Canary Street"}, "id_number": null})
    });
    json!({
        "id": kept.id, "object": "identity.verification_session", "livemode": false, "type": "document",
        "status": kept.status, "metadata": {"reference": kept.reference},
        "url": (kept.status == "requires_input").then(|| format!("{base}/start/{}", kept.id)),
        "last_error": kept.reason.as_ref().map(|code| json!({"code": code, "reason": "words for people"})),
        "verified_outputs": outputs,
    })
}

fn error(status: u16, code: &str) -> HttpResponse {
    let status = StatusCode::from_u16(status).expect("a status code");
    HttpResponse::build(status).json(json!({"error": {"code": code, "message": "words", "type": "api_error"}}))
}
