//! Instructions of a command, counted by Callgrind: a figure that does not depend on what else the machine does.
//!
//! Misses of caches and branches are those of a simple processor that Callgrind simulates. Its caches have the same sizes everywhere, so
//! that counts of two machines can be compared.
//!
//! The runs that are counted are not those that are timed: a command takes some fifty times longer there. Nothing is recorded in
//! them, so the instructions are the program's own.

use std::{
    collections::HashMap,
    ffi::OsString,
    fs::{self, File},
    io,
    path::Path,
    process::{Command, Stdio},
};

use super::{
    callgrind::{self, Counted},
    cargo,
    command_line::{CommandLine, Exit, is_chosen, last_lines},
    error::BenchError,
    inlined::Inlined,
};
use crate::command::pattern::Pattern;

/// Runs of a command that are counted. They hardly differ, and five on each side are the fewest with which a comparison finds a
/// change: with four, the smallest p-value is 2 / 70, which is above the default `--alpha` of 0.02.
pub(super) const COUNTED_RUNS: usize = 5;

/// The simulated caches: size, ways, bytes of a line. By default Valgrind takes those of the machine.
const CACHES: [&str; 5] =
    ["--cache-sim=yes", "--branch-sim=yes", "--I1=32768,8,64", "--D1=32768,8,64", "--LL=8388608,16,64"];

/// The events to count.
#[derive(Clone, Copy, Debug)]
pub(super) struct CountOptions<'a> {
    /// Also misses of caches and branches.
    pub(super) misses: bool,
    /// Also of a command that fails.
    pub(super) allow_failure: bool,
    /// Only processes of these programs; all if there is none.
    pub(super) programs: &'a [Pattern],
    /// Functions to look for where they were inlined, each with its file.
    pub(super) functions: &'a HashMap<String, String>,
}

/// Runs a command once and counts the instructions of all its processes.
///
/// # Errors
/// If there is no Valgrind, or the command fails under it without being allowed to.
pub(super) fn count(command: &CommandLine, folder: &Path, options: CountOptions<'_>) -> Result<Counted, BenchError> {
    let CountOptions { misses, allow_failure, programs, functions } = options;
    let io_error = |error| BenchError::Io(folder.to_owned(), error);
    fs::create_dir(folder).map_err(io_error)?;
    let said = folder.join("stderr");
    let mut file = OsString::from("--callgrind-out-file=");
    file.push(folder.join("callgrind.%p"));
    let options = ["--tool=callgrind", "--trace-children=yes", "--quiet", "--dump-instr=yes"].into_iter();
    let options = options.chain(CACHES.into_iter().filter(|_| misses)).map(OsString::from).chain([file]);
    let mut valgrind = if cargo::starts_programs(command) {
        through_cargo(command, options, folder)?
    } else {
        let mut valgrind = Command::new("valgrind");
        valgrind.args(options).args(command.words());
        valgrind
    };
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
    let (mut counted, mut inlined) = (Counted::default(), Inlined::new(functions));
    for entry in fs::read_dir(folder).map_err(io_error)? {
        let path = entry.map_err(io_error)?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("callgrind.")) {
            let text = fs::read(&path).map_err(|error| BenchError::Io(path, error))?;
            let text = String::from_utf8_lossy(&text);
            if is_chosen(programs, callgrind::program(&text)) {
                counted.add(&text, &mut inlined);
            }
        }
    }
    if counted.total[0] == 0 { Err(BenchError::NotCounted(command.to_string())) } else { Ok(counted) }
}

/// Cargo with Callgrind as the runner of what it starts.
fn through_cargo(
    command: &CommandLine,
    options: impl Iterator<Item = OsString>,
    folder: &Path,
) -> Result<Command, BenchError> {
    // Cargo would say of a missing runner that the test cannot be run.
    let version = Command::new("valgrind").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if version.is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
        return Err(BenchError::NoValgrind);
    }
    let mut runner = OsString::from("valgrind");
    for option in options {
        runner.push(" ");
        runner.push(option);
    }
    // Cargo splits the variable at blanks, and knows no quotes there.
    if folder.to_string_lossy().contains(char::is_whitespace) {
        return Err(BenchError::BlankInPath(folder.to_owned()));
    }
    let mut cargo = Command::new(&command.words()[0]);
    cargo.args(&command.words()[1..]);
    for variable in cargo::runner_variables(command) {
        cargo.env(variable, &runner);
    }
    Ok(cargo)
}
