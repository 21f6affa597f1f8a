//! Who acts still is who they were when the request began: its body may take its time, and roles change
//! meanwhile. Read inside the act's own transaction. ASVS 8.3.2.

use std::collections::BTreeSet;

use super::{Actor, Reach, Via};
use crate::db::{DbConnection, Fault};
use crate::models::{Account, Role, memberships, organizations, users};

impl Actor {
    /// The same as [`Actor::stands`], with the row held that whoever takes the role away holds too: an act comes
    /// before that as a whole, or does not come about.
    ///
    /// # Errors
    /// `Fault::Demoted`.
    pub fn hold(&self, conn: &mut DbConnection) -> Result<(), Fault> {
        self.hold_with(conn, None)
    }

    /// The same for an act on another organization, which is held as well: `domain::locks` says in which order.
    pub fn hold_with(&self, conn: &mut DbConnection, organization_id: Option<&str>) -> Result<(), Fault> {
        for id in BTreeSet::from_iter(self.organization_id().into_iter().chain(organization_id)) {
            organizations::lock(conn, id)?;
        }
        if self.is_operator() && self.via != Via::CommandLine {
            users::lock(conn, &self.user.id)?;
        }
        self.stands(conn)
    }

    /// Whether the account is active, and every role that was found with the request is there as it was or higher.
    ///
    /// # Errors
    /// `Fault::Demoted`.
    pub fn stands(&self, conn: &mut DbConnection) -> Result<(), Fault> {
        if self.via == Via::CommandLine {
            return Ok(());
        }
        let user = users::find(conn, &self.user.id)?.filter(|user| user.account == Account::Active);
        let stands = match (user, &self.reach) {
            (None, _) => false,
            (Some(user), Reach::Everywhere) => user.operator,
            (Some(user), Reach::Organizations(ids)) => {
                let now = memberships::list_active(conn, &user.id)?;
                let role_in = |id: &str| now.iter().find(|(_, o)| o.id == id).map(|(m, _)| m.role);
                ids.iter().all(|id| user.operator || role_in(id) >= Some(Role::Admin))
                    && self.organization_id().is_none_or(|id| role_in(id) >= self.role)
            }
        };
        if !stands {
            tracing::warn!(user = self.user.id, "a role was taken away while a request with it was under way");
            return Err(Fault::Demoted);
        }
        Ok(())
    }
}
