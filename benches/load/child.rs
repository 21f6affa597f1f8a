//! This program once more, as a process that serves: its memory and processor time can be told apart.

use std::io::{BufRead, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use tempfile::TempDir;

use super::Failure;

/// The process, ended when this is dropped, and its folder with it.
pub struct Served {
    process: Child,
    _folder: TempDir,
}

impl Served {
    /// Starts it with the arguments that `arguments` adds for its folder; what it prints comes back too.
    pub fn start(
        folder: TempDir,
        arguments: impl FnOnce(&mut Command, &Path),
    ) -> Result<(Self, Lines<BufReader<ChildStdout>>), Failure> {
        let mut command = Command::new(std::env::current_exe()?);
        arguments(command.stdout(Stdio::piped()), folder.path());
        let mut process = command.spawn()?;
        let out = process.stdout.take().ok_or("no standard output")?;
        Ok((Self { process, _folder: folder }, BufReader::new(out).lines()))
    }

    pub fn pid(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // Nothing is kept: there is nothing to lose, and nobody to tell.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
