//! The ways to read a recording tell the same of it: from memory, and from a file, whatever the windows and threads, also
//! where it is damaged.

use std::io::Write;

use fastrand::Rng;
use proptest::{prelude::*, test_runner::RngSeed};

#[path = "../../tests/support/mod.rs"]
pub(super) mod support;

use super::{
    Now, Reading, Recording, RecordingError,
    blocks::{Blocks, Memory},
    file::Pace,
    gather, head,
    layout::{header, shard, slot},
    read,
    read::{Moment, Wanted, read_blocks},
};
use support::{Writer, some_of_everything};

/// After the end of the process.
const GONE: Moment = Moment { running: false, now: Now::LastTick };

/// A recording of some threads, in which slots and pages of all threads lie in disorder.
fn random(random: &mut Rng) -> Writer {
    let mut writer = some_of_everything();
    writer.tables = (64, 64);
    let first = writer.words[header::SITES] + 1;
    // With a table of further slots or without.
    let sites = if random.bool() { random.u64(1..100) } else { shard::SLOT_COUNT as u64 + random.u64(0..50) };
    for number in 0..sites {
        writer.site(1 + random.u64(0..3), random.u64(0..2), &format!("app::f{number}"), "p50=7");
    }
    let shards: Vec<_> = (0..random.u64(1..5)).map(|thread| writer.shard(200 + thread, "worker")).collect();
    let mut slots = Vec::new();
    let mut pairs: Vec<_> = (0..shards.len()).flat_map(|shard| (0..sites).map(move |site| (shard, site))).collect();
    random.shuffle(&mut pairs);
    pairs.truncate(random.usize(0..300));
    for (shard, site) in pairs {
        slots.push(writer.slot(shards[shard], first + site));
    }
    for _ in 0..if slots.is_empty() { 0 } else { random.usize(0..600) } {
        let slot = slots[random.usize(0..slots.len())];
        writer.calls(slot, &[1 << random.u32(0..46)]);
    }
    for &slot in slots.iter().filter(|_| random.u32(0..4) == 0).collect::<Vec<_>>() {
        // Anything, also what makes sums saturate.
        writer.set(slot, random.usize(slot::PENDING_WEIGHT..slot::OVER_RANGE), random.u64(..) >> random.u32(0..64));
    }
    for &shard in &shards {
        for _ in 0..random.u64(0..30) {
            let (caller, callee) = (random.u64(0..first + sites), first + random.u64(0..sites));
            writer.edge(shard, caller, callee, [random.u64(0..9), random.u64(..) >> 30, random.u64(0..2) * 50]);
        }
        writer.frame(shard, first, random.u64(0..2_000_000_000));
    }
    if random.bool() {
        writer.words[header::STATE] = header::STATE_RUNNING;
    }
    writer
}

/// Changes some words that are not 0, mostly to what could be an offset, or cuts the end off.
fn damage(words: &mut Vec<u64>, random: &mut Rng) {
    let telling: Vec<usize> = (3..words.len()).filter(|&at| at < header::LEN || words[at] != 0).collect();
    for _ in 0..random.u32(1..8) {
        let at = telling[random.usize(0..telling.len())];
        words[at] = match random.u32(0..6) {
            0 => random.u64(..),
            1 => random.u64(0..words.len() as u64),
            2 => random.u64(0..words.len() as u64 / 8) * 8,
            3 => words[telling[random.usize(0..telling.len())]],
            4 => words[at] + 8,
            _ => 0,
        };
    }
    if random.u32(0..5) == 0 {
        words.truncate(random.usize(header::LEN..words.len()));
    }
}

fn file(words: &[u64]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_ne_bytes()).collect();
    file.write_all(&bytes).unwrap();
    file
}

fn read_file(recording: &mut Recording, window: usize, threads: usize) -> Result<Reading, RecordingError> {
    recording.set_pace(Pace { window, threads, words_per_thread: 1 });
    recording.read()
}

