//! How often comparisons are wrong, what they find, and what they refuse.

mod noise;

use fastrand::Rng;
use noise::Program;

use super::*;
use crate::{
    ClockSource, Kind, Snapshot, State,
    command::{
        programs::{function, process},
        rules::Rules,
    },
};

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
        let comparison = Comparison::of(before, after, &CompareOptions::default()).unwrap();
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
        let comparison = Comparison::of(before, after, &CompareOptions::default()).unwrap();
        found += usize::from(findings(&comparison).contains(&(name.as_str(), Verdict::Regressed)));
        blamed += usize::from(findings(&comparison).iter().any(|finding| finding.0 != name));
    }
    (found, blamed)
}

#[test]
fn where_nothing_changed_at_most_one_comparison_in_twenty_says_otherwise() {
    for runs in [20, 8] {
        let alarms = false_alarms(50, runs);
        assert!(alarms <= 4, "{runs} runs a side: {alarms} of 50");
    }
}

#[test]
fn one_function_of_a_hundred_that_became_a_tenth_slower_is_found() {
    let (found, blamed) = found(12, 20, 1.1);
    assert!(found >= 10, "{found} of 12");
    assert!(blamed <= 1, "{blamed} of 12");
}

/// Both of the tests above, with as many trials as the promise is of. Without optimisation they take minutes.
#[cfg(not(debug_assertions))]
#[test]
fn trials_keep_the_promise() {
    for runs in [20, 8] {
        let alarms = false_alarms(200, runs);
        println!("{runs} runs a side: false alarms in {alarms} of 200 comparisons");
        assert!(alarms <= 10, "{alarms} of 200");
    }
    let (found, blamed) = found(100, 20, 1.1);
    println!("20 runs a side: found in {found} of 100, another blamed in {blamed}");
    assert!(found >= 90, "{found} of 100");
    assert!(blamed <= 5, "{blamed} of 100");
}

#[test]
fn one_run_a_side_gives_suspicions_only() {
    let run = |ns| process(1, vec![function("f", &[(ns, 1_000), (ns * 2, 50)])]);
    let verdict = |after, runs: u32| {
        let (mut one, mut other) = (Side::new(), Side::new());
        one.add("one", run(1_000));
        for pid in 0..runs {
            let mut snapshot: Snapshot = run(after);
            snapshot.process.pid = pid;
            other.add("other", snapshot);
        }
        let comparison = Comparison::of(one, other, &CompareOptions::default()).unwrap();
        assert_eq!(comparison.basis, Basis::WithinOneRun);
        comparison.compared[0].verdict
    };
    assert_eq!(verdict(1_030, 1), Verdict::Unchanged);
    assert_eq!(verdict(1_200, 1), Verdict::SeemsWorse);
    assert_eq!(verdict(800, 20), Verdict::SeemsBetter, "20 runs taken as one are not 20 times as many calls");
    assert_eq!(verdict(2_000, 1), Verdict::SeemsWorse, "however large the change");
}

