//! Benchmarks as a snapshot: a function per benchmark, an iteration as its call.
//!
//! A harness chooses anew in every run how many iterations it makes, so their number and their total time say nothing. Each benchmark is
//! therefore written as [`ITERATIONS`] iterations, spread over the samples: equal runs have equal calls, and the total is the mean
//! times that number. A snapshot has whole nanoseconds, so a sample between two of them is shared out to both.

use super::Harness;
use crate::{Clock, ClockSource, Function, Snapshot, State, machine};

/// Iterations that stand for a benchmark. The total keeps the mean to a ten thousandth of a nanosecond.
const ITERATIONS: u64 = 10_000;

/// A benchmark, in nanoseconds per iteration.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Benchmark {
    pub(super) name: String,
    /// The time of an iteration in each sample, and how many samples had it.
    pub(super) samples: Vec<(f64, u64)>,
    /// The mean over all iterations.
    pub(super) mean: f64,
}

/// The snapshot of a run that began then.
pub(super) fn of(harness: Harness, benchmarks: Vec<Benchmark>, started_unix_ns: u64) -> Snapshot {
    let mut snapshot = Snapshot::empty();
    snapshot.functions = benchmarks.into_iter().map(function).collect();
    snapshot.recorded_ns =
        snapshot.functions.iter().fold(0, |sum: u64, function| sum.saturating_add(function.total_ns));
    let process = &mut snapshot.process;
    process.program = harness.to_string();
    process.pid = std::process::id();
    process.started_unix_ns = started_unix_ns;
    process.recorded_ns = snapshot.recorded_ns;
    process.state = State::Closed;
    process.clock = Clock::new(ClockSource::Monotonic, 1.0);
    process.threads = 1;
    (snapshot.metadata.cpu, snapshot.metadata.host) = (machine::cpu(), machine::host());
    snapshot
}

fn function(benchmark: Benchmark) -> Function {
    let Benchmark { name, mut samples, mean } = benchmark;
    samples.sort_by(|one, other| one.0.total_cmp(&other.0));
    let all: u64 = samples.iter().map(|sample| sample.1).sum();
    let mut function = Function::new(name);
    let (mut seen, mut written) = (0, 0);
    for &(time, weight) in &samples {
        // Up to here, so that nothing is lost to rounding on the way.
        seen += weight;
        let iterations = (u128::from(ITERATIONS) * u128::from(seen) / u128::from(all.max(1))) as u64 - written;
        written += iterations;
        // As if it lay around its value: half a nanosecond to either side.
        let below = (time - 0.5).max(0.0);
        let above = ((below.fract() * iterations as f64).round() as u64).min(iterations);
        function.latency.record(below as u64, iterations - above);
        function.latency.record(below as u64 + 1, above);
    }
    (function.calls, function.timed_calls) = (ITERATIONS, ITERATIONS);
    let total = (mean * ITERATIONS as f64).round() as u64;
    (function.sum_ns, function.total_ns, function.self_ns) = (total, total, total);
    let end = |sample: Option<&(f64, u64)>| sample.map_or(0.0, |sample| sample.0);
    function.min_ns = (end(samples.first()) - 0.5).max(0.0) as u64;
    function.max_ns = end(samples.last()).ceil() as u64;
    function
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::metric::FunctionMetric;

    fn benchmark(samples: &[f64], mean: f64) -> Function {
        function(Benchmark { name: "b".into(), samples: samples.iter().map(|&time| (time, 1)).collect(), mean })
    }

    #[test]
    fn the_machine_has_the_name_that_it_has_in_recordings() {
        let metadata = of(Harness::Divan, Vec::new(), 1).metadata;
        assert_eq!((metadata.cpu, metadata.host), (machine::cpu(), machine::host()));
    }

    #[test]
    fn equal_benchmarks_have_equal_calls_and_the_mean_is_kept() {
        for samples in [vec![120.0; 10], vec![120.0; 7], (0..30_000).map(|n| 100.0 + f64::from(n) / 1e3).collect()] {
            let function = benchmark(&samples, 120.25);
            assert_eq!((function.calls, function.latency.count()), (10_000, 10_000));
            assert_eq!(function.total_ns, 1_202_500);
        }
    }

    #[test]
    fn a_small_change_of_a_tiny_benchmark_is_a_small_change() {
        let medians: Vec<f64> = (0..40)
            .map(|step| FunctionMetric::P50.estimate(&benchmark(&[f64::from(step).mul_add(0.1, 1.0); 9], 1.0)))
            .collect();
        for pair in medians.windows(2) {
            assert!(pair[1] >= pair[0] && pair[1] - pair[0] < 0.35, "{medians:?}");
        }
        for (step, median) in (0..).zip(&medians) {
            assert!((median - f64::from(step).mul_add(0.1, 1.0)).abs() < 0.5, "{step}: {medians:?}");
        }
    }
}
