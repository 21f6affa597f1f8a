//! What a list was asked for, in its URL. Anything unknown there is not asked for.

use url::form_urlencoded;

use crate::domain::directory::{Cursor, StatusFilter};
use crate::domain::limits::SEARCH_LENGTH;
use crate::models::{Account, Role};

/// `q`, `status`, `account`, `role`, `after`, and `customer` many times.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    pub search: String,
    pub status: Option<StatusFilter>,
    pub account: Option<Account>,
    pub role: Option<Role>,
    pub customers: Vec<String>,
    pub after: Option<Cursor>,
}

impl Asked {
    pub fn parse(query: &str) -> Self {
        let mut asked = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            // PostgreSQL takes no NUL.
            let value = value.replace('\0', "");
            match name.as_ref() {
                "q" => asked.search = value.trim().chars().take(SEARCH_LENGTH).collect(),
                "status" => asked.status = StatusFilter::parse(&value),
                "account" => asked.account = Account::parse(&value),
                "role" => asked.role = Role::parse(&value),
                "after" => asked.after = Cursor::parse(&value),
                "customer" if !asked.customers.contains(&value) => asked.customers.push(value),
                _ => {}
            }
        }
        asked
    }

    pub fn is_filtered(&self) -> bool {
        !self.search.is_empty() || self.status.is_some() || self.account.is_some() || self.role.is_some()
    }

    /// The same list, from `after` or from its start.
    pub fn url(&self, path: &str, after: Option<&Cursor>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for id in &self.customers {
            query.append_pair("customer", id);
        }
        if !self.search.is_empty() {
            query.append_pair("q", &self.search);
        }
        let words = [
            ("status", self.status.map(StatusFilter::as_str)),
            ("account", self.account.map(Account::as_str)),
            ("role", self.role.map(Role::as_str)),
        ];
        for (name, word) in words {
            if let Some(word) = word {
                query.append_pair(name, word);
            }
        }
        if let Some(after) = after {
            query.append_pair("after", &after.encode());
        }
        join(path, &query.finish())
    }

    /// The same customers, everybody in them.
    pub fn without_filters(&self, path: &str) -> String {
        Self { customers: self.customers.clone(), ..Self::default() }.url(path, None)
    }
}

fn join(path: &str, query: &str) -> String {
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}
