//! Who may enter the steps of a registration: whoever came by its link, whoever pressed **Create**, and
//! whoever still has to accept the terms. A step out of order answers with **Registration Error**.

use std::future::Future;
use std::pin::Pin;

use actix_web::{FromRequest, HttpRequest, dev::Payload};

use super::cookies;
use super::guards::checked;
use super::visitor::Visitor;
use crate::domain::access::{self, Access};
use crate::domain::registration::{Road, road, terms};
use crate::error::AppError;
use crate::models::Stage;
use crate::models::sessions::Session;

type Extracted<T> = Pin<Box<dyn Future<Output = Result<T, AppError>>>>;

/// The page for a step that is not due, or was left standing for too long.
pub const ERROR: &str = "/register/error";

/// Somebody who opened the link of a registration in this browser.
pub struct Registering {
    pub visitor: Visitor,
    pub road: Road,
}

/// Somebody between **Create** and the terms, with a factor to prove.
pub struct Enrolling {
    pub visitor: Visitor,
    pub session: Session,
    pub access: Access,
}

/// Somebody for whom the terms are due: at the end of a registration, in a sign-in, or signed in when
/// their version changed.
pub struct AtTerms {
    pub visitor: Visitor,
    pub session: Session,
    pub access: Access,
}

impl FromRequest for Registering {
    type Error = AppError;
    type Future = Extracted<Self>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let visitor = Visitor::of(req);
        Box::pin(async move {
            let visitor = visitor?;
            let elsewhere = || AppError::SeeOther(ERROR.into());
            let kept = visitor.cookie(cookies::REGISTRATION).ok_or_else(elsewhere)?;
            let road = road::of_cookie(&visitor.app.core, &kept).await?.ok_or_else(elsewhere)?;
            Ok(Self { visitor, road })
        })
    }
}

impl FromRequest for Enrolling {
    type Error = AppError;
    type Future = Extracted<Self>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let visitor = Visitor::of(req);
        Box::pin(async move {
            let visitor = visitor?;
            let found = checked(&visitor);
            let (session, access) = found.ok_or_else(|| AppError::SeeOther(ERROR.into()))?;
            match session.stage {
                Stage::Registration => Ok(Self { visitor, session, access }),
                stage => Err(AppError::SeeOther(access::page_of(stage).into())),
            }
        })
    }
}

impl FromRequest for AtTerms {
    type Error = AppError;
    type Future = Extracted<Self>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let visitor = Visitor::of(req);
        Box::pin(async move {
            let visitor = visitor?;
            let found = checked(&visitor);
            let (session, access) = found.ok_or_else(|| AppError::SeeOther("/login".into()))?;
            let due = terms::are_due(&visitor.app.core, &access.user);
            match session.stage {
                Stage::Terms => Ok(Self { visitor, session, access }),
                Stage::SignedIn if due => Ok(Self { visitor, session, access }),
                stage => Err(AppError::SeeOther(access::page_of(stage).into())),
            }
        })
    }
}
