//! The organizations of demo mode; each stands for a situation.

pub const PARTNER: &str = "gulf_coast";
pub const HARBOR: &str = "harbor_valley";
pub const RIVERSIDE: &str = "riverside";
pub const DELTA: &str = "delta";
pub const JUNIPER: &str = "juniper_street";
pub const NORTHGATE: &str = "northgate";
pub const SUMMIT: &str = "summit";

/// What is written for one organization, apart from its id and its registration code.
pub struct OrganizationSpec {
    /// Its name in `sample.json`.
    pub key: &'static str,
    pub name: &'static str,
    /// The domain of its people's e-mail addresses.
    pub domain: &'static str,
    /// Ten digits, the last a check digit (Luhn, prefix 80840). Ranges that were never given out.
    pub npi: Option<&'static str>,
    pub partner: Option<&'static str>,
    pub enforce_mfa: bool,
    pub grace_days: Option<i64>,
    pub org_level_mfa: bool,
    pub allowed_methods: &'static str,
    pub remember_me: bool,
    /// Whether people may come by domain accounts, where a provider is configured.
    pub domain_account: bool,
    /// CIDR and label.
    pub safelist: &'static [(&'static str, &'static str)],
    pub time_zone: &'static str,
    pub city: (&'static str, &'static str, &'static str),
    /// Name, path below the organization's domain, description.
    pub applications: &'static [(&'static str, &'static str, &'static str)],
}

const ALL_METHODS: &str = "authenticator,phone,email,hardware_token";
const SCHEDULING: (&str, &str, &str) = ("Scheduling", "scheduling", "Appointments, rooms and waiting lists");
const CLAIMS: (&str, &str, &str) = ("Claims", "claims", "Submit claims and see what became of them");
const AUTHORIZATIONS: (&str, &str, &str) =
    ("Service Authorizations", "authorizations", "Ask for an authorization and follow it");
const RESULTS: (&str, &str, &str) = ("Results", "results", "Laboratory and imaging results");
const TICKETS: (&str, &str, &str) = ("Support Tickets", "tickets", "Requests of the practices we look after");

const PLAIN: OrganizationSpec = OrganizationSpec {
    key: "",
    name: "",
    domain: "",
    npi: None,
    partner: None,
    enforce_mfa: false,
    grace_days: None,
    org_level_mfa: false,
    allowed_methods: ALL_METHODS,
    remember_me: true,
    domain_account: false,
    safelist: &[],
    time_zone: "America/Chicago",
    city: ("", "", ""),
    applications: &[],
};

/// Partners before their customers, because rows refer to rows that must be there.
pub const ORGANIZATIONS: &[OrganizationSpec] = &[
    // A managing partner; without NPI: its code is typed into both fields. Its IP Safelist holds loopback.
    OrganizationSpec {
        key: PARTNER,
        name: "Gulf Coast Practice Partners",
        domain: "gulfcoast.example",
        safelist: &[
            ("127.0.0.0/8", "This machine"),
            ("::1/128", "This machine, IPv6"),
            ("192.0.2.0/24", "Main office"),
        ],
        city: ("Biloxi", "MS", "39530"),
        applications: &[TICKETS],
        ..PLAIN
    },
    // Everything allowed, nothing required: most of the people to try are here.
    OrganizationSpec {
        key: HARBOR,
        domain_account: true,
        name: "Harbor Valley Health",
        domain: "harborvalley.example",
        npi: Some("1234567893"),
        city: ("Jackson", "MS", "39201"),
        applications: &[AUTHORIZATIONS, CLAIMS, SCHEDULING],
        ..PLAIN
    },
    // MFA required, no grace left.
    OrganizationSpec {
        key: RIVERSIDE,
        name: "Riverside Family Clinic",
        domain: "riversideclinic.example",
        npi: Some("1000000111"),
        partner: Some(PARTNER),
        enforce_mfa: true,
        city: ("Natchez", "MS", "39120"),
        applications: &[SCHEDULING, RESULTS],
        ..PLAIN
    },
    // MFA required, grace still running.
    OrganizationSpec {
        key: DELTA,
        name: "Delta Orthopedics",
        domain: "deltaortho.example",
        npi: Some("1000000186"),
        partner: Some(PARTNER),
        enforce_mfa: true,
        grace_days: Some(90),
        city: ("Greenville", "MS", "38701"),
        applications: &[SCHEDULING, CLAIMS],
        ..PLAIN
    },
    // A small practice with one owner and nobody else who administers it, save the technician.
    OrganizationSpec {
        key: JUNIPER,
        name: "Juniper Street Pediatrics",
        domain: "juniperstreet.example",
        npi: Some("1000000251"),
        partner: Some(PARTNER),
        city: ("Hattiesburg", "MS", "39401"),
        applications: &[SCHEDULING],
        ..PLAIN
    },
    // Wants a factor of its own, and no e-mail codes.
    OrganizationSpec {
        key: NORTHGATE,
        name: "Northgate Surgical Center",
        domain: "northgate.example",
        npi: Some("1000000327"),
        enforce_mfa: true,
        org_level_mfa: true,
        allowed_methods: "authenticator,phone,hardware_token",
        time_zone: "America/New_York",
        city: ("Atlanta", "GA", "30303"),
        applications: &[RESULTS, SCHEDULING],
        ..PLAIN
    },
    // Remember Me switched off.
    OrganizationSpec {
        key: SUMMIT,
        name: "Summit Behavioral Health",
        domain: "summitbh.example",
        npi: Some("1000000392"),
        remember_me: false,
        time_zone: "America/Denver",
        city: ("Denver", "CO", "80202"),
        applications: &[AUTHORIZATIONS],
        ..PLAIN
    },
];

pub fn spec(key: &str) -> Option<&'static OrganizationSpec> {
    ORGANIZATIONS.iter().find(|organization| organization.key == key)
}
