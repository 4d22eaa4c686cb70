//! Trace windows: how threads come into one and leave it, and who gets which room.

use perf_report::recording::layout::{header, shard as shard_layout, trace, trace::chunk};
use perf_report::recording::{Now, read_trace};
use perf_report::{Timing, Trace, TraceEventKind};

use super::{add_function, begin, end, recording, slot};
use crate::recording::{CallBegin, CallOutcome, NoWindow, Recording, Shard, Slot};

/// Room for a header, two shards, the block of windows, and some chunks.
fn roomy(chunks: usize) -> Recording {
    // Of the room that is left, a window gets half.
    recording(header::LEN + 4 * shard_layout::LEN + trace::LEN + 2 * chunks * chunk::LEN + 8192)
}

/// A call as the slow path makes it.
fn call(recording: &Recording, shard: Shard, slot: Slot, site: usize, start: u64) {
    shard.begin_call(slot, CallBegin::default(), || start);
    shard.trace_begin(recording, site, || start);
    let outcome = CallOutcome::Call { unwound: false };
    shard.trace_end(recording, site, outcome, || start + 3);
    shard.end_call(recording, slot, start, start + 3, outcome);
}

fn trace_of(recording: &Recording) -> Trace {
    let reading = read_trace(&recording.copy(), Now::LastTick).unwrap();
    assert!(reading.is_sound(), "{:?}", reading.damages);
    reading.trace.unwrap()
}

/// Makes a call that begins by the fast path, if that is open.
fn takes_the_fast_path(recording: &Recording, shard: Shard, slot: Slot, site: usize) -> bool {
    let frame = shard.begin_call_fast(site, slot);
    assert_eq!(frame.is_some(), shard.may_time_in_place());
    if let Some(frame) = frame {
        Shard::set_start(frame, 5);
        end(recording, shard, slot, 5, 7);
    }
    frame.is_some()
}

/// Whether a call of a site that is timed adaptively may begin in place.
fn begins_in_place(recording: &Recording, shard: Shard, slot: Slot) -> bool {
    let frame = shard.begin_for_others(slot);
    if let Some(frame) = frame {
        Shard::set_start(frame, 5);
        shard.end_call(recording, slot, 5, 7, CallOutcome::AdaptiveCall { unwound: false });
    }
    frame.is_some()
}

#[test]
fn the_fast_path_is_closed_as_long_as_a_window_is_open() {
    let recording = roomy(8);
    let (site, shard) = (add_function(&recording).unwrap(), recording.acquire_shard().unwrap());
    let slot = slot(&recording, shard, site).unwrap();
    call(&recording, shard, slot, site, 10);
    assert!(takes_the_fast_path(&recording, shard, slot, site) && !shard.is_traced());
    for window in 1..=3_u64 {
        recording.open_window(4_000, 0, || 100 * window).unwrap();
        assert_eq!(recording.open_window(1, 0, || 0), Err(NoWindow::IsOpen));
        assert!(!takes_the_fast_path(&recording, shard, slot, site) && !shard.is_traced(), "it has not noticed it yet");
        call(&recording, shard, slot, site, 100 * window + 10);
        assert!(shard.is_traced());
        // One that comes meanwhile does not take the fast path either.
        let other = recording.acquire_shard().unwrap();
        let others = super::slot(&recording, other, site).unwrap();
        assert!(!takes_the_fast_path(&recording, other, others, site));
        recording.close_window(100 * window + 50);
        call(&recording, shard, slot, site, 100 * window + 60);
        assert!(!shard.is_traced() && takes_the_fast_path(&recording, shard, slot, site));
        // A thread that missed the window, with its next call.
        assert!(!takes_the_fast_path(&recording, other, others, site));
        call(&recording, other, others, site, 100 * window + 70);
        assert!(takes_the_fast_path(&recording, other, others, site));
        recording.release_shard(other);
        let trace = trace_of(&recording);
        assert_eq!((trace.window, trace.is_open, trace.threads.len()), (window, false, 1));
        let ticks: Vec<u64> = trace.threads[0].events.iter().map(|event| event.ns * 2 - 100 * window).collect();
        assert_eq!(ticks, [10, 14], "at 10 and 13, rounded to ns of two ticks");
    }
}

#[test]
fn where_all_is_adaptive_the_fast_path_stays_closed_and_the_one_in_place_opens_again() {
    let mut origin = super::recording(1 << 16).origin().clone();
    origin.timing = Some(Timing::Adaptive);
    let memory = crate::recording::memory::Memory::heap(1 << 16);
    let recording = Recording::start(memory, None, &origin).unwrap();
    let shard = recording.acquire_shard().unwrap();
    let site = add_function(&recording).unwrap();
    let slot = slot(&recording, shard, site).unwrap();
    assert!(begins_in_place(&recording, shard, slot));
    recording.open_window(1, 0, || 1).unwrap();
    assert!(!begins_in_place(&recording, shard, slot), "it would miss the window");
    call(&recording, shard, slot, site, 10);
    assert!(!begins_in_place(&recording, shard, slot));
    recording.close_window(20);
    assert!(!begins_in_place(&recording, shard, slot), "it would stay in the window");
    call(&recording, shard, slot, site, 30);
    assert!(shard.is_adaptive() && !shard.is_traced() && begins_in_place(&recording, shard, slot));
}

