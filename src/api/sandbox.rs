//! The sandbox of demo mode for scripts: JSON without a CSRF token, in the documented shapes.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::problem::bad_request;
use crate::domain::sandbox;
use crate::error::AppError;
use crate::outbox::sandbox::Switches;
use crate::web::sandbox::Script;

/// How many messages are listed unless a script says otherwise.
const LIMIT: i64 = 200;

#[derive(Deserialize)]
pub struct OutboxQuery {
    to: Option<String>,
    limit: Option<String>,
}

/// GET /sandbox/outbox.json?to=&limit=.
pub async fn outbox(script: Script, query: web::Query<OutboxQuery>) -> Result<HttpResponse, AppError> {
    let core = &script.app.core;
    let OutboxQuery { to, limit } = query.into_inner();
    let limit = match limit.filter(|l| !l.is_empty()).map(|l| l.parse::<i64>()) {
        None => LIMIT,
        Some(Ok(limit)) if limit > 0 => limit,
        Some(_) => return Ok(bad_request("limit to be a number above 0")),
    };
    let to = to.filter(|to| !to.is_empty());
    let items = sandbox::read_outbox(core, to, limit, core.settings.public_url.clone()).await?;
    Ok(HttpResponse::Ok().json(items))
}

/// GET /sandbox/people.json.
pub async fn people(script: Script) -> Result<HttpResponse, AppError> {
    let people = sandbox::read_people(&script.app.core, &script.sandbox.sample).await?;
    Ok(HttpResponse::Ok().json(people))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Press {
    digit: String,
}

/// POST /sandbox/calls/{id}/press.
pub async fn press(script: Script, id: web::Path<String>, body: web::Bytes) -> Result<HttpResponse, AppError> {
    let Some(key) = parse::<Press>(&body).and_then(|press| sandbox::key(&press.digit)) else {
        return Ok(bad_request(r##"{"digit": "#"}, where the digit is #, *, 0 to 9 or hangup"##));
    };
    match sandbox::press(&script.app.core, &id, key).await? {
        true => Ok(HttpResponse::NoContent().finish()),
        false => Err(AppError::NotFound),
    }
}

/// POST /sandbox/senders.
pub async fn senders(script: Script, body: web::Bytes) -> HttpResponse {
    let Some(switches) = parse::<Switches>(&body) else {
        return bad_request(r#"an object with email, sms or call, each "ok", "fail" or "slow""#);
    };
    script.sandbox.sender.set(switches);
    HttpResponse::NoContent().finish()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Outcome {
    outcome: String,
    first_name: Option<String>,
    last_name: Option<String>,
    #[serde(default)]
    delay_seconds: i64,
}

/// POST /sandbox/identity/{id}.
pub async fn identity(script: Script, id: web::Path<String>, body: web::Bytes) -> Result<HttpResponse, AppError> {
    let play = |o: Outcome| sandbox::Play {
        outcome: o.outcome,
        first_name: o.first_name,
        last_name: o.last_name,
        delay_seconds: o.delay_seconds,
    };
    let Some(play) = parse::<Outcome>(&body).map(play).filter(sandbox::Play::is_possible) else {
        return Ok(bad_request(
            r#"{"outcome": "verified", "first_name": "Ada", "last_name": "Byron", "delay_seconds": 0}, where the outcome is verified, requires_input or canceled"#,
        ));
    };
    let provider = script.app.identity.as_deref().ok_or(AppError::NotFound)?;
    match sandbox::play_identity(&script.app.core, provider, &id, play).await? {
        sandbox::Played::Yes => Ok(HttpResponse::Accepted().finish()),
        sandbox::Played::Over => Err(AppError::Conflict("This check has come to something already.")),
        sandbox::Played::Unknown => Err(AppError::NotFound),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockOffset {
    offset_seconds: i64,
}

/// POST /sandbox/clock.
pub async fn clock(script: Script, body: web::Bytes) -> Result<HttpResponse, AppError> {
    if let Some(clock) = parse::<ClockOffset>(&body)
        && sandbox::set_clock(&script.app.core, clock.offset_seconds).await?
    {
        return Ok(HttpResponse::NoContent().finish());
    }
    Ok(bad_request(r#"{"offset_seconds": 0}, a whole number of seconds within ten years either way"#))
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    serde_json::from_slice(body).ok()
}
