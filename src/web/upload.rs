//! Forms of the console that bring a file (multipart/form-data): the same checks as for other forms,
//! and bounds on file and fields. ASVS 3.5.1, 5.2.1, 15.3.3.

use std::future::Future;
use std::pin::Pin;
use std::time::Instant;

use actix_multipart::{Field, Multipart};
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::csrf;
use super::form::{into_form, made_here};
use super::gate::{self, Gate};
use super::session;
use super::visitor::Visitor;
use crate::domain::limits::{CSV_BYTES, FORM_BYTES};
use crate::error::AppError;

/// What is read of a request at most before it is cut off: a browser that is told in the middle of
/// sending shows nothing of the answer.
const READ_AT_MOST: usize = 8 * CSV_BYTES;
/// A file that was looked through comes back sealed, in base64.
const SEALED_BYTES: usize = CSV_BYTES / 3 * 4 + FORM_BYTES;

/// The file of a form, under the name `file`.
#[derive(Clone, Debug)]
pub enum Uploaded {
    /// None was chosen.
    None,
    TooLarge,
    File(Zeroizing<Vec<u8>>),
}

/// A form with a file, like `OrgForm`. Only the field `sealed` may be long.
pub struct UploadOrgForm<T> {
    pub form: T,
    pub file: Uploaded,
}

impl<T: DeserializeOwned + 'static> FromRequest for UploadOrgForm<T> {
    type Error = AppError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, AppError>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (req, payload, mut gate) = (req.clone(), payload.take(), gate::of(req));
        Box::pin(async move {
            let form = take(req, payload, &mut gate).await;
            if form.is_err() {
                gate.opened().await;
            }
            form.map(|(form, file)| Self { form, file })
        })
    }
}

async fn take<T: DeserializeOwned>(
    req: HttpRequest,
    payload: Payload,
    gate: &mut Gate,
) -> Result<(T, Uploaded), AppError> {
    let visitor = Visitor::of(&req)?;
    let settings = &visitor.app.core.settings;
    if !csrf::is_same_origin(req.headers(), &settings.public_url, settings.demo) {
        return Err(AppError::Forged);
    }
    if req.content_type() != "multipart/form-data" {
        return Err(AppError::UnsupportedMediaType);
    }
    let begun = Instant::now();
    let (mut fields, file) = read(Multipart::new(req.headers(), payload)).await?;
    session::must_have_lasted(&visitor, begun).await?;
    let mut take = |name: &str| match fields.remove(name) {
        Some(Value::String(text)) => text,
        _ => String::new(),
    };
    if !visitor.csrf_is_right(&take("csrf")) {
        tracing::warn!(request_id = visitor.origin.request_id, "a form without its CSRF token");
        return Err(AppError::Forged);
    }
    made_here(&visitor, &take("organization_id"), gate)?;
    Ok((into_form(fields)?, file))
}

async fn read(mut parts: Multipart) -> Result<(Map<String, Value>, Uploaded), AppError> {
    let (mut fields, mut file, mut left) = (Map::new(), Uploaded::None, READ_AT_MOST);
    while let Some(part) = parts.next().await {
        let mut part = part.map_err(|_| broken())?;
        let name = part.name().unwrap_or_default().to_owned();
        let limit = match name.as_str() {
            "file" => CSV_BYTES,
            "sealed" => SEALED_BYTES,
            _ => FORM_BYTES,
        };
        let bytes = bytes_of(&mut part, limit, &mut left).await?;
        if name == "file" {
            // A field for a file that was left alone comes empty.
            file = match bytes {
                None => Uploaded::TooLarge,
                Some(bytes) if bytes.is_empty() => file,
                Some(bytes) => Uploaded::File(bytes),
            };
            continue;
        }
        let text = bytes.and_then(|bytes| String::from_utf8(bytes.to_vec()).ok()).ok_or(AppError::TooLarge)?;
        if text.contains('\0') || fields.insert(name, Value::String(text)).is_some() {
            return Err(broken());
        }
    }
    Ok((fields, file))
}

/// The bytes of one part; `None` for one beyond its limit, which is read all the same.
async fn bytes_of(part: &mut Field, limit: usize, left: &mut usize) -> Result<Option<Zeroizing<Vec<u8>>>, AppError> {
    let mut bytes = Some(Zeroizing::new(Vec::new()));
    while let Some(piece) = part.next().await {
        let piece = piece.map_err(|_| broken())?;
        *left = left.checked_sub(piece.len()).ok_or(AppError::TooLarge)?;
        bytes = bytes.filter(|bytes| bytes.len() + piece.len() <= limit).map(|mut bytes| {
            bytes.extend_from_slice(&piece);
            bytes
        });
    }
    Ok(bytes)
}

fn broken() -> AppError {
    AppError::BadRequest("The form is not one of ours. Go back and try again.")
}
