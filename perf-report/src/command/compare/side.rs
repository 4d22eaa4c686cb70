//! One side of a comparison: runs of one program. Their metrics are kept, everything else is added up.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::{
    ClockSource, Function, Kind, Merge, Metadata, Snapshot, State,
    command::{identity::without_hash, metric::FunctionMetric},
    matching::{Identity, identities},
    view::instances::Instances,
};

/// The runs on one side of a comparison. Of a snapshot only its metrics stay, so that memory does not grow with the rest.
#[derive(Debug, Default)]
pub(crate) struct Side {
    pub(super) runs: Vec<RunInfo>,
    pub(super) functions: Vec<FunctionRuns>,
    places: HashMap<Identity, usize>,
    sum: Merge,
    /// The programs whose figures were added up, without the hash that cargo adds.
    programs: BTreeSet<String>,
    /// Metrics of the whole processes, as `bench` measures them.
    pub(super) processes: Vec<ProcessMetric>,
    /// Counts of functions, by name, for the first runs.
    pub(super) counts: Vec<FunctionCounts>,
}

/// A run without its metrics.
#[derive(Debug)]
pub(super) struct RunInfo {
    pub(super) label: String,
    pub(super) program: String,
    pub(super) id: (u64, u32),
    pub(super) state: State,
    pub(super) clock: ClockSource,
    pub(super) metadata: Metadata,
}

/// Where values come from, and so how small a change of them counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MetricSource {
    /// The system's clocks, and its other metrics.
    Timed,
    /// A count of instructions, which hardly varies.
    Counted,
    /// A count of misses, which depend on where data lie.
    Misses,
}

impl MetricSource {
    /// The source of a count: of instructions, or of misses.
    pub(crate) fn counted(of_instructions: bool) -> MetricSource {
        if of_instructions { MetricSource::Counted } else { MetricSource::Misses }
    }

    /// The name of a row of metrics from this source, beside its function's, because the function has several rows.
    pub(super) const fn suffix(self) -> &'static str {
        match self {
            MetricSource::Timed => "",
            MetricSource::Counted => ", counted",
            MetricSource::Misses => ", misses",
        }
    }
}

/// The counts of a function, with what it called.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FunctionCounts {
    /// The function's name.
    pub(crate) name: String,
    /// The counts.
    pub(crate) source: MetricSource,
    /// Each metric's name, and one value per counted run.
    pub(crate) metrics: Vec<(&'static str, Vec<f64>)>,
    /// Whether some of its calls were inlined, so that it is not known how many were counted.
    pub(crate) inlined: bool,
}

/// A metric of a whole process.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ProcessMetric {
    /// Its name, for example `wall` or `peak memory`.
    pub(crate) name: &'static str,
    /// Its unit.
    pub(crate) unit: super::Unit,
    /// Where its values come from.
    pub(crate) source: MetricSource,
    /// One value per run, or for the first of them.
    pub(crate) values: Vec<f64>,
}

/// A function and its metrics in each run in which it ran.
#[derive(Debug)]
pub(crate) struct FunctionRuns {
    pub(crate) identity: Identity,
    /// In the order of [`FunctionMetric::ALL`].
    metrics: [Vec<f64>; FunctionMetric::ALL.len()],
    /// The runs in which it ran, by their places among the side's runs.
    numbers: Vec<usize>,
    pub(crate) sampled: bool,
    /// Whether its code has a symbol of its name, by which instructions are counted; `None` if it has no code, as a lock.
    pub(super) has_symbol: Option<bool>,
}

impl FunctionRuns {
    /// The values of a metric in the runs in which the function ran.
    pub(crate) fn values(&self, metric: FunctionMetric) -> &[f64] {
        &self.metrics[metric as usize]
    }

    /// The same values, each with the place of its run among the side's runs.
    pub(super) fn numbered(&self, metric: FunctionMetric) -> impl Iterator<Item = (usize, f64)> + '_ {
        self.numbers.iter().copied().zip(self.values(metric).iter().copied())
    }

    pub(super) fn runs(&self) -> usize {
        self.metrics[0].len()
    }
}

impl Side {
    /// A side without runs.
    pub(crate) fn new() -> Side {
        Side::default()
    }

