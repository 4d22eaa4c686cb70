//! The recording under loom: the production code, in every order in which its threads may run, and with every value that
//! the memory model lets them see.
//!
//! `RUSTFLAGS="--cfg loom" cargo test -p perf-runtime --release --lib loom_tests`
//!
//! Loom looks for other orders where a thread reads what another one wrote before, not the other way round if that one had
//! read it itself meanwhile. So who only reads is the spawned thread, which runs last in the first order.

use std::ops::Range;
use std::sync::{Arc, Mutex};

use loom::sync::atomic::{AtomicU64, Ordering};
use loom::thread;
use perf_report::recording::layout::{
    edge, edge_table, header, shard as shard_layout, site, slot as slot_layout, trace,
};
use perf_report::recording::{Now, read};
use perf_report::{ClockSource, Snapshot};

use super::blocks::Arena;
use super::memory::{Memory, Words};
use super::{CallOutcome, Costs, Origin, Recording, Shard, SiteText, Slot};
use crate::process::registration::register;
use crate::process::site::{Description, Kind, Site, Timing};
use crate::sync::watch;

const TICKS_PER_NS: u64 = 2;

/// Room for a header, some sites, and one shard with its first arena; the second shard is smaller, as it gets no arena.
const ONE_SHARD: usize = 1 << 13;
const TWO_SHARDS: usize = 1 << 15;

fn recording(words: usize) -> Arc<Recording> {
    let origin = Origin {
        program: "model".into(),
        pid: 1,
        clock: ClockSource::Monotonic,
        bucket_scale: 1 << 63,
        start_tick: 1,
        start_monotonic_ns: 0,
        start_unix_ns: 0,
        unrecorded_ns: 0,
        costs: Costs::default(),
        timing: None,
        deadlocks: false,
        facts: "".into(),
    };
    Arc::new(Recording::start(Memory::heap(words), None, &origin).unwrap())
}

fn add_function(recording: &Recording) -> usize {
    let (kind, timing) = (Kind::Function, Timing::Exact);
    let text = SiteText { kind, timing, line: 1, name: "f", module: "m", file: "f", budgets: "", names: 0 };
    recording.add_site(&text).unwrap()
}

/// A call of 5 ns by a site in flight or, with 0, by none.
fn call(recording: &Recording, shard: Shard, site: usize) {
    let slot = shard.slot(site).or_else(|| shard.new_slot(recording, site)).unwrap();
    Shard::set_start(shard.begin_call_fast(site, slot).unwrap(), 100);
    if !shard.end_call_fast(slot, 100, 100 + 5 * TICKS_PER_NS) {
        shard.end_call(recording, slot, 100, 100 + 5 * TICKS_PER_NS, CallOutcome::Call { unwound: false });
    }
}

/// Reads the recording, in which the reader must find nothing amiss.
fn snapshot(recording: &Recording) -> Snapshot {
    let reading = read(&recording.copy(), Now::LastTick).unwrap();
    assert!(reading.is_sound(), "{:?}", reading.damages);
    reading.snapshot
}

/// Runs a model in which loom watches the words that `find` names. Everything lies at the same place in each recording that
/// is made the same way, so they are found in one that is run through without another thread.
fn model(find: impl Fn() -> Vec<Range<usize>> + Send + Sync + 'static, run: impl Fn() + Send + Sync + 'static) {
    let found = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&found);
    watch(&[]);
    loom::model(move || *keep.lock().unwrap() = find());
    watch(&found.lock().unwrap());
    let mut builder = loom::model::Builder::new();
    // Two switches away from a thread that could run on find nearly all faults (Musuvathi, Qadeer, PLDI 2007).
    builder.preemption_bound = Some(2);
    builder.check(run);
    watch(&[]);
}

fn word(recording: &Recording, words: Words, field: usize) -> Range<usize> {
    let at = recording.offset(words) + field;
    at..at + 1
}

/// The words that a site's number of calls is made of, in the shard.
fn words_of_calls(recording: &Recording, shard: Shard, site: usize) -> Vec<Range<usize>> {
    let Slot(slot) = shard.slot(site).unwrap();
    let mut words = vec![word(recording, shard.0, shard_layout::SLOTS + site)];
    words.extend(
        [slot_layout::SITE, slot_layout::PENDING_WEIGHT, slot_layout::WAITING_WEIGHT, slot_layout::PAGES]
            .map(|field| word(recording, slot, field)),
    );
    if let Some(page) = slot.twins().block(slot_layout::PAGES) {
        words.push(word(recording, page, 5));
    }
    words
}

