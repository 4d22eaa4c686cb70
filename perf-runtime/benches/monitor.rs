//! The costs of monitoring: a sample, by the monitor's own account; the processor time of a process that is monitored once a
//! second (as much as fits, at a shorter interval and scaled); and what the counting allocator adds to an allocation and its
//! deallocation, side by side with the allocator it wraps.
#![allow(unsafe_code, reason = "an allocator is called as such")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::time::{Duration, Instant};

use perf_runtime::Report;
use perf_runtime::allocations::CountingAllocator;
use perf_runtime::monitor::Monitor;

const COUNTING: CountingAllocator<System> = CountingAllocator::new(System);

fn main() {
    sampling();
    allocating();
}

fn sampling() {
    const INTERVAL: Duration = Duration::from_millis(10);
    // One figure of a sleeping process with two, one with fifty more threads.
    for threads in [0, 50] {
        let (stop, stopped) = std::sync::mpsc::channel::<()>();
        let stopped = std::sync::Arc::new(std::sync::Mutex::new(stopped));
        for _ in 0..threads {
            let stopped = std::sync::Arc::clone(&stopped);
            std::thread::spawn(move || {
                if let Ok(stopped) = stopped.lock() {
                    let _ = stopped.recv();
                }
            });
        }
        let session =
            perf_runtime::session().report(Report::custom(|_| String::new())).monitor(Monitor::every(INTERVAL)).start();
        std::thread::sleep(10 * INTERVAL);
        let (samples, ns) = monitored(&session);
        let before = processor_ticks();
        std::thread::sleep(Duration::from_secs(10));
        let used = processor_ticks() - before;
        let (more_samples, more_ns) = monitored(&session);
        let samples = more_samples - samples;
        let each = (more_ns - ns) as f64 / samples as f64 / 1e3;
        // A tick of the system's account is 10 ms.
        let cpu = used as f64 * 10_000.0 / samples as f64;
        println!(
            "{threads:>2} more threads: {each:.1} µs per sample by the clock, {cpu:.1} µs of a processor ({:.4} % of a core at 1 s)",
            cpu / 1e4
        );
        drop(session);
        drop(stop);
    }
}

fn monitored(session: &perf_runtime::Session) -> (u64, u64) {
    let monitor = session.snapshot().and_then(|snapshot| snapshot.monitor).expect("it is monitored");
    (monitor.samples, monitor.sampling_ns)
}

/// User and system time of this process in ticks of 10 ms.
fn processor_ticks() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    let fields = stat.rsplit_once(')').expect("a name in parentheses").1.split_ascii_whitespace();
    fields.skip(11).take(2).map(|ticks| ticks.parse::<u64>().expect("a number")).sum()
}

fn allocating() {
    for bytes in [16, 64, 1024] {
        let layout = Layout::from_size_align(bytes, 8).expect("it is small");
        let mut differences = Vec::new();
        let mut plain = Vec::new();
        for round in 0..201 {
            // In turns, and the first in turns, so that neither has the better place.
            let (a, b) = if round % 2 == 0 {
                let a = measure(&System, layout);
                (a, measure(&COUNTING, layout))
            } else {
                let b = measure(&COUNTING, layout);
                (measure(&System, layout), b)
            };
            plain.push(a);
            differences.push(b - a);
        }
        println!(
            "{bytes:>5} bytes: {:.1} ns to allocate and free, {:+.1} ns with counting",
            median(&mut plain),
            median(&mut differences)
        );
    }
}

/// Nanoseconds to allocate and free once.
fn measure(allocator: &impl GlobalAlloc, layout: Layout) -> f64 {
    const TIMES: u32 = 20_000;
    let begin = Instant::now();
    for _ in 0..TIMES {
        // SAFETY: the layout is not of size 0, and what is freed was just allocated with it.
        unsafe {
            let memory = black_box(allocator.alloc(black_box(layout)));
            allocator.dealloc(memory, layout);
        }
    }
    begin.elapsed().as_nanos() as f64 / f64::from(TIMES)
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