#[test]
fn renamed_and_moved_functions_are_still_compared() {
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
        let comparison = Comparison::of(before, after, &CompareOptions::default()).unwrap();
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
fn a_count_stays_with_its_name_where_others_share_it() {
    let side = |names: [&str; 2], counted: &[&str]| {
        let mut side = Side::new();
        for pid in 0..5 {
            let mut functions = names.map(|name| function(name, &[(1_000, 100)]));
            (functions[0].line, functions[1].line) = (1, 9);
            side.add("run", process(pid, functions.into()));
        }
        let values = vec![1e6; 5];
        let counts = |name: &&str| FunctionCounts {
            name: (*name).to_owned(),
            source: MetricSource::Counted,
            metrics: vec![("instructions", values.clone())],
            inlined: false,
        };
        side.add_counts(counted.iter().map(counts).collect());
        let (name, unit) = ("instructions", Unit::Count);
        side.add_process_metrics(vec![ProcessMetric { name, unit, source: MetricSource::Counted, values }]);
        side
    };
    let before = side(["app::X::new", "app::X::new"], &["app::X::new"]);
    let after = side(["app::X::new", "app::X::make"], &["app::X::new", "app::X::make"]);
    let comparison = Comparison::of(before, after, &CompareOptions::default()).unwrap();
    let counted = comparison.compared.iter().filter(|row| row.source == MetricSource::Counted);
    let counted: Vec<_> = counted.map(|row| (row.name.as_str(), row.previous_name.as_deref())).collect();
    assert_eq!(counted, [("whole process, counted", None), ("app::X::new, counted", None)]);
    let warning = "Warning: no instructions were compared of 1 function (app::X::make), counted together with others of the same name; ";
    assert!(comparison.notes.iter().any(|note| note.starts_with(warning)), "{:?}", comparison.notes);
}

#[test]
fn the_limits_of_a_comparison_are_named() {
    let mut sides = [Side::new(), Side::new()];
    for pid in 0..5 {
        let mut snapshot = process(pid, vec![function("f", &[(1_000, 100)]), function("g", &[(1_000, 100)])]);
        snapshot.functions[0].timed_calls = 50;
        snapshot.process.state = State::Killed;
        sides[0].add(format!("a{pid}"), snapshot.clone());
        snapshot.process.clock.source = ClockSource::Tsc;
        sides[1].add(format!("b{pid}"), snapshot);
    }
    let [before, after] = sides;
    let rules = Rules::parse("[[threshold]]\nfunction = '*'\nchange = '1%'").unwrap();
    let options = CompareOptions {
        metrics: FunctionMetric::ALL.to_vec(),
        thresholds: rules.thresholds,
        ..CompareOptions::default()
    };
    let comparison = Comparison::of(before, after, &options).unwrap();
    insta::with_settings!({
        snapshot_path => concat!(env!("CARGO_MANIFEST_DIR"), "/tests/snapshots"),
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, { insta::assert_snapshot!("diff__limits", comparison.notes.join("\n")) });
    let nothing = Comparison::of(Side::new(), Side::new(), &options).unwrap_err();
    assert_eq!(nothing, CompareError::Nothing { side: "first" });
}

/// A side of some runs of a function that takes so long, and hardly varies.
fn side_of(runs: u32, ns: u64) -> Side {
    let mut side = Side::new();
    for pid in 0..runs {
        side.add(format!("run {pid}"), process(pid, vec![function("f", &[(ns + u64::from(pid), 100)])]));
    }
    side
}

#[test]
fn runs_are_compared_where_there_are_enough_for_a_finding() {
    let verdict = |runs, alpha| {
        let options = CompareOptions { alpha, ..CompareOptions::default() };
        let comparison = Comparison::of(side_of(runs, 1_000), side_of(runs, 2_000), &options).unwrap();
        (comparison.basis, comparison.compared[0].verdict)
    };
    assert_eq!(verdict(3, 0.02), (Basis::WithinOneRun, Verdict::SeemsWorse));
    assert_eq!(verdict(4, 0.02), (Basis::WithinOneRun, Verdict::SeemsWorse));
    assert_eq!(verdict(5, 0.02), (Basis::OverRuns, Verdict::Regressed));
    assert_eq!(verdict(4, 0.03), (Basis::OverRuns, Verdict::Regressed));
    assert_eq!(verdict(5, 0.005), (Basis::WithinOneRun, Verdict::SeemsWorse));
    assert_eq!(verdict(6, 0.005), (Basis::OverRuns, Verdict::Regressed));
}

/// A side of five equal runs of a function at a place.
fn side_with(name: &str, line: u32) -> Side {
    let mut side = Side::new();
    for pid in 0..5 {
        let mut functions =
            vec![function(name, &[(1_000, 100)]), function("app::idle", &[]), function("x", &[(70, 1)])];
        functions[0].line = line;
        side.add("run", process(pid, functions));
    }
    side
}

fn refusal(before: Side, after: Side, options: &str) -> Option<String> {
    let mut compare = CompareOptions::default();
    match options.strip_prefix("threshold ") {
        None => compare.only = options.split(' ').map(|pattern| pattern.parse().unwrap()).collect(),
        Some(pattern) => {
            let rule = format!("[[threshold]]\nfunction = '{pattern}'\nchange = '9%'");
            compare.thresholds = Rules::parse(&rule).unwrap().thresholds;
        }
    }
    Comparison::of(before, after, &compare).err().map(|error| error.to_string())
}

#[test]
fn a_pattern_that_selects_nothing_is_refused_with_its_reason() {
    let sides = || (side_with("app::parse", 1), side_with("app::read_all", 2));
    let of = |options: &str| {
        let (before, after) = sides();
        refusal(before, after, options)
    };
    assert_eq!(of("x"), None);
    assert_eq!(of("threshold app::*"), None, "a threshold may be for a function that did not run");
    let messages = ["app::prase", "x app::p*", "app::read_all", "app::i*", "threshold app::prase"].map(|options| {
        let error = of(options).expect(options);
        format!("{options}: {error}")
    });
    insta::assert_snapshot!("idle_patterns", messages.join("\n"));
}

#[test]
fn the_same_run_twice_on_a_side_is_refused() {
    let side = |labels: &[&str]| {
        let mut side = Side::new();
        labels.iter().for_each(|&label| side.add(label, process(1, vec![function("f", &[(1, 1)])])));
        side
    };
    let error = Comparison::of(side(&["a", "b"]), side(&["c"]), &CompareOptions::default()).unwrap_err();
    assert_eq!(error, CompareError::SameRun { one: "a".into(), other: "b".into() });
}

#[test]
fn a_renamed_function_is_selected_by_either_name() {
    let sides = || (side_with("app::go", 1), side_with("app::run", 1));
    for options in ["app::go", "app::run", "threshold app::go", "threshold app::run"] {
        let (before, after) = sides();
        assert_eq!(refusal(before, after, options), None, "{options}");
    }
    let rules = Rules::parse("[[threshold]]\nfunction = 'app::go'\nchange = '33%'").unwrap();
    let options = CompareOptions { thresholds: rules.thresholds, ..CompareOptions::default() };
    let (before, after) = sides();
    let comparison = Comparison::of(before, after, &options).unwrap();
    let threshold = comparison.compared.iter().find(|compared| compared.name == "app::run").unwrap().threshold;
    assert_eq!(threshold, 0.33, "a rule for the old name goes on to hold");
}

/// Ten runs of a future, of its single polls and of messages' ages, which take so many times as long as usual.
fn side_with_polls(times: f64) -> Side {
    let mut side = Side::new();
    for pid in 0..10 {
        let ns = |ns: f64| (ns * times * (1.0 + f64::from(pid) / 1e3)) as u64;
        let row = |name: &str, kind, of: f64| Function { kind, ..function(name, &[(ns(of), 100)]) };
        side.add(
            "run",
            process(
                pid,
                vec![
                    row("app::serve", Kind::Future, 1e6),
                    row("app::serve (poll)", Kind::Poll, 1e4),
                    row("jobs (age)", Kind::Age, 1e5),
                    row("jobs (held)", Kind::Hold, 1e5),
                ],
            ),
        );
    }
    side
}

#[test]
fn rows_beside_calls_are_shown_and_judged_only_if_they_are_named() {
    let compare = |only: &[&str]| {
        let only = only.iter().map(|only| only.parse().unwrap()).collect();
        let options = CompareOptions { only, ..CompareOptions::default() };
        Comparison::of(side_with_polls(1.0), side_with_polls(2.0), &options).unwrap()
    };
    let found = |comparison: &Comparison| -> Vec<String> {
        let mut names: Vec<String> = findings(comparison).iter().map(|finding| finding.0.to_owned()).collect();
        names.sort();
        names
    };
    // Median, p99 and total; the number of calls is the same in all runs.
    let all = compare(&[]);
    assert_eq!((found(&all), all.tests), (vec!["app::serve".to_owned()], 3));
    assert_eq!((all.count(Verdict::Regressed), all.count(Verdict::Unchanged)), (1, 0));
    let polls = all.compared.iter().find(|compared| compared.name == "app::serve (poll)").unwrap();
    assert!(polls.metrics[0].change > 0.99 && polls.metrics[0].p.is_none(), "its values are there: {polls:?}");
    assert!(
        all.notes[0].starts_with("3 rows beside calls (holds, ages, polls, wakes, times alone) are not judged: --all "),
        "{:?}",
        all.notes
    );
    let shown = |all| draw::text(&compare(&[]), all, &crate::Style::plain());
    assert!(!shown(false).contains("(poll)\n") && shown(true).contains("app::serve (poll)\n"), "{}", shown(true));
    assert_eq!(shown(true).matches("+100%").count(), 12, "{}", shown(true));
    assert_eq!(shown(true).matches("not judged\n").count(), 12, "{}", shown(true));
    let markdown = draw::markdown(&compare(&[]), true);
    assert_eq!(markdown.matches("| not judged |\n").count(), 12, "{markdown}");
    let json = serde_json::to_value(&all).unwrap();
    let judged = json["compared"].as_array().unwrap().iter().filter(|row| row["judged"] == true);
    assert_eq!(Vec::from_iter(judged.map(|row| row["name"].as_str().unwrap())), ["app::serve"]);

    // A pattern that matches another row too does not mean them.
    assert_eq!((found(&compare(&["*"])), compare(&["app::*"]).tests), (vec!["app::serve".to_owned()], 3));
    assert_eq!(found(&compare(&["jobs*"])), ["jobs (age)", "jobs (held)"]);
    let named = compare(&["app::*", "* (poll)", "jobs (age)"]);
    assert_eq!(
        (found(&named), named.tests),
        (["app::serve", "app::serve (poll)", "jobs (age)"].map(str::to_owned).into(), 9)
    );
}

#[test]
fn a_threshold_for_rows_beside_calls_means_them() {
    let compare = |function: &str| {
        let rules = format!("[[threshold]]\nfunction = \"{function}\"\nchange = \"20%\"");
        let thresholds = Rules::parse(&rules).unwrap().thresholds;
        let options = CompareOptions { thresholds, ..CompareOptions::default() };
        Comparison::of(side_with_polls(1.0), side_with_polls(2.0), &options).unwrap().tests
    };
    assert_eq!(["jobs (held)", "* (poll)", "app::*"].map(compare), [6, 6, 3]);
}

#[test]
fn rows_beside_calls_raise_no_suspicion_and_weaken_none() {
    let one = |times| {
        let mut one = Side::new();
        let row = |name: &str, kind| Function { kind, ..function(name, &[((1_000.0 * times) as u64, 1_000)]) };
        one.add("run", process(1, vec![row("app::serve", Kind::Future), row("app::serve (woken)", Kind::Wake)]));
        one
    };
    let comparison = Comparison::of(one(1.0), one(1.5), &CompareOptions::default()).unwrap();
    assert_eq!(comparison.basis, Basis::WithinOneRun);
    assert_eq!((findings(&comparison), comparison.tests), (vec![("app::serve", Verdict::SeemsWorse)], 4));
}
