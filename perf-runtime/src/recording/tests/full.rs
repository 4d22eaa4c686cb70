//! A recording that is full: what it has no room for is counted, and nothing is lost silently.

use perf_report::recording::layout::{header, shard as shard_layout};

use super::random::Random;
use super::{START_TICK, add_function, begin, end, recording, slot, snapshot};

/// Fills recordings of many capacities with calls of many sites in a few shards. Every call must be found in a function or in
/// the count of those that there was no room for, and callers must add up to the calls, the unattributed ones included.
#[test]
fn recorded_and_overflown_calls_are_all_calls() {
    let least = header::LEN + shard_layout::LEN;
    for seed in 0..if cfg!(miri) { 3 } else { 60 } {
        let mut random = Random::new(seed);
        let recording = recording(least + random.below(4 * shard_layout::LEN));
        let sites: Vec<_> = (0..random.below(600)).map_while(|_| add_function(&recording)).collect();
        let shards: Vec<_> = (0..4).map_while(|_| recording.acquire_shard()).collect();
        let (mut calls, mut overflown, mut tick) = (0, 0, START_TICK);
        if shards.is_empty() || sites.is_empty() {
            continue;
        }
        for _ in 0..if cfg!(miri) { 50 } else { 3000 } {
            let shard = shards[random.below(shards.len())];
            let places: Vec<_> = (0..1 + random.below(3)).map(|_| sites[random.below(sites.len())]).collect();
            calls += places.len() as u64;
            let mut in_flight = Vec::new();
            for site in places {
                let Some(slot) = slot(&recording, shard, site) else {
                    let _: Option<()> = recording.count_overflow();
                    overflown += 1;
                    continue;
                };
                tick += 1;
                begin(shard, slot, site, tick);
                in_flight.push((slot, tick));
            }
            for (slot, start) in in_flight.into_iter().rev() {
                tick += random.of_any_length(20);
                end(&recording, shard, slot, start, tick);
            }
        }
        let snapshot = snapshot(&recording);
        let (mut recorded, mut attributed) = (0, 0);
        for function in &snapshot.functions {
            recorded += function.calls;
            attributed += function.callers.iter().map(|caller| caller.calls).sum::<u64>();
        }
        assert_eq!(snapshot.losses.overflow_calls, overflown, "seed {seed}");
        assert_eq!(recorded + overflown, calls, "seed {seed}");
        assert_eq!(attributed + snapshot.losses.unattributed_calls, recorded, "seed {seed}");
        assert!(snapshot.losses.used_bytes <= snapshot.losses.capacity_bytes, "seed {seed}");
    }
}

#[test]
fn a_sealed_recording_goes_on_with_what_it_has() {
    let recording = recording(1 << 14);
    let site = add_function(&recording).unwrap();
    let shard = recording.acquire_shard().unwrap();
    let known = slot(&recording, shard, site).unwrap();
    begin(shard, known, site, START_TICK);
    end(&recording, shard, known, START_TICK, START_TICK + 10);

    let used = recording.seal();
    assert_eq!(recording.seal(), used, "the end of a recording is one place");
    assert!(recording.acquire_shard().is_none(), "a new thread finds no room");
    assert!(add_function(&recording).is_none());
    for _ in 0..100 {
        begin(shard, known, site, START_TICK);
        end(&recording, shard, known, START_TICK, START_TICK + 10);
    }
    assert_eq!(snapshot(&recording).functions[0].calls, 101);
    recording.release_shard(shard);
    assert!(recording.acquire_shard().is_some(), "a shard that was given back is there for the next thread");
}

#[test]
#[cfg(feature = "sync")]
fn a_thread_without_room_for_notes_of_locks_notes_none() {
    use perf_report::recording::layout::locks;

    const LOCK: u64 = 0x1000;
    let recording = super::recording_of(1 << 15, |origin| origin.deadlocks = true);
    let [early, late] = [(); 2].map(|()| recording.acquire_shard().unwrap());
    early.prepare_locks(&recording);
    while recording.allocate(1).is_some() {}
    late.prepare_locks(&recording);
    assert_eq!((early.has_lock_words(), late.has_lock_words()), (true, false));
    assert_eq!(late.begin_hold(LOCK), 0, "it has no place");
    late.set_waits_for(LOCK);
    late.end_hold(LOCK, 1);
    recording.release_shard(late);

    // The other one has room for so many, and no more.
    let places: Vec<_> = (0..locks::HELD_COUNT as u64 + 2).map(|lock| early.begin_hold(LOCK + 8 * lock)).collect();
    assert_eq!(places[..locks::HELD_COUNT], (1..=locks::HELD_COUNT as u64).collect::<Vec<_>>());
    assert_eq!(places[locks::HELD_COUNT..], [0, 0]);
    // Of those that have no place, none is taken away. Nor is another lock than was noted there.
    early.end_hold(LOCK + 8 * 16, 0);
    early.end_hold(LOCK + 8 * 16, 1);
    early.end_hold(LOCK, locks::LEN as u64);
    assert_eq!(early.begin_hold(LOCK), 0, "it is as full as before");
    early.end_hold(LOCK, 1);
    assert_eq!(early.begin_hold(LOCK + 8 * 16), 1);
    assert_eq!(snapshot(&recording).deadlocks, []);
}

#[test]
fn no_room_for_the_header_is_an_error() {
    let origin = super::Origin {
        program: "x".into(),
        pid: 0,
        clock: perf_report::ClockSource::Monotonic,
        bucket_scale: 1 << 63,
        start_tick: 0,
        start_monotonic_ns: 0,
        start_unix_ns: 0,
        unrecorded_ns: 0,
        timing: None,
        deadlocks: false,
        facts: "".into(),
        costs: super::Costs::default(),
    };
    for words in [1, 8, header::LEN] {
        assert!(super::Recording::start(super::Memory::heap(words), None, &origin).is_err());
    }
}

#[test]
fn the_clocks_are_noted_each_time_after_twice_as_long() {
    let recording = recording(1 << 14);
    let mut noted = Vec::new();
    for tick in (0..1_u64 << 32).step_by(1 << 20) {
        if recording.time_is_due(tick) {
            recording.note_time(tick, 0);
            noted.push(tick);
        }
    }
    assert!(noted[0] > 1 << 25 && noted[0] < 1 << 26, "{noted:?}");
    assert!(noted.windows(2).all(|two| two[1] > 2 * two[0] && two[1] < 2 * two[0] + (1 << 21)), "{noted:?}");
    assert_eq!(noted.len(), 7, "{noted:?}");
    assert!(!recording.time_is_due(0), "a clock that went back");
}
