//! Running commands several times, each run with its own recording, and keeping what came out.
//!
//! A run is given `PERF_REPORT=json:…` in a folder of its own, so every annotated process that it starts leaves a snapshot
//! there; several are added up. Its processor time and peak memory are what the system counted for it and for the
//! children it waited for.

mod baseline;
mod run;

pub use baseline::{Baseline, BaselineError};
pub use run::{BenchError, Command, Outcome, Run};

use crate::compare::{ProcessFigure, Side, Unit};

/// Runs of one command, in order.
#[derive(Debug)]
pub struct Runs {
    /// The command, as messages show it.
    pub command: String,
    /// Its runs.
    pub runs: Vec<Run>,
}

impl Runs {
    /// The runs as one side of a comparison.
    #[must_use]
    pub fn into_side(self) -> Side {
        let figure = |name, unit, of: fn(&Run) -> u64| ProcessFigure {
            name,
            unit,
            values: self.runs.iter().map(|run| of(run) as f64).collect(),
        };
        let figures = vec![
            figure("wall", Unit::Ns, |run| run.wall_ns),
            figure("user", Unit::Ns, |run| run.user_ns),
            figure("system", Unit::Ns, |run| run.system_ns),
            figure("peak memory", Unit::Bytes, |run| run.peak_bytes),
        ];
        let mut side = Side::new();
        for (number, run) in (1..).zip(self.runs) {
            side.add(format!("{}, run {number}", self.command), run.snapshot);
        }
        side.add_process_figures(figures);
        side
    }
}
