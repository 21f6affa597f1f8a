//! An OpenID provider in this process: discovery, authorization, token, keys and userinfo, with real
//! signatures. It checks what it is sent (PKCE, client, redirect) and can misbehave in many ways.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use data_encoding::{BASE64, BASE64URL_NOPAD as B64};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use vestibule::clock::{Clock, unix};
use vestibule::identity::oidc::OidcSettings;
use vestibule::secrets::Secret;

pub use super::oidc_keys::{Keys, Signing, join};

pub const CLIENT: &str = "vestibule-test";
pub const SECRET: &str = "canary-oidc-secret-31d7f0";
/// The portal's own address in its callbacks.
const BACK: &str = "/login/domain/return";

/// Who signs in at the provider, and what it says of them.
#[derive(Clone, Debug)]
pub struct Person {
    pub sub: String,
    pub email: String,
    pub verified: bool,
    pub amr: Vec<String>,
    pub acr: Option<String>,
    /// How long ago they signed in there; `None` where the provider does not say.
    pub auth_age: Option<i64>,
    /// The address comes from userinfo alone, as the standard has it.
    pub email_by_userinfo: bool,
}

impl Person {
    pub fn new(sub: &str, email: &str) -> Self {
        Self {
            sub: sub.into(),
            email: email.into(),
            verified: true,
            amr: vec!["pwd".into()],
            acr: None,
            auth_age: Some(5),
            email_by_userinfo: false,
        }
    }

    /// The same, with a second factor shown.
    pub fn with_mfa(self) -> Self {
        Self { amr: vec!["pwd".into(), "mfa".into()], ..self }
    }
}

/// What it does besides answering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behavior {
    Answer,
    Fail,
    Hang,
    Huge,
    Garbage,
    Redirect,
    /// Refuses the code, as one that is used or too late.
    RefuseCode,
    /// Metadata of another issuer.
    OtherIssuer,
    /// Metadata that leads to a cloud's metadata service.
    LeadAstray,
    /// Userinfo about somebody else.
    OtherUserinfo,
}

/// Changes the claims before they are signed, or the token after.
type Claims = Arc<dyn Fn(&mut Value) + Send + Sync>;
type Token = Arc<dyn Fn(&Keys, &Value) -> String + Send + Sync>;

struct Granted {
    challenge: String,
    nonce: String,
    redirect_uri: String,
    max_age: Option<String>,
    prompt: Option<String>,
}

struct State {
    base: Mutex<String>,
    person: Mutex<Person>,
    signing: Mutex<Signing>,
    behavior: Mutex<Behavior>,
    claims: Mutex<Option<Claims>>,
    token: Mutex<Option<Token>>,
    codes: Mutex<BTreeMap<String, Granted>>,
    calls: Mutex<Vec<String>>,
    /// The keys it shows; rotating gives them a new id.
    generation: Mutex<u32>,
    clock: Mutex<Clock>,
    keys: Keys,
}

/// The running provider; it ends when this is dropped.
pub struct OidcServer {
    pub issuer: String,
    state: Arc<State>,
    handle: ServerHandle,
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("nobody panics holding it")
}

