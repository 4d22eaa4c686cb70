//! One timing for a whole program, whatever its attributes say.

use perf_report::{Snapshot, Timing};
use perf_runtime::profile;
use perf_tests::figures::{calls, function, lost};
use perf_tests::program;

const CALLS: u64 = 20_000;

#[profile]
fn caller() -> u64 {
    (0..CALLS).map(tiny).sum()
}

#[profile]
fn tiny(x: u64) -> u64 {
    if x.is_multiple_of(2) { even(x) } else { x }
}

#[profile(timing = adaptive)]
fn even(x: u64) -> u64 {
    std::hint::black_box(x)
}

#[profile]
fn fails(x: u64) {
    assert!(!x.is_multiple_of(3), "as it is told");
}

#[profile]
async fn waits() -> u64 {
    tiny(1)
}

fn of(snapshot: &Snapshot, name: &str) -> (u64, Timing) {
    (calls(snapshot, name), function(snapshot, name).timing)
}

#[test]
fn a_session_times_all_functions_adaptively() {
    perf_tests::environment::is_cleared();
    let session = perf_runtime::session().timing(Timing::Adaptive).start();
    caller();
    std::panic::set_hook(Box::new(|_| {}));
    for call in 0..3000 {
        let _ = std::panic::catch_unwind(|| fails(call));
    }
    let threads: Vec<_> = (0..4).map(|_| std::thread::spawn(caller)).collect();
    for thread in threads {
        thread.join().unwrap();
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for _ in 0..10 {
        runtime.block_on(waits());
    }
    let snapshot = session.snapshot().expect("a session is open");
    assert_eq!(of(&snapshot, "caller"), (5, Timing::Adaptive));
    assert_eq!(of(&snapshot, "tiny"), (5 * CALLS + 10, Timing::Adaptive));
    assert_eq!(of(&snapshot, "even"), (5 * CALLS / 2, Timing::Adaptive));
    assert_eq!(of(&snapshot, "fails"), (3000, Timing::Adaptive));
    assert_eq!(of(&snapshot, "waits"), (10, Timing::Exact), "futures always are");
    let tiny = function(&snapshot, "tiny");
    assert!(tiny.timed_calls < tiny.calls / 4, "{} of {} calls were timed", tiny.timed_calls, tiny.calls);
    for (callee, of) in [("tiny", "caller"), ("even", "tiny")] {
        let callers = &function(&snapshot, callee).callers;
        let names: Vec<_> = callers.iter().map(|call| snapshot.functions[call.caller.unwrap()].name.as_str()).collect();
        assert!(names.contains(&format!("program_timing::{of}").as_str()), "{callee} is called by {names:?}");
    }
    assert_eq!((snapshot.in_flight.len(), lost(&snapshot)), (0, 0));
    let elapsed = snapshot.process.recorded_ns * 5;
    assert!(snapshot.functions.iter().map(|function| function.self_ns).sum::<u64>() <= elapsed);
}

#[test]
fn the_environment_does_too() {
    let timed = |timing: &str| program!("calls", "nested").reporting().env("PERF_TIMING", timing).run();
    let report = timed("adaptive").exited(0).silent().report();
    assert_eq!((of(&report, "outer"), of(&report, "work")), ((100, Timing::Adaptive), (100, Timing::Adaptive)));
    let report = timed("exact").exited(0).silent().report();
    assert_eq!((of(&report, "outer"), of(&report, "work")), ((100, Timing::Exact), (100, Timing::Exact)));
    let ended = timed("sometimes");
    ended.exited(0).said_one_line(&["PERF_TIMING: \"sometimes\"", "exact or adaptive"]);
}

#[test]
fn functions_that_are_timed_adaptively_can_be_timed_exactly() {
    let run = |timing: &str| program!("notes", "sampled").reporting().env("PERF_TIMING", timing).run();
    let [own, exact] = ["", "exact"].map(|timing| run(timing).exited(0).report());
    let sampled = |report: &Snapshot| report.functions.iter().filter(|function| function.is_sampled()).count();
    assert!(sampled(&own) > 0);
    assert_eq!(sampled(&exact), 0);
    for (one, other) in own.functions.iter().zip(&exact.functions) {
        assert_eq!((&one.name, one.calls), (&other.name, other.calls));
        assert_eq!(other.latency.count(), other.calls, "{}", other.name);
    }
}
