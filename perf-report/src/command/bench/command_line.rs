//! A command of the user, run once with a recording of its own.
//!
//! A run gets `PERF_REPORT=json:…` in a folder of its own, where every annotated process that it starts leaves a snapshot; the
//! snapshots of several processes are added up. The system counts the processor time and the peak memory of the command and of
//! the children that it waited for.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, fs,
    fs::File,
    path::{Path, PathBuf},
    process::{self, ExitStatus, Stdio},
    time::{Instant, SystemTime},
};

use serde::{Deserialize, Serialize};
use wait4::Wait4;

use super::{callgrind::Counted, error::BenchError, hardware::Counters, harness::Harness};
use crate::{
    Function, Kind, Merge, Snapshot,
    command::{identity::without_hash, pattern::Pattern},
};

/// The most lines of a command's standard error that a message quotes.
const MOST_LINES: usize = 5;

/// A command and its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CommandLine(Vec<String>);

/// The measurements of one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct MeasuredRun {
    /// Time from start to end.
    pub(super) wall_ns: u64,
    /// Processor time in the program.
    pub(super) user_ns: u64,
    /// Processor time in the system.
    pub(super) system_ns: u64,
    /// Peak memory; never less than this process had when it started the command.
    pub(super) peak_bytes: u64,
    /// Instructions, if this run has a counted one beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) instructions: Option<u64>,
    /// Those of annotated functions, with what they called, as far as they were found.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) instructions_of: BTreeMap<String, u64>,
    /// Misses of the first-level caches, the last-level cache, the branch prediction, if they were counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) misses: Option<[u64; 3]>,
    /// Those of annotated functions.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) misses_of: BTreeMap<String, [u64; 3]>,
    /// Functions that the counted run called another number of times than the recorded one: the recorded number, the counted one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) other_calls: BTreeMap<String, [u64; 2]>,
    /// Functions of which some calls were inlined in the counted run, so that it is not known how many it made.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) inlined: BTreeSet<String>,
    /// Instructions and cycles by the processor's counters, if they were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) hardware: Option<[u64; 2]>,
    /// How the command ended.
    #[serde(rename = "outcome")]
    pub(super) exit: Exit,
    /// The harness whose benchmarks these are, if it is not a recording. Then the process is the harness, and nobody's subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) harness: Option<Harness>,
    /// The snapshot of its annotated processes.
    #[serde(skip, default = "Snapshot::empty")]
    pub(super) snapshot: Snapshot,
}

impl MeasuredRun {
    /// A run of which nothing but the snapshot is known.
    pub(super) fn of_snapshot(snapshot: Snapshot) -> MeasuredRun {
        MeasuredRun {
            wall_ns: 0,
            user_ns: 0,
            system_ns: 0,
            peak_bytes: 0,
            instructions: None,
            instructions_of: BTreeMap::new(),
            misses: None,
            misses_of: BTreeMap::new(),
            other_calls: BTreeMap::new(),
            inlined: BTreeSet::new(),
            exit: Exit::Status(0),
            harness: None,
            hardware: None,
            snapshot,
        }
    }

    /// Keeps the counts of the whole process and of its annotated functions. Two functions of one name have one symbol, if any. The symbol
    /// of an async function is that of making its future, which is none of its work.
    pub(super) fn set_counts(&mut self, counted: &Counted) {
        let split = |[instructions, misses @ ..]: [u64; 4]| (instructions, misses);
        let (instructions, misses) = split(counted.total);
        (self.instructions, self.misses) = (Some(instructions), counted.has_misses.then_some(misses));
        let mut recorded: BTreeMap<&String, u64> = BTreeMap::new();
        for function in self.snapshot.functions.iter().filter(|function| has_count(function)) {
            *recorded.entry(&function.name).or_default() += function.calls;
        }
        for (name, calls) in recorded {
            let Some(&cost) = counted.functions.get(name) else { continue };
            let (instructions, misses) = split(cost);
            self.instructions_of.insert(name.clone(), instructions);
            if counted.has_misses {
                self.misses_of.insert(name.clone(), misses);
            }
            // Inlined calls leave no trace that could be counted: of such a function the calls of its symbol are the fewest that it had.
            let is_inlined = counted.inlined.contains(name);
            let differ = |&counted: &u64| if is_inlined { counted > calls } else { counted != calls };
            if let Some(counted_calls) = counted.calls.get(name).copied().filter(differ) {
                self.other_calls.insert(name.clone(), [calls, counted_calls]);
            } else if is_inlined {
                self.inlined.insert(name.clone());
            }
        }
    }
}

