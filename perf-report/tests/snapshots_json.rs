//! Snapshots as JSON: nothing is lost on the way and back, and any text at all is read or refused.
#![cfg(feature = "command")]

#[macro_use]
#[path = "support/with.rs"]
mod with;

mod support;

use perf_report::{
    Budget, Caller, Clock, ClockSource, Depth, Function, Futures, InFlight, Kind, Latency, Losses, Overhead, Process,
    Rows, Snapshot, State, Statuses, Timing, Transfer,
    recording::{Now, read},
};
use proptest::{prelude::*, test_runner::RngSeed};

/// Costs and scales: finite, of any size.
fn figures() -> impl Strategy<Value = f64> {
    prop_oneof![any::<f64>().prop_filter("finite", |figure| figure.is_finite()), 0.0_f64..100.0]
}

fn functions() -> impl Strategy<Value = Function> {
    let texts = (any::<String>(), any::<String>(), any::<String>(), any::<u32>());
    let figures = prop::array::uniform11(any::<u64>());
    let buckets = prop::collection::vec((any::<u64>(), 1_u64..1_000_000), 0..50);
    let budgets = prop::collection::vec(
        (any::<String>(), any::<u64>()).prop_map(|(figure, limit)| Budget::new(figure, limit)),
        0..3,
    );
    let futures = prop::option::of(any::<[u64; 4]>().prop_map(|[started, cancelled, polls, busy_ns]| {
        with!(Futures::default(), {
            started,
            cancelled,
            polls,
            busy_ns,
            never_polled: started ^ polls,
        })
    }));
    let kinds = (
        prop::sample::select(Kind::ALL.to_vec()),
        prop::sample::select(vec![Timing::Exact, Timing::Adaptive, Timing::Waits]),
        any::<bool>(),
    );
    (texts, figures, buckets, budgets, futures, kinds).prop_map(|(texts, n, buckets, budgets, futures, kinds)| {
        let mut latency = Latency::new();
        buckets.iter().for_each(|&(ns, count)| latency.record(ns, count));
        with!(Function::new(""), {
            name: texts.0,
            module: texts.1,
            file: texts.2,
            line: texts.3,
            kind: kinds.0,
            timing: kinds.1,
            budgets,
            calls: n[0],
            timed_calls: n[1],
            unwound: n[2],
            abandoned: n[3],
            sum_ns: n[4],
            total_ns: n[5],
            self_ns: n[6],
            self_sampled: kinds.2,
            min_ns: n[7],
            max_ns: n[8],
            latency,
            over_range: n[9],
            callers: vec![
                Caller::new(None, n[10], n[0]),
                Caller::new(Some(0), n[1], n[2]),
            ],
            transfer: futures.map(|some: Futures| with!(Transfer::default(), {
                bytes: some.started,
                failed: some.polls,
            })),
            statuses: futures.map(|some: Futures| with!(Statuses::default(), {
                redirections: some.cancelled,
                client_errors: some.busy_ns,
                server_errors: some.polls,
            })),
            rows: futures.map(|some: Futures| with!(Rows::default(), {
                results: some.started,
                sum: some.polls,
                most: some.busy_ns,
            })),
            depth: futures.map(|some: Futures| with!(Depth::default(), {
                messages: some.started,
                sum: some.polls,
                deepest: some.busy_ns,
                capacity: Some(some.cancelled).filter(|&limit| limit % 2 == 0),
                latest: some.polls,
            })),
            names: n[0],
            futures,
            allocations: None,
        })
    })
}

fn snapshots() -> impl Strategy<Value = Snapshot> {
    let process = (any::<String>(), any::<u32>(), any::<[u64; 4]>(), figures());
    let states = (
        prop::sample::select(vec![State::Running, State::Closed, State::Killed]),
        prop::sample::select(vec![ClockSource::Tsc, ClockSource::Cntvct, ClockSource::Monotonic]),
    );
    let functions = prop::collection::vec(functions(), 1..6);
    (process, states, prop::array::uniform3(figures()), functions, any::<[u64; 11]>()).prop_map(
        |((program, pid, n, ns_per_tick), (state, source), cost, functions, losses)| {
            with!(Snapshot::empty(), {
                process: with!(Process::new("", 0), {
                    program,
                    pid,
                    started_unix_ns: n[0],
                    recorded_ns: n[1],
                    unrecorded_ns: n[2],
                    state,
                    clock: Clock::new(source, ns_per_tick),
                    threads: n[3],
                    locks_noted: n[3] % 2 == 1,
                }),
                overhead: with!(Overhead::default(), {
                    ns_per_timed_call: cost[0],
                    ns_per_counted_call: cost[1],
                    ns_inside_duration: cost[2],
                }),
                in_flight: vec![with!(InFlight::new(0, "", 0), {
                    function: 0,
                    thread: functions[0].name.clone(),
                    tid: n[1],
                    depth: pid,
                    elapsed_ns: n[2],
                })],
                functions,
                losses: with!(Losses::default(), {
                    lost_calls: losses[0],
                    overflow_calls: losses[1],
                    unbucketed_calls: losses[3],
                    unattributed_calls: losses[4],
                    deep_calls: losses[5],
                    deepest: losses[6],
                    stack_height: losses[7],
                    clock_anomalies: losses[8],
                    used_bytes: losses[9],
                    capacity_bytes: losses[10],
                }),
            })
        },
    )
}

fn sound_text() -> Vec<u8> {
    let words = support::some_of_everything().words;
    read(&words, Now::LastTick).expect("it is sound").snapshot.to_json().into_bytes()
}

/// Reads a text as the command would; the test is that it returns, and what it returns can be shown.
fn survive(text: &[u8]) {
    match Snapshot::from_json(text) {
        Ok(snapshot) => {
            for view in perf_report::View::ALL {
                assert!(!view.render(&snapshot, &perf_report::Style::plain()).is_empty());
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_on_the_way_and_back(snapshot in snapshots()) {
        prop_assert_eq!(Snapshot::from_json(snapshot.to_json().as_bytes()).unwrap(), snapshot);
    }

    #[test]
    fn any_snapshot_can_be_shown(snapshot in snapshots(), width in 0_usize..250, color: bool) {
        let style = perf_report::Style::plain().with_width(width).with_color(color);
        for view in perf_report::View::ALL {
            prop_assert!(view.render(&snapshot, &style).ends_with('\n'));
        }
    }

    #[test]
    fn several_bytes_may_be_anything(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let mut text = sound_text();
        for (at, byte) in changes {
            let at = at.index(text.len());
            text[at] = byte;
        }
        survive(&text);
    }
}

#[test]
fn every_byte_may_be_a_digit_or_gone() {
    let sound = sound_text();
    for at in 0..sound.len() {
        let mut text = sound.clone();
        text[at] = b'9';
        survive(&text);
        text.remove(at);
        survive(&text);
    }
}

#[test]
fn it_may_be_cut_anywhere() {
    let sound = sound_text();
    for len in 0..sound.len() {
        let error = Snapshot::from_json(&sound[..len]).unwrap_err().to_string();
        assert!(error.contains("breaks off at line"), "{len}: {error}");
    }
}
