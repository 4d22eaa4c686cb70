//! The reader of recordings: right figures of sound ones, and of every damaged one an error or a partial report, with
//! bounded work.
#![cfg(feature = "files")]
#![allow(clippy::unwrap_used, reason = "a helper's failure is the test's")]

#[macro_use]
#[path = "support/with.rs"]
mod with;

mod support;

use perf_report::{
    Budget, Caller, ClockSource, Futures, Kind, Snapshot, State, Timing,
    recording::{
        Now, Reading, RecordingError,
        layout::{HIGHEST_NS, OLDEST_VERSION, VERSION, bucket_index, header, shard, site, slot},
        read,
    },
};
use proptest::{prelude::*, test_runner::RngSeed};
use support::{Writer, some_of_everything};

fn sound(writer: &Writer, now: Now) -> Snapshot {
    let reading = read(&writer.words, now).unwrap();
    assert_eq!(reading.damages, []);
    reading.snapshot
}

#[test]
fn the_process_is_told() {
    let snapshot = sound(&some_of_everything(), Now::LastTick);
    let process = &snapshot.process;
    assert_eq!((process.program.as_str(), process.pid, process.threads), ("wordcount", 4242, 2));
    assert_eq!(process.started_unix_ns, 1_700_000_000_000_000_000);
    assert_eq!((process.recorded_ns, process.unrecorded_ns), (1_000_000_000, 7_000_000));
    assert_eq!((process.state, process.clock.source), (State::Closed, ClockSource::Tsc));
    assert_eq!(snapshot.recorded_ns, process.recorded_ns, "nothing is known of what measuring cost");
    assert_eq!((snapshot.losses.capacity_bytes, snapshot.losses.deepest), (256 << 20, 3));
}

#[test]
fn threads_are_merged() {
    let snapshot = sound(&some_of_everything(), Now::LastTick);
    let [main, parse, serve, idle] = &snapshot.functions[..] else { panic!("{:?}", snapshot.functions) };
    assert_eq!((main.name.as_str(), main.module.as_str(), main.file.as_str()), ("app::main", "app", "src/main.rs"));
    assert_eq!((main.line, main.kind, main.timing), (12, Kind::Function, Timing::Exact));
    assert_eq!((main.calls, main.timed_calls), (6, 6));
    assert_eq!((main.sum_ns, main.total_ns, main.min_ns, main.max_ns), (6_600, 6_600, 300, 2_000));
    assert_eq!(main.latency.buckets().collect::<Vec<_>>(), [(300, 2), (1_000, 2), (2_000, 2)]);
    assert_eq!((main.self_ns, main.self_sampled), (6_600 - 3_300, true), "less what sampled callees stand for");
    assert_eq!(main.callers, [Caller::new(None, 6, 6_600)]);

    assert_eq!((parse.timing, parse.calls, parse.timed_calls), (Timing::Adaptive, 2 * (2 + 33), 4));
    let budget = |figure: &str, limit| Budget::new(figure, limit);
    assert_eq!(parse.budgets, [budget("p99", 2_000), budget("calls", 7)]);
    assert!(parse.self_sampled);
    assert_eq!(parse.callers, [Caller::new(Some(0), 70, 3_500)]);

    assert_eq!(serve.kind, Kind::Future);
    assert_eq!(serve.futures, Some(with!(Futures::default(), { started: 4, cancelled: 2, polls: 18, busy_ns: 800 })));
    assert_eq!((idle.name.as_str(), idle.calls, idle.latency.count()), ("app::idle", 0, 0));
}

#[test]
fn calls_in_flight_are_those_whose_frame_is_filled() {
    let snapshot = sound(&some_of_everything(), Now::LastTick);
    let calls = snapshot.in_flight.iter();
    let calls: Vec<_> = calls.map(|c| (c.function, c.thread.as_str(), c.tid, c.depth, c.elapsed_ns)).collect();
    assert_eq!(
        calls,
        [
            (0, "worker", 101, 0, 1_000),
            (1, "worker", 101, 2, 500),
            (0, "main", 100, 0, 1_000),
            (1, "main", 100, 2, 500)
        ]
    );
}

