//! Which database this is: one row, compared at each start. On SQLite `vestibule backup` writes into the
//! copy that it is one; on PostgreSQL the mark is made of numbers that the server gives out anew for
//! whatever is restored or cloned (`pg_class.oid`, `pg_database.oid`), and of the cluster's own: two new
//! clusters give out the same.

use diesel::prelude::*;
use diesel::sql_query;

use super::QueryResult;
use crate::db::{DbConnection, each};
use crate::schema::restore_marks;

const ROW: &str = "database";
/// What a SQLite database that was never copied says.
const ORIGINAL: &str = "original";
const OF_POSTGRESQL: &str = "SELECT concat_ws(',', (SELECT system_identifier FROM pg_control_system()), (SELECT oid FROM pg_database WHERE datname = current_database()),
    'restore_marks'::regclass::oid, 'sessions'::regclass::oid, 'audit_entries'::regclass::oid) AS mark";

#[derive(QueryableByName)]
struct Here {
    #[diesel(sql_type = diesel::sql_types::Text)]
    mark: String,
}

/// What the row has to say in this very database.
pub fn here(conn: &mut DbConnection) -> QueryResult<String> {
    match conn {
        DbConnection::Sqlite(_) => Ok(ORIGINAL.to_owned()),
        DbConnection::Pg(c) => sql_query(OF_POSTGRESQL).get_result::<Here>(c).map(|here| here.mark),
    }
}

/// What it says.
pub fn find(conn: &mut DbConnection) -> QueryResult<Option<String>> {
    restore_marks::table.find(ROW).select(restore_marks::mark).first(conn).optional()
}

/// The first mark of a database; nothing where there is one already.
pub fn begin(conn: &mut DbConnection, mark: &str) -> QueryResult<usize> {
    let row = (restore_marks::id.eq(ROW), restore_marks::mark.eq(mark));
    each!(conn, |c| diesel::insert_into(restore_marks::table).values(row).on_conflict_do_nothing().execute(c))
}

/// Replaces one mark by another; `true` for the one caller who did.
pub fn replace(conn: &mut DbConnection, old: &str, new: &str) -> QueryResult<bool> {
    diesel::update(restore_marks::table.find(ROW).filter(restore_marks::mark.eq(old)))
        .set(restore_marks::mark.eq(new))
        .execute(conn)
        .map(|n| n == 1)
}