#[test]
fn calls_in_flight_are_told_to_whoever_comes_into_the_window() {
    let recording = roomy(2);
    let (outer, inner) = (add_function(&recording).unwrap(), add_function(&recording).unwrap());
    let shard = recording.acquire_shard().unwrap();
    let slots = [outer, inner].map(|site| slot(&recording, shard, site).unwrap());
    begin(shard, slots[0], outer, 50);
    recording.open_window(100, 7, || 100).unwrap();
    call(&recording, shard, slots[1], inner, 110);
    let outcome = CallOutcome::Call { unwound: true };
    shard.trace_end(&recording, outer, outcome, || 120);
    let trace = trace_of(&recording);
    assert!(trace.is_open && trace.request == 7);
    let events = trace.threads[0].events.iter().map(|event| (event.kind, event.function, event.depth, event.ns));
    assert_eq!(
        events.collect::<Vec<_>>(),
        [
            (TraceEventKind::InFlight, 0, 1, 25),
            (TraceEventKind::Begin, 1, 2, 55),
            (TraceEventKind::Return, 1, 2, 57),
            (TraceEventKind::Unwind, 0, 1, 60),
        ]
    );
}

#[test]
fn a_thread_gets_no_more_chunks_than_are_left_and_overwrites_its_oldest() {
    const CHUNK: u64 = chunk::EVENT_COUNT as u64;
    let recording = roomy(8);
    let site = add_function(&recording).unwrap();
    let shards = [recording.acquire_shard().unwrap(), recording.acquire_shard().unwrap()];
    let slots = shards.map(|shard| slot(&recording, shard, site).unwrap());
    recording.open_window(8 * CHUNK, 0, || 1).unwrap();
    let used = recording.header().get(header::USED);
    let calls = if cfg!(miri) { 3 * CHUNK } else { 20 * CHUNK };
    (0..calls).for_each(|number| call(&recording, shards[0], slots[0], site, 2 + number * 8));
    call(&recording, shards[1], slots[1], site, 9);
    let trace = trace_of(&recording);
    let thread = &trace.threads[0];
    assert_eq!(thread.events.len() as u64 + thread.overwritten, 2 * calls);
    // Of eight it takes the fourth when four are left, and none when three are.
    assert!(thread.events.len() as u64 > 3 * CHUNK || cfg!(miri), "{}", thread.events.len());
    assert!(thread.events.len() as u64 <= 5 * CHUNK, "{}", thread.events.len());
    assert_eq!(thread.events.last().unwrap().ns, (2 + (calls - 1) * 8 + 3).div_ceil(2));
    assert!(thread.events.is_sorted_by_key(|event| event.ns));
    assert_eq!((trace.threads[1].events.len(), trace.lost_events()), (2, thread.overwritten));
    // The next window has the same room, and nothing of this one.
    recording.close_window(1 << 40);
    recording.open_window(8 * CHUNK, 0, || 1 << 41).unwrap();
    call(&recording, shards[1], slots[1], site, 1 << 42);
    let trace = trace_of(&recording);
    assert_eq!((trace.threads.len(), trace.threads[0].events.len(), trace.lost_events()), (1, 2, 0));
    assert!(recording.header().get(header::USED) - used < chunk::LEN as u64);
}

#[test]
fn a_thread_that_comes_late_finds_room() {
    let recording = roomy(8);
    let site = add_function(&recording).unwrap();
    for window in 1..=2 {
        let shards: Vec<Shard> = (0..3).map(|_| recording.acquire_shard().unwrap()).collect();
        // Less than a chunk for each.
        recording.open_window(1, 0, || 1).unwrap();
        for (&shard, calls) in shards.iter().zip([9_000, 2_000, 1]) {
            let slot = slot(&recording, shard, site).unwrap();
            (0..calls).for_each(|number| call(&recording, shard, slot, site, 10 + 10 * number));
        }
        let trace = trace_of(&recording);
        assert_eq!(trace.threads.len(), 3, "in window {window}");
        assert!(trace.threads.iter().all(|thread| !thread.events.is_empty()));
        recording.close_window(100_000);
        shards.into_iter().for_each(|shard| recording.release_shard(shard));
    }
}

#[test]
fn a_shard_that_another_thread_takes_over_has_its_events_apart() {
    let recording = roomy(4);
    let site = add_function(&recording).unwrap();
    recording.open_window(4_096, 0, || 1).unwrap();
    for number in 0..6 {
        let shard = recording.acquire_shard().unwrap();
        let slot = slot(&recording, shard, site).unwrap();
        call(&recording, shard, slot, site, 10 * number + 2);
        recording.release_shard(shard);
    }
    let trace = trace_of(&recording);
    // Four chunks for six threads.
    assert!(trace.threads.iter().all(|thread| thread.events.len() == 2 && thread.overwritten == 0));
    assert_eq!((trace.threads.len(), trace.unplaced), (4, 4));
}

#[test]
fn a_full_recording_has_no_window_and_none_fills_it() {
    let full = recording(header::LEN + shard_layout::LEN + 200);
    let shard = full.acquire_shard().unwrap();
    assert_eq!(full.open_window(1, 0, || 1), Err(NoWindow::NoRoom));
    assert_eq!((full.open_window_number(), shard.is_traced()), (0, false));
    let recording = roomy(10);
    recording.open_window(u64::MAX, 0, || 1).unwrap();
    assert!(recording.acquire_shard().is_some(), "half of the room is for others");
}
