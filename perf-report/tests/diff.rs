//! Comparisons: how often they are wrong, what they find, what they refuse, and how they look.
#![cfg(feature = "command")]
#![allow(clippy::unwrap_used, reason = "a helper's failure is the test's")]

mod programs;

#[path = "programs/noise.rs"]
mod noise;

use fastrand::Rng;
use noise::Program;
use perf_report::{
    Figure, Rules, Snapshot, State,
    command::Outcome,
    compare::{Basis, CompareError, Comparison, Options, Side, Verdict},
};
use programs::{Folder, function, process};

fn findings(comparison: &Comparison) -> Vec<(&str, Verdict)> {
    let found = comparison.compared.iter().filter(|compared| compared.verdict < Verdict::Unclear);
    found.map(|compared| (compared.name.as_str(), compared.verdict)).collect()
}

/// In how many of the trials anything was reported where nothing had changed.
fn false_alarms(trials: u64, runs: u32) -> usize {
    let alarm = |trial: &u64| {
        let mut rng = Rng::with_seed(310_000 + trial);
        let program = Program::new(100, &mut rng);
        let sides = [(); 2].map(|()| program.side(runs, &mut rng));
        let [before, after] = sides;
        let comparison = Comparison::of(before, after, &Options::default()).unwrap();
        !findings(&comparison).is_empty()
    };
    (0..trials).filter(alarm).count()
}

/// In how many of the trials a function of 100 that became slower was found, and in how many another was blamed.
fn found(trials: u64, runs: u32, slower: f64) -> (usize, usize) {
    let (mut found, mut blamed) = (0, 0);
    for trial in 0..trials {
        let mut rng = Rng::with_seed(420_000 + trial);
        let mut program = Program::new(100, &mut rng);
        let before = program.side(runs, &mut rng);
        program.slow = Some((rng.usize(..100), slower));
        let name = format!("app::f{}", program.slow.unwrap().0);
        let after = program.side(runs, &mut rng);
        let comparison = Comparison::of(before, after, &Options::default()).unwrap();
        found += usize::from(findings(&comparison).contains(&(name.as_str(), Verdict::Regressed)));
        blamed += usize::from(findings(&comparison).iter().any(|finding| finding.0 != name));
    }
    (found, blamed)
}

#[test]
fn where_nothing_changed_at_most_one_comparison_in_twenty_says_otherwise() {
    let alarms = false_alarms(200, 20);
    println!("20 runs a side: false alarms in {alarms} of 200 comparisons");
    assert!(alarms <= 10, "{alarms} of 200");
    let alarms = false_alarms(200, 8);
    println!("8 runs a side: false alarms in {alarms} of 200 comparisons");
    assert!(alarms <= 10, "{alarms} of 200");
}

#[test]
fn one_function_of_a_hundred_that_became_a_tenth_slower_is_found() {
    let (found, blamed) = found(100, 20, 1.1);
    println!("20 runs a side: found in {found} of 100, another blamed in {blamed}");
    assert!(found >= 90, "{found} of 100");
    assert!(blamed <= 5, "{blamed} of 100");
}

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
fn what_became_slower_is_shown_and_fails() {
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
    assert_eq!(verdict("--figures calls"), Outcome::Complete);
    assert_eq!(verdict("--figures p99"), Outcome::Found);
    let json = folder.run("diff @before @after --format json").1;
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&value["basis"], &value["compared"][0]["verdict"]), (&"over_runs".into(), &"regressed".into()));
}

#[test]
fn one_run_a_side_gives_suspicions() {
    let folder = folder();
    let (outcome, output, _) = folder.run("diff @before/run-01.json @after/run-01.json");
    assert_eq!(outcome, Outcome::Complete, "a suspicion is no finding");
    insta::assert_snapshot!("one_run", output);
    let run = |ns| process(1, vec![function("f", &[(ns, 1_000), (ns * 2, 50)])]);
    let verdict = |after, runs: u32| {
        let (mut one, mut other) = (Side::new(), Side::new());
        one.add("one", run(1_000));
        for pid in 0..runs {
            let mut snapshot: Snapshot = run(after);
            snapshot.process.pid = pid;
            other.add("other", snapshot);
        }
        let comparison = Comparison::of(one, other, &Options::default()).unwrap();
        assert_eq!(comparison.basis, Basis::WithinOneRun);
        comparison.compared[0].verdict
    };
    assert_eq!(verdict(1_030, 1), Verdict::Unchanged);
    assert_eq!(verdict(1_200, 1), Verdict::SeemsWorse);
    assert_eq!(verdict(800, 20), Verdict::SeemsBetter, "20 runs taken as one are no 20 times as many calls");
    assert_eq!(verdict(2_000, 1), Verdict::SeemsWorse, "however large");
}

