//! **Edit User**: one person, in five tabs.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::lines::{self, ActivityLine, DeliveryLine, DomainLine, FactorLine, SessionLine, What};
use super::{acting, find};
use crate::domain::access::role_words;
use crate::domain::administration::Actor;
use crate::domain::mfa_reset::{self, Verdict};
use crate::domain::users::{self, Person};
use crate::error::AppError;
use crate::models::{Account, FactorState, ResetScope, Role, Scope};
use crate::pages::people::{Choice, account_label, options, status_badge};
use crate::web::administration::OrgAdmin;
use crate::web::respond::page;
use crate::web::view::{Badge, FormErrors, Frame, Kind};

/// Which part is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    #[default]
    Summary,
    Methods,
    Sessions,
    Activity,
    Deliveries,
}

impl Tab {
    const ALL: [Self; 5] = [Self::Summary, Self::Methods, Self::Sessions, Self::Activity, Self::Deliveries];

    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Summary => "summary",
            Self::Methods => "methods",
            Self::Sessions => "sessions",
            Self::Activity => "activity",
            Self::Deliveries => "deliveries",
        }
    }

    pub fn title(&self) -> &'static str {
        match self {
            Self::Summary => "Summary",
            Self::Methods => "Authentication Methods",
            Self::Sessions => "Sessions",
            Self::Activity => "Activity",
            Self::Deliveries => "Deliveries",
        }
    }
}

/// GET /admin/users/{id}: `tab`. Posts to …/unlock, …/disable, …/enable, …/sign-out, …/role and …/reset.
#[derive(Template, Default)]
#[template(path = "admin/users/edit.html")]
pub struct EditUserPage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub tab: Tab,
    pub tabs: Vec<Tab>,
    pub id: String,
    pub name: String,
    pub username: String,
    pub email: String,
    pub account: Option<Badge>,
    pub memberships: Vec<MembershipLine>,
    /// "1 authenticator, 1 phone", or "None".
    pub methods: String,
    pub last_sign_in: String,
    pub managed_by: String,
    pub managed: bool,
    pub may_act: bool,
    pub oneself: bool,
    /// The organization that acts here are about.
    pub place: Option<String>,
    pub role: &'static str,
    /// Empty for those who may not set it.
    pub roles: Vec<Choice>,
    pub disabled: bool,
    pub locked: Option<String>,
    /// There is a factor that counts for this organization only.
    pub has_org_factor: bool,
    /// What each would take away; nothing where the page that asks has more to say.
    pub reset_user: Option<What>,
    pub reset_org: Option<What>,
    pub factors: Vec<FactorLine>,
    /// For those who manage the account.
    pub domain_accounts: Vec<DomainLine>,
    pub recovery_codes: i64,
    pub sessions: Vec<SessionLine>,
    /// Of where alone sessions are shown: "A and B". `None` for whoever manages the account, who sees all.
    pub sessions_in: Option<String>,
    pub activity: Vec<ActivityLine>,
    pub deliveries: Vec<DeliveryLine>,
}

#[derive(Clone, Debug)]
pub struct MembershipLine {
    pub organization: String,
    pub role: &'static str,
    pub status: Badge,
    pub disabled: bool,
}

#[derive(Deserialize)]
pub struct Shown {
    #[serde(default)]
    tab: String,
}

/// GET /admin/users/{id}.
pub async fn show(admin: OrgAdmin, id: web::Path<String>, shown: web::Query<Shown>) -> Result<HttpResponse, AppError> {
    let person = find(&admin, &id).await?;
    let tab = Tab::ALL.into_iter().find(|tab| tab.as_str() == shown.tab).unwrap_or_default();
    page(&of(&admin, &person, tab, FormErrors::default()).await?)
}

/// The page about somebody.
pub async fn of(admin: &OrgAdmin, person: &Person, tab: Tab, errors: FormErrors) -> Result<EditUserPage, AppError> {
    let mut edit = summary(admin, person, tab, errors);
    let (core, zone, actor) = (&admin.visitor.app.core, admin.zone(), acting(admin, person));
    let now = core.clock.now();
    match tab {
        Tab::Summary => {
            edit.reset_user = what(admin, &actor, person, ResetScope::User).await?;
            if edit.has_org_factor {
                edit.reset_org = what(admin, &actor, person, ResetScope::Organization).await?;
            }
        }
        Tab::Methods => {
            let organizations: Vec<_> = person.memberships.iter().map(|(_, o, _)| o).collect();
            let found = users::domain_accounts(core, person).await?;
            edit.domain_accounts = found.iter().map(|one| lines::domain_account(one, &zone, now)).collect();
            edit.factors = person.factors.iter().map(|f| lines::factor(f, &organizations, &zone, now)).collect();
        }
        Tab::Sessions => {
            let open = users::open_sessions(core, &admin.actor, person).await?;
            edit.sessions = open.iter().map(|s| lines::session(s, &zone, now)).collect();
            let names: Vec<&str> = person.memberships.iter().map(|(_, o, _)| o.name.as_str()).collect();
            edit.sessions_in = (!person.managed).then(|| names.join(" and "));
        }
        Tab::Activity => {
            let entries = users::activity(core, &admin.actor, person).await?;
            edit.activity = entries.iter().map(|e| lines::activity(e, &zone, now)).collect();
        }
        Tab::Deliveries => {
            let sent = users::deliveries(core, &admin.actor, person).await?;
            edit.deliveries = sent.iter().map(|m| lines::delivery(m, &zone, now)).collect();
        }
    }
    Ok(edit)
}

