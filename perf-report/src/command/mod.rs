//! The `perf-report` command: its arguments, what it does with them, and how it ends.
//!
//! It lives in the library, so that tests and other programs can run it on streams of their own; the binaries only hand over
//! the process's. Under the name `cargo-perf-report` it also answers to `cargo perf-report`.

mod args;
mod bench;
mod check;
mod diff;
mod input;
mod merge;
mod runs;
mod show;
mod top;

use std::{
    ffi::OsString,
    io::{self, Write},
};

pub use args::{Args, Color, Command, Format, Glob, Percentiles, Show};
pub use bench::BenchArgs;
pub use check::CheckArgs;
use clap::Parser;
pub use diff::{ComparisonFormat, DiffArgs, How};
pub use input::InputError;
pub use merge::MergeArgs;
pub use show::SelectionError;
pub use top::TopArgs;

use crate::Style;
pub use crate::view::tree::Direction;

/// How the command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// All was shown. Exit status 0.
    Complete,
    /// Something was shown, but parts were missing or damaged, as said on standard error. Exit status 1.
    Partial,
    /// All was done, and something was found that must not be: a broken budget, a regression. Exit status 1.
    Found,
    /// Nothing could be done: unreadable files, wrong arguments. Exit status 2.
    Failed,
}

impl Outcome {
    /// The exit status that stands for it.
    #[must_use]
    pub const fn status(self) -> u8 {
        match self {
            Outcome::Complete => 0,
            Outcome::Partial | Outcome::Found => 1,
            Outcome::Failed => 2,
        }
    }
}

/// Where the command reads and writes, and what the places it writes to can show.
pub struct Streams<'a> {
    /// Standard input, for the file name `-`.
    pub input: &'a mut dyn io::Read,
    /// Standard output: the views and nothing else.
    pub output: &'a mut dyn Write,
    /// Standard error: warnings and errors.
    pub errors: &'a mut dyn Write,
    /// What standard output can show.
    pub style: Style,
}

/// Runs the command with the arguments of a process, the program's name first.
///
/// What takes the terminal as a whole (`top` without `--batch`) is refused here, where there are only streams.
/// A reader of the output that goes away early (`| head`) ends it in silence.
///
/// ```
/// use perf_report::{Style, command::{Outcome, Streams, run}};
/// let (mut output, mut errors) = (Vec::new(), Vec::new());
/// let mut streams = Streams {
///     input: &mut std::io::empty(),
///     output: &mut output,
///     errors: &mut errors,
///     style: Style::plain(),
/// };
/// assert_eq!(run(["perf-report", "show", "missing.json"], &mut streams), Outcome::Failed);
/// assert!(String::from_utf8(errors).unwrap().starts_with("perf-report: missing.json: "));
/// ```
pub fn run<A: Into<OsString> + Clone>(arguments: impl IntoIterator<Item = A>, streams: &mut Streams<'_>) -> Outcome {
    run_on(arguments, streams, false)
}

/// As [`run`]; `terminal` says whether the process's standard output is one that can be taken as a whole.
fn run_on<A: Into<OsString> + Clone>(
    arguments: impl IntoIterator<Item = A>,
    streams: &mut Streams<'_>,
    terminal: bool,
) -> Outcome {
    let mut arguments: Vec<OsString> = arguments.into_iter().map(Into::into).collect();
    // Cargo hands `cargo perf-report show x` on as `cargo-perf-report perf-report show x`.
    if arguments.get(1).is_some_and(|word| word == "perf-report") {
        arguments.remove(1);
    }
    let args = match Args::try_parse_from(arguments) {
        Ok(args) => args,
        Err(message) => {
            // Help and version are messages for standard output.
            let (stream, outcome) = match message.use_stderr() {
                true => (&mut *streams.errors, Outcome::Failed),
                false => (&mut *streams.output, Outcome::Complete),
            };
            let text = message.render();
            let _ = if streams.style.color { write!(stream, "{}", text.ansi()) } else { write!(stream, "{text}") };
            return outcome;
        }
    };
    let result = match args.command {
        Command::Show(args) => show::run(&args, streams),
        Command::Merge(args) => merge::run(&args, streams),
        Command::Check(args) => check::run(&args, streams),
        Command::Diff(args) => diff::run(&args, streams),
        Command::Bench(args) => bench::run(&args, streams),
        Command::Top(args) => top::run(&args, streams, terminal),
    };
    match result.and_then(|outcome| streams.output.flush().map(|()| outcome)) {
        Ok(outcome) => outcome,
        // Whoever read this has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Outcome::Complete,
        Err(error) => {
            let _ = writeln!(streams.errors, "perf-report: the output cannot be written: {error}");
            Outcome::Failed
        }
    }
}

/// Runs the command for this process: the whole of the binaries.
#[must_use]
pub fn main() -> std::process::ExitCode {
    let mut streams = Streams {
        input: &mut io::stdin().lock(),
        output: &mut io::BufWriter::new(io::stdout().lock()),
        errors: &mut io::stderr(),
        style: Style::detect(crate::Stream::Stdout),
    };
    let terminal = io::IsTerminal::is_terminal(&io::stdout());
    run_on(std::env::args_os(), &mut streams, terminal).status().into()
}
