//! A program to be watched: it does a little of everything, evenly, until standard input says `end` or is closed.
//!
//! It can also measure itself: with the argument `measure` it prints, for every line that it reads, what an annotated call has
//! cost since the line before.

use std::hint::black_box;
use std::io::{BufRead, Write, stdin, stdout};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use perf_runtime::monitor::Monitor;
use perf_runtime::resource::ResourceError;
use perf_runtime::{lazy_resource, profile};

static ENDS: AtomicBool = AtomicBool::new(false);

fn main() {
    if std::env::args().nth(1).as_deref() == Some("measure") {
        return measure();
    }
    let alert = "threads > 1".parse().expect("it is right");
    let session = perf_runtime::session().monitor(Monitor::every(Duration::from_millis(100)).alert(alert)).start();
    let workers = ["worker-1", "worker-2"].map(|name| {
        let worker = thread::Builder::new().name(name.into()).spawn(serve);
        worker.expect("there is room for a thread")
    });
    let waiter =
        thread::Builder::new().name("waiter".into()).spawn(wait_for_the_end).expect("so there is for one more");
    println!("ready");
    for line in stdin().lock().lines().map_while(Result::ok) {
        if line == "end" {
            break;
        }
    }
    ENDS.store(true, Ordering::Relaxed);
    workers.into_iter().chain([waiter]).for_each(|thread| thread.join().expect("no thread panics"));
    drop(session);
}

#[lazy_resource(weight = |words| words.len() * 8)]
static WORDS: Vec<u64> = (0..100_000).collect();

#[lazy_resource(evict(idle = "1h"), weight = |bytes| bytes.len())]
static CACHE: Result<Vec<u8>, ResourceError> = Ok(vec![1; 1 << 20]);

/// A call that is in flight for as long as the program runs.
#[profile]
fn wait_for_the_end() {
    while !ENDS.load(Ordering::Relaxed) {
        thread::sleep(Duration::from_millis(5));
    }
}

fn serve() {
    for number in 0.. {
        if ENDS.load(Ordering::Relaxed) {
            return;
        }
        request(number);
        thread::sleep(Duration::from_millis(2));
    }
}

#[profile(budget(p99 = "100us"))]
fn request(number: u64) -> u64 {
    let cached = CACHE.try_lease().map_or(0, |cache| cache.len() as u64);
    let sum: u64 = (0..50).map(parse).sum();
    // One in twenty is slow.
    if number.is_multiple_of(20) { store(sum) } else { sum + cached }
}

#[profile]
fn parse(number: u64) -> u64 {
    black_box(WORDS.get()[number as usize * 7 % WORDS.get().len()])
}

#[profile]
fn store(sum: u64) -> u64 {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_micros(400) {
        black_box(sum);
    }
    sum
}

/// The annotated call that is measured.
#[profile]
#[inline(never)]
fn measured(number: u64) -> u64 {
    black_box(number + 1)
}

fn measure() {
    /// Calls of a batch: short beside a time slice of the system.
    const BATCH: u64 = 5_000;
    let _session = perf_runtime::session().start();
    let (lines, asked) = std::sync::mpsc::channel();
    thread::spawn(move || stdin().lock().lines().map_while(Result::ok).try_for_each(|_| lines.send(())));
    let mut batches = Vec::new();
    let mut used = processor_ns();
    loop {
        let begun = Instant::now();
        (0..BATCH).for_each(|number| {
            black_box(measured(number));
        });
        batches.push(begun.elapsed().as_nanos() as f64 / BATCH as f64);
        match asked.try_recv() {
            Ok(()) => {
                let mean = (processor_ns() - used) as f64 / (batches.len() as f64 * BATCH as f64);
                batches.sort_by(f64::total_cmp);
                println!("{:.3} {mean:.3}", batches[batches.len() / 2]);
                stdout().flush().expect("somebody reads it");
                batches.clear();
                used = processor_ns();
            }
            Err(std::sync::mpsc::TryRecvError::Empty) => {}
            Err(std::sync::mpsc::TryRecvError::Disconnected) => return,
        }
    }
}

/// Time that the main thread has had of a processor: without that in which others had it.
fn processor_ns() -> u64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").expect("Linux tells it");
    text.split_whitespace().next().expect("three fields").parse().expect("a number")
}
