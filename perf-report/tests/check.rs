//! Budgets: what breaks them, what is said, and the exit status.
#![cfg(feature = "command")]
#![allow(clippy::unwrap_used, reason = "a helper's failure is the test's")]

mod programs;

use perf_report::{Budget, InFlight, Snapshot, State, command::Outcome};
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
fn exceeded_budgets_are_shown_with_the_excess() {
    let (outcome, output, errors) = folder().run("check @run.json");
    assert_eq!((outcome, outcome.status(), errors.as_str()), (Outcome::Found, 1, ""));
    insta::assert_snapshot!("exceeded", output);
    insta::assert_snapshot!("exceeded_all", folder().run("check @run.json --all").1);
}

#[test]
fn a_running_process_may_yet_exceed_a_budget() {
    let mut snapshot = process(1, vec![function("f", &[(10, 1)])]);
    snapshot.process.state = State::Running;
    snapshot.functions[0].budgets = vec![budget("max", 1_000)];
    snapshot.in_flight = vec![InFlight::new(0, "main", 500)];
    let folder = Folder::new();
    folder.put("live.json", snapshot.to_json());
    let (outcome, output, _) = folder.run("check @live.json");
    assert!(outcome == Outcome::Complete && output.contains("still running"), "{output}");
}

#[test]
fn rules_of_a_file_add_to_the_program_and_must_name_something() {
    let folder = folder();
    folder.put("held.toml", "[[budget]]\nfunction = 'app::f*'\nmax = '1s'\n");
    folder.put("none.toml", "[[budget]]\nfunction = 'app::gone::*'\nmax = '1s'\n");
    folder.put("plain.json", process(2, vec![function("app::free", &[(5, 1)])]).to_json());
    assert_eq!(folder.run("check @plain.json --budgets @held.toml").0, Outcome::Complete);
    let (outcome, output, errors) = folder.run("check @plain.json --budgets @none.toml");
    assert_eq!(outcome.status(), 2);
    assert!(output.contains("No function has a budget."), "{output}");
    assert_eq!(errors, "error: the budget for \"app::gone::*\" matches no function; correct or remove it\n");
    let (_, output, _) = folder.run("check @plain.json --budgets @held.toml --all");
    insta::assert_snapshot!("met_by_file", output);
}

#[test]
fn totals_and_calls_of_several_processes_are_left_open() {
    let folder = folder();
    let mut other = program();
    other.process.pid = 2;
    folder.put("more/run.json", other.to_json());
    folder.run("merge @run.json @more -o @sum.json");
    let (_, output, _) = folder.run("check @sum.json --all");
    assert!(output.contains("2 budgets are for one process"), "{output}");
    let json = folder.run("check @sum.json --json").1;
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(value["file"], "@sum.json");
    assert_eq!(value["check"]["checked"][5]["verdict"], "of_several_processes");
}

#[test]
fn a_check_of_nothing_does_not_pass() {
    let folder = folder();
    folder.put("plain.json", process(2, vec![function("app::free", &[(5, 1)])]).to_json());
    folder.put("thresholds.toml", "[[threshold]]\nfunction = 'app::*'\nchange = '5%'\n");
    let (outcome, output, errors) = folder.run("check @plain.json");
    assert_eq!(outcome.status(), 2);
    assert!(output.contains("No function has a budget."), "{output}");
    assert!(errors.starts_with("error: there is no budget to check; add #[profile(budget("), "{errors}");
    let (outcome, _, errors) = folder.run("check @run.json --budgets @thresholds.toml");
    assert_eq!(outcome.status(), 2);
    assert!(errors.starts_with("error: @thresholds.toml: no [[budget]] in this file"), "{errors}");
    let mut idle = process(3, vec![function("app::idle", &[])]);
    idle.functions[0].budgets = vec![budget("p99", 1)];
    folder.put("idle.json", idle.to_json());
    let (outcome, output, errors) = folder.run("check @idle.json");
    assert_eq!(outcome.status(), 2, "{output}");
    assert_eq!(errors, "error: no budget was checked; give runs in which the functions run, one file per process\n");
    let (outcome, ..) = folder.run("check @plain.json @run.json");
    assert_eq!(outcome, Outcome::Found, "one of the files has budgets");
}

#[test]
fn errors_are_status_two() {
    let folder = folder();
    folder.put("wrong.toml", "[[budget]]\nfunction = 'app::*'\np95 = '1s'\n");
    folder.put("torn.toml", "[[budget]\n");
    for (line, message) in [
        ("check @no.json", "error: @no.json: cannot be read: No such file"),
        ("check @run.json --budgets @no.toml", "error: @no.toml: cannot be read: "),
        ("check @run.json --budgets @wrong.toml", "error: @wrong.toml: [[budget]] number 1: \"p95\" is not a metric"),
        ("check @run.json --budgets @torn.toml", "error: @torn.toml: TOML parse error at line 1"),
    ] {
        let (outcome, _, errors) = folder.run(line);
        assert_eq!(outcome.status(), 2, "{line}");
        assert!(errors.starts_with(message), "{errors}");
    }
}
