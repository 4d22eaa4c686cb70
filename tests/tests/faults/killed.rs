//! Abort and SIGKILL: the recording file is complete up to the last call, and no report is torn.

use perf_report::State;

use perf_tests::child::{Ended, Running};
use perf_tests::figures::{calls, function};
use perf_tests::program;
use perf_tests::wait::until;

/// Has the child make 1,000 calls, each of which it confirms.
fn make_calls(running: &mut Running) {
    for number in 1..=1000 {
        running.say("work");
        assert_eq!(running.line(), number.to_string());
    }
}

#[track_caller]
fn complete(ended: &Ended) {
    let recording = ended.recording();
    assert_eq!(calls(&recording, "work"), 1000);
    assert_eq!(recording.process.state, State::Killed);
    let in_flight: Vec<_> = recording.in_flight.iter().map(|call| call.function).collect();
    assert_eq!(in_flight.len(), 1);
    assert_eq!(recording.functions[in_flight[0]].name, function(&recording, "outer").name);
    assert_eq!(ended.files(), ["app.perfrec"]);
}

#[test]
fn a_killed_process_leaves_every_call() {
    let mut running = program!("lockstep").recording().reporting().start();
    make_calls(&mut running);
    running.kill(libc::SIGKILL);
    let ended = running.end();
    complete(ended.killed_by(libc::SIGKILL));
}

#[test]
fn an_aborted_process_leaves_every_call() {
    let mut running = program!("lockstep").recording().reporting().start();
    make_calls(&mut running);
    running.say("abort");
    let ended = running.end();
    complete(ended.killed_by(libc::SIGABRT));
}

#[test]
fn a_stack_overflow_leaves_every_call() {
    let mut running = program!("lockstep").recording().start();
    make_calls(&mut running);
    running.say("overflow the stack");
    let ended = running.end();
    complete(ended.killed_by(libc::SIGABRT));
}

#[test]
fn a_process_killed_in_the_middle_of_calls_leaves_a_sound_recording() {
    for _ in 0..10 {
        let running = program!("lockstep", "busy").recording().reporting().start();
        running.wait_for("ready");
        let path = running.folder().join("app.perfrec");
        // Read while it runs, too.
        until("it makes calls", || calls_so_far(&path) >= 1000);
        running.kill(libc::SIGKILL);
        let ended = running.end();
        let recording = ended.killed_by(libc::SIGKILL).recording();
        assert!(function(&recording, "work").calls >= 1000);
        assert_eq!(recording.process.state, State::Killed);
        assert_eq!(ended.files(), ["app.perfrec"]);
    }
}

#[test]
fn a_killed_process_leaves_the_stacks_that_were_sampled() {
    let running = program!("lockstep", "busy").recording().env("PERF_STACKS", "1000/s").start();
    running.wait_for("ready");
    let path = running.folder().join("app.perfrec");
    let samples = || {
        let reading = perf_report::recording::Recording::open(&path).unwrap().read().unwrap();
        reading.snapshot.stacks.map_or(0, |stacks| stacks.samples)
    };
    until("stacks are sampled", || samples() >= 100);
    running.kill(libc::SIGKILL);
    let recording = running.end().killed_by(libc::SIGKILL).recording();
    let stacks = recording.stacks.as_ref().unwrap();
    assert!(stacks.samples >= 100);
    // The thread that waits for lines is in `outer` alone.
    let name = |node: usize| stacks.chain(node).map(|at| recording.functions[at].name.as_str()).collect::<Vec<_>>();
    let of_outer: u64 = (0..stacks.nodes.len())
        .filter(|&node| name(node) == ["lockstep::outer"])
        .map(|at| stacks.nodes[at].samples)
        .sum();
    assert!(of_outer > 0, "{stacks:?}");
}

fn calls_so_far(path: &std::path::Path) -> u64 {
    let reading = perf_report::recording::Recording::open(path).unwrap().read().unwrap();
    assert_eq!(reading.snapshot.process.state, State::Running);
    function(&reading.snapshot, "work").calls
}
