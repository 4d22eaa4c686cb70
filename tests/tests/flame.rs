//! `cargo perf-report flame`: stacks of real processes, looked at from outside.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a helper's failure is the test's")]

use std::collections::HashMap;
use std::path::Path;
use std::thread;
use std::time::Duration;

use perf_report::recording::Recording;
use perf_report::{
    Style,
    command::{Outcome, Streams, run},
};
use perf_tests::{child::Running, program, wait};

/// Runs the command.
fn flame(line: &[&str]) -> (Outcome, String, String) {
    perf_tests::environment::is_cleared();
    let (mut output, mut errors) = (Vec::new(), Vec::new());
    let style = Style::plain().with_width(120);
    let mut streams = Streams { input: &mut std::io::empty(), output: &mut output, errors: &mut errors, style };
    let outcome = run(["perfrec", "flame"].iter().chain(line), &mut streams);
    (outcome, String::from_utf8(output).unwrap(), String::from_utf8(errors).unwrap())
}

/// Three threads that spin, sleep and wait for a lock, all of them at it.
fn started() -> (Running, String) {
    let program = program!("stacks_seen").recording().start();
    program.wait_for("ready");
    let file = program.folder().join("app.perfrec").to_str().unwrap().to_owned();
    wait::until("all three threads are in their calls", || {
        let reading = Recording::open(&file).unwrap().read().unwrap();
        let names = |name: &str| {
            reading.snapshot.in_flight.iter().any(|call| reading.snapshot.functions[call.function].name.ends_with(name))
        };
        ["heavy", "nap", "waits_for_lock"].into_iter().all(names)
    });
    (program, file)
}

/// Folded stacks and their times.
fn folded(text: &str) -> HashMap<String, f64> {
    let lines = text.lines().map(|line| line.rsplit_once(' ').unwrap());
    lines.map(|(stack, ns)| (stack.to_owned(), ns.parse().unwrap())).collect()
}

/// Time of the stacks for which a condition holds.
fn time(stacks: &HashMap<String, f64>, holds: impl Fn(&str) -> bool) -> f64 {
    stacks.iter().filter(|(stack, _)| holds(stack)).map(|(_, ns)| ns).sum()
}

#[test]
fn spinning_sleeping_and_waiting_for_a_lock_are_told_apart() {
    let (_program, file) = started();
    let line = [&file, "--for", "2s", "--threads", "--where", "--format", "folded"];
    let (outcome, output, errors) = flame(&line);
    assert_eq!(outcome, Outcome::Complete, "{errors}");
    let stacks = folded(&output);
    // Where in the kernel a thread waits is within the call, and its state within that.
    let waited = |thread: &str| time(&stacks, |stack| stack.starts_with(thread) && is_waiting(stack));
    let ran = |thread: &str| time(&stacks, |stack| stack.starts_with(thread) && !is_waiting(stack));
    assert!(ran("spinner (") > 9.0 * waited("spinner ("), "{output}");
    assert!(waited("sleeper (") > ran("sleeper ("), "{output}");
    assert!(waited("bound (") > 9.0 * ran("bound ("), "{output}");
    // All of them live for all looks, so each has all the time, however often it was asked; but for a look at a stack in motion.
    let all = ["spinner (", "sleeper (", "bound ("].map(|thread| waited(thread) + ran(thread));
    let most = all.iter().fold(0.0, |most: f64, ns| most.max(*ns));
    assert!(all.iter().all(|ns| *ns > 0.95 * most), "{all:?}: {output}");
    assert!(stacks.keys().any(|stack| stack.contains("stacks_seen::spin;stacks_seen::steps;stacks_seen::heavy")));
    assert!(
        stacks.keys().any(|stack| stack.starts_with("bound (") && stack.contains("waits_for_lock;[futex")),
        "{output}"
    );
    assert!(errors.contains(" looks in ") && errors.contains("waiting "), "{errors}");
}

fn is_waiting(stack: &str) -> bool {
    stack.ends_with("[waiting]")
}

#[test]
fn shares_are_those_of_the_exact_totals() {
    let (_program, file) = started();
    // One run in 370 is further off than three standard errors; two in succession are not chance.
    let found: Vec<(f64, f64, f64)> = (0..3).map(|_| shares(&file)).collect();
    let close = found.iter().filter(|(seen, exact, error)| (seen - exact).abs() <= 3.0 * error).count();
    assert!(close >= 2, "seen, exact, standard error: {found:?}");
}

