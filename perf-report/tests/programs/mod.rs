//! Snapshots of programs that never ran, and the command run on files of them.

use std::{fs, path::PathBuf};

use perf_report::{
    Function, Snapshot, Style,
    command::{Outcome, Streams, run},
};

/// A function that did these calls: durations in ns, and how many of each.
pub(crate) fn function(name: &str, calls: &[(u64, u64)]) -> Function {
    let mut function = Function::new(name);
    function.module = "app".into();
    function.file = "src/main.rs".into();
    for &(ns, count) in calls {
        function.latency.record(ns, count);
        function.calls += count;
        function.sum_ns += ns * count;
    }
    function.timed_calls = function.calls;
    (function.total_ns, function.self_ns) = (function.sum_ns, function.sum_ns);
    let durations = || calls.iter().filter(|calls| calls.1 > 0).map(|calls| calls.0);
    function.min_ns = durations().min().unwrap_or(0);
    function.max_ns = durations().max().unwrap_or(0);
    function
}

/// A process with these functions.
pub(crate) fn process(pid: u32, functions: Vec<Function>) -> Snapshot {
    let mut snapshot = Snapshot::empty();
    snapshot.functions = functions;
    snapshot.process.program = "app".into();
    snapshot.process.pid = pid;
    snapshot.process.started_unix_ns = 1_700_000_000_000_000_000 + u64::from(pid);
    snapshot.process.recorded_ns = 2_000_000_000;
    snapshot.process.threads = 2;
    snapshot
}

/// A folder that commands are run on.
pub(crate) struct Folder(tempfile::TempDir);

#[allow(dead_code, reason = "each test file needs some of it")]
impl Folder {
    pub(crate) fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Runs a command line; `@x` in it is the file x of this folder. Gives the outcome, standard output, and standard error,
    /// both with `@` for the folder again.
    pub(crate) fn run(&self, line: &str) -> (Outcome, String, String) {
        let (mut output, mut errors) = (Vec::new(), Vec::new());
        let style = Style::plain().with_width(100);
        let mut streams = Streams { input: &mut std::io::empty(), output: &mut output, errors: &mut errors, style };
        let folder = format!("{}/", self.0.path().display());
        let words = ["perfrec".to_owned()].into_iter().chain(line.split(' ').map(|word| word.replace('@', &folder)));
        let outcome = run(words, &mut streams);
        let text = |bytes| String::from_utf8(bytes).unwrap().replace(&folder, "@");
        (outcome, text(output), text(errors))
    }
}