#[test]
fn a_copy_holds_the_calls_that_had_ended() {
    const CALLS: u64 = 4;
    let find = || {
        let recording = recording(ONE_SHARD);
        let (site, shard) = (add_function(&recording), recording.acquire_shard().unwrap());
        (0..CALLS).for_each(|_| call(&recording, shard, site));
        words_of_calls(&recording, shard, site)
    };
    model(find, || {
        let recording = recording(ONE_SHARD);
        let (site, ended) = (add_function(&recording), Arc::new(AtomicU64::new(0)));
        let reader = {
            let (recording, ended) = (Arc::clone(&recording), Arc::clone(&ended));
            thread::spawn(move || {
                let before = ended.load(Ordering::Acquire);
                let calls = snapshot(&recording).functions[0].calls;
                assert!((before..=CALLS).contains(&calls), "{calls} calls after {before} had ended");
            })
        };
        let shard = recording.acquire_shard().unwrap();
        for number in 1..=CALLS {
            call(&recording, shard, site);
            ended.store(number, Ordering::Release);
        }
        reader.join().unwrap();
        assert_eq!(snapshot(&recording).functions[0].calls, CALLS);
    });
}

/// A recording in which one site called as many others as the first edge table has room for, and calls the next.
struct Callers {
    recording: Arc<Recording>,
    shard: Shard,
    next: usize,
}

impl Callers {
    const IN_FIRST_TABLE: usize = 24;

    fn new() -> Self {
        let recording = recording(ONE_SHARD * 2);
        let sites: Vec<_> = (0..=Self::IN_FIRST_TABLE).map(|_| add_function(&recording)).collect();
        let shard = recording.acquire_shard().unwrap();
        let (&next, callees) = sites.split_last().unwrap();
        callees.iter().for_each(|&site| call(&recording, shard, site));
        // Its slot and all else but the edge; the larger table will lie behind what is in use now.
        shard.new_slot(&recording, next).unwrap();
        let rest = shard.0.twins().get(shard_layout::ARENA + 1);
        shard.allocate(&recording, Arena::Leading, rest as usize).unwrap();
        Callers { recording, shard, next }
    }

    fn table(&self) -> Words {
        self.shard.0.twins().block(shard_layout::EDGE_TABLE).unwrap()
    }
}

#[test]
fn a_copy_sees_whole_edge_tables() {
    let find = || {
        let callers = Callers::new();
        let first = callers.table();
        call(&callers.recording, callers.shard, callers.next);
        let grown = callers.table();
        assert_ne!(first, grown, "the table grows with this call");
        let words = |table: Words| {
            let mask = table.get(edge_table::MASK);
            let entries = (0..=mask as usize).map(move |index| table.at(edge_table::ENTRIES + index * edge::LEN));
            let used = entries.filter(|entry| entry.get(edge::KEY) != 0).take(3);
            used.flat_map(|entry| [entry.at(edge::KEY), entry.at(edge::CALLS)]).chain([table.at(edge_table::MASK)])
        };
        let words = words(first).chain(words(grown)).map(|words| word(&callers.recording, words, 0));
        let table = word(&callers.recording, callers.shard.0, shard_layout::EDGE_TABLE);
        let used = word(&callers.recording, callers.recording.header(), header::USED);
        words.chain([table, used]).collect()
    };
    model(find, || {
        let Callers { recording, shard, next } = Callers::new();
        let reader = {
            let recording = Arc::clone(&recording);
            thread::spawn(move || {
                let snapshot = snapshot(&recording);
                for function in &snapshot.functions[..Callers::IN_FIRST_TABLE] {
                    assert_eq!(function.callers.len(), 1, "a call that had ended lost its caller");
                    assert_eq!(function.callers[0].calls, 1);
                }
            })
        };
        call(&recording, shard, next);
        reader.join().unwrap();
        assert!(snapshot(&recording).functions.iter().all(|function| function.callers[0].calls == 1));
    });
}

#[test]
fn the_shard_of_an_ended_thread_is_one_threads_again() {
    let find = || {
        let recording = recording(TWO_SHARDS);
        let (site, shard) = (add_function(&recording), recording.acquire_shard().unwrap());
        call(&recording, shard, site);
        let mut words = words_of_calls(&recording, shard, site);
        words.push(word(&recording, shard.0, shard_layout::IN_USE));
        words.push(word(&recording, shard.0, shard_layout::TOP));
        words.push(word(&recording, recording.header(), header::SHARDS));
        words
    };
    model(find, || {
        let recording = recording(TWO_SHARDS);
        let site = add_function(&recording);
        let life = |recording: &Arc<Recording>| {
            let recording = Arc::clone(recording);
            move || {
                let shard = recording.acquire_shard().unwrap();
                call(&recording, shard, site);
                recording.release_shard(shard);
            }
        };
        let other = thread::spawn(life(&recording));
        life(&recording)();
        let calls = snapshot(&recording).functions[0].calls;
        assert!((1..=2).contains(&calls), "{calls} calls, of which one had ended");
        other.join().unwrap();
        assert_eq!(snapshot(&recording).functions[0].calls, 2);
    });
}

