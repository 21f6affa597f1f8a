//! People's accounts. Whoever changes names, username or address calls `directory_entries::refresh`, or
//! lists show and find the old ones.

use diesel::prelude::*;

use super::{Account, QueryResult, directory_entries};
use crate::clock::Timestamp;
use crate::db::{DbConnection, each};
use crate::schema::users;

#[derive(Clone, Queryable, Insertable)]
pub struct User {
    pub id: String,
    pub username: String,
    pub username_lower: String,
    /// The sign-in name.
    pub email: String,
    pub email_lower: String,
    pub first_name: String,
    pub last_name: String,
    pub first_name_lower: String,
    pub last_name_lower: String,
    /// An argon2id PHC string.
    pub password_hash: Option<String>,
    pub password_changed_at: Option<Timestamp>,
    /// Set after 100 wrong passwords in a row; a new password clears it.
    pub password_off_at: Option<Timestamp>,
    pub password_must_change: bool,
    pub managing_organization_id: Option<String>,
    pub operator: bool,
    pub account: Account,
    /// Sessions, proofs and remembered browsers made under an older epoch are void.
    pub mfa_epoch: i64,
    pub terms_version: Option<String>,
    pub terms_accepted_at: Option<Timestamp>,
    pub time_zone: Option<String>,
    pub last_sign_in_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// A factor has to be set up, whatever the organizations demand: after a reset of one's own.
    pub set_up_demanded: bool,
    /// When names or e-mail address last changed.
    pub identity_changed_at: Option<Timestamp>,
}

impl User {
    pub fn full_name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name).trim().to_owned()
    }
}

/// How addresses and usernames are compared: without regard to case and surrounding space.
pub fn fold(text: &str) -> String {
    text.trim().to_lowercase()
}

pub fn insert(conn: &mut DbConnection, row: &User) -> QueryResult<()> {
    diesel::insert_into(users::table).values(row).execute(conn).map(|_| ())
}

pub fn find(conn: &mut DbConnection, id: &str) -> QueryResult<Option<User>> {
    each!(conn, |c| users::table.find(id).first(c)).optional()
}

/// Holds the account until the transaction ends, for rules over several of its rows. SQLite has one
/// writer anyway. Not against rows that only refer to it.
pub fn lock(conn: &mut DbConnection, id: &str) -> QueryResult<Option<User>> {
    match conn {
        DbConnection::Sqlite(c) => users::table.find(id).first(c).optional(),
        DbConnection::Pg(c) => users::table.find(id).for_no_key_update().first(c).optional(),
    }
}

pub fn find_by_email(conn: &mut DbConnection, email: &str) -> QueryResult<Option<User>> {
    users::table.filter(users::email_lower.eq(fold(email))).first(conn).optional()
}

pub fn find_by_username(conn: &mut DbConnection, username: &str) -> QueryResult<Option<User>> {
    users::table.filter(users::username_lower.eq(fold(username))).first(conn).optional()
}

pub fn list_after(conn: &mut DbConnection, after: &str, limit: i64) -> QueryResult<Vec<User>> {
    users::table.filter(users::id.gt(after)).order(users::id).limit(limit).load(conn)
}

pub fn signed_in(conn: &mut DbConnection, id: &str, now: Timestamp) -> QueryResult<()> {
    diesel::update(users::table.find(id)).set(users::last_sign_in_at.eq(now)).execute(conn).map(|_| ())
}

/// Replaces the hash of the same password by a stronger one, unless it was changed meanwhile.
pub fn rehash(conn: &mut DbConnection, id: &str, old: &str, new: &str) -> QueryResult<usize> {
    diesel::update(users::table.find(id).filter(users::password_hash.eq(old)))
        .set(users::password_hash.eq(new))
        .execute(conn)
}

/// Switches the password off; `true` for the one caller who did it.
pub fn switch_password_off(conn: &mut DbConnection, id: &str, now: Timestamp) -> QueryResult<bool> {
    diesel::update(users::table.find(id).filter(users::password_off_at.is_null()))
        .set(users::password_off_at.eq(now))
        .execute(conn)
        .map(|rows| rows == 1)
}

