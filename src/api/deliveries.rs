//! What was sent to an organization's people, with the recipients masked.

use actix_web::HttpResponse;
use serde::{Deserialize, Serialize};

use super::problem::{InputError, Problem, ProblemDetails};
use super::query::{cursor, limit};
use super::token::{ApiToken, ReadDeliveries};
use crate::domain::deliveries;
use crate::domain::times::rfc3339;
use crate::models::outbox_messages::OutboxMessage;
use crate::models::{Channel, MessageState};
use crate::web::view::{mask_email, mask_phone};

const EXPECTED: &str = "user_id, channel, state, cursor and limit, each at most once";

/// What is looked for.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Params {
    /// Only what went to this person.
    #[param(pattern = r"^[^\u0000]*$")]
    user_id: Option<String>,
    /// `email`, `sms` or `call`.
    #[param(pattern = "^(email|sms|call)$")]
    channel: Option<String>,
    /// `queued`, `sent` or `failed`.
    #[param(pattern = "^(queued|sent|failed)$")]
    state: Option<String>,
    /// The `next_cursor` of the answer before.
    #[param(pattern = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
    cursor: Option<String>,
    /// Rows, 50 unless asked otherwise, at most 200.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// One message, without what was in it.
#[derive(Serialize, utoipa::ToSchema)]
pub struct DeliveryView {
    pub id: String,
    #[schema(value_type = String, example = "sms")]
    pub channel: Channel,
    /// What it was about.
    #[schema(example = "sign_in_code")]
    pub kind: String,
    /// Masked.
    #[schema(example = "XXX-XXX-9885")]
    pub recipient: String,
    pub user_id: Option<String>,
    #[schema(value_type = String, example = "sent")]
    pub state: MessageState,
    pub attempts: i64,
    /// RFC 3339, UTC.
    pub created_at: String,
    pub sent_at: Option<String>,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
}

/// Deliveries, newest first.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Deliveries {
    pub deliveries: Vec<DeliveryView>,
    /// Where the next page begins; `null` at the end.
    pub next_cursor: Option<String>,
}

impl From<OutboxMessage> for DeliveryView {
    fn from(row: OutboxMessage) -> Self {
        let recipient = match row.channel {
            Channel::Email => mask_email(&row.recipient),
            Channel::Sms | Channel::Call => mask_phone(&row.recipient),
        };
        Self {
            id: row.id,
            channel: row.channel,
            kind: row.kind,
            recipient,
            user_id: row.user_id,
            state: row.state,
            attempts: row.attempts,
            created_at: rfc3339(row.created_at),
            sent_at: row.sent_at.map(rfc3339),
            last_error: row.last_error,
        }
    }
}

#[utoipa::path(
    get,
    path = "/delivery/deliveries",
    tag = "delivery",
    operation_id = "listDeliveries",
    summary = "E-mails, text messages and calls",
    description = "What went to the people of the token's organization, newest first; recipients are masked.",
    params(Params),
    responses(
        (status = 200, description = "A page of deliveries", body = Deliveries),
        (status = 400, description = "A parameter is not as expected", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "No valid token", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "The token or its owner may not do that", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests", body = ProblemDetails, content_type = "application/problem+json"),
    ),
)]
pub async fn list(token: ApiToken<ReadDeliveries>) -> Result<HttpResponse, Problem> {
    let params: Params = token.query(EXPECTED)?;
    let query = deliveries::Query {
        organization_id: token.caller.organization.id.clone(),
        user_id: params.user_id,
        channel: word("channel", params.channel, Channel::parse, "email, sms or call")?,
        state: word("state", params.state, MessageState::parse, "queued, sent or failed")?,
        before: cursor(params.cursor, EXPECTED)?,
    };
    let (rows, next_cursor) = deliveries::list(&token.app.core, query, limit(params.limit, EXPECTED)?).await?;
    let deliveries = rows.into_iter().map(DeliveryView::from).collect();
    Ok(HttpResponse::Ok().json(Deliveries { deliveries, next_cursor }))
}

fn word<T>(name: &str, asked: Option<String>, parse: fn(&str) -> Option<T>, words: &str) -> Result<Option<T>, Problem> {
    let Some(text) = asked else { return Ok(None) };
    match parse(&text) {
        Some(value) => Ok(Some(value)),
        None => Err(Problem::input(EXPECTED, &[InputError::parameter(name, format!("Expected {words}."))])),
    }
}
