//! **Security**: what people do about their own account. SPEC section 5.

pub mod activity;
pub mod appearance;
pub mod authenticator;
pub mod call;
pub mod confirm;
pub mod domain_account;
pub mod email;
pub mod email_code;
pub mod factor;
pub mod factors;
pub mod new_codes;
pub mod overview;
pub mod password;
pub mod phone;
pub mod phone_code;
pub mod recovery_codes;
pub mod sessions;
pub mod setup;
pub mod time_zone;
pub mod token;

use actix_web::HttpResponse;

use crate::domain::sessions::Opened;
use crate::error::AppError;
use crate::web::guards::Fresh;
use crate::web::respond::see_other;
use crate::web::session;
use crate::web::visitor::{Said, Visitor};

/// Where all of it begins.
const HERE: &str = "/security";

/// The change is made: the browser gets the next id of its session, and a word about it on the overview.
fn done(visitor: &Visitor, opened: &Opened, said: Said) -> Result<HttpResponse, AppError> {
    session::enter(&visitor.handle, opened)?;
    visitor.flash(said);
    Ok(see_other(HERE))
}

/// Where a new factor counts when that is not everywhere, or is not here.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// The organization that wants factors of its own.
    pub only: Option<String>,
    /// The organization that takes no factors of this kind.
    pub not: Option<String>,
}

impl Counts {
    fn of(user: &Fresh, kind: crate::models::FactorKind) -> Self {
        let Some((_, organization)) = user.access.current(&user.session) else { return Self::default() };
        let name = || organization.name.clone();
        Self { only: organization.org_level_mfa.then(name), not: (!organization.allows(kind)).then(name) }
    }
}
