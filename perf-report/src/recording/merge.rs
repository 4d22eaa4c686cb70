//! From the words of a recording to a [`Snapshot`]: walks its blocks, merges the threads' shards, converts ticks to ns.
//!
//! In this order: header, sites, then every shard's frames, slots and edges into [`Totals`] per site, then the functions.

use super::{
    Now, Reading, RecordingError,
    blocks::{Block, Blocks},
    layout::{
        CHECKSUM, HIGHEST_NS, MAGIC, VERSION, WORD_BYTES, bucket_index, edge, edge_table, frame,
        header::{self, STATE_CLOSED, STATE_RUNNING},
        shard, site, slot, slot_table,
    },
    monitor, resources,
};
use crate::{
    Allocations, Budget, Caller, Clock, ClockSource, Function, Futures, InFlight, Kind, Latency, Losses, Overhead,
    Process, SCHEMA, Snapshot, State, Timing,
};

/// Reads a copy of a recording's words: the first `USED` ones suffice.
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
    check_header(words)?;
    let head = Block { at: 0, words: &words[..header::LEN] };
    let used = usize::try_from(head.get(header::USED)).unwrap_or(usize::MAX);
    let running = head.get(header::STATE) == STATE_RUNNING && now != Now::LastSeen;
    let mut blocks = Blocks::new(&words[..used.clamp(header::LEN, words.len())], running);
    // The header is a block like any other, so that no pointer can lead back into it.
    blocks.claim(0, 0, 0, header::LEN as u64, "header");
    if used > words.len() {
        let (have, used) = (words.len() * WORD_BYTES, used.saturating_mul(WORD_BYTES));
        blocks.damage(header::USED, || {
            format!("there are {have} bytes, the header says {used}: the recording was cut; copy it again if you can")
        });
    } else if used < header::LEN {
        blocks.damage(header::USED, || format!("{used} words in use would not hold the header"));
    }

    let scale = Scale::of(&head);
    let sites = Sites::read(&head, &mut blocks);
    let mut merge =
        Merge { totals: Vec::new(), edges: Vec::new(), frames: Vec::new(), losses: Losses::default(), last_tick: 0 };
    merge.totals.resize_with(sites.count + 1, Totals::default);
    merge.shards(&head, &mut blocks);
    let now_tick = match now {
        Now::LastTick => head.get(header::LAST_TICK),
        Now::Monotonic(ns) => scale.tick_at(&head, ns),
        Now::LastSeen => merge.last_tick,
    }
    .max(head.get(header::START_TICK));
    Ok(finish(&head, now_tick, running, scale, sites, merge, blocks))
}

/// Whether the words begin with a header that this reader knows.
pub(super) fn check_header(words: &[u64]) -> Result<(), RecordingError> {
    let bytes = words.len() * WORD_BYTES;
    let &[magic, version, checksum, ..] = words else { return Err(RecordingError::Truncated { bytes }) };
    if magic == MAGIC.swap_bytes() {
        return Err(RecordingError::ByteOrder);
    }
    if magic != MAGIC {
        return Err(RecordingError::Foreign);
    }
    if version != VERSION {
        return Err(RecordingError::Version { found: version });
    }
    if checksum != CHECKSUM {
        return Err(RecordingError::Layout { found: checksum });
    }
    if words.len() < header::LEN {
        return Err(RecordingError::Truncated { bytes });
    }
    Ok(())
}

/// Nanoseconds per tick, as a fraction: sums of ticks keep all their digits.
#[derive(Clone, Copy)]
struct Scale {
    ns: u64,
    ticks: u128,
}

impl Scale {
    /// Shortest interval between two readings of both clocks that gives a better scale than the calibration, in ns.
    const REFINING_NS: u64 = 10_000_000;

