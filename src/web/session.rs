//! actix-session's store on the domain's sessions. The domain makes and ends rows in its own
//! transactions; this store only tells the middleware about them. Its `update` is an UPDATE and
//! nothing more: a session that was revoked meanwhile stays revoked (ASVS 7.4.1).

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::time::Instant;

use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_session::{Session as Handle, SessionExt};
use actix_web::body::MessageBody;
use actix_web::cookie::time::Duration;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use data_encoding::HEXLOWER;

use super::client_ip::client_ip;
use super::visitor::Visitor;
use crate::app::App;
use crate::db::Fault;
use crate::domain::Core;
use crate::domain::access::{self, Present};
use crate::domain::home::{self, Home};
use crate::domain::sessions::Opened;
use crate::error::AppError;
use crate::models::sessions;
use crate::secrets::key_ring::sha256;

/// Where the SHA-256 of the cookie's id travels from the store to [`load`].
const HASH: &str = "hash";
/// Where the id of a session that was just opened travels to the middleware.
const TOKEN: &str = "token";

/// A body that is here so soon is judged with its head.
const PROMPT: std::time::Duration = std::time::Duration::from_millis(200);

/// The store; one per worker thread, all on the same database.
pub struct Store(pub Core);

impl SessionStore for Store {
    /// Looks nothing up: [`load`] does, once the address is known too.
    async fn load(&self, key: &SessionKey) -> Result<Option<HashMap<String, String>>, LoadError> {
        Ok(Some(HashMap::from([(HASH.to_owned(), HEXLOWER.encode(&sha256(key.as_ref())))])))
    }

    async fn save(&self, state: HashMap<String, String>, _ttl: &Duration) -> Result<SessionKey, SaveError> {
        let token: String = state
            .get(TOKEN)
            .and_then(|json| serde_json::from_str(json).ok())
            .ok_or_else(|| SaveError::Other(anyhow::anyhow!("a session without a sign-in")))?;
        SessionKey::try_from(token).map_err(|e| SaveError::Other(e.into()))
    }

    async fn update(
        &self,
        key: SessionKey,
        mut state: HashMap<String, String>,
        _ttl: &Duration,
    ) -> Result<SessionKey, UpdateError> {
        state.remove(HASH);
        let json = serde_json::to_string(&state).map_err(|e| UpdateError::Serialization(e.into()))?;
        let hash = sha256(key.as_ref());
        let there = self.0.db.write(move |conn| sessions::set_state(conn, &hash, &json).map_err(Fault::from));
        match there.await {
            Ok(true) => Ok(key),
            Ok(false) => Err(UpdateError::Other(anyhow::anyhow!("the session has ended"))),
            Err(e) => Err(UpdateError::Other(e.into())),
        }
    }

    async fn update_ttl(&self, _key: &SessionKey, _ttl: &Duration) -> Result<(), anyhow::Error> {
        // The limits are columns that the domain checks; nothing is prolonged from here.
        Ok(())
    }

    async fn delete(&self, key: &SessionKey) -> Result<(), anyhow::Error> {
        let hash = sha256(key.as_ref());
        let gone = self.0.db.write(move |conn| sessions::delete_by_token(conn, &hash).map_err(Fault::from));
        Ok(gone.await.map(|_| ())?)
    }
}

/// The page whose content is read together with the session.
const AHEAD: &str = "/home";

/// That content, if the session was let in there.
pub struct Ahead(pub Option<Home>);

impl FromRequest for Ahead {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(req.extensions_mut().remove::<Home>())))
    }
}

/// What [`load`] found for a request; why not, in words, when a fault came between.
enum Loaded {
    Found(Option<Present>),
    Busy { retry_after_seconds: u64 },
    Unreachable(String),
    Fault(String),
}

/// Middleware: looks the session of a request up, and whom it belongs to, before anything asks. A fault
/// goes with the request, so that [`current`] denies on a page and with headers (ASVS 16.5.2).
pub async fn load<B: MessageBody>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let hash = req.get_session().entries().get(HASH).and_then(|hash| HEXLOWER.decode(hash.as_bytes()).ok());
    if let (Some(hash), Some(app)) = (hash, req.app_data::<web::Data<App>>().cloned()) {
        // An address that can't be told is refused by whoever asks for the visitor.
        if let Ok(ip) = client_ip(req.request(), &app.config.trusted_proxies) {
            let loaded = match look_up(&req, &app.core, hash, &ip.to_string()).await {
                Ok(found) => Loaded::Found(found),
                Err(Fault::Busy { retry_after_seconds }) => Loaded::Busy { retry_after_seconds },
                Err(Fault::Unreachable(why)) => Loaded::Unreachable(why),
                Err(fault) => Loaded::Fault(fault.to_string()),
            };
            req.extensions_mut().insert(loaded);
        }
    }
    next.call(req).await
}

/// The session, and what is read ahead with it.
async fn look_up(req: &ServiceRequest, core: &Core, hash: Vec<u8>, address: &str) -> Result<Option<Present>, Fault> {
    if req.path() != AHEAD {
        return access::present(core, hash, address).await;
    }
    let Some((present, home)) = access::present_and(core, hash, address, home::ahead).await? else { return Ok(None) };
    if let Some(home) = home {
        req.extensions_mut().insert(home);
    }
    Ok(Some(present))
}

/// The session of this request, if a live one came with it. A fault denies (ASVS 16.5.2).
pub fn current(req: &HttpRequest) -> Result<Option<Present>, AppError> {
    match req.extensions().get::<Loaded>() {
        None => Ok(None),
        Some(Loaded::Found(found)) => Ok(found.clone()),
        Some(Loaded::Busy { retry_after_seconds }) => {
            Err(Fault::Busy { retry_after_seconds: *retry_after_seconds }.into())
        }
        Some(Loaded::Unreachable(why)) => Err(Fault::Unreachable(why.clone()).into()),
        Some(Loaded::Fault(why)) => Err(AppError::internal(why.as_str())),
    }
}

/// Sends away whose session ended while the body of the request was on its way: it was looked up with the
/// head, and a body may take its time. ASVS 7.4.1.
pub async fn must_have_lasted(visitor: &Visitor, begun: Instant) -> Result<(), AppError> {
    let Some(session) = visitor.session.as_ref().filter(|_| begun.elapsed() >= PROMPT) else { return Ok(()) };
    let now = access::present(&visitor.app.core, session.token_hash.clone(), &visitor.origin.address).await?;
    let as_before =
        |now: &Present| now.session.stage == session.stage && now.access.is_some() == visitor.access.is_some();
    now.filter(as_before).map(|_| ()).ok_or_else(|| AppError::SeeOther("/login".into()))
}

/// Gives the browser the id of a session that the domain has opened.
pub fn enter(handle: &Handle, opened: &Opened) -> Result<(), AppError> {
    handle.renew();
    handle.remove(HASH);
    handle.insert(TOKEN, opened.token.expose()).map_err(|e| AppError::internal(e.to_string()))
}

/// Takes the cookie away; the domain has ended the row.
pub fn leave(handle: &Handle) {
    handle.purge();
}
