//! Renaming and removing one factor. One that is somebody else's is as unknown as one that never was.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{HERE, done};
use crate::domain::enrollment::called;
use crate::domain::second_step::notices::words;
use crate::domain::security::factors::{self as domain, Looked, Removed, Renamed};
use crate::error::AppError;
use crate::models::{FactorKind, FactorState};
use crate::pages::enroll::name_words;
use crate::web::form::{Form, Nothing};
use crate::web::guards::Fresh;
use crate::web::respond::{page, see_other};
use crate::web::view::{FormErrors, Frame, Here};
use crate::web::visitor::Said;

/// GET and POST /security/factors/{id}/rename: `device_name`.
#[derive(Template, Default)]
#[template(path = "security/rename.html")]
pub struct RenamePage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub id: String,
    /// "phone", within a sentence.
    pub kind: &'static str,
    pub device_name: String,
}

/// GET and POST /security/factors/{id}/remove.
#[derive(Template, Default)]
#[template(path = "security/remove.html")]
pub struct RemovePage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub id: String,
    pub kind: &'static str,
    pub name: String,
    /// The organization whose demand it alone meets; there is no button then.
    pub required_by: Option<String>,
    /// The organization in which alone it can be removed; there is no button then either.
    pub only_in: Option<String>,
    pub codes_that_go: i64,
    /// The password alone would sign in afterwards.
    pub is_last: bool,
    /// This session asks for another one afterwards.
    pub asks_next: bool,
    /// It stays assigned, and can be put into use again.
    pub token: bool,
}

async fn find(user: &Fresh, id: &str) -> Result<Looked, AppError> {
    domain::find(&user.visitor.app.core, &user.session, id).await?.ok_or(AppError::NotFound)
}

/// GET /security/factors/{id}/rename.
pub async fn rename_form(user: Fresh, id: web::Path<String>) -> Result<HttpResponse, AppError> {
    let factor = find(&user, &id).await?.factor;
    page(&RenamePage {
        frame: user.frame(Here::Security),
        errors: FormErrors::default(),
        kind: words(factor.kind),
        id: factor.id,
        device_name: factor.name,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Name {
    device_name: String,
}

/// POST /security/factors/{id}/rename.
pub async fn rename(user: Fresh, id: web::Path<String>, Form(form): Form<Name>) -> Result<HttpResponse, AppError> {
    let (visitor, name) = (&user.visitor, form.device_name);
    match domain::rename(&visitor.app.core, &user.session, (&id, &name), &visitor.origin).await? {
        Renamed::Done => {
            visitor.flash(Said::FactorRenamed);
            Ok(see_other(HERE))
        }
        Renamed::NotFound => Err(AppError::NotFound),
        Renamed::Name(problem) => {
            let errors = FormErrors::one("device_name", name_words(problem));
            let kind = words(find(&user, &id).await?.factor.kind);
            let frame = user.frame(Here::Security);
            page(&RenamePage { frame, errors, kind, id: id.into_inner(), device_name: name })
        }
    }
}

/// GET /security/factors/{id}/remove.
pub async fn remove_form(user: Fresh, id: web::Path<String>) -> Result<HttpResponse, AppError> {
    let looked = find(&user, &id).await?;
    if looked.factor.state == FactorState::Deactivated {
        return Err(AppError::NotFound);
    }
    page(&removal(&user, looked))
}

fn removal(user: &Fresh, looked: Looked) -> RemovePage {
    let factor = &looked.factor;
    RemovePage {
        frame: user.frame(Here::Security),
        errors: FormErrors::default(),
        kind: words(factor.kind),
        name: called(factor),
        token: factor.kind == FactorKind::HardwareToken,
        id: looked.factor.id,
        required_by: looked.required_by,
        only_in: looked.only_in,
        codes_that_go: looked.codes_that_go,
        is_last: looked.is_last,
        asks_next: looked.asks_next,
    }
}

/// POST /security/factors/{id}/remove.
pub async fn remove(user: Fresh, id: web::Path<String>, _: Form<Nothing>) -> Result<HttpResponse, AppError> {
    let visitor = &user.visitor;
    match domain::remove(&visitor.app.core, &user.session, &user.access, &id, &visitor.origin).await? {
        Removed::Done(opened) => done(visitor, &opened, Said::FactorRemoved),
        Removed::NotFound => Err(AppError::NotFound),
        Removed::Required { by } => {
            let errors = FormErrors::one("", format!("{by} requires a second step. Add another first."));
            page(&RemovePage { errors, ..removal(&user, find(&user, &id).await?) })
        }
        Removed::Elsewhere { only_in } => {
            let errors = FormErrors::one("", format!("It counts for {only_in} alone. Switch to {only_in} first."));
            page(&RemovePage { errors, ..removal(&user, find(&user, &id).await?) })
        }
    }
}
