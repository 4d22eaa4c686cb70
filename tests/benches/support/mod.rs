//! The program that annotated calls are measured in while somebody looks at it.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// The program that is watched, on the first processor.
pub(crate) struct Program {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Program {
    /// Starts it, with a recording there.
    pub(crate) fn start(recording: &Path) -> Program {
        let mut command = Command::new("taskset");
        command.args(["-c", "0", env!("CARGO_BIN_EXE_watched"), "measure"]).env("PERF_RECORDING", recording);
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = child.expect("taskset starts programs");
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let output = BufReader::new(output.expect("it is piped"));
        Program { child, input: input.expect("it is piped"), output }
    }

    /// The cost of a call since the last time this was asked: the median over batches, and the mean of the processor time.
    pub(crate) fn figures(&mut self) -> (f64, f64) {
        self.input.write_all(b"\n").expect("the program runs");
        let mut line = String::new();
        self.output.read_line(&mut line).expect("the program answers");
        let (median, mean) = line.trim().split_once(' ').expect("two figures");
        (median.parse().expect("a number"), mean.parse().expect("a number"))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The middle one.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
