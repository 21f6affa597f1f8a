//! The side list of the console: **Administrator Settings**. Only what the role may use is shown.

/// What the side list needs to know.
#[derive(Clone, Debug, Default)]
pub struct Console {
    /// Every form of the console carries it.
    pub organization_id: String,
    pub owner: bool,
    pub operator: bool,
    /// An account holder of an organization with customers.
    pub partner: bool,
    /// The entry that is marked.
    pub place: &'static str,
}

/// Entries under one heading; the first group has none.
pub struct Group {
    pub title: &'static str,
    pub places: Vec<Place>,
}

/// An entry of the list.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub url: &'static str,
    pub text: &'static str,
    pub icon: Icon,
    who: Who,
    /// Stands in an earlier group too, where it is marked.
    again: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    Admins,
    Owners,
    /// Account holders of organizations with customers.
    Partners,
}

/// The pictures in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    Overview,
    People,
    Accounts,
    Registrations,
    Lock,
    Ticket,
    Card,
    Key,
    Token,
    Review,
    Log,
    Docs,
    Secret,
    Jobs,
    Customers,
    Applications,
}

const fn place(url: &'static str, text: &'static str, icon: Icon) -> Place {
    Place { url, text, icon, who: Who::Admins, again: false }
}

const GROUPS: &[(&str, &[Place])] = &[
    ("", &[place("/admin", "Admin Overview", Icon::Overview)]),
    (
        "Practice",
        &[
            place("/admin/users", "User Management", Icon::People),
            place("/settings/allaccounts", "Manage Accounts", Icon::Accounts),
            place("/setup/users", "Manage Users", Icon::Registrations),
            place("/admin/security", "Practice Security Settings", Icon::Lock).for_owners(),
            place("/admin/user-settings", "User Settings", Icon::Card),
            place("/admin/registration-codes", "Registration Codes", Icon::Ticket),
            place("/admin/applications", "Applications", Icon::Applications).for_owners(),
            place("/admin/customers", "Customers", Icon::Customers).for_partners(),
        ],
    ),
    ("Identity", &[place("/identity/users", "Users", Icon::Card)]),
    (
        "Security",
        &[
            place("/admin/authentication-methods", "Authentication Methods", Icon::Key),
            place("/admin/hardware-tokens", "Hardware Tokens", Icon::Token),
            place("/admin/reviews", "Reviews", Icon::Review),
            place("/admin/audit", "Audit Log", Icon::Log),
        ],
    ),
    (
        "Tools",
        &[
            place("/admin/help", "Swagger Docs", Icon::Docs),
            place("/admin/api-tokens", "API Tokens", Icon::Secret),
            place("/admin/jobs", "Jobs", Icon::Jobs),
        ],
    ),
    // The headings that handbooks name; they lead to pages that stand above.
    (
        "Settings",
        &[
            place("/settings/allaccounts", "Manage Accounts", Icon::Accounts).again(),
            place("/admin/user-settings", "User Settings", Icon::Card).again(),
        ],
    ),
    ("Setup", &[place("/setup/users", "Manage Users", Icon::Registrations).again()]),
    ("Admin", &[place("/admin/help", "Help", Icon::Docs).again()]),
];

impl Group {
    /// Whether everything in it stands above too.
    pub fn is_again(&self) -> bool {
        self.places.iter().all(|place| place.again)
    }
}

impl Place {
    const fn for_owners(self) -> Self {
        Self { who: Who::Owners, ..self }
    }

    const fn again(self) -> Self {
        Self { again: true, ..self }
    }

    const fn for_partners(self) -> Self {
        Self { who: Who::Partners, ..self }
    }
}

impl Console {
    /// What this person may use.
    pub fn groups(&self) -> Vec<Group> {
        let may_use = |place: &&Place| match place.who {
            Who::Admins => true,
            Who::Owners => self.owner || self.operator,
            Who::Partners => self.partner || self.operator,
        };
        GROUPS
            .iter()
            .map(|(title, places)| Group { title, places: places.iter().filter(may_use).copied().collect() })
            .filter(|group| !group.places.is_empty())
            .collect()
    }

    pub fn is_here(&self, place: &Place) -> bool {
        self.place == place.url && !place.again
    }
}

/// Every URL in the list, for the tests.
pub fn urls() -> impl Iterator<Item = &'static str> {
    GROUPS.iter().flat_map(|(_, places)| places.iter().map(|place| place.url))
}
