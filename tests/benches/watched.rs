//! The cost of being watched, for a process: the time of an annotated call, with nobody watching and with `cargo perf-report top` looking at
//! the recording at intervals, in turns.
//!
//! The program calls all the time on one processor, the watcher has another. Of each stretch two figures are taken: the
//! median over batches of calls, which tells what a call usually takes, and the mean of the processor time per call, in which also
//! shows what happens to the few calls that a look falls on. `cargo bench -p perf-tests --bench watched` takes a minute;
//! after `--`, the number of rounds and the seconds of a stretch.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;
use std::time::Duration;

use perf_report::Style;
use perf_report::command::{Streams, run};

/// Who watches: nobody, or `top` at an interval. Twice nobody, because the difference between the two is what chance makes.
const WATCHERS: [Option<&str>; 4] = [None, Some("1s"), Some("100ms"), None];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [word, file, interval] = &arguments[..]
        && word == "watch"
    {
        return watch(file, interval);
    }
    let number = |place: usize, usual: u64| arguments.get(place).map_or(usual, |n| n.parse().expect("a number"));
    let (rounds, seconds) = (number(0, 8), number(1, 2));
    let folder = tempfile::tempdir().expect("there is a place for temporary files");
    let file = folder.path().join("app.perfrec");
    let mut program = Program::start(&file);
    let mut figures = [const { Vec::new() }; WATCHERS.len()];
    for round in 0..rounds as usize {
        // Each has each place in turn.
        for place in 0..WATCHERS.len() {
            let which = (round + place) % WATCHERS.len();
            let watcher = WATCHERS[which].map(|interval| Watcher::start(&file, interval));
            thread::sleep(Duration::from_millis(200));
            program.figures();
            thread::sleep(Duration::from_secs(seconds));
            figures[which].push(program.figures());
            drop(watcher);
        }
    }
    println!("{rounds} rounds of {seconds} s; ns per annotated call, medians over the rounds\n");
    println!("| watched | median | mean, processor time |\n|---|---|---|");
    for (watcher, figures) in WATCHERS.iter().zip(&figures) {
        let of = |figure: fn(&(f64, f64)) -> f64| median(figures.iter().map(figure).collect());
        let name = watcher.map_or("by nobody".into(), |interval| format!("every {interval}"));
        println!("| {name} | {:.2} | {:.2} |", of(|figures| figures.0), of(|figures| figures.1));
    }
}

/// Watches until it is killed.
fn watch(file: &str, interval: &str) {
    let arguments = ["perfrec", "top", file, "--batch", "--interval", interval];
    let (mut output, mut errors) = (std::io::sink(), std::io::stderr());
    let streams =
        &mut Streams { input: &mut std::io::empty(), output: &mut output, errors: &mut errors, style: Style::plain() };
    run(arguments, streams);
}

/// The program that is watched, on the first processor.
struct Program {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Program {
    fn start(recording: &Path) -> Program {
        let mut command = Command::new("taskset");
        command.args(["-c", "0", env!("CARGO_BIN_EXE_watched"), "measure"]).env("PERF_RECORDING", recording);
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = child.expect("taskset starts programs");
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let output = BufReader::new(output.expect("it is piped"));
        Program { child, input: input.expect("it is piped"), output }
    }

    /// The two figures of a call's cost since the last time this was asked.
    fn figures(&mut self) -> (f64, f64) {
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

/// `top` on the second processor.
struct Watcher(Child);

impl Watcher {
    fn start(file: &Path, interval: &str) -> Watcher {
        let this = std::env::current_exe().expect("it runs");
        let mut command = Command::new("taskset");
        Watcher(command.args(["-c", "1"]).arg(this).arg("watch").arg(file).arg(interval).spawn().expect("it starts"))
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
