//! **Message Center**: what happened to the account, in words. Reading is a GET and changes nothing;
//! marking as read is a POST.

use askama::Template;

use crate::web::view::{Frame, Link};

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
