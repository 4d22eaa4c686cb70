//! One side of a comparison: runs of one program, of which the figures are kept and the rest is added up.

use std::collections::HashMap;

use crate::{
    ClockSource, Figure, Function, Merge, Snapshot, State,
    matching::{Identity, identities},
};

/// Runs on one side of a comparison. A snapshot goes in and leaves its figures, so that memory does not grow with what
/// else was in it.
#[derive(Debug, Default)]
pub struct Side {
    pub(super) runs: Vec<Run>,
    pub(super) functions: Vec<FunctionRuns>,
    places: HashMap<Identity, usize>,
    sum: Merge,
    /// Figures of whole processes, as `bench` measures them: name, unit, a value per run.
    pub(super) processes: Vec<ProcessFigure>,
}

/// What is kept of a run.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) label: String,
    pub(super) program: String,
    pub(super) id: (u64, u32),
    pub(super) state: State,
    pub(super) clock: ClockSource,
}

/// A figure that a whole process has.
#[derive(Clone, Debug, PartialEq)]
pub struct ProcessFigure {
    /// Its name: `wall`, `peak memory`.
    pub name: &'static str,
    /// What it is counted in.
    pub unit: super::Unit,
    /// A value per run.
    pub values: Vec<f64>,
}

/// A function and its figures in each run in which it ran.
#[derive(Debug)]
pub(crate) struct FunctionRuns {
    pub(crate) identity: Identity,
    /// By the order of [`Figure::ALL`].
    figures: [Vec<f64>; Figure::ALL.len()],
    /// The runs in which it ran, by their places among those of the side.
    numbers: Vec<usize>,
    pub(crate) sampled: bool,
}

impl FunctionRuns {
    /// The values of a figure in the runs in which the function ran.
    pub(crate) fn values(&self, figure: Figure) -> &[f64] {
        &self.figures[figure as usize]
    }

    /// The same, each with the place of its run among those of the side.
    pub(super) fn numbered(&self, figure: Figure) -> impl Iterator<Item = (usize, f64)> + '_ {
        self.numbers.iter().copied().zip(self.values(figure).iter().copied())
    }

    pub(super) fn runs(&self) -> usize {
        self.figures[0].len()
    }
}

impl Side {
    /// No runs yet.
    #[must_use]
    pub fn new() -> Side {
        Side::default()
    }

    /// Adds a run; the label names it in messages.
    pub fn add(&mut self, label: impl Into<String>, snapshot: Snapshot) {
        let label = label.into();
        let process = &snapshot.process;
        let number = self.runs.len();
        self.runs.push(Run {
            label: label.clone(),
            program: process.program.clone(),
            id: (process.started_unix_ns, process.pid),
            state: process.state,
            clock: process.clock.source,
        });
        for (function, identity) in snapshot.functions.iter().zip(identities(&snapshot)) {
            let place = *self.places.entry(identity.clone()).or_insert_with(|| {
                self.functions.push(FunctionRuns {
                    identity,
                    figures: Default::default(),
                    numbers: Vec::new(),
                    sampled: false,
                });
                self.functions.len() - 1
            });
            if function.calls > 0 {
                let runs = &mut self.functions[place];
                runs.sampled |= function.is_sampled();
                runs.numbers.push(number);
                for (figure, values) in Figure::ALL.into_iter().zip(&mut runs.figures) {
                    // A duration of 0 is one below the clock's resolution.
                    values.push(figure.estimate(function).max(0.5));
                }
            }
        }
        self.sum.add(label, snapshot);
    }

    /// Adds what was measured of whole processes, a value per run.
    pub fn add_process_figures(&mut self, figures: Vec<ProcessFigure>) {
        self.processes = figures;
    }

    /// How many runs there are.
    #[must_use]
    pub fn runs(&self) -> usize {
        self.runs.len()
    }

    /// What was measured of whole processes.
    pub(crate) fn process_figures(&self) -> &[ProcessFigure] {
        &self.processes
    }

    /// The functions and their figures.
    pub(crate) fn functions(&self) -> &[FunctionRuns] {
        &self.functions
    }

    /// All runs added up, its functions in the order of this side's.
    pub(super) fn sum(&mut self) -> Vec<Function> {
        std::mem::take(&mut self.sum).finish().functions
    }
}
