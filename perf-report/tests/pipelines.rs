//! Files for pipelines: each format of `--output`, and that none of them ever says that all is well where it is not.
#![cfg(feature = "command")]
#![allow(clippy::unwrap_used, reason = "a helper's failure is the test's")]

mod programs;

use std::fs;

use fastrand::Rng;
use perf_report::{Budget, command::Outcome};
use programs::{Folder, function, process};

const FORMATS: [&str; 7] = ["junit", "sarif", "gitlab", "bencher", "benchmark-action", "markdown", "github"];
const WITH_VERDICT: [&str; 5] = ["junit", "sarif", "gitlab", "markdown", "github"];

/// A name that means something in each of the formats.
const HARMFUL: &str = "app::a|b`<x, {0}>]]>\u{1b}[31m\n::error::\"100%\"";

fn runs(folder: &Folder, name: &str, functions: &[(&str, u64)]) {
    let mut rng = Rng::with_seed(name.len() as u64);
    for number in 1..=10 {
        let of = |&(name, ns): &(&str, u64)| {
            let ns = (ns as f64 * (0.99 + 0.02 * rng.f64())) as u64;
            let mut function = function(name, &[(ns, 990), (ns * 3, 10)]);
            function.line = 7;
            function
        };
        let snapshot = process(number, functions.iter().map(of).collect());
        folder.put(&format!("{name}/run-{number:02}.json"), snapshot.to_json());
    }
}

fn compared() -> Folder {
    let folder = Folder::new();
    runs(&folder, "before", &[("app::parse", 1_000_000), ("app::index", 40_000), (HARMFUL, 900)]);
    runs(&folder, "after", &[("app::parse", 1_300_000), ("app::index", 30_000), (HARMFUL, 1_900)]);
    folder
}

fn budgeted() -> Folder {
    let folder = Folder::new();
    let mut functions = vec![
        function("app::get", &[(1_000, 90), (5_000_000, 10)]),
        function("app::put", &[(1_000, 10)]),
        function("app::idle", &[]),
    ];
    for function in &mut functions {
        function.line = 12;
        function.budgets = vec![Budget::new("p99", 2_000_000)];
    }
    folder.put("run.json", process(7, functions).to_json());
    folder
}

/// All formats of a command, each in its file.
fn every(folder: &Folder, line: &str) -> (Outcome, Vec<String>) {
    let outputs: Vec<String> = FORMATS.iter().map(|format| format!("--output {format}:@out.{format}")).collect();
    let (outcome, _, _) = folder.run(&format!("{line} {}", outputs.join(" ")));
    let shown = format!("{}/", folder.path("").display()).replace("//", "/");
    let read = |format: &&str| fs::read_to_string(folder.path(&format!("out.{format}"))).unwrap().replace(&shown, "@");
    (outcome, FORMATS.iter().map(read).collect())
}

/// JSON with a line per value, so that a difference can be read.
fn lines(text: &str) -> String {
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(value) => serde_json::to_string_pretty(&value).unwrap(),
        Err(_) => text.to_owned(),
    }
}

#[test]
fn a_comparison_is_written_in_every_format() {
    let (outcome, texts) = every(&compared(), "diff @before @after --metrics p50,calls");
    assert_eq!(outcome, Outcome::Found);
    for (format, text) in FORMATS.iter().zip(texts) {
        assert!(!text.contains('\u{1b}'), "{format}");
        insta::assert_snapshot!(format!("diff_{}", format.replace('-', "_")), lines(&text));
    }
}

#[test]
fn budgets_are_written_in_every_format() {
    let (outcome, texts) = every(&budgeted(), "check @run.json");
    assert_eq!(outcome, Outcome::Found);
    for (format, text) in FORMATS.iter().zip(texts) {
        insta::assert_snapshot!(format!("check_{}", format.replace('-', "_")), lines(&text));
    }
}