/// Whether a function ran, and is counted by the symbol of its name.
fn has_count(function: &Function) -> bool {
    function.calls > 0 && function.kind == Kind::Function
}

/// The metrics to measure of a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measured<'a> {
    /// Also measure a command that fails.
    pub(super) allow_failure: bool,
    /// Read the benchmarks of a harness and no recordings.
    pub(super) harness: Option<Harness>,
    /// Only processes of these programs; all if there is none.
    pub(super) programs: &'a [Pattern],
    /// Count instructions and cycles by the processor's counters, which are known to be there.
    pub(super) counts_hardware: bool,
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Exit {
    /// With an exit status.
    Status(i32),
    /// By a signal.
    Signal(i32),
}

impl From<ExitStatus> for Exit {
    fn from(status: ExitStatus) -> Exit {
        #[cfg(unix)]
        if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
            return Exit::Signal(signal);
        }
        Exit::Status(status.code().unwrap_or(-1))
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Exit::Status(status) => write!(f, "exit status {status}"),
            Exit::Signal(signal) => write!(f, "signal {signal}"),
        }
    }
}

impl CommandLine {
    /// A command given as words, the program first; `None` if there is none.
    pub(super) fn new(words: Vec<String>) -> Option<CommandLine> {
        (!words.is_empty()).then_some(CommandLine(words))
    }

    /// Parses a command given as one text, quoted as in a shell.
    pub(super) fn parse(text: &str) -> Result<CommandLine, BenchError> {
        shlex::split(text).and_then(CommandLine::new).ok_or_else(|| BenchError::Words(text.to_owned()))
    }

    /// The program and its arguments.
    pub(super) fn words(&self) -> &[String] {
        &self.0
    }

    /// Runs the command once. Its standard output goes to a file, or is dropped; `folder` is for the files of this run alone.
    ///
    /// # Errors
    /// If the command cannot be started, fails without being allowed to, or records nothing.
    pub(super) fn run(
        &self,
        folder: &Path,
        output: Option<&Path>,
        measured: Measured<'_>,
    ) -> Result<MeasuredRun, BenchError> {
        let io_error = |path: &Path| {
            let path = path.to_owned();
            move |error| BenchError::Io(path, error)
        };
        // Without its parent: that is gone once a signal has come, and must not come back.
        fs::create_dir(folder).map_err(io_error(folder))?;
        let said = folder.join("stderr");
        let results = folder.join("results");
        // Divan prints its results.
        let output = output.or_else(|| (measured.harness == Some(Harness::Divan)).then_some(&*results));
        let stdout = match output {
            Some(path) => File::create(path).map_err(io_error(path))?.into(),
            None => Stdio::null(),
        };
        let mut report = std::ffi::OsString::from("json:");
        report.push(folder.join("%p.json"));
        let mut command = process::Command::new(&self.0[0]);
        command.args(&self.0[1..]).stdin(Stdio::null()).stdout(stdout);
        command.stderr(File::create(&said).map_err(io_error(&said))?);
        command.env_remove("PERF_RECORDING");
        match measured.harness {
            None => command.env("PERF_REPORT", report),
            // Recording would only cost time.
            Some(harness) => harness.prepare(&mut command, &results).env_remove("PERF_REPORT"),
        };
        let counters = measured.counts_hardware.then(Counters::open).transpose().map_err(io_error(folder))?;
        let (began, start) = (SystemTime::now(), Instant::now());
        let ended =
            command.spawn().and_then(Wait4::wait4).map_err(|error| BenchError::Start(self.to_string(), error))?;
        let wall_ns = start.elapsed().as_nanos() as u64;
        let hardware = counters.map(|mut counters| counters.read()).transpose().map_err(io_error(folder))?.flatten();
        let exit = Exit::from(ended.status);
        if exit != Exit::Status(0) && !measured.allow_failure {
            return Err(BenchError::Failed { command: self.to_string(), exit, said: last_lines(&said) });
        }
        let snapshot = match measured.harness {
            None => self.collect(folder, measured.programs)?,
            Some(harness) if !results.exists() => return Err(BenchError::NoBenchmarks(self.to_string(), harness)),
            Some(harness) => {
                harness.read(&results, Some(began)).map_err(|error| BenchError::of_harness(self, error))?
            }
        };
        Ok(MeasuredRun {
            wall_ns,
            user_ns: ended.rusage.utime.as_nanos() as u64,
            system_ns: ended.rusage.stime.as_nanos() as u64,
            peak_bytes: ended.rusage.maxrss,
            exit,
            harness: measured.harness,
            hardware,
            ..MeasuredRun::of_snapshot(snapshot)
        })
    }

