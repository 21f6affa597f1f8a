//! Who may enter. A handler names one of these in its arguments; `routes.rs` names the same beside
//! the URL. Roles and states are read from the database at each request (ASVS 8.3.2).

use std::future::Future;
use std::pin::Pin;

use actix_web::http::Method;
use actix_web::{FromRequest, HttpRequest, dev::Payload};

use super::return_to;
use super::view::{CurrentUser, Frame, Here, initials};
use super::visitor::{Said, Visitor};
use crate::domain::access::{self, Access};
use crate::domain::registration::terms;
use crate::domain::times::Zone;
use crate::error::AppError;
use crate::models::Stage;
use crate::models::sessions::Session;

type Extracted<T> = Pin<Box<dyn Future<Output = Result<T, AppError>>>>;

/// Somebody whose password was right and who has not shown a factor yet.
pub struct PendingSignIn {
    pub visitor: Visitor,
    pub session: Session,
    pub access: Access,
}

/// Somebody signed in fully, in an organization or with none to choose.
pub struct SignedIn {
    pub visitor: Visitor,
    pub session: Session,
    pub access: Access,
}

impl SignedIn {
    /// The frame of a page with the bar and the profile menu.
    pub fn frame(&self, here: Here) -> Frame {
        let user = &self.access.user;
        let current = self.access.current(&self.session);
        let name = user.full_name();
        Frame {
            here,
            user: Some(CurrentUser {
                initials: initials(&name),
                name,
                email: user.email.clone(),
                role: self.access.role_words(&self.session).to_owned(),
                organization: current.map(|(_, o)| o.name.clone()),
                several_organizations: self.access.memberships.len() > 1,
                // The console has no pages yet; a link to nothing helps nobody.
                administers: false,
                remembered_until: None,
            }),
            ..self.visitor.frame()
        }
    }

    pub fn zone(&self) -> Zone {
        self.access.zone(&self.session)
    }
}

impl PendingSignIn {
    pub fn zone(&self) -> Zone {
        self.access.zone(&self.session)
    }
}

impl FromRequest for PendingSignIn {
    type Error = AppError;
    type Future = Extracted<Self>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let visitor = Visitor::of(req);
        Box::pin(async move {
            let visitor = visitor?;
            let Some((session, access)) = checked(&visitor).await? else {
                visitor.flash(Said::SignInEnded);
                return Err(AppError::SeeOther("/login".into()));
            };
            match session.stage {
                Stage::SignedIn => Err(AppError::SeeOther("/home".into())),
                _ => Ok(Self { visitor, session, access }),
            }
        })
    }
}

impl FromRequest for SignedIn {
    type Error = AppError;
    type Future = Extracted<Self>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let visitor = Visitor::of(req);
        let path = (req.method() == Method::GET).then(|| req.uri().to_string());
        Box::pin(async move {
            let visitor = visitor?;
            let Some((session, access)) = checked(&visitor).await? else {
                return Err(AppError::SeeOther(login_and_back(path.as_deref())));
            };
            match session.stage {
                Stage::SignedIn if terms::are_due(&visitor.app.core, &access.user) => {
                    Err(AppError::SeeOther(access::page_of(Stage::Terms).into()))
                }
                Stage::SignedIn => Ok(Self { visitor, session, access }),
                stage => Err(AppError::SeeOther(access::page_of(stage).into())),
            }
        })
    }
}

/// The session of this request with whom it belongs to, if both still stand.
pub async fn checked(visitor: &Visitor) -> Result<Option<(Session, Access)>, AppError> {
    let Some(session) = visitor.session.clone() else { return Ok(None) };
    let access = access::check(&visitor.app.core, &session).await?;
    Ok(access.map(|access| (session, access)))
}

/// The way to sign in, and back to the page that was asked for. ASVS 3.7.2.
fn login_and_back(path: Option<&str>) -> String {
    match path.and_then(return_to::check).filter(|p| p != "/home" && p != "/") {
        Some(path) => {
            let query: String = url::form_urlencoded::byte_serialize(path.as_bytes()).collect();
            format!("/login?return_to={query}")
        }
        None => "/login".into(),
    }
}
