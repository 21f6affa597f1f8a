//! actix-session's store on the domain's sessions. The domain makes and ends rows in its own
//! transactions; this store only tells the middleware about them. Its `update` is an UPDATE and
//! nothing more: a session that was revoked meanwhile stays revoked (ASVS 7.4.1).

use std::collections::HashMap;

use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_session::{Session as Handle, SessionExt};
use actix_web::cookie::time::Duration;
use actix_web::{HttpMessage, HttpRequest};

use crate::db::Fault;
use crate::domain::sessions::Opened;
use crate::domain::{Core, sessions as domain};
use crate::error::AppError;
use crate::models::sessions::{self, Session};
use crate::secrets::key_ring::sha256;

/// Where the row travels within a request.
const ROW: &str = "row";
/// Where the reason travels why it could not be loaded.
const FAULT: &str = "fault";
const BUSY: &str = "busy";
const UNREACHABLE: &str = "unreachable";
/// Where the id of a session that was just opened travels to the middleware.
const TOKEN: &str = "token";

/// The store; one per worker thread, all on the same database.
pub struct Store(pub Core);

impl SessionStore for Store {
    async fn load(&self, key: &SessionKey) -> Result<Option<HashMap<String, String>>, LoadError> {
        let found = match domain::load(&self.0, key.as_ref()).await {
            Ok(found) => found,
            // The middleware would answer without a page and without headers; `current` answers properly.
            Err(Fault::Busy { .. }) => return Ok(Some(HashMap::from([(FAULT.to_owned(), BUSY.to_owned())]))),
            Err(Fault::Unreachable(why)) => {
                return Ok(Some(HashMap::from([(UNREACHABLE.to_owned(), why)])));
            }
            Err(fault) => return Ok(Some(HashMap::from([(FAULT.to_owned(), fault.to_string())]))),
        };
        let Some(session) = found else { return Ok(None) };
        let row = serde_json::to_string(&session).map_err(|e| LoadError::Deserialization(e.into()))?;
        Ok(Some(HashMap::from([(ROW.to_owned(), row)])))
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
        state.remove(ROW);
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

/// The session of this request, if a live one came with it. A fault denies (ASVS 16.5.2).
pub fn current(req: &HttpRequest) -> Result<Option<Session>, AppError> {
    if let Some(session) = req.extensions().get::<Session>() {
        return Ok(Some(session.clone()));
    }
    let handle = req.get_session();
    let entries = handle.entries();
    if let Some(why) = entries.get(UNREACHABLE) {
        return Err(Fault::Unreachable(why.clone()).into());
    }
    if let Some(fault) = entries.get(FAULT) {
        if fault == BUSY {
            return Err(Fault::Busy { retry_after_seconds: 2 }.into());
        }
        return Err(AppError::internal(fault.as_str()));
    }
    let Some(row) = entries.get(ROW) else { return Ok(None) };
    let session: Session = serde_json::from_str(row).map_err(|e| AppError::internal(e.to_string()))?;
    drop(entries);
    req.extensions_mut().insert(session.clone());
    Ok(Some(session))
}

/// Gives the browser the id of a session that the domain has opened.
pub fn enter(handle: &Handle, opened: &Opened) -> Result<(), AppError> {
    handle.renew();
    handle.remove(ROW);
    handle.insert(TOKEN, opened.token.expose()).map_err(|e| AppError::internal(e.to_string()))
}

/// Takes the cookie away; the domain has ended the row.
pub fn leave(handle: &Handle) {
    handle.purge();
}
