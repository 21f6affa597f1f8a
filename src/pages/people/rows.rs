//! Rows of a list, in words.

use std::collections::HashMap;

use super::List;
use crate::clock::Timestamp;
use crate::domain::access::role_words;
use crate::domain::directory::{Row, Within};
use crate::domain::mfa::{self, MfaStatus};
use crate::domain::mfa_reset::Bar;
use crate::domain::times::Zone;
use crate::models::factors::Factor;
use crate::models::organizations::Organization;
use crate::models::{Account, FactorKind, FactorState, Scope};
use crate::web::view::{Badge, Kind, mask_email, mask_phone};

/// One entry of a select.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    pub value: &'static str,
    pub text: &'static str,
    pub chosen: bool,
}

pub fn options<T: Copy + PartialEq>(
    all: impl IntoIterator<Item = T>,
    chosen: Option<T>,
    value: fn(T) -> &'static str,
    text: fn(T) -> &'static str,
) -> Vec<Choice> {
    all.into_iter().map(|one| Choice { value: value(one), text: text(one), chosen: chosen == Some(one) }).collect()
}

/// A check box of the customer selector.
#[derive(Clone, Debug, Default)]
pub struct CustomerChoice {
    pub id: String,
    pub name: String,
    pub chosen: bool,
}

impl CustomerChoice {
    pub fn new(organization: &Organization, chosen: bool) -> Self {
        Self { id: organization.id.clone(), name: organization.name.clone(), chosen }
    }
}

/// One row.
#[derive(Clone, Debug)]
pub struct PersonRow {
    pub user_id: String,
    /// "Alvarez, Marisol".
    pub name: String,
    pub email: String,
    pub username: String,
    pub customer: String,
    pub role: &'static str,
    pub methods: String,
    pub status: Badge,
    /// Where the account or the membership is not active.
    pub account: Option<Badge>,
    pub last_sign_in: String,
    /// On **Authentication Methods**.
    pub factor: Option<FactorCell>,
    /// "Managed by Harbor Valley Health": why there is no reset here for whoever looks.
    pub barred: Option<String>,
}

/// What a row of **Authentication Methods** is about.
#[derive(Clone, Debug)]
pub struct FactorCell {
    pub kind: &'static str,
    pub name: String,
    pub scope: &'static str,
    pub state: Badge,
    pub last_used: String,
}

pub fn of(
    list: List,
    (found, bars): (&[Row], &HashMap<String, Bar>),
    within: &Within,
    zone: &Zone,
    now: Timestamp,
) -> Vec<PersonRow> {
    let mut rows = Vec::new();
    for row in found {
        let person = PersonRow { barred: bars.get(&row.user.id).map(bar_words), ..person(row, zone, now) };
        if !list.is_of_factors() {
            rows.push(person);
            continue;
        }
        for factor in row.shown_factors(within).filter(|f| f.state != FactorState::Pending) {
            rows.push(PersonRow { factor: Some(cell(factor, zone, now)), ..person.clone() });
        }
    }
    rows
}

/// What stands in place of a reset that would be refused.
pub fn bar_words(bar: &Bar) -> String {
    match bar {
        Bar::Oneself => "You".into(),
        Bar::HigherRole => "Higher role".into(),
        Bar::ManagedBy(name) => format!("Managed by {name}"),
    }
}

fn person(row: &Row, zone: &Zone, now: Timestamp) -> PersonRow {
    PersonRow {
        user_id: row.user.id.clone(),
        name: last_first(&row.user.last_name, &row.user.first_name),
        email: row.user.email.clone(),
        username: row.user.username.clone(),
        customer: row.organization.name.clone(),
        role: role_words(row.membership.role),
        methods: methods(row),
        status: status_badge(row.status, &row.organization.time_zone),
        account: match row.membership.disabled_at {
            Some(_) => Some(Badge::new(Kind::Bad, "Disabled")),
            None => account_badge(row.user.account),
        },
        last_sign_in: row.user.last_sign_in_at.map_or_else(|| "Never".into(), |at| zone.day_and_time(at, now)),
        factor: None,
        barred: None,
    }
}