    fn of(head: &Block<'_>) -> Scale {
        if head.get(header::CLOCK_SOURCE) == header::CLOCK_MONOTONIC {
            return Scale { ns: 1, ticks: 2 };
        }
        let calibrated = Scale { ns: head.get(header::BUCKET_SCALE), ticks: 1 << 64 };
        let refined = Scale {
            ns: head.get(header::LAST_MONOTONIC_NS).saturating_sub(head.get(header::START_MONOTONIC_NS)),
            ticks: head.get(header::LAST_TICK).saturating_sub(head.get(header::START_TICK)).into(),
        };
        // The two differ by more than the calibration's error when the system was suspended, which stops one clock only.
        let ratio = refined.ns_per_tick() / calibrated.ns_per_tick();
        if refined.ns >= Self::REFINING_NS && (0.99..1.01).contains(&ratio) { refined } else { calibrated }
    }

    fn ns_per_tick(self) -> f64 {
        self.ns as f64 / self.ticks as f64
    }

    /// Ticks in ns, to the nearest.
    fn ns(self, ticks: u128) -> u64 {
        let ns = ticks.saturating_mul(self.ns.into()).saturating_add(self.ticks / 2);
        u64::try_from(ns / self.ticks.max(1)).unwrap_or(u64::MAX)
    }

    /// The tick at a reading of the monotonic clock.
    fn tick_at(self, head: &Block<'_>, monotonic_ns: u64) -> u64 {
        let ns = monotonic_ns.saturating_sub(head.get(header::START_MONOTONIC_NS));
        let ticks = u128::from(ns).saturating_mul(self.ticks) / u128::from(self.ns.max(1));
        head.get(header::START_TICK).saturating_add(u64::try_from(ticks).unwrap_or(u64::MAX))
    }
}

/// The sites that are described, and how many ids are in use.
struct Sites {
    count: usize,
    /// Id and description, by rising id.
    described: Vec<(usize, Function)>,
}

impl Sites {
    fn read(head: &Block<'_>, blocks: &mut Blocks<'_>) -> Sites {
        let told = usize::try_from(head.get(header::SITES)).unwrap_or(usize::MAX);
        let mut sites = Sites { count: 0, described: Vec::new() };
        for chunk in 0..site::CHUNKS {
            let entries = (site::FIRST_CHUNK << chunk).min(told - sites.count);
            if entries == 0 {
                return sites;
            }
            let pointer = header::SITE_DIRECTORY + chunk;
            let offset = head.get(pointer);
            let Some(list) = blocks.claim(pointer, 0, offset, (site::FIRST_CHUNK << chunk) as u64, "list of sites")
            else {
                break;
            };
            for (entry, &offset) in list.words[..entries].iter().enumerate() {
                if offset == 0 && blocks.growing() {
                    // Its id is taken, and its description follows.
                    continue;
                }
                let id = sites.count + entry + 1;
                if let Some(function) = describe(id, list.at + entry, offset, blocks) {
                    sites.described.push((id, function));
                }
            }
            sites.count += entries;
        }
        if !blocks.growing() {
            let count = sites.count;
            blocks.damage(header::SITES, || format!("{told} sites are said to exist, but only {count} are listed"));
        }
        sites
    }
}

