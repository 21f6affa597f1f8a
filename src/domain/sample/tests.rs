use std::collections::HashSet;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use tempfile::TempDir;
use time::macros::datetime;

use super::organizations::{HARBOR, NORTHGATE, PARTNER, RIVERSIDE};
use super::*;
use crate::db::Db;
use crate::models::users::User;
use crate::models::{Account, FactorKind, FactorState, Role, Scope};
use crate::secrets::Secret;
use crate::secrets::key_ring::sha256;

pub const NOW: Timestamp = datetime!(2026-11-21 12:00);

/// A seeded demo; the directory goes when it is dropped.
pub struct Demo {
    pub dir: TempDir,
    pub db: Db,
    pub data: SampleData,
    pub keys: Arc<KeyRing>,
}

impl Demo {
    pub async fn start() -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory can be made");
        let data = load_or_create(dir.path(), NOW).expect("the file can be written");
        let db = open(&dir, "demo.db");
        let keys = Arc::new(KeyRing::new(vec![("k1".into(), Secret::new([7; 32]))], &Secret::new([9; 32])));
        let demo = Self { dir, db, data, keys };
        demo.seed().await.expect("an empty database can be seeded");
        demo
    }

    pub async fn seed(&self) -> Result<(), Fault> {
        let (data, keys, hashes) = (self.data.clone(), Arc::clone(&self.keys), hashes(&self.data));
        self.db.write(move |conn| seed(conn, &data, &hashes, &keys, NOW)).await
    }

    pub async fn read<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut DbConnection) -> Result<T, Fault> + Send + 'static,
    ) -> T {
        self.db.read(f).await.expect("the database can be read")
    }

    async fn user(&self, username: &'static str) -> User {
        self.read(move |conn| Ok(models::users::find_by_username(conn, username)?.expect("everybody is there"))).await
    }

    async fn active_kinds(&self, username: &'static str) -> Vec<(FactorKind, Scope)> {
        let id = self.user(username).await.id;
        let factors = self.read(move |conn| Ok(models::factors::list(conn, &id)?)).await;
        let active = factors.iter().filter(|factor| factor.state == FactorState::Active);
        let mut kinds: Vec<_> = active.map(|factor| (factor.kind, factor.scope)).collect();
        kinds.sort();
        kinds
    }
}

fn open(dir: &TempDir, name: &str) -> Db {
    let db = Db::open(&format!("sqlite:{}", dir.path().join(name).display()), 1).expect("the file can be made");
    db.migrate().expect("the schema can be made");
    db
}

fn hashes(data: &SampleData) -> HashMap<String, String> {
    data.passwords().map(|(username, password)| (username.to_owned(), format!("hash of {password}"))).collect()
}

#[tokio::test]
async fn the_fixed_people_are_there_once_each_with_what_they_stand_for() {
    use FactorKind::{Authenticator, Email, HardwareToken, Phone};
    let demo = Demo::start().await;
    let users = demo.read(|conn| Ok(models::users::list_after(conn, "", 200)?)).await;
    assert!((55..=70).contains(&users.len()), "{}", users.len());
    for name in FIXED {
        assert_eq!(users.iter().filter(|user| user.username == name).count(), 1, "{name}");
    }
    let enrolled = [
        ("sole.owner", vec![Phone, Email]),
        ("owner.one", vec![Authenticator, Phone, Email]),
        ("owner.two", vec![Phone, Email]),
        ("admin", vec![Authenticator, Phone, Email]),
        ("member.none", vec![]),
        ("phone.only", vec![Phone]),
        ("email.only", vec![Email]),
        ("app.only", vec![Authenticator]),
        ("all.factors", vec![Authenticator, Phone, Email]),
        ("token", vec![HardwareToken]),
        ("two.orgs", vec![]),
        ("locked", vec![]),
        ("invited", vec![]),
        ("unfinished", vec![]),
        ("grace", vec![]),
        ("exempt", vec![]),
    ];
    for (username, kinds) in enrolled {
        let expected: Vec<_> = kinds.into_iter().map(|kind| (kind, Scope::User)).collect();
        assert_eq!(demo.active_kinds(username).await, expected, "{username}");
    }
    assert_eq!(demo.active_kinds("org.level").await, [(Authenticator, Scope::Organization)]);

    let accounts =
        [("disabled", Account::Disabled), ("invited", Account::Invited), ("unfinished", Account::Unfinished)];
    for user in &users {
        let fixed = accounts.iter().find(|(username, _)| user.username == *username);
        if let Some((_, account)) = fixed {
            assert_eq!(user.account, *account);
        }
        assert_eq!(user.password_hash.is_none(), user.account == Account::Invited, "{}", user.username);
        assert_eq!(user.operator, user.username == "operator");
        let accepted = matches!(user.account, Account::Active | Account::Disabled);
        assert_eq!(user.terms_version.as_deref(), accepted.then_some("1"), "{}", user.username);
    }
}

