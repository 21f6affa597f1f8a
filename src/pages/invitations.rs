//! **Invitations** of somebody who has an account: accept or decline.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;

use crate::domain::access::role_words;
use crate::domain::people::offers::{self, Settled};
use crate::error::AppError;
use crate::pages::sign_in::flow;
use crate::web::form::{Form, Nothing};
use crate::web::guards::SignedIn;
use crate::web::respond::{page, page_with, see_other};
use crate::web::view::{Frame, Here};
use crate::web::visitor::Said;

/// GET /invitations. Posts to /invitations/{id}/accept and /decline.
#[derive(Template, Default)]
#[template(path = "invitations.html")]
pub struct InvitationsPage {
    pub frame: Frame,
    pub offers: Vec<Offer>,
    /// An answer came to one that is not open any more, or never was theirs.
    pub over: bool,
}

#[derive(Clone, Debug)]
pub struct Offer {
    pub id: String,
    pub organization: String,
    pub role: &'static str,
    pub until: String,
}

/// GET /invitations.
pub async fn list(user: SignedIn) -> Result<HttpResponse, AppError> {
    page(&waiting(&user).await?)
}

async fn waiting(user: &SignedIn) -> Result<InvitationsPage, AppError> {
    let core = &user.visitor.app.core;
    let (zone, now) = (user.zone(), core.clock.now());
    let found = offers::list(core, &user.access.user.id).await?;
    let offers = found.into_iter().map(|(offer, organization)| Offer {
        id: offer.id,
        organization: organization.name,
        role: role_words(offer.role),
        until: zone.day_and_time(offer.expires_at, now),
    });
    Ok(InvitationsPage { frame: user.frame(Here::Elsewhere), offers: offers.collect(), over: false })
}

/// POST /invitations/{id}/accept.
pub async fn accept(user: SignedIn, id: web::Path<String>, _: Form<Nothing>) -> Result<HttpResponse, AppError> {
    settle(&user, &id, true).await
}

/// POST /invitations/{id}/decline.
pub async fn decline(user: SignedIn, id: web::Path<String>, _: Form<Nothing>) -> Result<HttpResponse, AppError> {
    settle(&user, &id, false).await
}

async fn settle(user: &SignedIn, id: &str, accepted: bool) -> Result<HttpResponse, AppError> {
    let visitor = &user.visitor;
    let who = (&user.session, &user.access.user);
    let settled = offers::settle(&visitor.app.core, who, id, accepted, &visitor.origin).await?;
    match settled {
        Some(Settled::Done) => {}
        Some(Settled::ByDomain) => return Ok(flow::start_over(visitor, Said::ByDomainOnly)),
        // The same words whether there ever was one: of other people's nothing is told.
        None => {
            let page = InvitationsPage { over: true, ..waiting(user).await? };
            return page_with(StatusCode::NOT_FOUND, &page);
        }
    }
    visitor.flash(if accepted { Said::InvitationAccepted } else { Said::InvitationDeclined });
    Ok(see_other(offers::PAGE))
}
