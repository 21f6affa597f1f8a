//! `sample.json`: readable by its owner only, and written whole or not at all.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use super::SampleData;
use crate::db::Fault;

pub const NAME: &str = "sample.json";
const PRIVATE: u32 = 0o600;

/// What was kept, `None` at the first start.
pub fn read(data_dir: &Path) -> Result<Option<SampleData>, Fault> {
    let path = data_dir.join(NAME);
    let fault = |e: &dyn std::fmt::Display| Fault::Other(format!("{}: {e}", path.display()));
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(fault(&e)),
    };
    // A copy from elsewhere may have come with wider permissions.
    fs::set_permissions(&path, Permissions::from_mode(PRIVATE)).map_err(|e| fault(&e))?;
    serde_json::from_slice(&text).map(Some).map_err(|e| fault(&e))
}

/// Replaces the file: a new one beside it, flushed, then renamed over it.
pub fn write(data_dir: &Path, data: &SampleData) -> Result<(), Fault> {
    let text = serde_json::to_vec_pretty(data).map_err(|e| Fault::Other(format!("{NAME}: {e}")))?;
    replace(data_dir, &text).map_err(|e| Fault::Other(format!("{}: {e}", data_dir.join(NAME).display())))
}

fn replace(data_dir: &Path, text: &[u8]) -> io::Result<()> {
    let new = data_dir.join(format!("{NAME}.new"));
    // What a crash left behind may have other permissions or be a link: never write into it.
    match fs::remove_file(&new) {
        Err(e) if e.kind() != ErrorKind::NotFound => return Err(e),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(PRIVATE).open(&new)?;
    file.write_all(text)?;
    file.sync_all()?;
    fs::rename(&new, data_dir.join(NAME))?;
    // The name itself lasts only once the directory is flushed too.
    File::open(data_dir)?.sync_all()
}
