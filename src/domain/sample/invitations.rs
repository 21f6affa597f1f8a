//! The invitations of those who were invited and have not come. They are days old: their links are over, and
//! nobody has the mails, so that **Send again** is what there is to do.

use time::Duration;

use super::people::PersonSpec;
use super::{SampleData, email, joined};
use crate::clock::Timestamp;
use crate::db::{DbConnection, Fault};
use crate::domain::limits::INVITATION_LINK;
use crate::models::invitations::{self, Invitation};
use crate::models::{Account, new_id};

const DAYS_AGO: i64 = 3;

pub fn of_person(
    conn: &mut DbConnection,
    data: &SampleData,
    spec: &PersonSpec,
    index: usize,
    now: Timestamp,
) -> Result<(), Fault> {
    if spec.account != Account::Invited {
        return Ok(());
    }
    let (created_at, sent_at) = (joined(index, now), now - Duration::days(DAYS_AGO));
    let row = Invitation {
        id: new_id(created_at),
        organization_id: data.organization(spec.home)?.id.clone(),
        user_id: data.person(spec.username)?.user_id.clone(),
        email: email(spec)?,
        first_name: spec.first_name.into(),
        last_name: spec.last_name.into(),
        role: spec.role,
        offer: false,
        created_at,
        sent_at,
        expires_at: sent_at + INVITATION_LINK,
    };
    Ok(invitations::insert(conn, &row)?)
}
