//! The cost of being watched, for a process: the time of an annotated call, with nobody watching and with `cargo perf-report top` looking at
//! the recording at intervals, in turns.
//!
//! The program calls all the time on one processor, the watcher has another. Of each stretch two figures are taken: the
//! median over batches of calls, which tells what a call usually takes, and the mean of the processor time per call, in which also
//! shows what happens to the few calls that a look falls on. `cargo bench -p perf-tests --bench watched` takes a minute;
//! after `--`, the number of rounds and the seconds of a stretch.

mod support;

use std::path::Path;
use std::process::{Child, Command};
use std::thread;
use std::time::Duration;

use perf_report::Style;
use perf_report::command::{Streams, run};
use support::{Program, median};

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