/// Sets a new password, which is on again and the owner's own.
pub fn set_password(conn: &mut DbConnection, id: &str, hash: &str, now: Timestamp) -> QueryResult<usize> {
    diesel::update(users::table.find(id))
        .set((
            users::password_hash.eq(hash),
            users::password_changed_at.eq(now),
            users::password_off_at.eq(None::<Timestamp>),
            users::password_must_change.eq(false),
            users::updated_at.eq(now),
        ))
        .execute(conn)
}

/// Ends everything made under the present epoch: sessions, proofs, remembered browsers.
pub fn bump_epoch(conn: &mut DbConnection, id: &str, now: Timestamp) -> QueryResult<usize> {
    diesel::update(users::table.find(id))
        .set((users::mfa_epoch.eq(users::mfa_epoch + 1), users::updated_at.eq(now)))
        .execute(conn)
}

/// Sets the state of an account; everything made under the present epoch ends with it.
pub fn set_account(conn: &mut DbConnection, id: &str, account: Account, now: Timestamp) -> QueryResult<usize> {
    diesel::update(users::table.find(id))
        .set((users::account.eq(account), users::mfa_epoch.eq(users::mfa_epoch + 1), users::updated_at.eq(now)))
        .execute(conn)
}

/// What **Create** gives to an account that was invited or not finished: its password, and the
/// address that was verified. `false` for every other account.
pub fn give_password(conn: &mut DbConnection, id: &str, email: &str, hash: &str, now: Timestamp) -> QueryResult<bool> {
    let open = [Account::Invited, Account::Unfinished];
    let given = diesel::update(users::table.find(id).filter(users::account.eq_any(open)))
        .set((
            users::email.eq(email),
            users::email_lower.eq(fold(email)),
            users::password_hash.eq(hash),
            users::password_changed_at.eq(now),
            users::password_off_at.eq(None::<Timestamp>),
            users::account.eq(Account::Unfinished),
            users::updated_at.eq(now),
        ))
        .execute(conn)?;
    directory_entries::refresh(conn, id)?;
    Ok(given == 1)
}

/// Back to where an invitation begins: no password, no accepted terms. A disabled account stays so.
pub fn forget_registration(conn: &mut DbConnection, id: &str, account: Account, now: Timestamp) -> QueryResult<usize> {
    diesel::update(users::table.find(id))
        .set((
            users::password_hash.eq(None::<String>),
            users::password_changed_at.eq(None::<Timestamp>),
            users::password_off_at.eq(None::<Timestamp>),
            users::password_must_change.eq(false),
            users::terms_version.eq(None::<String>),
            users::terms_accepted_at.eq(None::<Timestamp>),
            users::account.eq(account),
            users::updated_at.eq(now),
        ))
        .execute(conn)
}

/// Moves an account from one state to another; `true` for the one caller who found it there.
pub fn move_account(
    conn: &mut DbConnection,
    id: &str,
    from: &[Account],
    to: Account,
    now: Timestamp,
) -> QueryResult<bool> {
    diesel::update(users::table.find(id).filter(users::account.eq_any(from.to_vec())))
        .set((users::account.eq(to), users::updated_at.eq(now)))
        .execute(conn)
        .map(|rows| rows == 1)
}

/// Keeps which terms were accepted and when; an account that waited for that is active from here on.
pub fn accept_terms(conn: &mut DbConnection, id: &str, version: &str, now: Timestamp) -> QueryResult<bool> {
    let open = [Account::Active, Account::Unfinished];
    diesel::update(users::table.find(id).filter(users::account.eq_any(open)))
        .set((
            users::terms_version.eq(version),
            users::terms_accepted_at.eq(now),
            users::account.eq(Account::Active),
            users::updated_at.eq(now),
        ))
        .execute(conn)
        .map(|rows| rows == 1)
}

/// Has a factor set up at the next sign-in, wherever it leads.
pub fn demand_set_up(conn: &mut DbConnection, id: &str, now: Timestamp) -> QueryResult<usize> {
    diesel::update(users::table.find(id))
        .set((users::set_up_demanded.eq(true), users::updated_at.eq(now)))
        .execute(conn)
}

/// A factor was shown: nothing is left to be set up.
pub fn set_up_done(conn: &mut DbConnection, id: &str) -> QueryResult<usize> {
    diesel::update(users::table.find(id).filter(users::set_up_demanded.eq(true)))
        .set(users::set_up_demanded.eq(false))
        .execute(conn)
}

