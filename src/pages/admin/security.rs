//! **Practice Security Settings**: what the organization demands, who it affects, and saving it.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::exemptions::{self, ExemptionForm, ExemptionRow};
use super::safelist::{AddressForm, SafelistRow};
use crate::clock::{self, Timestamp};
use crate::domain::Core;
use crate::domain::limits::{ABSOLUTE_HOURS_RANGE, EMAIL_CODE_RANGE, GRACE_DAYS_MAX, IDLE_MINUTES_RANGE};
use crate::domain::mfa::that_count;
use crate::domain::safelist;
use crate::domain::security_settings::change::{Refusal, listed};
use crate::domain::security_settings::preview::{self, Figures, Preview};
use crate::domain::security_settings::{self, METHODS, Outcome, Settings, grace_left, was_demanded};
use crate::domain::times::Zone;
use crate::error::AppError;
use crate::models::organizations::Organization;
use crate::models::{FactorKind, RememberMe};
use crate::web::administration::{FreshOrgOwner, OrgAdmin, OrgOwner};
use crate::web::form::OrgForm;
use crate::web::respond::{page, see_other};
use crate::web::view::{FormErrors, Frame};
use crate::web::visitor::Said;

pub const PLACE: &str = "/admin/security";

/// GET /admin/security; its first form goes to /admin/security/preview.
#[derive(Template, Default)]
#[template(path = "admin/security.html")]
pub struct SecurityPage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub organization: String,
    pub typed: Typed,
    /// Whether anything carries texts and calls; else a phone can stay chosen, and not be chosen.
    pub gateway: bool,
    pub figures: Figures,
    /// Until when, or since when, in words; `None` before the first switch-on.
    pub grace: Option<String>,
    /// The present address of whoever looks.
    pub address: String,
    pub safelist: Vec<SafelistRow>,
    pub new_address: AddressForm,
    pub exemptions: Vec<ExemptionRow>,
    /// The query of the next page of exemptions.
    pub more_exemptions: Option<String>,
    pub exemption: ExemptionForm,
}

/// The settings as they stand in the form.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Typed {
    /// In a query; a posted form is looked at before it comes here.
    organization_id: Option<String>,
    /// When the settings were last changed, as the form knew it.
    pub seen: String,
    pub enforce: Option<String>,
    pub grace_days: String,
    /// What stood in the field at first: left alone, it changes nothing.
    pub grace_shown: String,
    pub org_level: Option<String>,
    pub authenticator: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub hardware_token: Option<String>,
    pub email_code_seconds: String,
    pub idle_minutes: String,
    pub absolute_hours: String,
    pub remember_me: RememberWord,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub struct RememberWord(pub RememberMe);

impl Default for RememberWord {
    fn default() -> Self {
        Self(RememberMe::CredentialsAndMfa)
    }
}

impl RememberWord {
    pub fn is_off(&self) -> bool {
        self.0 == RememberMe::Off
    }

    pub fn word(&self) -> &'static str {
        self.0.as_str()
    }
}

impl Typed {
    fn of(organization: &Organization, now: Timestamp) -> Self {
        let settings = Settings::of(organization, now);
        let on = |yes: bool| yes.then(|| "1".to_owned());
        let method = |kind: FactorKind| on(settings.methods.contains(&kind));
        Self {
            organization_id: Some(organization.id.clone()),
            seen: clock::micros(organization.updated_at).to_string(),
            enforce: on(settings.enforce),
            grace_days: settings.grace_days.to_string(),
            grace_shown: settings.grace_days.to_string(),
            org_level: on(settings.org_level),
            authenticator: method(FactorKind::Authenticator),
            phone: method(FactorKind::Phone),
            email: method(FactorKind::Email),
            hardware_token: method(FactorKind::HardwareToken),
            email_code_seconds: settings.email_code_seconds.to_string(),
            idle_minutes: settings.idle_minutes.to_string(),
            absolute_hours: settings.absolute_hours.to_string(),
            remember_me: RememberWord(settings.remember_me),
        }
    }