fn summary(admin: &OrgAdmin, person: &Person, tab: Tab, errors: FormErrors) -> EditUserPage {
    let (zone, now) = (admin.zone(), admin.visitor.app.core.clock.now());
    let (user, place) = (&person.user, person.place.as_ref());
    let stopped = place.is_some_and(|(m, _)| m.disabled_at.is_some());
    // Account holders alone see the control, and operators only where they are one.
    let owner = admin.actor.role == Some(Role::Owner);
    let owns = owner && place.is_some_and(|(_, o)| Some(o.id.as_str()) == admin.actor.organization_id());
    EditUserPage {
        frame: admin.frame("/admin/users"),
        errors,
        tab,
        tabs: Tab::ALL.to_vec(),
        id: user.id.clone(),
        name: user.full_name(),
        username: user.username.clone(),
        email: user.email.clone(),
        account: Some(account_badge(user.account)),
        memberships: person
            .memberships
            .iter()
            .map(|(m, o, status)| MembershipLine {
                organization: o.name.clone(),
                role: role_words(m.role),
                status: status_badge(*status, &o.time_zone),
                disabled: m.disabled_at.is_some(),
            })
            .collect(),
        methods: methods(person),
        last_sign_in: user.last_sign_in_at.map_or_else(|| "Never".into(), |at| zone.day_and_time(at, now)),
        managed_by: person.managing.as_ref().map(|o| o.name.clone()).unwrap_or_default(),
        managed: person.managed,
        may_act: person.may_act(),
        oneself: person.oneself,
        place: place.map(|(_, o)| o.name.clone()),
        role: place.map_or("", |(m, _)| role_words(m.role)),
        roles: match place {
            Some((m, _)) if person.may_act_here() && owns => {
                options(Role::ALL.iter().copied(), Some(m.role), Role::as_str, role_words)
            }
            _ => Vec::new(),
        },
        disabled: stopped || (person.managed && user.account == Account::Disabled),
        locked: locked(person).map(|until| match until {
            Some(until) => format!("Paused after wrong codes until {}.", zone.when(until, now)),
            None => "An authenticator was switched off after 100 wrong codes in a row.".into(),
        }),
        has_org_factor: place.filter(|_| person.may_act_here()).is_some_and(|(_, o)| {
            person.factors.iter().any(|f| {
                f.scope == Scope::Organization
                    && f.organization_id.as_ref() == Some(&o.id)
                    && f.state != FactorState::Pending
            })
        }),
        recovery_codes: person.recovery_codes,
        ..EditUserPage::default()
    }
}

/// `Some(None)` for what only a reset or Unlock ends.
fn locked(person: &Person) -> Option<Option<crate::clock::Timestamp>> {
    let off = person.factors.iter().any(|f| f.state == FactorState::SwitchedOff);
    if off { Some(None) } else { person.paused_until.map(Some) }
}

/// What a reset would take away, for the pop-up. Operators give a reason, which the page asks for.
async fn what(admin: &OrgAdmin, actor: &Actor, person: &Person, scope: ResetScope) -> Result<Option<What>, AppError> {
    let ids = [person.user.id.clone()];
    let previewed = mfa_reset::preview(&admin.visitor.app.core, actor, &ids, scope).await?;
    let organization = actor.organization.as_ref().filter(|_| scope == ResetScope::Organization);
    Ok(previewed.people.into_iter().next().filter(|_| !previewed.wants_reason).and_then(|p| match p.verdict {
        Verdict::Go(removal) if !removal.is_empty() => {
            Some(What::of(p.name, &removal, organization.map(|o| o.name.clone())))
        }
        _ => None,
    }))
}

fn methods(person: &Person) -> String {
    let mut kinds: Vec<_> =
        person.factors.iter().filter(|f| crate::domain::mfa::can_be_shown(f)).map(|f| f.kind).collect();
    kinds.sort();
    kinds.dedup();
    let words: Vec<&str> = kinds.into_iter().map(crate::pages::people::kind_name).collect();
    if words.is_empty() { "None".into() } else { words.join(", ") }
}

fn account_badge(account: Account) -> Badge {
    let kind = match account {
        Account::Active => Kind::Ok,
        Account::Disabled => Kind::Bad,
        Account::Invited | Account::Unfinished => Kind::Info,
    };
    Badge::new(kind, account_label(account))
}
