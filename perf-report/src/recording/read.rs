//! From the words of a recording to a [`Reading`], in this order: header, sites, shards, and what the process as a whole has.

use super::{
    Now, Reading, RecordingError,
    blocks::{Block, Blocks},
    costs::{self, Costs},
    deadlocks::deadlocks,
    functions::{ClockOfCalls, Functions},
    gather,
    head::{self, metadata, process},
    layout::{
        WORD_BYTES,
        header::{self, STATE_RUNNING},
        shard,
    },
    monitor, resources, sampled_times,
    scale::Scale,
    shards::Gathered,
    sites::Sites,
    stacks, trace,
};
use crate::{InFlight, Losses, SCHEMA, Snapshot, data::waiting, monitor::Monitor};

/// Reads a copy of a recording's words: the first `USED` ones suffice.
///
/// It starts no threads, so that a program can look at its own recording wherever it stands.
///
/// # Errors
/// If it is no recording of this version and layout, or shorter than a header. Lesser damages are part of the
/// [`Reading`].
///
/// ```
/// use perf_report::recording::{Now, RecordingError, read};
/// assert!(matches!(read(&[0; 1000], Now::LastTick), Err(RecordingError::Foreign)));
/// ```
pub fn read(words: &[u64], now: Now) -> Result<Reading, RecordingError> {
    read_words(words, now, Wanted::Figures)
}

/// As [`read`], with the last trace window.
///
/// # Errors
/// As [`read`].
pub fn read_trace(words: &[u64], now: Now) -> Result<Reading, RecordingError> {
    read_words(words, now, Wanted::FiguresAndTrace)
}

/// The parts to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Figures,
    FiguresAndTrace,
}

fn read_words(words: &[u64], now: Now, wanted: Wanted) -> Result<Reading, RecordingError> {
    head::check(words)?;
    let head = Block { at: 0, words: words[..header::LEN].into() };
    let running = head.get(header::STATE) == STATE_RUNNING && now != Now::LastSeen;
    let mut blocks = Blocks::in_memory(&words[..in_use(&head, words.len())], running);
    read_blocks(&head, words.len(), &mut blocks, Moment { running, now }, wanted, gather::in_order)
}

/// How many words are in use of as many as there are.
pub(super) fn in_use(head: &Block<'_>, there: usize) -> usize {
    usize::try_from(head.get(header::USED)).unwrap_or(usize::MAX).clamp(header::LEN, there)
}

/// The moment for which a recording is read, and whether its process runs then.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub(super) running: bool,
    pub(super) now: Now,
}

/// Reads the blocks of a recording with so many words.
pub(super) fn read_blocks<'a>(
    head: &Block<'_>,
    there: usize,
    blocks: &mut Blocks<'a>,
    Moment { running, now }: Moment,
    wanted: Wanted,
    gather: impl FnOnce(&Block<'_>, usize, &mut Blocks<'a>) -> Gathered,
) -> Result<Reading, RecordingError> {
    // The header is a block like any other, so that no pointer can lead back into it.
    blocks.place(0, 0, 0, header::LEN as u64, "header");
    let used = usize::try_from(head.get(header::USED)).unwrap_or(usize::MAX);
    if used > there {
        let (have, used) = (there * WORD_BYTES, used.saturating_mul(WORD_BYTES));
        blocks.damage(header::USED, || {
            format!("there are {have} bytes, the header says {used}: the recording was cut; copy it again if you can")
        });
    } else if used < header::LEN {
        blocks.damage(header::USED, || format!("{used} words in use would not hold the header"));
    }

    let scale = Scale::of(head);
    let sites = Sites::read(head, blocks);
    let mut gathered = gather(head, sites.count, blocks);
    let monitor = monitor::read(head, blocks);
    let now_tick = match now {
        Now::LastTick => head.get(header::LAST_TICK),
        Now::Monotonic(ns) => scale.tick_at(head, ns),
        Now::LastSeen => {
            let sample = monitor.as_ref().and_then(|monitor| monitor.spans.last()).map_or(0, |span| {
                scale.tick_at(head, head.get(header::START_MONOTONIC_NS).saturating_add(span.end_ns))
            });
            let begun = gathered.frames.iter().map(|frame| frame.start).max().unwrap_or(0);
            gathered.last_tick.max(head.get(header::LAST_TICK)).max(sample).max(begun)
        }
    }
    .max(head.get(header::START_TICK));
    let costs = Costs::of(head, scale.ns_per_tick());
    let start = head.get(header::START_TICK);
    let clock = ClockOfCalls { scale, start, elapsed: (now_tick - start).into() };
    let functions = Functions::of(sites, &mut gathered, clock, &costs);
    let places = functions.places();
    let trace = match wanted {
        Wanted::Figures => None,
        Wanted::FiguresAndTrace => trace::read(head, blocks, &functions, scale),
    };
    let snapshot = put_together(head, clock, running, functions, gathered, monitor, blocks);
    let (damages, further_damages) = blocks.take_damages()?;
    Ok(Reading { snapshot, damages, further_damages, trace, places })
}

