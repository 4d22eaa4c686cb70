//! Benchmark runs: what is measured and kept, what is compared, what is caught.
//!
//! The programs here are shell scripts that leave a prepared snapshot where `PERF_REPORT` asks for it, as annotated
//! programs do; the tests of the examples run real ones.
#![cfg(all(feature = "command", unix))]
#![allow(clippy::unwrap_used, reason = "a helper's failure is the test's")]

mod programs;

use std::{
    fs,
    os::unix::process::ExitStatusExt,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use perf_report::{Snapshot, command::Outcome};
use perf_test_support::executable::write_script;
use programs::{Folder, function, process};

/// A folder with a program that records so many ns per call, prints a text and ends with a status.
fn program(folder: &Folder, name: &str, ns: u64, text: &str, status: i32) {
    let snapshot = process(1, vec![function("app::work", &[(ns, 100)])]);
    folder.put(&format!("{name}.snapshot"), snapshot.to_json());
    let path = folder.path(name);
    // Every run begins at another time.
    let script = format!(
        "#!/bin/sh\nfile=$(echo \"${{PERF_REPORT#json:}}\" | sed \"s/%p/$$/\")\n\
         sed \"s/\\\"started_unix_ns\\\":[0-9]*/\\\"started_unix_ns\\\":$(date +%s%N)/\" {}.snapshot > \"$file\"\n\
         {text}\nexit {status}\n",
        path.display()
    );
    write_script(&path, &script);
}

fn folder() -> Folder {
    let folder = Folder::new();
    program(&folder, "fast", 1_000, "echo same", 0);
    program(&folder, "slow", 1_500, "echo same", 0);
    program(&folder, "wrong", 1_000, "echo other", 0);
    program(&folder, "fails", 1_000, "echo cause >&2", 3);
    program(&folder, "unsteady", 1_000, "date +%N", 0);
    folder
}

#[test]
fn a_command_alone_is_measured() {
    let (outcome, output, errors) = folder().run("bench -n 3 -- @fast x");
    assert_eq!((outcome, errors.as_str()), (Outcome::Complete, ""));
    assert!(output.starts_with("@fast x · 3 runs\n"), "{output}");
    for row in ["wall ", "user ", "system ", "peak memory ", "app::work "] {
        assert!(output.contains(&format!("\n{row}")), "{row}: {output}");
    }
    assert!(output.contains(" 100 ") && output.contains("1.00 µs"), "{output}");
}

#[test]
fn only_the_selected_functions_are_shown() {
    let folder = folder();
    let (outcome, output, _) = folder.run("bench -n 1 --warmup 0 --only *::work -- @fast");
    assert!(outcome == Outcome::Complete && output.contains("\napp::work "), "{output}");
}

#[test]
fn two_commands_are_run_in_turns_and_compared() {
    let folder = folder();
    let line = |after: &str, before: &str| format!("bench -n 8 --warmup 0 --only app::* --vs @{before} -- @{after}");
    let (outcome, output, errors) = folder.run(&line("slow", "fast"));
    assert_eq!((outcome.status(), errors.as_str()), (1, ""), "{output}");
    assert!(output.contains("8 runs before, 8 after") && output.contains("+50.0%"), "{output}");
    // The time of a shell varies, also by more than the usual threshold; but not in so many runs by a half.
    program(&folder, "crawls", 10_000, "echo same", 0);
    let (outcome, output, _) = folder.run(&line("fast", "crawls").replace("bench ", "bench --threshold 60% "));
    assert!(outcome == Outcome::Complete && output.contains("-90.0%"), "faster is no failure: {output}");
}

#[test]
fn baselines_are_kept_and_compared_with() {
    let folder = folder();
    let save = folder.run("bench -n 8 --baselines @kept --validate --save first -- @fast");
    assert_eq!((save.0, save.2.as_str()), (Outcome::Complete, ""));
    let bench = |command: &str| folder.run(&format!("bench -n 8 --baselines @kept --baseline first {command}"));
    assert_eq!(bench("-- @slow").0, Outcome::Found);
    assert!(bench("--validate -- @wrong").2.contains("differ: the behaviour changed, not only the speed"));
    let (outcome, sum, _) = folder.run("merge @kept/first");
    assert_eq!(outcome, Outcome::Complete, "other commands read it too");
    assert_eq!(Snapshot::from_json(sum.as_bytes()).unwrap().functions[0].calls, 800);
    let (outcome, _, errors) = folder.run("bench --baselines @kept --baseline none -- @fast");
    assert_eq!(outcome.status(), 2);
    assert_eq!(errors, "error: @kept/none: this baseline does not exist; make it with --save\n");
    folder.put("kept/first/processes.jsonl", "{\"wall_ns\":");
    assert!(bench("-- @fast").2.starts_with("error: @kept/first/processes.jsonl: line 1: "));
}

#[test]
fn another_behaviour_is_caught() {
    let folder = folder();
    let validate = |options: &str| folder.run(&format!("bench -n 2 --warmup 0 --validate --threshold 1000% {options}"));
    assert_eq!(validate("--vs @fast -- @slow").0, Outcome::Complete);
    let (outcome, _, errors) = validate("--vs @fast -- @wrong");
    assert_eq!(outcome, Outcome::Found);
    assert_eq!(
        errors,
        "error: the outputs of `@wrong` and `@fast` differ: the behaviour changed, not only the speed\n"
    );
    let (outcome, _, errors) = validate("--allow-failure --vs @fast -- @fails");
    assert_eq!(outcome, Outcome::Found);
    assert!(errors.contains("`@fails` and `@fast` end with different exit statuses"), "{errors}");
    let (outcome, _, errors) = validate("-- @unsteady");
    assert_eq!(outcome, Outcome::Found);
    assert!(errors.contains("run 2 of `@unsteady` differs from its run 1"), "{errors}");
    assert_eq!(validate("--judge true --vs @fast -- @wrong").0, Outcome::Complete);
    assert_eq!(validate("--judge cmp --vs @fast -- @wrong").0, Outcome::Found);
}

#[test]
fn every_refusal_names_its_cause_and_a_remedy() {
    let folder = folder();
    let cases = [
        "bench -n 1 -- @fails",
        "bench -n 1 -- @none",
        "bench -n 1 -- true",
        "bench -n 1 --vs ' -- true",
        "bench -n 1 --save a/b -- true",
        "bench -n 1 --vs true --thresholds @none.toml -- true",
        "bench -n 1 --only app::wrok -- @fast",
        "bench -n 1 --format json -- @fast",
        "bench -n 1 --warmup 0 --only app::wrok --vs @fast -- @slow",
    ];
    let messages = cases.map(|case| {
        let (outcome, output, errors) = folder.run(case);
        assert_eq!((outcome.status(), output.as_str()), (2, ""), "{case}");
        errors
    });
    insta::assert_snapshot!("refusals", messages.concat());
}

#[test]
fn a_command_in_which_no_function_ran_is_no_benchmark() {
    let folder = folder();
    program(&folder, "idle", 1_000, "echo same", 0);
    folder.put("idle.snapshot", process(1, vec![function("app::work", &[])]).to_json());
    for line in ["-- @idle", "--baselines @kept --save idle -- @idle", "--vs @fast -- @idle", "--vs @idle -- @fast"] {
        let (outcome, output, errors) = folder.run(&format!("bench -n 1 --warmup 0 {line}"));
        assert_eq!((outcome.status(), output.as_str()), (2, ""), "{line}");
        let start =
            "error: `@idle` called no annotated function, so there is nothing to measure; choose tests or arguments";
        assert!(errors.starts_with(start), "{line}: {errors}");
    }
    assert!(!folder.path("kept/idle").exists());
}

#[test]
fn a_signal_ends_it_and_leaves_no_files() {
    let folder = Folder::new();
    program(&folder, "sleeps", 1_000, "sleep 5", 0);
    let temporary = folder.path("temporary");
    fs::create_dir(&temporary).unwrap();
    let files = || fs::read_dir(&temporary).unwrap().count();
    let mut command = perf_test_support::command(env!("CARGO_BIN_EXE_perfrec"));
    command.args(["bench", "-n", "1000", "--"]).arg(folder.path("sleeps")).env("TMPDIR", &temporary);
    let mut bench = command.stdout(Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    while files() == 0 {
        assert!(begun.elapsed() < Duration::from_secs(60), "it has no folder");
        thread::sleep(Duration::from_millis(5));
    }
    let kill = Command::new("kill").arg(bench.id().to_string()).status();
    assert!(kill.unwrap().success());
    assert_eq!(bench.wait().unwrap().signal(), Some(15));
    assert_eq!(files(), 0);
}

#[test]
fn runs_say_which_commit_they_are_of() {
    let folder = folder();
    let commit = "1234567890abcdef1234567890abcdef12345678";
    folder.put(".git/HEAD", "ref: refs/heads/next\n");
    folder.put(".git/refs/heads/next", commit);
    let mut bench = perf_test_support::command(env!("CARGO_BIN_EXE_perfrec"));
    bench.args(["bench", "-n", "1", "--warmup", "0", "--baselines", "kept", "--save", "now", "--", "./fast"]);
    let output = bench.current_dir(folder.path("")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let kept = Snapshot::from_json(&fs::read(folder.path("kept/now/run-0001.json")).unwrap()).unwrap();
    assert_eq!((kept.metadata.commit.as_deref(), kept.metadata.branch.as_deref()), (Some(commit), Some("next")));
}

#[test]
fn instructions_are_counted_and_half_a_per_cent_more_is_found() {
    let folder = folder();
    // In place of Valgrind a program that knows how many instructions each command has, but for a few.
    let valgrind = "#!/bin/sh\nfor word; do case $word in\n--callgrind-out-file=*) file=${word#*=} ;;\n\
                    *fast) count=1000000 work=50000 ;;\n*wrong) count=1003000 work=53000 ;;\n*slow) count=1008000 work=50000 ;;\nesac; done\n\
                    [ \"$PERF_ENABLED\" = 0 ] || exit 9\n\
                    printf 'fn=(1) app::work\\n1 %s\\nsummary: %s\\n' $work $((count + $$ % 100)) > \"$(echo \"$file\" | sed \"s/%p/$$/\")\"\n";
    write_script(&folder.path("bin/valgrind"), valgrind);
    let bench = |path: &str, line: &str| {
        let mut bench = perf_test_support::command(env!("CARGO_BIN_EXE_perfrec"));
        bench.args(["bench", "--count", "--threshold", "10000%"]).args(line.split(' '));
        let output = bench.current_dir(folder.path("")).env("PATH", path).output().unwrap();
        let [output, errors] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned());
        (output, errors)
    };
    let with = format!("{}:{}", folder.path("bin").display(), std::env::var("PATH").unwrap());
    // The row below a name.
    let row_of = |name: &str, output: &str| {
        let mut lines = output.lines().skip_while(|line| *line != name).skip(1);
        lines.next().unwrap_or_default().to_owned()
    };
    let (output, errors) = bench(&with, "-n 8 --vs ./fast -- ./slow");
    let row = row_of("whole process, counted", &output);
    assert!(row.contains("+0.8%") && row.ends_with("more"), "{output}{errors}");
    let (output, errors) = bench(&with, "-n 8 --vs ./fast -- ./wrong");
    let row = row_of("whole process, counted", &output);
    assert!(row.contains("+0.3%") && row.ends_with("same"), "{output}{errors}");
    let row = row_of("app::work, counted", &output);
    assert!(row.contains("+6.0%") && row.ends_with("more"), "{output}");
    // A search path with what the command needs, and nothing else.
    fs::create_dir(folder.path("few")).unwrap();
    for name in ["sed", "date"] {
        let paths = std::env::var_os("PATH").unwrap();
        let found = std::env::split_paths(&paths).map(|path| path.join(name)).find(|path| path.exists()).unwrap();
        std::os::unix::fs::symlink(found, folder.path("few").join(name)).unwrap();
    }
    let errors = bench(folder.path("few").to_str().unwrap(), "-n 1 -- ./fast").1;
    assert!(errors.contains("needs Valgrind, which is not in PATH; install the package valgrind"), "{errors}");
    bench(&with, "-n 4 --save plain -- ./fast");
    let mut plain = perf_test_support::command(env!("CARGO_BIN_EXE_perfrec"));
    plain.args(["bench", "-n", "1", "--save", "timed", "--", "./fast"]).current_dir(folder.path(""));
    assert!(plain.status().unwrap().success());
    let errors = bench(&with, "-n 4 --baseline timed -- ./slow").1;
    assert!(errors.contains("this baseline has no instructions; make it again with --save and --count"), "{errors}");
    assert!(bench(&with, "-n 4 --baseline plain -- ./slow").0.contains("instructions"));
    let errors = bench(&with, "-n 4 --count-misses --baseline plain -- ./slow").1;
    assert!(errors.contains("this baseline has no misses; make it again with --save and --count-misses"), "{errors}");
}