#[test]
fn what_cannot_be_compared_says_why() {
    let folder = folder();
    folder.put("empty/readme.txt", "");
    folder.put("idle.json", process(1, vec![function("f", &[])]).to_json());
    folder.put("strange.json", process(1, vec![function("g", &[(1, 1)])]).to_json());
    let mut other = process(1, vec![function("app::parse", &[(1, 1)])]);
    other.process.program = "other".into();
    folder.put("other.json", other.to_json());
    folder.put("torn.json", &other.to_json().as_bytes()[..90]);
    folder.put("twice/a.json", process(1, vec![]).to_json());
    folder.put("twice/b.json", process(1, vec![]).to_json());
    let refusals = ["empty", "idle.json", "strange.json", "other.json", "torn.json", "twice", "no.json"].map(|name| {
        let (outcome, output, errors) = folder.run(&format!("diff @before @{name}"));
        assert_eq!((outcome.status(), output.as_str()), (2, ""), "{name}");
        errors
    });
    insta::assert_snapshot!("refusals", refusals.concat());
    assert_eq!(folder.run("diff @before @other.json --any-program").0, Outcome::Complete);
}

#[test]
fn what_was_renamed_or_moved_is_still_compared() {
    let side = |name: &str, file: &str, second: &str| {
        let mut side = Side::new();
        for pid in 0..5 {
            let mut functions = vec![function(name, &[(1_000, 100)]), function(second, &[(70, 100)])];
            functions[0].file = file.into();
            functions[0].line = 7;
            side.add("run", process(pid, functions));
        }
        side
    };
    let compare = |before: Side, after: Side| {
        let comparison = Comparison::of(before, after, &Options::default()).unwrap();
        let renamed: Vec<_> = comparison.compared.iter().map(|f| (f.name.clone(), f.previous_name.clone())).collect();
        (renamed, comparison.appeared, comparison.vanished)
    };
    let (renamed, ..) = compare(side("app::a::run", "a.rs", "x"), side("app::b::run", "b.rs", "x"));
    assert!(renamed.contains(&("app::b::run".into(), Some("app::a::run".into()))), "moved");
    let (renamed, ..) = compare(side("app::go", "a.rs", "x"), side("app::run", "a.rs", "x"));
    assert!(renamed.contains(&("app::run".into(), Some("app::go".into()))), "renamed");
    let (renamed, appeared, vanished) = compare(side("app::go", "a.rs", "x"), side("app::run", "b.rs", "x"));
    assert_eq!((renamed.len(), appeared, vanished), (1, vec!["app::run".to_owned()], vec!["app::go".to_owned()]));
}

#[test]
fn what_limits_a_comparison_is_said() {
    let mut sides = [Side::new(), Side::new()];
    for pid in 0..4 {
        let mut snapshot = process(pid, vec![function("f", &[(1_000, 100)]), function("g", &[(1_000, 100)])]);
        snapshot.functions[0].timed_calls = 50;
        snapshot.process.state = State::Killed;
        sides[0].add(format!("a{pid}"), snapshot.clone());
        snapshot.process.clock.source = perf_report::ClockSource::Tsc;
        sides[1].add(format!("b{pid}"), snapshot);
    }
    let [before, after] = sides;
    let rules = Rules::parse("[[threshold]]\nfunction = '*'\nchange = '1%'").unwrap();
    let options = Options { figures: Figure::ALL.to_vec(), thresholds: rules.thresholds, ..Options::default() };
    let comparison = Comparison::of(before, after, &options).unwrap();
    insta::assert_snapshot!("limits", comparison.notes.join("\n"));
    let nothing = Comparison::of(Side::new(), Side::new(), &options).unwrap_err();
    assert_eq!(nothing, CompareError::Nothing { side: "first" });
}