/// The reading that a reader of the words should give; their process is gone.
fn expected(words: &[u64]) -> Reading {
    let now = if words[header::STATE] == header::STATE_CLOSED { Now::LastTick } else { Now::LastSeen };
    read(words, now).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 30, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default() })]

    #[test]
    fn windows_and_threads_make_no_difference(seed in any::<u64>(), damaged in any::<bool>()) {
        let mut rng = Rng::with_seed(seed);
        let mut words = random(&mut rng).words;
        if damaged {
            damage(&mut words, &mut rng);
        }
        let expected = expected(&words);
        let file = file(&words);
        let mut recording = Recording::open(file.path()).unwrap();
        for (window, threads) in [(1, 1), (1, 3), (90, 2), (1_000, 1), (8_192, 4), (1 << 20, 16)] {
            let reading = read_file(&mut recording, window, threads).unwrap();
            prop_assert_eq!(&reading, &expected, "windows of {} words, {} threads", window, threads);
        }
    }
}

#[test]
fn sound_recordings_are_read_by_many_threads_and_damaged_ones_in_order() {
    let gathered_at_once = |words: &[u64]| {
        let file = file(words);
        let mut blocks = Blocks::in_file(file.as_file(), words.len(), 1_000, false, Memory::default());
        let (mut at_once, mut memory) = (false, Vec::new());
        let head = Recording::open(file.path()).unwrap().head().unwrap().0;
        let reading = read_blocks(&head, words.len(), &mut blocks, GONE, Wanted::Figures, |head, sites, blocks| {
            let gathered = gather::at_once(head, sites, blocks, 3, &mut memory);
            at_once = gathered.is_some();
            gathered.unwrap_or_else(|| gather::in_order(head, sites, blocks))
        });
        let reading = reading.unwrap();
        assert_eq!(reading, read(words, Now::LastTick).unwrap());
        assert!(!memory.is_empty(), "memory is given back");
        (at_once, reading.damages.len())
    };
    let mut writer = some_of_everything();
    assert_eq!(gathered_at_once(&writer.words), (true, 0));
    // Two shards that share a slot: no single one of them is wrong.
    let newest = writer.words[header::SHARDS] as usize;
    let oldest = writer.words[newest + shard::NEXT] as usize;
    writer.words[oldest + shard::SLOTS + 1] = writer.words[newest + shard::SLOTS + 1] + (newest - oldest) as u64;
    assert_eq!(gathered_at_once(&writer.words), (false, 1));
}

#[test]
fn a_file_that_becomes_shorter_meanwhile_is_an_error() {
    let words = some_of_everything().words;
    let file = file(&words);
    let (head, there) = Recording::open(file.path()).unwrap().head().unwrap();
    for at_once in [true, false] {
        file.as_file().set_len(words.len() as u64 * 8).unwrap();
        let mut blocks = Blocks::in_file(file.as_file(), there, 64, true, Memory::default());
        let reading = read_blocks(&head, there, &mut blocks, GONE, Wanted::Figures, |head, sites, blocks| {
            file.as_file().set_len(header::LEN as u64 * 8).unwrap();
            let gathered = at_once.then(|| gather::at_once(head, sites, blocks, 2, &mut Vec::new())).flatten();
            gathered.unwrap_or_else(|| gather::in_order(head, sites, blocks))
        });
        assert!(matches!(reading, Err(RecordingError::Io(_))), "{reading:?}");
    }
}

#[test]
fn of_a_growing_file_what_is_younger_is_left_out() {
    let mut words = some_of_everything().words;
    words[header::STATE] = header::STATE_RUNNING;
    let whole = expected(&words).snapshot;
    let newest = words[header::SHARDS] as usize;
    // Behind what is said to be in use, as if it had come to it after that was read.
    words[newest + shard::SLOTS + 4] = (words.len() - newest) as u64;
    words.extend([u64::MAX; slot::LEN]);
    let file = file(&words);
    file.as_file().lock().unwrap();
    let mut recording = Recording::open(file.path()).unwrap();
    let reading = read_file(&mut recording, 64, 2).unwrap();
    assert_eq!(reading.damages, []);
    assert_eq!(reading.snapshot.functions, whole.functions);
}

#[test]
fn the_header_alone_is_refused_as_words_are() {
    let words = some_of_everything().words;
    let file = file(&words[..header::LEN - 1]);
    let error = Recording::open(file.path()).unwrap_err();
    assert_eq!(error.to_string(), head::check(&words[..header::LEN - 1]).unwrap_err().to_string());
}
