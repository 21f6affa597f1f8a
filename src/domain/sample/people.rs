//! The people of demo mode. The first twenty usernames are fixed: scripts and guides name them.

use Enrolled::{App, AppOff, Codes, Email, OwnApp, OwnPhone, Phone, SlowToken, Token};

use super::organizations::{DELTA, HARBOR, JUNIPER, NORTHGATE, PARTNER, RIVERSIDE, SUMMIT};
use crate::models::{Account, FactorKind, FactorState, Role, Scope};

/// What somebody has enrolled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enrolled {
    Phone,
    Email,
    App,
    /// An authenticator after 100 wrong codes in a row.
    AppOff,
    /// A hardware token of the usual kind: SHA-1, 30 seconds.
    Token,
    /// A hardware token of the other kind: SHA-256, 60 seconds.
    SlowToken,
    /// An authenticator and a phone that count for the home organization only.
    OwnApp,
    OwnPhone,
    /// Recovery codes, which are no factor row.
    Codes,
}

/// What is written for one person, apart from ids and secrets.
pub struct PersonSpec {
    pub username: &'static str,
    pub first_name: &'static str,
    pub last_name: &'static str,
    /// The managing organization and the role there.
    pub home: &'static str,
    pub role: Role,
    pub enrolled: &'static [Enrolled],
    pub account: Account,
    /// Further memberships.
    pub also: &'static [(&'static str, Role)],
    pub operator: bool,
    /// Why set-up is not asked of this person.
    pub exempt: Option<&'static str>,
    /// The organization in whose domain the e-mail address is.
    pub mail_at: &'static str,
}

pub const FIXED: [&str; 20] = [
    "sole.owner",
    "owner.one",
    "owner.two",
    "admin",
    "member.none",
    "phone.only",
    "email.only",
    "app.only",
    "all.factors",
    "token",
    "org.level",
    "two.orgs",
    "locked",
    "disabled",
    "invited",
    "unfinished",
    "grace",
    "exempt",
    "technician",
    "operator",
];

