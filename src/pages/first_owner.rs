//! The first account holder of an installation without anybody, by the token that the first start
//! prints. ASVS 6.3.2.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use crate::domain::people::first_owner::{self, Founded, Founding};
use crate::domain::registration::details::Details;
use crate::error::AppError;
use crate::web::cookies;
use crate::web::form::Form;
use crate::web::respond::{page, see_other};
use crate::web::view::{FormErrors, Frame};
use crate::web::visitor::Visitor;

const HERE: &str = "/setup/first-owner";

/// GET and POST /setup/first-owner: the fields of [`Typed`].
#[derive(Template, Default)]
#[template(path = "first_owner.html")]
pub struct FirstOwnerPage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub typed: Founding,
}

/// GET /setup/first-owner/{token}: trades it for a cookie and a clean URL (ASVS 14.2.1).
pub async fn open(visitor: Visitor, token: web::Path<String>) -> Result<HttpResponse, AppError> {
    if !first_owner::is_good(&visitor.app.core, &token).await? {
        return Err(AppError::NotFound);
    }
    visitor.set_cookie(cookies::FIRST_OWNER, token.into_inner(), None);
    Ok(see_other(HERE))
}

/// The token of this browser, while it opens the page.
async fn token(visitor: &Visitor) -> Result<String, AppError> {
    let token = visitor.cookie(cookies::FIRST_OWNER).ok_or(AppError::NotFound)?;
    let good = first_owner::is_good(&visitor.app.core, &token).await?;
    if good { Ok(token) } else { Err(AppError::NotFound) }
}

/// GET /setup/first-owner.
pub async fn show(visitor: Visitor) -> Result<HttpResponse, AppError> {
    token(&visitor).await?;
    let typed = Founding { time_zone: "America/Chicago".into(), ..Founding::default() };
    page(&FirstOwnerPage { frame: visitor.frame(), typed, ..FirstOwnerPage::default() })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Typed {
    organization: String,
    #[serde(default)]
    npi: String,
    time_zone: String,
    username: String,
    first_name: String,
    last_name: String,
    email: String,
}

/// POST /setup/first-owner: goes on where the invitation of the new account holder does.
pub async fn submit(visitor: Visitor, Form(form): Form<Typed>) -> Result<HttpResponse, AppError> {
    let token = token(&visitor).await?;
    let owner = Details {
        username: form.username,
        first_name: form.first_name,
        last_name: form.last_name,
        email: form.email,
        ..Details::default()
    };
    let typed = Founding { organization: form.organization, npi: form.npi, time_zone: form.time_zone, owner };
    match first_owner::found(&visitor.app.core, &token, &typed, &visitor.origin).await? {
        Founded::Done { link, .. } => {
            visitor.remove_cookie(cookies::FIRST_OWNER);
            let base = &visitor.app.core.settings.public_url;
            let path = link.as_deref().and_then(|link| link.strip_prefix(base.as_str()));
            Ok(see_other(path.unwrap_or("/login")))
        }
        Founded::Problems(problems) => {
            let mut errors = FormErrors::default();
            for (field, message) in problems {
                errors.add(field, message);
            }
            page(&FirstOwnerPage { frame: visitor.frame(), errors, typed })
        }
        Founded::Over => Err(AppError::NotFound),
    }
}
