//! One operation of a file or stream, again and again: reading, writing, flushing, seeking.

use std::io;
use std::panic::Location;
#[cfg(any(feature = "io-futures", feature = "io-tokio"))]
use std::task::Poll;

use perf_report::recording::layout::slot;

use crate::call::counted;
use crate::call::future::Life;
use crate::call::wait::Wait;
use crate::process::site::Site;
use crate::process::state;

/// A row. An async operation that waits is kept here from poll to poll; if it never ends, it counts as cancelled.
#[derive(Debug)]
pub(super) struct Operation(Life);

impl Drop for Operation {
    fn drop(&mut self) {
        self.0.end_unfinished();
    }
}

impl Operation {
    pub(super) fn new(site: &'static Site) -> Operation {
        Operation(Life::new(site))
    }

    /// Runs the operation; `bytes` is how many it moved.
    #[inline]
    pub(super) fn run<T>(&self, bytes: impl FnOnce(&T) -> usize, run: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        if state::is_off() {
            return run();
        }
        let call = Wait::begin(self.0.site());
        let result = run();
        self.note(&result, bytes);
        drop(call);
        result
    }

    /// Polls the operation; `bytes` is how many it moved.
    #[inline]
    #[cfg(any(feature = "io-futures", feature = "io-tokio"))]
    pub(super) fn poll<T>(
        &mut self,
        bytes: impl FnOnce(&T) -> usize,
        poll: impl FnOnce() -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        let result = self.0.poll_operation(poll);
        if let Poll::Ready(result) = &result
            && !state::is_off()
        {
            self.note(result, bytes);
        }
        result
    }

    /// Counts bytes that were moved without a call.
    #[inline]
    pub(super) fn moved(&self, bytes: usize) {
        if bytes > 0 && !state::is_off() {
            counted::add_figures(self.0.site(), &[(slot::BYTES, bytes as u64)]);
        }
    }

    fn note<T>(&self, result: &io::Result<T>, bytes: impl FnOnce(&T) -> usize) {
        match result {
            Ok(value) => self.moved(bytes(value)),
            // To be tried again: nothing failed.
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {}
            Err(_) => counted::add_figures(self.0.site(), &[(slot::FAILED, 1)]),
        }
    }
}

/// Moves no bytes.
pub(super) fn nothing<T>(_: &T) -> usize {
    0
}

/// The value returned is the number of bytes.
pub(super) fn itself(bytes: &usize) -> usize {
    *bytes
}

/// The name of a row: `access log: write`, or without a name `File at src/log.rs:42: write`.
pub(super) fn row_name(name: &str, type_name: &str, place: &Location<'_>, part: &str) -> String {
    if name.is_empty() {
        format!("{} at {}:{}: {part}", short(type_name), place.file(), place.line())
    } else {
        format!("{name}: {part}")
    }
}

/// The name of a type without the paths in it.
fn short(type_name: &str) -> String {
    let mut short = String::with_capacity(type_name.len());
    for word in type_name.split_inclusive(|letter: char| !letter.is_alphanumeric() && !matches!(letter, ':' | '_')) {
        short += word.rsplit("::").next().unwrap_or(word);
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_named_by_what_is_wrapped_and_where() {
        let place = Location::caller();
        let at = format!("{}:{}", place.file(), place.line());
        let type_name = "std::io::buffered::bufreader::BufReader<std::fs::File>";
        assert_eq!(row_name("", type_name, place, "read"), format!("BufReader<File> at {at}: read"));
        assert_eq!(row_name("a log", type_name, place, "write"), "a log: write");
        assert_eq!(
            short("(&mut alloc::vec::Vec<u8>, [core::option::Option<a_b::C_d>; 2])"),
            "(&mut Vec<u8>, [Option<C_d>; 2])"
        );
    }
}
