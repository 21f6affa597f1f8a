//! What administrators do about people's accounts: add, import, edit, remove, hand over.

pub mod add;
pub mod export;
pub mod import;
pub mod invitations;
pub mod managing;
pub mod profile;
pub mod remove;

use crate::domain::people::Refusal;
use crate::domain::registration::details::Problems;
use crate::error::AppError;
use crate::models::organizations::Organization;
use crate::web::administration::OrgAdmin;
use crate::web::view::FormErrors;

/// The organization acted in; an operator without one chooses one first.
pub fn organization(admin: &OrgAdmin) -> Result<&Organization, AppError> {
    admin.actor.organization.as_ref().ok_or_else(|| AppError::SeeOther("/login/organization".into()))
}

/// Why nothing was done, in words; what does not exist for this administrator is not found.
pub fn words(refusal: &Refusal) -> Result<String, AppError> {
    Ok(match refusal {
        Refusal::NotFound => return Err(AppError::NotFound),
        Refusal::Oneself => "This is you. Your own account is looked after under Security.".into(),
        Refusal::HigherRole => "This user has a higher role than you.".into(),
        Refusal::ManagedBy(name) => format!("Managed by {name}. Only its administrators can change this account."),
        Refusal::LastOwner => "This is the only active Account Holder. Make somebody else Account Holder first.".into(),
        Refusal::Unmanaged => "No organization manages this account. Ask an operator.".into(),
        Refusal::Changed => "Somebody else has changed this meanwhile. Look at it again.".into(),
    })
}

fn errors(problems: Problems) -> FormErrors {
    let mut errors = FormErrors::default();
    for (field, message) in problems {
        errors.add(field, message);
    }
    errors
}
