//! The result of a comparison: plain data, which the views show and programs read.

use serde::Serialize;

use super::MetricSource;

/// The result of a comparison.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Comparison {
    /// Name of the program on the second side.
    pub(crate) program: String,
    /// Number of runs on each side.
    pub(crate) runs: [usize; 2],
    /// The kind of evidence behind the verdicts.
    pub(crate) basis: Basis,
    /// [`CompareOptions::alpha`](super::CompareOptions::alpha).
    pub(crate) alpha: f64,
    /// [`CompareOptions::threshold`](super::CompareOptions::threshold).
    pub(crate) threshold: f64,
    /// [`CompareOptions::counted_threshold`](super::CompareOptions::counted_threshold).
    pub(crate) counted_threshold: f64,
    /// Number of metrics that were tested.
    pub(crate) tests: usize,
    /// The functions that ran on both sides, and the whole processes, worst first.
    pub(crate) compared: Vec<Compared>,
    /// Functions that ran only on the second side.
    pub(crate) appeared: Vec<String>,
    /// Functions that ran only on the first side.
    pub(crate) vanished: Vec<String>,
    /// Sentences about the limits of the comparison.
    pub(crate) notes: Vec<String>,
}

/// The evidence behind verdicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Basis {
    /// The runs, dealt out to both sides anew.
    OverRuns,
    /// The calls within one run a side, because a side has too few runs.
    WithinOneRun,
}

/// A function, or the whole process.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Compared {
    /// Its name on the second side.
    pub(crate) name: String,
    /// Its name on the first side, if it was renamed.
    pub(crate) previous_name: Option<String>,
    /// The source file of the function on the second side, as the compiler named it.
    pub(crate) file: Option<String>,
    /// The line of its name there.
    pub(crate) line: Option<u32>,
    /// Whether this is the whole process and not a function.
    pub(crate) whole_process: bool,
    /// Where its metrics come from, which its name says too.
    #[serde(skip)]
    pub(crate) source: MetricSource,
    /// The smallest change that counts; `null` in JSON where no change counts.
    pub(crate) threshold: f64,
    /// Whether its durations are estimates.
    pub(crate) sampled: bool,
    /// Whether its metrics are tested. Rows beside calls are not, unless the user names them: their time is mostly that of other functions.
    pub(crate) judged: bool,
    /// The worst verdict among its metrics that were tested, or among all if none was.
    pub(crate) verdict: Verdict,
    /// Its metrics.
    pub(crate) metrics: Vec<ComparedMetric>,
}

impl Compared {
    /// The name of the function itself, without what tells its rows from each other.
    pub(crate) fn subject(&self) -> &str {
        self.name.strip_suffix(self.source.suffix()).unwrap_or(&self.name)
    }
}

/// A metric on both sides.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct ComparedMetric {
    /// Its name.
    pub(crate) metric: String,
    /// Its unit.
    pub(crate) unit: Unit,
    /// Its value on the first side: the trimmed geometric mean over the runs.
    pub(crate) before: f64,
    /// Its value on the second side.
    pub(crate) after: f64,
    /// The change as a fraction of the first value: 0.1 for 10 % more.
    pub(crate) change: f64,
    /// The 95 % confidence interval of the change.
    pub(crate) interval: Option<[f64; 2]>,
    /// The probability that chance alone gives as much, corrected for the number of tests; `None` if it was not tested.
    pub(crate) p: Option<f64>,
    /// The verdict.
    pub(crate) verdict: Verdict,
}

/// Units of metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Unit {
    /// Nanoseconds.
    Ns,
    /// A number of calls.
    Count,
    /// Bytes.
    Bytes,
}

/// Verdicts, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    /// The metric became worse.
    Regressed,
    /// The metric seems to have become worse, judging by one run a side, or by counts of too few runs for a test.
    SeemsWorse,
    /// The metric became better.
    Improved,
    /// The metric seems to have become better, by the same.
    SeemsBetter,
    /// The change is large enough to count, but chance explains it as well.
    Unclear,
    /// The change is large enough to count, but there is too little to test it.
    Untested,
    /// The change is too small to count.
    Unchanged,
}

impl Comparison {
    /// How many functions (and whole processes) have this verdict, of those that have one.
    pub(crate) fn count(&self, verdict: Verdict) -> usize {
        self.compared.iter().filter(|compared| compared.judged && compared.verdict == verdict).count()
    }

    /// How many metrics rose by more than their threshold, in rows that could not be tested at all.
    pub(crate) fn untested_rises(&self) -> usize {
        let rows = self.compared.iter().filter(|compared| compared.judged && compared.verdict == Verdict::Untested);
        let rose = |metric: &&ComparedMetric| metric.verdict == Verdict::Untested && metric.change > 0.0;
        rows.flat_map(|compared| compared.metrics.iter().filter(rose)).count()
    }

    /// Whether instructions were compared.
    pub(crate) fn is_counted(&self) -> bool {
        self.compared.iter().any(|compared| compared.source == MetricSource::Counted)
    }
}

impl ComparedMetric {
    /// A metric that has not been compared yet.
    pub(super) fn blank(name: &str, unit: Unit) -> ComparedMetric {
        ComparedMetric {
            metric: name.to_owned(),
            unit,
            before: 0.0,
            after: 0.0,
            change: 0.0,
            interval: None,
            p: None,
            verdict: Verdict::Unchanged,
        }
    }
}