/// Reads the record of a site.
fn describe(id: usize, pointer: usize, offset: u64, blocks: &mut Blocks<'_>) -> Option<Function> {
    let name = "description of a site";
    let at = usize::try_from(offset).unwrap_or(usize::MAX);
    // Its length stands in it, so it is looked at before it is claimed.
    let lengths = [site::NAME_BYTES, site::MODULE_BYTES, site::FILE_BYTES, site::BUDGET_BYTES]
        .map(|field| blocks.peek(at.saturating_add(field)).unwrap_or(0));
    let len = lengths.iter().fold(site::STRINGS as u64, |sum, bytes| sum.saturating_add(bytes.div_ceil(8)));
    let record = blocks.claim(pointer, 0, offset, len, name)?;
    let mut at = site::STRINGS;
    let [name, module, file, budgets] = lengths.map(|bytes| {
        let bytes = bytes as usize;
        let text = record.text(at, bytes);
        at += bytes.div_ceil(WORD_BYTES);
        text
    });
    let kind = match record.get(site::KIND) {
        site::KIND_FUNCTION => Kind::Function,
        site::KIND_FUTURE => Kind::Future,
        site::KIND_BLOCK => Kind::Block,
        kind => {
            blocks.damage(record.at + site::KIND, || format!("site {id} has the unknown kind {kind}"));
            Kind::Function
        }
    };
    let timing = match record.get(site::TIMING) {
        0 => Timing::Exact,
        1 => Timing::Adaptive,
        timing => {
            blocks.damage(record.at + site::TIMING, || format!("site {id} has the unknown timing {timing}"));
            Timing::Exact
        }
    };
    let budgets = budgets.split(';').filter(|budget| !budget.is_empty()).filter_map(|budget| {
        let parsed = budget.split_once('=').and_then(|(figure, limit)| {
            Some(Budget { figure: figure.trim().into(), limit: limit.trim().parse().ok()? })
        });
        if parsed.is_none() {
            blocks.damage(record.at + site::BUDGET_BYTES, || format!("site {id} has the malformed budget {budget:?}"));
        }
        parsed
    });
    let budgets = budgets.collect();
    let line = u32::try_from(record.get(site::LINE)).unwrap_or(u32::MAX);
    Some(Function { module, file, line, kind, timing, budgets, ..Function::new(name) })
}

/// What the shards know of one site, in ticks.
#[derive(Default)]
struct Totals<'a> {
    /// The slots of the site, one per shard that ran it.
    slots: Vec<Block<'a>>,
    /// Their bucket pages: page number and counts.
    pages: Vec<(u8, &'a [u64])>,
}

/// An edge as found: key (caller and callee), calls, ticks, unseen ticks.
struct Edge {
    key: u64,
    calls: u64,
    ticks: u128,
    unseen: u128,
}

/// A call in flight as found.
struct Frame {
    site: usize,
    start: u64,
    depth: u32,
    tid: u64,
    thread: String,
}

/// What was gathered from the shards.
struct Merge<'a> {
    /// By site id; entry 0 stays empty.
    totals: Vec<Totals<'a>>,
    edges: Vec<Edge>,
    frames: Vec<Frame>,
    losses: Losses,
    last_tick: u64,
}

impl<'a> Merge<'a> {
    fn shards(&mut self, head: &Block<'_>, blocks: &mut Blocks<'a>) {
        self.last_tick = head.get(header::LAST_TICK);
        let (mut pointer, mut offset) = (header::SHARDS, head.get(header::SHARDS));
        while offset != 0 {
            // The frames are claimed apart, so that a cut through them leaves the older shards within reach.
            let Some(shard) = blocks.claim(pointer, 0, offset, shard::BASE as u64, "shard of a thread") else {
                return;
            };
            self.shard(&shard, blocks);
            (pointer, offset) = (shard.at + shard::NEXT, shard.get(shard::NEXT));
        }
    }

    fn shard(&mut self, shard: &Block<'a>, blocks: &mut Blocks<'a>) {
        let losses = &mut self.losses;
        let add = |sum: &mut u64, word| *sum = sum.saturating_add(shard.get(word));
        add(&mut losses.unattributed_calls, shard::UNATTRIBUTED_CALLS);
        add(&mut losses.deep_calls, shard::DEEP_CALLS);
        add(&mut losses.clock_anomalies, shard::CLOCK_ANOMALIES);
        losses.deepest = losses.deepest.max(shard.get(shard::DEEPEST));
        self.last_tick = self.last_tick.max(shard.get(shard::LAST_TICK));
        self.frames(shard, blocks);
        self.slots(shard, blocks);
        self.edges(shard, blocks);
    }