#[tokio::test]
async fn details_of_the_fixed_people_are_true() {
    let demo = Demo::start().await;
    let phone = demo.user("phone.only").await.id;
    let factors = demo.read(move |conn| Ok(models::factors::list(conn, &phone)?)).await;
    assert!(factors[0].phone.as_deref().is_some_and(|number| number.starts_with('+') && number.ends_with("9885")));

    let locked = demo.user("locked").await.id;
    let (factors, pauses) = demo
        .read(move |conn| Ok((models::factors::list(conn, &locked)?, models::second_step_pauses::list(conn, &locked)?)))
        .await;
    assert_eq!((factors[0].state, factors[0].failed_in_row), (FactorState::SwitchedOff, 100));
    assert!(pauses[0].failed_in_row == 100 && pauses[0].paused_until < Some(NOW));

    let all = demo.user("all.factors").await.id;
    let (code, id) = (demo.data.people["all.factors"].recovery_codes[0].clone(), all.clone());
    assert_eq!(demo.read(move |conn| Ok(models::recovery_codes::count_unused(conn, &all)?)).await, 8);
    let consume = move |conn: &mut DbConnection| -> Result<bool, Fault> {
        Ok(models::recovery_codes::consume(conn, &id, &sha256(&code), NOW)?)
    };
    assert!(demo.db.write(consume).await.expect("the code can be used"));

    let technician = demo.user("technician").await.id;
    let partner = demo.data.organizations[PARTNER].id.clone();
    let customers = demo.read(move |conn| Ok(models::memberships::list_active(conn, &technician)?)).await;
    assert_eq!(customers.len(), 3);
    for (membership, organization) in customers {
        assert_eq!(membership.role, Role::Admin);
        assert_eq!(organization.managing_partner_id.as_ref(), Some(&partner));
    }
    let two = demo.user("two.orgs").await.id;
    let both = demo.read(move |conn| Ok(models::memberships::list_active(conn, &two)?)).await;
    let enforced: Vec<_> = both.iter().map(|(_, organization)| organization.enforce_mfa).collect();
    assert_eq!(enforced, [false, true]);

    let harbor = demo.data.organizations[HARBOR].id.clone();
    let admins = demo.read(move |conn| Ok(models::memberships::admin_user_ids(conn, &harbor)?)).await;
    assert_eq!(admins.len(), 3);
    let northgate = demo.data.organizations[NORTHGATE].id.clone();
    let row = demo.read(move |conn| Ok(models::organizations::find(conn, &northgate)?)).await;
    assert!(row.is_some_and(|row| row.org_level_mfa && row.enforce_mfa));
}

#[tokio::test]
async fn keys_open_and_are_the_ones_in_the_file() {
    let demo = Demo::start().await;
    let id = demo.data.people["app.only"].factors["authenticator"].id.clone();
    let row = demo.read(move |conn| Ok(models::factors::find(conn, &id)?.expect("the factor is there"))).await;
    let place = models::factors::secret_place(&row.id);
    let sealed = row.secret.expect("an authenticator has a secret");
    let plain = demo.keys.open(&place, &row.secret_key_id.unwrap_or_default(), &sealed).expect("it opens");
    let key = demo.data.people["app.only"].factors["authenticator"].key.clone().expect("the file has the key");
    assert_eq!((key.len(), plain.len()), (32, 20));
    assert_eq!(credentials::totp_bytes(&key).as_deref(), Some(plain.as_slice()));
}