#[test]
fn a_shard_without_a_thread_has_nothing_in_flight() {
    let mut writer = some_of_everything();
    let newest = writer.words[header::SHARDS] as usize;
    writer.words[newest + shard::IN_USE] = 0;
    assert_eq!(sound(&writer, Now::LastTick).in_flight.len(), 2);
}

#[test]
fn the_present_depends_on_who_writes() {
    let mut writer = some_of_everything();
    writer.words[header::STATE] = header::STATE_RUNNING;
    writer.words[header::LAST_TICK] = 0;
    writer.words[header::LAST_MONOTONIC_NS] = 0;
    let killed = sound(&writer, Now::LastSeen);
    assert_eq!((killed.process.state, killed.process.recorded_ns), (State::Killed, 999_999_500), "the youngest frame");
    let running = sound(&writer, Now::Monotonic(8_000_000_000));
    assert_eq!((running.process.state, running.process.recorded_ns), (State::Running, 3_000_000_000));
    let early = sound(&writer, Now::Monotonic(0));
    assert_eq!(early.process.recorded_ns, 0, "a clock that stands before the start saturates");
}

#[test]
fn sums_keep_all_their_digits() {
    let mut writer = Writer::new();
    let site = writer.function("app::long");
    let shard = writer.shard(1, "");
    let slot = writer.slot(shard, site);
    // 2^53 + 1 does not survive as an `f64`.
    for (word, value) in [(slot::SUM, (1 << 54) + 2), (slot::NESTED, 2), (slot::SELF, u64::MAX)] {
        writer.set(slot, word, value);
    }
    let snapshot = sound(&writer, Now::LastTick);
    let function = &snapshot.functions[0];
    assert_eq!((function.sum_ns, function.total_ns, function.self_ns), ((1 << 53) + 1, 1 << 53, 1 << 63));
}

#[test]
fn the_scale_is_refined_by_a_long_interval_unless_a_clock_stood_still() {
    let mut writer = some_of_everything();
    let scale = |writer: &Writer| sound(writer, Now::LastTick).process.clock.ns_per_tick;
    assert_eq!(scale(&writer), 0.5);
    writer.words[header::LAST_MONOTONIC_NS] = 6_001_000_000;
    assert_eq!(scale(&writer), 1_001_000_000.0 / 2_000_000_000.0);
    writer.words[header::LAST_MONOTONIC_NS] = 9_000_000_000;
    assert_eq!(scale(&writer), 0.5, "off by more than a calibration can be");
    writer.words[header::CLOCK_SOURCE] = header::CLOCK_MONOTONIC;
    assert_eq!(scale(&writer), 0.5, "two ticks per ns, whatever the readings");
}

#[test]
fn durations_beyond_the_range_are_in_the_top_bucket_and_told() {
    let mut writer = Writer::new();
    let site = writer.function("app::forever");
    let shard = writer.shard(1, "");
    let slot = writer.slot(shard, site);
    writer.calls(slot, &[4 * HIGHEST_NS, 2]);
    writer.set(slot, slot::OVER_RANGE, 1);
    let snapshot = sound(&writer, Now::LastTick);
    let function = &snapshot.functions[0];
    assert_eq!((function.calls, function.over_range, function.max_ns), (2, 1, 2 * HIGHEST_NS));
    assert!(function.quantile_ns(1.0) >= HIGHEST_NS);
}

#[test]
fn functions_of_one_name_stay_two() {
    let mut writer = Writer::new();
    let sites = [writer.function("app::twin"), writer.function("app::twin")];
    let shard = writer.shard(1, "");
    let slot = writer.slot(shard, sites[1]);
    writer.calls(slot, &[2]);
    let snapshot = sound(&writer, Now::LastTick);
    assert_eq!(
        snapshot.functions.iter().map(|f| (f.name.as_str(), f.calls)).collect::<Vec<_>>(),
        [("app::twin", 0), ("app::twin", 1)]
    );
}

