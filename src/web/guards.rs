//! Who may enter. A handler names one of these in its arguments; `routes.rs` names the same beside
//! the URL. Roles and states are read from the database at each request (ASVS 8.3.2).

use std::future::Future;
use std::pin::Pin;

use actix_web::http::Method;
use actix_web::{FromRequest, HttpRequest, dev::Payload};

pub use super::administration::Fresh;
use super::cookies;
use super::return_to;
use super::view::{CurrentUser, Frame, Here, initials};
use super::visitor::{Said, Visitor};
use crate::domain::access::{self, Access, Due};
use crate::domain::registration::terms;
use crate::domain::sign_in::set_up::{self, Standing};
use crate::domain::times::Zone;
use crate::error::AppError;
use crate::models::Stage;
use crate::models::sessions::Session;

pub(super) type Extracted<T> = Pin<Box<dyn Future<Output = Result<T, AppError>>>>;

/// Somebody whose password was right and who has not shown a factor yet.
pub struct PendingSignIn {
    pub visitor: Visitor,
    pub session: Session,
    pub access: Access,
}

/// Somebody who forgot the password and has shown all that was asked: a new one may be chosen.
pub struct ChoosingPassword {
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

/// Somebody led to set-up, or signed in fully and without a factor that counts.
pub struct SetUp {
    pub visitor: Visitor,
    pub session: Session,
    pub access: Access,
    pub standing: Standing,
}

/// Somebody signed in whose current organization asks for a factor that was not shown in this session.
pub struct FactorDue {
    pub visitor: Visitor,
    pub session: Session,
    pub access: Access,
}

impl FactorDue {
    /// A bar with nothing but the way out: nothing of the organization is open.
    pub fn frame(&self) -> Frame {
        Frame { half_made: true, ..self.visitor.frame() }
    }
}

impl SignedIn {
    /// The frame of a page with the bar and the profile menu.
    pub fn frame(&self, here: Here) -> Frame {
        frame_of(&self.visitor, &self.access, &self.session, here)
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

impl SetUp {
    /// Signed in already, or else half-made: a bar with nothing but the way out.
    pub fn frame(&self) -> Frame {
        match self.session.stage {
            Stage::SignedIn => frame_of(&self.visitor, &self.access, &self.session, Here::Security),
            _ => Frame { half_made: true, ..self.visitor.frame() },
        }
    }

    pub fn zone(&self) -> Zone {
        self.access.zone(&self.session)
    }
}

pub(super) fn frame_of(visitor: &Visitor, access: &Access, session: &Session, here: Here) -> Frame {
    let user = &access.user;
    let current = access.current(session);
    let name = user.full_name();
    Frame {
        here,
        user: Some(CurrentUser {
            initials: initials(&name),
            name,
            email: user.email.clone(),
            role: access.role_words(session).to_owned(),
            organization: current.map(|(_, o)| o.name.clone()),
            several_organizations: access.memberships.len() > 1,
            administers: access.administers(session),
            remembered_until: None,
        }),
        ..visitor.frame()
    }
}

impl FromRequest for PendingSignIn {
    type Error = AppError;
    type Future = Extracted<Self>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let visitor = Visitor::of(req);
        Box::pin(async move {
            let visitor = visitor?;
            let Some((session, access)) = checked(&visitor) else {
                visitor.flash(Said::SignInEnded);
                return Err(AppError::SeeOther("/login".into()));
            };
            match session.stage {
                Stage::SignedIn => Err(AppError::SeeOther("/home".into())),
                Stage::SetUp => Err(AppError::SeeOther(access::page_of(Stage::SetUp).into())),
                _ => Ok(Self { visitor, session, access }),
            }
        })
    }
}

impl FromRequest for ChoosingPassword {
    type Error = AppError;
    type Future = Extracted<Self>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let visitor = Visitor::of(req);
        Box::pin(async move {
            let visitor = visitor?;
            let Some((session, access)) = checked(&visitor) else {
                visitor.flash(Said::ResetEnded);
                return Err(AppError::SeeOther("/forgot-password".into()));
            };
            match session.stage {
                Stage::NewPassword => Ok(Self { visitor, session, access }),
                Stage::PasswordReset => Err(AppError::SeeOther(access::page_of(session.stage).into())),
                _ => Err(AppError::SeeOther("/forgot-password".into())),
            }
        })
    }
}

impl FromRequest for SignedIn {
    type Error = AppError;
    type Future = Extracted<Self>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let visitor = Visitor::of(req);
        let path = matches!(*req.method(), Method::GET | Method::HEAD).then(|| req.uri().to_string());
        Box::pin(async move {
            let visitor = visitor?;
            let Some((session, access)) = checked(&visitor) else {
                return Err(AppError::SeeOther(login_and_back(path.as_deref())));
            };
            match session.stage {
                Stage::SignedIn if terms::are_due(&visitor.app.core, &access.user) => {
                    Err(AppError::SeeOther(access::page_of(Stage::Terms).into()))
                }
                Stage::SignedIn => match access.due {
                    Due::Nothing => Ok(Self { visitor, session, access }),
                    Due::SetUp => Err(AppError::SeeOther(access::page_of(Stage::SetUp).into())),
                    Due::Factor => Err(AppError::SeeOther(factor_and_back(path.as_deref()))),
                    Due::Outside => Err(outside(&visitor, &access)),
                },
                stage => Err(AppError::SeeOther(access::page_of(stage).into())),
            }
        })
    }
}

