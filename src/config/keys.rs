//! The key file: a master key, from which the keys for cookies, codes and forms are derived, and the
//! keys for encryption at rest, the one to seal with first. TOML, for its owner's eyes only (0600).
//! ASVS 11.1.1, 11.2.2, 13.3.2.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use config::FileFormat;
use data_encoding::{BASE64, HEXLOWER};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::Problem;
use crate::secrets::{KeyRing, Secret, random};

const SETTING: &str = "key_file";

/// What the file holds, in base64.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyFile {
    master: Secret<String>,
    at_rest: Vec<AtRest>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AtRest {
    id: String,
    key: Secret<String>,
}

impl KeyFile {
    fn fresh() -> Self {
        Self { master: fresh_key(), at_rest: vec![AtRest::fresh()] }
    }

    /// The id of the key that seals.
    pub fn current_id(&self) -> &str {
        self.at_rest.first().map_or("", |key| &key.id)
    }

    pub fn ids(&self) -> Vec<&str> {
        self.at_rest.iter().map(|key| key.id.as_str()).collect()
    }

    pub fn ring(&self) -> Result<KeyRing, Problem> {
        let at_rest = self.at_rest.iter().map(|key| Ok((key.id.clone(), decode(&key.key)?)));
        Ok(KeyRing::new(at_rest.collect::<Result<_, Problem>>()?, &decode(&self.master)?))
    }

    fn to_toml(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(4096));
        text.push_str("# Keys of this installation. Whoever has them can read what is stored and forge cookies.\n");
        text.push_str("# Keep a copy apart from the backups of the database.\n");
        text.push_str(&format!("master = \"{}\"\n", self.master.expose()));
        for (n, key) in self.at_rest.iter().enumerate() {
            let role = if n == 0 { "Seals and opens." } else { "Opens what it sealed before." };
            text.push_str(&format!("\n# {role}\n[[at_rest]]\nid = \"{}\"\nkey = \"{}\"\n", key.id, key.key.expose()));
        }
        text
    }
}

impl AtRest {
    fn fresh() -> Self {
        Self { id: format!("k{}", HEXLOWER.encode(&random::bytes::<4>())), key: fresh_key() }
    }
}

/// Reads a key file and refuses one that others may read.
pub fn load(path: &Path) -> Result<KeyFile, Problem> {
    let shown = path.display();
    let meta = std::fs::metadata(path).map_err(|e| match e.kind() {
        ErrorKind::NotFound => {
            Problem::new(SETTING, format!("there is no {shown}; make it with `vestibule new-keys {shown}`"))
        }
        _ => Problem::new(SETTING, format!("{shown} cannot be read: {e}")),
    })?;
    let mode = meta.permissions().mode() & 0o777;
    if !meta.is_file() || !matches!(mode, 0o600 | 0o400) {
        let why = format!("{shown} has mode {mode:04o}; only its owner may read it, so run: chmod 600 {shown}");
        return Err(Problem::new(SETTING, why));
    }
    let text = std::fs::read_to_string(path)
        .map(Zeroizing::new)
        .map_err(|e| Problem::new(SETTING, format!("{shown} cannot be read: {e}")))?;
    // The parser's own words would quote the file.
    let unreadable = || Problem::new(SETTING, format!("{shown} is not a key file as `vestibule new-keys` makes it"));
    let source = config::File::from_str(&text, FileFormat::Toml);
    let file: KeyFile = config::Config::builder()
        .add_source(source)
        .build()
        .and_then(config::Config::try_deserialize)
        .map_err(|_| unreadable())?;
    let mut ids = file.ids();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() || ids.len() != file.at_rest.len() || ids.contains(&"") {
        return Err(Problem::new(
            SETTING,
            format!("{shown} must hold one key or more in [[at_rest]], each with its own id"),
        ));
    }
    file.ring()?;
    Ok(file)
}

/// Makes a key file where there is none; an existing one is never touched.
pub fn create(path: &Path) -> Result<KeyFile, Problem> {
    let file = KeyFile::fresh();
    let temporary = write_beside(path, &file.to_toml())?;
    // A hard link, unlike a rename, fails where the name is taken.
    let linked = std::fs::hard_link(&temporary, path);
    let _ = std::fs::remove_file(&temporary);
    linked.map_err(|e| match e.kind() {
        ErrorKind::AlreadyExists => {
            Problem::new(SETTING, format!("{} exists already and was left alone", path.display()))
        }
        _ => cannot_write(path, &e),
    })?;
    sync_folder(path)?;
    Ok(file)
}

/// Demo mode's own keys: made at the first start, kept after that.
pub fn load_or_create(path: &Path) -> Result<KeyFile, Problem> {
    if path.exists() { load(path) } else { create(path) }
}

/// Puts a new key for encryption at rest in front; the others stay, to open what they sealed.
pub fn add_key(path: &Path) -> Result<KeyFile, Problem> {
    let mut file = load(path)?;
    file.at_rest.insert(0, AtRest::fresh());
    let temporary = write_beside(path, &file.to_toml())?;
    std::fs::rename(&temporary, path).map_err(|e| cannot_write(path, &e))?;
    sync_folder(path)?;
    Ok(file)
}

fn fresh_key() -> Secret<String> {
    Secret::new(BASE64.encode(&random::bytes::<32>()))
}

fn decode(text: &Secret<String>) -> Result<Secret<[u8; 32]>, Problem> {
    let bytes = BASE64.decode(text.expose().as_bytes()).map(Zeroizing::new).ok();
    bytes
        .and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok())
        .map(Secret::new)
        .ok_or_else(|| Problem::new(SETTING, "holds a key that is not 32 bytes in base64"))
}

/// Writes a whole file next to `path`, on disk and closed to others, ready to take its name.
fn write_beside(path: &Path, text: &str) -> Result<PathBuf, Problem> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}", HEXLOWER.encode(&random::bytes::<4>())));
    let temporary = path.with_file_name(name);
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
        file.set_permissions(Permissions::from_mode(0o600))?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write().map_err(|e| {
        let _ = std::fs::remove_file(&temporary);
        cannot_write(path, &e)
    })?;
    Ok(temporary)
}

/// Without this the new name may be lost when the power fails.
fn sync_folder(path: &Path) -> Result<(), Problem> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|f| f.sync_all()).map_err(|e| cannot_write(path, &e))
}

fn cannot_write(path: &Path, error: &std::io::Error) -> Problem {
    Problem::new(SETTING, format!("{} cannot be written: {error}", path.display()))
}
