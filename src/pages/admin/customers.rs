//! **Customers**: the organizations that operators and partners look after.

pub mod owner;

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use crate::domain::organizations::{self, Details, Saved, Shown};
use crate::domain::times::ZONES;
use crate::error::AppError;
use crate::models::DomainPolicy;
use crate::web::administration::{FreshOperator, FreshOrgOwner, OrgAdmin, OrgOwner};
use crate::web::form::{Nothing, OrgForm};
use crate::web::respond::{page, see_other};
use crate::web::view::{Badge, FormErrors, Frame, Kind, count};
use crate::web::visitor::Said;

const PLACE: &str = "/admin/customers";

/// GET /admin/customers?name&after.
#[derive(Template, Default)]
#[template(path = "admin/customers/list.html")]
pub struct CustomersPage {
    pub frame: Frame,
    /// Whose customers these are; nobody's in particular for an operator.
    pub partner: Option<String>,
    /// What is looked for.
    pub name: String,
    pub customers: Vec<CustomerLine>,
    /// The URL of the next page.
    pub next: Option<String>,
}

#[derive(Clone, Debug)]
pub struct CustomerLine {
    pub id: String,
    pub name: String,
    pub npi: String,
    pub partner: Option<String>,
    /// "7 people".
    pub people: String,
    pub state: Badge,
}

/// What a list is narrowed down to.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Filter {
    name: String,
    after: Option<String>,
}

/// GET /admin/customers.
pub async fn list(admin: OrgOwner, filter: web::Query<Filter>) -> Result<HttpResponse, AppError> {
    let (core, filter) = (&admin.visitor.app.core, filter.into_inner());
    let found = organizations::list(core, &admin.actor, &filter.name, filter.after).await?;
    let found = found.ok_or(AppError::Forbidden)?;
    let next = found.next.map(|after| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("name", &filter.name).append_pair("after", &after);
        format!("{PLACE}?{}", query.finish())
    });
    let partner = admin.actor.organization.as_ref().filter(|_| !admin.actor.is_operator()).map(|o| o.name.clone());
    let customers = found.customers.into_iter().map(line).collect();
    page(&CustomersPage { frame: admin.frame(PLACE), partner, name: filter.name, customers, next })
}

fn line(shown: Shown) -> CustomerLine {
    let organization = shown.organization;
    CustomerLine {
        state: state(organization.disabled_at.is_some()),
        npi: organization.npi.unwrap_or_default(),
        partner: shown.partner,
        people: count(shown.people, "person", "people"),
        id: organization.id,
        name: organization.name,
    }
}

fn state(disabled: bool) -> Badge {
    if disabled { Badge::new(Kind::Bad, "Disabled") } else { Badge::new(Kind::Ok, "Active") }
}

/// GET /admin/customers/new and /admin/customers/{id}. Posts `name`, `npi`, `time_zone`, `fax_required`
/// and, for operators, `partner` to the same; the second also to …/disable and …/enable.
#[derive(Template, Default)]
#[template(path = "admin/customers/one.html")]
pub struct CustomerPage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub operator: bool,
    /// There already, or else a new one.
    pub there: Option<There>,
    pub details: Details,
    pub zones: &'static [&'static str],
    /// The name of the domain, where one is configured.
    pub domain: Option<String>,
}

