//! Programs that a test makes and then starts.
//!
//! A process that has a program open for writing, or a child that was forked meanwhile, keeps everybody from starting it ("text file busy").
//! So other processes write it, which are gone by then.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// Makes a script, with the rights to start it, and its folder.
pub fn write_script(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-c", "cat >\"$0\" && chmod 755 \"$0\""]).arg(path).stdin(Stdio::piped());
    let mut shell = shell.spawn().unwrap();
    shell.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    assert!(shell.wait().unwrap().success(), "{} can't be written", path.display());
}

/// Copies a program.
pub fn copy_program(from: &Path, to: &Path) {
    assert!(Command::new("cp").arg(from).arg(to).status().unwrap().success(), "{} can't be copied", from.display());
}