    /// The calls in flight. A shard that no thread has holds the frames of one that is gone.
    fn frames(&mut self, shard: &Block<'a>, blocks: &mut Blocks<'a>) {
        let (offset, len) = (shard::BASE as u64, (shard::LEN - shard::BASE) as u64);
        let Some(stack) = blocks.claim(shard.at, shard.at, offset, len, "frame stack of a thread") else { return };
        // The first is the base frame, which no call has.
        let (frames, _) = stack.words[frame::LEN..].as_chunks::<{ frame::LEN }>();
        let used = frames.iter().rposition(|frame| frame[frame::SITE] != 0).map_or(0, |last| last as u64 + 1);
        self.losses.deepest = self.losses.deepest.max(used);
        if shard.get(shard::IN_USE) == 0 {
            return;
        }
        let tid = shard.get(shard::TID);
        let name = shard.text(shard::THREAD_NAME, shard::THREAD_NAME_LEN * WORD_BYTES);
        let name = name.trim_end_matches(['\0', '\u{fffd}']);
        let thread = if name.is_empty() { format!("thread {tid}") } else { name.to_owned() };
        let depth = (shard.get(shard::TOP) as usize).saturating_sub(shard::BASE) / frame::LEN;
        for (depth, words) in frames.iter().take(depth).enumerate() {
            let (site, start) = (words[frame::SITE], words[frame::START]);
            if start == 0 {
                continue;
            }
            let Some(site) = self.known_site(site, stack.at + (1 + depth) * frame::LEN, blocks) else {
                continue;
            };
            self.last_tick = self.last_tick.max(start);
            self.frames.push(Frame { site, start, depth: depth as u32, tid, thread: thread.clone() });
        }
    }

    fn slots(&mut self, shard: &Block<'a>, blocks: &mut Blocks<'a>) {
        self.slots_in(shard, shard.at + shard::SLOTS, &shard.words[shard::SLOTS..shard::BASE], 0, blocks);
        let offset = shard.get(shard::SLOT_TABLE);
        if offset == 0 {
            return;
        }
        let entries = blocks.peek_in(shard, offset, slot_table::LEN);
        let len = entries.saturating_add(slot_table::ENTRIES as u64);
        let Some(table) = blocks.claim(shard.at + shard::SLOT_TABLE, shard.at, offset, len, "table of functions")
        else {
            return;
        };
        let at = table.at + slot_table::ENTRIES;
        self.slots_in(shard, at, &table.words[slot_table::ENTRIES..], shard::SLOT_COUNT, blocks);
    }

    /// The slots that a list of entries at an absolute offset points to; the first entry is of site `first`.
    fn slots_in(&mut self, shard: &Block<'a>, at: usize, entries: &[u64], first: usize, blocks: &mut Blocks<'a>) {
        for (index, &offset) in entries.iter().enumerate().filter(|entry| *entry.1 != 0) {
            let (id, pointer) = (first + index, at + index);
            let Some(slot) = blocks.claim(pointer, shard.at, offset, slot::LEN as u64, "slot of a function") else {
                continue;
            };
            if slot.get(slot::SITE) != id as u64 {
                let site = slot.get(slot::SITE);
                blocks.damage(slot.at + slot::SITE, || format!("the slot of site {id} says that it is of site {site}"));
                continue;
            }
            let Some(id) = self.known_site(id as u64, pointer, blocks) else { continue };
            for (number, &offset) in (0_u8..).zip(&slot.words[slot::PAGES..slot::PAGES + slot::PAGE_COUNT]) {
                let pointer = slot.at + slot::PAGES + usize::from(number);
                if offset == 0 {
                    continue;
                }
                if let Some(page) = blocks.claim(pointer, slot.at, offset, slot::PAGE_LEN as u64, "bucket page") {
                    self.totals[id].pages.push((number, page.words));
                }
            }
            let unbucketed = &mut self.losses.unbucketed_calls;
            *unbucketed = unbucketed.saturating_add(slot.get(slot::UNBUCKETED));
            self.totals[id].slots.push(slot);
        }
    }

