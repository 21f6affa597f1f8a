//! **Message Center**: what happened to the account, in words. Reading is a GET and changes nothing;
//! marking as read is a POST.

use actix_web::{HttpResponse, web};
use askama::Template;

use crate::clock::Timestamp;
use crate::domain::messages;
use crate::domain::times::Zone;
use crate::error::AppError;
use crate::models::messages::Message;
use crate::web::form::{Form, Nothing};
use crate::web::guards::SignedIn;
use crate::web::respond::{page, see_other};
use crate::web::view::{Frame, Here, Link};

/// GET /messages. Posts nothing but the token to /messages/read (all).
#[derive(Template, Default)]
#[template(path = "message_center/list.html")]
pub struct MessagesPage {
    pub frame: Frame,
    pub messages: Vec<MessageLine>,
    pub unread: i64,
    /// The URL of the next page.
    pub older: Option<String>,
}

#[derive(Clone, Debug)]
pub struct MessageLine {
    pub id: String,
    pub subject: String,
    pub at: String,
    pub unread: bool,
}

/// Where a page of the list begins.
#[derive(serde::Deserialize)]
pub struct Paging {
    before: Option<String>,
}

pub async fn list(user: SignedIn, paging: web::Query<Paging>) -> Result<HttpResponse, AppError> {
    let core = &user.visitor.app.core;
    let found = messages::list(core, &user.access.user.id, paging.into_inner().before).await?;
    let (zone, now) = (user.zone(), core.clock.now());
    page(&MessagesPage {
        frame: user.frame(Here::Elsewhere),
        messages: found.messages.into_iter().map(|message| line(message, &zone, now)).collect(),
        unread: found.unread,
        older: found.older_than.map(|id| format!("/messages?before={id}")),
    })
}

fn line(message: Message, zone: &Zone, now: Timestamp) -> MessageLine {
    MessageLine {
        id: message.id,
        subject: message.subject,
        at: zone.day_and_time(message.created_at, now),
        unread: message.read_at.is_none(),
    }
}

/// POST /messages/read.
pub async fn read_all(user: SignedIn, _form: Form<Nothing>) -> Result<HttpResponse, AppError> {
    messages::read_all(&user.visitor.app.core, &user.access.user.id).await?;
    Ok(see_other("/messages"))
}

/// GET /messages/{id}. Posts to /messages/{id}/read.
#[derive(Template, Default)]
#[template(path = "message_center/one.html")]
pub struct MessagePage {
    pub frame: Frame,
    pub id: String,
    pub subject: String,
    pub at: String,
    pub unread: bool,
    pub paragraphs: Vec<String>,
    pub link: Option<Link>,
}

pub async fn show(user: SignedIn, id: web::Path<String>) -> Result<HttpResponse, AppError> {
    let core = &user.visitor.app.core;
    let message = messages::find(core, &user.access.user.id, &id).await?.ok_or(AppError::NotFound)?;
    page(&MessagePage {
        frame: user.frame(Here::Elsewhere),
        at: user.zone().day_and_time(message.created_at, core.clock.now()),
        unread: message.read_at.is_none(),
        paragraphs: message.body.split("\n\n").map(str::trim).filter(|p| !p.is_empty()).map(Into::into).collect(),
        id: message.id,
        subject: message.subject,
        link: None,
    })
}

/// POST /messages/{id}/read.
pub async fn read(user: SignedIn, id: web::Path<String>, _form: Form<Nothing>) -> Result<HttpResponse, AppError> {
    match messages::read(&user.visitor.app.core, &user.access.user.id, &id).await? {
        true => Ok(see_other("/messages")),
        false => Err(AppError::NotFound),
    }
}
