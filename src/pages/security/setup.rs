//! **MFA Configuration**: setting up an authenticator app, as a step of a sign-in that demands it or
//! of one's own accord. Showing the page changes nothing: the key was drawn by the post before it. A phone
//! and codes by e-mail stand beside it, where the organization takes them.

pub mod call;
pub mod email;
pub mod phone;
pub mod phone_code;

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::recovery_codes::{self, RecoveryCodesPage};
use crate::domain::access::Due;
use crate::domain::enrollment::authenticator::Saved;
use crate::domain::enrollment::in_session;
use crate::domain::mfa::that_count;
use crate::domain::sessions::Opened;
use crate::domain::sign_in::set_up::Standing;
use crate::error::AppError;
use crate::models::organizations::Organization;
use crate::models::{FactorKind, Stage};
use crate::pages::enroll::{EXPIRED, EnrollAuthenticator, REDRAWN, WRONG, name_words};
use crate::pages::sign_in::flow;
use crate::web::form::{FormHere, Nothing};
use crate::web::guards::SetUp;
use crate::web::respond::{page, see_other};
use crate::web::session;
use crate::web::view::{FormErrors, Frame};
use crate::web::visitor::{Said, Visitor};

/// GET and POST /security/setup: `code`, `device_name`. **Show a QR code** posts to
/// /security/setup/begin.
#[derive(Template, Default)]
#[template(path = "security/setup.html")]
pub struct SetupPage {
    pub frame: Frame,
    pub errors: FormErrors,
    /// Why something has to be set up, in a sentence; none where it is one's own wish.
    pub demanded: Option<String>,
    /// Whether another organization can be chosen instead.
    pub others: bool,
    /// What can be set up here.
    pub ways: Vec<Way>,
    /// What the organization accepts, within a sentence.
    pub methods: String,
    pub offer: Offer,
    pub clock_off_minutes: Option<i64>,
}

/// What the page has to offer.
#[derive(Default)]
pub enum Offer {
    /// A key that waits for its first code.
    Key(Box<EnrollAuthenticator>),
    /// A key can be drawn.
    #[default]
    Begin,
    /// The organization does not accept authenticator apps.
    NotAllowed,
    /// An authenticator was switched off after too many wrong codes.
    Barred,
}

impl Offer {
    fn is_open(&self) -> bool {
        matches!(self, Self::Key(_) | Self::Begin)
    }
}

/// GET /security/setup.
pub async fn show(set_up: SetUp) -> Result<HttpResponse, AppError> {
    if set_up.standing == Standing::Saved {
        return recovery_codes::saved(&set_up);
    }
    let ways = ways(&set_up, FactorKind::Authenticator);
    if let (Standing::Open, false, Some(first)) = (set_up.standing, is_allowed(&set_up), ways.first()) {
        return Ok(see_other(first.url));
    }
    page(&current(&set_up).await?)
}

async fn current(set_up: &SetUp) -> Result<SetupPage, AppError> {
    let organization = set_up.access.current(&set_up.session).map(|(_, o)| o);
    let demanded = demanded(set_up);
    let offer = if set_up.standing == Standing::Barred {
        Offer::Barred
    } else if !is_allowed(set_up) {
        Offer::NotAllowed
    } else {
        match in_session::key(&set_up.visitor.app.core, &set_up.session, &set_up.access).await? {
            Some(key) => Offer::Key(Box::new(EnrollAuthenticator::new(&key, &set_up.zone())?)),
            None => Offer::Begin,
        }
    };
    Ok(SetupPage {
        frame: set_up.frame(),
        others: demanded.is_some() && set_up.access.memberships.len() > 1,
        demanded,
        ways: ways(set_up, FactorKind::Authenticator),
        methods: organization.map(|o| accepted(set_up, o)).unwrap_or_default(),
        offer,
        ..SetupPage::default()
    })
}

/// A way to set something up: AUTHENTICATOR APP, PHONE, EMAIL.
#[derive(Clone, Copy, Debug)]
pub struct Way {
    pub text: &'static str,
    pub url: &'static str,
    pub here: bool,
}

const WAYS: [(FactorKind, &str, &str); 3] = [
    (FactorKind::Authenticator, "Authenticator app", "/security/setup"),
    (FactorKind::Phone, "Phone", "/security/setup/phone"),
    (FactorKind::Email, "Email", "/security/setup/email"),
];

/// What the organization takes and this installation carries; e-mail is never a factor of its own.
fn ways(set_up: &SetUp, here: FactorKind) -> Vec<Way> {
    let organization = set_up.access.current(&set_up.session).map(|(_, o)| o);
    let counts = |kind: FactorKind| {
        organization.is_none_or(|o| o.allows(kind) && (kind != FactorKind::Email || !o.org_level_mfa))
    };
    let settings = &set_up.visitor.app.core.settings;
    let fits = WAYS.into_iter().filter(|(kind, ..)| counts(*kind) && settings.carries(*kind));
    fits.map(|(kind, text, url)| Way { text, url, here: kind == here }).collect()
}

