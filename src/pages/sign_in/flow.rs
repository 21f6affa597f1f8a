//! What the steps of a sign-in share: the browser's own cookies, the way on after a step, and the
//! words for one that failed.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use askama::Template;

use crate::clock::Timestamp;
use crate::domain::mfa::demands_mfa;
use crate::domain::second_step::send_limits::{Refused, next_send_at};
use crate::domain::second_step::ways::{Ways, target_of};
use crate::domain::sign_in::{Device, Passed};
use crate::domain::times::Zone;
use crate::error::AppError;
use crate::models::one_time_codes::OneTimeCode;
use crate::models::organizations::Organization;
use crate::models::outbox_messages::OutboxMessage;
use crate::models::sessions::Session;
use crate::models::{Channel, LoginOption, MessageState, Stage};
use crate::secrets::{Secret, random};
use crate::web::guards::PendingSignIn;
use crate::web::respond::{page_with, see_other};
use crate::web::view::{CodeLife, Delivery, FormErrors, ResendWait};
use crate::web::visitor::{Said, Visitor};
use crate::web::{cookies, session, tickets};

const DEVICE_COOKIE: time::Duration = crate::domain::limits::KNOWN_DEVICE;

/// The browser's own value: the one it sent, or a new one.
pub fn device(visitor: &Visitor) -> Device {
    let sent = visitor.cookie(cookies::DEVICE).filter(|v| v.len() == 43);
    Device::new(sent.map_or_else(random::token, Secret::new))
}

/// Gives the browser its next session, and what it remembers; then on to the next page.
pub fn go_on(visitor: &Visitor, passed: &Passed, device: &Device) -> Result<HttpResponse, AppError> {
    session::enter(&visitor.handle, &passed.opened)?;
    visitor.set_cookie(cookies::DEVICE, device.token().to_owned(), Some(DEVICE_COOKIE));
    if let Some(ticket) = &passed.ticket {
        let mut kept = tickets::read(visitor);
        kept.push(ticket.clone());
        tickets::write(visitor, &kept);
    } else if is_not_remembered(visitor, passed) {
        visitor.flash(Said::NotRemembered);
    }
    Ok(see_other(&passed.next()))
}

/// Whether a sign-in has just ended with the box checked, and its organization has Remember Me off. S16.
fn is_not_remembered(visitor: &Visitor, passed: &Passed) -> bool {
    let session = &passed.opened.session;
    let before = visitor.session.as_ref().map(|s| s.stage);
    session.stage == Stage::SignedIn && session.remember && !matches!(before, Some(Stage::SignedIn | Stage::StepUp))
}

/// The sign-in has ended: back to the start, with a word about why.
pub fn start_over(visitor: &Visitor, said: Said) -> HttpResponse {
    session::leave(&visitor.handle);
    visitor.flash(said);
    see_other("/login")
}

/// The option in a URL or form; an unknown one is no page of ours.
pub fn option(word: &str) -> Result<LoginOption, AppError> {
    LoginOption::parse(word).ok_or(AppError::NotFound)
}

/// A page that says when to try again: 429 with Retry-After.
pub fn too_many(page: &impl Template, until: Timestamp, now: Timestamp) -> Result<HttpResponse, AppError> {
    let mut response = page_with(StatusCode::TOO_MANY_REQUESTS, page)?;
    let seconds = (until - now).whole_seconds().max(0) + 1;
    response.headers_mut().insert(RETRY_AFTER, seconds.into());
    Ok(response)
}

/// "Too many tries" with the time, for a pause. A short wait would be over before a minute is read, and a minute is
/// not over before its last second.
pub fn paused(zone: &Zone, until: Timestamp, now: Timestamp) -> FormErrors {
    let at = match (until - now).whole_seconds() {
        ..10 => return FormErrors::one("", "Too many tries. You can try again in a few seconds."),
        10..120 => zone.when_seconds(until, now),
        _ => zone.when(until + time::Duration::seconds(59), now),
    };
    FormErrors::one("", format!("Too many tries. You can try again at {at}, or ask your practice admin."))
}

/// "Too many tries" with the time, where nobody can help but time.
pub fn too_many_tries(zone: &Zone, until: Timestamp, now: Timestamp) -> FormErrors {
    let at = zone.when_seconds(until, now);
    FormErrors::one("", format!("Too many tries. You can try again at {at}."))
}