impl OidcServer {
    pub async fn start() -> Self {
        let state = Arc::new(State {
            base: Mutex::default(),
            person: Mutex::new(Person::new("nobody", "nobody@example.org")),
            signing: Mutex::new(Signing::Es256),
            behavior: Mutex::new(Behavior::Answer),
            claims: Mutex::default(),
            token: Mutex::default(),
            codes: Mutex::default(),
            calls: Mutex::default(),
            generation: Mutex::new(1),
            clock: Mutex::default(),
            keys: Keys::make(),
        });
        let data = web::Data::from(state.clone());
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .route("/.well-known/openid-configuration", web::get().to(discovery))
                .route("/authorize", web::get().to(authorize))
                .route("/token", web::post().to(token))
                .route("/keys", web::get().to(keys_of))
                .route("/userinfo", web::get().to(userinfo))
        });
        let server = server.workers(1).disable_signals().shutdown_timeout(0).bind("127.0.0.1:0").expect("a free port");
        let issuer = format!("http://{}", server.addrs()[0]);
        *held(&state.base) = issuer.clone();
        let server = server.run();
        let handle = server.handle();
        tokio::spawn(server);
        Self { issuer, state, handle }
    }

    pub fn settings(&self) -> OidcSettings {
        OidcSettings {
            name: "Northwind".into(),
            issuer: self.issuer.clone(),
            client_id: CLIENT.into(),
            client_secret: Secret::new(SECRET.into()),
            ca_file: None,
            acr_values: vec!["urn:example:two".into()],
            amr_values: vec!["mfa".into()],
            organization: None,
        }
    }

    /// Tells the time by the portal's clock.
    pub fn follow(&self, clock: &Clock) {
        *held(&self.state.clock) = clock.clone();
    }

    /// Who signs in there from now on.
    pub fn person(&self, person: Person) {
        *held(&self.state.person) = person;
    }

    pub fn sign_with(&self, signing: Signing) {
        *held(&self.state.signing) = signing;
    }

    pub fn behave(&self, behavior: Behavior) {
        *held(&self.state.behavior) = behavior;
    }

    /// Changes the claims of the next tokens.
    pub fn claim(&self, change: impl Fn(&mut Value) + Send + Sync + 'static) {
        *held(&self.state.claims) = Some(Arc::new(change));
    }

    /// Makes the next tokens out of their claims.
    pub fn forge(&self, make: impl Fn(&Keys, &Value) -> String + Send + Sync + 'static) {
        *held(&self.state.token) = Some(Arc::new(make));
    }

    /// Behaves, and signs the truth again.
    pub fn mend(&self) {
        self.behave(Behavior::Answer);
        *held(&self.state.claims) = None;
        *held(&self.state.token) = None;
    }

    /// Shows its keys under new ids.
    pub fn rotate(&self) {
        *held(&self.state.generation) += 1;
    }

    /// How often a path was called.
    pub fn calls(&self, path: &str) -> usize {
        held(&self.state.calls).iter().filter(|called| *called == path).count()
    }

    /// Signs in at the provider's page; where it sends the browser back to.
    pub async fn visit(&self, http: &reqwest::Client, url: &str) -> String {
        let answer = http.get(url).send().await.expect("the provider answers");
        assert_eq!(answer.status(), 302, "the provider takes the request");
        let to = answer.headers()["location"].to_str().expect("an address").to_owned();
        let at = to.find(BACK).expect("back to the portal");
        to[at..].to_owned()
    }
}

impl Drop for OidcServer {
    fn drop(&mut self) {
        // The future only waits for the end; the order to stop is given at once.
        drop(self.handle.stop(false));
    }
}

fn received(request: &HttpRequest, state: &State) -> Behavior {
    held(&state.calls).push(request.path().to_owned());
    *held(&state.behavior)
}

/// The answer of one that misbehaves in every place.
async fn misbehave(behavior: Behavior) -> Option<HttpResponse> {
    match behavior {
        Behavior::Fail => Some(HttpResponse::ServiceUnavailable().finish()),
        Behavior::Hang => {
            tokio::time::sleep(std::time::Duration::from_secs(120)).await;
            Some(HttpResponse::Ok().finish())
        }
        Behavior::Huge => Some(HttpResponse::Ok().content_type("application/json").body("[".repeat(1 << 20))),
        Behavior::Garbage => Some(HttpResponse::Ok().content_type("application/json").body("{\"id_token\": 7")),
        Behavior::Redirect => {
            Some(HttpResponse::Found().insert_header(("location", "http://169.254.169.254/latest")).finish())
        }
        _ => None,
    }
}

async fn discovery(request: HttpRequest, state: web::Data<State>) -> HttpResponse {
    let behavior = received(&request, &state);
    if let Some(bad) = misbehave(behavior).await {
        return bad;
    }
    let base = held(&state.base).clone();
    let issuer = if behavior == Behavior::OtherIssuer { "https://evil.example".into() } else { base.clone() };
    let token =
        if behavior == Behavior::LeadAstray { "http://169.254.169.254/token".into() } else { format!("{base}/token") };
    HttpResponse::Ok().json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{base}/authorize"),
        "token_endpoint": token,
        "jwks_uri": format!("{base}/keys"),
        "userinfo_endpoint": format!("{base}/userinfo"),
        "code_challenge_methods_supported": ["plain", "S256"],
        "authorization_response_iss_parameter_supported": true,
    }))
}

