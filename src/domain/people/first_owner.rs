//! New organizations with their first account holder: by `create-owner`, and in an installation
//! without anybody by a token that the first start prints. No account is there by default. ASVS 6.3.2.

use super::invite::{self, Added, Newcomer};
use super::{By, command_line};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::audit::{Entry, Origin};
use crate::domain::limits::INVITATION_LINK;
use crate::domain::links::{Found, Owner};
use crate::domain::registration::details::{Details, Problems};
use crate::domain::registration::organization::is_npi;
use crate::domain::{Core, links};
use crate::models::organizations::{self, Organization};
use crate::models::users::{self, fold};
use crate::models::{AuditResult, DomainPolicy, FactorKind, RememberMe, Role, links as rows, new_id};
use crate::secrets::Secret;

/// The purpose of the token that is printed.
const TOKEN: &str = "first_owner";
/// Whom it belongs to: the installation.
const INSTALLATION: &str = "installation";
/// The longest name of an organization, in characters.
const NAME: usize = 100;

/// What is asked.
#[derive(Clone, Debug, Default)]
pub struct Founding {
    pub organization: String,
    pub npi: String,
    pub time_zone: String,
    pub owner: Details,
}

/// What came of it.
pub enum Founded {
    Done {
        /// The link that goes on with the owner's registration; none where the address has an account,
        /// which accepts by signing in.
        link: Option<String>,
        organization_id: String,
    },
    Problems(Problems),
    /// The token is over, or somebody is there by now.
    Over,
}

/// Makes a token where there is nobody yet; the page it opens. A newer one kills the older.
pub async fn token(core: &Core) -> Result<Option<Secret<String>>, Fault> {
    if core.db.read(|conn| Ok::<_, Fault>(users::any(conn)?)).await? {
        return Ok(None);
    }
    let now = core.clock.now();
    core.db
        .write(move |conn| {
            let owner = Owner { user_id: None, subject_id: Some(INSTALLATION) };
            Ok(Some(links::create(conn, TOKEN, owner, INVITATION_LINK, now)?))
        })
        .await
}

/// Whether a token opens the page.
pub async fn is_good(core: &Core, token: &str) -> Result<bool, Fault> {
    let (token, now) = (token.to_owned(), core.clock.now());
    core.db
        .read(move |conn| {
            let good = matches!(links::find(conn, TOKEN, &token, now)?, Found::Good(_));
            Ok(good && !users::any(conn)?)
        })
        .await
}

/// What the page of the token does: once, and only while there is nobody.
pub async fn found(core: &Core, token: &str, founding: &Founding, origin: &Origin) -> Result<Founded, Fault> {
    make(core, Some(token.to_owned()), founding, origin).await
}

/// What `create-owner` does.
pub async fn create(core: &Core, founding: &Founding) -> Result<Founded, Fault> {
    make(core, None, founding, &command_line()).await
}

async fn make(core: &Core, token: Option<String>, founding: &Founding, origin: &Origin) -> Result<Founded, Fault> {
    let problems = problems(founding);
    if !problems.is_empty() {
        return Ok(Founded::Problems(problems));
    }
    let (context, founding, origin) = (core.clone(), founding.clone(), origin.clone());
    let made = core
        .db
        .write(move |conn| {
            let (core, now) = (&context, context.clock.now());
            let by = if token.is_some() { By::SetUpLink } else { By::CommandLine };
            if let Some(token) = token
                && (users::any(conn)? || !consume(conn, &token, now)?)
            {
                return Ok(Founded::Over);
            }
            settle(conn, core, by, &founding, &origin, now)
        })
        .await;
    core.outbox.notify_one();
    match made {
        // What was not settled is rolled back, the token too.
        Err(Unsettled::Problems(problems)) => Ok(Founded::Problems(problems)),
        Err(Unsettled::Fault(fault)) => Err(fault),
        Ok(founded) => Ok(founded),
    }
}

enum Unsettled {
    Problems(Problems),
    Fault(Fault),
}

impl<E: Into<Fault>> From<E> for Unsettled {
    fn from(error: E) -> Self {
        Self::Fault(error.into())
    }
}

fn consume(conn: &mut DbConnection, token: &str, now: Timestamp) -> Result<bool, Fault> {
    match links::find(conn, TOKEN, token, now)? {
        Found::Good(link) => Ok(rows::consume(conn, &link.id, now)?),
        Found::Over(_) | Found::Unknown => Ok(false),
    }
}

fn settle(
    conn: &mut DbConnection,
    core: &Core,
    by: By,
    founding: &Founding,
    origin: &Origin,
    now: Timestamp,
) -> Result<Founded, Unsettled> {
    let organization = organization(founding, now);
    if let Some(npi) = &organization.npi
        && !organizations::list_by_npi(conn, npi)?.is_empty()
    {
        return Err(Unsettled::Problems(vec![("npi", "Another organization has this NPI.".into())]));
    }
    organizations::insert(conn, &organization)?;
    by.sign(Entry::new("organization_created", AuditResult::Success))
        .in_organization(Some(&organization.id))
        .write(conn, origin, now)?;
    let newcomer = Newcomer { details: founding.owner.clone(), role: Role::Owner };
    match invite::add_in(conn, core, by, &organization, &newcomer, origin, now)? {
        Added::Invited { link, .. } => Ok(Founded::Done { link, organization_id: organization.id }),
        // Nobody belongs to an organization that was made just now.
        Added::AlreadyHere => Ok(Founded::Over),
        Added::Problems(problems) => Err(Unsettled::Problems(problems)),
    }
}

/// Everything allowed, nothing required: the account holder decides.
fn organization(founding: &Founding, now: Timestamp) -> Organization {
    let kinds = [FactorKind::Authenticator, FactorKind::Phone, FactorKind::Email, FactorKind::HardwareToken];
    let name = founding.organization.trim().to_owned();
    let npi = founding.npi.trim();
    Organization {
        id: new_id(now),
        name_lower: fold(&name),
        name,
        npi: (!npi.is_empty()).then(|| npi.to_owned()),
        managing_partner_id: None,
        enforce_mfa: false,
        grace_until: None,
        org_level_mfa: false,
        allowed_methods: kinds.map(FactorKind::as_str).join(","),
        remember_me: RememberMe::CredentialsAndMfa,
        remembered_since: None,
        domain_sign_in: DomainPolicy::Off,
        email_code_seconds: 30,
        idle_minutes: 30,
        absolute_minutes: 720,
        time_zone: founding.time_zone.trim().to_owned(),
        fax_required: true,
        disabled_at: None,
        created_at: now,
        updated_at: now,
    }
}

fn problems(founding: &Founding) -> Problems {
    let mut problems = Problems::new();
    let name = founding.organization.trim();
    if name.is_empty() {
        problems.push(("organization", "Enter the organization's name.".into()));
    } else if name.chars().count() > NAME || name.chars().any(char::is_control) {
        problems.push(("organization", format!("Use at most {NAME} characters on one line.")));
    }
    let npi = founding.npi.trim();
    if !npi.is_empty() && !is_npi(npi) {
        problems.push(("npi", "Enter an NPI of 10 digits, or leave it out.".into()));
    }
    if jiff::tz::TimeZone::get(founding.time_zone.trim()).is_err() {
        problems.push(("time_zone", "Enter a time zone such as America/Chicago.".into()));
    }
    let newcomer = Newcomer { details: founding.owner.clone(), role: Role::Owner };
    problems.extend(invite::problems(&newcomer));
    problems
}