    fn edges(&mut self, shard: &Block<'a>, blocks: &mut Blocks<'a>) {
        let offset = shard.get(shard::EDGE_TABLE);
        if offset == 0 {
            return;
        }
        let entries = blocks.peek_in(shard, offset, edge_table::MASK).saturating_add(1);
        let len = entries.saturating_mul(edge::LEN as u64).saturating_add(edge_table::ENTRIES as u64);
        let Some(table) = blocks.claim(shard.at + shard::EDGE_TABLE, shard.at, offset, len, "table of callers") else {
            return;
        };
        let (entries, _) = table.words[edge_table::ENTRIES..].as_chunks::<{ edge::LEN }>();
        for (entry, words) in entries.iter().enumerate().filter(|entry| entry.1[edge::KEY] != 0) {
            let (key, at) = (words[edge::KEY], table.at + edge_table::ENTRIES + entry * edge::LEN);
            let caller = key >> 32;
            if self.known_site(key & u64::from(u32::MAX), at, blocks).is_some()
                && (caller == 0 || self.known_site(caller, at, blocks).is_some())
            {
                let (ticks, unseen) = (words[edge::TICKS].into(), words[edge::UNSEEN].into());
                self.edges.push(Edge { key, calls: words[edge::CALLS], ticks, unseen });
            }
        }
    }

    /// A site id read at a word, if there is such a site. In a growing recording it may be younger than the site list.
    fn known_site(&self, id: u64, at: usize, blocks: &mut Blocks<'_>) -> Option<usize> {
        let known = usize::try_from(id).ok().filter(|&id| id != 0 && id < self.totals.len());
        if known.is_none() && (id == 0 || !blocks.growing()) {
            let sites = self.totals.len() - 1;
            blocks.damage(at, || format!("site {id} does not exist: there are {sites}"));
        }
        known
    }
}

/// Merges the slots of one site into its function.
fn merge_slots(function: &mut Function, totals: &Totals<'_>, scale: Scale, bucket_scale: u64, counts: &mut [u64]) {
    let sum = |word| totals.slots.iter().map(|slot| u128::from(slot.get(word))).sum::<u128>();
    let whole = |word| u64::try_from(sum(word)).unwrap_or(u64::MAX);
    let longest = totals.slots.iter().map(|slot| slot.get(slot::MAX)).max().unwrap_or(0);
    let shortest = totals.slots.iter().map(|slot| slot.get(slot::MIN)).min().filter(|&ticks| ticks != u64::MAX);

    counts.fill(0);
    for &(number, page) in &totals.pages {
        let first = usize::from(number) * slot::PAGE_LEN;
        for (sum, count) in counts[first..].iter_mut().zip(page) {
            *sum = sum.saturating_add(*count);
        }
    }
    let mut counted = 0_u64;
    for slot in &totals.slots {
        // The last two calls are on their way to the buckets.
        let pending_ns = ((u128::from(slot.get(slot::PENDING)) * u128::from(bucket_scale)) >> 64) as u64;
        let highest = counts.len() - 1;
        let waiting = usize::try_from(slot.get(slot::WAITING)).unwrap_or(highest).min(highest);
        for (bucket, weight) in [
            (bucket_index(pending_ns.min(HIGHEST_NS)), slot.get(slot::PENDING_WEIGHT)),
            (waiting, slot.get(slot::WAITING_WEIGHT)),
        ] {
            counts[bucket] = counts[bucket].saturating_add(weight);
        }
        counted = counted.saturating_add(slot::counted(slot.get(slot::COUNTER)));
    }
    function.latency = Latency::from_counts(counts);
    (function.calls, function.timed_calls) = match function.timing {
        Timing::Exact => {
            let calls = function.latency.count().saturating_add(whole(slot::UNBUCKETED));
            (calls, calls)
        }
        Timing::Adaptive => (whole(slot::TIMED).saturating_add(counted), whole(slot::TIMED)),
    };
    function.over_range = whole(slot::OVER_RANGE);
    function.unwound = whole(slot::UNWOUND);
    function.abandoned = whole(slot::ABANDONED);
    function.sum_ns = scale.ns(sum(slot::SUM));
    function.total_ns = match function.kind {
        Kind::Future => function.sum_ns,
        Kind::Function | Kind::Block => scale.ns(sum(slot::SUM).saturating_sub(sum(slot::NESTED))),
    };
    function.min_ns = shortest.map_or(0, |ticks| scale.ns(ticks.into()));
    function.max_ns = scale.ns(longest.into());
    if function.kind == Kind::Future {
        function.futures = Some(Futures {
            started: whole(slot::STARTED),
            cancelled: whole(slot::CANCELLED),
            polls: whole(slot::POLLS),
            busy_ns: scale.ns(sum(slot::BUSY)),
        });
    }
    let allocations = [slot::ALLOCATIONS, slot::ALLOCATED, slot::SELF_ALLOCATIONS, slot::SELF_ALLOCATED].map(whole);
    if allocations != [0; 4] {
        let [count, bytes, self_count, self_bytes] = allocations;
        function.allocations = Some(Allocations { count, bytes, self_count, self_bytes });
    }
}

