//! The hardware tokens of an organization, each with the factor it has become, if any.

use diesel::prelude::*;

use super::factors::Factor;
use super::{FactorState, QueryResult};
use crate::clock::Timestamp;
use crate::db::{DbConnection, each};
use crate::schema::{factors, hardware_tokens};

#[derive(Clone, Debug, Queryable, Insertable)]
pub struct HardwareToken {
    pub id: String,
    pub organization_id: String,
    pub serial: String,
    pub serial_lower: String,
    pub manufacturer: String,
    pub model: String,
    /// Sealed as `hardware_tokens:secret:<id>`.
    pub secret: Vec<u8>,
    pub secret_key_id: String,
    /// SHA1 or SHA256.
    pub algorithm: String,
    /// Seconds per step.
    pub period: i64,
    /// The last accepted step under earlier owners.
    pub last_step: i64,
    /// There while it is assigned.
    pub factor_id: Option<String>,
    pub lost_at: Option<Timestamp>,
    pub created_at: Timestamp,
}

/// What its factor says: whose it is, and how it stands.
#[derive(Clone, Debug, Queryable)]
pub struct Holding {
    pub factor_id: String,
    pub user_id: String,
    pub state: FactorState,
    pub last_step: i64,
    pub last_used_at: Option<Timestamp>,
}

/// Which tokens a list shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Assigned to nobody, and not lost.
    Free,
    /// Assigned, with its factor in one of these states.
    Held(&'static [FactorState]),
    Lost,
}

/// The place a token's secret is sealed for.
pub fn secret_place(id: &str) -> String {
    format!("hardware_tokens:secret:{id}")
}

/// Rows per statement: SQLite takes 32,766 values in one.
const BATCH: usize = 500;

pub fn insert_all(conn: &mut DbConnection, rows: &[HardwareToken]) -> QueryResult<()> {
    for batch in rows.chunks(BATCH) {
        each!(conn, |c| diesel::insert_into(hardware_tokens::table).values(batch).execute(c))?;
    }
    Ok(())
}

/// One token of an organization; another's is not found.
pub fn find(
    conn: &mut DbConnection,
    organization_id: &str,
    id: &str,
) -> QueryResult<Option<(HardwareToken, Option<Holding>)>> {
    hardware_tokens::table
        .left_join(factors::table)
        .filter(hardware_tokens::id.eq(id))
        .filter(hardware_tokens::organization_id.eq(organization_id))
        .select((
            hardware_tokens::all_columns,
            (factors::id, factors::user_id, factors::state, factors::last_step, factors::last_used_at).nullable(),
        ))
        .first(conn)
        .optional()
}

/// Tokens of an organization by serial number, from the one after `after`; `prefix` in lower case.
pub fn list(
    conn: &mut DbConnection,
    organization_id: &str,
    (prefix, standing): (&str, Option<Standing>),
    after: &str,
    limit: i64,
) -> QueryResult<Vec<(HardwareToken, Option<Holding>)>> {
    let mut query = hardware_tokens::table
        .left_join(factors::table)
        .filter(hardware_tokens::organization_id.eq(organization_id))
        .filter(hardware_tokens::serial_lower.gt(after))
        .select((
            hardware_tokens::all_columns,
            (factors::id, factors::user_id, factors::state, factors::last_step, factors::last_used_at).nullable(),
        ))
        .order(hardware_tokens::serial_lower)
        .limit(limit)
        .into_boxed();
    if !prefix.is_empty() {
        let escaped = prefix.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        query = query.filter(hardware_tokens::serial_lower.like(format!("{escaped}%")).escape('\\'));
    }
    query = match standing {
        None => query,
        Some(Standing::Lost) => query.filter(hardware_tokens::lost_at.is_not_null()),
        Some(Standing::Free) => {
            query.filter(hardware_tokens::factor_id.is_null()).filter(hardware_tokens::lost_at.is_null())
        }
        Some(Standing::Held(states)) => query.filter(factors::state.eq_any(states.to_vec())),
    };
    query.load(conn)
}

