//! The notes below the table, each provoked by a real program that knows the figure: it is the one in the note, and what the
//! table lacks is what the note says.
//!
//! A note is found by its figures, so its wording may change; `perf-report/tests/views.rs` has that.
#![cfg(target_os = "linux")]

use perf_report::{Function, Snapshot, Style, View};
use perf_tests::child::{Ended, Program};
use perf_tests::figures::{function, lost};
use perf_tests::program;

/// The smallest recording that can be asked for.
const SMALL: &str = "1MiB";

/// The notes below a table, each on one line again.
fn notes_of(table: &str) -> Vec<String> {
    let joined = table.replace("\n  ", " ");
    joined
        .lines()
        .filter_map(|line| line.strip_prefix("• ").or_else(|| line.strip_prefix("! ")))
        .map(String::from)
        .collect()
}

/// A run with its table and its snapshot.
struct Run {
    ended: Ended,
    snapshot: Snapshot,
}

fn run(program: Program) -> Run {
    let ended = program.env("PERF_REPORT", "table,json:report.json").run();
    let snapshot = ended.exited(0).report();
    Run { ended, snapshot }
}

fn scenario(name: &str) -> Run {
    run(program!("notes", name))
}

impl Run {
    /// Asserts that one note has all these parts.
    #[track_caller]
    fn notes(&self, parts: &[&str]) {
        one(&notes_of(&self.ended.stderr), parts);
    }

    #[track_caller]
    fn function(&self, name: &str) -> &Function {
        function(&self.snapshot, name)
    }
}

#[track_caller]
fn one<'a>(notes: &'a [String], parts: &[&str]) -> &'a str {
    let found: Vec<_> = notes.iter().filter(|note| parts.iter().all(|part| note.contains(part))).collect();
    assert_eq!(found.len(), 1, "notes with {parts:?}: {notes:#?}");
    found[0].as_str()
}

/// A number as the notes have it.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups = digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap());
    groups.collect::<Vec<_>>().join(",")
}

#[test]
fn a_killed_process_and_its_call_in_flight() {
    let running = program!("notes", "in-flight").recording().start();
    running.wait_for("ready");
    running.kill(libc::SIGKILL);
    let ended = running.end();
    let snapshot = ended.killed_by(libc::SIGKILL).recording();
    let table = View::Table.render(&snapshot, &Style::plain());
    let notes = notes_of(&table);
    one(&notes, &["killed"]);
    one(&notes, &["notes::waits", "1 ", "main"]);
    assert_eq!(function(&snapshot, "work").calls, 7);
    assert_eq!(snapshot.in_flight.len(), 1);
}

#[test]
fn calls_that_a_full_recording_has_no_room_for() {
    let run = run(program!("notes", "full").env("PERF_CAPACITY", SMALL));
    let overflow = run.snapshot.losses.overflow_calls;
    // Every thread that found no room made 100 calls.
    assert!(overflow > 0 && overflow.is_multiple_of(100), "{overflow}");
    assert_eq!(run.function("work").calls + overflow, 60 * 100);
    run.notes(&[&grouped(overflow), "PERF_CAPACITY"]);
}

#[test]
fn calls_whose_durations_a_full_recording_has_no_room_for() {
    let run = run(program!("notes", "full-of-durations").env("PERF_CAPACITY", SMALL));
    let (lasts, missing) = (run.function("lasts"), run.snapshot.losses.unbucketed_calls);
    assert_eq!(lasts.calls, 1 + 26 * 3);
    assert!(missing > 0, "{:?}", run.snapshot.losses);
    let everywhere: u64 = run.snapshot.functions.iter().map(|function| function.calls - function.latency.count()).sum();
    assert_eq!(everywhere, missing);
    run.notes(&[&grouped(missing), "full", "percentiles"]);
}

#[test]
fn calls_whose_callers_a_full_recording_has_no_room_for() {
    let run = run(program!("notes", "full-of-callers").env("PERF_CAPACITY", SMALL));
    let (callee, missing) = (run.function("callee"), run.snapshot.losses.unattributed_calls);
    assert_eq!(callee.calls, 1 + 5 * 200);
    assert!(missing > 0, "{:?}", run.snapshot.losses);
    let attributed = |function: &Function| function.callers.iter().map(|caller| caller.calls).sum::<u64>();
    let everywhere: u64 = run.snapshot.functions.iter().map(|function| function.calls - attributed(function)).sum();
    assert_eq!(everywhere, missing);
    run.notes(&[&grouped(missing), "full", "callers"]);
}

