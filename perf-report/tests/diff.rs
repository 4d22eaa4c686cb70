//! `diff`: what it shows, what it refuses, and its exit status.
#![cfg(feature = "command")]
#![allow(clippy::unwrap_used, reason = "a helper's failure is the test's")]

mod programs;

use fastrand::Rng;
use perf_report::command::Outcome;
use programs::{Folder, function, process};

/// Runs of a small program whose functions take so many ns, with a little noise.
fn runs(folder: &Folder, name: &str, count: u32, functions: &[(&str, u64)]) {
    let mut rng = Rng::with_seed(name.len() as u64);
    for number in 1..=count {
        let of = |&(name, ns): &(&str, u64)| {
            let ns = (ns as f64 * (0.99 + 0.02 * rng.f64())) as u64;
            function(name, &[(ns, 990), (ns * 3, 10)])
        };
        let snapshot = process(number, functions.iter().map(of).collect());
        folder.put(&format!("{name}/run-{number:02}.json"), snapshot.to_json());
    }
}

fn folder() -> Folder {
    let folder = Folder::new();
    let before = [
        ("app::parse", 1_000_000),
        ("app::index", 40_000),
        ("app::read", 900),
        ("app::a|b`<x>", 7_000),
        ("app::old", 50),
    ];
    let after = [
        ("app::parse", 1_200_000),
        ("app::index", 30_000),
        ("app::read", 905),
        ("app::a|b`<x>", 7_900),
        ("app::new", 50),
    ];
    runs(&folder, "before", 10, &before);
    runs(&folder, "after", 10, &after);
    folder
}

#[test]
fn slower_functions_are_shown_and_fail() {
    let folder = folder();
    let (outcome, output, errors) = folder.run("diff @before @after");
    assert_eq!((outcome.status(), errors.as_str()), (1, ""));
    insta::assert_snapshot!("text", output);
    insta::assert_snapshot!("markdown", folder.run("diff @before @after --format markdown --all").1);
    assert_eq!(folder.run("diff @after @after"), folder.run("diff @after @after"), "the same every time");
    assert_eq!(folder.run("diff @after @after").0, Outcome::Complete);
}

#[test]
fn thresholds_are_per_function() {
    let folder = folder();
    folder.put("rules.toml", "[[threshold]]\nfunction = 'app::parse'\nchange = '25%'\n[[threshold]]\nfunction = 'app::a*'\nchange = 'ignore'\n");
    let verdict = |options: &str| folder.run(&format!("diff @before @after {options}")).0;
    assert_eq!(verdict("--thresholds @rules.toml"), Outcome::Complete);
    assert_eq!(verdict("--threshold 30%"), Outcome::Complete);
    assert_eq!(verdict("--only app::index --only app::r*"), Outcome::Complete);
    assert_eq!(verdict("--metrics calls"), Outcome::Complete);
    assert_eq!(verdict("--metrics p99"), Outcome::Found);
    let json = folder.run("diff @before @after --format json").1;
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&value["basis"], &value["compared"][0]["verdict"]), (&"over_runs".into(), &"regressed".into()));
}

#[test]
fn a_pattern_that_matches_nothing_is_status_two() {
    let folder = folder();
    folder.put("gone.toml", "[[threshold]]\nfunction = 'app::gone'\nchange = '25%'\n");
    folder.put("budgets.toml", "[[budget]]\nfunction = 'app::*'\np99 = '25ms'\n");
    for (options, message) in [
        (
            "--only app::prase",
            "error: --only \"app::prase\" matches no function; correct the pattern; the nearest names: app::parse",
        ),
        ("--thresholds @gone.toml", "error: the threshold for \"app::gone\" matches no function; correct or remove it"),
        ("--thresholds @budgets.toml", "error: @budgets.toml: no [[threshold]] in this file"),
        ("--only app::[p", "error: invalid value 'app::[p' for '--only <PATTERN>': \"app::[p\" is not a pattern"),
        ("--threshold 5", "error: invalid value '5' for '--threshold <CHANGE>': \"5\" has no unit; write `5%`"),
        ("--alpha 100%", "error: invalid value '100%' for '--alpha <PROBABILITY>': a probability must be"),
    ] {
        let (outcome, output, errors) = folder.run(&format!("diff @before @after {options}"));
        assert_eq!((outcome.status(), output.as_str()), (2, ""), "{options}");
        assert!(errors.starts_with(message), "{options}: {errors}");
    }
}