/// Which of these serial numbers (in lower case) an organization has already.
pub fn present(conn: &mut DbConnection, organization_id: &str, serials: &[String]) -> QueryResult<Vec<String>> {
    let mut found = Vec::new();
    for batch in serials.chunks(BATCH) {
        let rows: Vec<String> = hardware_tokens::table
            .filter(hardware_tokens::organization_id.eq(organization_id))
            .filter(hardware_tokens::serial_lower.eq_any(batch.to_vec()))
            .select(hardware_tokens::serial_lower)
            .load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}

/// Makes a token a factor; `true` for the one caller who found it available.
pub fn assign(conn: &mut DbConnection, id: &str, factor: &Factor) -> QueryResult<bool> {
    super::factors::insert(conn, factor)?;
    let rows = diesel::update(
        hardware_tokens::table
            .find(id)
            .filter(hardware_tokens::factor_id.is_null())
            .filter(hardware_tokens::lost_at.is_null()),
    )
    .set(hardware_tokens::factor_id.eq(&factor.id))
    .execute(conn)?;
    if rows == 0 {
        diesel::delete(factors::table.find(&factor.id)).execute(conn)?;
    }
    Ok(rows == 1)
}

/// Takes the factor away from a token, and keeps which step it came to; `true` for the one caller who did.
pub fn release(conn: &mut DbConnection, id: &str, holding: &Holding) -> QueryResult<bool> {
    let last_step = holding.last_step;
    let rows =
        diesel::update(hardware_tokens::table.find(id).filter(hardware_tokens::factor_id.eq(&holding.factor_id)))
            .set((hardware_tokens::factor_id.eq(None::<String>), hardware_tokens::last_step.eq(last_step)))
            .execute(conn)?;
    if rows == 1 {
        diesel::delete(factors::table.find(&holding.factor_id)).execute(conn)?;
    }
    Ok(rows == 1)
}

/// Marks a token that nobody has as lost, or as found again; `true` for the one caller who changed it.
pub fn set_lost(conn: &mut DbConnection, id: &str, lost_at: Option<Timestamp>) -> QueryResult<bool> {
    let free = hardware_tokens::table.find(id).filter(hardware_tokens::factor_id.is_null());
    let rows = match lost_at {
        Some(_) => diesel::update(free.filter(hardware_tokens::lost_at.is_null()))
            .set(hardware_tokens::lost_at.eq(lost_at))
            .execute(conn)?,
        None => diesel::update(free.filter(hardware_tokens::lost_at.is_not_null()))
            .set(hardware_tokens::lost_at.eq(lost_at))
            .execute(conn)?,
    };
    Ok(rows == 1)
}

/// Puts a token's factor into use and takes the step of its code; `true` for the one caller who did.
/// ASVS 6.5.1.
pub fn activate(
    conn: &mut DbConnection,
    factor_id: &str,
    from: &[FactorState],
    step: i64,
    now: Timestamp,
) -> QueryResult<bool> {
    diesel::update(
        factors::table.find(factor_id).filter(factors::state.eq_any(from.to_vec())).filter(factors::last_step.lt(step)),
    )
    .set((
        factors::state.eq(FactorState::Active),
        factors::last_step.eq(step),
        factors::failed_in_row.eq(0),
        factors::confirmed_at.eq(now),
        factors::last_used_at.eq(now),
    ))
    .execute(conn)
    .map(|rows| rows == 1)
}

/// Takes a token's factor out of use; it stays assigned. `true` for the one caller who did.
pub fn deactivate(conn: &mut DbConnection, factor_id: &str) -> QueryResult<bool> {
    let used = [FactorState::Active, FactorState::SwitchedOff];
    diesel::update(factors::table.find(factor_id).filter(factors::state.eq_any(used)))
        .set(factors::state.eq(FactorState::Deactivated))
        .execute(conn)
        .map(|rows| rows == 1)
}

/// Secrets sealed with another key than `key_id`, for `rotate-keys`; by id, from the one after `after`.
pub fn list_sealed_otherwise(
    conn: &mut DbConnection,
    key_id: &str,
    after: &str,
    limit: i64,
) -> QueryResult<Vec<HardwareToken>> {
    hardware_tokens::table
        .filter(hardware_tokens::secret_key_id.ne(key_id))
        .filter(hardware_tokens::id.gt(after))
        .order(hardware_tokens::id)
        .limit(limit)
        .load(conn)
}

/// Replaces a sealed secret unless it was changed meanwhile.
pub fn reseal(conn: &mut DbConnection, id: &str, old: &[u8], new: &[u8], key_id: &str) -> QueryResult<bool> {
    diesel::update(hardware_tokens::table.find(id).filter(hardware_tokens::secret.eq(old)))
        .set((hardware_tokens::secret.eq(new), hardware_tokens::secret_key_id.eq(key_id)))
        .execute(conn)
        .map(|rows| rows == 1)
}
