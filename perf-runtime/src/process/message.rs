//! Messages of the runtime on standard error: one line each, and never a panic if nobody listens.

use std::fmt;
use std::io::Write;

use crate::platform::{signal_mask, streams};

/// Prints a line that begins with `perf: `.
pub(crate) fn say(text: fmt::Arguments<'_>) {
    // A message about a file name must stay one line, and must not steer the terminal.
    let line: String = format!("perf: {text}")
        .chars()
        .flat_map(|letter| {
            let (plain, escaped) =
                if letter.is_control() { (None, Some(letter.escape_default())) } else { (Some(letter), None) };
            plain.into_iter().chain(escaped.into_iter().flatten())
        })
        .chain(['\n'])
        .collect();
    let _ = signal_mask::with_write_errors(|| streams::stderr().write_all(line.as_bytes()));
}
