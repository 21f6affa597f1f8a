//! The first page of **Security**: what is enrolled, and where each of it is looked after.

use actix_web::HttpResponse;
use askama::Template;

use crate::clock::Timestamp;
use crate::domain::domain_account::host;
use crate::domain::mfa::{self, MfaStatus};
use crate::domain::remember_me;
use crate::domain::second_step::notices::words;
use crate::domain::security::overview::{self, Demand, Overview};
use crate::domain::security::recovery_codes::Standing;
use crate::domain::security::tokens;
use crate::domain::times::Zone;
use crate::error::AppError;
use crate::models::domain_identities::DomainIdentity;
use crate::models::factors::Factor;
use crate::models::{FactorKind, FactorState, Scope};
use crate::web::guards::SignedIn;
use crate::web::respond::page;
use crate::web::tickets;
use crate::web::view::{Badge, Frame, Here, Kind, PhoneChoice};

/// GET /security. **Forget** posts to /forget-browser, **End all others** to /security/sessions/end-others.
#[derive(Template, Default)]
#[template(path = "security/overview.html")]
pub struct OverviewPage {
    pub frame: Frame,
    pub status: Option<Badge>,
    /// Who requires a second step, in sentences.
    pub demands: Vec<String>,
    pub authenticators: Vec<Row>,
    pub phones: Vec<Row>,
    /// Whether anything carries texts and calls.
    pub gateway: bool,
    pub email_codes: Vec<Row>,
    pub tokens: Vec<Row>,
    pub domain_accounts: Vec<DomainRow>,
    pub codes: CodesRow,
    pub password: String,
    pub email: String,
    /// The zone times are shown in, and whether it is the user's own choice.
    pub time_zone: String,
    pub sessions: i64,
    /// Until when this browser is remembered for this person.
    pub remembered_until: Option<String>,
}

/// One factor.
pub struct Row {
    pub id: String,
    /// Its name, or what it is.
    pub title: String,
    /// What it is, where the name does not say so; scope and times.
    pub details: Vec<String>,
    pub phone: Option<PhoneChoice>,
    pub badge: Option<Badge>,
    /// A token that waits for its owner.
    pub waiting: bool,
}

/// One domain account.
pub struct DomainRow {
    pub id: String,
    /// The domain's name, or the provider's host where that is not configured any more.
    pub title: String,
    pub details: String,
}

/// The set of recovery codes.
#[derive(Default)]
pub struct CodesRow {
    pub text: String,
    pub low: bool,
    /// Whether a new set can be made.
    pub possible: bool,
    pub any: bool,
}

/// Fewer than this are few.
const FEW: i64 = 3;

pub async fn show(user: SignedIn) -> Result<HttpResponse, AppError> {
    let core = &user.visitor.app.core;
    let found = overview::gather(core, &user.session, &user.access).await?;
    let people = remember_me::people(core, &tickets::read(&user.visitor)).await?;
    let (zone, now) = (user.zone(), core.clock.now());
    let own = people.iter().filter(|p| p.entry.user_id == user.access.user.id).map(|p| p.entry.expires_at).max();
    let rows = |kind| rows(&found, kind, &user, &zone, now);
    let password = user.access.user.password_changed_at;
    page(&OverviewPage {
        frame: user.frame(Here::Security),
        status: Some(Badge::new(meaning(found.status), found.status.label(zone_name(&user)))),
        demands: found.demands.iter().map(|demand| demanded(demand, &zone)).collect(),
        authenticators: rows(FactorKind::Authenticator),
        phones: rows(FactorKind::Phone),
        gateway: core.settings.carries(FactorKind::Phone),
        email_codes: rows(FactorKind::Email),
        tokens: rows(FactorKind::HardwareToken),
        domain_accounts: found.domain_accounts.iter().map(|one| domain_row(one, &user, &zone, now)).collect(),
        codes: codes(found.recovery_codes, &zone),
        password: password.map_or_else(String::new, |at| format!("Changed {}", zone.date(at))),
        email: user.access.user.email.clone(),
        time_zone: match &user.access.user.time_zone {
            Some(own) => own.clone(),
            None => format!("{}, as your organization", zone_name(&user)),
        },
        sessions: i64::try_from(found.sessions).unwrap_or(i64::MAX),
        remembered_until: own.map(|until| zone.clock_time(until)),
    })
}

fn zone_name(user: &SignedIn) -> &str {
    let organization = user.access.current(&user.session).map(|(_, o)| o).or_else(|| user.access.managing());
    user.access.user.time_zone.as_deref().or(organization.map(|o| o.time_zone.as_str())).unwrap_or("UTC")
}

