//! Who is reset and what goes, per customer, and who is left out and why.

use std::collections::BTreeMap;

use askama::Template;

use crate::domain::mfa_reset::plan::Planned;
use crate::domain::mfa_reset::{self, Preview, Refusal, Verdict};
use crate::error::AppError;
use crate::models::ResetOutcome;
use crate::web::administration::OrgAdmin;
use crate::web::view::{FormErrors, Frame, count};

/// GET /admin/resets/{reference} before it is done. Posts `reason` and `confirmed`, from operators, back.
#[derive(Template, Default)]
#[template(path = "admin/resets/summary.html")]
pub struct SummaryPage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub reference: String,
    pub label: String,
    /// By name.
    pub customers: Vec<Customer>,
    pub skipped: Vec<Skipped>,
    /// "3 users", without those who have nothing to reset.
    pub going: String,
    /// How many of them must set up a factor again.
    pub set_up: String,
    pub nobody: bool,
    pub wants_reason: bool,
    pub wants_confirmation: bool,
    pub said: Said,
}

/// What was typed.
#[derive(Clone, Debug, Default)]
pub struct Said {
    pub reason: String,
    pub confirmed: bool,
}

#[derive(Clone, Debug)]
pub struct Customer {
    pub name: String,
    /// "2 users".
    pub size: String,
    pub people: Vec<Going>,
}

#[derive(Clone, Debug)]
pub struct Going {
    pub name: String,
    pub username: String,
    pub deleted: String,
    pub deactivated: String,
    pub nothing: bool,
}

#[derive(Clone, Debug)]
pub struct Skipped {
    pub name: String,
    pub why: String,
}

impl SummaryPage {
    pub async fn of(admin: &OrgAdmin, planned: &Planned, said: Said, errors: FormErrors) -> Result<Self, AppError> {
        let waits = |outcome| matches!(outcome, ResetOutcome::Waiting | ResetOutcome::Failed);
        let ids: Vec<String> = planned.people.iter().filter(|p| waits(p.outcome)).map(|p| p.user_id.clone()).collect();
        let core = &admin.visitor.app.core;
        let previewed = mfa_reset::preview(core, &admin.actor, &ids, planned.reset.scope).await?;
        let (mut customers, mut skipped): (BTreeMap<String, Vec<Going>>, _) = (BTreeMap::new(), Vec::new());
        let (mut going, mut set_up) = (0, 0);
        for person in previewed.people {
            match &person.verdict {
                Verdict::Go(removal) => {
                    going += i64::from(!removal.is_empty());
                    set_up += i64::from(removal.setup_required && !removal.is_empty());
                    let customer = person.organizations.first().cloned().unwrap_or_default();
                    customers.entry(customer).or_default().push(self::going(&person, removal));
                }
                Verdict::Refused(why) => {
                    skipped.push(Skipped { why: why_words(*why, person.managed_by.as_deref()), name: person.name });
                }
                Verdict::Unknown => {
                    let name = planned.people.iter().find(|p| p.user_id == person.user_id).map(|p| p.name.clone());
                    skipped.push(Skipped { name: name.unwrap_or_default(), why: "is not yours to look after".into() });
                }
            }
        }
        Ok(Self {
            frame: admin.frame("/identity/users"),
            errors,
            reference: planned.reset.reference.clone(),
            label: planned.reset.label.clone(),
            customers: customers
                .into_iter()
                .map(|(name, people)| Customer { name, size: users(people.len()), people })
                .collect(),
            skipped,
            going: count(going, "user", "users"),
            set_up: match set_up {
                0 => "Nobody has to set anything up at the next sign-in for the organizations you administer.".into(),
                1 => "1 user must set up a factor again at the next sign-in.".into(),
                many => format!("{many} users must set up a factor again at the next sign-in."),
            },
            nobody: going == 0,
            wants_reason: previewed.wants_reason,
            wants_confirmation: previewed.wants_confirmation,
            said,
        })
    }
}

fn going(person: &Preview, removal: &mfa_reset::Removal) -> Going {
    let deleted = removal.deleted_words().join(", ");
    Going {
        name: person.name.clone(),
        username: person.username.clone(),
        deleted: if deleted.is_empty() { "None".into() } else { deleted },
        deactivated: removal.deactivated_words().unwrap_or_else(|| "None".into()),
        nothing: removal.is_empty(),
    }
}

fn users(many: usize) -> String {
    count(i64::try_from(many).unwrap_or(i64::MAX), "user", "users")
}

/// Why somebody is left out, after the name.
pub fn why_words(why: Refusal, managed_by: Option<&str>) -> String {
    match why {
        Refusal::Oneself => "is you. Use Security, or reset your own factors at /mfa/reset.".into(),
        Refusal::HigherRole => "has a higher role than you.".into(),
        Refusal::ManagedElsewhere => format!("is managed by {}.", managed_by.unwrap_or("another organization")),
        Refusal::LastOwner => "is the only active Account Holder. Make somebody else Account Holder first.".into(),
    }
}
