//! Trace windows of real programs: nothing is missing, and nothing is there that did not happen.
//!
//! Where a window is to hold all of a run, it is longer than any run, and ends with the process.
#![cfg(all(target_os = "linux", not(perf_portable)))]

use std::collections::HashMap;
use std::path::Path;
use std::thread;

use perf_report::command::{Outcome, Streams, run};
use perf_report::recording::{Reading, Recording};
use perf_report::{Snapshot, Style, Trace, TraceEventKind, TraceThread, TracedCall};
use perf_tests::child::Ended;
use perf_tests::figures::function;
use perf_tests::program;
use perf_tests::wait::until;
use serde_json::Value;

/// As long as any run.
const WHOLE: &str = "trace.json,window=10min";

fn read(path: &Path) -> (Snapshot, Trace) {
    let Reading { snapshot, damages, trace, .. } = Recording::open(path).unwrap().read_trace().unwrap();
    assert_eq!(damages, []);
    (snapshot, trace.expect("there was a window"))
}

/// The trace that a program left in its recording.
fn trace_of(ended: &Ended) -> (Snapshot, Trace) {
    read(&ended.path("app.perfrec"))
}

fn short(snapshot: &Snapshot, function: usize) -> &str {
    snapshot.functions[function].name.rsplit("::").next().unwrap()
}

/// All calls, by the short names of their functions.
fn calls<'a>(snapshot: &'a Snapshot, trace: &Trace) -> HashMap<&'a str, Vec<TracedCall>> {
    let mut calls = HashMap::<_, Vec<_>>::new();
    for call in trace.threads.iter().flat_map(|thread| trace.calls(thread)) {
        calls.entry(short(snapshot, call.function)).or_default().push(call);
    }
    calls
}

fn events(trace: &Trace) -> usize {
    trace.threads.iter().map(|thread| thread.events.len()).sum()
}

fn chrome(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    let value: Value = serde_json::from_str(&text).unwrap();
    value["traceEvents"].as_array().unwrap().clone()
}

#[test]
fn a_window_holds_every_call_with_its_begin_and_its_end() {
    let ended = program!("traced", "everything").recording().env("PERF_TRACE", WHOLE).run();
    ended.exited(0);
    let (snapshot, trace) = trace_of(&ended);
    assert_eq!((trace.window, trace.is_open, trace.lost_events()), (1, false, 0));
    let names: Vec<&str> = trace.threads.iter().map(|thread| thread.name.as_str()).collect();
    assert_eq!(names, ["main", "other"]);
    let calls = calls(&snapshot, &trace);
    for (name, count) in
        [("outer", 1), ("branch", 200), ("leaf", 404), ("tiny", 200), ("recursive", 8), ("panics", 2), ("waits", 4)]
    {
        let calls = &calls[name];
        assert_eq!(calls.len(), count, "{name}");
        assert!(calls.iter().all(TracedCall::is_whole), "{name}: {calls:?}");
        let polls_or_calls =
            function(&snapshot, name).futures.map_or(function(&snapshot, name).calls, |futures| futures.polls);
        assert_eq!(polls_or_calls, count as u64, "{name}");
    }
    let ends = |name: &str, end| calls[name].iter().filter(|call| call.end == Some(end)).count();
    assert_eq!(ends("panics", TraceEventKind::Unwind), 2);
    assert_eq!((ends("waits", TraceEventKind::Pending), ends("waits", TraceEventKind::Ready)), (2, 2));
    for thread in &trace.threads {
        callers_are_those_of_the_program(&snapshot, &trace, thread);
    }
}

