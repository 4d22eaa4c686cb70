//! Budgets as findings.

use super::{Case, Findings, Measure, Place, Status};
use crate::{
    command::check::{BudgetCheck, BudgetVerdict, CheckedBudget, draw},
    view::{text::escape, units},
};

impl Findings {
    /// Adds the budgets of a file.
    pub(in crate::command) fn add_budgets(&mut self, file: &str, program: &str, check: &BudgetCheck) {
        if self.program.is_empty() {
            program.clone_into(&mut self.program);
        }
        for checked in &check.checked {
            self.cases.push(case(file, checked));
            let is_measured = matches!(checked.verdict, BudgetVerdict::Met | BudgetVerdict::Exceeded);
            self.measures.extend(is_measured.then(|| Measure {
                function: checked.function.clone(),
                metric: checked.metric.clone(),
                unit: if checked.metric == "calls" { "calls" } else { "ns" },
                value: checked.measured as f64,
                range: None,
            }));
        }
        let mut sentences = draw::summary(check).into_iter();
        let headline = sentences.next().unwrap_or_default();
        if self.headline.is_empty() {
            self.headline = headline;
        } else {
            let exceeded = self.count(Status::Failed);
            self.headline = match exceeded {
                0 => format!("{} budgets in several files, none exceeded.", self.cases.len()),
                _ => format!("{exceeded} of {} budgets in several files exceeded.", self.cases.len()),
            };
        }
        for sentence in sentences {
            if !self.notes.contains(&sentence) {
                self.notes.push(sentence);
            }
        }
    }
}

fn case(file: &str, checked: &CheckedBudget) -> Case {
    let CheckedBudget { metric, limit, measured, .. } = checked;
    let function = escape(&checked.function);
    let value = |value: u64| if metric == "calls" { units::count(value) } else { units::duration(value) };
    let mark = if checked.sampled { "~" } else { "" };
    let (limit_shown, measured_shown) = (value(*limit), format!("{mark}{}", value(*measured)));
    let (status, message) = match checked.verdict {
        BudgetVerdict::Met => {
            (Status::Passed, format!("{metric} of {function} is {measured_shown}, within its budget of {limit_shown}"))
        }
        BudgetVerdict::Exceeded => (
            Status::Failed,
            format!(
                "{metric} of {function} is {measured_shown}, over its budget of {limit_shown} by {}",
                units::share(measured.saturating_sub(*limit), *limit)
            ),
        ),
        BudgetVerdict::NeverRan => {
            (Status::Skipped, format!("{metric} of {function} was not checked, because the function never ran"))
        }
        BudgetVerdict::OfSeveralProcesses => (
            Status::Skipped,
            format!("{metric} of {function} is for one process and was not checked against the sum of several"),
        ),
        // The command fails, so this must not look as if it had passed.
        BudgetVerdict::UnknownMetric => (
            Status::Failed,
            format!(
                "{metric:?} of {function} is a metric that this version does not know; install a newer perf-report"
            ),
        ),
    };
    let is_measured = matches!(checked.verdict, BudgetVerdict::Met | BudgetVerdict::Exceeded);
    let over = match checked.verdict {
        BudgetVerdict::Exceeded => format!("+{}", units::share(measured.saturating_sub(*limit), *limit)),
        _ => String::new(),
    };
    Case {
        rule: "budget",
        suite: file.to_owned(),
        function: checked.function.clone(),
        place: Place::at(&checked.file, checked.line),
        metric: metric.clone(),
        status,
        values: [limit_shown, if is_measured { measured_shown } else { String::new() }],
        change: over,
        message,
        identity: None,
    }
}
