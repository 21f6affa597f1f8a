//! New organizations with their first account holder: by `create-owner`, and in an installation
//! without anybody by a token that the first start prints. No account is there by default. ASVS 6.3.2.

use super::invite::{self, Added, Newcomer};
use super::{By, command_line};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::audit::{Entry, Origin};
use crate::domain::limits::INVITATION_LINK;
use crate::domain::links::{Found, Owner};
use crate::domain::organizations::details::{Problem, begin, problems_of_new};
use crate::domain::registration::details::{Details, Problems};
use crate::domain::{Core, links, organizations};
use crate::models::{AuditResult, Role, links as link_rows, organizations as rows, users};
use crate::secrets::Secret;

/// The purpose of the token that is printed.
const TOKEN: &str = "first_owner";
/// Whom it belongs to: the installation.
const INSTALLATION: &str = "installation";

/// What is asked.
#[derive(Clone, Debug, Default)]
pub struct Founding {
    pub organization: String,
    pub npi: String,
    pub time_zone: String,
    pub owner: Details,
}

impl Founding {
    fn details(&self) -> organizations::Details {
        organizations::Details {
            name: self.organization.clone(),
            npi: self.npi.clone(),
            time_zone: self.time_zone.clone(),
            fax_required: true,
            ..organizations::Details::default()
        }
    }
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
        Found::Good(link) => Ok(link_rows::consume(conn, &link.id, now)?),
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
    let (details, newcomer) = (founding.details(), Newcomer { details: founding.owner.clone(), role: Role::Owner });
    let problems = problems(conn, &details, &newcomer)?;
    if !problems.is_empty() {
        return Err(Unsettled::Problems(problems));
    }
    let organization = begin(&details, None, now);
    rows::insert(conn, &organization)?;
    by.sign(Entry::new("organization_created", AuditResult::Success))
        .in_organization(Some(&organization.id))
        .with("name", organization.name.as_str())
        .with("npi", organization.npi.as_deref())
        .write(conn, origin, now)?;
    match invite::add_in(conn, core, by, &organization, &newcomer, origin, now)? {
        Added::Invited { link, .. } => Ok(Founded::Done { link, organization_id: organization.id }),
        // Nobody belongs to an organization that was made just now.
        Added::AlreadyHere => Ok(Founded::Over),
        Added::Problems(problems) => Err(Unsettled::Problems(problems)),
    }
}

/// Field and message, as [`Founding`] calls them.
fn problems(conn: &mut DbConnection, details: &organizations::Details, newcomer: &Newcomer) -> Result<Problems, Fault> {
    let named = |problem: Problem| match problem.field() {
        "name" => ("organization", problem.words()),
        field => (field, problem.words()),
    };
    let mut problems: Problems = problems_of_new(conn, details)?.into_iter().map(named).collect();
    problems.extend(invite::problems(newcomer));
    Ok(problems)
}
