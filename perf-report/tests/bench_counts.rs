//! Counted instructions in a comparison: of few runs, of functions that one side did not count, by thresholds of their own, of kept runs.
//!
//! In place of Valgrind a script leaves the file of Callgrind that lies beside the program.
#![cfg(all(feature = "command", unix))]
#![allow(clippy::unwrap_used, reason = "a helper's failure is the test's")]

mod programs;

use std::fs;

use perf_report::Kind;
use perf_test_support::executable::write_script;
use programs::{Folder, function, process};

/// A folder with the Valgrind of these tests.
fn folder() -> Folder {
    let folder = Folder::new();
    write_script(
        &folder.path("bin/valgrind"),
        "#!/bin/sh\nfor word; do case $word in\n--callgrind-out-file=*) file=${word#*=} ;;\n--*) ;;\n*) program=$word; break ;;\nesac; done\n\
         cp \"$program.callgrind\" \"$(echo \"$file\" | sed \"s/%p/$$/\")\"\n",
    );
    folder
}

/// A program that records 10 calls of each function, and the instructions that are counted of it, of each function as far as it has a symbol.
fn program(folder: &Folder, name: &str, functions: &[(&str, Option<u64>)]) {
    let mut callgrind = "events: Ir\n".to_owned();
    let mut recorded = Vec::new();
    for (line, &(function_name, instructions)) in (1..).zip(functions) {
        let mut function = function(function_name, &[(1_000, 10)]);
        function.line = line;
        recorded.push(function);
        if let Some(instructions) = instructions {
            callgrind += &format!("fn=({line}) {function_name}\n1 {instructions}\n");
        }
    }
    folder.put(&format!("{name}.callgrind"), callgrind + "totals: 1000000\n");
    folder.put(&format!("{name}.snapshot"), process(1, recorded).to_json());
    let path = folder.path(name);
    // Every run begins at another time.
    let script = format!(
        "#!/bin/sh\nfile=$(echo \"${{PERF_REPORT#json:}}\" | sed \"s/%p/$$/\")\n\
         sed \"s/\\\"started_unix_ns\\\":[0-9]*/\\\"started_unix_ns\\\":$(date +%s%N)/\" {}.snapshot > \"$file\"\n",
        path.display()
    );
    write_script(&path, &script);
}

/// Runs a command in the folder: its exit status, its output with each sentence and each row in one line, and its errors.
fn run(folder: &Folder, line: &str) -> (Option<i32>, String, String) {
    let mut command = perf_test_support::command(env!("CARGO_BIN_EXE_perfrec"));
    let path = format!("{}:{}", folder.path("bin").display(), std::env::var("PATH").unwrap());
    command.args(line.split(' ')).current_dir(folder.path("")).env("PATH", path);
    let output = command.output().unwrap();
    let [text, errors] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned());
    (output.status.code(), text.replace("\n  ", " "), errors)
}

/// Compares two programs by their counts. Times decide nothing.
fn bench(folder: &Folder, options: &str, before: &str, after: &str) -> (Option<i32>, String, String) {
    run(folder, &format!("bench --warmup 0 --count --all --threshold 100000% {options} --vs ./{before} -- ./{after}"))
}

/// The row below a name: its metric, values, change and verdict.
fn row_of(name: &str, output: &str) -> String {
    let at = output.find(&format!("\n{name} ")).unwrap_or_else(|| panic!("{name}: {output}"));
    let row = output[at + 1..].lines().next().unwrap_or_default();
    row[name.len()..].split_whitespace().collect::<Vec<_>>().join(" ")
}

fn usual() -> Folder {
    let folder = folder();
    program(&folder, "old", &[("app::hash", Some(100_000)), ("app::mix", Some(50_000))]);
    program(&folder, "new", &[("app::hash", Some(107_000)), ("app::mix", Some(50_000))]);
    folder
}

#[test]
fn counts_of_fewer_runs_than_a_test_needs_are_suspicions() {
    let folder = usual();
    for runs in ["1", "4"] {
        let options = format!("-n {runs} --output markdown:comment.md");
        let (status, output, errors) = bench(&folder, &options, "old", "new");
        assert_eq!(status, Some(0), "{output}{errors}");
        assert!(output.starts_with("app: 1 suspected regression, "), "{output}");
        assert_eq!(row_of("app::hash, counted", &output), "instructions 100,000 107,000 +7.0% more?");
        assert_eq!(row_of("app::mix, counted", &output), "instructions 50,000 50,000 0.0% same");
        assert!(output.contains(
            "Counts of so few runs are not tested: a change of a count by its threshold or more is a suspicion"
        ));
        let comment = fs::read_to_string(folder.path("comment.md")).unwrap();
        assert!(comment.contains("### ⚠️ 1 metric may have regressed"), "{comment}");
        let (status, output, _) = bench(&folder, &options, "new", "old");
        assert!(status == Some(0) && row_of("app::hash, counted", &output).ends_with("-6.5% fewer?"), "{output}");
    }
    let (status, output, _) = bench(&folder, "-n 5", "old", "new");
    assert!(status == Some(1) && row_of("app::hash, counted", &output).ends_with(" more"), "{output}");
    assert!(!output.contains("suspic"), "{output}");
}

