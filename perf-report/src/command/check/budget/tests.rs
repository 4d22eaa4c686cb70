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