fn last_first(last: &str, first: &str) -> String {
    if last.is_empty() { first.to_owned() } else { format!("{last}, {first}") }
}

/// "Authenticator, Phone": the kinds that can be shown here.
fn methods(row: &Row) -> String {
    let mut kinds: Vec<FactorKind> = Vec::new();
    let here = |f: &&Factor| f.scope == Scope::User || f.organization_id.as_ref() == Some(&row.organization.id);
    for factor in row.factors.iter().filter(|f| mfa::can_be_shown(f)).filter(here) {
        if !kinds.contains(&factor.kind) {
            kinds.push(factor.kind);
        }
    }
    kinds.sort();
    match kinds.as_slice() {
        [] => "None".into(),
        kinds => kinds.iter().map(|kind| kind_name(*kind)).collect::<Vec<_>>().join(", "),
    }
}

fn cell(factor: &Factor, zone: &Zone, now: Timestamp) -> FactorCell {
    FactorCell {
        kind: kind_name(factor.kind),
        name: factor_name(factor),
        scope: if factor.scope == Scope::User { "User" } else { "Organization" },
        state: factor_badge(factor.state),
        last_used: factor.last_used_at.map_or_else(|| "Never".into(), |at| zone.day_and_time(at, now)),
    }
}

/// What its owner called it, and where it is reached, masked.
pub fn factor_name(factor: &Factor) -> String {
    let masked = match (&factor.phone, &factor.email, &factor.serial) {
        (Some(phone), ..) => Some(mask_phone(phone)),
        (_, Some(email), _) => Some(mask_email(email)),
        (_, _, Some(serial)) => Some(format!("serial {serial}")),
        _ => None,
    };
    match (factor.name.is_empty(), masked) {
        (false, Some(masked)) => format!("{}, {masked}", factor.name),
        (true, Some(masked)) => masked,
        (_, None) => factor.name.clone(),
    }
}

pub fn kind_name(kind: FactorKind) -> &'static str {
    match kind {
        FactorKind::HardwareToken => "Hardware token",
        FactorKind::Authenticator => "Authenticator",
        FactorKind::Phone => "Phone",
        FactorKind::Email => "E-mail",
        FactorKind::RecoveryCode => "Recovery codes",
        FactorKind::Domain => "Domain account",
    }
}

pub fn factor_badge(state: FactorState) -> Badge {
    match state {
        FactorState::Active => Badge::new(Kind::Ok, "Active"),
        FactorState::Pending => Badge::new(Kind::Warn, "Not confirmed"),
        FactorState::Deactivated => Badge::new(Kind::Warn, "Deactivated"),
        FactorState::SwitchedOff => Badge::new(Kind::Bad, "Switched off"),
    }
}

/// In the same color wherever somebody's status is shown; `time_zone` is the organization's.
pub fn status_badge(status: MfaStatus, time_zone: &str) -> Badge {
    let kind = match status {
        MfaStatus::Locked => Kind::Bad,
        MfaStatus::Sso | MfaStatus::Enrolled => Kind::Ok,
        MfaStatus::Exempt | MfaStatus::InGrace(_) => Kind::Info,
        MfaStatus::SetupPending | MfaStatus::None => Kind::Warn,
    };
    Badge::new(kind, status.label(time_zone))
}

pub fn account_label(account: Account) -> &'static str {
    match account {
        Account::Active => "Active",
        Account::Disabled => "Disabled",
        Account::Invited => "Invited",
        Account::Unfinished => "Unfinished",
    }
}

/// Nothing for an active one.
fn account_badge(account: Account) -> Option<Badge> {
    let kind = match account {
        Account::Active => return None,
        Account::Disabled => Kind::Bad,
        Account::Invited | Account::Unfinished => Kind::Info,
    };
    Some(Badge::new(kind, account_label(account)))
}