#[test]
fn one_run_a_side_gives_suspicions() {
    let (outcome, output, _) = folder().run("diff @before/run-01.json @after/run-01.json");
    assert_eq!(outcome, Outcome::Complete, "a suspicion is not a finding");
    insta::assert_snapshot!("one_run", output);
}

#[test]
fn rows_that_could_not_be_tested_are_neither_unchanged_nor_green() {
    let folder = Folder::new();
    let put = |name: &str, pid, ns, rare| {
        let functions = vec![function("app::main", &[(ns, 1)]), function("app::rare", &[(rare, 1)])];
        folder.put(&format!("{name}.json"), process(pid, functions).to_json());
    };
    put("before", 1, 1_000_000, 1_000);
    put("after", 2, 3_000_000, 1_010);
    let (outcome, output, _) =
        folder.run("diff @before.json @after.json --metrics p50,total --output markdown:@comment.md --all");
    assert_eq!(outcome, Outcome::Complete);
    assert!(output.starts_with("app: 1 not tested, 1 unchanged\n"), "{output}");
    assert!(
        output.contains("• 1 row could not be tested, because it has values of too few runs or calls."),
        "{output}"
    );
    let comment = std::fs::read_to_string(folder.path("comment.md")).unwrap();
    assert!(comment.contains("### ⚠️ No full verdict: 2 metrics rose and could not be tested\n"), "{comment}");
    assert!(comment.contains("| ➖ | `app::main` |") && comment.contains("| ✅ | `app::rare` |"), "{comment}");
    // A fall of what could not be tested hides no rise.
    folder.run("diff @after.json @before.json --metrics p50,total --output markdown:@comment.md");
    assert!(std::fs::read_to_string(folder.path("comment.md")).unwrap().contains("### ✅ No regression found"));
}

#[test]
fn sides_that_cannot_be_compared_are_refused_with_the_reason() {
    let folder = folder();
    folder.put("empty/readme.txt", "");
    folder.put("idle.json", process(1, vec![function("f", &[])]).to_json());
    folder.put("strange.json", process(1, vec![function("g", &[(1, 1)])]).to_json());
    let mut other = process(1, vec![function("app::parse", &[(1, 1)])]);
    other.process.program = "other".into();
    folder.put("other.json", other.to_json());
    folder.put("torn.json", &other.to_json().as_bytes()[..90]);
    let refusals = ["empty", "idle.json", "strange.json", "other.json", "torn.json", "no.json"].map(|name| {
        let (outcome, output, errors) = folder.run(&format!("diff @before @{name}"));
        assert_eq!((outcome.status(), output.as_str()), (2, ""), "{name}");
        errors
    });
    insta::assert_snapshot!("refusals", refusals.concat());
    assert_eq!(folder.run("diff @before @other.json --any-program").0, Outcome::Complete);
}

#[test]
fn runs_of_other_builds_and_machines_are_compared_with_a_warning() {
    let folder = Folder::new();
    let put = |name: &str, pid, profile: &str, dataset: &str| {
        let mut snapshot = process(pid, vec![function("app::parse", &[(1_000, 100)])]);
        snapshot.metadata.profile = Some(profile.into());
        snapshot.metadata.custom.insert("dataset".into(), dataset.into());
        folder.put(name, snapshot.to_json());
    };
    put("before.json", 1, "release", "small");
    put("after.json", 2, "debug", "large\u{1b}");
    let output = folder.run("diff @before.json @after.json").1.replace("\n  ", " ");
    let warning = "Warning: @before.json and @after.json were not recorded under the same conditions (profile release and \
                   debug; dataset small and large\\u{1b}), so changes may come from there and not from the code.";
    assert!(output.contains(warning), "{output}");
    put("after.json", 2, "release", "small");
    assert!(!folder.run("diff @before.json @after.json").1.contains("Warning"));
}
