//! `cargo perf-report bench` with a real annotated program: figures per function, turns, validation, baselines.
#![allow(clippy::unwrap_used, reason = "a helper's failure is the test's")]

use perf_report::{
    Snapshot, Style,
    command::{Outcome, Streams, run},
};
use tempfile::TempDir;

const LOOKUPS: &str = env!("CARGO_BIN_EXE_lookups");

/// Runs the command; `@` in it is the folder, `lookups` the program.
fn bench(folder: &TempDir, line: &[&str]) -> (Outcome, String, String) {
    perf_tests::environment::is_cleared();
    let (mut output, mut errors) = (Vec::new(), Vec::new());
    let style = Style::plain().with_width(120);
    let mut streams = Streams { input: &mut std::io::empty(), output: &mut output, errors: &mut errors, style };
    let place = format!("{}/", folder.path().display());
    let words = line.iter().map(|word| word.replace("lookups", LOOKUPS).replace('@', &place));
    let outcome = run(["perfrec".to_owned(), "bench".to_owned()].into_iter().chain(words), &mut streams);
    (outcome, String::from_utf8(output).unwrap(), String::from_utf8(errors).unwrap())
}

#[test]
fn functions_are_counted_and_the_process_is_measured() {
    let folder = tempfile::tempdir().unwrap();
    let (outcome, output, errors) = bench(&folder, &["-n", "3", "--warmup", "1", "--", "lookups", "70", "@log"]);
    assert_eq!((outcome, errors.as_str()), (Outcome::Complete, ""));
    for row in ["wall ", "user ", "system ", "peak memory ", "lookups::look_up ", "lookups::load "] {
        assert!(output.contains(&format!("\n{row}")), "{row}: {output}");
    }
    let calls = output.lines().find(|line| line.starts_with("lookups::look_up")).unwrap();
    assert!(calls.split_whitespace().any(|word| word == "70"), "{calls}");
    assert_eq!(std::fs::read_to_string(folder.path().join("log")).unwrap(), "ffff", "warm-up included");
}

#[test]
fn two_commands_take_turns_and_more_calls_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let more = ["-n", "10", "--warmup", "0", "--metrics", "calls", "--only", "*::look_up"];
    let line = [&more[..], &["--vs", "lookups 100 @log", "--", "lookups", "200", "@log"]].concat();
    let (outcome, output, errors) = bench(&folder, &line);
    assert_eq!((outcome, errors.as_str()), (Outcome::Found, ""), "{output}");
    assert!(output.contains("10 runs before, 10 after") && output.contains("+100"), "{output}");
    assert_eq!(std::fs::read_to_string(folder.path().join("log")).unwrap(), "fm".repeat(10));
}

#[test]
fn another_answer_is_caught() {
    let folder = tempfile::tempdir().unwrap();
    let validate = |answer: &str| {
        let before = "lookups 100 @log found";
        let fixed = ["-n", "2", "--warmup", "0", "--validate", "--threshold", "10000%", "--vs", before];
        bench(&folder, &[&fixed[..], &["--", "lookups", "100", "@log", answer]].concat())
    };
    let (outcome, _, errors) = validate("lost");
    assert_eq!(outcome, Outcome::Found);
    assert!(errors.contains("the behaviour changed, not only the speed"), "{errors}");
    let (outcome, _, errors) = validate("found");
    assert_eq!((outcome, errors.as_str()), (Outcome::Complete, ""));
}

#[test]
fn what_is_saved_is_compared_with_later() {
    let folder = tempfile::tempdir().unwrap();
    // The two sides run one after the other, so what the machine does meanwhile changes the time of the process. Only calls decide.
    let thresholds = "[[threshold]]\nfunction = \"*::look_up\"\nchange = \"5%\"\n";
    std::fs::write(folder.path().join("thresholds.toml"), thresholds).unwrap();
    let common = ["-n", "10", "--warmup", "0", "--baselines", "@kept", "--metrics", "calls", "--only", "*::look_up"];
    let line = |options: &[&'static str], number: &'static str| {
        bench(&folder, &[&common[..], options, &["--", "lookups", number, "@log"]].concat())
    };
    let compared = |number: &'static str| {
        line(&["--baseline", "first", "--threshold", "10000%", "--thresholds", "@thresholds.toml"], number)
    };
    assert_eq!(line(&["--save", "first"], "100").0, Outcome::Complete);
    let kept = folder.path().join("kept/first/run-0001.json");
    let snapshot = Snapshot::from_json(&std::fs::read(kept).unwrap()).unwrap();
    let calls = snapshot.functions.iter().find(|function| function.name == "lookups::look_up").unwrap().calls;
    assert_eq!(calls, 100);
    assert_eq!(compared("100").0, Outcome::Complete);
    let (outcome, output, _) = compared("150");
    assert_eq!(outcome, Outcome::Found, "{output}");
    assert!(output.contains("+50.0%"), "{output}");
}
