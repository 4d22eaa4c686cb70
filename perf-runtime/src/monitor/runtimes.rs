//! The runtimes of tokio that the program has watched, in a sample.

use perf_report::monitor::Metric;

use super::system::{Counters, Sample};
use crate::tasks::runtimes::{self, Load, Worker};

/// Keeps what each worker had done at the last sample, and what all have done since the first.
#[derive(Clone, Debug, Default)]
pub(super) struct Runtimes {
    last: Vec<Load>,
    /// Whether nothing was known at the last sample, so that what is new is not of that time alone.
    has_missed: bool,
    busy_us: u64,
    parks: u64,
}

impl Runtimes {
    /// Adds their gauges and counters to a sample, `elapsed_ns` after the last one.
    pub(super) fn sample(&mut self, elapsed_ns: Option<u64>, sample: &mut Sample, counters: &mut Counters) {
        let Some(loads) = runtimes::loads() else {
            self.has_missed = true;
            return;
        };
        let mut busiest_us = None;
        for (worker, before) in loads.iter().flat_map(|load| with_last(load, &self.last)) {
            let busy_us = worker.busy_us.saturating_sub(before.busy_us);
            busiest_us = busiest_us.max(Some(busy_us));
            self.busy_us = self.busy_us.saturating_add(busy_us);
            self.parks = self.parks.saturating_add(worker.parks.saturating_sub(before.parks));
        }
        if !loads.is_empty() {
            let sum = |figure: fn(&Load) -> u64| Some(loads.iter().map(figure).sum());
            sample[Metric::TokioWorkers as usize] = sum(|load| load.workers.len() as u64);
            sample[Metric::TokioTasks as usize] = sum(|load| load.tasks);
            sample[Metric::TokioQueue as usize] = sum(|load| load.queue);
            counters[Metric::TokioBusy as usize] = Some(self.busy_us);
            counters[Metric::TokioParks as usize] = Some(self.parks);
        }
        if let (Some(busiest_us), Some(elapsed_ns), false) = (busiest_us, elapsed_ns, self.has_missed) {
            // Microseconds per second are millionths.
            let share = u128::from(busiest_us) * 1_000_000_000 / u128::from(elapsed_ns.max(1));
            sample[Metric::TokioBusiest as usize] = u64::try_from(share).ok();
        }
        (self.last, self.has_missed) = (loads, false);
    }
}

/// The workers of a runtime, each with itself at the last sample. There are none if it was not watched then.
fn with_last<'a>(load: &'a Load, last: &'a [Load]) -> impl Iterator<Item = (&'a Worker, &'a Worker)> {
    let before = last.iter().find(|before| before.runtime == load.runtime);
    before.into_iter().flat_map(|before| load.workers.iter().zip(&before.workers))
}

#[cfg(all(test, not(loom), target_has_atomic = "64"))]
mod tests {
    use std::time::{Duration, Instant};

    use tokio::runtime::{Builder, Runtime};

    use super::super::system::METRICS;
    use super::*;
    use crate::tasks;

    const SECOND: u64 = 1_000_000_000;
    const BUSY: Duration = Duration::from_millis(20);

    fn runtime() -> Runtime {
        Builder::new_current_thread().build().unwrap()
    }

    fn keep_busy(runtime: &Runtime) {
        let spin = async {
            let begin = Instant::now();
            while begin.elapsed() < BUSY {}
        };
        runtime.block_on(runtime.spawn(spin)).unwrap();
    }

    #[test]
    fn a_worker_is_compared_with_itself_whichever_runtimes_come_and_go() {
        let mut runtimes = Runtimes::default();
        let mut sample = || {
            let (mut sample, mut counters) = ([None; METRICS], [None; METRICS]);
            runtimes.sample(Some(SECOND), &mut sample, &mut counters);
            let value = |metric: Metric| sample[metric as usize].or(counters[metric as usize]);
            [Metric::TokioWorkers, Metric::TokioBusiest, Metric::TokioBusy].map(value)
        };
        assert_eq!(sample(), [None; 3], "none is watched");
        let [one, busy, other] = [runtime(), runtime(), runtime()];
        let first = tasks::watch(one.handle());
        let busys = tasks::watch(busy.handle());
        keep_busy(&busy);
        assert_eq!(sample(), [Some(2), None, Some(0)], "nothing to compare with");
        keep_busy(&busy);
        let [_, busiest, sum] = sample();
        assert!(busiest >= Some(BUSY.as_micros() as u64) && busiest == sum, "{busiest:?} {sum:?}");

        // Nothing runs from here on, so whatever is busy would be the difference of two workers.
        drop(first);
        assert_eq!(sample(), [Some(1), Some(0), sum]);
        let again = tasks::watch(busy.handle());
        let _other = tasks::watch(other.handle());
        drop(busys);
        assert_eq!(sample(), [Some(2), Some(0), sum], "one of two guards is left");
        drop(again);
        assert_eq!(sample(), [Some(1), Some(0), sum]);
        let _again = tasks::watch(busy.handle());
        assert_eq!(sample(), [Some(2), Some(0), sum]);
    }
}