fn meaning(status: MfaStatus) -> Kind {
    match status {
        MfaStatus::Enrolled | MfaStatus::Sso => Kind::Ok,
        MfaStatus::Exempt => Kind::Info,
        MfaStatus::InGrace(_) | MfaStatus::None => Kind::Warn,
        MfaStatus::Locked | MfaStatus::SetupPending => Kind::Bad,
    }
}

fn demanded(demand: &Demand, zone: &Zone) -> String {
    let name = &demand.organization;
    let mut text = match (demand.exempt_until, demand.grace_until) {
        (Some(until), _) => format!("Required by {name}. You are exempt until {}.", zone.date(until)),
        (None, Some(until)) => format!("Required by {name} from {} on.", zone.date(until)),
        (None, None) => format!("Required by {name}. Your last factor that counts there cannot be removed."),
    };
    if demand.own {
        text.push_str(&format!(" {name} wants factors of its own; others do not count there."));
    }
    text
}

fn rows(found: &Overview, kind: FactorKind, user: &SignedIn, zone: &Zone, now: Timestamp) -> Vec<Row> {
    found.factors.iter().filter(|f| f.kind == kind).map(|factor| row(factor, user, zone, now)).collect()
}

fn row(factor: &Factor, user: &SignedIn, zone: &Zone, now: Timestamp) -> Row {
    let kind = title(factor.kind);
    let mut details = Vec::new();
    if !factor.name.is_empty() {
        details.push(kind.to_owned());
    }
    match factor.kind {
        FactorKind::Phone => details.push("text message or call".into()),
        FactorKind::Email => details.extend(factor.email.clone()),
        FactorKind::HardwareToken => details.extend(factor.serial.as_ref().map(|s| format!("serial number {s}"))),
        _ => {}
    }
    if factor.scope == Scope::Organization {
        let of = |id: &String| user.access.memberships.iter().find(|(_, o)| o.id == *id).map(|(_, o)| o.name.as_str());
        let name = factor.organization_id.as_ref().and_then(of).unwrap_or("one organization");
        details.push(format!("counts for {name} only"));
    }
    if let Some(at) = factor.confirmed_at {
        details.push(format!("added {}", zone.date(at)));
    }
    match factor.last_used_at {
        Some(at) => details.push(format!("last used {}", within(&zone.day_and_time(at, now)))),
        None if mfa::can_be_shown(factor) => details.push("never used".into()),
        None => {}
    }
    Row {
        id: factor.id.clone(),
        title: if factor.name.is_empty() { kind.to_owned() } else { factor.name.clone() },
        details,
        phone: factor.phone.as_ref().map(|number| PhoneChoice::new(&factor.id, None, number)),
        badge: match factor.state {
            FactorState::SwitchedOff => Some(Badge::new(Kind::Bad, "Switched off")),
            _ if !user.visitor.app.core.settings.carries(factor.kind) => Some(Badge::new(Kind::Warn, "Not usable now")),
            _ if tokens::is_waiting(factor) => Some(Badge::new(Kind::Warn, "Not active")),
            _ => None,
        },
        waiting: tokens::is_waiting(factor),
    }
}

fn domain_row(one: &DomainIdentity, user: &SignedIn, zone: &Zone, now: Timestamp) -> DomainRow {
    let settings = user.visitor.app.oidc.as_ref().map(|oidc| oidc.settings());
    let host = host(&one.issuer);
    let (since, used) = (zone.date(one.created_at), within(&zone.day_and_time(one.last_used_at, now)));
    DomainRow {
        id: one.id.clone(),
        title: settings.filter(|s| s.issuer == one.issuer).map_or_else(|| host.clone(), |s| s.name.clone()),
        details: format!("{host} · connected {since} · last used {used}"),
    }
}

/// A kind at the head of a row.
fn title(kind: FactorKind) -> &'static str {
    match kind {
        FactorKind::Authenticator => "Authenticator app",
        FactorKind::Phone => "Phone",
        FactorKind::Email => "E-mail code",
        FactorKind::HardwareToken => "Hardware token",
        kind @ (FactorKind::RecoveryCode | FactorKind::Domain) => words(kind),
    }
}

/// "Today, 1:12 PM" within a sentence.
fn within(day_and_time: &str) -> String {
    match day_and_time.split_once(", ") {
        Some(("Today", clock)) => format!("today, {clock}"),
        Some(("Yesterday", clock)) => format!("yesterday, {clock}"),
        _ => day_and_time.to_owned(),
    }
}

fn codes(standing: Standing, zone: &Zone) -> CodesRow {
    let any = standing.made > 0;
    let text = match standing.made_at.filter(|_| any) {
        Some(at) => format!("{} of {} left · made {}", standing.left, standing.made, zone.date(at)),
        None if standing.possible => "None made yet. One of them gets you in when a device is lost.".into(),
        None => "They come with your first authenticator.".into(),
    };
    CodesRow { text, low: any && standing.left < FEW, possible: standing.possible, any }
}
