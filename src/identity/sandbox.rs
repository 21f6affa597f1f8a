//! The identity provider of demo mode: no camera, no document. A tester says what comes out of it.

use futures_util::FutureExt;

use super::{Answer, IdentityError, IdentityProvider, New, Session, Status};
use crate::clock::{Clock, Timestamp};
use crate::db::{Db, DbConnection, Fault};
use crate::models::new_id;
use crate::models::sandbox_identity_sessions::{self as rows, Played, SandboxIdentitySession};

/// Sessions in the portal's own database, so that they outlive a restart.
pub struct SandboxIdentity {
    pub db: Db,
    pub clock: Clock,
    /// Scheme and host of the portal.
    pub public_url: String,
}

impl SandboxIdentity {
    fn session(&self, row: SandboxIdentitySession) -> Session {
        let shows = row.ready_at.is_some_and(|at| at <= self.clock.now());
        let status = match row.outcome.as_deref() {
            None => Status::RequiresInput,
            Some(_) if !shows => Status::Processing,
            Some("verified") => Status::Verified,
            Some("canceled") => Status::Canceled,
            Some(_) => Status::RequiresInput,
        };
        let failed = status == Status::RequiresInput && row.outcome.is_some();
        Session {
            url: (status == Status::RequiresInput).then(|| format!("{}/sandbox/identity/{}", self.public_url, row.id)),
            id: row.id,
            reference: Some(row.reference),
            status,
            reason: failed.then(|| "document_unverified_other".to_owned()),
            names: row.first_name.zip(row.last_name).filter(|_| status == Status::Verified),
        }
    }

    async fn write<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut DbConnection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, IdentityError> {
        self.db.write(act).await.map_err(|fault| IdentityError::Unreachable(fault.to_string()))
    }
}

impl IdentityProvider for SandboxIdentity {
    fn begin<'a>(&'a self, new: &'a New) -> Answer<'a, Session> {
        let now = self.clock.now();
        let row = SandboxIdentitySession {
            id: format!("vs_{}", new_id(now).replace('-', "")),
            reference: new.reference.clone(),
            return_url: new.return_url.clone(),
            outcome: None,
            first_name: None,
            last_name: None,
            ready_at: None,
            created_at: now,
        };
        async move {
            let row = self.write(move |conn| Ok(rows::find_or_insert(conn, &row)?)).await?;
            Ok(self.session(row))
        }
        .boxed()
    }

    fn read<'a>(&'a self, session_id: &'a str) -> Answer<'a, Session> {
        let id = session_id.to_owned();
        async move {
            let found = self.db.read(move |conn| rows::find(conn, &id).map_err(Fault::from)).await;
            let row = found.map_err(|fault| IdentityError::Unreachable(fault.to_string()))?;
            row.map(|row| self.session(row)).ok_or(IdentityError::Unknown)
        }
        .boxed()
    }

    fn cancel<'a>(&'a self, session_id: &'a str) -> Answer<'a, ()> {
        let (id, now) = (session_id.to_owned(), self.clock.now());
        async move {
            self.write(move |conn| {
                let canceled = Played { outcome: "canceled", first_name: None, last_name: None, ready_at: now };
                Ok(rows::play(conn, &id, &canceled, now).map(|_| ())?)
            })
            .await
        }
        .boxed()
    }

    fn redact<'a>(&'a self, session_id: &'a str) -> Answer<'a, ()> {
        let id = session_id.to_owned();
        async move { self.write(move |conn| Ok(rows::redact(conn, &id).map(|_| ())?)).await }.boxed()
    }
}

/// What a tester may choose.
pub const OUTCOMES: [&str; 3] = ["verified", "requires_input", "canceled"];

/// Lets a session come to something at `ready_at`; `false` for one that is unknown or over.
pub async fn play(
    db: &Db,
    session_id: &str,
    (outcome, names): (String, Option<(String, String)>),
    ready_at: Timestamp,
    now: Timestamp,
) -> Result<bool, Fault> {
    let id = session_id.to_owned();
    db.write(move |conn| {
        let (first_name, last_name) = names.as_ref().map(|(a, b)| (a.as_str(), b.as_str())).unzip();
        Ok(rows::play(conn, &id, &Played { outcome: &outcome, first_name, last_name, ready_at }, now)?)
    })
    .await
}
