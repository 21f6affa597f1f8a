//! Every URL.

use actix_web::middleware::Compress;
use actix_web::web::{ServiceConfig, get, resource};

use crate::api::health;
use crate::web::assets;

/// What needs no session, so that it costs no look-up of one. Only files are compressed: a page
/// holds a CSRF token, and compression would let its length betray it (BREACH).
pub fn without_session(cfg: &mut ServiceConfig) {
    cfg.route("/healthz", get().to(health::live))
        .route("/readyz", get().to(health::ready))
        .route("/metrics", get().to(health::numbers))
        .service(resource("/static/{path:.*}").wrap(Compress::default()).route(get().to(assets::serve)));
}

/// Everything else, public / half signed in / signed in / API.
pub fn configure(_cfg: &mut ServiceConfig) {}
