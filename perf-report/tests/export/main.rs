//! `export`: each format holds the snapshot's figures, read back by a reader that follows the format's description.
#![cfg(feature = "command")]
#![allow(clippy::unwrap_used, reason = "a helper's failure is the test's")]

#[macro_use]
#[path = "../support/with.rs"]
mod with;

mod callgrind;
mod command;
mod hlog;
mod invented;
#[path = "../programs/mod.rs"]
mod programs;
mod stacks;

use perf_report::{Snapshot, command::Outcome};
use programs::Folder;

/// Exports a snapshot: the contents, and what was said.
fn export(format: &str, snapshot: &Snapshot) -> (String, String) {
    let folder = Folder::new();
    folder.put("run.json", snapshot.to_json());
    let (outcome, output, errors) = folder.run(&format!("export --to {format} @run.json"));
    assert_eq!(outcome, Outcome::Complete, "{errors}");
    (output, errors)
}