/// Each call lies within its caller, which is the one that the program makes.
fn callers_are_those_of_the_program(snapshot: &Snapshot, trace: &Trace, thread: &TraceThread) {
    let calls = trace.calls(thread);
    for call in &calls {
        let caller = call.caller.map(|caller| &calls[caller]);
        assert!(
            caller.is_none_or(|caller| caller.begin_ns <= call.begin_ns && call.end_ns <= caller.end_ns),
            "{call:?}"
        );
        let of = |call: &TracedCall| short(snapshot, call.function);
        let by = caller.map_or("", of);
        let expected: &[&str] = match of(call) {
            "leaf" => &["branch", "recursive", "waits"],
            "tiny" => &["branch"],
            "outer" => &[""],
            "recursive" => &["recursive", "outer", ""],
            // In the thread beside, no call is around them.
            _ => &["outer", ""],
        };
        assert!(expected.contains(&by), "{} called by {by:?}", of(call));
    }
}

#[test]
fn the_file_is_what_perfetto_reads() {
    let ended = program!("traced", "everything").recording().env("PERF_TRACE", WHOLE).run();
    let (snapshot, trace) = trace_of(ended.exited(0).silent_trace());
    let events = chrome(&ended.path("trace.json"));
    let mut counts = HashMap::<String, usize>::new();
    let mut named = Vec::new();
    for event in &events {
        assert_eq!(event["pid"].as_u64(), Some(snapshot.process.pid.into()));
        assert!(event["tid"].is_u64() && event["name"].is_string(), "{event}");
        match event["ph"].as_str().unwrap() {
            "M" => named.push(event["args"]["name"].as_str().unwrap().to_owned()),
            "X" => {
                assert!(event["ts"].as_f64().unwrap() >= 0.0 && event["dur"].as_f64().unwrap() >= 0.0, "{event}");
                assert!(event["cat"] == "function" || event["cat"] == "future", "{event}");
                *counts.entry(event["name"].as_str().unwrap().rsplit("::").next().unwrap().to_owned()).or_default() +=
                    1;
            }
            other => panic!("{other}: {event}"),
        }
    }
    assert_eq!(named, ["traced", "main", "other"]);
    let expected: HashMap<String, usize> =
        calls(&snapshot, &trace).into_iter().map(|(name, calls)| (name.to_owned(), calls.len())).collect();
    assert_eq!(counts, expected);
}

trait SilentTrace {
    fn silent_trace(&self) -> &Self;
}

impl SilentTrace for Ended {
    /// Asserts that nothing was said of the trace.
    fn silent_trace(&self) -> &Ended {
        assert!(!self.stderr.contains("perf: "), "{}", self.stderr);
        self
    }
}

#[test]
fn speedscope_gets_profiles_whose_calls_are_closed_in_order() {
    let ended = program!("traced", "everything").env("PERF_TRACE", "trace.speedscope.json,window=10min").run();
    ended.exited(0).silent_trace();
    let text = std::fs::read_to_string(ended.path("trace.speedscope.json")).unwrap();
    let value: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["$schema"], "https://www.speedscope.app/file-format-schema.json");
    let frames = value["shared"]["frames"].as_array().unwrap().len() as u64;
    let profiles = value["profiles"].as_array().unwrap();
    assert_eq!(profiles.len(), 2);
    for profile in profiles {
        assert_eq!((&profile["type"], &profile["unit"]), (&"evented".into(), &"nanoseconds".into()));
        let (mut open, mut last) = (Vec::new(), profile["startValue"].as_u64().unwrap());
        for event in profile["events"].as_array().unwrap() {
            let (frame, at) = (event["frame"].as_u64().unwrap(), event["at"].as_u64().unwrap());
            assert!(frame < frames && at >= last, "{event} after {last}");
            last = at;
            match event["type"].as_str().unwrap() {
                "O" => open.push(frame),
                _ => assert_eq!(open.pop(), Some(frame), "{event}"),
            }
        }
        assert!(open.is_empty());
        assert!(last <= profile["endValue"].as_u64().unwrap());
    }
}

