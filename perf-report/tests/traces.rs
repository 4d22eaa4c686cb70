//! Trace windows and slowest calls: they are read whatever stands there, and what is written of them is what tools read.
#![allow(clippy::unwrap_used, reason = "a helper's failure is the test's")]
#![cfg(feature = "files")]

mod support;

use perf_report::{
    SlowCall, Snapshot, Trace, TraceEventKind,
    recording::{
        Now, Reading,
        layout::{slot, slowest::call, trace, trace::chunk, trace::event},
        read, read_trace,
    },
    view::TraceFormat,
};
use proptest::{prelude::*, test_runner::RngSeed};
use serde_json::Value;
use support::Writer;

/// A name that would break every format that did not escape it.
const EVIL: &str = "app::\"quoted\"\\<b>\u{1b}[31m\n,]}";

/// Sites 1 and 2.
fn writer() -> Writer {
    let mut writer = Writer::new();
    let shard = writer.shard(100, "main");
    for name in ["app::outer", EVIL] {
        let site = writer.function(name);
        let slot = writer.slot(shard, site);
        writer.calls(slot, &[2_000]);
    }
    writer
}

/// The tick so many ns after the window opened.
const fn at(ns: u64) -> u64 {
    2_001_000 + 2 * ns
}

const CALLS: [[u64; 4]; 6] = [
    [event::IN_FLIGHT, 1, 1, 500],
    [event::BEGIN, 2, 2, at(100)],
    [event::PENDING, 2, 2, at(250)],
    [event::BEGIN, 2, 2, at(300)],
    [event::UNWIND, 2, 2, at(1_300)],
    [event::RETURN, 1, 1, at(2_000)],
];

fn reading(writer: &Writer) -> Reading {
    read_trace(&writer.words, Now::LastTick).unwrap()
}

fn sound(writer: &Writer) -> (Snapshot, Trace) {
    let reading = reading(writer);
    assert_eq!(reading.damages, []);
    (reading.snapshot, reading.trace.unwrap())
}

#[test]
fn chunks_of_a_thread_come_in_their_order_and_others_apart() {
    let mut writer = writer();
    writer.trace(&[(0, 1, &CALLS[3..]), (1, 0, &CALLS[1..3]), (0, 0, &CALLS[..3])]);
    let (_, trace) = sound(&writer);
    assert_eq!((trace.window, trace.begin_ns, trace.end_ns, trace.is_open), (3, 1_000_000, 2_000_000, false));
    let threads: Vec<_> = trace.threads.iter().map(|thread| (thread.tid, &*thread.name, thread.events.len())).collect();
    assert_eq!(threads, [(100, "worker 0", 6), (101, "worker 1", 2)]);
    let calls: Vec<_> =
        trace.calls(&trace.threads[0]).into_iter().map(|call| (call.function, call.ns(), call.end)).collect();
    let (unwind, pending, ends) =
        (Some(TraceEventKind::Unwind), Some(TraceEventKind::Pending), Some(TraceEventKind::Return));
    assert_eq!(calls, [(0, 2_000, ends), (1, 150, pending), (1, 1_000, unwind)]);
    assert_eq!(read(&writer.words, Now::LastTick).unwrap().trace, None, "nobody asked for it");
    assert_eq!(reading(&self::writer()).trace, None);
}

#[test]
fn chromes_events_are_complete_and_their_names_escaped() {
    let mut writer = writer();
    writer.trace(&[(0, 0, &CALLS)]);
    let (snapshot, trace) = sound(&writer);
    let text = TraceFormat::Chrome.render(&trace, &snapshot);
    let value: Value = serde_json::from_str(&text).unwrap();
    let events = value["traceEvents"].as_array().unwrap();
    assert_eq!(events[0]["args"]["name"], "wordcount");
    assert_eq!((&events[1]["tid"], &events[1]["args"]["name"]), (&100.into(), &"worker 0".into()));
    let calls: Vec<_> = events[2..]
        .iter()
        .map(|event| {
            (
                event["name"].as_str().unwrap(),
                event["ts"].as_f64().unwrap(),
                event["dur"].as_f64().unwrap(),
                &event["args"],
            )
        })
        .collect();
    let said = [("begin", "before the trace"), ("poll", "pending"), ("end", "panic")]
        .map(|(word, value)| serde_json::json!({ word: value }));
    assert_eq!(calls[0], ("app::outer", 1_000.0, 2.0, &said[0]));
    assert_eq!(calls[1], (EVIL, 1_000.1, 0.15, &said[1]));
    assert_eq!(calls[2], (EVIL, 1_000.3, 1.0, &said[2]));
    let slowest = &value["otherData"]["slowest"];
    assert_eq!(slowest[0]["function"], EVIL);
    assert_eq!(slowest[0]["calls"][0]["ns"], 1_000);
    assert_eq!(slowest[0]["calls"][1]["callers"], serde_json::json!(["app::outer"]));
}

