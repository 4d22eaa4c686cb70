//! Memory does not grow with the number of calls.

use perf_runtime::{profile, snapshot};

#[profile]
fn callee(value: u64) -> u64 {
    value ^ value >> 7
}

#[profile]
fn caller(value: u64) -> u64 {
    callee(value).wrapping_add(callee(value + 1))
}

#[profile(timing = adaptive)]
fn sampled(value: u64) -> u64 {
    value.rotate_left(9)
}

fn call_times(count: u64) {
    for value in 0..count {
        std::hint::black_box(caller(value) ^ sampled(value));
    }
}

/// Bytes in use of the recording.
fn used_bytes() -> u64 {
    snapshot().expect("recording is on").losses.used_bytes
}

#[test]
fn a_recording_is_as_large_after_10_million_calls_as_after_1_million() {
    perf_tests::environment::is_cleared();
    perf_runtime::enable();
    call_times(250_000);
    let after_1_million = used_bytes();
    call_times(2_250_000);
    let after_10_million = used_bytes();
    let snapshot = snapshot().expect("recording is on");
    let calls: u64 = snapshot.functions.iter().map(|function| function.calls).sum();
    assert_eq!(calls, 10_000_000);
    // Pages of buckets come with durations not seen before: a preempted call makes one, 1 KiB each, at most 38 per function.
    let pages = 3 * 38 * 1024 + 64 * 1024;
    assert!(
        after_10_million <= after_1_million + pages,
        "{after_10_million} bytes after 10 million calls, {after_1_million} after 1 million"
    );
}