    /// What is wanted; a field that holds no number is out of its range.
    fn settings(&self, core: &Core, organization: &Organization) -> Settings {
        let now = core.clock.now();
        let number = |text: &str| text.trim().parse().unwrap_or(-1);
        let left_alone = self.grace_days.trim() == self.grace_shown && was_demanded(organization);
        let can_be = |kind: FactorKind| core.settings.carries(kind) || organization.allows(kind);
        let checked = |kind: &FactorKind| match kind {
            FactorKind::Authenticator => self.authenticator.is_some(),
            FactorKind::Phone => self.phone.is_some() && can_be(FactorKind::Phone),
            FactorKind::Email => self.email.is_some(),
            FactorKind::HardwareToken => self.hardware_token.is_some(),
            FactorKind::RecoveryCode | FactorKind::Domain => false,
        };
        Settings {
            enforce: self.enforce.is_some(),
            grace_days: if left_alone { grace_left(organization, now) } else { number(&self.grace_days) },
            org_level: self.org_level.is_some(),
            methods: METHODS.into_iter().filter(checked).collect(),
            email_code_seconds: number(&self.email_code_seconds),
            idle_minutes: number(&self.idle_minutes),
            absolute_hours: number(&self.absolute_hours),
            remember_me: self.remember_me.0,
        }
    }
}

/// GET /admin/security/preview.
#[derive(Template, Default)]
#[template(path = "admin/security_preview.html")]
pub struct PreviewPage {
    pub frame: Frame,
    pub organization: String,
    pub typed: Typed,
    pub preview: Preview,
    /// Until when those without a factor may wait.
    pub grace: Option<String>,
    pub methods: String,
}

#[derive(Deserialize)]
pub struct Query {
    after: Option<String>,
    username: Option<String>,
}

/// GET /admin/security.
pub async fn show(owner: OrgOwner, query: web::Query<Query>) -> Result<HttpResponse, AppError> {
    let query = query.into_inner();
    let mut current = current(&owner, query.after.as_deref()).await?;
    current.exemption.username = query.username.unwrap_or_default();
    page(&current)
}

/// The organization acted in. Who acts in none has no settings to look at.
pub fn organization(admin: &OrgAdmin) -> Result<&Organization, AppError> {
    admin.actor.organization.as_ref().ok_or(AppError::NotFound)
}

/// The page as things stand.
pub async fn current(admin: &OrgAdmin, after: Option<&str>) -> Result<SecurityPage, AppError> {
    let (core, organization) = (&admin.visitor.app.core, organization(admin)?);
    let (zone, now) = (Zone::named(&organization.time_zone), core.clock.now());
    let address = admin.visitor.origin.address.clone();
    let entries = safelist::list(core, &organization.id).await?;
    let (exemptions, more_exemptions) = exemptions::rows(admin, after).await?;
    Ok(SecurityPage {
        frame: admin.frame(PLACE),
        organization: organization.name.clone(),
        typed: Typed::of(organization, now),
        gateway: core.settings.carries(FactorKind::Phone),
        figures: preview::figures(core, organization).await?,
        grace: grace(organization, &zone, now),
        safelist: entries.into_iter().map(|entry| SafelistRow::new(entry, &address, &zone)).collect(),
        address,
        exemptions,
        more_exemptions,
        ..SecurityPage::default()
    })
}

fn grace(organization: &Organization, zone: &Zone, now: Timestamp) -> Option<String> {
    if !was_demanded(organization) {
        return None;
    }
    Some(match organization.grace_until {
        Some(until) if now < until => format!("The grace ends on {}.", zone.date_and_time(until)),
        Some(until) => format!("The grace ended on {}.", zone.date_and_time(until)),
        None => "There is no grace.".into(),
    })
}

