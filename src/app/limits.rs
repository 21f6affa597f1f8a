//! Bounds on every request: the length of its head, the time its body takes. ASVS 2.4.1, 4.2.5.

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use actix_web::{Error, HttpMessage, HttpResponse};
use futures_util::{Stream, StreamExt, stream};
use tokio::time::{Instant, timeout_at};

use crate::domain::limits::{BODY_WITHIN, HEAD_BYTES, URI_BYTES};

/// The server itself gives up on a head at 128 KiB or 96 headers; ours is tighter.
pub async fn limits<B: MessageBody>(
    mut req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    if let Some(status) = refusal(&req) {
        let refused: HttpResponse<BoxBody> = HttpResponse::build(status).finish();
        return Ok(req.into_response(refused).map_into_right_body());
    }
    if has_body(&req) {
        let body = req.take_payload();
        req.set_payload(Payload::Stream { payload: Box::pin(within(body, Instant::now() + BODY_WITHIN).fuse()) });
    }
    next.call(req).await.map(ServiceResponse::map_into_left_body)
}

fn refusal(req: &ServiceRequest) -> Option<StatusCode> {
    let uri = req.uri();
    let uri_bytes = uri.path().len() + uri.query().map_or(0, |query| query.len() + 1);
    if uri_bytes > URI_BYTES {
        return Some(StatusCode::URI_TOO_LONG);
    }
    // Name, ": ", value, CR LF.
    let head: usize = req.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    (head + uri_bytes > HEAD_BYTES).then_some(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE)
}

/// HTTP/2 needs neither header, so there only the method tells.
fn has_body(req: &ServiceRequest) -> bool {
    req.headers().contains_key(CONTENT_LENGTH)
        || req.headers().contains_key(TRANSFER_ENCODING)
        || !req.method().is_safe()
}

/// The body as it comes, cut off with an error at `end`. Whoever reads it may ask beyond its end: fuse it.
fn within(body: Payload, end: Instant) -> impl Stream<Item = Result<Bytes, PayloadError>> {
    stream::unfold(Some(body), move |body| async move {
        let mut body = body?;
        match timeout_at(end, body.next()).await {
            Ok(Some(Ok(part))) => Some((Ok(part), Some(body))),
            Ok(Some(Err(error))) => Some((Err(error), None)),
            Ok(None) => None,
            Err(_) => Some((Err(PayloadError::Io(std::io::ErrorKind::TimedOut.into())), None)),
        }
    })
}