    /// Runs the command on two files. Whether it ends with exit status 0.
    pub(super) fn judge(&self, one: &Path, other: &Path) -> Result<bool, BenchError> {
        let mut command = process::Command::new(&self.0[0]);
        command.args(&self.0[1..]).args([one, other]).stdin(Stdio::null()).stdout(Stdio::null());
        Ok(command.status().map_err(|error| BenchError::Start(self.to_string(), error))?.success())
    }

    /// The sum of the snapshots that the processes of a run left, those of the chosen programs.
    fn collect(&self, folder: &Path, programs: &[Pattern]) -> Result<Snapshot, BenchError> {
        let io_error = |error| BenchError::Io(folder.to_owned(), error);
        let entries = fs::read_dir(folder).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
        let mut files: Vec<PathBuf> = entries.map_err(io_error)?;
        files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
        files.sort();
        if files.is_empty() {
            return Err(BenchError::NotAnnotated(self.to_string()));
        }
        let (mut merge, mut single, mut others) = (Merge::new(), None, Vec::new());
        for file in files {
            let text = fs::read(file).map_err(io_error)?;
            let snapshot = Snapshot::from_json(&text).map_err(|error| BenchError::Snapshot(self.to_string(), error))?;
            // Cargo changes the hash with every build.
            let program = without_hash(&snapshot.process.program).to_owned();
            if !is_chosen(programs, &program) {
                others.push(program);
                continue;
            }
            single = (merge.processes() == 0).then(|| snapshot.clone());
            merge.add(program, snapshot);
        }
        match (merge.processes(), single) {
            (0, _) => Err(BenchError::NoProgram(self.to_string(), others)),
            (1, Some(single)) => Ok(single),
            _ => Ok(merge.finish()),
        }
    }
}

impl fmt::Display for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self.0.iter().map(|word| word.escape_debug().to_string());
        f.write_str(&words.collect::<Vec<_>>().join(" "))
    }
}

/// Whether the patterns choose a program, without the hash of its name; all are chosen if there is no pattern.
pub(super) fn is_chosen(programs: &[Pattern], program: &str) -> bool {
    programs.is_empty() || programs.iter().any(|pattern| pattern.matches(program))
}

/// The last lines of a file, indented and harmless for a terminal.
pub(super) fn last_lines(path: &Path) -> String {
    let text = fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<String> = text.lines().map(|line| format!("  {}", line.escape_debug())).collect();
    lines[lines.len().saturating_sub(MOST_LINES)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(functions: &[(&str, Kind, u64)], counted: &Counted) -> MeasuredRun {
        let function = |&(name, kind, calls): &(&str, Kind, u64)| Function { kind, calls, ..Function::new(name) };
        let functions = functions.iter().map(function).collect();
        let mut run = MeasuredRun::of_snapshot(Snapshot { functions, ..Snapshot::empty() });
        run.set_counts(counted);
        run
    }

    fn counted(functions: &[(&str, u64)]) -> Counted {
        let mut counted = Counted { total: [9_000, 0, 0, 0], ..Counted::default() };
        for &(name, calls) in functions {
            counted.functions.insert(name.to_owned(), [1_000, 0, 0, 0]);
            counted.calls.insert(name.to_owned(), calls);
        }
        counted
    }

    #[test]
    fn calls_of_inlined_functions_are_known_to_be_others_only_if_there_are_too_many() {
        let function = |name| (name, Kind::Function, 10);
        let mut counted = counted(&[("same", 10), ("fewer", 9), ("inlined", 4), ("more", 11)]);
        counted.inlined.extend(["inlined".to_owned(), "more".to_owned()]);
        let run = run(&["same", "fewer", "inlined", "more"].map(function), &counted);
        let others = [("fewer".to_owned(), [10, 9]), ("more".to_owned(), [10, 11])];
        assert_eq!(run.other_calls, BTreeMap::from(others));
        assert_eq!(run.inlined, BTreeSet::from(["inlined".to_owned()]));
    }

    #[test]
    fn the_making_of_a_future_is_not_taken_for_the_work_of_an_async_function() {
        let run = run(
            &[("app::serve", Kind::Future, 1), ("app::hash", Kind::Function, 1)],
            &counted(&[("app::serve", 1), ("app::hash", 1)]),
        );
        assert_eq!(run.instructions_of.into_keys().collect::<Vec<_>>(), ["app::hash"]);
    }
}
