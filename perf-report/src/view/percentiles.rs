//! The percentile distribution as HdrHistogram writes it, which its plotter and many other tools read.

use crate::Function;

/// Lines per halving of the distance to 100 %, as those tools have it.
const TICKS_PER_HALF_DISTANCE: u32 = 5;

/// The percentile distribution of a function. Values are ns.
pub(crate) fn render(function: &Function) -> String {
    let histogram = function.latency.to_histogram();
    let mut out = format!("{:>12} {:>14} {:>10} {:>14}\n\n", "Value", "Percentile", "TotalCount", "1/(1-Percentile)");
    let mut seen = 0_u64;
    for step in histogram.iter_quantiles(TICKS_PER_HALF_DISTANCE) {
        seen = seen.saturating_add(step.count_since_last_iteration());
        let (value, quantile) = (step.value_iterated_to() as f64, step.quantile_iterated_to());
        out += &if quantile < 1.0 {
            format!("{value:12.2} {quantile:2.12} {seen:10} {:14.2}\n", 1.0 / (1.0 - quantile))
        } else {
            format!("{value:12.2} {quantile:2.12} {seen:10}\n")
        };
    }
    // The tools count the sub-buckets of both halves, of which each bucket but the first uses the upper one.
    let (mean, deviation) = (histogram.mean(), histogram.stdev());
    let (max, count) = (histogram.max() as f64, histogram.len());
    out += &format!("#[Mean    = {mean:12.2}, StdDeviation   = {deviation:12.2}]\n");
    out += &format!("#[Max     = {max:12.2}, Total count    = {count:12}]\n");
    out += &format!("#[Buckets = {:12}, SubBuckets     = {:12}]\n", histogram.buckets(), SUB_BUCKETS);
    out
}

/// Sub-buckets of a histogram of two significant digits.
const SUB_BUCKETS: u32 = 256;
