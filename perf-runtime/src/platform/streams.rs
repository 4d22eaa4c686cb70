//! The standard streams, without the locks that the standard library puts on them.
//!
//! Who ends the process may hold those locks (`let mut out = stdout().lock(); …; exit(1)` is common), and the reports are
//! written by another thread, which would wait for them in vain.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;

pub(crate) fn stderr() -> io::Result<impl Write> {
    io::stderr().as_fd().try_clone_to_owned().map(File::from)
}

pub(crate) fn stdout() -> io::Result<impl Write> {
    io::stdout().as_fd().try_clone_to_owned().map(File::from)
}