pub const PEOPLE: &[PersonSpec] = &[
    owner("sole.owner", "Ruth", "Delacroix", JUNIPER, &[Phone, Email]),
    owner("owner.one", "Daniyel", "Bezaury", HARBOR, &[Phone, Email, App]),
    owner("owner.two", "Margaret", "Oyelaran", HARBOR, &[Phone, Email]),
    admin("admin", "Tobias", "Lindqvist", HARBOR, &[App, Phone, Email]),
    member("member.none", "Carla", "Esposito", HARBOR, &[]),
    member("phone.only", "Marcus", "Tran", HARBOR, &[Phone]),
    member("email.only", "Leila", "Haddad", HARBOR, &[Email]),
    member("app.only", "Jonah", "Fitzgerald", HARBOR, &[App]),
    member("all.factors", "Adaeze", "Nwosu", HARBOR, &[Phone, Email, App, Codes]),
    member("token", "Viktor", "Horvath", HARBOR, &[Token]),
    member("org.level", "Simone", "Arceneaux", NORTHGATE, &[OwnApp]),
    member("two.orgs", "Gabriel", "Santos", HARBOR, &[]).also(&[(RIVERSIDE, Role::Member)]),
    member("locked", "Priya", "Raman", HARBOR, &[AppOff]),
    member("disabled", "Walter", "Becker", HARBOR, &[Phone, Email]).account(Account::Disabled),
    member("invited", "Noor", "Siddiqui", HARBOR, &[]).account(Account::Invited),
    member("unfinished", "Ethan", "Blackwood", HARBOR, &[]).account(Account::Unfinished),
    member("grace", "Paulina", "Wójcik", DELTA, &[]),
    member("exempt", "Harold", "Jennings", RIVERSIDE, &[]).exempt("On leave; a direct line follows with the return"),
    admin("technician", "Sam", "Whitehorse", RIVERSIDE, &[App, Phone, Email])
        .also(&[(DELTA, Role::Admin), (JUNIPER, Role::Admin)])
        .mail_at(PARTNER),
    member("operator", "Ingrid", "Solberg", HARBOR, &[App, Phone, Email]).operator(),
    // Gulf Coast Practice Partners
    owner("dboudreaux", "Danielle", "Boudreaux", PARTNER, &[App, Phone, Email, Codes]),
    admin("mokafor", "Michael", "Okafor", PARTNER, &[App, Email, Codes]),
    member("tnguyen", "Thuy", "Nguyen", PARTNER, &[Phone, Email]),
    member("jlandry", "Joel", "Landry", PARTNER, &[App, Codes]),
    member("spatel", "Sunita", "Patel", PARTNER, &[Email]),
    // Harbor Valley Health
    member("rsmith", "Robert", "Smith", HARBOR, &[Phone, Email]),
    member("jnunez", "José", "Núñez", HARBOR, &[App, Phone, Codes]),
    member("kowens", "Keisha", "Owens", HARBOR, &[Email]),
    member("hyamamoto", "Hana", "Yamamoto", HARBOR, &[SlowToken]),
    member("aalmasri", "Amira", "Al-Masri", HARBOR, &[Phone]),
    member("lferguson", "Liam", "Ferguson", HARBOR, &[]),
    member("psingh", "Parminder", "Singh", HARBOR, &[App, Email]),
    member("gkowalczyk", "Grażyna", "Kowalczyk", HARBOR, &[Phone, Email]),
    // Riverside Family Clinic
    owner("khollis", "Kendra", "Hollis", RIVERSIDE, &[Phone, Email, App]),
    admin("malvarez", "Marisol", "Alvarez", RIVERSIDE, &[Phone, Email]),
    member("wchen", "Wei", "Chen", RIVERSIDE, &[App]),
    member("aferreira", "Ana", "Ferreira", RIVERSIDE, &[Email]),
    member("tbrooks", "Terrence", "Brooks", RIVERSIDE, &[]),
    member("ebergstrom", "Elin", "Bergström", RIVERSIDE, &[]),
    member("nwilliams", "Naomi", "Williams", RIVERSIDE, &[Phone]),
    // Delta Orthopedics
    owner("rgupta", "Rohan", "Gupta", DELTA, &[Phone, App, Email]),
    admin("jbaptiste", "Josette", "Baptiste", DELTA, &[Phone, Email]),
    member("pdoyle", "Patrick", "Doyle", DELTA, &[]),
    member("cmoreau", "Camille", "Moreau", DELTA, &[Phone]),
    member("ohassan", "Omar", "Hassan", DELTA, &[]),
    member("vpetrova", "Vera", "Petrova", DELTA, &[App, Codes]),
    member("sjohnson", "Shanice", "Johnson", DELTA, &[Email]),
    // Juniper Street Pediatrics
    member("mgreen", "Miriam", "Green", JUNIPER, &[Phone, Email]),
    member("lthao", "Lee", "Thao", JUNIPER, &[]),
    member("cdavis", "Curtis", "Davis", JUNIPER, &[Email]),
    member("irojas", "Inés", "Rojas", JUNIPER, &[]),
    // Northgate Surgical Center
    owner("hklein", "Hannah", "Klein", NORTHGATE, &[OwnApp, Phone, Email]),
    admin("dwright", "Dwayne", "Wright", NORTHGATE, &[OwnPhone, App]),
    member("sabebe", "Selam", "Abebe", NORTHGATE, &[OwnApp, Phone]),
    member("fromano", "Franco", "Romano", NORTHGATE, &[Phone]),
    member("lzhang", "Li", "Zhang", NORTHGATE, &[]).exempt("Works on paper charts until the new wing opens"),
    member("bmccoy", "Bethany", "McCoy", NORTHGATE, &[]).account(Account::Invited),
    // Summit Behavioral Health
    owner("rtsosie", "Raymond", "Tsosie", SUMMIT, &[App, Phone, Email]),
    admin("jmartinez", "Joy", "Martinez", SUMMIT, &[Phone, Email]),
    member("kolsen", "Karl", "Olsen", SUMMIT, &[Phone]),
    member("aiyer", "Anika", "Iyer", SUMMIT, &[Email]),
    member("mdubois", "Marc", "Dubois", SUMMIT, &[]),
    member("ykim", "Yuna", "Kim", SUMMIT, &[App]).also(&[(HARBOR, Role::Member)]),
];

