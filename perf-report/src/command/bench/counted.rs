//! Instructions of a command, counted by Callgrind: a figure that does not depend on what else the machine does.
//!
//! The runs that are counted are not those that are timed: a command takes some fifty times longer there. Nothing is recorded in
//! them, so the instructions are the program's own.

use std::{
    fs::{self, File},
    io,
    path::Path,
    process::{Command, Stdio},
};

use super::{
    callgrind::Instructions,
    command_line::{BenchError, CommandLine, Exit, last_lines},
};

/// Runs of a command that are counted. They hardly differ, and a comparison needs four.
pub(super) const COUNTED_RUNS: usize = 5;

/// Runs a command once and counts the instructions of all its processes.
///
/// # Errors
/// If there is no Valgrind, or the command fails under it without being allowed to.
pub(super) fn count(command: &CommandLine, folder: &Path, allow_failure: bool) -> Result<Instructions, BenchError> {
    let io_error = |error| BenchError::Io(folder.to_owned(), error);
    fs::create_dir(folder).map_err(io_error)?;
    let said = folder.join("stderr");
    let mut file = std::ffi::OsString::from("--callgrind-out-file=");
    file.push(folder.join("callgrind.%p"));
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--trace-children=yes", "--quiet"]).arg(file).args(command.words());
    valgrind.stdin(Stdio::null()).stdout(Stdio::null()).stderr(File::create(&said).map_err(io_error)?);
    valgrind.env("PERF_ENABLED", "0");
    let status = valgrind.status().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => BenchError::NoValgrind,
        _ => BenchError::Start("valgrind".into(), error),
    })?;
    let exit = Exit::from(status);
    if exit != Exit::Status(0) && !allow_failure {
        let command = format!("valgrind {command}");
        return Err(BenchError::Failed { command, exit, said: last_lines(&said) });
    }
    let mut instructions = Instructions::default();
    for entry in fs::read_dir(folder).map_err(io_error)? {
        let path = entry.map_err(io_error)?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("callgrind.")) {
            let text = fs::read(&path).map_err(|error| BenchError::Io(path, error))?;
            instructions.add(&String::from_utf8_lossy(&text));
        }
    }
    if instructions.total == 0 { Err(BenchError::NotCounted(command.to_string())) } else { Ok(instructions) }
}
