//! What Stripe posts about identity checks. Signed, not older than five minutes, each event once; and the
//! session is read again before anything is believed. ASVS 4.1.5.

use std::future::Future;
use std::pin::Pin;

use actix_web::{FromRequest, HttpRequest, HttpResponse, dev::Payload, web};
use serde::Deserialize;

use super::problem::bad_request;
use crate::app::App;
use crate::domain::self_reset::{Event, Taken, told};
use crate::error::AppError;
use crate::identity::stripe::is_id;
use crate::identity::stripe_signature::{HEADER, verify};

/// A post with the provider's signature. Not found where no provider is configured.
pub struct StripeSigned {
    app: web::Data<App>,
    body: web::Bytes,
    signed_at: i64,
}

impl FromRequest for StripeSigned {
    type Error = AppError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, AppError>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let req = req.clone();
        let body = web::Bytes::from_request(&req, payload);
        Box::pin(async move {
            let app = req.app_data::<web::Data<App>>().cloned().ok_or_else(|| AppError::internal("no App"))?;
            let secret = app.config.stripe.as_ref().map(|s| s.webhook_secret.clone()).ok_or(AppError::NotFound)?;
            let body = body.await.map_err(|_| AppError::TooLarge)?;
            let mut headers = req.headers().get_all(HEADER);
            let header = match (headers.next(), headers.next()) {
                (Some(only), None) => only.to_str().unwrap_or_default(),
                _ => "",
            };
            let Some(signed_at) = verify(&secret, header, &body, app.core.clock.now()) else {
                tracing::warn!(signed = !header.is_empty(), "a post to the identity hook without a right signature");
                return Err(AppError::BadRequest("The signature is not right."));
            };
            Ok(Self { app, body, signed_at })
        })
    }
}

/// The parts of an event that matter; the session in it is not believed.
#[derive(Deserialize)]
struct Posted {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    object: Object,
}

#[derive(Deserialize)]
struct Object {
    id: String,
    metadata: Option<Metadata>,
}

#[derive(Deserialize)]
struct Metadata {
    reference: Option<String>,
}

/// POST /hooks/stripe.
pub async fn event(post: StripeSigned, req: HttpRequest) -> Result<HttpResponse, AppError> {
    let provider = req.app_data::<web::Data<App>>().and_then(|app| app.identity.clone()).ok_or(AppError::NotFound)?;
    let posted = serde_json::from_slice::<Posted>(&post.body).ok().filter(|p| is_id(&p.id) && is_id(&p.data.object.id));
    let Some(Posted { id, kind, data: Data { object } }) = posted else {
        return Ok(bad_request("an event of the identity provider"));
    };
    if !kind.starts_with("identity.verification_session.") {
        return Ok(HttpResponse::Ok().finish());
    }
    let reference = object.metadata.and_then(|m| m.reference);
    let event = Event { id, signed_at: post.signed_at, session_id: object.id, reference };
    match told(&post.app.core, &*provider, event).await? {
        Taken::Yes => Ok(HttpResponse::Ok().finish()),
        Taken::Replayed => Err(AppError::BadRequest("This event was sent before.")),
        Taken::Later => Ok(HttpResponse::ServiceUnavailable().finish()),
    }
}
