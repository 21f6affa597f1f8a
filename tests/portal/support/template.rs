//! The sample people, made once per run of the tests: hashing sixty passwords takes half a second.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::OnceLock;

use tempfile::TempDir;
use vestibule::app::App;
use vestibule::config::Config;
use vestibule::domain::sample::{self, SampleData};
use vestibule::models::users;

/// What is copied into each test's folder; kept in memory, so that nothing stays on the disk.
struct Template {
    database: Vec<u8>,
    /// File name and content: the keys, and the people's ids and secrets.
    files: Vec<(&'static str, Vec<u8>)>,
    hashes: HashMap<String, String>,
}

fn template() -> &'static Template {
    static MADE: OnceLock<Template> = OnceLock::new();
    MADE.get_or_init(|| {
        // On a thread of its own: the caller already runs inside a runtime.
        std::thread::spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(make())
        })
        .join()
        .expect("the sample people are made")
    })
}

async fn make() -> Template {
    let dir = TempDir::new().expect("a temporary directory");
    let listen = ([127, 0, 0, 1], 0).into();
    let app = App::build(Config::demo_on(listen, dir.path(), 0)).expect("the portal is built");
    app.sample_people().await.expect("the sample people are seeded");
    let users = app.core.db.read(|conn| users::list_after(conn, "", 1_000).map_err(vestibule::db::Fault::from)).await;
    let hashes = users.expect("the users are there").into_iter().filter_map(|u| Some((u.username, u.password_hash?)));
    let hashes = hashes.collect();
    let copy = dir.path().join("copy.db");
    app.core.db.copy_to(copy.to_str().expect("a path in UTF-8")).expect("the database is copied");
    let read = |name: &str| fs::read(dir.path().join(name)).expect("the file is there");
    let files = vec![("keys.toml", read("keys.toml")), ("sample.json", read("sample.json"))];
    Template { database: read("copy.db"), files, hashes }
}

/// Puts keys and people where this configuration looks for them, and on SQLite the database too.
pub fn copy_to(config: &Config) {
    let template = template();
    for (name, content) in &template.files {
        write_private(&config.data_dir.join(name), content);
    }
    if let Some(path) = config.database_url.expose().strip_prefix("sqlite:") {
        write_private(Path::new(path), &template.database);
    }
}

fn write_private(path: &Path, content: &[u8]) {
    fs::write(path, content).expect("the file is written");
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("the file is closed to others");
}

/// Makes sure that the people are in the app's database, without hashing anything again.
pub async fn people(app: &App) -> SampleData {
    let core = &app.core;
    let data = sample::load_or_create(&app.config.data_dir, core.clock.now()).expect("the people are read");
    let (rows, keys, now) = (data.clone(), core.keys.clone(), core.clock.now());
    core.db
        .write(move |conn| sample::seed(conn, &rows, &template().hashes, &keys, now))
        .await
        .expect("the people are seeded");
    app.sample_people().await.expect("the people are there")
}
