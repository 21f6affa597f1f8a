//! What commands say. Whoever reads may have gone, as `head` does: that ends no command, and its exit code is that
//! of its work.

use std::fmt::Display;
use std::io::{ErrorKind, Write, stderr, stdout};

use super::Stop;

/// A line to standard output.
pub fn line(text: impl Display) {
    let _ = writeln!(stdout(), "{text}");
}

/// The same without an end of the line: a question, or a table that has its own.
pub fn text(text: impl Display) {
    let _ = write!(stdout(), "{text}").and_then(|()| stdout().flush());
}

/// A line to standard error.
pub fn error(text: impl Display) {
    let _ = writeln!(stderr(), "{text}");
}

/// What a command is there to print: one that cannot be written, to a full disk, is a failure.
pub fn document(text: impl Display) -> Result<(), Stop> {
    match writeln!(stdout(), "{text}").and_then(|()| stdout().flush()) {
        Err(why) if why.kind() != ErrorKind::BrokenPipe => Err(Stop::failed(why)),
        _ => Ok(()),
    }
}