/// The share of `light` within `steps`: as seen, as recorded, and the standard error.
fn shares(file: &str) -> (f64, f64, f64) {
    let totals = || {
        let snapshot = Recording::open(file).unwrap().read().unwrap().snapshot;
        ["heavy", "light"].map(|name| {
            let function = snapshot.functions.iter().find(|function| function.name.ends_with(name)).unwrap();
            function.total_ns as f64
        })
    };
    let before = totals();
    let (outcome, output, errors) = flame(&[file, "--for", "3s", "--format", "folded"]);
    assert_eq!(outcome, Outcome::Complete, "{errors}");
    let after = totals();
    let stacks = folded(&output);
    let of = |name: &str| time(&stacks, |stack| stack.split(';').any(|call| call.ends_with(name)));
    let exact = (after[1] - before[1]) / (after[0] - before[0] + after[1] - before[1]);
    // Each look saw one of the three threads in one of the two; the times between looks differ, and with them the weights.
    let looks: f64 = errors.split_whitespace().next().unwrap().replace(',', "").parse().unwrap();
    assert!(looks > 100.0, "enough samples: {errors}");
    (of("light") / (of("heavy") + of("light")), exact, (exact * (1.0 - exact) / looks).sqrt() * 1.5)
}

/// Looks at a program until it ends, by something that is done to it meanwhile.
fn until_its_end(
    program: &mut Running,
    target: &str,
    end: impl FnOnce(&mut Running) + Send,
) -> (Outcome, String, String) {
    thread::scope(|scope| {
        let looked = scope.spawn(|| flame(&[target, "--for", "1h"]));
        // Some looks come first; how many does not matter.
        thread::sleep(Duration::from_millis(300));
        end(program);
        looked.join().unwrap()
    })
}

#[test]
fn a_process_that_ends_or_is_killed_ends_the_looks() {
    let ends: [fn(&mut Running); 2] = [|program| program.say("end"), |program| program.kill(libc::SIGKILL)];
    for end in ends {
        let (mut program, file) = started();
        let (outcome, output, errors) = until_its_end(&mut program, &file, end);
        assert_eq!(outcome, Outcome::Complete, "{errors}");
        assert!(errors.ends_with("app.perfrec: the process ended while it was looked at\n"), "{errors}");
        assert!(output.contains("stacks_seen::heavy"), "{output}");
    }
}

#[test]
fn a_process_is_found_by_its_id() {
    let (mut program, _) = started();
    let pid = program.pid().to_string();
    let (outcome, output, errors) = until_its_end(&mut program, &pid, |program| program.kill(libc::SIGKILL));
    assert_eq!(outcome, Outcome::Complete, "{errors}");
    assert!(output.starts_with(&format!("stacks_seen, pid {pid}\n")), "{output}");
    let (outcome, _, errors) = flame(&["2147483647"]);
    assert_eq!(outcome, Outcome::Failed);
    assert!(errors.starts_with("error: there is no process 2147483647"), "{errors}");
}

#[test]
fn a_process_that_is_replaced_ends_the_looks_and_the_other_is_looked_at_next() {
    let (mut program, file) = started();
    let (outcome, output, errors) = until_its_end(&mut program, &file, |program| {
        program.say("again");
        program.wait_for("ready");
    });
    assert_eq!(outcome, Outcome::Complete, "{errors}");
    assert!(errors.contains("the process ended while it was looked at"), "{errors}");
    assert!(output.contains("stacks_seen::heavy"), "{output}");
    let (outcome, output, errors) = flame(&[&file, "--for", "500ms"]);
    assert_eq!((outcome, errors.as_str()), (Outcome::Complete, ""));
    assert!(output.contains("stacks_seen::naps"), "{output}");
}

#[test]
fn a_fork_changes_nothing_for_its_parent() {
    let (mut program, file) = started();
    program.say("fork");
    assert!(program.line().starts_with("forked "));
    let (outcome, output, errors) = flame(&[&file, "--for", "500ms", "--threads"]);
    assert_eq!((outcome, errors.as_str()), (Outcome::Complete, ""));
    assert!(output.contains("spinner (") && !output.contains("spin_for"), "{output}");
}

#[test]
fn a_process_whose_threads_have_ended_has_no_stacks() {
    let (mut program, file) = started();
    program.say("rest");
    program.wait_for("at rest");
    let (outcome, output, errors) = flame(&[&file, "--for", "200ms"]);
    assert_eq!((outcome, output.as_str()), (Outcome::Failed, ""));
    assert!(errors.contains("no thread of the process had an annotated function to show"), "{errors}");
}

