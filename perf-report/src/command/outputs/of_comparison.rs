//! A comparison, or the runs of one command, as findings.

use super::{Case, Findings, Measure, Place, Status};
use crate::{
    command::{
        bench::Spread,
        compare::{Compared, ComparedMetric, Comparison, Side, Unit, Verdict, draw},
        metric::FunctionMetric,
    },
    view::text::escape,
};

impl Findings {
    /// Adds a comparison.
    pub(in crate::command) fn add_comparison(&mut self, compared: &Comparison) {
        self.program.clone_from(&compared.program);
        self.headline = draw::headline(compared);
        self.notes.push(draw::basis(compared));
        self.notes.extend(draw::notes(compared, true));
        self.untested = compared.untested_rises();
        for function in &compared.compared {
            for metric in &function.metrics {
                self.cases.push(case(&compared.program, function, metric));
                self.measures.push(Measure {
                    // As without a comparison: who keeps a history of the values must not get a second series.
                    function: function.subject().to_owned(),
                    metric: metric.metric.clone(),
                    unit: unit(metric.unit, &metric.metric),
                    // Digits behind the third place are noise of the calculation.
                    value: (metric.after * 1e3).round() / 1e3,
                    range: None,
                });
            }
        }
    }

    /// Adds the runs of one command, which have no verdict: the median of each metric, and its lowest and highest value.
    pub(in crate::command) fn add_runs(&mut self, side: &Side, selected: &dyn Fn(&str) -> bool) {
        let mut add = |function: &str, metric: &str, unit, values: &[f64]| {
            self.measures.extend(Spread::of(values).map(|spread| Measure {
                function: function.to_owned(),
                metric: metric.to_owned(),
                unit,
                value: spread.median,
                range: Some([spread.lowest, spread.highest]),
            }));
        };
        for metric in side.process_metrics() {
            add("whole process", metric.name, unit(metric.unit, metric.name), &metric.values);
        }
        for counts in side.counts().iter().filter(|counts| selected(&counts.name)) {
            for (metric, values) in &counts.metrics {
                add(&counts.name, metric, unit(Unit::Count, metric), values);
            }
        }
        for function in side.functions().iter().filter(|function| selected(function.identity.name())) {
            for metric in [FunctionMetric::P50, FunctionMetric::P99, FunctionMetric::Total, FunctionMetric::Calls] {
                let unit = if metric == FunctionMetric::Calls { "calls" } else { "ns" };
                add(function.identity.name(), metric.name(), unit, function.values(metric));
            }
        }
    }
}

fn unit(unit: Unit, metric: &str) -> &'static str {
    match unit {
        Unit::Ns => "ns",
        Unit::Count if metric.ends_with("instructions") => "instructions",
        Unit::Count if metric == "cycles" => "cycles",
        Unit::Count if metric.ends_with("misses") => "misses",
        Unit::Count => "calls",
        Unit::Bytes => "bytes",
    }
}

fn case(program: &str, function: &Compared, metric: &ComparedMetric) -> Case {
    let (rule, status) = match metric.verdict {
        Verdict::Regressed => ("regression", Status::Failed),
        Verdict::SeemsWorse => ("suspected-regression", Status::Suspicious),
        Verdict::Improved | Verdict::SeemsBetter => ("regression", Status::Improved),
        Verdict::Untested => ("regression", Status::Skipped),
        Verdict::Unchanged if !function.judged => ("regression", Status::Skipped),
        Verdict::Unclear | Verdict::Unchanged => ("regression", Status::Passed),
    };
    let mark = draw::mark(function, metric);
    let values = [metric.before, metric.after].map(|value| format!("{mark}{}", draw::value(value, metric.unit)));
    let change = draw::change(metric);
    let interval = match draw::interval(metric) {
        interval if interval.is_empty() => String::new(),
        interval => format!(", 95 % interval {interval}"),
    };
    let message = format!(
        "{} of {}: {} ({} before, {} after, {}{interval})",
        metric.metric,
        escape(&function.name),
        draw::verdict(function, metric),
        values[0],
        values[1],
        if change.is_empty() { "no change" } else { &change },
    );
    Case {
        rule,
        suite: program.to_owned(),
        function: function.name.clone(),
        place: function.line.and_then(|line| Place::at(function.file.as_deref()?, line)),
        metric: metric.metric.clone(),
        status,
        values,
        change,
        message,
        identity: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Function, Kind, Snapshot, State,
        command::compare::{CompareOptions, FunctionCounts, MetricSource, ProcessMetric},
    };

    fn side(first: u32, instructions: f64) -> Side {
        let mut side = Side::new();
        for number in 0..5 {
            let mut function = Function::new("app::work");
            function.latency.record(1_000, 10);
            (function.calls, function.timed_calls, function.total_ns) = (10, 10, 10_000);
            let mut snapshot = Snapshot { functions: vec![function], ..Snapshot::empty() };
            (snapshot.process.pid, snapshot.process.state) = (first + number, State::Closed);
            side.add(format!("run {number}"), snapshot);
        }
        let values = vec![instructions; 5];
        let counts = |source, metric| FunctionCounts {
            name: "app::work".into(),
            source,
            metrics: vec![(metric, values.clone())],
            inlined: false,
        };
        side.add_counts(vec![
            counts(MetricSource::Counted, "instructions"),
            counts(MetricSource::Misses, "branch misses"),
        ]);
        let (name, unit) = ("instructions", Unit::Count);
        side.add_process_metrics(vec![ProcessMetric { name, unit, source: MetricSource::Counted, values }]);
        side
    }

    /// A service keeps a series per name of these.
    fn series(findings: &Findings) -> Vec<(String, String, &'static str)> {
        let name = |measure: &Measure| (measure.function.clone(), measure.metric.clone(), measure.unit);
        let mut series: Vec<_> = findings.measures.iter().map(name).collect();
        series.sort();
        series
    }

    #[test]
    fn rows_that_are_not_judged_are_skipped() {
        let side = |first: u32, ns| {
            let mut side = Side::new();
            for number in 0..5 {
                let row = |name: &str, kind| {
                    let mut row = Function { kind, ..Function::new(name) };
                    row.latency.record(ns, 10);
                    (row.calls, row.timed_calls, row.total_ns) = (10, 10, 10 * ns);
                    row
                };
                let functions = vec![row("stock", Kind::Lock), row("stock (held)", Kind::Hold)];
                let mut snapshot = Snapshot { functions, ..Snapshot::empty() };
                (snapshot.process.pid, snapshot.process.state) = (first + number, State::Closed);
                side.add(format!("run {number}"), snapshot);
            }
            side
        };
        let compared = Comparison::of(side(1, 1_000), side(100, 9_000), &CompareOptions::default()).unwrap();
        let mut findings = Findings::of("diff");
        findings.add_comparison(&compared);
        for case in &findings.cases {
            assert_eq!(case.status == Status::Skipped, case.function == "stock (held)", "{case:?}");
        }
        assert_eq!(findings.cases.len(), 8, "four metrics each");
    }

    #[test]
    fn a_metric_has_the_same_name_alone_and_in_a_comparison() {
        let mut alone = Findings::of("bench");
        alone.add_runs(&side(1, 1e6), &|_| true);
        let compared = Comparison::of(side(1, 1e6), side(100, 1.1e6), &CompareOptions::default()).unwrap();
        assert!(compared.compared.iter().any(|row| row.name == "app::work, counted"), "people see which row is which");
        let mut together = Findings::of("bench");
        together.add_comparison(&compared);
        assert_eq!(series(&alone), series(&together));
        assert_eq!(alone.measures.len(), 7);
    }
}