type Names = &'static str;

const fn member(username: Names, first: Names, last: Names, home: Names, enrolled: &'static [Enrolled]) -> PersonSpec {
    PersonSpec {
        username,
        first_name: first,
        last_name: last,
        home,
        role: Role::Member,
        enrolled,
        account: Account::Active,
        also: &[],
        operator: false,
        exempt: None,
        mail_at: home,
    }
}

const fn admin(username: Names, first: Names, last: Names, home: Names, enrolled: &'static [Enrolled]) -> PersonSpec {
    PersonSpec { role: Role::Admin, ..member(username, first, last, home, enrolled) }
}

const fn owner(username: Names, first: Names, last: Names, home: Names, enrolled: &'static [Enrolled]) -> PersonSpec {
    PersonSpec { role: Role::Owner, ..member(username, first, last, home, enrolled) }
}

impl PersonSpec {
    const fn account(self, account: Account) -> Self {
        Self { account, ..self }
    }

    const fn also(self, also: &'static [(&'static str, Role)]) -> Self {
        Self { also, ..self }
    }

    const fn operator(self) -> Self {
        Self { operator: true, ..self }
    }

    const fn exempt(self, reason: &'static str) -> Self {
        Self { exempt: Some(reason), ..self }
    }

    const fn mail_at(self, organization: &'static str) -> Self {
        Self { mail_at: organization, ..self }
    }

    /// Invited people have not chosen a password yet.
    pub fn has_password(&self) -> bool {
        self.account != Account::Invited
    }

    /// Those who got to the end of their registration.
    pub fn has_accepted_terms(&self) -> bool {
        matches!(self.account, Account::Active | Account::Disabled)
    }
}

impl Enrolled {
    /// The name in `sample.json`.
    pub fn key(self) -> &'static str {
        match self {
            Phone => "phone",
            Email => "email",
            App | AppOff => "authenticator",
            Token | SlowToken => "hardware_token",
            OwnApp => "organization_authenticator",
            OwnPhone => "organization_phone",
            Codes => "recovery_codes",
        }
    }

    pub fn kind(self) -> FactorKind {
        match self {
            Phone | OwnPhone => FactorKind::Phone,
            Email => FactorKind::Email,
            App | AppOff | OwnApp => FactorKind::Authenticator,
            Token | SlowToken => FactorKind::HardwareToken,
            Codes => FactorKind::RecoveryCode,
        }
    }

    pub fn scope(self) -> Scope {
        if matches!(self, OwnApp | OwnPhone) { Scope::Organization } else { Scope::User }
    }

    pub fn state(self) -> FactorState {
        if self == AppOff { FactorState::SwitchedOff } else { FactorState::Active }
    }

    /// Whether it has a secret key of its own.
    pub fn has_key(self) -> bool {
        matches!(self.kind(), FactorKind::Authenticator | FactorKind::HardwareToken)
    }

    /// What its owner called it.
    pub fn name(self) -> &'static str {
        match self {
            Phone => "Direct line",
            Email => "Work e-mail",
            App | AppOff => "Authenticator on my phone",
            Token | SlowToken => "Key fob",
            OwnApp => "Work authenticator",
            OwnPhone => "Work phone",
            Codes => "Recovery codes",
        }
    }
}
