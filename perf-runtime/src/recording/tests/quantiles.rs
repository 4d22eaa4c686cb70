//! Quantiles are within 1 % of the sorted durations, from 1 ns to the top of the range, and beyond it the top bucket is
//! told, with the true longest duration.

use perf_report::recording::layout::HIGHEST_NS;

use super::random::Random;
use super::{START_TICK, TICKS_PER_NS, add_function, begin, end, recording, slot, snapshot};

/// Records one call per duration and compares the quantiles.
fn check(mut durations: Vec<u64>) {
    let recording = recording(1 << 14);
    let site = add_function(&recording).unwrap();
    let shard = recording.acquire_shard().unwrap();
    let slot = slot(&recording, shard, site).unwrap();
    for &ns in &durations {
        begin(shard, slot, site, START_TICK);
        end(&recording, shard, slot, START_TICK, START_TICK + ns * TICKS_PER_NS);
    }
    durations.sort_unstable();

    let snapshot = snapshot(&recording);
    let function = &snapshot.functions[0];
    assert_eq!(function.calls, durations.len() as u64);
    assert_eq!(function.min_ns, durations[0]);
    assert_eq!(Some(&function.max_ns), durations.last());
    // The two calls that are not in the buckets yet are not known to lie beyond.
    let beyond = durations.iter().filter(|&&ns| ns > HIGHEST_NS).count() as u64;
    assert!((beyond.saturating_sub(2)..=beyond).contains(&function.over_range), "{} of {beyond}", function.over_range);
    for permille in 0..=1000_u32 {
        let quantile = f64::from(permille) / 1000.0;
        let rank = ((quantile * durations.len() as f64).ceil() as usize).max(1);
        let (expected, told) = (durations[rank - 1].min(HIGHEST_NS), function.quantile_ns(quantile));
        assert!(
            expected <= told && told as f64 <= expected as f64 * 1.01,
            "quantile {quantile} of {} calls: {told} ns instead of {expected} ns",
            durations.len()
        );
    }
}

#[test]
fn of_durations_of_all_lengths() {
    for seed in 0..if cfg!(miri) { 1 } else { 5 } {
        let mut random = Random::new(seed);
        // 44 bits of ns are the range of 4.8 hours.
        for bits in [4, 10, 20, 44] {
            let count = 1 + random.below(if cfg!(miri) { 100 } else { 5000 });
            check((0..count).map(|_| random.of_any_length(bits)).collect());
        }
    }
}

#[test]
fn of_equal_durations() {
    for ns in [0, 1, 2, 255, 256, 257, 1_000_000, HIGHEST_NS - 1, HIGHEST_NS] {
        check(vec![ns; 10]);
    }
}

#[test]
fn beyond_the_range() {
    check(vec![HIGHEST_NS + 1]);
    check([1, HIGHEST_NS, HIGHEST_NS + 1, HIGHEST_NS * 2, HIGHEST_NS * 1000].repeat(10));
}
