//! **LOGIN**: a sign-in is begun here, and the person is sent to the provider by a link.

use super::{begun_key, ties};
use crate::clock::Timestamp;
use crate::db::Fault;
use crate::domain::audit::Origin;
use crate::domain::limits::*;
use crate::domain::{Core, throttle};
use crate::identity::oidc::{Oidc, OidcError};
use crate::models::domain_sign_ins::{self, DomainSignIn};
use crate::models::sessions::Session;
use crate::models::{DomainState, new_id};
use crate::secrets::key_ring::sha256;
use crate::secrets::{Secret, random};

/// Begins a sign-in, or has `present` confirmed by the provider; the secret goes into the browser's
/// cookie. The inner error says until when this address has to wait.
pub async fn begin(
    core: &Core,
    oidc: &Oidc,
    present: Option<&Session>,
    return_to: Option<String>,
    origin: &Origin,
) -> Result<Result<Secret<String>, Timestamp>, Fault> {
    let (context, origin) = (core.clone(), origin.clone());
    let (session_id, issuer) = (present.map(|s| s.id.clone()), oidc.settings().issuer.clone());
    core.db
        .write(move |conn| {
            let now = context.clock.now();
            let limit = (DOMAIN_SIGN_INS, DOMAIN_SIGN_INS_WITHIN);
            if !origin.unlimited
                && let Some(until) = throttle::take(conn, &begun_key(&origin), limit.0, limit.1, now)?
            {
                return Ok(Err(until));
            }
            let token = random::token();
            let row = DomainSignIn {
                id: new_id(now),
                token_hash: sha256(token.expose()),
                state: DomainState::Begun,
                return_to,
                session_id,
                issuer,
                subject: None,
                user_id: None,
                second_factor_at: None,
                created_at: now,
                expires_at: now + DOMAIN_SIGN_IN,
            };
            domain_sign_ins::insert(conn, &row)?;
            Ok::<_, Fault>(Ok(token))
        })
        .await
}

/// The live sign-in of a cookie, with the provider that is configured now.
pub async fn find(core: &Core, oidc: &Oidc, token: &Secret<String>) -> Result<Option<DomainSignIn>, Fault> {
    let (hash, now) = (sha256(token.expose()), core.clock.now());
    let issuer = oidc.settings().issuer.clone();
    let found = core.db.read(move |conn| domain_sign_ins::find_by_token(conn, &hash, now).map_err(Fault::from));
    Ok(found.await?.filter(|row| row.issuer == issuer))
}

/// The provider's host, and where there a begun sign-in goes on.
pub async fn away(
    core: &Core,
    oidc: &Oidc,
    row: &DomainSignIn,
    token: &Secret<String>,
) -> Result<(String, String), OidcError> {
    oidc.authorize_url(&ties(core, token), row.session_id.is_some(), &core.clock).await
}
