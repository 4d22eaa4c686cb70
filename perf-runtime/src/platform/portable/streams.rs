//! The standard streams, as the standard library has them, which knows how to write to a console.
//!
//! With their locks: a thread that holds one while the process ends holds its reports up, until their time limit.

use std::io::{self, Write};
use std::ops::{Deref, DerefMut};

struct Stream<T>(T);

impl<T> Deref for Stream<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Stream<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

/// The standard library does not tell the width of a terminal.
pub(crate) fn stderr_columns() -> Option<u16> {
    None
}

pub(crate) fn stdout_columns() -> Option<u16> {
    None
}

pub(crate) fn stderr() -> impl DerefMut<Target = impl Write> {
    Stream(io::stderr())
}

pub(crate) fn stdout() -> impl DerefMut<Target = impl Write> {
    Stream(io::stdout())
}
