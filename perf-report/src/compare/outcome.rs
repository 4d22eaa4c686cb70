//! What came out of a comparison: plain data, which the views show and programs read.

use serde::Serialize;

/// What came out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// The program, as the second side calls it.
    pub program: String,
    /// Runs of each side.
    pub runs: [usize; 2],
    /// What the verdicts rest on.
    pub basis: Basis,
    /// [`Options::alpha`](super::Options::alpha).
    pub alpha: f64,
    /// [`Options::threshold`](super::Options::threshold).
    pub threshold: f64,
    /// Figures that were tested, in all.
    pub tests: usize,
    /// Functions that ran on both sides, and the whole processes, worst first.
    pub compared: Vec<Compared>,
    /// Functions that ran on the second side alone.
    pub appeared: Vec<String>,
    /// Functions that ran on the first side alone.
    pub vanished: Vec<String>,
    /// What limits the comparison.
    pub notes: Vec<String>,
}

/// What verdicts rest on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Runs dealt out to both sides anew.
    OverRuns,
    /// The distribution within one run a side, because a side has too few runs.
    WithinOneRun,
}

/// A function, or the whole process.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Compared {
    /// Its name on the second side.
    pub name: String,
    /// Its name on the first side, if it was another.
    pub previous_name: Option<String>,
    /// Whether this is no function but the whole process.
    pub whole_process: bool,
    /// The smallest change that counts; `null` in JSON where none does.
    pub threshold: f64,
    /// Whether its durations are estimates.
    pub sampled: bool,
    /// The worst verdict among its figures.
    pub verdict: Verdict,
    /// Its figures.
    pub figures: Vec<ComparedFigure>,
}

/// A figure on both sides.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ComparedFigure {
    /// Its name.
    pub figure: String,
    /// What it is counted in.
    pub unit: Unit,
    /// Its value on the first side: over the runs, their trimmed geometric mean.
    pub before: f64,
    /// Its value on the second side.
    pub after: f64,
    /// The change as a fraction of the first value: 0.1 for 10 % more.
    pub change: f64,
    /// Between which changes the true one lies, with a confidence of 95 %.
    pub interval: Option<[f64; 2]>,
    /// How often chance alone gives as much, corrected for the number of tests; `None` if it was not tested.
    pub p: Option<f64>,
    /// What follows.
    pub verdict: Verdict,
}

/// Units of figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
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
pub enum Verdict {
    /// It became worse.
    Regressed,
    /// It seems to have become worse, from one run a side.
    SeemsWorse,
    /// It became better.
    Improved,
    /// It seems to have become better, from one run a side.
    SeemsBetter,
    /// The change is large enough to count, but chance would do just as well.
    Unclear,
    /// No change that counts.
    Unchanged,
}

impl Comparison {
    /// How many functions (and whole processes) have this verdict.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.compared.iter().filter(|compared| compared.verdict == verdict).count()
    }
}

impl ComparedFigure {
    /// A figure that nothing is known of yet.
    pub(super) fn blank(name: &str, unit: Unit) -> ComparedFigure {
        ComparedFigure {
            figure: name.to_owned(),
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
