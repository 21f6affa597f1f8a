//! **Home**: how well the account is protected, what is new, who signed in, where to go.

use actix_web::HttpResponse;
use askama::Template;

use crate::clock::Timestamp;
use crate::domain::home::{self, Home, PastSignIn};
use crate::domain::limits::RECOVERY_CODES;
use crate::domain::mfa::MfaStatus;
use crate::domain::times::Zone;
use crate::error::AppError;
use crate::models::users::User;
use crate::web::guards::SignedIn;
use crate::web::respond::page;
use crate::web::session::Ahead;
use crate::web::view::{Badge, Frame, Here, Kind, Link, Notice, count};

/// Where the set-up banner leads, and what the link says.
pub const SET_UP: (&str, &str) = ("Set up now", "/security/setup");

/// Fewer are worth a warning.
const FEW_RECOVERY_CODES: i64 = 3;

/// GET /home.
#[derive(Template, Default)]
#[template(path = "home.html")]
pub struct HomePage {
    pub frame: Frame,
    /// "Good afternoon, Daniyel".
    pub greeting: String,
    /// No factor at all: a banner leads to the set-up.
    pub needs_set_up: bool,
    /// What is asked at sign-in does not count in the current organization.
    pub elsewhere: bool,
    pub new_messages: i64,
    /// How the account stands as a whole.
    pub status: Kind,
    /// "Your account is well protected".
    pub headline: String,
    /// "One thing to do, and it takes a minute."
    pub advice: String,
    pub checks: Vec<Check>,
    /// The one thing to do, such as "Get new recovery codes".
    pub next_step: Option<Link>,
    pub sign_ins: Vec<SignIn>,
    /// At most two.
    pub notices: Vec<Notice>,
    /// The organization's links to its applications.
    pub applications: Vec<Link>,
}

/// One line of the security status: "Password changed", "42 days ago".
#[derive(Clone, Debug)]
pub struct Check {
    pub kind: Kind,
    pub text: String,
    pub detail: String,
}

#[derive(Clone, Debug)]
pub struct SignIn {
    /// "Chrome on Windows".
    pub device: String,
    /// A phone or tablet rather than a computer.
    pub handheld: bool,
    /// "Text message code", "Wrong code, 3 tries".
    pub factor: String,
    pub address: String,
    pub at: String,
    /// "Signed in", "Refused".
    pub outcome: Badge,
    pub this_device: bool,
}

pub async fn show(user: SignedIn, Ahead(home): Ahead) -> Result<HttpResponse, AppError> {
    let core = &user.visitor.app.core;
    let home = match home {
        Some(home) => home,
        // Another spelling of the path, such as /%68ome.
        None => home::gather(core, &user.session, &user.access).await?,
    };
    let (zone, now) = (user.zone(), core.clock.now());
    let elsewhere = home.factors == 0 && home.factors_elsewhere > 0;
    let (status, headline, advice) = standing(home.status, elsewhere, &zone);
    let needs_set_up = home.factors == 0 && !matches!(home.status, MfaStatus::Sso | MfaStatus::Locked);
    page(&HomePage {
        frame: user.frame(Here::Home),
        greeting: greeting(zone.hour(now), &user.access.user.first_name),
        needs_set_up,
        elsewhere,
        new_messages: home.new_messages,
        status,
        headline,
        advice: advice.to_owned(),
        checks: checks(&home, &user.access.user, now),
        next_step: needs_set_up.then(|| Link::new("Set up a second step", SET_UP.1)),
        sign_ins: home.sign_ins.iter().map(|entry| sign_in(entry, &zone, now)).collect(),
        notices: Vec::new(),
        applications: home.applications.into_iter().map(|a| Link::new(a.name, a.url)).collect(),
    })
}

/// "Good afternoon, Daniyel", by the hour of the day.
fn greeting(hour: i8, first_name: &str) -> String {
    let part = match hour {
        5..=11 => "morning",
        12..=17 => "afternoon",
        _ => "evening",
    };
    match first_name.trim() {
        "" => format!("Good {part}"),
        name => format!("Good {part}, {name}"),
    }
}

const ELSEWHERE: &str = "You are asked for it when you sign in, but this organization does not accept it.";