fn put_together(
    head: &Block<'_>,
    ClockOfCalls { scale, start, elapsed }: ClockOfCalls,
    running: bool,
    mut functions: Functions,
    gathered: Gathered,
    monitor: Option<Monitor>,
    blocks: &mut Blocks<'_>,
) -> Snapshot {
    let ns_until_now = |tick: u64| scale.ns(u128::from(start).saturating_add(elapsed).saturating_sub(tick.into()));
    let recorded_ns = scale.ns(elapsed);
    let is_final = !running && head.get(header::STATE) == STATE_RUNNING;
    let deadlocks = deadlocks(gathered.waiters, &functions, is_final, ns_until_now);
    let in_flight = gathered.frames.into_iter().filter_map(|frame| {
        Some(InFlight {
            function: functions.index_of(frame.site as u64)?,
            elapsed_ns: ns_until_now(frame.start),
            thread: frame.thread,
            tid: frame.tid,
            depth: frame.depth,
        })
    });
    let in_flight = in_flight.collect();
    let losses = Losses {
        lost_calls: head.get(header::LOST_CALLS),
        overflow_calls: head.get(header::OVERFLOW_CALLS),
        truncated_unix_ns: head.get(header::CUT_UNIX_NS),
        stack_height: shard::FRAME_COUNT as u64,
        used_bytes: head.get(header::USED).saturating_mul(WORD_BYTES as u64),
        capacity_bytes: head.get(header::CAPACITY).saturating_mul(WORD_BYTES as u64),
        ..gathered.losses
    };
    let mut overhead = costs::overhead(head);
    overhead.measuring_ns = scale.ns(functions.measuring_ticks);
    // Threads measure beside each other. The one where it took most counts.
    let share = gathered.most_measuring as f64 / gathered.measuring.max(1) as f64;
    overhead.measuring_wall_ns = (overhead.measuring_ns as f64 * share).min(recorded_ns as f64) as u64;
    let heap = monitor::heap(head);
    if heap.is_some() {
        // The calls that allocated nothing say so.
        functions.list.iter_mut().filter(|function| function.calls > 0).for_each(|function| {
            function.allocations.get_or_insert_default();
        });
    }
    let now_ns = head.get(header::START_MONOTONIC_NS).saturating_add(recorded_ns);
    let stacks = stacks::read(head, blocks, &functions, scale);
    if let Some(stacks) = &stacks {
        sampled_times::apply(&mut functions.list, stacks, recorded_ns);
    }
    let resources = resources::read(head, blocks, &functions, now_ns);
    let mut snapshot = Snapshot {
        schema: SCHEMA,
        process: process(head, recorded_ns, running, scale, blocks),
        sources: Vec::new(),
        metadata: metadata(head, blocks),
        recorded_ns: recorded_ns.saturating_sub(overhead.measuring_wall_ns),
        overhead,
        in_flight,
        deadlocks,
        functions: functions.list,
        losses,
        monitor,
        heap,
        stacks,
        resources,
    };
    waiting::fill(&mut snapshot);
    snapshot
}
