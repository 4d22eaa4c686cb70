//! Reads the events of the last trace window.

use std::collections::{BTreeMap, btree_map::Entry};

use super::{
    blocks::{Block, Blocks},
    functions::Functions,
    layout::{
        WORD_BYTES, header, shard,
        trace::{self, chunk, event},
    },
    scale::Scale,
};
use crate::{Trace, TraceEvent, TraceEventKind, TraceThread};

/// The chunks of a thread by their places, each with the events overwritten before it.
type Chunks = BTreeMap<u64, (u64, Vec<TraceEvent>)>;

/// The last window, if there was one. Events that contradict each other are left out.
pub(super) fn read(head: &Block<'_>, blocks: &mut Blocks<'_>, functions: &Functions, scale: Scale) -> Option<Trace> {
    let offset = head.get(header::TRACE);
    if offset == 0 {
        return None;
    }
    let block = blocks.claim(header::TRACE, 0, offset, trace::LEN as u64, "block of the trace")?;
    if block.get(trace::WINDOW) == 0 {
        // It is about to open.
        return None;
    }
    let window = Window {
        number: block.get(trace::WINDOW),
        begin: block.get(trace::BEGIN),
        start: head.get(header::START_TICK),
        functions,
        scale,
    };
    let mut threads = BTreeMap::<u64, (TraceThread, Chunks)>::new();
    let taken = block.get(trace::TAKEN).min(trace::CHUNK_COUNT as u64) as usize;
    for place in trace::DIRECTORY..trace::DIRECTORY + taken {
        let offset = block.get(place);
        if offset != 0
            && let Some(chunk) = blocks.claim(block.at + place, 0, offset, chunk::LEN as u64, "chunk of the trace")
        {
            window.add(&chunk, &mut threads, blocks);
        }
    }
    let mut trace = Trace {
        window: window.number,
        request: block.get(trace::REQUEST),
        begin_ns: window.ns(window.begin),
        end_ns: window.ns(block.get(trace::END)),
        is_open: block.get(trace::END) == 0,
        threads: Vec::new(),
        unplaced: block.get(trace::UNPLACED),
    };
    for (mut thread, chunks) in threads.into_values() {
        for (overwritten, events) in chunks.into_values() {
            thread.overwritten = thread.overwritten.max(overwritten);
            thread.events.extend(events);
        }
        trace.end_ns = thread.events.iter().fold(trace.end_ns, |end, event| end.max(event.ns));
        trace.threads.push(thread);
    }
    trace.end_ns = trace.end_ns.max(trace.begin_ns);
    Some(trace)
}

/// The facts about the window before its chunks are read.
struct Window<'a> {
    number: u64,
    begin: u64,
    start: u64,
    functions: &'a Functions,
    scale: Scale,
}

impl Window<'_> {
    fn ns(&self, tick: u64) -> u64 {
        self.scale.ns(tick.saturating_sub(self.start).into())
    }

    /// Adds a chunk to its thread. One of an earlier window has not been begun anew.
    fn add(&self, chunk: &Block<'_>, threads: &mut BTreeMap<u64, (TraceThread, Chunks)>, blocks: &mut Blocks<'_>) {
        if chunk.get(chunk::WINDOW) != self.number {
            return;
        }
        let mut count = chunk.get(chunk::COUNT);
        if count > chunk::EVENT_COUNT as u64 {
            blocks.damage(chunk.at + chunk::COUNT, || {
                format!("a chunk of {} events would hold {count}", chunk::EVENT_COUNT)
            });
            count = 0;
        }
        let (thread, chunks) = threads.entry(chunk.get(chunk::THREAD)).or_insert_with(|| {
            let (tid, name) = (chunk.get(chunk::TID), chunk.text(chunk::NAME, shard::THREAD_NAME_LEN * WORD_BYTES));
            let name = name.trim_end_matches(['\0', '\u{fffd}']);
            let name = if name.is_empty() { format!("thread {tid}") } else { name.to_owned() };
            (TraceThread::new(tid, name), Chunks::new())
        });
        let events = chunk.words[chunk::EVENTS..].as_chunks::<{ event::LEN }>().0.iter().take(count as usize);
        let events = events
            .enumerate()
            .filter_map(|(index, words)| self.event(words, chunk.at + chunk::EVENTS + index * event::LEN, blocks));
        let overwritten = chunk.get(chunk::OVERWRITTEN);
        match chunks.entry(chunk.get(chunk::SEQUENCE)) {
            Entry::Vacant(place) => {
                place.insert((overwritten, events.collect()));
            }
            Entry::Occupied(_) => {
                let tid = thread.tid;
                blocks.damage(chunk.at + chunk::SEQUENCE, || format!("two chunks of thread {tid} have the same place"));
            }
        }
    }

    fn event(&self, words: &[u64; event::LEN], at: usize, blocks: &mut Blocks<'_>) -> Option<TraceEvent> {
        let (kind, depth, site) = event::parts(words[event::WHAT]);
        let tick = words[event::TICK];
        let kind = match kind {
            event::BEGIN => TraceEventKind::Begin,
            event::IN_FLIGHT => TraceEventKind::InFlight,
            event::RETURN => TraceEventKind::Return,
            event::UNWIND => TraceEventKind::Unwind,
            event::PENDING => TraceEventKind::Pending,
            event::READY => TraceEventKind::Ready,
            _ => {
                blocks.damage(at + event::WHAT, || format!("an event of a trace has the unknown kind {kind}"));
                return None;
            }
        };
        let Some(function) = self.functions.index_of(site) else {
            // In a recording that grows, it may be younger than the list of sites.
            if site == 0 || !blocks.growing() {
                blocks.damage(at + event::WHAT, || format!("site {site} of a trace does not exist"));
            }
            return None;
        };
        // A thread that took its time over an event of the window before.
        if kind.is_end() && tick < self.begin {
            return None;
        }
        Some(TraceEvent::new(function, kind, depth as u32, self.ns(tick)))
    }
}