#[test]
fn a_command_without_a_result_leaves_files_that_say_so() {
    let folder = compared();
    for line in ["diff @before @missing", "diff @before @after --only gone", "check @missing", "check @before"] {
        for format in FORMATS {
            folder.put(&format!("out.{format}"), "of an earlier run");
        }
        let (outcome, texts) = every(&folder, line);
        assert_eq!(outcome, Outcome::Failed, "{line}");
        let text = |format| &texts[FORMATS.iter().position(|known| *known == format).unwrap()];
        assert!(text("junit").contains("errors=\"1\"") && text("junit").contains("<error message"), "{line}");
        assert!(text("sarif").contains("\"executionSuccessful\":false"), "{line}");
        assert!(text("gitlab").contains("\"severity\":\"blocker\""), "{line}");
        assert!(text("github").starts_with("::error title="), "{line}");
        assert!(text("markdown").contains("No verdict") && !text("markdown").contains('✅'), "{line}");
        assert!(!texts.iter().any(|text| text.contains("of an earlier run")), "{line}");
    }
}

#[test]
fn a_damaged_recording_is_not_well_in_any_format() {
    let folder = compared();
    let snapshot = fs::read_to_string(folder.path("before/run-01.json")).unwrap();
    folder.put("before/run-01.json", &snapshot[..snapshot.len() / 2]);
    let (outcome, texts) = every(&folder, "diff @before @after");
    assert_eq!(outcome, Outcome::Failed);
    assert!(texts[0].contains("breaks off"), "{}", texts[0]);
}

#[test]
fn standard_output_holds_one_format_in_place_of_the_text() {
    let folder = budgeted();
    let (outcome, output, errors) = folder.run("check @run.json --output sarif:- --output junit:@out.xml");
    assert_eq!((outcome, errors.as_str()), (Outcome::Found, ""));
    assert_eq!(serde_json::from_str::<serde_json::Value>(&output).unwrap()["version"], "2.1.0");
    assert!(fs::read_to_string(folder.path("out.xml")).unwrap().contains("failures=\"1\""));
}

#[test]
fn what_all_is_well_looks_like() {
    let folder = compared();
    let (outcome, texts) = every(&folder, "diff @before @before");
    assert_eq!(outcome, Outcome::Complete);
    assert!(texts[0].contains("failures=\"0\" errors=\"0\""), "{}", texts[0]);
    assert!(texts[1].contains("\"results\":[]") && texts[2] == "[]\n", "{texts:?}");
    assert!(texts[5].contains("### ✅ No regression found") && texts[6].is_empty(), "{texts:?}");
}

#[test]
fn wrong_outputs_are_refused_with_what_to_write() {
    let folder = budgeted();
    let mut refusals = String::new();
    for line in [
        "check @run.json --output xml:@out",
        "check @run.json --output junit",
        "check @run.json --output junit:",
        "check @run.json --output junit:@out --output sarif:@out",
    ] {
        let (outcome, _, errors) = folder.run(line);
        assert_eq!(outcome, Outcome::Failed, "{line}");
        refusals += &format!("{line}\n{errors}\n");
    }
    for format in WITH_VERDICT {
        let (outcome, _, errors) = folder.run(&format!("bench --output {format}:@out -- true"));
        assert!(outcome == Outcome::Failed && errors.contains("only a comparison has one"), "{errors}");
    }
    insta::assert_snapshot!(refusals);
    let (outcome, _, errors) = folder.run("check @run.json --output junit:@missing/out.xml");
    assert!(outcome == Outcome::Failed && errors.contains("error: @missing/out.xml: cannot be written: "), "{errors}");
}

#[cfg(unix)]
#[test]
fn github_gets_annotations_and_the_summary_of_the_step() {
    let folder = budgeted();
    folder.put("summary.md", "before\n");
    let run = |actions: &str| {
        let mut command = perf_test_support::command(env!("CARGO_BIN_EXE_perfrec"));
        command.current_dir(folder.path("")).args(["check", "run.json", "--output", "github"]);
        command.env("GITHUB_ACTIONS", actions).env("GITHUB_STEP_SUMMARY", folder.path("summary.md"));
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).unwrap()
    };
    assert_eq!(run("false"), "");
    assert!(
        run("true").starts_with("::error file=src/main.rs,line=12,title=perf-report check%3A app%3A%3Aget::p99 of ")
    );
    let summary = fs::read_to_string(folder.path("summary.md")).unwrap();
    assert!(summary.starts_with("before\n<!-- perf-report check -->\n### ❌ 1 metric over budget"), "{summary}");
}