#[test]
fn speedscopes_calls_are_opened_and_closed() {
    let mut writer = writer();
    writer.trace(&[(0, 0, &CALLS)]);
    let (snapshot, trace) = sound(&writer);
    let value: Value = serde_json::from_str(&TraceFormat::Speedscope.render(&trace, &snapshot)).unwrap();
    assert_eq!(value["shared"]["frames"][1], serde_json::json!({"name": EVIL, "file": "src/main.rs", "line": 12}));
    let events: Vec<String> = value["profiles"][0]["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| {
            format!(
                "{}{}@{}",
                event["type"].as_str().unwrap(),
                event["frame"],
                event["at"].as_u64().unwrap() - 1_000_000
            )
        })
        .collect();
    assert_eq!(events, ["O0@0", "O1@100", "C1@250", "O1@300", "C1@1300", "C0@2000"]);
}

#[test]
fn what_contradicts_itself_is_damage_and_the_rest_is_read() {
    let damages = |change: &dyn Fn(&mut Vec<u64>, usize, usize)| {
        let mut writer = writer();
        let (block, chunk) = writer.trace(&[(0, 0, &CALLS), (1, 0, &CALLS[1..3])]);
        change(&mut writer.words, block, chunk);
        let reading = reading(&writer);
        let events = reading.trace.map_or(0, |trace| trace.threads.iter().map(|thread| thread.events.len()).sum());
        (reading.damages.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "), events)
    };
    let event = |number: usize| chunk::EVENTS + number * event::LEN;
    assert_eq!(damages(&|_, _, _| {}), (String::new(), 8));
    let (said, events) = damages(&|words, _, chunk| words[chunk + event(1) + event::WHAT] = event::what(77, 1, 1));
    assert!(said.contains("an event of a trace has the unknown kind 77") && events == 7, "{said}");
    let (said, events) = damages(&|words, _, chunk| words[chunk + event(1) + event::WHAT] = event::what(1, 1, 99));
    assert!(said.contains("site 99 of a trace does not exist") && events == 7, "{said}");
    let (said, events) = damages(&|words, _, chunk| words[chunk + chunk::COUNT] = 1025);
    assert!(said.contains("a chunk of 1024 events would hold 1025") && events == 2, "{said}");
    let (said, events) = damages(&|words, block, _| words[block + trace::DIRECTORY] = 1 << 40);
    assert!(said.contains("chunk of the trace") && events == 2, "{said}");
    let (said, events) =
        damages(&|words, block, _| words[block + trace::DIRECTORY] = words[block + trace::DIRECTORY + 1]);
    assert!(said.contains("chunk of the trace") && events == 2, "{said}");
    let (said, events) = damages(&|words, _, chunk| {
        words[chunk + chunk::LEN + chunk::THREAD] = 0;
    });
    assert!(said.contains("two chunks of thread 100 have the same place") && events == 6, "{said}");
    // Another window's, and more taken than there are: nothing is wrong with that.
    assert_eq!(damages(&|words, _, chunk| words[chunk + chunk::WINDOW] = 2), (String::new(), 2));
    assert_eq!(damages(&|words, block, _| words[block + trace::TAKEN] = u64::MAX), (String::new(), 8));
    assert_eq!(damages(&|words, block, _| words[block + trace::WINDOW] = 0), (String::new(), 0));
}

#[test]
fn slowest_calls_are_told_with_their_callers_and_labels() {
    let mut writer = writer();
    let shard = writer.shard(7, "worker");
    let slot = writer.slot(shard, 2);
    writer.calls(slot, &[4_000, 2_000]);
    let place = writer.slow_call(slot, [4_000, 9_000, 7, 3], [1, 2], EVIL);
    let (snapshot, slowest) = slowest(&writer);
    let mut expected = SlowCall::new(slowest.ns);
    (expected.end_ns, expected.tid, expected.thread) = (4_000, 7, "worker".into());
    (expected.callers, expected.further_callers, expected.label) = (vec![0, 1], 1, EVIL.into());
    assert_eq!(slowest, expected);
    assert_eq!(slowest.ns, snapshot.functions[1].max_ns);
    assert_eq!(Snapshot::from_json(snapshot.to_json().as_bytes()).unwrap(), snapshot);

    writer.words[place + call::LABEL_BYTES] = u64::MAX;
    writer.words[place + call::CALLERS] = u64::MAX;
    writer.words[place + call::DEPTH] = u64::MAX;
    let (_, slowest) = self::slowest(&writer);
    assert_eq!((slowest.callers.len(), slowest.further_callers), (0, u32::MAX));
    assert!(slowest.label.starts_with(EVIL));
    writer.set(slot, slot::SLOWEST, 3);
    assert!(reading(&writer).damages[0].to_string().contains("block of the slowest calls"));
}

fn slowest(writer: &Writer) -> (Snapshot, SlowCall) {
    let reading = reading(writer);
    assert_eq!(reading.damages, []);
    let call = reading.snapshot.functions[1].slowest[0].clone();
    (reading.snapshot, call)
}

#[test]
fn slowest_calls_of_many_processes_are_those_of_all() {
    let of = |ticks: u64| {
        let mut writer = writer();
        let shard = writer.shard(7, "worker");
        let slot = writer.slot(shard, 2);
        writer.calls(slot, &[ticks]);
        writer.slow_call(slot, [ticks, ticks, 7, 1], [1, 0], &ticks.to_string());
        slowest(&writer).0
    };
    let mut merge = perf_report::Merge::new();
    (1..=7).for_each(|number| merge.add(number.to_string(), of(number * 10_000)));
    let sum = merge.finish();
    let labels: Vec<&str> = sum.functions[1].slowest.iter().map(|call| &*call.label).collect();
    assert_eq!(labels, ["70000", "60000", "50000", "40000", "30000"]);
    assert!(sum.functions[1].slowest.iter().all(|call| call.callers == [0]));
    let (earlier, later) = (of(10_000), of(20_000));
    let mut moment = earlier.clone();
    moment.process.recorded_ns = 5_000;
    let since = later.since(&moment);
    assert_eq!(since.functions[1].slowest[0].end_ns, 4_500);
    moment.process.recorded_ns = 10_000;
    assert_eq!(later.since(&moment).functions[1].slowest, []);
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default() })]

    /// Whatever the events, calls lie within each other or one after the other, and each is opened and closed.
    #[test]
    fn calls_nest_whatever_the_events(
        events in proptest::collection::vec((1_u64..=6, 0_u64..5, 1_u64..=2, 0_u64..3_000), 0..60),
        overwritten in 0_u64..2,
    ) {
        let events: Vec<[u64; 4]> = events.into_iter().map(|(kind, depth, site, ns)| [kind, depth, site, at(ns)]).collect();
        let mut writer = writer();
        let (_, chunk) = writer.trace(&[(0, 0, &events)]);
        writer.words[chunk + chunk::OVERWRITTEN] = overwritten;
        let (snapshot, trace) = sound(&writer);
        for (place, call) in trace.threads.iter().flat_map(|thread| trace.calls(thread)).enumerate().collect::<Vec<_>>() {
            prop_assert!(call.begin_ns <= call.end_ns && call.caller.is_none_or(|caller| caller < place));
        }
        let value: Value = serde_json::from_str(&TraceFormat::Speedscope.render(&trace, &snapshot)).unwrap();
        for profile in value["profiles"].as_array().unwrap() {
            let (mut open, mut last) = (Vec::new(), profile["startValue"].as_u64().unwrap());
            for event in profile["events"].as_array().unwrap() {
                prop_assert!(event["at"].as_u64().unwrap() >= last, "{}", profile);
                last = event["at"].as_u64().unwrap();
                if event["type"] == "O" {
                    open.push(event["frame"].as_u64());
                } else {
                    prop_assert_eq!(open.pop(), Some(event["frame"].as_u64()));
                }
            }
            prop_assert!(open.is_empty() && last <= profile["endValue"].as_u64().unwrap());
        }
        let chrome: Value = serde_json::from_str(&TraceFormat::Chrome.render(&trace, &snapshot)).unwrap();
        let calls: usize = trace.threads.iter().map(|thread| trace.calls(thread).len()).sum();
        prop_assert_eq!(chrome["traceEvents"].as_array().unwrap().len(), 1 + trace.threads.len() + calls);
    }
}