/// Why something has to be set up, where it has to: a reset of one's own, or else the organization.
fn demanded(set_up: &SetUp) -> Option<String> {
    if set_up.session.stage != Stage::SetUp && set_up.access.due != Due::SetUp {
        return None;
    }
    if set_up.access.user.set_up_demanded {
        return Some("You reset your factors, so a new one has to be set up before you go on.".into());
    }
    set_up.access.current(&set_up.session).map(|(_, o)| format!("{} requires a second step.", o.name))
}

/// Whether a factor of this kind may be set up here and now; else the first page says how things stand.
fn open(set_up: &SetUp, kind: FactorKind) -> Result<(), AppError> {
    let offered = ways(set_up, kind).iter().any(|way| way.here);
    let fits = set_up.standing == Standing::Open && offered;
    if fits { Ok(()) } else { Err(AppError::SeeOther("/security/setup".into())) }
}

/// It counts from here on: the browser gets the next id of its session, and the page that leads on.
fn done(visitor: &Visitor, opened: &Opened) -> Result<HttpResponse, AppError> {
    session::enter(&visitor.handle, opened)?;
    Ok(see_other("/security/setup"))
}

/// An authenticator that would not count where it is set up is of no use.
fn is_allowed(set_up: &SetUp) -> bool {
    set_up.access.current(&set_up.session).is_none_or(|(_, o)| o.allows(FactorKind::Authenticator))
}

/// What counts there, of what can be shown here.
fn accepted(set_up: &SetUp, organization: &Organization) -> String {
    let mut kinds = that_count(&organization.methods(), organization.org_level_mfa);
    kinds.retain(|kind| set_up.visitor.app.core.settings.carries(*kind));
    listed(&kinds)
}

/// "authenticator app, phone and e-mail code".
fn listed(methods: &[FactorKind]) -> String {
    let words: Vec<&str> = methods.iter().map(|kind| crate::domain::second_step::notices::words(*kind)).collect();
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        Some((last, _)) => (*last).to_owned(),
        None => String::new(),
    }
}

/// POST /security/setup/begin.
pub async fn begin(set_up: SetUp, _form: FormHere<Nothing>) -> Result<HttpResponse, AppError> {
    if set_up.standing == Standing::Open && is_allowed(&set_up) {
        in_session::begin(&set_up.visitor.app.core, &set_up.session, &set_up.access).await?;
    }
    Ok(see_other("/security/setup"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Device {
    code: String,
    device_name: String,
}

/// POST /security/setup, **Save**. Its answer is the only place that ever shows the recovery codes.
pub async fn save(set_up: SetUp, FormHere(form): FormHere<Device>) -> Result<HttpResponse, AppError> {
    if set_up.standing != Standing::Open || !is_allowed(&set_up) {
        return Ok(see_other("/security/setup"));
    }
    if let Some(errors) = flow::not_six_digits(&form.code) {
        return again(&set_up, form, errors, None).await;
    }
    let core = &set_up.visitor.app.core;
    let typed = (form.code.as_str(), form.device_name.as_str());
    let saved = in_session::save(core, &set_up.session, &set_up.access, typed, &set_up.visitor.origin).await?;
    let (errors, clock_off) = match saved {
        Some(Saved::Done { factor, recovery_codes: Some(codes) }) => {
            let view = RecoveryCodesPage::new(set_up.frame(), &codes, recovery_codes::SET_UP);
            return page(&RecoveryCodesPage { device: factor.name, ..view });
        }
        Some(Saved::Done { recovery_codes: None, .. }) => {
            set_up.visitor.flash(Said::FactorSaved);
            return recovery_codes::finish(set_up).await;
        }
        None => {
            session::leave(&set_up.visitor.handle);
            set_up.visitor.flash(Said::SignInEnded);
            return Ok(see_other("/login"));
        }
        Some(Saved::Name(problem)) => (FormErrors::one("device_name", name_words(problem)), None),
        Some(Saved::Wrong) => (FormErrors::one("code", WRONG), None),
        Some(Saved::ClockOff { minutes }) => (FormErrors::one("code", WRONG), Some(minutes)),
        Some(Saved::Redrawn) => (FormErrors::one("", REDRAWN), None),
        Some(Saved::Expired) => (FormErrors::one("", EXPIRED), None),
    };
    again(&set_up, form, errors, clock_off).await
}

/// The same page with what is wrong; a code that was judged is of no more use.
async fn again(
    set_up: &SetUp,
    form: Device,
    errors: FormErrors,
    clock_off_minutes: Option<i64>,
) -> Result<HttpResponse, AppError> {
    let mut current = SetupPage { clock_off_minutes, ..current(set_up).await? };
    if let Offer::Key(enroll) = &mut current.offer {
        enroll.device_name = form.device_name;
        if errors.has("device_name") {
            enroll.code = form.code;
        }
    }
    page(&SetupPage { errors, ..current })
}
