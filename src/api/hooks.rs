//! What the telephone gateway posts back during a call: somebody answered, a key was pressed, the
//! call is over. Signed by the gateway; nothing else is believed. ASVS 4.1.5.

use std::future::Future;
use std::pin::Pin;

use actix_web::{FromRequest, HttpRequest, HttpResponse, dev::Payload, web};

use crate::app::App;
use crate::domain::limits::FORM_BYTES;
use crate::domain::second_step::calls::{self, Key};
use crate::error::AppError;
use crate::outbox::twilio_signature::{self, HEADER};
use crate::outbox::voice::Say;

/// A post with the gateway's signature. Not found where no gateway is configured.
pub struct Signed {
    app: web::Data<App>,
    fields: Vec<(String, String)>,
}

impl Signed {
    /// A field; empty when it was not sent.
    fn field(&self, name: &str) -> &str {
        self.fields.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    }

    fn say(&self, words: Say) -> Result<HttpResponse, AppError> {
        let twiml = words.twiml(&self.app.core.settings.installation)?;
        Ok(HttpResponse::Ok().content_type("text/xml; charset=utf-8").body(twiml))
    }
}

impl FromRequest for Signed {
    type Error = AppError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, AppError>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let req = req.clone();
        let body = web::Bytes::from_request(&req, payload);
        Box::pin(async move {
            let app = req.app_data::<web::Data<App>>().cloned().ok_or_else(|| AppError::internal("no App"))?;
            let gateway = app.config.twilio.as_ref().ok_or(AppError::NotFound)?;
            let body = body.await.map_err(|_| AppError::TooLarge)?;
            if body.len() > FORM_BYTES {
                return Err(AppError::TooLarge);
            }
            let fields: Vec<(String, String)> = url::form_urlencoded::parse(&body).into_owned().collect();
            // The URL as the gateway knows it, whatever proxies made of it.
            let path = req.uri().path_and_query().map_or("", |p| p.as_str());
            let url = format!("{}{path}", app.core.settings.public_url);
            let signature = req.headers().get(HEADER).and_then(|h| h.to_str().ok()).unwrap_or_default();
            if !twilio_signature::verify(&gateway.auth_token, &url, &fields, signature) {
                tracing::warn!(signed = !signature.is_empty(), "a post to the voice hooks without a right signature");
                return Err(AppError::Forbidden);
            }
            Ok(Self { app, fields })
        })
    }
}

/// POST /hooks/voice/{call_id}/answer: what is said first.
pub async fn answer(post: Signed, call_id: web::Path<String>) -> Result<HttpResponse, AppError> {
    let core = &post.app.core;
    if !calls::answered(core, &call_id).await? {
        return post.say(Say::Refused);
    }
    let gather_url = format!("{}/hooks/voice/{call_id}/gather", core.settings.public_url);
    post.say(Say::Answer { gather_url })
}

/// POST /hooks/voice/{call_id}/gather: `Digits` is the key.
pub async fn gather(post: Signed, call_id: web::Path<String>) -> Result<HttpResponse, AppError> {
    let key = if post.field("Digits") == "#" { Key::Pound } else { Key::Other };
    let approved = calls::press(&post.app.core, &call_id, key).await?;
    post.say(if approved { Say::Approved } else { Say::Refused })
}

/// POST /hooks/voice/{call_id}/status: `CallStatus` is how it ended.
pub async fn status(post: Signed, call_id: web::Path<String>) -> Result<HttpResponse, AppError> {
    match post.field("CallStatus") {
        "failed" => calls::over(&post.app.core, &call_id, true).await?,
        "completed" | "busy" | "no-answer" | "canceled" => calls::over(&post.app.core, &call_id, false).await?,
        _ => {}
    }
    Ok(HttpResponse::NoContent().finish())
}