/// Puts the snapshot together.
fn finish(
    head: &Block<'_>,
    now_tick: u64,
    running: bool,
    scale: Scale,
    sites: Sites,
    mut merge: Merge<'_>,
    mut blocks: Blocks<'_>,
) -> Reading {
    let mut described = sites.described.into_iter().peekable();
    let mut functions = Vec::with_capacity(described.len());
    // Where the function of a site id stands; sites whose description is unreadable have one if they ran.
    let mut index_of = vec![None; merge.totals.len()];
    let mut self_ticks = Vec::with_capacity(described.len());
    let mut counts = vec![0; slot::PAGE_COUNT * slot::PAGE_LEN];
    for (id, totals) in merge.totals.iter().enumerate().skip(1) {
        let mut function = match described.next_if(|site| site.0 == id) {
            Some((_, function)) => function,
            None if totals.slots.is_empty() => continue,
            None => Function::new(format!("site {id}")),
        };
        merge_slots(&mut function, totals, scale, head.get(header::BUCKET_SCALE), &mut counts);
        self_ticks.push(totals.slots.iter().map(|slot| u128::from(slot.get(slot::SELF))).sum::<u128>());
        index_of[id] = Some(functions.len());
        functions.push(function);
    }

    merge.edges.sort_unstable_by_key(|edge| edge.key);
    for same in merge.edges.chunk_by(|a, b| a.key == b.key) {
        let (caller, callee) = ((same[0].key >> 32) as usize, (same[0].key & u64::from(u32::MAX)) as usize);
        let calls = same.iter().fold(0_u64, |sum, edge| sum.saturating_add(edge.calls));
        let unseen = same.iter().map(|edge| edge.unseen).sum::<u128>();
        let total_ns = scale.ns(same.iter().map(|edge| edge.ticks).sum());
        if let Some(caller) = index_of[caller].filter(|_| unseen > 0) {
            self_ticks[caller] = self_ticks[caller].saturating_sub(unseen);
            functions[caller].self_sampled = true;
        }
        if let Some(callee) = index_of[callee] {
            functions[callee].callers.push(Caller { caller: index_of[caller], calls, total_ns });
        }
    }
    for (function, ticks) in functions.iter_mut().zip(self_ticks) {
        function.self_ns = scale.ns(ticks);
        function.self_sampled |= function.is_sampled();
        function.callers.sort_by_key(|caller| std::cmp::Reverse((caller.total_ns, caller.calls)));
        // Calls counted since the last timed one are in no edge yet. Their caller is, as far as sampling knows, the usual one.
        let attributed = function.callers.iter().fold(0_u64, |sum, caller| sum.saturating_add(caller.calls));
        if let (Timing::Adaptive, Some(usual)) = (function.timing, function.callers.first_mut()) {
            usual.calls += function.calls.saturating_sub(attributed);
        }
    }

    let ns_until_now = |tick: u64| scale.ns(now_tick.saturating_sub(tick).into());
    let in_flight = merge.frames.into_iter().filter_map(|frame| {
        Some(InFlight {
            function: index_of[frame.site]?,
            elapsed_ns: ns_until_now(frame.start),
            thread: frame.thread,
            tid: frame.tid,
            depth: frame.depth,
        })
    });
    let losses = Losses {
        lost_calls: head.get(header::LOST_CALLS),
        overflow_calls: head.get(header::OVERFLOW_CALLS),
        overflow_ns: scale.ns(head.get(header::OVERFLOW_TICKS).into()),
        stack_height: shard::FRAME_COUNT as u64,
        used_bytes: head.get(header::USED).saturating_mul(WORD_BYTES as u64),
        capacity_bytes: head.get(header::CAPACITY).saturating_mul(WORD_BYTES as u64),
        ..merge.losses
    };
    let ns = |word| head.get(word) as f64 / 1000.0;
    let (monitor, heap) = (monitor::read(head, &mut blocks), monitor::heap(head));
    if heap.is_some() {
        // The calls that allocated nothing say so.
        functions.iter_mut().filter(|function| function.calls > 0).for_each(|function| {
            function.allocations.get_or_insert_default();
        });
    }
    let now_ns = head.get(header::START_MONOTONIC_NS).saturating_add(ns_until_now(head.get(header::START_TICK)));
    let function_of = |site: u64| usize::try_from(site).ok().and_then(|site| *index_of.get(site)?);
    let resources = resources::read(head, &mut blocks, &functions, &function_of, now_ns);
    let snapshot = Snapshot {
        schema: SCHEMA,
        process: process(head, ns_until_now(head.get(header::START_TICK)), running, scale, &mut blocks),
        sources: Vec::new(),
        overhead: Overhead {
            ns_per_timed_call: ns(header::COST_TIMED_PS),
            ns_per_counted_call: ns(header::COST_COUNTED_PS),
            ns_inside_duration: ns(header::COST_INSIDE_PS),
        },
        in_flight: in_flight.collect(),
        functions,
        losses,
        monitor,
        heap,
        resources,
    };
    Reading { snapshot, damages: blocks.damages, further_damages: blocks.further_damages }
}

