//! The shape of a distribution: its range cut into equal parts on a logarithmic scale.

use crate::Function;

/// Bars in a column of shapes.
const BARS: usize = 10;

/// From nothing to the most.
const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The distribution in so many parts, from the shortest to the longest call; where those are close to each other, of a
/// range around them, because a difference of a few percent is no shape:
/// where each part begins, in ns, and its calls. Empty if there was no call.
pub(super) fn parts(function: &Function, number: usize) -> Vec<(f64, u64)> {
    let buckets = function.latency.buckets();
    if buckets.len() == 0 || number == 0 {
        return Vec::new();
    }
    let log = |ns: u64| (ns.max(1) as f64).log2();
    let (mut low, mut high) = (f64::MAX, 0_f64);
    for (ns, _) in function.latency.buckets() {
        low = low.min(log(ns));
        high = high.max(log(ns));
    }
    // A bucket is at most 1 % wide, so the last one ends hardly later than it begins.
    high += 0.015;
    let least = number as f64 / 10.0;
    if high - low < least {
        let middle = (low + high) / 2.0;
        low = (middle - least / 2.0).max(0.0);
        high = low + least;
    }
    let step = (high - low) / number as f64;
    let mut parts: Vec<_> = (0..number).map(|n| ((low + n as f64 * step).exp2(), 0_u64)).collect();
    for (ns, calls) in buckets {
        let sum = &mut parts[(((log(ns) - low) / step) as usize).min(number - 1)].1;
        *sum = sum.saturating_add(calls);
    }
    parts
}

/// The distribution as a row of small bars. Heights follow the square root, so that the few calls of a tail are seen.
pub(super) fn bars(function: &Function) -> String {
    let parts = parts(function, BARS);
    let most = parts.iter().map(|part| part.1).max().unwrap_or(0);
    let bar = |part: &(f64, u64)| match part.1 {
        0 => ' ',
        calls => HEIGHTS[((calls as f64 / most as f64).sqrt() * 7.0).round() as usize],
    };
    parts.iter().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function(durations: &[(u64, u64)]) -> Function {
        let mut function = Function::new("f");
        durations.iter().for_each(|&(ns, count)| function.latency.record(ns, count));
        function
    }

    #[test]
    fn shapes_show_modes_and_tails() {
        assert_eq!(bars(&function(&[])), "");
        assert_eq!(bars(&function(&[(1_000, 1)])), "    █     ");
        assert_eq!(bars(&function(&[(1_000, 900), (100_000, 100)])), "█        ▃");
        assert_eq!(bars(&function(&[(0, 1)])), "█         ");
        assert_eq!(bars(&function(&[(1, 100), (1_000_000_000_000, 1)])), "█        ▂");
    }

    #[test]
    fn no_call_is_left_out() {
        let function = function(&[(0, 3), (1, 2), (77, 9), (5_000, u64::from(u32::MAX)), (9_000_000, 1)]);
        for number in [1, 7, 40] {
            let sum: u64 = parts(&function, number).iter().map(|part| part.1).sum();
            assert_eq!(sum, function.latency.count());
        }
    }
}