impl FromRequest for FactorDue {
    type Error = AppError;
    type Future = Extracted<Self>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let visitor = Visitor::of(req);
        Box::pin(async move {
            let visitor = visitor?;
            let Some((session, access)) = checked(&visitor) else {
                return Err(AppError::SeeOther(login_and_back(None)));
            };
            match session.stage {
                Stage::SignedIn if access.due == Due::Factor => Ok(Self { visitor, session, access }),
                // Home says what else is due.
                stage => Err(AppError::SeeOther(access::page_of(stage).into())),
            }
        })
    }
}

impl FromRequest for SetUp {
    type Error = AppError;
    type Future = Extracted<Self>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let visitor = Visitor::of(req);
        Box::pin(async move {
            let visitor = visitor?;
            let elsewhere = |path: &str| Err(AppError::SeeOther(path.into()));
            let Some((session, access)) = checked(&visitor) else {
                if visitor.cookie(cookies::SESSION).is_some() {
                    visitor.flash(Said::SignInEnded);
                }
                return elsewhere(&login_and_back(Some(access::page_of(Stage::SetUp))));
            };
            if !matches!(session.stage, Stage::SetUp | Stage::SignedIn) {
                return elsewhere(access::page_of(session.stage));
            }
            if access.due == Due::Outside {
                return Err(outside(&visitor, &access));
            }
            let standing = set_up::standing(&visitor.app.core, &session, &access, &visitor.origin.address).await?;
            match standing {
                Standing::Enrolled => elsewhere("/security"),
                Standing::Nowhere => elsewhere("/login/organization"),
                Standing::WantsPassword => {
                    visitor.flash(Said::PasswordFirst);
                    elsewhere(&login_and_back(Some(access::page_of(Stage::SetUp))))
                }
                Standing::WantsFactor => elsewhere("/security/confirm?return_to=%2Fsecurity%2Fsetup"),
                Standing::Open | Standing::Saved | Standing::Barred => Ok(Self { visitor, session, access, standing }),
            }
        })
    }
}

/// The session of this request with whom it belongs to, if both still stand.
pub fn checked(visitor: &Visitor) -> Option<(Session, Access)> {
    let access = visitor.access.as_deref()?;
    Some((visitor.session.clone()?, access.clone()))
}

/// The current organization's safelist leaves this address out; whoever has several may try another one.
fn outside(visitor: &Visitor, access: &Access) -> AppError {
    AppError::Outside { address: visitor.origin.address.clone(), several: access.memberships.len() > 1 }
}

/// The way to show what the current organization asks for, and back.
fn factor_and_back(path: Option<&str>) -> String {
    match path.and_then(return_to::check) {
        Some(path) => {
            let query: String = url::form_urlencoded::byte_serialize(path.as_bytes()).collect();
            format!("/security/factor?return_to={query}")
        }
        None => "/security/factor".into(),
    }
}

/// The way to sign in, and back to the page that was asked for. ASVS 3.7.2.
pub fn login_and_back(path: Option<&str>) -> String {
    match path.and_then(return_to::check).filter(|p| p != "/home" && p != "/") {
        Some(path) => {
            let query: String = url::form_urlencoded::byte_serialize(path.as_bytes()).collect();
            format!("/login?return_to={query}")
        }
        None => "/login".into(),
    }
}
