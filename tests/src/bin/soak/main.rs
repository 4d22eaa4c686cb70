//! A program that does everything at once for as long as it is told (`soak SECONDS`): memory must not grow, and counts be exact at the end.
//!
//! `.ci/soak` runs it. The environment must ask for a recording and a monitor, as that script does: sessions come and go while the
//! process records as a whole.

mod loads;
mod usage;

use std::alloc::System;
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use perf_report::recording::Recording;
use perf_runtime::allocations::CountingAllocator;

use usage::Usage;

#[global_allocator]
static ALLOCATOR: CountingAllocator<System> = CountingAllocator::new(System);

static ENDS: AtomicBool = AtomicBool::new(false);

fn ends() -> bool {
    ENDS.load(Ordering::Relaxed)
}

fn main() -> ExitCode {
    let seconds: u64 = std::env::args().nth(1).and_then(|text| text.parse().ok()).expect("soak SECONDS");
    let length = Duration::from_secs(seconds);
    let recording = std::env::var_os("PERF_RECORDING").expect("PERF_RECORDING");
    // Panics are a part of the load.
    std::panic::set_hook(Box::new(|_| {}));

    let began = Instant::now();
    let loads: Vec<_> = loads::ALL.iter().map(|load| thread::spawn(*load)).collect();
    let usages = [("start", length / 6), ("middle", length / 2), ("end", length)].map(|(name, at)| {
        let usage = Usage::least_until(began + at);
        println!("{name:>6}, after {:>4} s: {usage}", began.elapsed().as_secs());
        usage
    });
    ENDS.store(true, Ordering::Relaxed);
    let mut whole = true;
    for load in loads {
        whole &= load.join().is_ok();
    }

    let mut wrong = usage::growth(&usages);
    if !whole {
        wrong.push(String::from("a load panicked"));
    }
    wrong.extend(loads::wrong_counts("snapshot", &perf_runtime::snapshot().expect("it records")));
    match Recording::open(Path::new(&recording)).and_then(|mut file| file.read()) {
        Ok(read) if read.damages.is_empty() => wrong.extend(loads::wrong_counts("recording", &read.snapshot)),
        Ok(read) => wrong.push(format!("the recording is damaged: {:?}", read.damages)),
        Err(error) => wrong.push(format!("the recording: {error}")),
    }
    println!("{}", loads::summary());
    for line in &wrong {
        println!("wrong: {line}");
    }
    if wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