#[test]
fn of_a_process_that_has_ended_its_own_samples_are_shown() {
    let ended = program!("stacks_seen", "odd").recording().env("PERF_STACKS", "499/s").run();
    let file = ended.path("app.perfrec");
    let (outcome, output, errors) = flame(&[file.to_str().unwrap()]);
    assert_eq!((outcome, errors.as_str()), (Outcome::Complete, ""));
    assert!(output.contains("stacks_seen::heavy") && output.contains("sampled these stacks itself"), "{output}");
    let ended = program!("stacks_seen", "odd").recording().run();
    let file = ended.path("app.perfrec");
    let (outcome, _, errors) = flame(&[file.to_str().unwrap()]);
    assert_eq!(outcome, Outcome::Failed);
    assert!(errors.contains("sampled no stacks of itself; start it with PERF_STACKS=99/s"), "{errors}");
}

#[test]
fn a_command_is_looked_at_from_its_start_and_its_exit_status_is_kept() {
    let program = env!("CARGO_BIN_EXE_stacks_seen");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("out.folded");
    let file = file.to_str().unwrap();
    let (outcome, output, errors) = flame(&["-o", file, "--", program, "fails"]);
    assert_eq!((outcome, output.as_str()), (Outcome::CommandEnded(7), ""), "{errors}");
    assert!(errors.contains("exit status: 7"), "{errors}");
    assert!(folded(&std::fs::read_to_string(file).unwrap()).keys().any(|stack| stack.contains("spin_for;")));
    let (outcome, _, errors) = flame(&["--", program, "odd"]);
    assert_eq!(outcome, Outcome::Complete, "{errors}");
    assert!(
        errors.contains("stacks_seen::heavy") && !errors.contains('\u{1b}'),
        "the text is on standard error: {errors}"
    );
    let (outcome, _, errors) = flame(&["--", "false"]);
    assert_eq!(outcome, Outcome::CommandEnded(1));
    assert!(errors.contains("false: the command recorded nothing; it must be built with `#[profile]`"), "{errors}");
    let (outcome, _, errors) = flame(&["--", "./no-such-program"]);
    assert_eq!(outcome, Outcome::Failed);
    assert!(errors.starts_with("error: ./no-such-program: cannot be started: "), "{errors}");
}

#[test]
fn every_format_is_written_and_folded_stacks_are_compared_with() {
    let (_program, file) = started();
    let folder = tempfile::tempdir().unwrap();
    let out = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    for name in ["a.html", "a.svg", "a.folded", "a.json", "a.pb.gz"] {
        let (outcome, output, errors) = flame(&[&file, "--for", "200ms", "-o", &out(name)]);
        assert_eq!((outcome, output.as_str()), (Outcome::Complete, ""), "{errors}");
        let bytes = std::fs::read(out(name)).unwrap();
        let start: &[u8] = match name {
            "a.html" => b"<!doctype html>",
            "a.svg" => b"<?xml",
            "a.folded" => b"stacks_seen::",
            "a.json" => b"{\"$schema\":\"https://www.speedscope.app/file-format-schema.json\"",
            _ => b"\x1f\x8b",
        };
        assert!(bytes.starts_with(start), "{name}: {}", String::from_utf8_lossy(&bytes));
    }
    // Functions of both are the same, so that shares differ only by chance; with this they differ in any case.
    let folded = std::fs::read_to_string(out("a.folded")).unwrap();
    std::fs::write(out("a.folded"), format!("{folded}elsewhere 1000000000000\n")).unwrap();
    let (outcome, output, errors) = flame(&[&file, "--for", "200ms", "--running", "--against", &out("a.folded")]);
    assert_eq!(outcome, Outcome::Complete, "{errors}");
    assert!(output.contains("before: ") && output.contains("stacks_seen::spin"), "{output}");
    let (outcome, _, errors) = flame(&[&file, "--for", "200ms", "--against", &out("a.svg")]);
    assert_eq!(outcome, Outcome::Failed);
    assert!(errors.contains("neither a recording nor a snapshot nor folded stacks: line 1: "), "{errors}");
    missing(&out("none"));
}

fn missing(file: &str) {
    let (outcome, _, errors) = flame(&[file]);
    assert_eq!(outcome, Outcome::Failed);
    assert!(errors.starts_with(&format!("error: {file}: cannot be read")), "{errors}");
    assert!(!Path::new(file).exists());
}
