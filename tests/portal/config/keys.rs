//! The key file over restarts and rotation. ASVS 11.2.2.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use time::Duration;
use vestibule::app::App;
use vestibule::clock::{Clock, Timestamp};
use vestibule::config::{Config, keys};
use vestibule::db::{Db, Fault};
use vestibule::domain::rotate_keys::{Counts, reseal};
use vestibule::models::factors::{self, Factor, secret_place};
use vestibule::models::outbox_messages::{self, payload_place};
use vestibule::models::users::{self, User};
use vestibule::models::{Account, FactorKind, FactorState, Scope, new_id};
use vestibule::outbox::message::{Outgoing, Sms};
use vestibule::outbox::queue::{self, New, Payload};
use vestibule::secrets::{KeyRing, Sealed};

fn demo(dir: &std::path::Path) -> App {
    let config = Config::demo_on(([127, 0, 0, 1], 0).into(), dir, 0);
    App::build(config).unwrap_or_else(|e| panic!("{e}"))
}

#[tokio::test]
async fn demo_keys_survive_a_restart() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let data = dir.path().join("data");
    let sealed = demo(&data).core.keys.seal("a:b:c", b"text").expect("it seals");
    let mode = |name: &str| fs::metadata(data.join(name)).expect("it is there").permissions().mode() & 0o777;
    assert_eq!((mode("keys.toml"), mode("")), (0o600, 0o700));
    let again = demo(&data);
    let plain = again.core.keys.open("a:b:c", &sealed.key_id, &sealed.bytes).expect("it opens");
    assert_eq!(plain.as_slice(), b"text");
    assert_eq!(again.core.db.is_ready().await.ok(), Some(true));

    let names: Vec<_> = fs::read_dir(&data).expect("the folder").flatten().map(|e| e.file_name()).collect();
    assert_eq!(names.iter().filter(|n| n.to_string_lossy().starts_with("keys.toml")).count(), 1, "{names:?}");
}

#[test]
fn an_existing_key_file_is_never_replaced() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let path = dir.path().join("keys.toml");
    keys::create(&path).unwrap_or_else(|p| panic!("{p}"));
    let before = fs::read(&path).expect("the file");
    assert!(keys::create(&path).is_err());
    assert_eq!(fs::read(&path).expect("the file"), before);
}

#[test]
fn a_damaged_key_file_is_refused_without_quoting_it() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let path = dir.path().join("keys.toml");
    let key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    for text in [
        "".to_owned(),
        "master = \"canary".to_owned(),
        format!("master = \"canary\"\n[[at_rest]]\nid = \"a\"\nkey = \"{key}\""),
        format!("master = \"{key}\"\nat_rest = []"),
        format!(
            "master = \"{key}\"\n[[at_rest]]\nid = \"a\"\nkey = \"{key}\"\n[[at_rest]]\nid = \"a\"\nkey = \"{key}\""
        ),
        format!("master = \"{key}\"\ncanary = 1\n[[at_rest]]\nid = \"a\"\nkey = \"{key}\""),
    ] {
        fs::write(&path, &text).expect("it is written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("its mode is set");
        let problem = keys::load(&path).err().unwrap_or_else(|| panic!("{text} was taken"));
        assert!(!problem.to_string().contains("canary"), "{problem}");
    }
}

/// ASVS 11.2.2.
#[tokio::test]
async fn after_a_rotation_everything_is_under_the_new_key() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let app = demo(dir.path());
    let (db, clock) = (app.core.db.clone(), app.core.clock.clone());
    let old = app.core.keys.clone();
    // More than one batch.
    let (factor_ids, message_ids) = fill(&db, &old, &clock, 450).await;

    let path = &app.config.key_file;
    let old_id = old.current_id().to_owned();
    let file = keys::add_key(path).unwrap_or_else(|p| panic!("{p}"));
    assert_eq!(file.ids().len(), 2);
    assert_eq!(file.ids()[1], old_id);
    assert_eq!(fs::metadata(path).expect("the file").permissions().mode() & 0o777, 0o600);

    let ring = Arc::new(file.ring().unwrap_or_else(|p| panic!("{p}")));
    check(&db, &ring, &factor_ids, &message_ids, &old_id).await;
    let all = |n| Counts { resealed: n, unreadable: 0 };
    assert_eq!(reseal(&db, &ring).await.expect("it runs"), (all(450), all(3), all(0)));
    check(&db, &ring, &factor_ids, &message_ids, file.current_id()).await;
    assert_eq!(reseal(&db, &ring).await.expect("it runs"), (all(0), all(0), all(0)));

    // The old key may go now: a ring without it opens everything.
    let text = fs::read_to_string(path).expect("the file");
    let (kept, _) = text.rsplit_once("\n# Opens").expect("the old key is last");
    fs::write(path, kept).expect("it is written");
    let alone = Arc::new(keys::load(path).and_then(|f| f.ring()).unwrap_or_else(|p| panic!("{p}")));
    check(&db, &alone, &factor_ids, &message_ids, file.current_id()).await;
}

