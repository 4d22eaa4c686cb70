//! Stacks that were sampled: the tree is read whatever stands there, and times that adaptive timing can only guess come from it.
#![allow(clippy::unwrap_used, reason = "a helper's failure is the test's")]

mod support;

use perf_report::{
    Caller, Function, Snapshot, Style, TimeSource, View,
    recording::{
        Now, Reading,
        layout::{site, slot, stacks},
        read,
    },
};
use support::Writer;

/// Ticks in a millisecond of this recording.
const MS: u64 = 2_000_000;

const OUTER: usize = 0;
const TINY: usize = 1;
const RARE: usize = 2;
const OTHER: usize = 3;

/// Within a second: `outer` and `other`, all of whose calls are timed, call `tiny`, which is hardly ever timed, and so is `rare`.
fn writer() -> Writer {
    let mut writer = Writer::new();
    let shard = writer.shard(100, "main");
    let adaptive = |writer: &mut Writer, name: &str, timed: &[u64], counted: u64| {
        let site = writer.site(site::KIND_FUNCTION, 1, name, "");
        let slot = writer.slot(shard, site);
        writer.calls(slot, timed);
        writer.set(slot, slot::TIMED, timed.len() as u64);
        writer.set(slot, slot::COUNTER, counted);
        (site, slot)
    };
    let outer = writer.function("app::outer");
    let slot = writer.slot(shard, outer);
    writer.calls(slot, &[600 * MS]);
    writer.set(slot, slot::SELF, 400 * MS);
    let (tiny, tiny_slot) = adaptive(&mut writer, "app::tiny", &[100, 100], 10_000_000);
    // The measured calls stand for all, which is more than the time that passed, so the reader cuts it to the callers' time.
    writer.set(tiny_slot, slot::SUM, 1_500 * MS);
    writer.set(tiny_slot, slot::SELF, 1_500 * MS);
    let (rare, rare_slot) = adaptive(&mut writer, "app::rare", &[100], 9);
    writer.set(rare_slot, slot::SUM, 20 * MS);
    writer.set(rare_slot, slot::SELF, 20 * MS);
    let other = writer.function("app::other");
    let slot = writer.slot(shard, other);
    writer.calls(slot, &[300 * MS]);
    writer.edge(shard, 0, outer, [1, 600 * MS, 0]);
    writer.edge(shard, outer, tiny, [9_000_000, 1_400 * MS, 0]);
    writer.edge(shard, other, tiny, [1_000_000, 100 * MS, 0]);
    writer.edge(shard, outer, rare, [9, 20 * MS, 0]);
    writer.edge(shard, 0, other, [1, 300 * MS, 0]);
    assert_eq!((outer, tiny, rare, other), (1, 2, 3, 4));
    writer
}

/// outer, outer > tiny, other, other > tiny, outer > tiny > tiny.
const NODES: [[u64; 4]; 6] = [
    [0, 0, 100, 100 * MS],
    [0, 1, 400, 400 * MS],
    [1, 2, 150, 150 * MS],
    [0, 4, 200, 200 * MS],
    [3, 2, 100, 100 * MS],
    [2, 2, 50, 50 * MS],
];

fn reading(writer: &Writer) -> Reading {
    read(&writer.words, Now::LastTick).unwrap()
}

fn snapshot(writer: &Writer) -> Snapshot {
    let reading = reading(writer);
    assert_eq!(reading.damages, []);
    reading.snapshot
}

fn times(function: &Function) -> (u64, u64, TimeSource) {
    (function.total_ns / 1_000_000, function.self_ns / 1_000_000, function.time_source)
}

#[test]
fn the_tree_is_told() {
    let mut writer = writer();
    writer.stacks(1_000, &NODES);
    let stacks = snapshot(&writer).stacks.unwrap();
    assert_eq!((stacks.period_ns, stacks.looks, stacks.samples), (1_000_000, 1_000, 1_000));
    assert_eq!((stacks.in_motion, stacks.folded, stacks.cut, stacks.ns()), (3, 2, 1, 1_000_000_000));
    assert_eq!(stacks.watched_ns, 1_000_000_000);
    let chains: Vec<Vec<usize>> = (0..stacks.nodes.len()).map(|node| stacks.chain(node).collect()).collect();
    let expected: [&[usize]; 6] = [&[], &[OUTER], &[TINY, OUTER], &[OTHER], &[TINY, OTHER], &[TINY, TINY, OUTER]];
    assert_eq!(chains, expected);
    assert_eq!(snapshot(&self::writer()).stacks, None);
}

