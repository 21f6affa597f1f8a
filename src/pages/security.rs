//! What people do about their own security.

pub mod confirm;
pub mod factor;
pub mod recovery_codes;
pub mod sessions;
pub mod setup;

use actix_web::HttpResponse;

use crate::web::guards::SignedIn;
use crate::web::respond::see_other;

/// GET /security. Sessions are all there is so far.
pub async fn index(_user: SignedIn) -> HttpResponse {
    see_other("/security/sessions")
}