#[test]
fn many_sites_fill_several_lists() {
    let mut writer = Writer::new();
    for id in 1..=500 {
        assert_eq!(writer.function(&format!("app::f{id}")), id);
    }
    let names: Vec<_> = sound(&writer, Now::LastTick).functions.into_iter().map(|function| function.name).collect();
    assert_eq!(names, (1..=500).map(|id| format!("app::f{id}")).collect::<Vec<_>>());
}

#[test]
fn the_slots_of_later_sites_stand_in_a_table_of_their_own() {
    let mut writer = Writer::new();
    let ids: Vec<u64> = (0..shard::SLOT_COUNT as u64 + 40).map(|n| writer.function(&format!("app::f{n}"))).collect();
    let shard = writer.shard(1, "main");
    for &id in &ids {
        let slot = writer.slot(shard, id);
        writer.calls(slot, &vec![2; id as usize]);
    }
    let calls: Vec<_> = sound(&writer, Now::LastTick).functions.iter().map(|function| function.calls).collect();
    assert_eq!(calls, ids);
}

#[test]
fn a_call_that_waits_for_its_bucket_is_counted() {
    let mut writer = Writer::new();
    let site = writer.function("app::f");
    let shard = writer.shard(1, "main");
    let slot = writer.slot(shard, site);
    writer.calls(slot, &[20]);
    writer.set(slot, slot::WAITING, slot::waiting(bucket_index(1_000)));
    writer.set(slot, slot::WAITING_WEIGHT, 3);
    let snapshot = sound(&writer, Now::LastTick);
    assert_eq!(snapshot.functions[0].latency.buckets().collect::<Vec<_>>(), [(10, 1), (1_000, 3)]);
    writer.set(slot, slot::WAITING, u64::MAX);
    assert_eq!(
        sound(&writer, Now::LastTick).functions[0].calls,
        4,
        "an index beyond the range is the highest bucket's"
    );
}

#[test]
fn no_utf8_is_shown_as_replacement() {
    let mut writer = Writer::new();
    let id = writer.function("abcdefgh");
    let list = writer.words[header::SITE_DIRECTORY] as usize;
    let record = writer.words[list + id as usize - 1] as usize;
    writer.words[record + site::STRINGS] = u64::from_ne_bytes(*b"ab\xff\xfeefgh");
    assert_eq!(sound(&writer, Now::LastTick).functions[0].name, "ab\u{fffd}\u{fffd}efgh");
}

#[test]
fn a_recording_of_the_oldest_layout_reads_as_one_of_the_newest() {
    let mut writer = some_of_everything();
    let now = sound(&writer, Now::LastTick);
    writer.words[header::VERSION] = OLDEST_VERSION;
    assert_eq!(sound(&writer, Now::LastTick), now);
    writer.words[header::VERSION] = OLDEST_VERSION - 1;
    let error = read(&writer.words, Now::LastTick);
    assert!(matches!(error, Err(RecordingError::Version { found }) if found == OLDEST_VERSION - 1));
}

#[test]
fn what_is_no_recording_is_refused_with_a_remedy() {
    let error = |change: &dyn Fn(&mut Vec<u64>)| {
        let mut words = some_of_everything().words;
        change(&mut words);
        read(&words, Now::LastTick).unwrap_err()
    };
    let foreign = error(&|words| words[header::MAGIC] += 1);
    assert!(matches!(foreign, RecordingError::Foreign));
    assert!(foreign.to_string().contains("PERF_RECORDING"));
    let order = error(&|words| words[header::MAGIC] = words[header::MAGIC].swap_bytes());
    assert!(order.to_string().contains("other byte order"));
    let version = error(&|words| words[header::VERSION] = VERSION + 1);
    assert!(version.to_string().starts_with("byte 8: the recording has layout version"), "{version}");
    let layout = error(&|words| words[header::CHECKSUM] = 0);
    assert!(layout.to_string().starts_with("byte 16: the layout checksum"), "{layout}");
    let short = error(&|words| words.truncate(header::LEN - 1));
    assert!(short.to_string().contains("bytes, its header alone has"), "{short}");
}