/// Nobody has to press anything here: whoever comes is `person`.
async fn authorize(request: HttpRequest, state: web::Data<State>) -> HttpResponse {
    received(&request, &state);
    let query: BTreeMap<String, String> =
        url::form_urlencoded::parse(request.query_string().as_bytes()).into_owned().collect();
    let is = |name: &str, value: &str| query.get(name).is_some_and(|v| v == value);
    let right = is("response_type", "code")
        && is("client_id", CLIENT)
        && is("scope", "openid email profile")
        && is("code_challenge_method", "S256")
        && ["state", "nonce", "code_challenge"].iter().all(|name| query.get(*name).is_some_and(|v| v.len() == 43))
        && query["redirect_uri"].ends_with(BACK);
    if !right {
        return HttpResponse::BadRequest().body(request.query_string().to_owned());
    }
    let code = format!("code-{}", held(&state.codes).len() + 1);
    let granted = Granted {
        challenge: query["code_challenge"].clone(),
        nonce: query["nonce"].clone(),
        redirect_uri: query["redirect_uri"].clone(),
        max_age: query.get("max_age").cloned(),
        prompt: query.get("prompt").cloned(),
    };
    held(&state.codes).insert(code.clone(), granted);
    let base = held(&state.base).clone();
    let answer: String = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("code", &code), ("state", &query["state"]), ("iss", &base)])
        .finish();
    HttpResponse::Found().insert_header(("location", format!("{}?{answer}", query["redirect_uri"]))).finish()
}

async fn token(
    request: HttpRequest,
    form: web::Form<BTreeMap<String, String>>,
    state: web::Data<State>,
) -> HttpResponse {
    let behavior = received(&request, &state);
    if let Some(bad) = misbehave(behavior).await {
        return bad;
    }
    let expected = format!("Basic {}", BASE64.encode(format!("{CLIENT}:{SECRET}").as_bytes()));
    let signed_in = request.headers().get("authorization").is_some_and(|h| h.as_bytes() == expected.as_bytes());
    let granted = held(&state.codes).remove(&form["code"]);
    let proven = |granted: &Granted| {
        form["grant_type"] == "authorization_code"
            && form["redirect_uri"] == granted.redirect_uri
            && B64.encode(&Sha256::digest(form["code_verifier"].as_bytes())) == granted.challenge
    };
    let granted = granted.filter(|g| signed_in && proven(g) && behavior != Behavior::RefuseCode);
    let Some(granted) = granted else {
        return HttpResponse::BadRequest().json(json!({"error": "invalid_grant"}));
    };
    let person = held(&state.person).clone();
    // Asked anew, somebody has just signed in.
    let asked_anew = granted.prompt.as_deref() == Some("login") && granted.max_age.as_deref() == Some("0");
    let now = i64::try_from(unix(held(&state.clock).now())).expect("a time after 1970");
    let access = "access-token-canary-99e1";
    let mut claims = json!({
        "iss": *held(&state.base), "sub": person.sub, "aud": CLIENT, "exp": now + 300, "iat": now,
        "nonce": granted.nonce, "amr": person.amr,
        "at_hash": B64.encode(&Sha256::digest(access.as_bytes())[..16]),
        "preferred_username": person.email, "given_name": "Noa", "family_name": "Winter",
    });
    if let Some(age) = person.auth_age {
        claims["auth_time"] = json!(now - if asked_anew { 0 } else { age });
    }
    if let Some(acr) = &person.acr {
        claims["acr"] = json!(acr);
    }
    if !person.email_by_userinfo {
        claims["email"] = json!(person.email);
        claims["email_verified"] = json!(person.verified);
    }
    let change = held(&state.claims).clone();
    if let Some(change) = change {
        change(&mut claims);
    }
    let make = held(&state.token).clone();
    let id_token = match make {
        Some(make) => make(&state.keys, &claims),
        None => state.keys.sign(*held(&state.signing), *held(&state.generation), &claims),
    };
    HttpResponse::Ok().json(json!({
        "access_token": access, "token_type": "Bearer", "expires_in": 300, "id_token": id_token
    }))
}

async fn keys_of(request: HttpRequest, state: web::Data<State>) -> HttpResponse {
    let behavior = received(&request, &state);
    if let Some(bad) = misbehave(behavior).await {
        return bad;
    }
    HttpResponse::Ok().json(json!({"keys": state.keys.public(*held(&state.generation))}))
}

async fn userinfo(request: HttpRequest, state: web::Data<State>) -> HttpResponse {
    let behavior = received(&request, &state);
    let token = request.headers().get("authorization").and_then(|h| h.to_str().ok());
    if token != Some("Bearer access-token-canary-99e1") {
        return HttpResponse::Unauthorized().finish();
    }
    let person = held(&state.person).clone();
    let sub = if behavior == Behavior::OtherUserinfo { "somebody-else".into() } else { person.sub };
    HttpResponse::Ok().json(json!({"sub": sub, "email": person.email, "email_verified": person.verified}))
}