    /// Adds a run; the label names it in messages.
    pub(crate) fn add(&mut self, label: impl Into<String>, snapshot: Snapshot) {
        let label = label.into();
        let process = &snapshot.process;
        let number = self.runs.len();
        self.runs.push(RunInfo {
            label: label.clone(),
            program: process.program.clone(),
            id: (process.started_unix_ns, process.pid),
            state: process.state,
            clock: process.clock.source,
            metadata: snapshot.metadata.clone(),
        });
        let has_symbol = has_symbol(&snapshot);
        for ((function, identity), has_symbol) in snapshot.functions.iter().zip(identities(&snapshot)).zip(has_symbol) {
            let place = *self.places.entry(identity.clone()).or_insert_with(|| {
                self.functions.push(FunctionRuns {
                    identity,
                    metrics: Default::default(),
                    numbers: Vec::new(),
                    sampled: false,
                    has_symbol,
                });
                self.functions.len() - 1
            });
            if function.calls > 0 {
                let runs = &mut self.functions[place];
                runs.sampled |= function.is_sampled();
                runs.numbers.push(number);
                for (metric, values) in FunctionMetric::ALL.into_iter().zip(&mut runs.metrics) {
                    // A duration of 0 is below the clock's resolution.
                    values.push(metric.estimate(function).max(0.5));
                }
            }
        }
        let sources = snapshot.sources.iter().map(|source| &source.process);
        let programs = sources.chain([&snapshot.process].into_iter().filter(|_| snapshot.sources.is_empty()));
        self.programs.extend(programs.map(|process| without_hash(&process.program).to_owned()));
        self.sum.add(label, snapshot);
    }

    /// Adds metrics of the whole processes, one value per run.
    pub(crate) fn add_process_metrics(&mut self, metrics: Vec<ProcessMetric>) {
        self.processes = metrics;
    }

    /// Adds the counts of functions.
    pub(crate) fn add_counts(&mut self, counts: Vec<FunctionCounts>) {
        self.counts = counts;
    }

    /// The counts of functions.
    pub(crate) fn counts(&self) -> &[FunctionCounts] {
        &self.counts
    }

    /// The counts of functions from a source, by name.
    pub(super) fn counts_by_name(&self, source: MetricSource) -> HashMap<&str, &FunctionCounts> {
        let counts = self.counts.iter().filter(|counts| counts.source == source);
        counts.map(|counts| (counts.name.as_str(), counts)).collect()
    }

    /// Whether metrics of this source were measured.
    pub(super) fn has(&self, source: MetricSource) -> bool {
        self.processes.iter().any(|metric| metric.source == source)
    }

    /// The functions that ran and that should have a count of instructions, but have none.
    pub(crate) fn uncounted(&self) -> impl Iterator<Item = &str> {
        let is_counted = self.has(MetricSource::Counted);
        let counts = self.counts_by_name(MetricSource::Counted);
        let ran = self.functions.iter().filter(move |function| is_counted && function.runs() > 0);
        let functions = ran.filter(|function| function.has_symbol == Some(true));
        functions.map(|function| function.identity.name()).filter(move |name| !counts.contains_key(name))
    }

    /// The programs whose figures were added up, by name.
    pub(crate) fn programs(&self) -> &BTreeSet<String> {
        &self.programs
    }

    /// Number of runs.
    pub(crate) fn runs(&self) -> usize {
        self.runs.len()
    }

    /// The metrics of the whole processes.
    pub(crate) fn process_metrics(&self) -> &[ProcessMetric] {
        &self.processes
    }

    /// The functions and their metrics.
    pub(crate) fn functions(&self) -> &[FunctionRuns] {
        &self.functions
    }

    /// The sum of all runs, with the functions in the order of this side.
    pub(super) fn sum(&mut self) -> Vec<Function> {
        std::mem::take(&mut self.sum).finish().functions
    }
}

/// For each row of a snapshot, whether its code has a symbol of its name. Async functions have one that makes the future, and rows by type
/// have one of all types.
fn has_symbol(snapshot: &Snapshot) -> Vec<Option<bool>> {
    let instances = Instances::of(snapshot);
    let initialisers: HashSet<usize> = snapshot.resources.iter().filter_map(|resource| resource.function).collect();
    let of = |(row, function): (usize, &Function)| match function.kind {
        Kind::Function => Some(instances.generic(row).is_none() && !initialisers.contains(&row)),
        Kind::Future | Kind::Block => Some(false),
        _ => None,
    };
    snapshot.functions.iter().enumerate().map(of).collect()
}
