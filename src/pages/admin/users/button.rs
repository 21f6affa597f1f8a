//! The buttons that reset one person: five labels, one reset.

use crate::models::ResetScope;

/// Which of them was pressed.
#[derive(Clone, Copy, Debug)]
pub struct Button {
    pub scope: ResetScope,
    /// The words on it.
    pub label: &'static str,
    pub heading: &'static str,
    /// The words on the button that confirms.
    pub confirm: &'static str,
    /// The list it stands in, if it is not Edit User.
    pub list: Option<&'static str>,
    /// How the form says so.
    pub from: &'static str,
}

impl Button {
    /// From the words in the URL; `None` for an unknown scope.
    pub fn of(scope: &str, from: &str) -> Option<Self> {
        let button = |scope, label, heading, confirm| Self { scope, label, heading, confirm, list: None, from: "" };
        Some(match (ResetScope::parse(scope)?, from) {
            (scope @ ResetScope::User, "settings") => Self {
                list: Some("/admin/user-settings"),
                from: "settings",
                ..button(scope, "Reset MFA", "Reset MFA for this user?", "Reset MFA")
            },
            (scope @ ResetScope::User, _) => {
                button(scope, "Reset MFA For This User", "Reset MFA for this user?", "Reset MFA")
            }
            (scope @ ResetScope::Organization, _) => {
                let heading = "Reset Org-Level MFA for this user?";
                button(scope, "Reset Org-Level MFA For This User", heading, "Reset MFA")
            }
            (scope @ ResetScope::All, "accounts") => Self {
                list: Some("/settings/allaccounts"),
                from: "accounts",
                ..button(scope, "Reset Multi-factor", "Reset Multi-factor for this user?", "Reset Multi-factor")
            },
            (scope @ ResetScope::All, _) => {
                let label = "Reset all multi-factor authentications";
                button(scope, label, "Reset all multi-factor authentications of this user?", label)
            }
            (scope @ ResetScope::Registration, "registrations") => Self {
                list: Some("/setup/users"),
                from: "registrations",
                ..button(scope, "Reset Registration", "Reset Registration of this user?", "Reset Registration")
            },
            (scope @ ResetScope::Registration, _) => {
                button(scope, "Reset Registration", "Reset Registration of this user?", "Reset Registration")
            }
        })
    }

    /// Where **Cancel** leads.
    pub fn back(&self, user_id: &str) -> String {
        self.list.map_or_else(|| format!("/admin/users/{user_id}"), Into::into)
    }

    /// The entry of the side list that is marked.
    pub fn place(&self) -> &'static str {
        self.list.unwrap_or("/admin/users")
    }
}