#[test]
fn calls_deeper_than_the_stack_is_tall() {
    let run = scenario("deep");
    assert_eq!(run.function("deep").calls, 1_500);
    assert_eq!(run.snapshot.losses.stack_height, 1_024);
    run.notes(&["476", "1,024", "1,500"]);
}

#[test]
fn calls_that_never_end() {
    let run = scenario("leaked");
    assert_eq!((run.function("leaks").calls, run.function("leaky").calls, run.function("leaky").abandoned), (9, 0, 9));
    run.notes(&["9 calls", "leaky 9"]);
}

#[test]
fn panics_that_pass() {
    let run = scenario("unwound");
    assert_eq!((run.function("throws").unwound, run.function("passes_on").unwound), (6, 6));
    run.notes(&["12 calls", "notes::throws 6", "notes::passes_on 6"]);
}

#[test]
fn estimates_of_adaptive_timing() {
    let run = scenario("sampled");
    let sampled = run.function("sampled");
    assert_eq!(sampled.calls, 100_000);
    assert!(sampled.timed_calls < sampled.calls);
    let table = &run.ended.stderr;
    let row = table.lines().find(|line| line.starts_with("notes::sampled")).unwrap();
    assert!(row.contains("100,000") && row.contains('~'), "{row}");
    let notes = notes_of(table);
    let note = one(&notes, &["~", "%"]);
    let share: f64 = note.split('%').next().unwrap().rsplit(['(', '<', ' ']).next().unwrap().parse().unwrap();
    let right = sampled.timed_calls as f64 / sampled.calls as f64 * 100.0;
    assert!((share - right).abs() <= 0.06, "{right} % were timed: {note}");
}

#[test]
fn a_clock_that_goes_backwards() {
    let run = run(program!("notes", "backwards").env("PERF_CLOCK", "monotonic"));
    let goes_back = run.function("goes_back");
    assert_eq!((goes_back.calls, goes_back.max_ns, goes_back.total_ns), (11, 0, 0));
    assert_eq!(run.snapshot.losses.clock_anomalies, 11);
    run.notes(&["clock", "11 times", "0 ns"]);
}

#[test]
fn calls_that_could_not_be_recorded() {
    let run = run(program!("interruptions"));
    let counts: Vec<u64> = run.ended.stdout.split_whitespace().map(|count| count.parse().unwrap()).collect();
    let &[in_main, in_handler] = &counts[..] else { panic!("{}", run.ended.stdout) };
    let recorded: u64 = ["outer", "shared", "handlers_own"].map(|name| run.function(name).calls).iter().sum();
    assert_eq!(recorded + lost(&run.snapshot), in_main * 5 + in_handler * 2);
    match lost(&run.snapshot) {
        0 => assert!(!run.ended.stderr.contains("could not be recorded")),
        lost => run.notes(&[&grouped(lost), "signal handlers"]),
    }
}

#[test]
fn a_recording_that_begins_late() {
    let ended = program!("notes", "late").run();
    let snapshot = ended.exited(0).report();
    assert_eq!(function(&snapshot, "work").calls, 3);
    // In ms, as the table has it.
    let before = snapshot.process.unrecorded_ns;
    assert!(before >= 150_000_000);
    let shown = if before < 1_000_000_000 { format!("{:.0} ms", before as f64 / 1e6) } else { String::from(" s") };
    one(&notes_of(&ended.stderr), &["ecord", "began", &shown]);
}

#[test]
fn functions_that_never_ran_and_what_measuring_took() {
    let run = scenario("plain");
    let functions = &run.snapshot.functions;
    let idle = functions.iter().filter(|function| function.calls == 0).count();
    assert_eq!(functions.len() - idle, 1, "work alone");
    run.notes(&[&format!("{idle} of {}", functions.len()), "never ran"]);
    let overhead = run.snapshot.overhead.ns_per_timed_call;
    assert!(overhead > 0.0);
    let notes = notes_of(&run.ended.stderr);
    let note = one(&notes, &["easuring", "per timed call"]);
    let all = quantities(note)[0];
    // It is never more than the functions took.
    assert!(all > 0.0 && all < overhead * 10.0 * 1.01, "ten calls of {overhead} ns: {note}");
}

/// The durations in a note, in ns.
fn quantities(note: &str) -> Vec<f64> {
    let words: Vec<&str> = note.split_whitespace().collect();
    let quantity = |pair: &[&str]| {
        let factor = match pair[1].trim_end_matches([',', '.', ':']) {
            "ns" => 1.0,
            "µs" => 1e3,
            "ms" => 1e6,
            "s" => 1e9,
            _ => return None,
        };
        Some(pair[0].parse::<f64>().ok()? * factor)
    };
    words.windows(2).filter_map(quantity).collect()
}
