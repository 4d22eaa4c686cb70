//! Net figures: the reader takes the cost of measuring out of all figures, and none falls below zero.
#![cfg(feature = "files")]
#![allow(clippy::unwrap_used, reason = "a helper's failure is the test's")]

mod support;

use perf_report::{
    Caller, Snapshot,
    recording::{
        Now,
        layout::{header, site, slot},
        read,
    },
};
use support::Writer;

fn sound(writer: &Writer) -> Snapshot {
    let reading = read(&writer.words, Now::LastTick).unwrap();
    assert_eq!(reading.damages, []);
    reading.snapshot
}

/// A call of 2,000 ns that makes ten of 28 ns, where a timed call costs 20 ns, 8 of them inside its own duration.
fn with_costs() -> Writer {
    let mut writer = Writer::new();
    let (costs, sites) = (header::COSTS_AT_START, [writer.function("app::outer"), writer.function("app::inner")]);
    writer.words[costs + header::COST_TIMED] = 20_000;
    writer.words[costs + header::COST_TIMED_INSIDE] = 8_000;
    let shard = writer.shard(1, "");
    let [outer, inner] = sites.map(|site| writer.slot(shard, site));
    writer.calls(inner, &[56; 10]);
    writer.calls(outer, &[4_000 - 400]);
    for (word, ticks) in [(slot::SUM, 4_000), (slot::MEASURING, 400), (slot::SELF, 4_000 - 560)] {
        writer.set(outer, word, ticks);
    }
    writer.edge(shard, 0, sites[0], [1, 3_600, 0]);
    writer.edge(shard, sites[0], sites[1], [10, 560, 0]);
    writer.measuring(shard, 440);
    writer
}

#[test]
fn measuring_is_taken_out_of_all_figures() {
    let snapshot = sound(&with_costs());
    let [outer, inner] = &snapshot.functions[..] else { panic!("{:?}", snapshot.functions) };
    assert_eq!((inner.sum_ns, inner.total_ns, inner.self_ns, inner.measuring_ns), (200, 200, 200, 80));
    assert_eq!((inner.min_ns, inner.quantile_ns(0.5), inner.max_ns), (20, 20, 20));
    // Below it ten calls cost 20 ns each, of which 12 were its self time; and its own duration holds 8.
    assert_eq!((outer.sum_ns, outer.total_ns, outer.max_ns), (2_000 - 200 - 8, 1_792, 1_792));
    assert_eq!((outer.self_ns, outer.self_measuring_ns), (1_720 - 8 - 120, 128));
    assert_eq!(outer.total_ns, outer.self_ns + inner.total_ns);
    assert_eq!(inner.callers, [Caller::new(Some(0), 10, 200)]);
    assert_eq!(outer.callers, [Caller::new(None, 1, 1_792)]);
    assert_eq!((snapshot.overhead.measuring_ns, snapshot.overhead.measuring_wall_ns), (220, 220), "11 calls");
    assert_eq!(snapshot.recorded_ns, snapshot.process.recorded_ns - 220);
}

#[test]
fn costs_are_the_mean_of_start_and_end_and_figures_never_below_zero() {
    let mut writer = with_costs();
    writer.words[header::COSTS_AT_END + header::COST_TIMED] = 40_000;
    writer.words[header::COSTS_AT_END + header::COST_TIMED_INSIDE] = 8_000;
    let snapshot = sound(&writer);
    let [outer, inner] = &snapshot.functions[..] else { panic!("{:?}", snapshot.functions) };
    assert_eq!((outer.sum_ns, outer.self_ns), (2_000 - 300 - 8, 1_720 - 8 - 220));
    assert_eq!(inner.sum_ns, 200);
    writer.words[header::COSTS_AT_END + header::COST_TIMED] = 1_000_000_000;
    writer.words[header::COSTS_AT_END + header::COST_TIMED_INSIDE] = 1_000_000_000;
    let snapshot = sound(&writer);
    for function in &snapshot.functions {
        assert_eq!([function.sum_ns, function.total_ns, function.self_ns], [0; 3]);
    }
    assert!(snapshot.recorded_ns <= snapshot.process.recorded_ns);
}

#[test]
fn a_recursion_took_no_less_than_its_longest_call() {
    let mut writer = Writer::new();
    writer.words[header::COSTS_AT_START + header::COST_TIMED] = 20_000;
    writer.words[header::COSTS_AT_START + header::COST_TIMED_INSIDE] = 8_000;
    let (shard, site) = (writer.shard(1, ""), writer.function("app::down"));
    let slot = writer.slot(shard, site);
    // The outermost of 2,000 ns, of which measuring the other one took more than it does in the mean.
    writer.calls(slot, &[3_960, 3_900]);
    for (word, ticks) in [(slot::SUM, 7_900), (slot::MEASURING, 40), (slot::NESTED, 3_940), (slot::SELF, 3_940)] {
        writer.set(slot, word, ticks);
    }
    writer.measuring(shard, 80);
    let down = &sound(&writer).functions[0];
    assert_eq!((down.max_ns, down.total_ns), (1_972, 1_972));
    assert!(down.total_ns < down.sum_ns, "{down:?}");
}

#[test]
fn times_by_caller_are_no_more_than_the_total_from_which_counting_was_taken() {
    let mut writer = Writer::new();
    writer.words[header::COSTS_AT_START + header::COST_TIMED] = 1_000;
    writer.words[header::COSTS_AT_START + header::COST_COUNTED] = 2_000;
    let [main, outer] = ["app::main", "app::outer"].map(|name| writer.function(name));
    let tiny = writer.site(site::KIND_FUNCTION, 1, "app::tiny", "");
    let shard = writer.shard(1, "");
    let [of_main, of_outer, of_tiny] = [main, outer, tiny].map(|site| writer.slot(shard, site));
    writer.calls(of_main, &[4_000]);
    writer.calls(of_outer, &[2_000, 1_000]);
    writer.calls(of_tiny, &[2]);
    writer.set(of_tiny, slot::TIMED, 1);
    writer.set(of_tiny, slot::COUNTER, 99);
    writer.edge(shard, 0, main, [1, 4_000, 0]);
    writer.edge(shard, main, outer, [1, 2_000, 0]);
    writer.edge(shard, 0, outer, [1, 1_000, 0]);
    writer.edge(shard, outer, tiny, [100, 200, 0]);
    let snapshot = sound(&writer);
    let outer = &snapshot.functions[1];
    // 1,500 ns, of which 99 calls of 2 ns were counting.
    assert!(outer.total_ns < 1_500 - 190, "{outer:?}");
    let times: Vec<u64> = outer.callers.iter().map(|caller| caller.total_ns).collect();
    let all: u64 = times.iter().sum();
    assert!(all <= outer.total_ns && all + 2 >= outer.total_ns, "{times:?} of {}", outer.total_ns);
    assert!(times[0].abs_diff(2 * times[1]) <= 2, "each has its part: {times:?}");
}