fn process(head: &Block<'_>, recorded_ns: u64, running: bool, scale: Scale, blocks: &mut Blocks<'_>) -> Process {
    let state = match head.get(header::STATE) {
        STATE_CLOSED => State::Closed,
        STATE_RUNNING if running => State::Running,
        STATE_RUNNING => State::Killed,
        state => {
            blocks.damage(header::STATE, || format!("unknown state {state}"));
            State::Killed
        }
    };
    let source = match head.get(header::CLOCK_SOURCE) {
        header::CLOCK_TSC => ClockSource::Tsc,
        header::CLOCK_CNTVCT => ClockSource::Cntvct,
        header::CLOCK_MONOTONIC => ClockSource::Monotonic,
        source => {
            blocks.damage(header::CLOCK_SOURCE, || format!("unknown clock {source}"));
            ClockSource::Tsc
        }
    };
    let bytes = head.get(header::PROGRAM_BYTES);
    let program = match head.get(header::PROGRAM) {
        0 => None,
        offset => blocks.claim(header::PROGRAM, 0, offset, bytes.div_ceil(WORD_BYTES as u64), "name of the program"),
    };
    Process {
        program: program.map_or_else(String::new, |block| block.text(0, bytes as usize)),
        pid: u32::try_from(head.get(header::PID)).unwrap_or(u32::MAX),
        started_unix_ns: head.get(header::START_UNIX_NS),
        recorded_ns,
        unrecorded_ns: head.get(header::UNRECORDED_NS),
        state,
        clock: Clock { source, ns_per_tick: scale.ns_per_tick() },
        threads: head.get(header::THREADS),
    }
}
