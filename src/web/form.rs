//! Forms: at most 64 KiB of what was typed, each field once, no field that is not expected, and proof that the form
//! is ours before anything in it is looked at. ASVS 3.5.1, 15.3.3, 15.3.7.

use std::future::Future;
use std::pin::Pin;
use std::time::Instant;

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, web};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::csrf;
use super::gate::{self, Gate, SWITCHED};
use super::session;
use super::visitor::Visitor;
use crate::domain::access::Access;
use crate::domain::limits::FORM_BYTES;
use crate::error::AppError;
use crate::models::Role;

/// A form as it is sent takes up to three bytes for one.
pub const FORM_ON_THE_WIRE: usize = 3 * FORM_BYTES;

/// A posted form whose CSRF token was right. All fields arrive as strings.
pub struct Form<T>(pub T);

/// A form without fields.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// A form whose effect depends on the organization somebody is in, such as for whom a factor is added. One that
/// was made before a switch is refused.
pub struct FormHere<T>(pub T);

/// A form of the console. It carries the organization it was made in, and one that was sent from another
/// is refused. A field whose name ends in `[]` may come many times, and arrives as a list without the
/// brackets.
pub struct OrgForm<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Form<T> {
    type Error = AppError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, AppError>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let read = read(req, payload);
        Box::pin(async move { into_form(read.await?.fields).map(Self) })
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for FormHere<T> {
    type Error = AppError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, AppError>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let read = read(req, payload);
        Box::pin(async move {
            let Sent { fields, here, .. } = read.await?;
            if !here {
                return Err(AppError::Conflict(SWITCHED));
            }
            into_form(fields).map(Self)
        })
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for OrgForm<T> {
    type Error = AppError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, AppError>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (read, mut gate) = (read(req, payload), gate::of(req));
        Box::pin(async move {
            let form = read.await.and_then(|sent| of_organization(&sent.visitor, sent.fields, &mut gate));
            if form.is_err() {
                gate.opened().await;
            }
            form.map(Self)
        })
    }
}

fn of_organization<T: DeserializeOwned>(
    visitor: &Visitor,
    mut fields: Map<String, Value>,
    gate: &mut Gate,
) -> Result<T, AppError> {
    let sent = fields.remove("organization_id");
    made_here(visitor, sent.as_ref().and_then(Value::as_str).unwrap_or_default(), gate)?;
    into_form(fields)
}

/// Refuses a form of another organization than the current one; tells the guard where it is one that this person
/// administers, as only those have such forms.
pub(super) fn made_here(visitor: &Visitor, sent: &str, gate: &mut Gate) -> Result<(), AppError> {
    let current = visitor.session.as_ref().and_then(|s| s.organization_id.as_deref()).unwrap_or_default();
    if sent == current {
        return Ok(());
    }
    let administers = |access: &Access| access.memberships.iter().any(|(m, o)| o.id == sent && m.role >= Role::Admin);
    if visitor.access.as_deref().is_some_and(administers) {
        gate.tell_switched();
    }
    Err(AppError::Conflict(SWITCHED))
}

pub(super) fn into_form<T: DeserializeOwned>(fields: Map<String, Value>) -> Result<T, AppError> {
    serde_json::from_value(Value::Object(fields))
        .map_err(|_| AppError::BadRequest("The form is not one of ours. Go back and try again."))
}

/// A form that is ours.
struct Sent {
    visitor: Visitor,
    fields: Map<String, Value>,
    /// Made in the organization somebody is in now.
    here: bool,
}

fn read(req: &HttpRequest, payload: &mut Payload) -> impl Future<Output = Result<Sent, AppError>> + 'static {
    let req = req.clone();
    let body = web::Bytes::from_request(&req, payload);
    async move {
        let visitor = Visitor::of(&req)?;
        let settings = &visitor.app.core.settings;
        if !csrf::is_same_origin(req.headers(), &settings.public_url, settings.demo) {
            return Err(AppError::Forged);
        }
        if req.content_type() != "application/x-www-form-urlencoded" {
            return Err(AppError::UnsupportedMediaType);
        }
        let begun = Instant::now();
        let body = body.await.map_err(|_| AppError::TooLarge)?;
        session::must_have_lasted(&visitor, begun).await?;
        if body.len() > FORM_ON_THE_WIRE {
            return Err(AppError::TooLarge);
        }
        let mut fields = parse(&body)?;
        let token = match fields.remove("csrf") {
            Some(Value::String(token)) => token,
            _ => String::new(),
        };
        if !visitor.csrf_is_right(&token) {
            tracing::warn!(request_id = visitor.origin.request_id, "a form without its CSRF token");
            return Err(AppError::Forged);
        }
        let here = visitor.csrf_is_of_here(&token);
        Ok(Sent { visitor, fields, here })
    }
}

fn parse(body: &[u8]) -> Result<Map<String, Value>, AppError> {
    let mut fields = Map::new();
    let mut bytes = 0;
    for (key, value) in url::form_urlencoded::parse(body) {
        bytes += key.len() + value.len();
        if bytes > FORM_BYTES {
            return Err(AppError::TooLarge);
        }
        if key.contains('\0') || value.contains('\0') {
            // PostgreSQL keeps no NUL, and no honest form holds one.
            return Err(AppError::BadRequest("A field holds a character that cannot be kept."));
        }
        let value = Value::String(value.into_owned());
        match key.strip_suffix("[]") {
            Some(list) => match fields.entry(list).or_insert_with(|| Value::Array(Vec::new())) {
                Value::Array(values) => values.push(value),
                _ => return Err(AppError::BadRequest("A field of the form came twice.")),
            },
            None => {
                if fields.insert(key.into_owned(), value).is_some() {
                    return Err(AppError::BadRequest("A field of the form came twice."));
                }
            }
        }
    }
    Ok(fields)
}
