//! One finding: where it is, how grave it is, and what is at stake there.

use std::ops::Range;

use serde::Serialize;

use super::waits::MeasuredWait;

/// The check whose findings have nothing at stake.
pub(super) const NEVER_RAN: &str = "perf::never_ran";

/// How grave a finding is, whatever time is spent there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::command) enum Severity {
    /// Worth knowing.
    Low,
    /// Worth a change where the code is hot.
    Medium,
    /// Wrong wherever it runs: it blocks an executor, or repeats work that grows with the data.
    High,
}

impl Severity {
    /// Its name in outputs and in `--fail-on`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
        }
    }
}

/// The cost of a finding while the program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Effect {
    /// Processor time of the function around it.
    Time,
    /// Allocations of the function around it.
    Allocations,
    /// Time for which the function, or others, wait.
    Waits,
    /// Time until the program is ready.
    Startup,
    /// Nothing by itself: it hides where the time goes.
    Visibility,
    /// Nothing by itself: it makes the code hard to change.
    Upkeep,
}

impl Effect {
    /// Whether the program is as fast without the finding.
    pub(super) fn is_indirect(self) -> bool {
        matches!(self, Effect::Visibility | Effect::Upkeep)
    }
}

/// A place in a source file. Lines and columns count from 1, columns in characters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Place {
    /// Path below the workspace's root, with `/` between its parts.
    pub(super) file: String,
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) end_line: usize,
    pub(super) end_column: usize,
    /// The same place in bytes of the file.
    #[serde(skip)]
    pub(super) bytes: Range<usize>,
}

/// Time and allocations at stake at a finding, by the profile.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Stake {
    /// The annotated function that the figures are of, by its name in reports.
    pub(super) function: String,
    /// How the finding belongs to the function.
    pub(super) relation: Relation,
    /// How far the figures of the function tell what this place takes, from 0 to 1: for the order alone.
    #[serde(skip)]
    pub(super) certainty: f64,
    /// Calls of the function.
    pub(super) calls: u64,
    /// Self time of the function, without what measuring took.
    pub(super) self_ns: u64,
    /// Allocations by the function itself, if they were counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) allocations: Option<u64>,
    /// Bytes of those.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) allocated_bytes: Option<u64>,
    /// Time for which the function waited: of a future, the time between its polls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) waited_ns: Option<u64>,
    /// Its waits, of the kinds that the finding is about, the longest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) waits: Vec<MeasuredWait>,
    /// Time of the first initialisation, where the finding lies in a resource's initialiser.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) initialisation_ns: Option<u64>,
    /// Most time that a change at this place can save.
    pub(super) at_best_ns: u64,
    /// The same as a part of what it is compared with: the self time of all functions.
    pub(super) at_best_share: f64,
}

/// How a finding belongs to an annotated function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Relation {
    /// It lies in the function.
    Inside,
    /// It lies in code that is not annotated and that the function calls.
    Called,
    /// It lies at a type that the function uses.
    Type,
}

/// Something worth a change.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Finding {
    /// `clippy::NAME`, `rustc::NAME` or `perf::NAME`.
    pub(super) check: String,
    pub(super) severity: Severity,
    pub(super) effect: Effect,
    /// Part of the time at stake that such a change usually touches: for the order alone.
    #[serde(skip)]
    pub(super) weight: f64,
    pub(super) message: String,
    /// Remedies, as sentences.
    pub(super) help: Vec<String>,
    pub(super) place: Place,
    /// The item whose time is at stake, where that is another than the one around it: a file, and a place among its items.
    #[serde(skip)]
    pub(super) about: Option<(usize, usize)>,
    /// Path of the item around it, annotated or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) item: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) stake: Option<Stake>,
    /// Stays the same when lines above the finding come and go.
    pub(super) fingerprint: String,
    /// Whether the baseline has it.
    pub(super) accepted: bool,
}

impl Finding {
    /// A finding that is not yet joined to anything.
    pub(super) fn new(check: impl Into<String>, kind: (Severity, Effect, f64), place: Place, message: String) -> Self {
        let (severity, effect, weight) = kind;
        Finding {
            check: check.into(),
            severity,
            effect,
            weight,
            message,
            help: Vec::new(),
            place,
            about: None,
            item: None,
            stake: None,
            fingerprint: String::new(),
            accepted: false,
        }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// The order of findings without a worth: first those of which nobody knows what is at stake, then those with nothing at stake, and
    /// last those that cost no time anywhere.
    pub(super) fn standing(&self) -> u8 {
        match &self.stake {
            Some(stake) if stake.at_best_ns > 0 => 0,
            _ if self.effect.is_indirect() => 3,
            None => 1,
            Some(_) => 2,
        }
    }

    /// The rank of a finding: the time at stake, by how much of it such a change touches.
    pub(super) fn worth(&self) -> f64 {
        self.stake.as_ref().map_or(0.0, |stake| stake.at_best_ns as f64 * self.weight * stake.certainty)
    }
}
