//! Text messages, calls and e-mails as they "arrive".

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::zone;
use crate::clock::Timestamp;
use crate::domain::sandbox::{self, OutboxItem};
use crate::error::AppError;
use crate::models::Channel;
use crate::web::form::Form;
use crate::web::respond::{page, see_other};
use crate::web::sandbox::InSandbox;
use crate::web::view::Frame;

/// As many as a page shows.
const SHOWN: i64 = 100;
/// Seconds between two refreshes that somebody asked for.
const REFRESH: u32 = 5;

/// GET /sandbox?to=&every=. A call's keys post `digit` (#|1|hangup) to its `press_url`.
#[derive(Template, Default)]
#[template(path = "sandbox/outbox.html")]
pub struct OutboxPage {
    pub frame: Frame,
    /// The recipient looked for; empty for all.
    pub to: String,
    /// Newest first, as in the two lists below.
    pub calls: Vec<Call>,
    pub texts: Vec<Text>,
    pub mails: Vec<Mail>,
    /// Set when the page refreshes itself.
    pub refresh_seconds: Option<u32>,
    /// This page with its filter, and the same refreshing itself.
    pub refresh_url: String,
    pub auto_url: String,
}

impl OutboxPage {
    fn tab(&self) -> &'static str {
        "outbox"
    }
}

#[derive(Clone, Debug)]
pub struct Call {
    pub to: String,
    pub at: String,
    /// "Ringing", "Answered with #", "Ended".
    pub state: String,
    /// Keys can still be pressed.
    pub ringing: bool,
    /// What the voice says.
    pub text: String,
    pub press_url: String,
}

#[derive(Clone, Debug)]
pub struct Text {
    pub id: String,
    pub to: String,
    pub at: String,
    pub text: String,
    pub code: Option<String>,
    pub failed: bool,
}

#[derive(Clone, Debug)]
pub struct Mail {
    pub id: String,
    pub to: String,
    pub at: String,
    pub subject: String,
    pub text: String,
    pub code: Option<String>,
    pub link: Option<String>,
    /// Where the HTML part is shown.
    pub html_url: Option<String>,
    pub failed: bool,
}

#[derive(Deserialize)]
pub struct Filter {
    #[serde(default)]
    to: String,
    #[serde(default)]
    every: String,
}

pub async fn show(entered: InSandbox, filter: web::Query<Filter>) -> Result<HttpResponse, AppError> {
    let core = &entered.visitor.app.core;
    let to = filter.to.trim();
    let items = sandbox::read_outbox(core, Some(to.to_owned()).filter(|t| !t.is_empty()), SHOWN, String::new()).await?;
    let now = core.clock.now();
    let mut shown = OutboxPage {
        frame: entered.visitor.frame(),
        to: to.to_owned(),
        refresh_seconds: filter.every.parse().ok().map(|seconds: u32| seconds.clamp(2, 60)),
        refresh_url: url_of(to, None),
        auto_url: url_of(to, Some(REFRESH)),
        ..OutboxPage::default()
    };
    for item in items {
        match item.channel {
            Channel::Call => shown.calls.push(call(item, now)),
            Channel::Sms => shown.texts.push(text(item, now)),
            Channel::Email => shown.mails.push(mail(item, now)),
        }
    }
    page(&shown)
}

/// This page for a recipient, refreshing itself or not.
fn url_of(to: &str, every: Option<u32>) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    if !to.is_empty() {
        query.append_pair("to", to);
    }
    if let Some(seconds) = every {
        query.append_pair("every", &seconds.to_string());
    }
    match query.finish().as_str() {
        "" => "/sandbox".into(),
        query => format!("/sandbox?{query}"),
    }
}

fn call(item: OutboxItem, now: Timestamp) -> Call {
    let state = match item.state {
        "answered" if item.approved => "Answered with #",
        "answered" => "Answered",
        "ringing" => "Ringing",
        "failed" => "Not placed",
        "queued" => "Waiting to be placed",
        _ => "Ended",
    };
    Call {
        to: item.to,
        at: zone().day_and_time(item.at, now),
        state: state.into(),
        ringing: item.press_url.is_some(),
        text: item.text,
        // The form's own address, beside that of the scripts.
        press_url: item.press_url.map(|url| format!("{url}-form")).unwrap_or_default(),
    }
}

fn text(item: OutboxItem, now: Timestamp) -> Text {
    Text {
        id: item.id,
        to: item.to,
        at: zone().day_and_time(item.at, now),
        text: item.text,
        code: item.code,
        failed: item.state == "failed",
    }
}

fn mail(item: OutboxItem, now: Timestamp) -> Mail {
    Mail {
        html_url: item.has_html.then(|| format!("/sandbox/mail/{}", item.id)),
        id: item.id,
        to: item.to,
        at: zone().day_and_time(item.at, now),
        subject: item.subject.unwrap_or_default(),
        text: item.text,
        code: item.code,
        link: item.link,
        failed: item.state == "failed",
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Press {
    digit: String,
}

/// POST /sandbox/calls/{id}/press-form.
pub async fn press(entered: InSandbox, id: web::Path<String>, form: Form<Press>) -> Result<HttpResponse, AppError> {
    let key = sandbox::key(&form.0.digit).ok_or(AppError::BadRequest("A telephone has no such key."))?;
    match sandbox::press(&entered.visitor.app.core, &id, key).await? {
        true => Ok(see_other("/sandbox")),
        false => Err(AppError::NotFound),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ASVS 1.2.2.
    #[test]
    fn a_recipient_stays_in_the_address() {
        assert_eq!(url_of("", None), "/sandbox");
        assert_eq!(url_of("", Some(5)), "/sandbox?every=5");
        assert_eq!(url_of("+16015550123", Some(5)), "/sandbox?to=%2B16015550123&every=5");
    }
}