impl CustomerPage {
    fn domain_choices(&self) -> [(DomainPolicy, &'static str); 3] {
        [
            (DomainPolicy::Off, "Not used"),
            (DomainPolicy::Allowed, "Allowed beside passwords"),
            (DomainPolicy::Only, "Domain accounts only"),
        ]
    }

    fn is_chosen(&self, policy: &DomainPolicy) -> bool {
        self.details.domain_sign_in.unwrap_or(DomainPolicy::Off) == *policy
    }
}

#[derive(Clone, Debug)]
pub struct There {
    pub id: String,
    pub name: String,
    pub people: String,
    pub state: Badge,
    pub disabled: bool,
    /// The newest registration code that works.
    pub code: Option<String>,
    /// Whether anybody administers it.
    pub administered: bool,
    /// Whether it has an account holder who can sign in.
    pub owned: bool,
}

fn blank(admin: &OrgAdmin) -> CustomerPage {
    CustomerPage {
        frame: admin.frame(PLACE),
        operator: admin.actor.is_operator(),
        domain: admin.visitor.app.oidc.as_ref().map(|oidc| oidc.settings().name.clone()),
        zones: ZONES,
        ..CustomerPage::default()
    }
}

/// GET /admin/customers/new.
pub async fn new(admin: FreshOrgOwner) -> Result<HttpResponse, AppError> {
    if !admin.partner && !admin.actor.is_operator() {
        return Err(AppError::Forbidden);
    }
    let time_zone = admin.actor.organization.as_ref().map_or("UTC", |o| o.time_zone.as_str()).to_owned();
    let details = Details { time_zone, fax_required: true, ..Details::default() };
    page(&CustomerPage { details, ..blank(&admin) })
}

/// GET /admin/customers/{id}.
pub async fn show(admin: FreshOrgOwner, id: web::Path<String>) -> Result<HttpResponse, AppError> {
    page(&current(&admin, &id).await?)
}

async fn current(admin: &OrgAdmin, id: &str) -> Result<CustomerPage, AppError> {
    let core = &admin.visitor.app.core;
    let shown = organizations::find(core, &admin.actor, id).await?.ok_or(AppError::NotFound)?;
    let organization = shown.organization;
    let details = Details {
        name: organization.name.clone(),
        npi: organization.npi.unwrap_or_default(),
        time_zone: organization.time_zone,
        fax_required: organization.fax_required,
        partner: shown.partner.unwrap_or_default(),
        domain_sign_in: Some(organization.domain_sign_in),
    };
    let disabled = organization.disabled_at.is_some();
    let there = Some(There {
        people: count(shown.people, "person", "people"),
        state: state(disabled),
        disabled,
        code: shown.code,
        administered: shown.administered,
        owned: shown.owned,
        id: organization.id,
        name: organization.name,
    });
    Ok(CustomerPage { there, details, ..blank(admin) })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Typed {
    name: String,
    npi: String,
    time_zone: String,
    fax_required: Option<String>,
    #[serde(default)]
    partner: String,
    domain_sign_in: Option<DomainPolicy>,
}

impl From<Typed> for Details {
    fn from(typed: Typed) -> Self {
        Self {
            name: typed.name,
            npi: typed.npi,
            time_zone: typed.time_zone,
            fax_required: typed.fax_required.is_some(),
            partner: typed.partner,
            domain_sign_in: typed.domain_sign_in,
        }
    }
}

/// POST /admin/customers/new.
pub async fn create(admin: FreshOrgOwner, OrgForm(form): OrgForm<Typed>) -> Result<HttpResponse, AppError> {
    let (core, details) = (&admin.visitor.app.core, Details::from(form));
    let saved = organizations::create(core, &admin.actor, details.clone(), &admin.visitor.origin).await?;
    let again = CustomerPage { details, ..blank(&admin) };
    answer(&admin, saved, again)
}

/// POST /admin/customers/{id}.
pub async fn edit(
    admin: FreshOrgOwner,
    id: web::Path<String>,
    OrgForm(form): OrgForm<Typed>,
) -> Result<HttpResponse, AppError> {
    let (core, details) = (&admin.visitor.app.core, Details::from(form));
    let again = CustomerPage { details: details.clone(), ..current(&admin, &id).await? };
    let saved = organizations::edit(core, &admin.actor, &id, details, &admin.visitor.origin).await?;
    answer(&admin, saved, again)
}

fn answer(admin: &OrgAdmin, saved: Saved, again: CustomerPage) -> Result<HttpResponse, AppError> {
    match saved {
        Saved::Done(id) => {
            admin.visitor.flash(Said::OrganizationSaved);
            Ok(see_other(&format!("{PLACE}/{id}")))
        }
        Saved::NotFound if again.there.is_none() => Err(AppError::Forbidden),
        Saved::NotFound => Err(AppError::NotFound),
        Saved::Problems(problems) => {
            let mut errors = FormErrors::default();
            problems.into_iter().for_each(|problem| errors.add(problem.field(), problem.words()));
            page(&CustomerPage { errors, ..again })
        }
    }
}

/// POST /admin/customers/{id}/disable.
pub async fn disable(
    admin: FreshOperator,
    id: web::Path<String>,
    _form: OrgForm<Nothing>,
) -> Result<HttpResponse, AppError> {
    switch(&admin, &id, true, Said::OrganizationDisabled).await
}

/// POST /admin/customers/{id}/enable.
pub async fn enable(
    admin: FreshOperator,
    id: web::Path<String>,
    _form: OrgForm<Nothing>,
) -> Result<HttpResponse, AppError> {
    switch(&admin, &id, false, Said::OrganizationEnabled).await
}

async fn switch(admin: &OrgAdmin, id: &str, disabled: bool, said: Said) -> Result<HttpResponse, AppError> {
    let (core, origin) = (&admin.visitor.app.core, &admin.visitor.origin);
    if admin.actor.organization_id() == Some(id) {
        return Err(AppError::Conflict("You are in this organization yourself. Switch to another one first."));
    }
    if organizations::find(core, &admin.actor, id).await?.is_none() {
        return Err(AppError::NotFound);
    }
    // Twice is as good as once.
    organizations::set_disabled(core, &admin.actor, id, disabled, origin).await?;
    admin.visitor.flash(said);
    Ok(see_other(&format!("{PLACE}/{id}")))
}
