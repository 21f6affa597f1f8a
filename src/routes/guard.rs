//! One line of the table of URLs, and who may call it.

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// Anybody, signed in or not.
    Public,
    /// Whoever has shown the password and not yet a factor.
    Pending,
    /// Whoever forgot the password and has shown all that was asked.
    NewPassword,
    /// Whoever opened the link of a registration.
    Registering,
    /// Whoever pressed **Create** and has a factor to prove.
    Enrolling,
    /// Whoever has to accept the terms.
    Terms,
    /// Whoever is signed in fully.
    SignedIn,
    /// Whoever is signed in fully and has just shown who they are.
    Fresh,
    /// Whoever administers the current organization, with a factor shown in this session.
    OrgAdmin,
    /// The same, with a factor just shown.
    FreshOrgAdmin,
    /// Account holders of the current organization, with a factor shown in this session.
    OrgOwner,
    /// The same, with a factor just shown.
    FreshOrgOwner,
    /// Operators, with a factor just shown.
    FreshOperator,
    /// Whoever was led to set-up, or is signed in without a factor.
    SetUp,
    /// Whoever is signed in, and whose current organization asks for another factor.
    FactorDue,
    /// Anybody, in demo mode only.
    Sandbox,
    /// A provider that signs what it sends.
    Hook,
    /// Browsers that report a breach; nothing is changed or believed.
    Report,
    /// Machines of the operator.
    Operations,
    /// Programs with a token.
    Api,
}

impl Guard {
    /// Whether it opens the console, whose forms carry the organization they were made in.
    pub fn is_console(self) -> bool {
        use Guard::{FreshOperator, FreshOrgAdmin, FreshOrgOwner, OrgAdmin, OrgOwner};
        matches!(self, OrgAdmin | FreshOrgAdmin | OrgOwner | FreshOrgOwner | FreshOperator)
    }
}

/// One line of the table.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    pub method: &'static str,
    pub path: &'static str,
    pub guard: Guard,
    /// Path of the handler.
    pub handler: &'static str,
}