#[test]
fn where_there_is_no_room_the_latest_events_are_there_and_the_loss_is_said() {
    let ended =
        program!("traced", "many calls").recording().env("PERF_TRACE", "trace.json,window=10min,events=4096").run();
    let (_, trace) = trace_of(ended.exited(0));
    let kept = events(&trace) as u64;
    assert_eq!((trace.threads.len(), trace.unplaced), (1, 0));
    assert_eq!(kept + trace.threads[0].overwritten, 200_000);
    // Chunks of 1,024 events, of which it gets half, and one that it is about to fill again.
    assert!((1024..=4096).contains(&kept), "{kept}");
    let calls = trace.calls(&trace.threads[0]);
    assert!(calls.iter().skip(1).all(TracedCall::is_whole), "only the first may be cut");
    assert!(
        trace.end_ns - calls.last().unwrap().end_ns < trace.end_ns - calls[0].begin_ns,
        "the last call is the last"
    );
    ended.said(&["trace.json lacks", &trace.lost_events().to_string(), "events="]);
}

#[test]
fn threads_that_come_and_go_are_all_there() {
    let ended = program!("traced", "short threads").recording().env("PERF_TRACE", WHOLE).run();
    let (snapshot, trace) = trace_of(ended.exited(0));
    assert_eq!((trace.threads.len(), trace.lost_events()), (50, 0));
    assert!(trace.threads.iter().all(|thread| thread.events.len() == 2), "{trace:?}");
    let mut tids: Vec<u64> = trace.threads.iter().map(|thread| thread.tid).collect();
    tids.dedup();
    assert_eq!(tids.len(), 50);
    assert_eq!(function(&snapshot, "leaf").calls, 50);
}

#[test]
fn threads_that_find_no_room_are_counted() {
    let ended =
        program!("traced", "short threads").recording().env("PERF_TRACE", "trace.json,window=10min,events=20k").run();
    let (_, trace) = trace_of(ended.exited(0));
    assert_eq!((events(&trace), trace.unplaced), (40, 60));
    ended.said(&["trace.json lacks 60 events"]);
}

#[test]
fn a_process_that_is_killed_in_a_window_leaves_it() {
    let running = program!("traced", "busy").recording().env("PERF_TRACE", WHOLE).start();
    running.wait_for("ready");
    let path = running.folder().join("app.perfrec");
    until("there are events of both threads", || {
        let trace = Recording::open(&path).unwrap().read_trace().unwrap().trace;
        trace.is_some_and(|trace| trace.threads.iter().filter(|thread| thread.events.len() > 2_000).count() == 2)
    });
    running.kill(libc::SIGKILL);
    let ended = running.end();
    let (_, trace) = trace_of(ended.killed_by(libc::SIGKILL));
    assert!(trace.is_open && trace.end_ns > trace.begin_ns);
    for thread in &trace.threads {
        let calls = trace.calls(thread);
        let cut = calls.iter().filter(|call| !call.is_whole()).count();
        // Those in flight at the end, and of a ring that has wrapped the one that was in flight at its begin.
        assert!(cut <= 4, "{cut} of {} in {}", calls.len(), thread.name);
    }
    assert_eq!(ended.files(), ["app.perfrec"]);
}

#[test]
fn a_session_traces_what_is_called_while_it_is_open() {
    let ended = program!("traced", "session").run();
    ended.exited(0);
    assert_eq!((ended.stdout.as_str(), ended.files()), ("false\n", vec!["session.json".into()]));
    let begun = |events: &[Value], name: &str| {
        let is_it = |event: &&Value| {
            event["ph"] != "E" && event["name"].as_str().is_some_and(|full| full.ends_with(&format!("::{name}")))
        };
        events.iter().filter(is_it).count()
    };
    let events = chrome(&ended.path("session.json"));
    // Of each of two threads: in 100 branches two, at the end of a recursion one, in a future one.
    assert_eq!((begun(&events, "outer"), begun(&events, "leaf")), (1, 2 * (200 + 1 + 1)));
    assert_eq!(begun(&events, "recursive"), 2 * 4, "those after the session are not in it");
    // Also where recording goes on after the session.
    let ended = program!("traced", "session").env("PERF_REPORT", "json:report.json").run();
    ended.exited(0);
    assert_eq!(ended.files(), ["report.json", "session.json"]);
    assert_eq!(begun(&chrome(&ended.path("session.json")), "recursive"), 2 * 4);
    // Its file is there when its time is up, before the session ends.
    let ended = program!("traced", "short window").run();
    ended.exited(0);
    assert_eq!((ended.stdout.as_str(), ended.files()), ("true\n", vec!["session.json".into()]));
    // The environment's trace is the only one.
    let ended = program!("traced", "session").env("PERF_TRACE", WHOLE).run();
    ended.exited(0);
    assert_eq!(ended.files(), ["trace.json"]);
}