/// Everybody who looks after the installation.
pub fn list_operators(conn: &mut DbConnection) -> QueryResult<Vec<User>> {
    users::table
        .filter(users::operator.eq(true))
        .filter(users::account.eq(Account::Active))
        .order(users::id)
        .limit(1_000)
        .load(conn)
}

/// Whether there is anybody at all.
pub fn any(conn: &mut DbConnection) -> QueryResult<bool> {
    diesel::select(diesel::dsl::exists(users::table.select(users::id))).get_result(conn)
}

pub fn rename(conn: &mut DbConnection, id: &str, first: &str, last: &str, now: Timestamp) -> QueryResult<()> {
    diesel::update(users::table.find(id))
        .set((
            users::first_name.eq(first),
            users::first_name_lower.eq(fold(first)),
            users::last_name.eq(last),
            users::last_name_lower.eq(fold(last)),
            users::identity_changed_at.eq(now),
            users::updated_at.eq(now),
        ))
        .execute(conn)?;
    directory_entries::refresh(conn, id)
}

/// The zone somebody reads times in; `None` for the organization's.
pub fn set_time_zone(conn: &mut DbConnection, id: &str, zone: Option<&str>, now: Timestamp) -> QueryResult<()> {
    diesel::update(users::table.find(id))
        .set((users::time_zone.eq(zone), users::updated_at.eq(now)))
        .execute(conn)
        .map(|_| ())
}

/// Gives an account another sign-in name, unless that was changed since `old` was read; `true` for the one
/// caller who did. A unique violation when somebody else has the address.
pub fn change_email(conn: &mut DbConnection, id: &str, old: &str, new: &str, now: Timestamp) -> QueryResult<bool> {
    let changed = diesel::update(users::table.find(id).filter(users::email_lower.eq(fold(old))))
        .set((
            users::email.eq(new),
            users::email_lower.eq(fold(new)),
            users::identity_changed_at.eq(now),
            users::updated_at.eq(now),
        ))
        .execute(conn)?;
    directory_entries::refresh(conn, id)?;
    Ok(changed == 1)
}

/// Passes an account from one managing organization to another; `false` when it was passed on since.
pub fn pass_on(
    conn: &mut DbConnection,
    id: &str,
    from: Option<&str>,
    to: Option<&str>,
    now: Timestamp,
) -> QueryResult<bool> {
    let set = (users::managing_organization_id.eq(to), users::updated_at.eq(now));
    let row = users::table.find(id);
    match from {
        Some(from) => diesel::update(row.filter(users::managing_organization_id.eq(from))).set(set).execute(conn),
        None => diesel::update(row.filter(users::managing_organization_id.is_null())).set(set).execute(conn),
    }
    .map(|rows| rows == 1)
}

/// Removes an account that was never used; `false` for every other.
pub fn delete_invited(conn: &mut DbConnection, id: &str) -> QueryResult<bool> {
    diesel::delete(users::table.find(id).filter(users::account.eq(Account::Invited)))
        .execute(conn)
        .map(|rows| rows == 1)
}

/// The people with these ids, in no order.
pub fn of_ids(conn: &mut DbConnection, ids: &[String]) -> QueryResult<Vec<User>> {
    let mut found = Vec::new();
    for batch in ids.chunks(500) {
        let rows: Vec<User> = users::table.filter(users::id.eq_any(batch.to_vec())).load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}

/// The organization that manages an account.
pub fn managing_organization(conn: &mut DbConnection, id: &str) -> QueryResult<Option<String>> {
    users::table.find(id).select(users::managing_organization_id).first(conn).optional().map(Option::flatten)
}

/// The ids of those with this name: a first name, a last name, or a first and a last one.
pub fn ids_named(conn: &mut DbConnection, name: &str, limit: i64) -> QueryResult<Vec<String>> {
    let name = fold(name);
    let select = users::table.select(users::id).order(users::id).limit(limit);
    match name.split_once(' ') {
        Some((first, last)) => select
            .filter(users::first_name_lower.eq(first.trim().to_owned()))
            .filter(users::last_name_lower.eq(last.trim().to_owned()))
            .load(conn),
        None => select.filter(users::last_name_lower.eq(&name).or(users::first_name_lower.eq(&name))).load(conn),
    }
}
