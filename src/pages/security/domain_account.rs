//! Removing a domain account. One that is somebody else's is as unknown as one that never was.

use actix_web::{HttpResponse, web};
use askama::Template;

use super::{HERE, done};
use crate::domain::domain_account::host;
use crate::domain::security::domain_account::{self as domain, Looked, Removed, Stays};
use crate::error::AppError;
use crate::web::form::{Form, Nothing};
use crate::web::guards::Fresh;
use crate::web::respond::page;
use crate::web::view::{FormErrors, Frame, Here};
use crate::web::visitor::Said;

/// GET and POST /security/domain-accounts/{id}/remove.
#[derive(Template, Default)]
#[template(path = "security/domain_account.html")]
pub struct DomainAccountPage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub id: String,
    /// The provider's host.
    pub host: String,
    /// Why there is no button.
    pub stays: Option<Stays>,
    /// Where **Cancel** leads.
    pub back: &'static str,
}

async fn shown(user: &Fresh, id: &str) -> Result<DomainAccountPage, AppError> {
    let found = domain::find(&user.visitor.app.core, &user.access, id).await?;
    let Looked { identity, stays } = found.ok_or(AppError::NotFound)?;
    let (frame, host) = (user.frame(Here::Security), host(&identity.issuer));
    Ok(DomainAccountPage { frame, errors: FormErrors::default(), id: identity.id, host, stays, back: HERE })
}

/// GET /security/domain-accounts/{id}/remove.
pub async fn show(user: Fresh, id: web::Path<String>) -> Result<HttpResponse, AppError> {
    page(&shown(&user, &id).await?)
}

/// POST /security/domain-accounts/{id}/remove: **Remove**.
pub async fn remove(user: Fresh, id: web::Path<String>, _: Form<Nothing>) -> Result<HttpResponse, AppError> {
    let visitor = &user.visitor;
    match domain::remove(&visitor.app.core, &user.session, &user.access, &id, &visitor.origin).await? {
        Removed::Done(opened) => done(visitor, &opened, Said::DomainRemoved),
        Removed::NotFound => Err(AppError::NotFound),
        Removed::Stays(_) => {
            let errors = FormErrors::one("", "Your domain account was not removed.");
            page(&DomainAccountPage { errors, ..shown(&user, &id).await? })
        }
    }
}
