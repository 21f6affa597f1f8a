//! What an organization may be called, and what it begins with: one set of rules for **Customers**, for
//! `create-owner` and for the first start.

use super::{Under, sees};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::limits::{ABSOLUTE_HOURS, EMAIL_CODE_AT_SIGN_IN, IDLE_MINUTES, ORGANIZATION_NAME_LENGTH};
use crate::domain::registration::organization::is_npi;
use crate::domain::security_settings::METHODS;
use crate::domain::times::zone_name;
use crate::models::organizations::{self, Organization};
use crate::models::users::fold;
use crate::models::{DomainPolicy, FactorKind, RememberMe, new_id};

/// What is typed about an organization.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    pub name: String,
    /// Empty for none.
    pub npi: String,
    /// An IANA name.
    pub time_zone: String,
    /// Whether people who register have to give a fax number.
    pub fax_required: bool,
    /// The name of the partner it is under; operators alone say.
    pub partner: String,
    /// Whether its people sign in with domain accounts; operators alone say. Left alone when `None`.
    pub domain_sign_in: Option<DomainPolicy>,
}

/// What is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    NoName,
    NameTooLong,
    NameCharacters,
    Npi,
    NpiTaken,
    TimeZone,
    /// There is no such organization, or it is a customer itself.
    Partner,
}

impl Problem {
    /// The field of a form that it is about.
    pub fn field(self) -> &'static str {
        match self {
            Self::NoName | Self::NameTooLong | Self::NameCharacters => "name",
            Self::Npi | Self::NpiTaken => "npi",
            Self::TimeZone => "time_zone",
            Self::Partner => "partner",
        }
    }

    /// What is said beside it.
    pub fn words(self) -> String {
        match self {
            Self::NoName => "Enter the name of the organization.",
            Self::NameTooLong => return format!("Use at most {ORGANIZATION_NAME_LENGTH} characters."),
            Self::NameCharacters => "Use letters, numbers and punctuation on one line.",
            Self::Npi => "Enter the 10 digits of the NPI. These are not one.",
            Self::NpiTaken => "Another organization has this NPI.",
            Self::TimeZone => "Choose a time zone, such as America/Chicago.",
            Self::Partner => "Enter the exact name of an organization that is under no partner, and not this one.",
        }
        .into()
    }
}

/// What is wrong with an organization that is to be made under no partner, by whoever sees all of them.
pub fn problems_of_new(conn: &mut DbConnection, details: &Details) -> Result<Vec<Problem>, Fault> {
    check(conn, &Under::Everybody, details, None).map(|(_, problems)| problems)
}

/// The partner's id, and what is wrong; `old` is what is changed.
pub(super) fn check(
    conn: &mut DbConnection,
    under: &Under,
    details: &Details,
    old: Option<&Organization>,
) -> Result<(Option<String>, Vec<Problem>), Fault> {
    let mut problems = Vec::new();
    let name = details.name.trim();
    match name.chars().count() {
        0 => problems.push(Problem::NoName),
        n if n > ORGANIZATION_NAME_LENGTH => problems.push(Problem::NameTooLong),
        _ if name.contains(breaks) => problems.push(Problem::NameCharacters),
        _ => {}
    }
    let npi = details.npi.trim();
    if !npi.is_empty() {
        // Whom somebody else looks after is nobody's business.
        let taken = |o: &Organization| sees(under, o) && old.is_none_or(|old| old.id != o.id);
        if !is_npi(npi) {
            problems.push(Problem::Npi);
        } else if organizations::list_by_npi(conn, npi)?.iter().any(taken) {
            problems.push(Problem::NpiTaken);
        }
    }
    if zone_name(&details.time_zone).is_none() {
        problems.push(Problem::TimeZone);
    }
    let partner = match under {
        Under::Partner(id) => Some(id.clone()),
        Under::Everybody if details.partner.trim().is_empty() => None,
        Under::Everybody => {
            let found = organizations::list_by_name(conn, &details.partner)?;
            let fits = |o: &&Organization| {
                o.managing_partner_id.is_none() && o.disabled_at.is_none() && old.is_none_or(|old| old.id != o.id)
            };
            let has_customers = match old {
                Some(old) => organizations::has_customers(conn, &old.id)?,
                None => false,
            };
            match found.iter().filter(fits).collect::<Vec<_>>().as_slice() {
                [one] if !has_customers => Some(one.id.clone()),
                _ => {
                    problems.push(Problem::Partner);
                    None
                }
            }
        }
    };
    Ok((partner, problems))
}

/// Controls, separators of lines, and marks that turn the direction of writing.
fn breaks(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// With the settings every organization begins with: everything allowed, nothing required.
pub fn begin(details: &Details, managing_partner_id: Option<String>, now: Timestamp) -> Organization {
    let (name, npi) = (details.name.trim(), details.npi.trim());
    Organization {
        id: new_id(now),
        name: name.to_owned(),
        name_lower: fold(name),
        npi: (!npi.is_empty()).then(|| npi.to_owned()),
        managing_partner_id,
        enforce_mfa: false,
        grace_until: None,
        org_level_mfa: false,
        allowed_methods: METHODS.map(FactorKind::as_str).join(","),
        remember_me: RememberMe::CredentialsAndMfa,
        remembered_since: None,
        domain_sign_in: DomainPolicy::Off,
        email_code_seconds: EMAIL_CODE_AT_SIGN_IN,
        idle_minutes: IDLE_MINUTES,
        absolute_minutes: ABSOLUTE_HOURS * 60,
        time_zone: zone_name(&details.time_zone).unwrap_or_default(),
        fax_required: details.fax_required,
        disabled_at: None,
        created_at: now,
        updated_at: now,
    }
}
