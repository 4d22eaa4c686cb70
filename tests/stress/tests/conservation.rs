//! Nothing is lost: whatever the threads do and whoever looks meanwhile, recorded plus lost calls are the calls made.
//!
//! The recording is one per process, so the tests take turns and compare what they find with what was there before.

use std::panic::catch_unwind;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Barrier, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;

use perf_runtime::report::Snapshot;
use perf_runtime::{profile, profile_block, snapshot};

/// Turns recording on and waits for the other tests.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    perf_tests::environment::is_cleared();
    perf_runtime::enable();
    turn
}

/// Calls of a function of this file, up to now.
fn calls(snapshot: &Snapshot, name: &str) -> u64 {
    let name = format!("{}::{name}", module_path!());
    let mut found = snapshot.functions.iter().filter(|function| function.name == name);
    let function = found.next().unwrap_or_else(|| panic!("{name} is not registered"));
    assert!(found.next().is_none(), "{name} is there twice");
    function.calls
}

/// Calls that a snapshot knows to be missing in its functions.
fn missing(snapshot: &Snapshot) -> u64 {
    snapshot.losses.lost_calls + snapshot.losses.overflow_calls
}

/// Numbers without order, the same at every run.
fn scramble(number: u64) -> u64 {
    (number ^ number >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 32
}

/// Calls that began, by the functions' own count.
static BEGUN: AtomicU64 = AtomicU64::new(0);

#[profile]
fn leaf(value: u64) -> u64 {
    BEGUN.fetch_add(1, Ordering::SeqCst);
    value.rotate_left(5)
}

#[profile]
fn caller(value: u64) -> u64 {
    BEGUN.fetch_add(1, Ordering::SeqCst);
    leaf(value) ^ leaf(value + 1)
}

#[profile]
fn recursive(depth: u64) -> u64 {
    BEGUN.fetch_add(1, Ordering::SeqCst);
    if depth == 0 { leaf(depth) } else { recursive(depth - 1) + 1 }
}

#[profile(timing = adaptive)]
fn adaptive(depth: u64) -> u64 {
    BEGUN.fetch_add(1, Ordering::SeqCst);
    if depth == 0 { 0 } else { adaptive(depth - 1) + adaptive(depth - 1) }
}

#[profile]
fn panics() {
    BEGUN.fetch_add(1, Ordering::SeqCst);
    // Not `panic!`, whose message would fill the test's output.
    std::panic::resume_unwind(Box::new("on purpose"));
}

const FUNCTIONS: [&str; 5] = ["leaf", "caller", "recursive", "adaptive", "panics"];

fn all_calls(snapshot: &Snapshot) -> u64 {
    FUNCTIONS.iter().map(|name| calls(snapshot, name)).sum()
}

#[test]
fn calls_of_many_threads_are_all_there_while_snapshots_are_taken() {
    const THREADS: u64 = 8;
    const ROUNDS: u64 = 4000;
    let _turn = turn();
    let first = snapshot().expect("recording is on");
    let (begun_before, recorded_before) = (BEGUN.load(Ordering::SeqCst), all_calls(&first));

    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let observer = scope.spawn(|| {
            let (mut last, mut looks) = (recorded_before, 0);
            while !done.load(Ordering::SeqCst) || looks < 3 {
                let ended = all_calls(&snapshot().expect("recording is on"));
                let begun = recorded_before + BEGUN.load(Ordering::SeqCst) - begun_before;
                assert!(last <= ended, "{ended} calls after {last}");
                assert!(ended <= begun, "{ended} calls had ended, but {begun} begun");
                last = ended;
                looks += 1;
            }
        });
        let workers: Vec<_> = (0..THREADS)
            .map(|thread| {
                scope.spawn(move || {
                    for round in 0..ROUNDS {
                        match scramble(thread << 32 | round) % 100 {
                            0 => drop(recursive(scramble(round) % 1500)),
                            1 => drop(catch_unwind(panics)),
                            2..5 => drop(adaptive(6)),
                            5..50 => drop(caller(round)),
                            _ => drop(leaf(round)),
                        }
                    }
                })
            })
            .collect();
        workers.into_iter().for_each(|worker| worker.join().unwrap());
        done.store(true, Ordering::SeqCst);
        observer.join().unwrap();
    });

    let last = snapshot().expect("recording is on");
    let begun = BEGUN.load(Ordering::SeqCst) - begun_before;
    assert_eq!(all_calls(&last) - recorded_before + missing(&last) - missing(&first), begun);
    assert_eq!(missing(&last), missing(&first), "nothing here is lost");
    for function in last.functions.iter().filter(|function| function.name.starts_with(module_path!())) {
        let attributed: u64 = function.callers.iter().map(|caller| caller.calls).sum();
        if function.timed_calls == function.calls {
            assert_eq!(attributed, function.calls, "callers of {}", function.name);
        }
        if function.name.ends_with("::panics") {
            assert_eq!(function.unwound, function.calls);
        }
    }
}