/// How the account stands as a whole: color, headline, advice.
fn standing(status: MfaStatus, elsewhere: bool, zone: &Zone) -> (Kind, String, &'static str) {
    match status {
        MfaStatus::Exempt if elsewhere => (Kind::Info, "You are exempt from the second step".into(), ELSEWHERE),
        MfaStatus::None if elsewhere => (Kind::Warn, "Your second step does not count here".into(), ELSEWHERE),
        MfaStatus::Enrolled => {
            (Kind::Ok, "Your account is well protected".into(), "It takes more than your password to sign in.")
        }
        MfaStatus::Sso => {
            (Kind::Ok, "Your account is well protected".into(), "Your organization's own sign-in looks after it.")
        }
        MfaStatus::Locked => (
            Kind::Bad,
            "A second step of yours is locked".into(),
            "It had too many wrong codes. Ask your administrator if it was not you.",
        ),
        MfaStatus::Exempt => (
            Kind::Info,
            "You are exempt from the second step".into(),
            "For now your password alone opens your account. A second step protects it better.",
        ),
        MfaStatus::InGrace(until) => (
            Kind::Warn,
            format!("Set up a second step by {}", zone.date(until)),
            "Your organization requires one. Later, signing in leads to the set-up.",
        ),
        MfaStatus::SetupPending => (
            Kind::Bad,
            "A second step is required".into(),
            "Your organization requires one, and you have none that counts.",
        ),
        MfaStatus::None => {
            (Kind::Warn, "Your password alone opens your account".into(), "A second step keeps out whoever learns it.")
        }
    }
}

fn checks(home: &Home, user: &User, now: Timestamp) -> Vec<Check> {
    let check = |kind, text: &str, detail: String| Check { kind, text: text.into(), detail };
    let factors = i64::try_from(home.factors).unwrap_or(i64::MAX);
    let mut checks = vec![match factors {
        0 if home.factors_elsewhere > 0 => {
            let many = i64::try_from(home.factors_elsewhere).unwrap_or(i64::MAX);
            let text = "Multi-factor authentication counts elsewhere";
            check(Kind::Warn, text, format!("{}, not accepted here", count(many, "factor", "factors")))
        }
        0 => check(Kind::Warn, "Multi-factor authentication is off", "No factors".into()),
        _ => check(Kind::Ok, "Multi-factor authentication is on", count(factors, "factor", "factors")),
    }];
    if let Some(at) = user.password_changed_at {
        checks.push(check(Kind::Ok, "Password changed", days_ago((now - at).whole_days())));
    }
    if let Some(left) = home.recovery_codes {
        let kind = if left < FEW_RECOVERY_CODES { Kind::Warn } else { Kind::Ok };
        checks.push(check(kind, "Recovery codes", format!("{left} of {RECOVERY_CODES} left")));
    }
    checks
}

fn days_ago(days: i64) -> String {
    match days {
        ..=0 => "today".into(),
        1 => "yesterday".into(),
        _ => format!("{days} days ago"),
    }
}

fn sign_in(entry: &PastSignIn, zone: &Zone, now: Timestamp) -> SignIn {
    SignIn {
        device: entry.device.clone(),
        handheld: entry.handheld,
        factor: entry.shown.clone(),
        address: entry.address.clone(),
        at: zone.day_and_time(entry.at, now),
        outcome: if entry.succeeded { Badge::new(Kind::Ok, "Signed in") } else { Badge::new(Kind::Bad, "Refused") },
        this_device: entry.this_device,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greeting_follows_the_hour() {
        for (hour, words) in [
            (0, "Good evening, Daniyel"),
            (4, "Good evening, Daniyel"),
            (5, "Good morning, Daniyel"),
            (11, "Good morning, Daniyel"),
            (12, "Good afternoon, Daniyel"),
            (17, "Good afternoon, Daniyel"),
            (18, "Good evening, Daniyel"),
        ] {
            assert_eq!(greeting(hour, "Daniyel"), words);
        }
        assert_eq!(greeting(9, ""), "Good morning");
    }

    #[test]
    fn days_are_counted_in_words() {
        assert_eq!([-1, 0, 1, 42].map(days_ago), ["today", "today", "yesterday", "42 days ago"]);
    }
}