#[test]
fn no_block_is_handed_out_twice() {
    model(Vec::new, || {
        let recording = recording(256);
        let start = recording.header().get(header::USED) as usize;
        let allocate = |recording: &Arc<Recording>| {
            let recording = Arc::clone(recording);
            move || [8, 20].map(|len| recording.allocate(len).map(|words| (recording.offset(words), len)))
        };
        let other = thread::spawn(allocate(&recording));
        let closing = {
            let recording = Arc::clone(&recording);
            thread::spawn(move || recording.seal() as usize)
        };
        let mine = allocate(&recording)();
        let (theirs, end) = (other.join().unwrap(), closing.join().unwrap());
        assert_eq!(recording.seal() as usize, end, "who closes the recording second finds the same end");
        let mut blocks: Vec<_> = mine.into_iter().chain(theirs).flatten().collect();
        blocks.sort_unstable();
        let mut free = start;
        for (offset, len) in blocks {
            assert!(
                free <= offset && offset + len <= end,
                "a block at {offset} of {len} words, free from {free} to {end}"
            );
            free = offset + len;
        }
    });
}

const DESCRIPTION: Description = Description {
    kind: Kind::Function,
    timing: Timing::Exact,
    name: Some("f"),
    path: || "f",
    module: "m",
    file: "f",
    line: 1,
    budgets: "",
};

fn words_of_sites() -> Vec<Range<usize>> {
    let recording = recording(512);
    add_function(&recording);
    let header = recording.header();
    let list = header.get(header::SITE_DIRECTORY) as usize;
    let record = recording.words(recording.words(list).get(0) as usize);
    vec![
        list..list + 2,
        word(&recording, header, header::SITES),
        word(&recording, header, header::SITE_DIRECTORY),
        word(&recording, record, site::KIND),
    ]
}

#[test]
fn a_site_is_registered_once() {
    model(words_of_sites, || {
        let (recording, site) = (recording(512), Arc::new(Site::new(DESCRIPTION)));
        let other = {
            let (recording, site) = (Arc::clone(&recording), Arc::clone(&site));
            thread::spawn(move || {
                register(&recording, &site);
                site.registered_id()
            })
        };
        register(&recording, &site);
        assert_eq!(site.registered_id(), Some(1));
        assert_eq!(other.join().unwrap(), Some(1));
        assert_eq!(snapshot(&recording).functions.len(), 1);
    });
}

#[test]
fn two_sites_have_two_ids() {
    model(words_of_sites, || {
        let recording = recording(512);
        let other = {
            let recording = Arc::clone(&recording);
            thread::spawn(move || add_function(&recording))
        };
        let mine = add_function(&recording);
        let known = snapshot(&recording).functions.len();
        assert!((1..=2).contains(&known), "{known} functions, of which one was added");
        assert_eq!(mine + other.join().unwrap(), 3);
        assert_eq!(snapshot(&recording).functions.len(), 2);
    });
}

/// The words by which a thread and whoever opens a window meet: the window's number, and the heights for the other paths.
fn words_of_windows(recording: &Recording, shard: Shard) -> Vec<Range<usize>> {
    let block = recording.header().twins().block(header::TRACE).unwrap();
    let heights =
        [shard_layout::FAST_HEIGHT, shard_layout::IN_PLACE_HEIGHT].map(|height| word(recording, shard.0, height));
    [word(recording, block, trace::WINDOW)].into_iter().chain(heights).collect()
}

/// Whether the thread of a shard takes another path than the slow one though a window is open that it is not in.
fn misses_the_window(recording: &Recording, shard: Shard) -> bool {
    let is_in = shard.0.twins().get(shard_layout::TRACE_WINDOW) == recording.open_window_number();
    (shard.0.twins().get(shard_layout::FAST_HEIGHT) != 0 || shard.may_time_in_place()) && !is_in
}

#[test]
fn a_thread_that_leaves_a_window_does_not_miss_the_next_one() {
    fn left_behind() -> (Arc<Recording>, Shard, usize) {
        let recording = recording(TWO_SHARDS);
        let (site, shard) = (add_function(&recording), recording.acquire_shard().unwrap());
        recording.open_window(1, 0, || 1).unwrap();
        shard.trace_begin(&recording, site, || 2);
        recording.close_window(3);
        (recording, shard, site)
    }
    let find = || {
        let (recording, shard, _) = left_behind();
        words_of_windows(&recording, shard)
    };
    model(find, || {
        let (recording, shard, site) = left_behind();
        let theirs = Arc::clone(&recording);
        let opens = thread::spawn(move || theirs.open_window(1, 0, || 4).unwrap());
        shard.trace_begin(&recording, site, || 5);
        opens.join().unwrap();
        assert!(!misses_the_window(&recording, shard));
    });
}

#[test]
fn a_new_thread_does_not_miss_the_window_that_opens_meanwhile() {
    fn opened_before() -> Arc<Recording> {
        let recording = recording(TWO_SHARDS);
        recording.open_window(1, 0, || 1).unwrap();
        recording.close_window(3);
        recording
    }
    let find = || {
        let recording = opened_before();
        let shard = recording.acquire_shard().unwrap();
        let mut words = words_of_windows(&recording, shard);
        words.push(header::SHARDS..header::SHARDS + 1);
        words
    };
    model(find, || {
        let recording = opened_before();
        let theirs = Arc::clone(&recording);
        let opens = thread::spawn(move || theirs.open_window(1, 0, || 4).unwrap());
        let shard = recording.acquire_shard().unwrap();
        opens.join().unwrap();
        assert!(!misses_the_window(&recording, shard));
    });
}
