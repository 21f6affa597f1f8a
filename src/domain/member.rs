//! One person as a member of one organization, for who administers it.

use super::{Core, domain_account, mfa};
use crate::db::Fault;
use crate::domain::directory::Row;
use crate::models::factors::Factor;
use crate::models::organizations::Organization;
use crate::models::{FactorState, factors, memberships, recovery_codes, second_step_pauses, users};

/// Somebody of this organization; `None` for who belongs elsewhere or nowhere, all the same.
pub async fn find(core: &Core, organization: &Organization, user_id: &str) -> Result<Option<Row>, Fault> {
    let (organization, user_id, now) = (organization.clone(), user_id.to_owned(), core.clock.now());
    core.db
        .read(move |conn| {
            let Some(membership) = memberships::find(conn, &user_id, &organization.id)? else { return Ok(None) };
            let Some(user) = users::find(conn, &user_id)? else { return Ok(None) };
            let factors = factors::list(conn, &user_id)?;
            let pauses = second_step_pauses::list(conn, &user_id)?;
            let sso = domain_account::answers_for(&organization, domain_account::proves_second_factor(conn, &user_id)?);
            let status = mfa::status(&organization, &membership, &factors, &pauses, (sso, user.set_up_demanded), now);
            Ok(Some(Row { membership, user, organization, factors, status }))
        })
        .await
}

/// What they enrolled for everywhere and for this organization, and how many recovery codes are left.
pub async fn factors(
    core: &Core,
    organization: &Organization,
    user_id: &str,
) -> Result<Option<(Vec<Factor>, i64)>, Fault> {
    let Some(row) = find(core, organization, user_id).await? else { return Ok(None) };
    let user_id = user_id.to_owned();
    let codes = core.db.read(move |conn| recovery_codes::count_unused(conn, &user_id).map_err(Fault::from)).await?;
    let theirs = |factor: &Factor| {
        factor.state != FactorState::Pending
            && factor.organization_id.as_ref().is_none_or(|id| *id == row.organization.id)
    };
    Ok(Some((row.factors.into_iter().filter(theirs).collect(), codes)))
}
