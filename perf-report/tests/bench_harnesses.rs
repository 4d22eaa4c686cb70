//! Benchmarks of criterion and divan as sides of comparisons, baselines and histories, and the programs that cargo starts.
//!
//! The harnesses here are shell scripts that leave what the real ones leave; `.ci/harnesses` runs the real ones.
#![cfg(all(feature = "command", unix))]
#![allow(clippy::unwrap_used, reason = "a helper's failure is the test's")]

mod programs;

use std::fs;

use perf_report::{Snapshot, command::Outcome};
use perf_test_support::executable::write_script;
use programs::{Folder, function, process};

fn script(folder: &Folder, name: &str, text: &str) {
    write_script(&folder.path(name), &format!("#!/bin/sh\n{text}\n"));
}

/// A program that leaves what criterion leaves: two benchmarks, the second of which takes this long.
fn criterion(folder: &Folder, name: &str, ns: u64) {
    let one = |place: &str, benchmark: &str, time: u64| {
        format!(
            "mkdir -p \"$CRITERION_HOME/{place}/new\"\n\
             echo '{{\"full_id\":\"{benchmark}\"}}' > \"$CRITERION_HOME/{place}/new/benchmark.json\"\n\
             echo '{{\"iters\":[100,'$$'],\"times\":['$((100 * {time}))','$(($$ * {time}))']}}' > \"$CRITERION_HOME/{place}/new/sample.json\""
        )
    };
    let text = [one("parse", "parse", 700), one("group_a/write 8", "group/a/write 8", ns)].join("\n");
    script(folder, name, &format!("[ -z \"$PERF_REPORT\" ] || exit 7\n{text}"));
}

/// A program that prints what divan prints.
fn divan(folder: &Folder, name: &str, time: &str) {
    let text = format!(
        "cat <<'TREE'\nTimer precision: 20 ns\n\
         app         fastest       │ slowest       │ median        │ mean          │ samples │ iters\n\
         ├─ parse    {time}      │ {time}      │ {time}      │ {time}      │ 100     │ 25600\n\
         ╰─ write    2 ms          │ 3 ms          │ 2.5 ms        │ 2.6 ms        │ 100     │ 100\nTREE"
    );
    script(folder, name, &text);
}

#[test]
fn benchmarks_of_criterion_are_compared() {
    let folder = Folder::new();
    criterion(&folder, "same", 1_000);
    criterion(&folder, "slow", 1_200);
    let bench = |line: &str| folder.run(&format!("bench -n 8 --from criterion {line}"));
    let (outcome, output, errors) = bench("--vs @same -- @slow");
    assert_eq!((outcome, errors.as_str()), (Outcome::Found, ""), "{output}");
    assert!(output.contains("group/a/write 8") && output.contains("+20.0%"), "{output}");
    assert!(!output.contains("whole process") && output.starts_with("criterion: 1 regression"), "{output}");
    let (outcome, output, _) = bench("--vs @same -- @same");
    assert_eq!(outcome, Outcome::Complete, "the numbers of iterations differ from run to run: {output}");
}

#[test]
fn benchmarks_of_divan_are_kept_and_compared() {
    let folder = Folder::new();
    divan(&folder, "same", "1.25 ns");
    divan(&folder, "slow", "1.45 ns");
    let bench = |line: &str| folder.run(&format!("bench -n 8 --from divan --baselines @kept {line}"));
    let (outcome, output, errors) = bench("--save first -- @same");
    assert_eq!((outcome, errors.as_str()), (Outcome::Complete, ""));
    assert!(output.contains("\napp::parse ") && output.contains(" 1.25 ns") && !output.contains("whole"), "{output}");
    let kept = Snapshot::from_json(&fs::read(folder.path("kept/first/run-0003.json")).unwrap()).unwrap();
    assert_eq!((kept.functions[1].calls, kept.functions[1].total_ns), (10_000, 26_000_000_000));
    let (outcome, output, _) = bench("--baseline first -- @slow");
    assert_eq!(outcome, Outcome::Found);
    assert!(output.contains("app::parse") && output.contains("+16.0%"), "{output}");
    assert_eq!(bench("--baseline first -- @same").0, Outcome::Complete);
}

#[test]
fn results_of_an_earlier_run_are_one_run() {
    let folder = Folder::new();
    criterion(&folder, "write", 1_000);
    let mut command = perf_test_support::command(folder.path("write"));
    assert!(command.env("CRITERION_HOME", folder.path("results")).status().unwrap().success());
    let line = "bench --from criterion:@results --baselines @kept --save now";
    let (outcome, output, errors) = folder.run(line);
    assert_eq!((outcome, errors.as_str()), (Outcome::Complete, ""));
    assert!(output.starts_with("criterion:@results · 1 run\n") && output.contains("\nparse "), "{output}");
    let (outcome, output, _) = folder.run("bench --from criterion:@results --baselines @kept --baseline now");
    assert_eq!(outcome, Outcome::Complete);
    assert!(output.contains("There is one run on each side"), "{output}");
    // They may be of another commit than the one that is checked out by now.
    let kept = Snapshot::from_json(&fs::read(folder.path("kept/now/run-0001.json")).unwrap()).unwrap();
    assert_eq!((kept.metadata.commit, kept.metadata.dirty, kept.metadata.branch), (None, None, None));
    let commit = "0123456789012345678901234567890123456789";
    let line = format!("history add @history @kept/now/run-0001.json --commit {commit} --time 1700000000");
    let (_, output, errors) = folder.run(&line);
    assert_eq!((output.as_str(), errors.as_str()), ("1 run added; the history has 1 commit\n", ""));
}

