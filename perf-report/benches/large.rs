//! How long the command takes, and how much memory, for very large inputs: a recording of 10,000 functions that all ran in 64
//! threads, over a gigabyte, shown and served while it is written; and 1,000 snapshots of 200 functions that are merged.
//!
//! ```text
//! cargo bench -p perf-report --features command --bench large            # all
//! cargo bench -p perf-report --features command --bench large -- serve   # without `show`
//! ```
//!
//! Each run is a process of its own, so that the peak is its own, and the memory of this one is not warm for it.
#![allow(clippy::unwrap_used, reason = "a helper's failure ends the measurement")]

#[path = "../tests/support/mod.rs"]
mod support;

use std::{
    fs,
    io::{BufRead, BufReader, Read, Seek, SeekFrom, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use perf_report::{
    Style,
    command::{Outcome, Streams, run},
    recording::{Now, layout::header, read},
};
use support::Writer;

const FUNCTIONS: u64 = 10_000;
const THREADS: u64 = 64;
const SNAPSHOTS: u64 = 1_000;
const RUNS: usize = 5;

/// Says that the arguments after it are a run's.
const ONE_RUN: &str = "--one-run";

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == ONE_RUN) {
        return one_run(&arguments[at + 1..]);
    }
    // `cargo test --benches` only wants to know that it builds.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("large.perfrec");
    let bytes = recording().bytes();
    fs::write(&file, &bytes).unwrap();
    let megabytes = bytes.len() / 1_000_000;
    drop(bytes);
    if !arguments.iter().any(|argument| argument == "serve") {
        show(&file, megabytes);
    }
    serve(&file, megabytes);
    merge(folder.path());
}

fn show(file: &Path, megabytes: usize) {
    println!("show, {FUNCTIONS} functions in {THREADS} threads, {megabytes} MB");
    for arguments in [
        &["--color", "never"] as &[&str],
        &["--view", "callers"],
        &["--tree"],
        &["--function", "call_77"],
        &["--format", "csv"],
        &["--format", "markdown"],
        &["--format", "json"],
        &["--format", "html"],
    ] {
        measure(&arguments.join(" "), &[&["show", file.to_str().unwrap()], arguments].concat());
    }
}

/// Scrapes the recording of a process that runs, each time with a new reading.
fn serve(file: &Path, megabytes: usize) {
    println!("serve, {FUNCTIONS} functions in {THREADS} threads, {megabytes} MB");
    let mut recording = fs::OpenOptions::new().write(true).open(file).unwrap();
    recording.seek(SeekFrom::Start((header::STATE * 8) as u64)).unwrap();
    recording.write_all(&header::STATE_RUNNING.to_ne_bytes()).unwrap();
    // The lock is what tells that its process lives.
    recording.lock().unwrap();
    for (name, headers) in [
        ("text", ""),
        (
            "protobuf",
            "Accept: application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited\r\n",
        ),
    ] {
        let server = Server::start(file);
        let scrape = |_| {
            std::thread::sleep(Duration::from_millis(300));
            let begun = Instant::now();
            let bytes = server.scrape(headers);
            assert!(bytes > 1_000_000, "{bytes} bytes");
            begun.elapsed().as_secs_f64()
        };
        let mut seconds: Vec<f64> = (0..3 * RUNS).map(scrape).collect();
        seconds.sort_by(f64::total_cmp);
        let peak = peak(&format!("/proc/{}/status", server.child.id())).unwrap_or(0) / 1_000;
        let (median, most) = (seconds[seconds.len() / 2], seconds[seconds.len() - 1]);
        println!("  {name:<20} median {median:.3} s, slowest {most:.3} s, peak {peak} MB");
    }
}

