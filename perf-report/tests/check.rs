//! Budgets: what breaks them, what is said, and the exit status.
#![cfg(feature = "command")]
#![allow(clippy::unwrap_used, reason = "a helper's failure is the test's")]

mod programs;

use perf_report::{Budget, BudgetCheck, BudgetVerdict, Figure, InFlight, Snapshot, State, command::Outcome};
use programs::{Folder, function, process};

fn budget(figure: &str, limit: u64) -> Budget {
    Budget::new(figure, limit)
}

/// A program with budgets of every kind.
fn program() -> Snapshot {
    let mut functions = vec![
        function("app::fast", &[(1_000, 990), (4_000_000, 10)]),
        function("app::slow", &[(3_000_000, 95), (9_000_000, 5)]),
        function("app::hot", &[(40, 1_000_000)]),
        function("app::unused", &[]),
        function("app::free", &[(5, 1)]),
    ];
    functions[0].budgets = vec![budget("p50", 2_000), budget("max", 5_000_000), budget("total", 100_000_000)];
    functions[1].budgets = vec![budget("p90", 2_000_000), budget("mean", 3_000_000), budget("calls", 80)];
    functions[2].budgets = vec![budget("p99", 30)];
    functions[2].timed_calls = 5_000;
    functions[3].budgets = vec![budget("p99", 1)];
    process(1, functions)
}

fn folder() -> Folder {
    let folder = Folder::new();
    folder.put("run.json", program().to_json());
    folder
}

#[test]
fn broken_budgets_are_shown_with_what_they_are_over_by() {
    let (outcome, output, errors) = folder().run("check @run.json");
    assert_eq!((outcome, outcome.status(), errors.as_str()), (Outcome::Found, 1, ""));
    insta::assert_snapshot!("broken", output);
    insta::assert_snapshot!("broken_all", folder().run("check @run.json --all").1);
}

#[test]
fn every_figure_can_be_limited_and_is_measured_as_the_table_shows_it() {
    for figure in Figure::ALL {
        let mut snapshot = process(1, vec![function("f", &[(1_000, 98), (70_000, 2)])]);
        let measured = figure.of(&snapshot.functions[0]);
        for (limit, verdict) in [(measured, BudgetVerdict::Held), (measured * 9 / 10, BudgetVerdict::Broken)] {
            snapshot.functions[0].budgets = vec![budget(figure.name(), limit)];
            let check = BudgetCheck::of(&snapshot, &[]);
            assert_eq!((check.checked[0].verdict, check.checked[0].measured), (verdict, measured), "{figure}");
        }
    }
}

#[test]
fn the_resolution_of_the_histogram_breaks_no_budget() {
    let mut snapshot = process(1, vec![function("f", &[(1_990_000, 50), (2_000_000, 50)])]);
    snapshot.functions[0].max_ns = 3_000_000;
    snapshot.functions[0].budgets = vec![budget("p99", 2_000_000)];
    assert!(snapshot.functions[0].quantile_ns(0.99) > 2_000_000);
    assert_eq!(BudgetCheck::of(&snapshot, &[]).count(BudgetVerdict::Held), 1);
}

#[test]
fn a_call_in_flight_can_break_the_longest_allowed() {
    let mut snapshot = process(1, vec![function("f", &[(10, 1)]), function("g", &[])]);
    snapshot.process.state = State::Running;
    snapshot.functions[1].budgets = vec![budget("max", 1_000), budget("p99", 1_000)];
    snapshot.in_flight = vec![InFlight::new(1, "main", 5_000)];
    let verdicts: Vec<_> = BudgetCheck::of(&snapshot, &[]).checked.iter().map(|checked| checked.verdict).collect();
    assert_eq!(verdicts, [BudgetVerdict::Broken, BudgetVerdict::NeverRan]);
    let folder = Folder::new();
    folder.put("live.json", snapshot.to_json());
    assert!(folder.run("check @live.json").1.contains("still running"));
}

#[test]
fn rules_of_a_file_add_to_the_program_and_must_name_something() {
    let folder = folder();
    folder.put("held.toml", "[[budget]]\nfunction = 'app::f*'\nmax = '1s'\n");
    folder.put("none.toml", "[[budget]]\nfunction = 'app::gone::*'\nmax = '1s'\n");
    folder.put("plain.json", process(2, vec![function("app::free", &[(5, 1)])]).to_json());
    assert_eq!(folder.run("check @plain.json --budgets @held.toml").0, Outcome::Complete);
    let (outcome, output, errors) = folder.run("check @plain.json --budgets @none.toml");
    assert_eq!(outcome, Outcome::Found);
    assert!(output.contains("No function has a budget."), "{output}");
    assert_eq!(errors, "perf-report: the budget of \"app::gone::*\" names no function; correct or remove it\n");
    let (_, output, _) = folder.run("check @plain.json --budgets @held.toml --all");
    insta::assert_snapshot!("held_by_file", output);
}

#[test]
fn totals_and_calls_of_several_processes_are_left_open() {
    let folder = folder();
    folder.put("more/run.json", program().to_json());
    folder.run("merge @run.json @more -o @sum.json");
    let (_, output, _) = folder.run("check @sum.json --all");
    assert!(output.contains("2 budgets limit one process"), "{output}");
    let json = folder.run("check @sum.json --json").1;
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(value["file"], "@sum.json");
    assert_eq!(value["check"]["checked"][5]["verdict"], "of_several_processes");
}

#[test]
fn errors_are_status_two() {
    let folder = folder();
    folder.put("wrong.toml", "[[budget]]\nfunction = 'app::*'\np95 = '1s'\n");
    folder.put("torn.toml", "[[budget]\n");
    for (line, message) in [
        ("check @no.json", "perf-report: @no.json: cannot be read: No such file"),
        ("check @run.json --budgets @no.toml", "perf-report: @no.toml: cannot be read: "),
        (
            "check @run.json --budgets @wrong.toml",
            "perf-report: @wrong.toml: [[budget]] number 1: there is no figure \"p95\"",
        ),
        ("check @run.json --budgets @torn.toml", "perf-report: @torn.toml: TOML parse error at line 1"),
    ] {
        let (outcome, _, errors) = folder.run(line);
        assert_eq!(outcome.status(), 2, "{line}");
        assert!(errors.starts_with(message), "{errors}");
    }
}
