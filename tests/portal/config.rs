//! Settings, keys and the command line: what is unsafe is refused by name.

mod database_tls;
mod keys;
mod program;
mod unsafe_settings;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use tempfile::TempDir;
use vestibule::config::keys as key_file;

/// A folder with a key file and a configuration that `serve` takes.
pub struct Setup {
    pub dir: TempDir,
}

impl Setup {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        key_file::create(&dir.path().join("keys.toml")).unwrap_or_else(|problem| panic!("{problem}"));
        Self { dir }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A line per setting, safe, in the order in which sections may follow.
    pub fn lines(&self) -> Vec<String> {
        let dir = self.dir.path().display();
        [
            "listen = \"127.0.0.1:0\"",
            "public_url = \"https://login.example.org\"",
            &format!("key_file = \"{dir}/keys.toml\""),
            &format!("database.url = \"sqlite:{dir}/portal.db\""),
            "smtp.host = \"mail.example.org\"",
            "smtp.from_address = \"portal@example.org\"",
        ]
        .map(String::from)
        .to_vec()
    }

    pub fn write(&self, lines: &[String]) -> PathBuf {
        let path = self.path("vestibule.toml");
        fs::write(&path, lines.join("\n")).expect("the configuration is written");
        path
    }

    pub fn secret_file(&self, name: &str, text: &str, mode: u32) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).expect("the file is written");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("its mode is set");
        path
    }
}