/// ASVS 11.2.5.
#[tokio::test]
async fn rows_of_a_lost_key_are_counted_and_left_alone() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let app = demo(dir.path());
    let db = app.core.db.clone();
    fill(&db, &app.core.keys, &app.core.clock, 1).await;
    let other = dir.path().join("other.toml");
    let ring = Arc::new(keys::create(&other).and_then(|f| f.ring()).unwrap_or_else(|p| panic!("{p}")));
    let lost = |n| Counts { resealed: 0, unreadable: n };
    assert_eq!(reseal(&db, &ring).await.expect("it ends"), (lost(1), lost(3), Counts::default()));
}

/// Rows with a sealed text each: so many factors, three messages.
async fn fill(db: &Db, keys: &Arc<KeyRing>, clock: &Clock, count: usize) -> (Vec<String>, Vec<String>) {
    let (keys, now) = (keys.clone(), clock.now());
    db.write(move |conn| -> Result<_, Fault> {
        let user = person(now);
        users::insert(conn, &user)?;
        let factor_ids: Vec<String> = (0..count).map(|_| new_id(now)).collect();
        for id in &factor_ids {
            let sealed = keys.seal(&secret_place(id), id.as_bytes())?;
            factors::insert(conn, &authenticator(id, &user.id, sealed, now))?;
        }
        let mut message_ids = Vec::new();
        for _ in 0..3 {
            let outgoing = Outgoing::Sms(Sms { to: "+16015550100".into(), text: "123456".into() });
            let payload = Payload { outgoing, code: None, link: None };
            let new = New { kind: "x", user_id: None, organization_id: None, payload, life: Duration::days(1) };
            message_ids.push(queue::enqueue(conn, &keys, new, now)?);
        }
        Ok((factor_ids, message_ids))
    })
    .await
    .expect("rows are written")
}

async fn check(db: &Db, keys: &Arc<KeyRing>, factor_ids: &[String], message_ids: &[String], key_id: &str) {
    let (keys, key_id) = (keys.clone(), key_id.to_owned());
    let (factor_ids, message_ids) = (factor_ids.to_vec(), message_ids.to_vec());
    db.read(move |conn| -> Result<(), Fault> {
        for id in &factor_ids {
            let row = factors::find(conn, id)?.expect("the factor is there");
            assert_eq!(row.secret_key_id.as_deref(), Some(key_id.as_str()));
            let secret = row.secret.expect("it has a secret");
            assert_eq!(keys.open(&secret_place(id), &key_id, &secret)?.as_slice(), id.as_bytes());
        }
        for id in &message_ids {
            let row = outbox_messages::find(conn, id)?.expect("the message is there");
            assert_eq!(row.payload_key_id.as_deref(), Some(key_id.as_str()));
            assert!(queue::open(&keys, &row)?.is_some(), "{}", payload_place(id));
        }
        Ok(())
    })
    .await
    .expect("rows are read");
}

fn person(now: Timestamp) -> User {
    User {
        id: new_id(now),
        username: "sam".into(),
        username_lower: "sam".into(),
        email: "sam@harbor.example".into(),
        email_lower: "sam@harbor.example".into(),
        first_name: "Sam".into(),
        last_name: "Lee".into(),
        first_name_lower: "sam".into(),
        last_name_lower: "lee".into(),
        password_hash: None,
        password_changed_at: None,
        password_off_at: None,
        password_must_change: false,
        managing_organization_id: None,
        operator: false,
        account: Account::Active,
        mfa_epoch: 0,
        terms_version: None,
        terms_accepted_at: None,
        time_zone: None,
        last_sign_in_at: None,
        created_at: now,
        updated_at: now,
        set_up_demanded: false,
        identity_changed_at: None,
    }
}

fn authenticator(id: &str, user_id: &str, sealed: Sealed, now: Timestamp) -> Factor {
    Factor {
        id: id.into(),
        user_id: user_id.into(),
        kind: FactorKind::Authenticator,
        scope: Scope::User,
        organization_id: None,
        name: id.into(),
        state: FactorState::Active,
        phone: None,
        email: None,
        secret: Some(sealed.bytes),
        secret_key_id: Some(sealed.key_id),
        algorithm: "SHA1".into(),
        digits: 6,
        period: 30,
        last_step: 0,
        serial: None,
        failed_in_row: 0,
        created_at: now,
        confirmed_at: Some(now),
        last_used_at: None,
        pending_session_id: None,
        pending_until: None,
    }
}