#[test]
fn functions_that_one_side_did_not_count_are_named() {
    let folder = usual();
    program(&folder, "half", &[("app::hash", None), ("app::mix", Some(50_000))]);
    for (before, after, sides) in
        [("old", "half", "only before"), ("half", "new", "only after"), ("half", "half", "on neither side")]
    {
        let options = "-n 5 --output markdown:comment.md";
        let (status, output, errors) = bench(&folder, options, before, after);
        assert_eq!(status, Some(0), "{output}{errors}");
        let warning = format!(
            "Warning: no instructions were compared of 1 function (app::hash), counted {sides}; a function is counted by the name of its symbol"
        );
        assert!(output.contains(&warning) && !output.contains("app::hash, counted"), "{output}");
        let comment = fs::read_to_string(folder.path("comment.md")).unwrap();
        assert!(
            comment.contains(&format!(
                "> Warning: no instructions were compared of 1 function (app::hash), counted {sides}; "
            )),
            "{comment}"
        );
    }
}

#[test]
fn without_any_function_to_compare_there_is_no_verdict() {
    let folder = usual();
    program(&folder, "bare", &[("app::hash", None), ("app::mix", None)]);
    for (before, after) in [("old", "bare"), ("bare", "new"), ("bare", "bare")] {
        let (status, output, errors) = bench(&folder, "-n 5 --output markdown:comment.md", before, after);
        assert_eq!((status, output.as_str()), (Some(2), ""), "{errors}");
        let start =
            "error: no instructions can be compared of 2 functions (app::hash, app::mix); a function is counted by";
        assert!(errors.starts_with(start) && errors.ends_with(", or remove --count\n"), "{errors}");
        assert!(fs::read_to_string(folder.path("comment.md")).unwrap().contains("No verdict"));
    }
}

#[test]
fn a_command_alone_says_which_functions_have_no_count() {
    let folder = usual();
    program(&folder, "half", &[("app::hash", None), ("app::mix", Some(50_000))]);
    let (status, output, errors) = run(&folder, "bench --count -n 1 --warmup 0 -- ./half");
    assert!(status == Some(0) && output.contains("\napp::mix "), "{output}{errors}");
    assert!(
        errors.starts_with("warning: no instructions were counted of 1 function (app::hash); a function is"),
        "{errors}"
    );
}

#[test]
fn a_renamed_function_keeps_its_count() {
    let folder = usual();
    program(&folder, "renamed", &[("app::digest", Some(107_000)), ("app::mix", Some(50_000))]);
    let (status, output, errors) = bench(&folder, "-n 5", "old", "renamed");
    assert_eq!(status, Some(1), "{output}{errors}");
    let row = row_of("app::digest, counted (was app::hash)", &output);
    assert!(row.starts_with("instructions 100,000 107,000 +7.0% ") && row.ends_with(" more"), "{row}");
}

#[test]
fn rules_and_a_threshold_of_their_own_reach_instructions() {
    let folder = usual();
    let rule = |name: &str, fields: &str| {
        folder.put(&format!("{name}.toml"), format!("[[threshold]]\nfunction = 'app::hash'\n{fields}\n"));
        format!("-n 5 --thresholds {name}.toml")
    };
    for (options, is_found) in [
        (rule("ignored", "change = 'ignore'"), false),
        (rule("more", "instructions = '8%'"), false),
        (rule("less", "instructions = '6%'"), true),
        (rule("times", "change = '8%'"), true),
        (rule("both", "change = 'ignore'\ninstructions = '6%'"), true),
        ("-n 5 --counted-threshold 8%".to_owned(), false),
        ("-n 5 --counted-threshold 6%".to_owned(), true),
        ("-n 4 --counted-threshold 8%".to_owned(), false),
    ] {
        let (status, output, errors) = bench(&folder, &options, "old", "new");
        assert_eq!(status, Some(i32::from(is_found)), "{options}: {output}{errors}");
        assert_eq!(row_of("app::hash, counted", &output).ends_with(" same"), !is_found, "{options}: {output}");
    }
    let basis = bench(&folder, "-n 5 --counted-threshold 8%", "old", "new").1;
    assert!(basis.lines().nth(2).unwrap().ends_with(", of instructions below 8 %, do not count."), "{basis}");
}

/// Keeps runs of a program with their counts.
fn save(folder: &Folder, name: &str, options: &str) {
    let (status, _, errors) =
        run(folder, &format!("bench --warmup 0 {options} --baselines kept --save {name} -- ./{name}"));
    assert_eq!(status, Some(0), "{errors}");
}

