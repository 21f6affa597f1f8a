//! Lists of people: one template and one query behind User Management, Manage Accounts, Manage Users,
//! Identity → Users and Authentication Methods.

mod asked;
mod rows;

use std::collections::{HashMap, HashSet};

use actix_web::HttpResponse;
use askama::Template;

pub use self::asked::Asked;
pub use self::rows::{
    Choice, CustomerChoice, FactorCell, PersonRow, account_label, bar_words, factor_badge, factor_name, kind_name,
    options, status_badge,
};
use crate::domain::directory::{self, Query, Rest, Size, StatusFilter, Within};
use crate::domain::mfa_reset;
use crate::error::AppError;
use crate::models::{Account, ResetScope, Role};
use crate::web::administration::OrgAdmin;
use crate::web::respond::page;
use crate::web::view::{Frame, count};

/// Which of the lists it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum List {
    #[default]
    UserManagement,
    ManageAccounts,
    ManageUsers,
    IdentityUsers,
    AuthenticationMethods,
}

impl List {
    pub fn url(self) -> &'static str {
        match self {
            Self::UserManagement => "/admin/users",
            Self::ManageAccounts => "/settings/allaccounts",
            Self::ManageUsers => "/setup/users",
            Self::IdentityUsers => "/identity/users",
            Self::AuthenticationMethods => "/admin/authentication-methods",
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Self::UserManagement => "User Management",
            Self::ManageAccounts => "Manage Accounts",
            Self::ManageUsers => "Manage Users",
            Self::IdentityUsers => "Users",
            Self::AuthenticationMethods => "Authentication Methods",
        }
    }

    /// Check boxes, and **Reset all multi-factor authentications** for those checked.
    pub fn has_selection(&self) -> bool {
        matches!(self, Self::IdentityUsers | Self::AuthenticationMethods)
    }

    pub fn is_of_factors(&self) -> bool {
        *self == Self::AuthenticationMethods
    }

    pub fn is_of_accounts(&self) -> bool {
        *self == Self::ManageAccounts
    }

    /// Rows that open.
    pub fn expands(&self) -> bool {
        *self == Self::ManageUsers
    }

    pub fn has_customers(&self) -> bool {
        *self == Self::IdentityUsers
    }

    /// What its buttons reset; nothing where there are none.
    fn resets(self) -> Option<ResetScope> {
        match self {
            Self::UserManagement => None,
            Self::ManageUsers => Some(ResetScope::Registration),
            Self::ManageAccounts | Self::IdentityUsers | Self::AuthenticationMethods => Some(ResetScope::All),
        }
    }

    /// **Add user**, and what goes with it.
    pub fn adds(&self) -> bool {
        *self == Self::UserManagement
    }
}

/// GET of a list. The selection posts `user_id[]` to the list's URL and `/reset`.
#[derive(Template, Default)]
#[template(path = "people/list.html")]
pub struct PeoplePage {
    pub frame: Frame,
    pub list: List,
    /// "248 users in 2 customers".
    pub size: String,
    /// "Select all 248 users under this filter", where a selection can go beyond the page.
    pub all: Option<String>,
    pub search: String,
    pub statuses: Vec<Choice>,
    pub accounts: Vec<Choice>,
    pub roles: Vec<Choice>,
    pub customers: Vec<CustomerChoice>,
    /// "Riverside Family Clinic and 1 more".
    pub chosen: String,
    pub nobody_chosen: bool,
    pub rows: Vec<PersonRow>,
    /// Whether rows can be of several organizations.
    pub several: bool,
    pub is_filtered: bool,
    /// The same list from its start, and unfiltered.
    pub refresh: String,
    pub clear: String,
    pub first: Option<String>,
    pub next: Option<String>,
    /// So many rows were looked at that the search stopped; there may be more.
    pub go_on: Option<String>,
}

