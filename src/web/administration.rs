//! Who may enter the console, and whose acts must be fresh: a factor shown in this session, and for
//! acts one shown within ten minutes. ASVS 7.5.1, 7.5.3, 8.2.1, 8.4.2.

use std::ops::Deref;

use actix_web::http::Method;
use actix_web::{FromRequest, HttpRequest, dev::Payload};

use super::console::Console;
use super::gate::{self, SWITCHED};
use super::guards::{Extracted, SignedIn, frame_of};
use super::view::{Frame, Here};
use super::visitor::Visitor;
use crate::domain::access::{self, Access};
use crate::domain::administration::{self, Actor, Admission, Level};
use crate::domain::organizations;
use crate::domain::sign_in::step_up;
use crate::domain::times::Zone;
use crate::error::AppError;
use crate::models::Stage;
use crate::models::sessions::Session;

/// Somebody signed in fully who has just shown a factor, or the password where there is none.
pub struct Fresh {
    pub visitor: Visitor,
    pub session: Session,
    pub access: Access,
}

impl Fresh {
    pub fn frame(&self, here: Here) -> Frame {
        frame_of(&self.visitor, &self.access, &self.session, here)
    }

    pub fn zone(&self) -> Zone {
        self.access.zone(&self.session)
    }
}

/// An administrator or account holder of the current organization, or an operator.
pub struct OrgAdmin {
    pub visitor: Visitor,
    pub session: Session,
    pub access: Access,
    pub actor: Actor,
    /// Whether the current organization has customers that this person looks after.
    pub partner: bool,
}

impl OrgAdmin {
    /// The frame of a page of the console; `place` is the URL in the side list that it belongs to.
    pub fn frame(&self, place: &'static str) -> Frame {
        let console = Console {
            organization_id: self.actor.organization_id().unwrap_or_default().to_owned(),
            owner: self.actor.is_owner(),
            operator: self.actor.is_operator(),
            partner: self.partner,
            place,
        };
        let frame = frame_of(&self.visitor, &self.access, &self.session, Here::Administration);
        Frame { console: Some(console), ..frame }
    }

    pub fn zone(&self) -> Zone {
        self.access.zone(&self.session)
    }
}

/// A guard of the console that wants more than `OrgAdmin`.
macro_rules! stricter {
    ($($(#[$doc:meta])* $name:ident $level:ident $fresh:literal)+) => {$(
        $(#[$doc])*
        pub struct $name(pub OrgAdmin);

        impl Deref for $name {
            type Target = OrgAdmin;

            fn deref(&self) -> &OrgAdmin {
                &self.0
            }
        }

        impl FromRequest for $name {
            type Error = AppError;
            type Future = Extracted<Self>;

            fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
                let admitted = admit(req, payload, Level::$level, $fresh);
                Box::pin(async move { admitted.await.map(Self) })
            }
        }
    )+};
}

stricter! {
    /// The same, with a factor just shown.
    FreshOrgAdmin Admin true
    /// An account holder of the current organization, or an operator.
    OrgOwner Owner false
    /// The same, with a factor just shown.
    FreshOrgOwner Owner true
    /// An operator, with a factor just shown.
    FreshOperator Operator true
}

impl FromRequest for OrgAdmin {
    type Error = AppError;
    type Future = Extracted<Self>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        admit(req, payload, Level::Admin, false)
    }
}

fn admit(req: &HttpRequest, payload: &mut Payload, level: Level, fresh: bool) -> Extracted<OrgAdmin> {
    let signed_in = SignedIn::from_request(req, payload);
    let (back, mut deciding) = (way_back(req), gate::close(req));
    let path = req.path().to_owned();
    Box::pin(async move {
        let SignedIn { visitor, session, access } = signed_in.await?;
        let core = &visitor.app.core;
        let admission = administration::admit(core, &session, &access, (level, fresh), &visitor.origin.address).await?;
        if !matches!(admission, Admission::Granted(_)) && deciding.is_from_before_a_switch().await {
            return Err(AppError::Conflict(SWITCHED));
        }
        match admission {
            Admission::Granted(actor) => {
                let partner = organizations::is_partner(core, &actor).await?;
                Ok(OrgAdmin { visitor, session, access, actor: *actor, partner })
            }
            Admission::Confirm => Err(AppError::SeeOther(confirm(&back, true))),
            Admission::SetUp => Err(AppError::SeeOther(access::page_of(Stage::SetUp).into())),
            Admission::Refused => {
                administration::refused(core, &session, &path, &visitor.origin).await?;
                Err(AppError::Forbidden)
            }
        }
    })
}

impl FromRequest for Fresh {
    type Error = AppError;
    type Future = Extracted<Self>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let signed_in = SignedIn::from_request(req, payload);
        let back = way_back(req);
        Box::pin(async move {
            let SignedIn { visitor, session, access } = signed_in.await?;
            if !step_up::wanted(&visitor.app.core, &session, &access).await?.nothing() {
                return Err(AppError::SeeOther(confirm(&back, false)));
            }
            Ok(Self { visitor, session, access })
        })
    }
}

/// The page that asks for a factor and leads back.
fn confirm(back: &str, console: bool) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    if console {
        query.append_pair("for", "console");
    }
    query.append_pair("return_to", back);
    format!("/security/confirm?{}", query.finish())
}

/// Where to go on once it was shown: the page itself, or the page a form stands on. What was typed
/// there is not carried along, so pages with forms want the same freshness before they are shown.
fn way_back(req: &HttpRequest) -> String {
    if matches!(*req.method(), Method::GET | Method::HEAD) {
        return req.uri().to_string();
    }
    let parts: Vec<&str> = req.path().split('/').skip(1).collect();
    let kept = match parts.as_slice() {
        // Where the key is shown that was about to be drawn.
        ["security", "authenticator", ..] => 2,
        ["security", ..] => 1,
        ["admin", "users", ..] => 3,
        _ => 2,
    };
    format!("/{}", parts.iter().take(kept).copied().collect::<Vec<_>>().join("/"))
}
