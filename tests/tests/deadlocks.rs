//! Deadlocks of real programs, named by the command while they run and after they were killed.
#![cfg(all(unix, not(perf_portable)))]
#![allow(clippy::unwrap_used, reason = "a helper's failure is the test's")]

use perf_report::command::{Outcome, Streams, run};
use perf_report::recording::Recording;
use perf_report::{Kind, Snapshot, State, Style};
use perf_tests::child::{Program, Running};
use perf_tests::{program, wait};

/// Runs the command.
fn command(line: &[&str]) -> String {
    perf_tests::environment::is_cleared();
    let (mut output, mut errors) = (Vec::new(), Vec::new());
    let style = Style::plain().with_width(1_000);
    let mut streams = Streams { input: &mut std::io::empty(), output: &mut output, errors: &mut errors, style };
    let outcome = run(["perfrec"].iter().chain(line), &mut streams);
    assert_eq!(outcome, Outcome::Complete, "{}", String::from_utf8_lossy(&errors));
    String::from_utf8(output).unwrap()
}

fn file(running: &Running) -> String {
    running.folder().join("app.perfrec").to_str().unwrap().to_owned()
}

fn reading(file: &str) -> Option<Snapshot> {
    Some(Recording::open(file).ok()?.read().ok()?.snapshot)
}

/// A program of whose threads so many wait for locks, and have for longer than a second.
fn waiting(program: Program, threads: usize) -> Running {
    still_waiting(program.recording().env("PERF_DEADLOCKS", "1"), threads)
}

/// The same, with its recording in `app.perfrec`, whether deadlocks are named or not.
fn still_waiting(program: Program, threads: usize) -> Running {
    let running = program.start();
    let file = file(&running);
    wait::until(&format!("{threads} threads wait for a lock"), || {
        reading(&file).is_some_and(|snapshot| {
            let is_wait = |function: usize| snapshot.functions[function].kind == Kind::Lock;
            let waits = snapshot.in_flight.iter().filter(|call| is_wait(call.function));
            waits.filter(|call| call.elapsed_ns > 1_500_000_000).count() == threads
        })
    });
    running
}

/// The threads of the only deadlock: name, lock, function.
fn circle(snapshot: &Snapshot) -> Vec<(&str, &str, Option<&str>)> {
    let [deadlock] = &snapshot.deadlocks[..] else { panic!("{:?}", snapshot.deadlocks) };
    let name = |index: usize| snapshot.functions[index].name.as_str();
    let threads = deadlock.threads.iter();
    let mut threads: Vec<_> =
        threads.map(|thread| (thread.thread.as_str(), name(thread.lock), thread.function.map(name))).collect();
    threads.sort_unstable();
    threads
}

const CIRCLE: [(&str, &str, Option<&str>); 2] =
    [("auditor", "accounts", Some("audit")), ("teller", "log", Some("transfer"))];

#[test]
fn threads_that_wait_for_each_other_are_named_while_they_do() {
    for library in ["std", "parking_lot"] {
        let running = waiting(program!("deadlocks", library, "circle"), 2);
        let file = file(&running);
        assert_eq!(circle(&reading(&file).unwrap()), CIRCLE, "{library}");
        for line in [&["show", &file][..], &["top", &file, "--batch", "-n", "1", "--width", "1000"]] {
            let output = command(line);
            let output = output.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(output.contains("eadlock: "), "{line:?} says nothing of it: {output}");
            for part in [
                "auditor waits for accounts in audit (",
                ", which teller holds",
                "teller waits for log in transfer (",
                ", which auditor holds",
            ] {
                assert!(output.contains(part), "{library}, {line:?}: no {part:?} in {output}");
            }
        }
    }
}

#[test]
fn nobody_is_named_unless_that_is_asked_for_and_the_report_says_how() {
    let running = still_waiting(program!("deadlocks", "std", "circle").recording(), 2);
    assert_eq!(reading(&file(&running)).unwrap().deadlocks, []);
    assert!(command(&["show", &file(&running)]).contains("PERF_DEADLOCKS=1 names threads"));
    running.kill(libc::SIGKILL);
    assert_eq!(running.end().recording().deadlocks, []);
}

#[test]
fn a_session_asks_in_code_and_the_environment_overrides_it() {
    let program = || program!("deadlocks", "std", "circle", "session");
    assert_eq!(circle(&reading(&file(&still_waiting(program(), 2))).unwrap()), CIRCLE);
    let running = still_waiting(program().env("PERF_DEADLOCKS", "0"), 2);
    assert_eq!(reading(&file(&running)).unwrap().deadlocks, []);
    // The environment began the recording, before the session asked.
    let running = still_waiting(program().recording(), 2);
    assert_eq!(reading(&file(&running)).unwrap().deadlocks, []);
    running.kill(libc::SIGKILL);
    running.end().said(&["no deadlock is named", "PERF_DEADLOCKS=1"]);
}