#[tokio::test]
async fn a_second_start_seeds_nothing_and_a_new_database_gets_the_same_people() {
    let mut demo = Demo::start().await;
    let before = demo.user("admin").await;
    let riverside = demo.data.organizations[RIVERSIDE].id.clone();
    demo.data = load_or_create(demo.dir.path(), NOW + Duration::days(3)).expect("the file can be read");
    demo.seed().await.expect("a second start is quiet");
    let after = demo.user("admin").await;
    assert_eq!((&after.id, &after.password_hash), (&before.id, &before.password_hash));
    assert!(demo.read(is_seeded).await);

    demo.db = open(&demo.dir, "new.db");
    assert!(!demo.read(is_seeded).await);
    demo.seed().await.expect("the file is enough to seed from");
    let again = demo.user("admin").await;
    assert_eq!((again.id, again.password_hash), (before.id, before.password_hash));
    assert!(demo.read(move |conn| Ok(models::organizations::find(conn, &riverside)?)).await.is_some());
}

#[tokio::test]
async fn a_seeding_that_fails_half_way_leaves_nothing() {
    let dir = tempfile::tempdir().expect("a temporary directory can be made");
    let data = load_or_create(dir.path(), NOW).expect("the file can be written");
    let db = open(&dir, "demo.db");
    let mut hashes = hashes(&data);
    hashes.remove("operator");
    let keys = KeyRing::new(vec![("k1".into(), Secret::new([7; 32]))], &Secret::new([9; 32]));
    let outcome = db.write(move |conn| seed(conn, &data, &hashes, &keys, NOW)).await;
    assert!(outcome.is_err());
    assert!(!db.read(is_seeded).await.expect("the database can be read"));
}

#[test]
fn the_file_is_private_and_survives() {
    let dir = tempfile::tempdir().expect("a temporary directory can be made");
    let path = dir.path().join("sample.json");
    // A crash left this behind.
    std::fs::write(dir.path().join("sample.json.new"), "{").expect("a file can be written");
    let first = load_or_create(dir.path(), NOW).expect("the file can be written");
    let mode = |path| std::fs::metadata(path).expect("the file is there").permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o600);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).expect("permissions can be set");
    let second = load_or_create(dir.path(), NOW + Duration::days(9)).expect("the file can be read");
    assert!(first == second);
    assert_eq!(mode(&path), 0o600);
    assert_eq!(std::fs::read_dir(dir.path()).expect("a directory").count(), 1);

    let passwords: HashSet<&str> = first.passwords().map(|(_, password)| password).collect();
    assert_eq!(passwords.len(), PEOPLE.iter().filter(|spec| spec.has_password()).count());
    assert!(passwords.iter().all(|password| password.chars().count() >= 15));

    std::fs::write(&path, "not JSON").expect("a file can be written");
    assert!(load_or_create(dir.path(), NOW).is_err(), "a broken file is not replaced in silence");
}

#[test]
fn a_newer_version_adds_what_it_lacks_and_keeps_the_rest() {
    let dir = tempfile::tempdir().expect("a temporary directory can be made");
    let mut old = load_or_create(dir.path(), NOW).expect("the file can be written");
    old.people.remove("operator");
    file::write(dir.path(), &old).expect("the file can be written");
    let new = load_or_create(dir.path(), NOW).expect("the file can be read");
    assert!(new.people.contains_key("operator") && new.people["admin"] == old.people["admin"]);
}

#[test]
fn every_npi_has_its_check_digit() {
    for spec in ORGANIZATIONS {
        let Some(npi) = spec.npi else { continue };
        assert!(npi.len() == 10 && npi.bytes().all(|b| b.is_ascii_digit()), "{npi}");
        let digits = format!("80840{npi}");
        let sum: u32 = digits
            .bytes()
            .rev()
            .map(|b| u32::from(b - b'0'))
            .enumerate()
            .map(|(place, digit)| if place % 2 == 0 { digit } else { digit * 2 / 10 + digit * 2 % 10 })
            .sum();
        assert_eq!(sum % 10, 0, "{npi}");
    }
    assert_eq!(ORGANIZATIONS.iter().filter(|spec| spec.npi.is_none()).count(), 1);
}
