//! The cost of looking at stacks from outside: the share that `cargo perf-report flame` takes of a processor for 64 threads at 499 looks a second, and what
//! it does to the time of an annotated call in the process that is looked at.
//!
//! `cargo bench -p perf-tests --bench looked_at` takes two minutes; after `--`, the number of rounds and the seconds of a stretch.
//! The program that calls all the time has the first processor, `flame` the second.

mod support;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use perf_report::Style;
use perf_report::command::{Streams, run};
use support::{Program, median};

/// Looks per second of each stretch; twice none, because the difference between the two is what chance makes.
const RATES: [Option<&str>; 4] = [None, Some("499"), Some("4999"), None];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [word, rest @ ..] = &arguments[..]
        && word == "flame"
    {
        return flame(rest);
    }
    let number = |place: usize, usual: u64| arguments.get(place).map_or(usual, |n| n.parse().expect("a number"));
    let (rounds, seconds) = (number(0, 20), number(1, 1));
    many_threads(64);
    calls(rounds as usize, seconds);
}

/// Runs the command in this process, of which it takes the one thread.
fn flame(arguments: &[String]) {
    let words = ["perfrec", "flame"].map(str::to_owned);
    let (mut output, mut errors) = (std::io::stdout(), std::io::stderr());
    let streams =
        &mut Streams { input: &mut std::io::empty(), output: &mut output, errors: &mut errors, style: Style::plain() };
    run(words.iter().chain(arguments), streams);
}

fn start_flame(arguments: &[&str], processor: &str, stdout: Stdio) -> Child {
    let this = std::env::current_exe().expect("it runs");
    let mut command = Command::new("taskset");
    command.args(["-c", processor]).arg(this).arg("flame").args(arguments).stdout(stdout).stderr(Stdio::null());
    command.spawn().expect("taskset starts programs")
}

/// The sampler's cost for many threads that wait most of the time.
fn many_threads(threads: usize) {
    let folder = tempfile::tempdir().expect("there is a place for temporary files");
    let file = folder.path().join("app.perfrec");
    let mut program = Command::new(env!("CARGO_BIN_EXE_stacks_seen"));
    program.arg(threads.to_string()).env("PERF_RECORDING", &file).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut program = program.spawn().expect("it starts");
    let mut ready = String::new();
    BufReader::new(program.stdout.take().expect("it is piped")).read_line(&mut ready).expect("it says so");
    thread::sleep(Duration::from_millis(200));
    for more in [&[][..], &["--where"][..]] {
        let line = [&[file.to_str().expect("a plain name"), "--for", "5s"][..], more].concat();
        let told = start_flame(&line, "1", Stdio::piped()).wait_with_output().expect("it ends");
        let told = String::from_utf8_lossy(&told.stdout);
        println!("{threads} threads at 499 looks a second {}", more.join(" "));
        let lines = told.lines().filter(|line| line.contains(" looks in ") || line.starts_with('•'));
        lines.for_each(|line| println!("  {line}"));
    }
    drop(program.stdin.take());
    program.wait().expect("it ends");
}

/// The time of a call with and without looks.
fn calls(rounds: usize, seconds: u64) {
    let folder = tempfile::tempdir().expect("there is a place for temporary files");
    let file = folder.path().join("app.perfrec");
    let mut program = Program::start(&file);
    let mut figures = [const { Vec::new() }; RATES.len()];
    for round in 0..rounds {
        // Each has each place in turn.
        for place in 0..RATES.len() {
            let which = (round + place) % RATES.len();
            let flame = RATES[which].map(|rate| {
                let line = [file.to_str().expect("a plain name"), "--for", "1h", "--rate", rate];
                start_flame(&line, "1", Stdio::null())
            });
            thread::sleep(Duration::from_millis(200));
            program.figures();
            thread::sleep(Duration::from_secs(seconds));
            figures[which].push(program.figures());
            if let Some(mut flame) = flame {
                let _ = flame.kill();
                let _ = flame.wait();
            }
        }
    }
    println!("\n{rounds} rounds of {seconds} s; ns per annotated call, medians over the rounds\n");
    println!("| looks a second | median | mean, processor time |\n|---|---|---|");
    for (rate, figures) in RATES.iter().zip(&figures) {
        let of = |figure: fn(&(f64, f64)) -> f64| median(figures.iter().map(figure).collect());
        println!("| {} | {:.2} | {:.2} |", rate.unwrap_or("none"), of(|figures| figures.0), of(|figures| figures.1));
    }
}