#[test]
fn times_that_are_guessed_come_from_the_stacks() {
    let without = snapshot(&writer());
    assert_eq!(times(&without.functions[TINY]), (296, 296, TimeSource::Timed));
    let mut writer = writer();
    writer.stacks(1_000, &NODES);
    let functions = snapshot(&writer).functions;
    assert_eq!(times(&functions[OUTER]), (600, 400, TimeSource::Timed), "every call of it was timed");
    assert_eq!(times(&functions[TINY]).0, 300, "once per stack");
    assert_eq!(functions[TINY].time_source, TimeSource::Sampled);
    let callers = [Caller::new(Some(OUTER), 9_000_000, 200_000_000), Caller::new(Some(OTHER), 1_000_002, 100_000_000)];
    let mut found = functions[TINY].callers.clone();
    found.sort_by_key(|caller| caller.caller);
    assert_eq!(found[0].total_ns, callers[0].total_ns);
    assert_eq!(found[1].total_ns, callers[1].total_ns);
    assert_eq!(functions[RARE].time_source, TimeSource::Sampled);
    assert!(times(&functions[RARE]).0 <= 1, "it was never seen: hardly more than a look takes");
    for at in [TINY, RARE] {
        let (now, before) = (&functions[at], &without.functions[at]);
        assert_eq!((now.calls, now.timed_calls, &now.latency), (before.calls, before.timed_calls, &before.latency));
        assert_eq!((now.mean_ns(), now.min_ns, now.max_ns), (before.mean_ns(), before.min_ns, before.max_ns));
    }
    let own: u64 = functions.iter().map(|function| function.self_ns).sum();
    // That of `other` is more than was seen of it, and the others have what is left.
    assert!((999_000_000..=1_000_000_000).contains(&own), "{own} ns in a second of one thread");
}

#[test]
fn few_stacks_say_less_than_timed_calls() {
    let mut writer = writer();
    writer.stacks(1_000, &[[0, 0, 900, 900 * MS], [0, 2, 99, 99 * MS]]);
    let snapshot = snapshot(&writer);
    assert_eq!(snapshot.stacks.unwrap().samples, 999);
    assert_eq!(times(&snapshot.functions[TINY]), (296, 296, TimeSource::Timed));
}

#[test]
fn a_session_that_samples_does_not_subtract_what_was_guessed_before() {
    let before = snapshot(&writer());
    let mut writer = writer();
    writer.stacks(1_000, &NODES);
    let done = snapshot(&writer).since(&before);
    assert_eq!(times(&done.functions[TINY]).0, 300);
    let same = snapshot(&writer).since(&snapshot(&writer));
    assert_eq!(times(&same.functions[TINY]), (0, 0, TimeSource::Sampled));
    assert_eq!(same.stacks.unwrap().ns(), 0);
}

#[test]
fn what_contradicts_itself_is_damage_and_the_rest_is_read() {
    let damages = |change: &dyn Fn(&mut Vec<u64>, usize, usize)| {
        let mut writer = writer();
        let (block, nodes) = writer.stacks(1_000, &NODES);
        change(&mut writer.words, block, nodes);
        let reading = reading(&writer);
        let stacks = reading.snapshot.stacks.unwrap_or_default();
        for (at, node) in stacks.nodes.iter().enumerate() {
            assert!(node.parent.is_none_or(|parent| parent < at) && node.function.is_none_or(|function| function < 4));
        }
        (reading.damages.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "), stacks.samples)
    };
    let node = |number: usize, word: usize| number * stacks::node::LEN + word;
    let (said, samples) = damages(&|words, _, nodes| words[nodes + node(2, stacks::node::PARENT)] = 5);
    assert!(said.contains("stack 2 would be within stack 5, which comes later"), "{said}");
    assert_eq!(samples, 1_000, "its samples are not lost");
    let (said, samples) = damages(&|words, _, nodes| words[nodes + node(4, stacks::node::SITE)] = 77);
    assert!(said.contains("site 77 of a stack does not exist"), "{said}");
    assert_eq!(samples, 1_000);
    let (said, _) = damages(&|words, block, _| words[block + stacks::NODES] = u64::MAX);
    assert!(said.contains("stacks were sampled, of at most 65536"), "{said}");
    let (said, samples) = damages(&|words, block, _| words[block + stacks::CHUNKS_AT] = 1 << 40);
    assert!(said.contains("chunk of stacks"), "{said}");
    assert_eq!(samples, 0);
    let (_, samples) = damages(&|words, _, nodes| words[nodes + node(1, stacks::node::SAMPLES)] = u64::MAX);
    assert_eq!(samples, u64::MAX, "sums do not wrap");
}

#[test]
fn the_table_says_which_times_come_from_stacks_and_how_far_they_may_be_off() {
    let table = |nodes: &[[u64; 4]], looks: u64| {
        let mut writer = writer();
        writer.stacks(looks, nodes);
        let text = View::Table.render(&snapshot(&writer), &Style::plain());
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    // 300 ms less what `other` was not seen for, of a second: sqrt(0.299 * 0.701 / 1000).
    let text = table(&NODES, 1_000);
    assert!(text.contains("The self times of 2 functions come from 1,000 stacks: ± 1.4 points."), "{text}");
    assert!(!text.contains("They were sampled for"), "{text}");
    let text = table(&NODES, 500);
    assert!(text.contains("points. They were sampled for 500 ms of 1.00 s."), "{text}");
    let text = table(&[[0, 0, 900, 900 * MS], [0, 2, 1, MS]], 1_000);
    assert!(text.contains("901 stacks were sampled; no function's times come from them."), "{text}");
    let text = View::Table.render(&snapshot(&writer()), &Style::plain());
    assert!(!text.contains("stacks"), "{text}");
}