#[test]
fn wrong_values_are_told_what_to_write() {
    for (value, parts) in [
        ("trace.json,2s", ["PERF_TRACE", "\"2s\" is not an option; write window=2s"]),
        ("trace.json,window=1h", ["PERF_TRACE", "write one from 1ms to 10min"]),
        (",window=2s", ["nothing is traced", "there is no name of a file"]),
    ] {
        let ended = program!("traced", "many calls").env("PERF_TRACE", value).env("PERF_REPORT", "json:r.json").run();
        ended.exited(0).said(&parts);
        assert_eq!(ended.files(), ["r.json"]);
    }
    let ended = program!("traced", "many calls").env("PERF_TRACE", "missing/trace.json,window=10min").run();
    ended.exited(0).said_one_line(&["can't write the trace to missing/trace.json", "No such file"]);
}

/// Runs the command, and returns its outcome, output and errors.
fn command(arguments: &[&str]) -> (Outcome, String, String) {
    let (mut output, mut errors) = (Vec::new(), Vec::new());
    let mut streams =
        Streams { input: &mut std::io::empty(), output: &mut output, errors: &mut errors, style: Style::plain() };
    let outcome = run(["perfrec", "trace"].iter().chain(arguments), &mut streams);
    (outcome, String::from_utf8(output).unwrap(), String::from_utf8(errors).unwrap())
}

#[test]
fn the_command_asks_a_running_process_twice_and_gets_two_windows() {
    let running = program!("traced", "busy").recording().start();
    running.wait_for("ready");
    let pid = running.pid().to_string();
    for number in 1..=2 {
        let file = running.folder().join(format!("{number}.json"));
        let (outcome, output, errors) = command(&[&pid, "--for", "50ms", "-o", file.to_str().unwrap()]);
        // A busy thread may do more in that time than there is room for.
        assert!(outcome <= Outcome::Partial, "{errors}");
        assert!(output.contains(" of traced, pid ") && output.contains(" of 2 threads"), "{output}");
        assert!(output.contains("::branch\n") && output.contains("in traced::branch"), "{output}");
        let (_, trace) = read(&running.folder().join("app.perfrec"));
        assert_eq!((trace.window, trace.is_open, trace.threads.len()), (number, false, 2));
        let (calls, of_both) = (chrome(&file).len(), events(&trace));
        assert!(calls * 2 >= of_both && of_both > 100, "{calls} calls, {of_both} events");
        let names: Vec<&str> = trace.threads.iter().map(|thread| thread.name.as_str()).collect();
        assert!(names.contains(&"one") && names.contains(&"two"), "{names:?}");
    }
    let (outcome, output, _) = command(&[&pid, "--to", "speedscope"]);
    assert!(outcome <= Outcome::Partial && output.contains("speedscope.app/file-format-schema.json"), "{output}");
    let ended = running.end();
    ended.exited(0);
}