fn damages(change: impl FnOnce(&mut Writer)) -> (Reading, Vec<String>) {
    let mut writer = some_of_everything();
    change(&mut writer);
    let reading = read(&writer.words, Now::LastTick).unwrap();
    let damages = reading.damages.iter().map(ToString::to_string).collect();
    (reading, damages)
}

#[test]
fn a_cycle_of_shards_ends() {
    let (reading, damages) = damages(|writer| {
        let newest = writer.words[header::SHARDS] as usize;
        let oldest = writer.words[newest + shard::NEXT] as usize;
        writer.words[oldest + shard::NEXT] = newest as u64;
    });
    assert_eq!(damages.len(), 1);
    assert!(damages[0].ends_with("inside another block"), "{damages:?}");
    assert_eq!(reading.snapshot.functions[0].calls, 6, "what was read before is kept");
}

#[test]
fn a_cut_recording_is_read_as_far_as_it_goes() {
    let (reading, damages) = damages(|writer| writer.words.truncate(writer.words.len() - 1_000));
    assert!(damages[0].contains("bytes, the header says"), "{damages:?}");
    assert_eq!(reading.snapshot.functions.len(), 4);
    assert!(reading.snapshot.functions[0].calls >= 3);
}

#[test]
fn a_slot_beyond_all_memory_is_told() {
    let (reading, damages) = damages(|writer| {
        let newest = writer.words[header::SHARDS] as usize;
        // Of a counter it would be a call still to come.
        writer.words[newest + shard::SLOTS + 1] = slot::ONE_TO_COME;
    });
    assert!(damages.len() == 1 && damages[0].contains("slot of a function"), "{damages:?}");
    assert_eq!(reading.snapshot.functions[0].calls, 3);
}

#[test]
fn a_slot_of_another_site_is_left_out() {
    let (reading, damages) = damages(|writer| {
        let newest = writer.words[header::SHARDS] as usize;
        let slot = newest + writer.words[newest + shard::SLOTS + 1] as usize;
        writer.words[slot + slot::SITE] = 2;
    });
    assert!(damages[0].ends_with("the slot of site 1 says that it is of site 2"), "{damages:?}");
    assert_eq!(reading.snapshot.functions[0].calls, 3);
}

#[test]
fn a_function_whose_description_is_gone_keeps_its_figures() {
    let (reading, damages) = damages(|writer| {
        let list = writer.words[header::SITE_DIRECTORY] as usize;
        writer.words[list] = 0;
    });
    assert_eq!(damages.len(), 1);
    assert_eq!((reading.snapshot.functions[0].name.as_str(), reading.snapshot.functions[0].calls), ("site 1", 6));
}

#[test]
fn what_is_younger_than_the_copy_is_no_damage() {
    let mut writer = some_of_everything();
    writer.words[header::STATE] = header::STATE_RUNNING;
    let newest = writer.words[header::SHARDS] as usize;
    writer.words[newest + shard::SLOTS + 4] = (writer.words.len() - newest) as u64;
    assert_eq!(sound(&writer, Now::LastTick).process.state, State::Running);
    assert_eq!(read(&writer.words, Now::LastSeen).unwrap().damages.len(), 1, "but in a dead one it is");
}

#[test]
fn many_damages_are_counted_beyond_the_first() {
    let (reading, _) = damages(|writer| {
        let list = writer.words[header::SITE_DIRECTORY] as usize;
        writer.words[header::SITES] = 64;
        writer.words[list..list + 64].fill(3);
    });
    assert_eq!(reading.damages.len(), Reading::MOST_DAMAGES);
    assert!(reading.further_damages > 40);
}

