//! The clock to move and the senders to break.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::zone;
use crate::domain::sandbox;
use crate::error::AppError;
use crate::models::Channel;
use crate::outbox::sandbox::{Mode, Switches};
use crate::web::form::Form;
use crate::web::respond::{page, see_other};
use crate::web::sandbox::InSandbox;
use crate::web::view::{FormErrors, Frame, count};

/// GET /sandbox/controls. Posts `offset_seconds` or `reset` (1) to /sandbox/controls/clock, and `email`,
/// `sms`, `call` (ok|slow|fail) to /sandbox/controls/senders.
#[derive(Template, Default)]
#[template(path = "sandbox/controls.html")]
pub struct ControlsPage {
    pub frame: Frame,
    pub errors: FormErrors,
    /// Vestibule's time, in words.
    pub now: String,
    pub offset_seconds: i64,
    /// "4 hours ahead of the real time"; unused at 0.
    pub offset_words: String,
    pub senders: Vec<Sender>,
}

impl ControlsPage {
    fn tab(&self) -> &'static str {
        "controls"
    }
}

#[derive(Clone, Debug)]
pub struct Sender {
    /// "email", "sms" or "call".
    pub channel: String,
    /// "E-mail", "Text messages", "Calls".
    pub label: String,
    /// "ok", "slow" or "fail".
    pub mode: String,
}

pub async fn show(entered: InSandbox) -> Result<HttpResponse, AppError> {
    page(&controls(&entered, FormErrors::default()))
}

fn controls(entered: &InSandbox, errors: FormErrors) -> ControlsPage {
    let clock = &entered.visitor.app.core.clock;
    let sender = |channel: Channel, label: &str| Sender {
        channel: channel.as_str().into(),
        label: label.into(),
        mode: match entered.sandbox.sender.mode(channel) {
            Mode::Ok => "ok",
            Mode::Slow => "slow",
            Mode::Fail => "fail",
        }
        .into(),
    };
    ControlsPage {
        frame: entered.visitor.frame(),
        errors,
        now: zone().time_with_zone(clock.now()),
        offset_seconds: clock.offset(),
        offset_words: offset_words(clock.offset()),
        senders: vec![
            sender(Channel::Email, "E-mail"),
            sender(Channel::Sms, "Text messages"),
            sender(Channel::Call, "Calls"),
        ],
    }
}

/// "4 hours ahead of the real time"; at most two units.
fn offset_words(seconds: i64) -> String {
    let mut rest = seconds.abs();
    let mut parts = Vec::new();
    for (length, one, many) in
        [(86_400, "day", "days"), (3_600, "hour", "hours"), (60, "minute", "minutes"), (1, "second", "seconds")]
    {
        if rest >= length && parts.len() < 2 {
            parts.push(count(rest / length, one, many));
            rest %= length;
        }
    }
    let side = if seconds < 0 { "behind" } else { "ahead of" };
    format!("{} {side} the real time", parts.join(" and "))
}

/// One form has buttons with an offset, the other a field for it and a button to take it back.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockForm {
    offset_seconds: Option<String>,
    reset: Option<String>,
}

/// POST /sandbox/controls/clock.
pub async fn set_clock(entered: InSandbox, form: Form<ClockForm>) -> Result<HttpResponse, AppError> {
    let typed = if form.0.reset.is_some() { "0".into() } else { form.0.offset_seconds.unwrap_or_default() };
    let offset: Option<i64> = typed.trim().parse().ok();
    if let Some(seconds) = offset
        && sandbox::set_clock(&entered.visitor.app.core, seconds).await?
    {
        return Ok(see_other("/sandbox/controls"));
    }
    let message = "Enter a whole number of seconds, at most ten years either way.";
    page(&controls(&entered, FormErrors::one("offset_seconds", message)))
}

/// POST /sandbox/controls/senders.
pub async fn set_senders(entered: InSandbox, form: Form<Switches>) -> HttpResponse {
    entered.sandbox.sender.set(form.0);
    see_other("/sandbox/controls")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_is_told_in_two_units_at_most() {
        assert_eq!(offset_words(14_400), "4 hours ahead of the real time");
        assert_eq!(offset_words(-1), "1 second behind the real time");
        assert_eq!(offset_words(90_061), "1 day and 1 hour ahead of the real time");
        assert_eq!(offset_words(86_430), "1 day and 30 seconds ahead of the real time");
    }
}