/// Why nothing was sent, in words.
pub fn not_sent(refused: Refused, zone: &Zone, now: Timestamp) -> FormErrors {
    let text = match refused {
        Refused::Wait { until } => {
            let seconds = (until - now).whole_seconds().max(1);
            format!("We can send another code at {}, in {seconds} seconds.", zone.when_seconds(until, now))
        }
        Refused::Limit { until } => {
            format!("Too many codes were sent. We can send another code at {}.", zone.when(until, now))
        }
        Refused::NoMore => "No more codes can be sent in this sign-in. Cancel and sign in again.".into(),
        Refused::Country => "We cannot text or call numbers in this country. Use another way.".into(),
        Refused::NotUsable => "This way cannot be used now. Use another way.".into(),
    };
    FormErrors::one("", text)
}

/// A page that says why nothing was sent: 429 where time helps, else 200.
pub fn refused(page: &impl Template, refused: Refused, now: Timestamp) -> Result<HttpResponse, AppError> {
    match refused {
        Refused::Wait { until } | Refused::Limit { until } => too_many(page, until, now),
        _ => page_with(StatusCode::OK, page),
    }
}

/// How a code stands: on its way, failing, ready, too old.
pub fn delivery(code: &OneTimeCode, message: &OutboxMessage, now: Timestamp) -> Delivery {
    match (message.state, code.expires_at) {
        (MessageState::Sent, Some(end)) if end > now => Delivery::Ready,
        (MessageState::Sent, _) => Delivery::Expired,
        (MessageState::Queued, _) if message.last_error.is_none() => Delivery::Sending,
        _ => Delivery::Failed,
    }
}

/// When another code may be sent.
pub fn wait(session: &Session, channel: Channel, zone: &Zone, now: Timestamp) -> ResendWait {
    wait_until(next_send_at(session, channel), zone, now)
}

/// The same for a time that is known already.
pub fn wait_until(next: Option<Timestamp>, zone: &Zone, now: Timestamp) -> ResendWait {
    match next.filter(|at| *at > now) {
        Some(at) => {
            let seconds = (at - now).whole_seconds() + i64::from((at - now).subsec_nanoseconds() > 0);
            ResendWait { seconds, at: zone.when_seconds(at, now) }
        }
        None => ResendWait::default(),
    }
}

/// How long something still works, by the clock and in seconds.
pub fn life(ends: Timestamp, total_seconds: i64, zone: &Zone, now: Timestamp) -> CodeLife {
    let until = if total_seconds < 120 { zone.when_seconds(ends, now) } else { zone.when(ends, now) };
    CodeLife { seconds_left: (ends - now).whole_seconds().max(0), total_seconds, until }
}

/// The organization that asks, where what is asked for counts there. A forgotten password asks for the account.
pub fn asked_by(pending: &PendingSignIn, ways: &Ways) -> Option<String> {
    let asking = if let Some(entering) = &pending.session.entering_organization_id {
        // Where one is already, it may be the console that asks.
        let asks = |o: &&Organization| pending.session.organization_id.as_ref() != Some(entering) || demands_mfa(o);
        target_of(&pending.session, &pending.access).map(|(_, o)| o).filter(asks)
    } else {
        match pending.access.memberships.as_slice() {
            [(_, only)] if only.org_level_mfa => Some(only),
            _ => None,
        }
    };
    let asking = asking.filter(|o| !pending.session.stage.is_reset() && ways.count_for(o));
    asking.map(|o| o.name.clone())
}

/// The words for an e-mail address that cannot be one, or `None`.
pub fn no_address(email: &str) -> Option<FormErrors> {
    let email = email.trim();
    let (local, host) = email.rsplit_once('@').unwrap_or_default();
    let fits = !local.is_empty() && host.contains('.') && email.len() <= 254 && !email.contains(char::is_whitespace);
    let text = match (fits, email.is_empty()) {
        (true, _) => return None,
        (_, true) => "Enter your email address.",
        _ => "Enter an email address like name@example.org.",
    };
    Some(FormErrors::one("email", text))
}

/// The words for a code that cannot be one, or `None`.
pub fn not_six_digits(code: &str) -> Option<FormErrors> {
    let digits = crate::domain::second_step::totp::digits(code);
    let fits = digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_digit());
    (!fits).then(|| FormErrors::one("code", "Enter the 6-digit code.").keeping("code", code))
}