/// Reads as each kind of reader would; the test is that it returns, and what it returns can be shown.
fn survive(words: &[u64]) {
    for now in [Now::LastTick, Now::LastSeen, Now::Monotonic(7_000_000_000)] {
        if let Ok(reading) = read(words, now) {
            let functions = reading.snapshot.functions.len();
            assert!(functions <= words.len() / 8, "{functions} functions in {} words", words.len());
            assert!(reading.snapshot.in_flight.iter().all(|call| call.function < functions));
            assert!(!perf_report::View::Table.render(&reading.snapshot, &perf_report::Style::plain()).is_empty());
        }
    }
}

fn survive_quickly(words: &[u64], now: Now) {
    let functions = read(words, now).map_or(0, |reading| reading.snapshot.functions.len());
    assert!(functions <= words.len() / 8);
}

/// The words of the recording that are not zero, where a change can matter most, and all of the header.
fn telling_words(words: &[u64]) -> Vec<usize> {
    (0..words.len()).filter(|&at| at < header::LEN || words[at] != 0).collect()
}

#[test]
fn every_telling_word_may_be_anything() {
    let sound = some_of_everything().words;
    let mut words = sound.clone();
    for at in telling_words(&sound) {
        let original = sound[at];
        let patterns = [
            0,
            1,
            7,
            8,
            original.wrapping_add(8),
            original ^ 1 << 63,
            1 << 32,
            u64::MAX,
            i64::MAX as u64,
            sound.len() as u64,
        ];
        for pattern in patterns {
            words[at] = pattern;
            survive_quickly(&words, Now::LastSeen);
        }
        words[at] = original;
    }
}

#[test]
fn every_byte_may_be_flipped() {
    let sound = some_of_everything().words;
    let mut words = sound.clone();
    for at in telling_words(&sound) {
        for byte in 0..8 {
            words[at] = sound[at] ^ 0xff << (byte * 8);
            survive_quickly(&words, Now::LastTick);
        }
        words[at] = sound[at];
    }
}

#[test]
fn it_may_be_cut_anywhere() {
    let sound = some_of_everything().words;
    // Every length around what a block begins with, and every 61st of the long empty stretches.
    for len in (0..sound.len()).filter(|&len| len < 600 || len % 61 == 0 || sound[len] != 0) {
        match read(&sound[..len], Now::LastTick) {
            Ok(reading) => assert!(!reading.is_sound(), "{len} words of {}", sound.len()),
            Err(error) => assert!(len < header::LEN, "{len} words: {error}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default() })]

    #[test]
    fn several_words_may_be_anything(changes in prop::collection::vec((any::<prop::sample::Index>(), pointers()), 1..12)) {
        let mut words = some_of_everything().words;
        let telling = telling_words(&words);
        for (at, value) in changes {
            // The magic, version and checksum stay, or hardly any case would come further than them.
            words[*at.get(&telling[3..])] = value;
        }
        survive(&words);
    }
}

/// Values that could pass for an offset, a length or a count, and some that could not.
fn pointers() -> impl Strategy<Value = u64> {
    prop_oneof![0_u64..12_000, (0_u64..1_500).prop_map(|group| group * 8), any::<u64>()]
}

#[test]
fn forged_lengths_do_not_make_the_work_quadratic() {
    // A list of half a million sites, each claiming to be as long as the whole and ending in another block.
    let mut writer = Writer::new();
    writer.function("app::first");
    let len = 1 << 20;
    writer.words.resize(len, 0);
    writer.words[header::USED] = len as u64;
    let last_chunk = 12;
    let start = 8_192;
    for chunk in 0..=last_chunk {
        writer.words[header::SITE_DIRECTORY + chunk] = (start + (site::FIRST_CHUNK << chunk)) as u64;
    }
    writer.words[header::SITES] = (site::FIRST_CHUNK << (last_chunk + 1)) as u64;
    for at in start..len {
        writer.words[at] = 1_024;
    }
    writer.words[1_024 + site::NAME_BYTES] = (len * 4) as u64;
    let reading = read(&writer.words, Now::LastSeen).unwrap();
    assert!(reading.snapshot.functions.is_empty());
    assert!(reading.further_damages < 1_000, "it gave up long before half a million sites");
}
