//! Whether functions stay within their budgets: those of `#[profile(budget(...))]`, and those of a file.

use serde::Serialize;

use crate::{
    Function, Snapshot, State,
    command::{metric::FunctionMetric, rules::BudgetRule},
    view::instances::Instances,
};

/// The budgets of a snapshot, each with its verdict.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct BudgetCheck {
    /// Every limit of every function, in the snapshot's order.
    pub(crate) checked: Vec<CheckedBudget>,
    /// For each rule of the file, whether it matches a function of the snapshot.
    pub(crate) rules_used: Vec<bool>,
}

/// A limit and the measured value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct CheckedBudget {
    /// The function.
    pub(crate) function: String,
    /// Its source file, as the compiler named it.
    pub(crate) file: String,
    /// The line of its name there.
    pub(crate) line: u32,
    /// The metric that is limited.
    pub(crate) metric: String,
    /// Highest value allowed: nanoseconds, or a number of calls.
    pub(crate) limit: u64,
    /// The measured value; 0 where the function never ran.
    pub(crate) measured: u64,
    /// Whether the measured value is an estimate, because only some calls were timed.
    pub(crate) sampled: bool,
    /// Whether the limit is met.
    pub(crate) verdict: BudgetVerdict,
    /// Whether the limit comes from the file of rules and not from the program.
    pub(crate) from_file: bool,
}

/// Whether a limit is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BudgetVerdict {
    /// The measured value is within the limit.
    Met,
    /// The measured value is above the limit.
    Exceeded,
    /// The function never ran.
    NeverRan,
    /// The limit is for one process, and the snapshot is the sum of several.
    OfSeveralProcesses,
    /// This version does not know the metric; the program was built with a newer one.
    UnknownMetric,
}

impl BudgetCheck {
    /// Checks a snapshot against its own budgets and against these rules.
    ///
    /// A percentile exceeds its budget only if even the lowest value that the histogram allows for is above the limit: the
    /// histogram's resolution of 1 % is never held against a function. A call in flight counts for `max` with the time that
    /// it has run so far. Of a generic function with rows by type, each row is checked.
    pub(crate) fn of(snapshot: &Snapshot, rules: &[BudgetRule]) -> BudgetCheck {
        let mut check = BudgetCheck { checked: Vec::new(), rules_used: vec![false; rules.len()] };
        let mut longest_in_flight = vec![0; snapshot.functions.len()];
        // Nobody knows how long the last calls of a killed process would have run on.
        for call in &snapshot.in_flight {
            if let Some(longest) = longest_in_flight.get_mut(call.function) {
                *longest = call.elapsed_ns.max(*longest);
            }
        }
        let instances = Instances::of(snapshot);
        let split = instances.split(snapshot);
        for (index, function) in snapshot.functions.iter().enumerate() {
            let in_flight_ns = longest_in_flight[index];
            // Of a generic function with rows by type, each row has its budgets.
            let generic = instances.generic(index).map(|generic| snapshot.functions[generic].name.as_str());
            let mut judge = |metric: &str, limit, from_file| {
                if !split[index] {
                    let checked = judge(snapshot, function, in_flight_ns, metric, limit);
                    check.checked.push(CheckedBudget { from_file, ..checked });
                }
            };
            for budget in &function.budgets {
                judge(&budget.figure, budget.limit, false);
            }
            for (rule, used) in rules.iter().zip(&mut check.rules_used) {
                if rule.functions.matches(&function.name) || generic.is_some_and(|name| rule.functions.matches(name)) {
                    *used = true;
                    for &(metric, limit) in &rule.limits {
                        judge(metric.name(), limit, true);
                    }
                }
            }
        }
        check
    }

    /// How many limits have this verdict.
    pub(crate) fn count(&self, verdict: BudgetVerdict) -> usize {
        self.checked.iter().filter(|checked| checked.verdict == verdict).count()
    }
}

fn judge(snapshot: &Snapshot, function: &Function, in_flight_ns: u64, name: &str, limit: u64) -> CheckedBudget {
    let mut checked = CheckedBudget {
        function: function.name.clone(),
        file: function.file.clone(),
        line: function.line,
        metric: name.to_owned(),
        limit,
        measured: 0,
        sampled: false,
        verdict: BudgetVerdict::UnknownMetric,
        from_file: false,
    };
    let Ok(metric) = name.parse::<FunctionMetric>() else { return checked };
    let in_flight_ns = if metric == FunctionMetric::Max { in_flight_ns } else { 0 };
    let at_least = metric.at_least(function).max(in_flight_ns);
    checked.measured = metric.of(function).max(in_flight_ns);
    checked.sampled = metric.is_sampled(function);
    let adds_up = matches!(metric, FunctionMetric::Total | FunctionMetric::Calls);
    checked.verdict = if snapshot.sources.len() > 1 && adds_up {
        BudgetVerdict::OfSeveralProcesses
    } else if function.calls == 0 && in_flight_ns == 0 {
        BudgetVerdict::NeverRan
    } else if at_least > limit {
        BudgetVerdict::Exceeded
    } else {
        BudgetVerdict::Met
    };
    checked
}

/// Whether a process may still exceed a budget that it meets now.
pub(crate) fn may_change(snapshot: &Snapshot) -> bool {
    snapshot.process.state == State::Running
}

#[cfg(test)]
mod tests;