#[profile]
fn short_life() {}

/// Runs threads of one call each, as many at a time as given.
fn short_threads(count: usize, at_a_time: usize) {
    for _ in 0..count / at_a_time {
        let together = Barrier::new(at_a_time);
        thread::scope(|scope| {
            let live = || {
                short_life();
                // Until all are there, so that none takes another's shard over.
                together.wait();
            };
            let threads: Vec<_> = (0..at_a_time).map(|_| scope.spawn(live)).collect();
            // One by one: the scope alone does not wait until a thread has given its shard back.
            threads.into_iter().for_each(|thread| thread.join().unwrap());
        });
    }
}

#[test]
fn calls_of_10_000_short_threads_are_all_there_in_the_memory_of_20() {
    const AT_A_TIME: usize = 10;
    let _turn = turn();
    let before = snapshot().expect("recording is on");
    short_threads(20, AT_A_TIME);
    let of_20 = snapshot().expect("recording is on");
    short_threads(10_000, AT_A_TIME);
    let of_10_000 = snapshot().expect("recording is on");
    assert_eq!(calls(&of_20, "short_life") - calls(&before, "short_life"), 20);
    assert_eq!(calls(&of_10_000, "short_life") - calls(&of_20, "short_life"), 10_000);
    assert_eq!(missing(&of_10_000), missing(&before));
    assert_eq!(of_10_000.process.threads - of_20.process.threads, 10_000);
    let (few, many) = (of_20.losses.used_bytes, of_10_000.losses.used_bytes);
    // The shards are there; each may need a page of buckets for every magnitude that a duration has when a call is interrupted.
    let pages = AT_A_TIME as u64 * 64 * 1024;
    assert!(many <= few + pages, "{many} bytes after 10,000 threads, {few} after 20");
}

#[profile]
fn waits_in(stop: &mpsc::Receiver<()>) {
    // The sender's end ends the waiting.
    let _ = stop.recv();
}

#[test]
fn calls_of_threads_that_are_alive_are_there() {
    const THREADS: usize = 5;
    let _turn = turn();
    let ready = Barrier::new(THREADS + 1);
    thread::scope(|scope| {
        let mut waiting = Vec::new();
        for _ in 0..THREADS {
            let (stop, stopped) = mpsc::channel();
            waiting.push(stop);
            let ready = &ready;
            scope.spawn(move || {
                let kept = profile_block!("kept by a living thread", { stopped });
                ready.wait();
                waits_in(&kept);
            });
        }
        ready.wait();
        // They are on their way into the call.
        let in_flight = loop {
            let snapshot = snapshot().expect("recording is on");
            let waits = |index: usize| snapshot.functions[index].name.ends_with("::waits_in");
            let in_flight = snapshot.in_flight.iter().filter(|call| waits(call.function)).count();
            if in_flight == THREADS {
                break snapshot;
            }
            thread::yield_now();
        };
        assert_eq!(calls(&in_flight, "waits_in"), 0);
        let block = in_flight.functions.iter().find(|function| function.name == "kept by a living thread");
        assert_eq!(block.map(|block| block.calls), Some(THREADS as u64), "figures of threads that are alive are there");
        drop(waiting);
    });
    assert_eq!(calls(&snapshot().expect("recording is on"), "waits_in"), THREADS as u64);
}
