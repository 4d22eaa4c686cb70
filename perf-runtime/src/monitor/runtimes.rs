//! The runtimes of tokio that the program has watched, in a sample.

use std::iter;

use perf_report::monitor::Metric;

use super::system::{Counters, Sample};
use crate::tasks::runtimes;

/// Keeps what each worker had done at the last sample, for the busiest one.
#[derive(Clone, Debug, Default)]
pub(super) struct Runtimes {
    busy_us: Vec<u64>,
}

impl Runtimes {
    /// Adds their gauges and counters to a sample, `elapsed_ns` after the last one.
    pub(super) fn sample(&mut self, elapsed_ns: Option<u64>, sample: &mut Sample, counters: &mut Counters) {
        let Some(load) = runtimes::load() else { return };
        sample[Metric::TokioWorkers as usize] = Some(load.workers.len() as u64);
        sample[Metric::TokioTasks as usize] = Some(load.tasks);
        sample[Metric::TokioQueue as usize] = Some(load.queue);
        let sum = |figure: fn(&runtimes::Worker) -> u64| Some(load.workers.iter().map(figure).sum());
        counters[Metric::TokioBusy as usize] = sum(|worker| worker.busy_us);
        counters[Metric::TokioParks as usize] = sum(|worker| worker.parks);
        if let Some(elapsed_ns) = elapsed_ns {
            let before = self.busy_us.iter().copied().chain(iter::repeat(0));
            let busy = load.workers.iter().zip(before).map(|(worker, before)| worker.busy_us.saturating_sub(before));
            let busiest_us = u128::from(busy.max().unwrap_or(0));
            // Microseconds per second are millionths.
            sample[Metric::TokioBusiest as usize] =
                u64::try_from(busiest_us * 1_000_000_000 / u128::from(elapsed_ns.max(1))).ok();
        }
        self.busy_us.clear();
        self.busy_us.extend(load.workers.iter().map(|worker| worker.busy_us));
    }
}
