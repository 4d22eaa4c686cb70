//! Costs of locks and channels that report, beside those of the originals: `cargo bench -p perf-runtime --features
//! sync-parking-lot,sync-tokio,channel-crossbeam --bench waits`.
//!
//! Each figure is the best of several rounds, in ns per acquisition and release, or per message. Rounds of both alternate, so that a
//! disturbance of the machine hits both.

use std::hint::black_box;
use std::sync::Barrier;
use std::thread;
use std::time::Instant;

use perf_runtime::channels::{crossbeam, std::mpsc};
use perf_runtime::locks::{parking_lot, std as std_locks, tokio as tokio_locks};

const TIMES: u32 = 1_000_000;
const ROUNDS: usize = 15;

/// ns per call of `work` in so many threads, each with its own `state` or all with one.
fn per_call<S: Sync>(threads: usize, states: &[S], work: impl Fn(&S) + Sync) -> f64 {
    let start = Barrier::new(threads + 1);
    thread::scope(|scope| {
        let running: Vec<_> = (0..threads)
            .map(|number| {
                let (start, work, state) = (&start, &work, &states[number % states.len()]);
                scope.spawn(move || {
                    // The first call finds the row.
                    work(state);
                    start.wait();
                    let began = Instant::now();
                    (0..TIMES).for_each(|_| work(black_box(state)));
                    began.elapsed().as_nanos() as f64 / f64::from(TIMES)
                })
            })
            .collect();
        start.wait();
        let times = running.into_iter().map(|thread| thread.join().expect("no thread panics"));
        times.fold(0.0, f64::max)
    })
}

/// The best of all rounds of the original and of ours.
fn both(name: &str, mut original: impl FnMut() -> f64, mut ours: impl FnMut() -> f64) {
    let mut best = [f64::MAX; 2];
    for _ in 0..ROUNDS {
        best = [best[0].min(original()), best[1].min(ours())];
    }
    let [original, ours] = best;
    println!("{name:44} {original:8.2} {ours:8.2} {:+8.2} {:8.3}", ours - original, ours / original);
}

fn locks(mode: &str) {
    for (threads, shared) in [(1, false), (2, false), (2, true)] {
        let place = if shared { "one lock" } else { "own lock" };
        let name = |library: &str| format!("{library}, {threads} threads, {place}, {mode}");
        let count = if shared { 1 } else { threads };
        let theirs: Vec<_> = (0..count).map(|_| Padded(std::sync::Mutex::new(0_u64))).collect();
        let ours: Vec<_> = (0..count).map(|_| Padded(std_locks::Mutex::new(0_u64))).collect();
        both(
            &name("std::Mutex"),
            || per_call(threads, &theirs, |lock| *lock.0.lock().expect("not poisoned") += 1),
            || per_call(threads, &ours, |lock| *lock.0.lock().expect("not poisoned") += 1),
        );
        let theirs: Vec<_> = (0..count).map(|_| Padded(::parking_lot::Mutex::new(0_u64))).collect();
        let ours: Vec<_> = (0..count).map(|_| Padded(parking_lot::Mutex::new(0_u64))).collect();
        both(
            &name("parking_lot::Mutex"),
            || per_call(threads, &theirs, |lock| *lock.0.lock() += 1),
            || per_call(threads, &ours, |lock| *lock.0.lock() += 1),
        );
        let theirs: Vec<_> = (0..count).map(|_| Padded(std::sync::RwLock::new(0_u64))).collect();
        let ours: Vec<_> = (0..count).map(|_| Padded(std_locks::RwLock::new(0_u64))).collect();
        both(
            &name("std::RwLock, read"),
            || per_call(threads, &theirs, |lock| drop(black_box(lock.0.read().expect("not poisoned")))),
            || per_call(threads, &ours, |lock| drop(black_box(lock.0.read().expect("not poisoned")))),
        );
    }
    let (theirs, ours) = ([::tokio::sync::Mutex::new(0_u64)], [tokio_locks::Mutex::new(0_u64)]);
    both(
        &format!("tokio::Mutex, try_lock, {mode}"),
        || per_call(1, &theirs, |lock| *lock.try_lock().expect("free") += 1),
        || per_call(1, &ours, |lock| *lock.try_lock().expect("free") += 1),
    );
}

fn channels(mode: &str) {
    both(
        &format!("std::mpsc, send and receive, {mode}"),
        || {
            through_one_thread(std::sync::mpsc::channel(), |ends| {
                let _ = black_box((ends.0.send(1), ends.1.recv()));
            })
        },
        || {
            through_one_thread(mpsc::channel(), |ends| {
                let _ = black_box((ends.0.send(1), ends.1.recv()));
            })
        },
    );
    both(
        &format!("crossbeam bounded, send and receive, {mode}"),
        || {
            through_one_thread(crossbeam_channel::bounded(16), |ends| {
                let _ = black_box((ends.0.send(1), ends.1.recv()));
            })
        },
        || {
            through_one_thread(crossbeam::bounded(16), |ends| {
                let _ = black_box((ends.0.send(1), ends.1.recv()));
            })
        },
    );
}

/// ns per message that one thread sends to itself.
fn through_one_thread<E>(ends: E, work: impl Fn(&E)) -> f64 {
    work(&ends);
    let began = Instant::now();
    (0..TIMES).for_each(|_| work(black_box(&ends)));
    began.elapsed().as_nanos() as f64 / f64::from(TIMES)
}

/// Keeps locks of several threads in lines of the cache of their own.
#[repr(align(128))]
struct Padded<T>(T);

fn main() {
    println!("{:44} {:>8} {:>8} {:>8} {:>8}", "ns each", "original", "ours", "more", "times");
    perf_runtime::disable();
    locks("off");
    channels("off");
    perf_runtime::enable();
    locks("recording");
    channels("recording");
}
