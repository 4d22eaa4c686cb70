#![doc = include_str!("../../docs/io.md")]

#[cfg(feature = "io-futures")]
mod futures;
mod operation;
mod standard;
#[cfg(feature = "io-tokio")]
mod tokio;

use std::ops::{Deref, DerefMut};
use std::panic::Location;

use pin_project_lite::pin_project;

use self::operation::{Operation, row_name};
use crate::process::declarations::{self, Declaration};
use crate::process::site::{Kind, Timing};

pin_project! {
    /// A file or stream whose reads and writes are recorded.
    ///
    /// It has the traits for reading, writing and seeking that the original has, and dereferences to it for everything else.
    /// See the [module](self).
    #[derive(Debug)]
    pub struct Profiled<T> {
        #[pin]
        inner: T,
        read: Operation,
        write: Operation,
        flush: Operation,
        seek: Operation,
    }
}

/// Records the reads and writes of a file or stream, under the place of this call.
///
/// ```
/// use std::io::{Cursor, Read};
///
/// let mut text = String::new();
/// perf_runtime::io::profiled(Cursor::new("to be")).read_to_string(&mut text)?;
/// assert_eq!(text, "to be");
/// # Ok::<(), std::io::Error>(())
/// ```
#[must_use]
#[track_caller]
pub fn profiled<T>(inner: T) -> Profiled<T> {
    Profiled::at("", Location::caller(), inner)
}

/// Records the reads and writes of a file or stream, under a name.
///
/// ```
/// use std::io::Write;
///
/// let mut log = perf_runtime::io::profiled_as("access log", Vec::new());
/// writeln!(log, "GET /")?;
/// assert_eq!(perf_runtime::io::into_inner(log), b"GET /\n");
/// # Ok::<(), std::io::Error>(())
/// ```
#[must_use]
#[track_caller]
pub fn profiled_as<T>(name: &'static str, inner: T) -> Profiled<T> {
    Profiled::at(name, Location::caller(), inner)
}

/// The file or stream itself, no longer recorded.
#[must_use]
pub fn into_inner<T>(profiled: Profiled<T>) -> T {
    profiled.inner
}

impl<T> Profiled<T> {
    fn at(name: &'static str, place: &'static Location<'static>, inner: T) -> Profiled<T> {
        let operation = |part| {
            let declaration = Declaration {
                kind: Kind::Io,
                timing: Timing::Exact,
                name: if name.is_empty() { std::any::type_name::<T>() } else { name },
                part,
                module: "",
                file: place.file(),
                line: place.line(),
                column: place.column(),
            };
            let row = || row_name(name, std::any::type_name::<T>(), place, part);
            Operation::new(declarations::site(&declaration, row))
        };
        let [read, write, flush, seek] = ["read", "write", "flush", "seek"].map(operation);
        Profiled { inner, read, write, flush, seek }
    }
}

impl<T> Deref for Profiled<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.inner
    }
}

impl<T> DerefMut for Profiled<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.inner
    }
}