/// GET /admin/security/preview: changes nothing.
pub async fn preview(owner: FreshOrgOwner, req: HttpRequest) -> Result<HttpResponse, AppError> {
    let core = &owner.visitor.app.core;
    // Read here, so that whoever may not look is told that first.
    let Ok(typed) = web::Query::<Typed>::from_query(req.query_string()).map(web::Query::into_inner) else {
        return Ok(see_other(PLACE));
    };
    let organization = organization(&owner)?;
    if typed.organization_id.as_ref() != Some(&organization.id) {
        return Err(AppError::Conflict("You switched organization in another tab. Nothing was changed."));
    }
    let wanted = typed.settings(core, organization);
    let Some(looked) = preview::look(core, &owner.actor, wanted.clone()).await? else {
        return Err(AppError::NotFound);
    };
    match looked.preview {
        Err(refusals) => again(&owner, typed, &refusals).await,
        Ok(preview) if preview.changes.is_empty() => {
            owner.visitor.flash(Said::SettingsSame);
            Ok(see_other(PLACE))
        }
        Ok(preview) => {
            let zone = Zone::named(&looked.organization.time_zone);
            page(&PreviewPage {
                frame: owner.frame(PLACE),
                organization: looked.organization.name,
                typed,
                grace: preview.grace_until.map(|until| zone.date_and_time(until)),
                preview,
                methods: listed(&that_count(&wanted.methods, wanted.org_level)),
            })
        }
    }
}

/// POST /admin/security/save, **Save**.
pub async fn save(owner: FreshOrgOwner, OrgForm(typed): OrgForm<Typed>) -> Result<HttpResponse, AppError> {
    let core = &owner.visitor.app.core;
    let wanted = typed.settings(core, organization(&owner)?);
    let seen = typed.seen.parse().ok().and_then(clock::from_micros);
    let seen = seen.ok_or(AppError::BadRequest("The form is not one of ours. Go back and try again."))?;
    let outcome = security_settings::save(core, &owner.actor, wanted, Some(seen), &owner.visitor.origin).await?;
    let said = match outcome {
        Outcome::Saved => Said::SettingsSaved,
        Outcome::Unchanged => Said::SettingsSame,
        Outcome::Refused(refusals) => return again(&owner, typed, &refusals).await,
        Outcome::ChangedMeanwhile => {
            return Err(AppError::Conflict("Somebody else changed these settings meanwhile. Look at them again."));
        }
        Outcome::NeedsFactor => return Ok(see_other("/security/setup")),
    };
    owner.visitor.flash(said);
    Ok(see_other(PLACE))
}

/// The page once more, with what was typed and what is wrong with it.
async fn again(admin: &OrgAdmin, typed: Typed, refusals: &[Refusal]) -> Result<HttpResponse, AppError> {
    let zone = Zone::named(&organization(admin)?.time_zone);
    let mut errors = FormErrors::default();
    for refusal in refusals {
        let (field, words) = words(*refusal, &zone);
        errors.add(field, words);
    }
    page(&SecurityPage { typed, errors, ..current(admin, None).await? })
}

fn words(refusal: Refusal, zone: &Zone) -> (&'static str, String) {
    let range = |unit: &str, [from, to]: [i64; 2]| format!("Enter a number of {unit} from {from} to {to}.");
    match refusal {
        Refusal::Grace => ("grace_days", range("days", [0, GRACE_DAYS_MAX])),
        Refusal::GraceLonger { until } => (
            "grace_days",
            format!(
                "The grace is given once and was set to {}. It can be shortened, not lengthened.",
                zone.date_and_time(until)
            ),
        ),
        Refusal::GraceGone => {
            ("grace_days", "MFA was enforced without a grace, so there is none to give later.".into())
        }
        Refusal::NoMethod => ("authenticator", "Leave at least one method checked.".into()),
        Refusal::PhoneAlone => {
            ("authenticator", "Where phones are allowed, authenticator apps must be offered beside them.".into())
        }
        Refusal::NoOwnMethod => (
            "org_level",
            "An organization's own factor is an authenticator app, a phone or a hardware token. Allow one of them."
                .into(),
        ),
        Refusal::EmailCode => ("email_code_seconds", range("seconds", EMAIL_CODE_RANGE)),
        Refusal::Idle => ("idle_minutes", range("minutes", IDLE_MINUTES_RANGE)),
        Refusal::Absolute => ("absolute_hours", range("hours", ABSOLUTE_HOURS_RANGE)),
    }
}