/// Shows a list, as far as it is this administrator's.
pub async fn show(admin: &OrgAdmin, list: List, asked: Asked) -> Result<HttpResponse, AppError> {
    let core = &admin.visitor.app.core;
    let customers = if list.has_customers() { directory::customers(core, &admin.actor).await? } else { Vec::new() };
    let within = match list.has_customers() {
        true => Within::chosen(&admin.actor, &asked.customers),
        false => Within::current(&admin.actor),
    };
    let query = Query {
        search: asked.search.clone(),
        status: asked.status,
        account: asked.account,
        role: asked.role,
        after: asked.after.clone(),
        with_factors: list.is_of_factors(),
        ..Query::within(within.clone())
    };
    let size = directory::size(core, within.clone()).await?;
    let found = directory::list(core, query).await?;
    let bars = match list.resets() {
        Some(scope) => mfa_reset::bars(core, &admin.actor, found.user_ids(), scope).await?,
        None => HashMap::new(),
    };
    let (zone, now) = (admin.zone(), core.clock.now());
    let statuses = StatusFilter::ALL.into_iter().chain(StatusFilter::COUNTED);
    let several = !matches!(&within, Within::Organizations(ids) if ids.len() < 2);
    let link = |cursor: &directory::Cursor| asked.url(list.url(), Some(cursor));
    let chosen: Vec<&str> =
        customers.iter().filter(|o| asked.customers.contains(&o.id)).map(|o| o.name.as_str()).collect();
    page(&PeoplePage {
        frame: admin.frame(list.url()),
        list,
        size: size_words(size, &within, admin),
        all: (list.has_customers() && !found.rows.is_empty()).then(|| all_words(size, &asked, &found)),
        search: asked.search.clone(),
        statuses: rows::options(statuses, asked.status, StatusFilter::as_str, StatusFilter::label),
        accounts: rows::options(Account::ALL.iter().copied(), asked.account, Account::as_str, rows::account_label),
        roles: rows::options(Role::ALL.iter().copied(), asked.role, Role::as_str, crate::domain::access::role_words),
        chosen: chosen_words(&chosen),
        nobody_chosen: list.has_customers() && within == Within::Organizations(Vec::new()),
        customers: customers.iter().map(|o| CustomerChoice::new(o, asked.customers.contains(&o.id))).collect(),
        rows: rows::of(list, (&found.rows, &bars), &within, &zone, now),
        several,
        is_filtered: asked.is_filtered(),
        refresh: asked.url(list.url(), None),
        clear: asked.without_filters(list.url()),
        first: asked.after.is_some().then(|| asked.url(list.url(), None)),
        next: match &found.rest {
            Rest::Next(cursor) => Some(link(cursor)),
            _ => None,
        },
        go_on: match &found.rest {
            Rest::Continue(cursor) => Some(link(cursor)),
            _ => None,
        },
    })
}

/// The number where it is known without counting for long; the page that confirms has it exactly.
fn all_words(size: Size, asked: &Asked, found: &directory::Page) -> String {
    let whole_list = asked.after.is_none() && found.rest == Rest::End;
    let people: HashSet<&str> = found.rows.iter().map(|row| row.user.id.as_str()).collect();
    let many = match size {
        _ if whole_list => Some(people.len()),
        Size::Exactly(many) if !asked.is_filtered() && asked.customers.len() < 2 => Some(many),
        _ => None,
    };
    match many {
        Some(many) => {
            let many = i64::try_from(many).unwrap_or(i64::MAX);
            format!("Select all {} under this filter", count(many, "user", "users"))
        }
        None => "Select all users under this filter".into(),
    }
}

fn size_words(size: Size, within: &Within, admin: &OrgAdmin) -> String {
    // Of several organizations somebody can stand in more than one row.
    let (one, more) = match within {
        Within::Organizations(ids) if ids.len() < 2 => ("user", "users"),
        _ => ("membership", "memberships"),
    };
    let people = match size {
        Size::Exactly(many) => count(i64::try_from(many).unwrap_or(i64::MAX), one, more),
        Size::MoreThan(many) => format!("More than {many} {more}"),
    };
    match (within, &admin.actor.organization) {
        (Within::Everywhere, _) => format!("{people} in all organizations"),
        (Within::Organizations(ids), _) if ids.is_empty() => String::new(),
        (Within::Organizations(ids), Some(o)) if *ids == [o.id.clone()] => format!("{people} in {}", o.name),
        (Within::Organizations(ids), _) => {
            let many = i64::try_from(ids.len()).unwrap_or(i64::MAX);
            format!("{people} in {}", count(many, "customer", "customers"))
        }
    }
}

fn chosen_words(names: &[&str]) -> String {
    match names {
        [] => "Choose customers".into(),
        [one] => (*one).into(),
        [first, rest @ ..] => format!("{first} and {} more", rest.len()),
    }
}