#[test]
fn locks_that_were_released_are_not_held() {
    for library in ["std", "parking_lot"] {
        let running = waiting(program!("deadlocks", library, "released"), 1);
        assert_eq!(reading(&file(&running)).unwrap().deadlocks, [], "{library}");
        running.kill(libc::SIGKILL);
        assert_eq!(running.end().recording().deadlocks, [], "{library}");
    }
}

#[test]
fn they_are_named_when_the_program_was_killed_and_when_it_was_ended() {
    let running = waiting(program!("deadlocks", "std", "circle").reporting(), 2);
    running.kill(libc::SIGKILL);
    let ended = running.end();
    let recording = ended.killed_by(libc::SIGKILL).recording();
    assert_eq!(recording.process.state, State::Killed);
    assert_eq!(circle(&recording), CIRCLE);

    let running = waiting(program!("deadlocks", "parking_lot", "circle").reporting(), 2);
    running.kill(libc::SIGTERM);
    let ended = running.end();
    ended.killed_by(libc::SIGTERM);
    assert_eq!(circle(&ended.recording()), CIRCLE);
    assert_eq!(circle(&ended.report()), CIRCLE, "the program's own report");
}

#[test]
fn a_thread_that_waits_for_itself_is_named() {
    for library in ["std", "parking_lot"] {
        let running = waiting(program!("deadlocks", library, "itself"), 1);
        let output = command(&["show", &file(&running)]);
        let output = output.split_whitespace().collect::<Vec<_>>().join(" ");
        let note = "waits for accounts (";
        assert!(output.contains(note) && output.contains("), which it holds itself."), "{library}: {output}");
    }
}

#[test]
fn a_program_that_only_waits_for_long_is_not_blamed() {
    for library in ["std", "parking_lot"] {
        let running = waiting(program!("deadlocks", library, "row"), 2);
        let file = file(&running);
        assert_eq!(reading(&file).unwrap().deadlocks, []);
        let output = command(&["show", &file]);
        assert!(!output.contains("eadlock: ") && !output.contains("PERF_DEADLOCKS"), "{library}: {output}");
        running.kill(libc::SIGKILL);
        assert_eq!(running.end().recording().deadlocks, [], "{library}");
    }
}

#[test]
fn of_a_thread_with_many_locks_the_first_ones_are_noted() {
    for library in ["std", "parking_lot"] {
        let running = waiting(program!("deadlocks", library, "many"), 2);
        let named = [("auditor", "accounts", None), ("teller", "log", Some("transfer"))];
        assert_eq!(circle(&reading(&file(&running)).unwrap()), named, "{library}");
        // There was no place left for the one that the other thread waits for.
        let running = waiting(program!("deadlocks", library, "too-many"), 2);
        assert_eq!(reading(&file(&running)).unwrap().deadlocks, [], "{library}");
        running.kill(libc::SIGKILL);
        assert_eq!(running.end().recording().deadlocks, [], "{library}");
    }
}

#[test]
fn those_who_have_their_place_are_named_in_a_full_recording() {
    for library in ["std", "parking_lot"] {
        let running = waiting(program!("deadlocks", library, "full").env("PERF_CAPACITY", "1MiB"), 2);
        let snapshot = reading(&file(&running)).unwrap();
        assert!(snapshot.losses.overflow_calls + snapshot.losses.lost_calls > 0, "{:?}", snapshot.losses);
        let named: Vec<_> = circle(&snapshot).iter().map(|thread| (thread.0, thread.1)).collect();
        assert_eq!(named, [("auditor", "accounts"), ("teller", "log")], "{library}");
        // It is full, and yet its end is in order.
        running.kill(libc::SIGTERM);
        assert_eq!(running.end().killed_by(libc::SIGTERM).recording().deadlocks.len(), 1, "{library}");
    }
}

#[test]
fn a_child_and_its_parent_each_name_their_own() {
    for library in ["std", "parking_lot"] {
        let running = waiting(program!("deadlocks", library, "fork"), 1);
        let child: u32 = running.line().parse().unwrap();
        assert_eq!(circle(&reading(&file(&running)).unwrap()), [("main", "accounts", None)], "{library}: the parent");
        let childs = running.folder().join(format!("app.{child}.perfrec")).to_str().unwrap().to_owned();
        let names_one = || reading(&childs).is_some_and(|snapshot| !snapshot.deadlocks.is_empty());
        wait::until("the child's deadlock is named", names_one);
        let named = [("main", "accounts", Some("audit")), ("teller", "log", Some("transfer"))];
        assert_eq!(circle(&reading(&childs).unwrap()), named, "{library}: the child");
        running.kill(libc::SIGKILL);
        running.end().killed_by(libc::SIGKILL);
    }
}