#[test]
fn after_a_window_calls_are_counted_as_before_and_none_is_in_it() {
    let mut running = program!("traced").recording().start();
    running.wait_for("ready");
    let say = |running: &mut perf_tests::child::Running, count: usize| {
        for _ in 0..count {
            running.say("x");
            assert_eq!(running.line(), "x");
        }
    };
    say(&mut running, 10);
    let path = running.folder().join("app.perfrec");
    let path = path.to_str().unwrap();
    let (outcome, output, errors) = thread::scope(|scope| {
        let command = scope.spawn(|| command(&[path, "--for", "1s"]));
        let mut recording = Recording::open(path).unwrap();
        until("the window is open", || recording.read_trace().unwrap().trace.is_some());
        say(&mut running, 20);
        command.join().unwrap()
    });
    assert_eq!((outcome, errors.as_str()), (Outcome::Complete, ""));
    assert!(
        output.contains("\"args\":{\"begin\":\"before the trace\",\"end\":\"not seen\"}"),
        "outer was in flight: {output}"
    );
    say(&mut running, 30);
    let ended = running.end();
    let (snapshot, trace) = trace_of(ended.exited(0));
    let calls = calls(&snapshot, &trace);
    let leaves = calls["leaf"].len();
    // Those that were made while it was open, if it did not close before the last of them.
    assert!((1..=20).contains(&leaves), "{leaves}");
    assert_eq!((calls["outer"].len(), calls["outer"][0].end), (1, None));
    assert_eq!(function(&snapshot, "leaf").calls, 60);
}

#[test]
fn the_command_says_why_there_is_no_trace() {
    let running = program!("traced").recording().start();
    running.wait_for("ready");
    let path = running.folder().join("app.perfrec");
    let path = path.to_str().unwrap();
    let (outcome, _, errors) = command(&[path]);
    assert_eq!(outcome, Outcome::Failed);
    assert!(errors.contains("there is no trace in it; ask for one of the running process with --for 2s"), "{errors}");
    let ended = running.end();
    let path = ended.exited(0).path("app.perfrec");
    let (outcome, _, errors) = command(&[path.to_str().unwrap(), "--for", "2s"]);
    assert_eq!(outcome, Outcome::Failed);
    assert!(errors.contains("its process has ended; leave out --for"), "{errors}");
    for (arguments, part) in [
        (["x", "--for", "2"], "has no unit"),
        (["x", "--for", "1h"], "write a duration from 1ms to 10min"),
        (["x", "--to", "perfetto"], "there is no trace format \"perfetto\"; the formats are chrome, speedscope"),
    ] {
        let (outcome, _, errors) = command(&arguments);
        assert!(outcome == Outcome::Failed && errors.contains(part), "{errors}");
    }
}

#[test]
fn there_is_one_window_at_a_time() {
    let running = program!("traced").recording().env("PERF_TRACE", WHOLE).start();
    running.wait_for("ready");
    let path = running.folder().join("app.perfrec");
    let (outcome, _, errors) = command(&[path.to_str().unwrap(), "--for", "1ms"]);
    assert_eq!(outcome, Outcome::Failed);
    assert!(errors.contains("another trace is open in the process; try again when it is over"), "{errors}");
    let ended = running.end();
    let (_, trace) = trace_of(ended.exited(0));
    assert_eq!((trace.window, trace.request), (1, 0));
}

#[test]
fn an_alert_traces_what_happens_after_it() {
    let running = program!("traced", "busy")
        .recording()
        .env("PERF_MONITOR", "20ms")
        .env("PERF_ALERT", "threads > 0 then trace 50ms alert-%n.json")
        .start();
    running.wait_for("ready");
    let file = running.folder().join("alert-1.json");
    until("the trace is written", || file.exists());
    assert!(chrome(&file).iter().filter(|event| event["ph"] == "X").count() > 100);
    let ended = running.end();
    let (snapshot, _) = trace_of(ended.exited(0));
    let action = &snapshot.monitor.unwrap().alerts[0].events[0].actions[0];
    assert_eq!((action.kind.name(), action.done), ("trace", true));
}

#[test]
fn the_end_of_the_process_ends_the_window_of_an_alert() {
    let running = program!("traced", "busy")
        .env("PERF_MONITOR", "20ms")
        .env("PERF_REPORT", "json:report.json")
        .env("PERF_ALERT", "threads > 0 then trace 10min alert.json")
        .start();
    running.wait_for("ready");
    thread::sleep(std::time::Duration::from_millis(300));
    let ended = running.end();
    ended.exited(0);
    assert_eq!(ended.files(), ["alert.json", "report.json"]);
    drop(chrome(&ended.path("alert.json")));
}
