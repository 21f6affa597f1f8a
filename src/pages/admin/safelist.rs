//! **IP Safelist**, a section of **Practice Security Settings**.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::security::{PLACE, SecurityPage, current};
use crate::domain::limits::{LABEL_LENGTH, SAFELIST_ENTRIES, SAFELIST_WIDEST_V4, SAFELIST_WIDEST_V6};
use crate::domain::safelist::{self, Problem};
use crate::domain::times::Zone;
use crate::error::AppError;
use crate::models::safelist_entries::SafelistEntry;
use crate::web::administration::{FreshOrgOwner, OrgAdmin};
use crate::web::form::{Nothing, OrgForm};
use crate::web::respond::{page, see_other};
use crate::web::view::FormErrors;
use crate::web::visitor::Said;

/// A row of the list.
#[derive(Clone, Debug)]
pub struct SafelistRow {
    pub id: String,
    pub range: String,
    pub label: String,
    pub added: String,
    /// Whether it holds the address of whoever looks.
    pub includes_you: bool,
}

impl SafelistRow {
    pub fn new(entry: SafelistEntry, address: &str, zone: &Zone) -> Self {
        let alone = entry.cidr.strip_suffix("/32").filter(|range| range.contains('.'));
        let alone = alone.or_else(|| entry.cidr.strip_suffix("/128"));
        Self {
            range: alone.unwrap_or(&entry.cidr).to_owned(),
            includes_you: safelist::admits(std::slice::from_ref(&entry.cidr), address),
            added: zone.date(entry.created_at),
            id: entry.id,
            label: entry.label,
        }
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddressForm {
    pub cidr: String,
    pub label: String,
}

/// POST /admin/security/safelist: `cidr`, `label`.
pub async fn add(owner: FreshOrgOwner, OrgForm(form): OrgForm<AddressForm>) -> Result<HttpResponse, AppError> {
    super::security::organization(&owner)?;
    let core = &owner.visitor.app.core;
    let added = safelist::add(core, &owner.actor, (&form.cidr, &form.label), &owner.visitor.origin).await?;
    if let Err(problem) = added {
        return again(&owner, form, problem).await;
    }
    owner.visitor.flash(Said::AddressAdded);
    Ok(see_other(PLACE))
}

/// POST /admin/security/safelist/{id}/remove.
pub async fn remove(
    owner: FreshOrgOwner,
    id: web::Path<String>,
    _form: OrgForm<Nothing>,
) -> Result<HttpResponse, AppError> {
    super::security::organization(&owner)?;
    match safelist::remove(&owner.visitor.app.core, &owner.actor, &id, &owner.visitor.origin).await? {
        Ok(false) => Err(AppError::NotFound),
        Err(problem) => again(&owner, AddressForm::default(), problem).await,
        Ok(true) => {
            owner.visitor.flash(Said::AddressRemoved);
            Ok(see_other(PLACE))
        }
    }
}

async fn again(admin: &OrgAdmin, form: AddressForm, problem: Problem) -> Result<HttpResponse, AppError> {
    let (field, words) = match problem {
        Problem::NotAnAddress => {
            ("cidr", "Enter an address like 203.0.113.24 or a range like 192.0.2.0/24 or 2001:db8:41::/48.".into())
        }
        Problem::TooWide => (
            "cidr",
            format!(
                "That range is too wide. Enter one of /{SAFELIST_WIDEST_V4} or narrower, \
                 for IPv6 /{SAFELIST_WIDEST_V6} or narrower."
            ),
        ),
        Problem::Twice => ("cidr", "That address is on the list already.".into()),
        Problem::TooMany => ("cidr", format!("The list holds at most {SAFELIST_ENTRIES} entries. Remove one first.")),
        Problem::Label => ("label", format!("Use at most {LABEL_LENGTH} letters, digits and signs for the name.")),
        Problem::LeavesYouOut => (
            "cidr",
            format!(
                "The list would leave you out: your address is {}. Nothing was changed. Add your own address first.",
                admin.visitor.origin.address
            ),
        ),
    };
    let errors = FormErrors::one(field, words);
    page(&SecurityPage { errors, new_address: form, ..current(admin, None).await? })
}
