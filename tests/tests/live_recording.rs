//! A recording file read while it is written: sound at any moment, and no figure of calls ever goes back.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use perf_report::State;
use perf_report::recording::{Recording, layout::header};
use perf_runtime::{Report, profile, profile_block, session};

/// Calls that began, by the functions' own count.
static BEGUN: AtomicU64 = AtomicU64::new(0);

/// The longest call of `leaf` as its callers see it, in ns.
static LONGEST_LEAF: AtomicU64 = AtomicU64::new(0);

#[profile]
fn leaf(value: u64) -> u64 {
    BEGUN.fetch_add(1, Ordering::SeqCst);
    (0..value % 500).fold(value, |sum, number| sum.rotate_left(5) ^ number)
}

/// Calls `leaf`, and takes the time of that with all that is recorded of it.
fn timed_leaf(value: u64) -> u64 {
    let start = Instant::now();
    let result = leaf(value);
    LONGEST_LEAF.fetch_max(start.elapsed().as_nanos() as u64, Ordering::SeqCst);
    result
}

#[profile(timing = adaptive)]
fn adaptive(value: u64) -> u64 {
    BEGUN.fetch_add(1, Ordering::SeqCst);
    if value.is_multiple_of(3) { timed_leaf(value) } else { value }
}

/// Threads that come and go, each with new slots and pages.
fn generation(number: u64) {
    thread::scope(|scope| {
        for thread in 0..4 {
            scope.spawn(move || {
                for round in 0..3_000 {
                    timed_leaf(number + round * thread);
                    adaptive(round);
                }
                profile_block!("last", { timed_leaf(7) });
            });
        }
    });
}

#[test]
fn readings_meanwhile_are_sound_and_never_go_back() {
    perf_tests::environment::is_cleared();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.perfrec");
    let session = session().recording(&path).signals(false).report(Report::custom(|_| String::new())).start();
    let done = AtomicBool::new(false);
    let longest_in_flight = thread::scope(|scope| {
        let observer = scope.spawn(|| {
            let mut recording = Recording::open(&path).unwrap();
            let (mut last, mut looks, mut longest) = (vec![0; 2], 0, 0);
            while !done.load(Ordering::SeqCst) || looks < 3 {
                let reading = recording.read().unwrap();
                assert_eq!(reading.damages, []);
                assert_eq!(reading.snapshot.process.state, State::Running);
                let begun = BEGUN.load(Ordering::SeqCst);
                let calls = calls(&reading.snapshot);
                assert!(calls.iter().sum::<u64>() <= begun, "{calls:?} of {begun} that began");
                assert!(calls.iter().zip(&last).all(|(now, before)| now >= before), "{calls:?} after {last:?}");
                (last, looks) = (calls, looks + 1);
                let leaf_in_flight = reading
                    .snapshot
                    .in_flight
                    .iter()
                    .filter(|call| reading.snapshot.functions[call.function].name.ends_with("::leaf"));
                longest = leaf_in_flight.map(|call| call.elapsed_ns).fold(longest, u64::max);
            }
            longest
        });
        (0..12).for_each(generation);
        done.store(true, Ordering::SeqCst);
        observer.join().unwrap()
    });
    let mut recording = Recording::open(&path).unwrap();
    let last = recording.read().unwrap().snapshot;
    assert_eq!(calls(&last).iter().sum::<u64>() + last.losses.lost_calls, BEGUN.load(Ordering::SeqCst));
    // No longer than the longest one took as its caller saw it: it may wait for a processor after its end was taken. The two clocks are
    // known to each other to a few microseconds, because the recorder has noted them meanwhile.
    let most = LONGEST_LEAF.load(Ordering::SeqCst) + 5_000;
    assert!(longest_in_flight <= most, "{longest_in_flight} ns in flight, {most} ns at most");
    let word = |word: usize| {
        let bytes = std::fs::read(&path).unwrap();
        u64::from_ne_bytes(bytes[word * 8..word * 8 + 8].try_into().unwrap())
    };
    assert!(word(header::LAST_MONOTONIC_NS) > word(header::START_MONOTONIC_NS));
    drop(session);
    let closed = recording.read().unwrap().snapshot;
    assert_eq!((calls(&closed), closed.process.state), (calls(&last), State::Closed));
}

fn calls(snapshot: &perf_report::Snapshot) -> Vec<u64> {
    let calls = |name: &str| {
        let name = format!("{}::{name}", module_path!());
        snapshot.functions.iter().filter(|function| function.name == name).map(|function| function.calls).sum()
    };
    vec![calls("leaf"), calls("adaptive")]
}