#[test]
fn every_refusal_names_its_cause_and_a_remedy() {
    let folder = Folder::new();
    divan(&folder, "divan", "1 ns");
    folder.put("broken/b/new/benchmark.json", "{\"full_id\":\"b\"}");
    folder.put("broken/b/new/sample.json", "{\"iters\":[1],\"times\":[]}");
    folder.put("text", "nothing of divan's");
    fs::create_dir(folder.path("empty")).unwrap();
    let cases = [
        "bench --from divan",
        "bench --from divan:@text",
        "bench --from criterion:@empty",
        "bench --from criterion:@none",
        "bench --from criterion:@broken",
        "bench --from criterion:@empty -- true",
        "bench --from criterion --vs true",
        "bench -n 1 --from criterion -- @divan",
        "bench -n 1 --from divan -- true",
    ];
    let messages = cases.map(|case| {
        let (outcome, output, errors) = folder.run(case);
        assert_eq!((outcome.status(), output.as_str()), (2, ""), "{case}");
        errors
    });
    insta::assert_snapshot!("harness_refusals", messages.concat());
}

#[test]
fn programs_that_one_command_starts_are_added_up_or_chosen() {
    let folder = Folder::new();
    let mut text = String::new();
    for (number, program) in (1..).zip(["app-0123456789abcdef", "end_to_end-0123456789abcdef"]) {
        let mut snapshot = process(number, vec![function("app::work", &[(1_000, 100 * u64::from(number))])]);
        snapshot.process.program = program.into();
        folder.put(&format!("{number}.snapshot"), snapshot.to_json());
        let file = folder.path(&format!("{number}.snapshot"));
        text += &format!("cp {} \"$(echo \"${{PERF_REPORT#json:}}\" | sed \"s/%p/{number}/\")\"\n", file.display());
    }
    script(&folder, "tests", &text);
    let bench = |options: &str| folder.run(&format!("bench -n 1 --warmup 0{options} -- @tests"));
    let calls = |output: &str| {
        let row = output.lines().find(|line| line.starts_with("app::work ")).unwrap().to_owned();
        row.split_whitespace().nth(1).unwrap().to_owned()
    };
    let (outcome, output, _) = bench("");
    assert_eq!((outcome, calls(&output).as_str()), (Outcome::Complete, "300"));
    assert!(output.contains("\nThe sum of app, end_to_end; --program chooses.\n"), "{output}");
    let (_, output, _) = bench(" --program end_*");
    assert!(calls(&output) == "200" && !output.contains("The sum of"), "{output}");
    let (outcome, _, errors) = bench(" --program other");
    assert_eq!(outcome, Outcome::Failed);
    assert_eq!(errors, "error: `@tests` ran no annotated program that --program chooses, but app, end_to_end\n");
}

#[test]
fn cargo_counts_through_its_runner() {
    let folder = Folder::new();
    let snapshot = process(1, vec![function("app::work", &[(1_000, 100)])]);
    folder.put("snapshot", snapshot.to_json());
    // A cargo that starts one program, through the runner if it has one, as the real one does.
    let cargo = format!(
        "if [ -n \"$CARGO_TARGET_TEST_MACHINE_RUNNER\" ]; then exec $CARGO_TARGET_TEST_MACHINE_RUNNER program; fi\n\
         sed \"s/\\\"started_unix_ns\\\":[0-9]*/\\\"started_unix_ns\\\":$(date +%s%N)/\" {} > \
         \"$(echo \"${{PERF_REPORT#json:}}\" | sed \"s/%p/$$/\")\"",
        folder.path("snapshot").display()
    );
    script(&folder, "bin/cargo", &cargo);
    script(&folder, "bin/rustc", "printf 'rustc 1.95.0\\nhost: test-machine\\n'");
    script(
        &folder,
        "bin/valgrind",
        "for word; do case $word in\n--callgrind-out-file=*) file=${word#*=} ;;\n--version) exit 0 ;;\nesac; done\n\
         [ \"$word\" = program ] && [ \"$PERF_ENABLED\" = 0 ] || exit 9\n\
         printf 'fn=(1) app::work\\n1 5000\\nsummary: 9000\\n' > \"$(echo \"$file\" | sed \"s/%p/$$/\")\"",
    );
    let path = format!("{}:{}", folder.path("bin").display(), std::env::var("PATH").unwrap());
    let mut bench = perf_test_support::command(env!("CARGO_BIN_EXE_perfrec"));
    bench.args(["bench", "--count", "-n", "1", "--", "cargo", "test"]).env("PATH", path).env_remove("RUSTC");
    let output = bench.current_dir(folder.path("")).output().unwrap();
    let [output, errors] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned());
    let row =
        output.lines().find(|line| line.starts_with("instructions ")).unwrap_or_else(|| panic!("{output}{errors}"));
    assert!(row.contains(" 9,000 "), "{row}");
}

#[test]
fn hardware_counters_count_each_run_or_say_why_not() {
    let folder = Folder::new();
    let snapshot = process(1, vec![function("app::work", &[(1_000, 100)])]);
    folder.put("snapshot", snapshot.to_json());
    let file = folder.path("snapshot");
    script(&folder, "app", &format!("cp {} \"$(echo \"${{PERF_REPORT#json:}}\" | sed s/%p/1/)\"", file.display()));
    let (outcome, output, errors) = folder.run("bench -n 2 --count-hardware -- @app");
    assert_eq!(outcome, Outcome::Complete, "{errors}");
    let counted = ["\nhardware instructions ", "\ncycles "].map(|row| output.contains(row));
    let says_why = errors.starts_with("warning: hardware counters are not used: ");
    assert_eq!(counted, [!says_why; 2], "{output}{errors}");
}
