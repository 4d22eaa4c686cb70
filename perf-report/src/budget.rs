//! Whether functions keep to their budgets: those of `#[profile(budget(...))]`, and those of a file.

use serde::Serialize;

use crate::{BudgetRule, Figure, Function, Snapshot, State};

/// What became of the budgets of a snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BudgetCheck {
    /// Every limit of every function, in the snapshot's order.
    pub checked: Vec<Checked>,
    /// For each rule of the file, whether it names a function of the snapshot.
    pub rules_used: Vec<bool>,
}

/// One limit and what was measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// The function.
    pub function: String,
    /// The figure limited.
    pub figure: String,
    /// Highest value allowed: nanoseconds, or a number of calls.
    pub limit: u64,
    /// What was measured; 0 where the function never ran.
    pub measured: u64,
    /// Whether that is an estimate, because only some calls were timed.
    pub sampled: bool,
    /// Whether it holds.
    pub verdict: BudgetVerdict,
    /// Whether it stands in the file of rules and not in the program.
    pub from_file: bool,
}

/// Whether a limit holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BudgetVerdict {
    /// It does.
    Held,
    /// It does not.
    Broken,
    /// The function never ran.
    NeverRan,
    /// It limits one process, and this is the sum of several.
    OfSeveralProcesses,
    /// There is no such figure here; the program was built with a newer version.
    UnknownFigure,
}

impl BudgetCheck {
    /// Checks a snapshot against its own budgets and these.
    ///
    /// A quantile breaks its budget if even the lowest value that the histogram allows for it is above the limit: what the
    /// resolution of 1 % leaves open counts as held. A call still in flight counts for `max` with the time it has run.
    #[must_use]
    pub fn of(snapshot: &Snapshot, rules: &[BudgetRule]) -> BudgetCheck {
        let mut check = BudgetCheck { checked: Vec::new(), rules_used: vec![false; rules.len()] };
        let mut longest_in_flight = vec![0; snapshot.functions.len()];
        // In a process that was killed nobody knows for how long its last calls would have run on.
        for call in &snapshot.in_flight {
            if let Some(longest) = longest_in_flight.get_mut(call.function) {
                *longest = call.elapsed_ns.max(*longest);
            }
        }
        for (function, in_flight_ns) in snapshot.functions.iter().zip(longest_in_flight) {
            let mut judge = |figure: &str, limit, from_file| {
                let checked = judge(snapshot, function, in_flight_ns, figure, limit);
                check.checked.push(Checked { from_file, ..checked });
            };
            for budget in &function.budgets {
                judge(&budget.figure, budget.limit, false);
            }
            for (rule, used) in rules.iter().zip(&mut check.rules_used) {
                if rule.functions.matches(&function.name) {
                    *used = true;
                    for &(figure, limit) in &rule.limits {
                        judge(figure.name(), limit, true);
                    }
                }
            }
        }
        check
    }

    /// Limits with this verdict.
    #[must_use]
    pub fn count(&self, verdict: BudgetVerdict) -> usize {
        self.checked.iter().filter(|checked| checked.verdict == verdict).count()
    }
}

fn judge(snapshot: &Snapshot, function: &Function, in_flight_ns: u64, name: &str, limit: u64) -> Checked {
    let mut checked = Checked {
        function: function.name.clone(),
        figure: name.to_owned(),
        limit,
        measured: 0,
        sampled: false,
        verdict: BudgetVerdict::UnknownFigure,
        from_file: false,
    };
    let Ok(figure) = name.parse::<Figure>() else { return checked };
    let in_flight_ns = if figure == Figure::Max { in_flight_ns } else { 0 };
    let at_least = figure.at_least(function).max(in_flight_ns);
    checked.measured = figure.of(function).max(in_flight_ns);
    checked.sampled = figure.is_sampled(function);
    checked.verdict = if snapshot.sources.len() > 1 && matches!(figure, Figure::Total | Figure::Calls) {
        BudgetVerdict::OfSeveralProcesses
    } else if function.calls == 0 && in_flight_ns == 0 {
        BudgetVerdict::NeverRan
    } else if at_least > limit {
        BudgetVerdict::Broken
    } else {
        BudgetVerdict::Held
    };
    checked
}

/// Whether a process may still break a budget that it holds now.
pub(crate) fn may_change(snapshot: &Snapshot) -> bool {
    snapshot.process.state == State::Running
}
