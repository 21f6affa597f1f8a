//! People who are changed from two sides at once, on PostgreSQL: whoever waits for an organization holds none of its
//! people yet, so that nobody waits in a ring; and where it comes to that all the same, one goes on and the other is
//! asked to come back. SQLite has one writer, and nothing to show here.

use std::sync::{Arc, Barrier, mpsc};
use std::time::{Duration, Instant};

use diesel::prelude::*;
use diesel::sql_query;
use vestibule::db::{DbConnection, Fault};
use vestibule::models::{organizations, users};

use crate::support::TestApp;
use crate::support::browser::Answer;

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = diesel::sql_types::Integer)]
    number: i32,
}

fn number(conn: &mut DbConnection, sql: &str) -> Result<i32, Fault> {
    let found = match conn {
        DbConnection::Sqlite(c) => sql_query(sql).get_result::<Number>(c),
        DbConnection::Pg(c) => sql_query(sql).get_result::<Number>(c),
    };
    Ok(found?.number)
}

async fn must_be_postgres(app: &TestApp) {
    assert!(app.read(|conn| Ok(matches!(conn, DbConnection::Pg(_)))).await, "TEST_DATABASE_URL names no PostgreSQL");
}

/// Nobody else holds this person.
fn is_free(conn: &mut DbConnection, user_id: &str) -> Result<bool, Fault> {
    let DbConnection::Pg(c) = conn else { return Ok(true) };
    let free = vestibule::schema::users::table.find(user_id).for_no_key_update().skip_locked();
    Ok(free.first::<users::User>(c).optional()?.is_some())
}

/// Holds the organization until somebody waits for it; whether the person was free then.
async fn held_while(app: &TestApp, who: &str, asked: impl Future<Output = Answer>) -> (bool, Answer) {
    let (organization, user) = (app.organization_id("harbor_valley"), app.user_id(who));
    let (held, is_held) = tokio::sync::oneshot::channel();
    let (go_on, wait) = mpsc::channel();
    let holds = app.write(move |conn| {
        organizations::lock(conn, &organization)?;
        held.send(number(conn, "SELECT pg_backend_pid() AS number")?).expect("somebody listens");
        wait.recv().expect("the other has come");
        is_free(conn, &user)
    });
    let comes = async {
        let pid = is_held.await.expect("it is held");
        let waits = async {
            let begun = Instant::now();
            let sql = format!(
                "SELECT CAST(count(*) AS INTEGER) AS number FROM pg_stat_activity WHERE {pid} = ANY(pg_blocking_pids(pid))"
            );
            loop {
                let sql = sql.clone();
                if app.read(move |conn| number(conn, &sql)).await > 0 {
                    return go_on.send(()).expect("it waits");
                }
                assert!(begun.elapsed() < Duration::from_secs(120), "nobody waits for the organization");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::join!(asked, waits).0
    };
    tokio::join!(holds, comes)
}

/// ASVS 15.4.2.
#[tokio::test]
#[ignore = "needs PostgreSQL (TEST_DATABASE_URL)"]
async fn organizations_are_held_before_their_people() {
    let app = TestApp::spawn().await;
    must_be_postgres(&app).await;
    let mut owner = app.administering("owner.one").await;
    let harbor = app.organization_id("harbor_valley");
    let organization = ("organization_id", harbor.as_str());
    let reset = [organization, ("scope", "registration"), ("reason", "because"), ("confirmed", "yes")];
    let ways: [(&str, &str, &[_]); 4] = [
        ("phone.only", "role", &[organization, ("role", "admin")]),
        ("owner.two", "disable", &[organization]),
        ("owner.two", "enable", &[organization]),
        ("owner.two", "reset", &reset),
    ];
    for (who, tail, fields) in ways {
        owner.get(&app.user_url(who)).await;
        let path = format!("{}/{tail}", app.user_url(who));
        let (free, answer) = held_while(&app, who, owner.post_only(&path, fields)).await;
        assert!(free, "{tail}: the person was held while it waited");
        assert_eq!(answer.status, 303, "{tail}: {}", answer.body);
    }
}

/// ASVS 15.4.2, 16.5.2.
#[tokio::test]
#[ignore = "needs PostgreSQL (TEST_DATABASE_URL)"]
async fn of_two_who_wait_for_each_other_one_goes_on_and_one_is_asked_to_come_back() {
    let app = TestApp::spawn().await;
    must_be_postgres(&app).await;
    let (one, two) = (app.user_id("phone.only"), app.user_id("exempt"));
    let both = Arc::new(Barrier::new(2));
    let crossing = |first: &String, then: &String| {
        let (first, then, both) = (first.clone(), then.clone(), both.clone());
        app.app.core.db.write(move |conn| {
            users::lock(conn, &first)?;
            both.wait();
            users::lock(conn, &then)?;
            Ok::<_, Fault>(())
        })
    };
    let ended = tokio::join!(crossing(&one, &two), crossing(&two, &one));
    match ended {
        (Ok(()), Err(Fault::Busy { .. })) | (Err(Fault::Busy { .. }), Ok(())) => {}
        other => panic!("{other:?}"),
    }
}