#[test]
fn diff_compares_the_counts_of_kept_runs() {
    let folder = usual();
    for name in ["old", "new"] {
        save(&folder, name, "-n 6 --count-misses");
    }
    let diff = |paths: &str| run(&folder, &format!("diff --threshold 100000% --all {paths}"));
    let (status, output, errors) = diff("kept/old kept/new");
    assert_eq!((status, errors.as_str()), (Some(1), ""), "{output}");
    let row = row_of("app::hash, counted", &output);
    assert!(row.starts_with("instructions 100,000 107,000 +7.0% ") && row.ends_with(" more"), "{row}");
    assert_eq!(row_of("whole process, counted", &output), "instructions 1,000,000 1,000,000 0.0% same");
    // Where others lie between them, each count stays with its run.
    for number in ["1", "2"] {
        folder.put(
            &format!("kept/old/a{number}.json"),
            process(number.parse().unwrap(), vec![function("app::hash", &[(1_000, 10)])]).to_json(),
        );
    }
    assert_eq!(diff("kept/old kept/new").0, Some(1));
    let (status, output, _) = diff("kept/old/run-0001.json kept/new/run-0001.json");
    assert!(status == Some(0) && row_of("app::hash, counted", &output).ends_with("+7.0% more?"), "{output}");
    assert_eq!(diff("kept/old kept/new --counted-threshold 8%").0, Some(0));
    folder.put("kept/old/processes.jsonl", "{");
    let (status, _, errors) = diff("kept/old kept/new");
    assert_eq!(status, Some(2));
    assert!(errors.starts_with("error: kept/old/processes.jsonl: line 1: "), "{errors}");
}

#[test]
fn counts_that_only_one_side_has_are_said() {
    let folder = usual();
    save(&folder, "old", "-n 5 --count");
    save(&folder, "new", "-n 5");
    let only = |side: &str, other: &str| {
        format!(
            "Warning: only the runs {side} have instructions, so nothing of that is compared; make the runs {other} with the same options"
        )
    };
    let (status, output, _) = run(&folder, "diff --threshold 100000% kept/old kept/new");
    assert!(status == Some(0) && output.contains(&only("before", "after")), "{output}");
    let (_, output, _) = run(&folder, "diff --threshold 100000% kept/new kept/old");
    assert!(output.contains(&only("after", "before")), "{output}");
    let (status, output, _) =
        run(&folder, "bench --warmup 0 -n 5 --threshold 100000% --baselines kept --baseline old -- ./new");
    assert!(status == Some(0) && output.contains(&only("before", "after")), "{output}");
}

#[test]
fn functions_whose_calls_were_inlined_are_named() {
    let folder = usual();
    for name in ["old", "new"] {
        save(&folder, name, "-n 5 --count");
    }
    let processes = fs::read_to_string(folder.path("kept/new/processes.jsonl")).unwrap();
    let processes = processes.replace("\"outcome\"", "\"inlined\":[\"app::mix\"],\"outcome\"");
    folder.put("kept/new/processes.jsonl", processes);
    let note = "Calls of 1 function (app::mix) were inlined, where nothing can count them";
    let (_, output, _) = run(&folder, "diff --threshold 100000% kept/old kept/new");
    assert!(output.contains(note), "{output}");
    assert!(!run(&folder, "diff --threshold 100000% kept/old kept/old --only app::hash").1.contains("inlined"));
}

#[test]
fn the_work_of_async_functions_is_not_counted_and_that_is_said() {
    let folder = folder();
    for (name, making) in [("old", 10), ("new", 20)] {
        program(&folder, name, &[("app::hash", Some(100_000)), ("app::serve", Some(making))]);
        let text = fs::read_to_string(folder.path(&format!("{name}.snapshot"))).unwrap();
        let mut snapshot = perf_report::Snapshot::from_json(text.as_bytes()).unwrap();
        snapshot.functions[1].kind = Kind::Future;
        folder.put(&format!("{name}.snapshot"), snapshot.to_json());
    }
    let (status, output, _) = bench(&folder, "-n 5", "old", "new");
    assert_eq!(status, Some(0), "{output}");
    assert!(output.contains("No count of their own: 1 row (app::serve). Async functions, blocks, "), "{output}");
}

#[test]
fn rows_without_a_symbol_of_their_name_are_no_reason_to_refuse() {
    let folder = folder();
    for name in ["old", "new"] {
        program(&folder, name, &[("app::INDEX", None), ("app::put<u8>", None), ("app::put", None)]);
        let text = fs::read_to_string(folder.path(&format!("{name}.snapshot"))).unwrap();
        let mut snapshot = perf_report::Snapshot::from_json(text.as_bytes()).unwrap();
        // The function has a row too, under which no call is recorded.
        snapshot.functions[2] = function("app::put", &[]);
        snapshot.functions[2].line = snapshot.functions[1].line;
        let mut resource = perf_report::Resource::new("app::INDEX");
        resource.function = Some(0);
        snapshot.resources = vec![resource];
        folder.put(&format!("{name}.snapshot"), snapshot.to_json());
    }
    let (status, output, errors) = bench(&folder, "-n 5", "old", "new");
    assert_eq!((status, errors.as_str()), (Some(0), ""), "{output}");
    assert!(output.contains("No count of their own: 2 rows (app::INDEX, app::put<u8>)."), "{output}");
    assert!(!output.contains("Warning"), "{output}");
    let (_, _, errors) = run(&folder, "bench --count -n 1 --warmup 0 -- ./old");
    assert_eq!(errors, "");
}