/// The command as it serves a recording.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    fn start(file: &Path) -> Server {
        let mut command = Command::new(env!("CARGO_BIN_EXE_perfrec"));
        command.arg("serve").arg(file).args(["--listen", "127.0.0.1:0"]).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stderr.as_mut().unwrap()).read_line(&mut line).unwrap();
        let port = line.split(':').nth(2).and_then(|rest| rest.split('/').next()?.parse().ok());
        Server { child, port: port.unwrap_or_else(|| panic!("{line:?} names no port")) }
    }

    /// The number of bytes of an answer.
    fn scrape(&self, headers: &str) -> usize {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        write!(stream, "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n").unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 200"));
        answer.len()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The peak of a process's memory in kB, by its file in `/proc`.
fn peak(status: &str) -> Option<u64> {
    let status = fs::read_to_string(status).ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"))?.parse().ok()
}

fn merge(folder: &Path) {
    let snapshots = folder.join("snapshots");
    fs::create_dir(&snapshots).unwrap();
    let mut bytes = 0;
    for number in 0..SNAPSHOTS {
        let reading = read(&process(number).words, Now::LastTick).unwrap();
        let json = reading.snapshot.to_json();
        bytes += json.len();
        fs::write(snapshots.join(format!("{number}.json")), json).unwrap();
    }
    println!("merge, {SNAPSHOTS} snapshots of 200 functions, {} MB", bytes / 1_000_000);
    let output = folder.join("sum.json");
    measure("", &["merge", snapshots.to_str().unwrap(), "-o", output.to_str().unwrap()]);
}

/// Every function ran a few times in every thread, and was called by another.
fn recording() -> Writer {
    let mut writer =
        Writer { tables: (FUNCTIONS as usize, (2 * FUNCTIONS as usize).next_power_of_two()), ..Writer::new() };
    let functions: Vec<u64> =
        (0..FUNCTIONS).map(|n| writer.function(&format!("server::module_{}::Service::call_{n}", n % 100))).collect();
    for thread in 0..THREADS {
        let shard = writer.shard(100 + thread, "worker");
        for &function in &functions {
            let slot = writer.slot(shard, function);
            let ticks = 100 + function * 7 % 90;
            writer.calls(slot, &[ticks, ticks + 3, ticks + thread % 8, ticks]);
        }
        for &function in &functions {
            writer.edge(shard, function / 2, function, [4, 4 * (100 + function * 7 % 90), 0]);
        }
    }
    writer
}

/// One of many processes: 200 functions with distributions of 80 buckets.
fn process(number: u64) -> Writer {
    let mut writer = Writer { tables: (64, 512), ..Writer::new() };
    // Two snapshots of one process would be one.
    writer.words[header::PID] = 4242 + number;
    let functions: Vec<u64> = (0..200).map(|n| writer.function(&format!("worker::job_{}::step_{n}", n % 10))).collect();
    let shard = writer.shard(100, "worker");
    for &function in &functions {
        let slot = writer.slot(shard, function);
        let ticks: Vec<u64> = (0..80).map(|call| 300 + number + function * 10 + call * (20 + call)).collect();
        writer.calls(slot, &ticks);
        writer.edge(shard, function / 2, function, [80, ticks.iter().sum(), 0]);
    }
    writer
}

/// Runs the command a few times and says how it went.
fn measure(name: &str, arguments: &[&str]) {
    let run = |_| {
        let mut run = Command::new(std::env::current_exe().unwrap());
        let output = run.arg(ONE_RUN).args(arguments).stderr(Stdio::inherit()).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let (seconds, kilobytes) = text.trim().split_once(' ').unwrap();
        (seconds.parse().unwrap(), kilobytes.parse().unwrap())
    };
    let mut runs: Vec<(f64, u64)> = (0..RUNS).map(run).collect();
    runs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let peak = runs.iter().map(|run| run.1).max().unwrap() / 1_000;
    println!("  {name:<20} median {:.3} s, fastest {:.3} s, peak {peak} MB", runs[RUNS / 2].0, runs[0].0);
}

/// Runs the command, and writes how many seconds it took and the peak of its memory in kB (0 where the system does not tell).
fn one_run(arguments: &[String]) {
    let start = Instant::now();
    let mut streams = Streams {
        input: &mut std::io::empty(),
        output: &mut std::io::sink(),
        errors: &mut std::io::stderr(),
        style: Style::plain().with_width(160),
    };
    let all = ["perfrec"].into_iter().chain(arguments.iter().map(String::as_str));
    assert_eq!(run(all, &mut streams), Outcome::Complete);
    let seconds = start.elapsed().as_secs_f64();
    println!("{seconds} {}", peak("/proc/self/status").unwrap_or(0));
}
