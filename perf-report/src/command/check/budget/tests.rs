//! Verdicts on limits of every metric.

use super::*;
use crate::{
    Budget, InFlight,
    command::programs::{function, process},
};

fn budget(metric: &str, limit: u64) -> Budget {
    Budget { figure: metric.into(), limit }
}

#[test]
fn every_metric_can_be_limited_and_is_measured_as_the_table_shows_it() {
    for metric in FunctionMetric::ALL {
        let mut snapshot = process(1, vec![function("f", &[(1_000, 98), (70_000, 2)])]);
        let measured = metric.of(&snapshot.functions[0]);
        for (limit, verdict) in [(measured, BudgetVerdict::Met), (measured * 9 / 10, BudgetVerdict::Exceeded)] {
            snapshot.functions[0].budgets = vec![budget(metric.name(), limit)];
            let check = BudgetCheck::of(&snapshot, &[]);
            assert_eq!((check.checked[0].verdict, check.checked[0].measured), (verdict, measured), "{metric}");
        }
    }
}

#[test]
fn the_resolution_of_the_histogram_exceeds_no_budget() {
    let mut snapshot = process(1, vec![function("f", &[(1_990_000, 50), (2_000_000, 50)])]);
    snapshot.functions[0].max_ns = 3_000_000;
    snapshot.functions[0].budgets = vec![budget("p99", 2_000_000)];
    assert!(snapshot.functions[0].quantile_ns(0.99) > 2_000_000);
    assert_eq!(BudgetCheck::of(&snapshot, &[]).count(BudgetVerdict::Met), 1);
}

#[test]
fn a_call_in_flight_can_exceed_the_longest_allowed() {
    let mut snapshot = process(1, vec![function("f", &[(10, 1)]), function("g", &[])]);
    snapshot.process.state = State::Running;
    snapshot.functions[1].budgets = vec![budget("max", 1_000), budget("p99", 1_000)];
    snapshot.in_flight = vec![InFlight { function: 1, thread: "main".into(), tid: 1, depth: 0, elapsed_ns: 5_000 }];
    let verdicts: Vec<_> = BudgetCheck::of(&snapshot, &[]).checked.iter().map(|checked| checked.verdict).collect();
    assert_eq!(verdicts, [BudgetVerdict::Exceeded, BudgetVerdict::NeverRan]);
    assert!(may_change(&snapshot));
}

#[test]
fn budgets_of_a_generic_function_are_those_of_each_of_its_rows() {
    let row =
        |name: &str, calls: &[(u64, u64)]| Function { budgets: vec![budget("max", 100)], ..function(name, calls) };
    let snapshot = process(1, vec![row("f", &[]), row("f<u8>", &[(50, 3)]), row("f<u16>", &[(200, 1)]), row("g", &[])]);
    let rules = [BudgetRule { functions: "f".parse().unwrap(), limits: vec![(FunctionMetric::Calls, 2)] }];
    let check = BudgetCheck::of(&snapshot, &rules);
    let verdicts: Vec<_> = check
        .checked
        .iter()
        .map(|checked| (checked.function.as_str(), checked.metric.as_str(), checked.verdict))
        .collect();
    let expected = [
        ("f<u8>", "max", BudgetVerdict::Met),
        ("f<u8>", "calls", BudgetVerdict::Exceeded),
        ("f<u16>", "max", BudgetVerdict::Exceeded),
        ("f<u16>", "calls", BudgetVerdict::Met),
        ("g", "max", BudgetVerdict::NeverRan),
    ];
    assert_eq!((verdicts.as_slice(), check.rules_used.as_slice()), (&expected[..], &[true][..]));
}
