//! The command `cargo perf-report`, also called `perfrec`.
//!
//! The command lives in the library so that tests and other programs can run it on streams of their own; the binaries only hand
//! over those of their process. They are `cargo-perf-report`, which answers to `cargo perf-report`, and `perfrec`.
//!
//! Each command has a module: `show`, `top`, `merge`, `check`, `diff`, `bench`, `history`, `flame`, `trace`, `export`, `serve`,
//! `annotate`, `audit`, `mcp`. Below
//! them lie the modules that they share. `args` reads the arguments; `runs`, `input` and `identity` turn them into snapshots;
//! `repository` knows the commit and the CI run; `outputs` writes files for pipelines; `pattern`, `metric`, `rules` and `nearest` read the names and limits that people write; `compare` compares runs and gives
//! verdicts; `live` follows a running process; `sources` reads Rust.

mod annotate;
mod args;
mod audit;
mod bench;
mod check;
mod client;
mod compare;
mod diff;
mod export;
mod flame;
mod history;
mod identity;
mod input;
mod live;
mod mcp;
mod merge;
mod metric;
mod nearest;
mod outputs;
mod pattern;
mod punctual;
mod repository;
mod rules;
mod runs;
mod serve;
mod shared_args;
mod show;
mod sources;
mod top;
mod trace;

use std::{
    ffi::OsString,
    fmt,
    io::{self, Write},
};

use args::{Args, Command};

use crate::Style;

// Snapshots of invented programs, shared with the tests in `tests`.
#[cfg(test)]
#[allow(dead_code, reason = "tests here need some of it")]
#[path = "../../tests/programs/mod.rs"]
mod programs;

/// How the command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Everything was done. Exit status 0.
    Complete,
    /// Something was shown, and parts were damaged or missing, as standard error says. Exit status 1.
    Partial,
    /// The answer is no: a budget is exceeded, something regressed. Exit status 1.
    Found,
    /// There is no answer: unreadable files, wrong arguments, a pattern that matches nothing. Exit status 2.
    Failed,
    /// A command that was started ended with this status, which is not 0.
    CommandEnded(u8),
}

impl Outcome {
    /// The exit status of the outcome.
    #[must_use]
    pub const fn status(self) -> u8 {
        match self {
            Outcome::Complete => 0,
            Outcome::Partial | Outcome::Found => 1,
            Outcome::Failed => 2,
            Outcome::CommandEnded(status) => status,
        }
    }
}

/// The streams of the command, and the style of its output.
pub struct Streams<'a> {
    /// Standard input, for the file name `-`.
    pub input: &'a mut dyn io::Read,
    /// Standard output: the views and nothing else.
    pub output: &'a mut dyn Write,
    /// Standard error: warnings and errors.
    pub errors: &'a mut dyn Write,
    /// Width and colours of standard output.
    pub style: Style,
}

impl Streams<'_> {
    /// Writes an error. If nobody reads it, the exit status still tells.
    fn error(&mut self, message: impl fmt::Display) {
        let _ = writeln!(self.errors, "error: {message}");
    }

    /// Writes a warning: there is a result, but something is missing from it.
    fn warning(&mut self, message: impl fmt::Display) {
        let _ = writeln!(self.errors, "warning: {message}");
    }
}

/// Output that survives its reader (`| head`): the rest is dropped, and the command goes on to its verdict.
struct Unbroken<'a> {
    output: &'a mut dyn Write,
    broken: bool,
}

impl Unbroken<'_> {
    fn unless_broken<T>(&mut self, whole: T, result: impl FnOnce(&mut dyn Write) -> io::Result<T>) -> io::Result<T> {
        if self.broken {
            return Ok(whole);
        }
        match result(self.output) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.broken = true;
                Ok(whole)
            }
            result => result,
        }
    }
}

impl Write for Unbroken<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.unless_broken(bytes.len(), |output| output.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.unless_broken((), |output| output.flush())
    }
}

/// Runs the command with the arguments of a process, the program's name first.
///
/// A command that takes the whole terminal (`top` without `--batch`) is refused, because there are only streams. If the reader
/// of the output goes away early (`| head`), the rest of the output is dropped and the outcome stays the same.
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
/// assert_eq!(run(["perfrec", "show", "missing.json"], &mut streams), Outcome::Failed);
/// assert!(String::from_utf8(errors).unwrap().starts_with("error: missing.json: cannot be read"));
/// ```
pub fn run<A: Into<OsString> + Clone>(arguments: impl IntoIterator<Item = A>, streams: &mut Streams<'_>) -> Outcome {
    run_on(arguments.into_iter().map(Into::into).collect(), streams, false)
}

/// Does the same as [`run`]; `terminal` says whether the process's standard output is a terminal that can be taken as a whole.
fn run_on(arguments: Vec<OsString>, streams: &mut Streams<'_>, terminal: bool) -> Outcome {
    let args = match Args::read(arguments, streams.style.width) {
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
    match &args.command {
        // `top` must notice when nobody reads any more, or it would never end.
        Command::Top(args) => return top::run(args, streams, terminal),
        // `serve` writes messages alone.
        Command::Serve(args) => return serve::run(args, streams),
        _ => {}
    }
    let mut output = Unbroken { output: &mut *streams.output, broken: false };
    let streams = &mut Streams {
        input: &mut *streams.input,
        output: &mut output,
        errors: &mut *streams.errors,
        style: streams.style,
    };
    let result = match &args.command {
        Command::Show(args) => show::run(args, streams),
        Command::Merge(args) => merge::run(args, streams),
        Command::Check(args) => check::run(args, streams),
        Command::Diff(args) => diff::run(args, streams),
        Command::Bench(args) => bench::run(args, streams),
        Command::History(args) => history::run(args, streams),
        Command::Trace(args) => trace::run(args, streams),
        Command::Export(args) => export::run(args, streams),
        Command::Flame(args) => flame::run(args, streams),
        Command::Annotate(args) => annotate::run(args, streams),
        Command::Mcp(args) => mcp::run(args, streams),
        Command::Audit(args) => audit::run(args, streams),
        Command::Top(_) | Command::Serve(_) => Ok(Outcome::Complete),
    };
    match result.and_then(|outcome| streams.output.flush().map(|()| outcome)) {
        Ok(outcome) => outcome,
        Err(error) => {
            streams.error(format_args!("the output cannot be written: {error}"));
            Outcome::Failed
        }
    }
}

/// Does the same as [`main`], with threads that wake in time.
///
/// `be_punctual` makes the calling thread one. It takes a system call that has no safe interface, so the binaries bring it along.
#[doc(hidden)]
#[must_use]
pub fn main_with(be_punctual: fn()) -> std::process::ExitCode {
    punctual::set(be_punctual);
    main()
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
    run_on(std::env::args_os().collect(), &mut streams, terminal).status().into()
}
