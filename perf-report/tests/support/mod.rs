//! A small writer of recordings, independent of the runtime's: it lays blocks out as the layout says and nothing else.

use perf_report::recording::layout::{
    ALIGN, CHECKSUM, HIGHEST_NS, MAGIC, VERSION, alert, bucket_index, edge, edge_table, frame, header, monitor, shard,
    site, slot, slot_table,
    slowest::{self, call},
    stacks,
    trace::{self, chunk, event},
};

/// Ticks of this recording are half nanoseconds.
pub(crate) const NS_PER_TICK: f64 = 0.5;

pub(crate) struct Writer {
    pub(crate) words: Vec<u64>,
    /// Entries of the tables that come next: of slots, and of edges (a power of two).
    pub(crate) tables: (usize, usize),
}

/// A shard that is being written, by its absolute offset.
#[derive(Clone, Copy)]
pub(crate) struct Shard(usize);

/// A slot, by its absolute offset.
#[derive(Clone, Copy)]
pub(crate) struct Slot(usize);

#[allow(dead_code, reason = "each test file needs some of it")]
impl Writer {
    /// A recording that began at tick 1,000 of a clock of two ticks per ns, and was last looked at 1 s later.
    pub(crate) fn new() -> Writer {
        let mut writer = Writer { words: vec![0; header::LEN.next_multiple_of(ALIGN)], tables: (64, 8) };
        for (word, value) in [
            (header::MAGIC, MAGIC),
            (header::VERSION, VERSION),
            (header::CHECKSUM, CHECKSUM),
            (header::STATE, header::STATE_CLOSED),
            (header::PID, 4242),
            (header::START_UNIX_NS, 1_700_000_000_000_000_000),
            (header::START_TICK, 1_000),
            (header::START_MONOTONIC_NS, 5_000_000_000),
            (header::LAST_TICK, 2_000_001_000),
            (header::LAST_MONOTONIC_NS, 6_000_000_000),
            (header::CLOCK_SOURCE, header::CLOCK_TSC),
            (header::BUCKET_SCALE, 1 << 63),
            (header::UNRECORDED_NS, 7_000_000),
            (header::CAPACITY, 1 << 25),
        ] {
            writer.words[word] = value;
        }
        let program = writer.text("wordcount");
        writer.words[header::PROGRAM] = program as u64;
        writer.words[header::PROGRAM_BYTES] = 9;
        writer
    }

    /// A block of zeros, by its absolute offset.
    pub(crate) fn block(&mut self, len: usize) -> usize {
        let at = self.words.len();
        self.words.resize((at + len).next_multiple_of(ALIGN), 0);
        self.words[header::USED] = self.words.len() as u64;
        at
    }

    fn put(&mut self, at: usize, text: &str) -> usize {
        for (word, bytes) in text.as_bytes().chunks(8).enumerate() {
            let mut padded = [0; 8];
            padded[..bytes.len()].copy_from_slice(bytes);
            self.words[at + word] = u64::from_ne_bytes(padded);
        }
        at + text.len().div_ceil(8)
    }

    fn text(&mut self, text: &str) -> usize {
        let at = self.block(text.len().div_ceil(8).max(1));
        self.put(at, text);
        at
    }

    /// Registers a site; its id.
    pub(crate) fn site(&mut self, kind: u64, timing: u64, name: &str, budgets: &str) -> u64 {
        let texts = [name, "app", "src/main.rs", budgets];
        let record = self.block(site::STRINGS + texts.iter().map(|text| text.len().div_ceil(8)).sum::<usize>());
        self.words[record + site::KIND] = kind;
        self.words[record + site::TIMING] = timing;
        self.words[record + site::LINE] = 12;
        let fields = [site::NAME_BYTES, site::MODULE_BYTES, site::FILE_BYTES, site::BUDGET_BYTES];
        let mut at = record + site::STRINGS;
        for (field, text) in fields.into_iter().zip(texts) {
            self.words[record + field] = text.len() as u64;
            at = self.put(at, text);
        }
        let id = self.words[header::SITES] as usize + 1;
        let (chunk, entry) = site::locate(id);
        if entry == 0 {
            self.words[header::SITE_DIRECTORY + chunk] = self.block(site::FIRST_CHUNK << chunk) as u64;
        }
        let list = self.words[header::SITE_DIRECTORY + chunk] as usize;
        self.words[list + entry] = record as u64;
        self.words[header::SITES] = id as u64;
        id as u64
    }

    pub(crate) fn function(&mut self, name: &str) -> u64 {
        self.site(site::KIND_FUNCTION, 0, name, "")
    }

    /// A shard in use, of a thread with a name.
    pub(crate) fn shard(&mut self, tid: u64, name: &str) -> Shard {
        let at = self.block(shard::LEN);
        self.words[at + shard::NEXT] = self.words[header::SHARDS];
        self.words[header::SHARDS] = at as u64;
        self.words[header::THREADS] += 1;
        self.words[at + shard::IN_USE] = 1;
        self.words[at + shard::TID] = tid;
        self.put(at + shard::THREAD_NAME, name);
        Shard(at)
    }

    pub(crate) fn slot(&mut self, shard: Shard, site: u64) -> Slot {
        let at = self.block(slot::LEN);
        let entry = match (site as usize).checked_sub(shard::SLOT_COUNT) {
            None => shard.0 + shard::SLOTS + site as usize,
            Some(index) => self.slot_table(shard) + slot_table::ENTRIES + index,
        };
        self.words[entry] = (at - shard.0) as u64;
        self.words[at + slot::SITE] = site;
        self.words[at + slot::MIN] = u64::MAX;
        Slot(at)
    }

    /// The table of the slots that the shard itself has no entries for.
    fn slot_table(&mut self, shard: Shard) -> usize {
        if self.words[shard.0 + shard::SLOT_TABLE] == 0 {
            let table = self.block(slot_table::ENTRIES + self.tables.0);
            self.words[shard.0 + shard::SLOT_TABLE] = (table - shard.0) as u64;
            self.words[table + slot_table::LEN] = self.tables.0 as u64;
        }
        shard.0 + self.words[shard.0 + shard::SLOT_TABLE] as usize
    }

    /// Calls of so many ticks each, as the runtime keeps them: the last one pending.
    pub(crate) fn calls(&mut self, slot: Slot, ticks: &[u64]) {
        for &ticks in ticks {
            let pending = self.words[slot.0 + slot::PENDING];
            let weight = self.words[slot.0 + slot::PENDING_WEIGHT];
            self.bucket(slot, (pending as f64 * NS_PER_TICK) as u64, weight);
            self.words[slot.0 + slot::PENDING] = ticks;
            self.words[slot.0 + slot::PENDING_WEIGHT] = 1;
            self.words[slot.0 + slot::SUM] += ticks;
            self.words[slot.0 + slot::SELF] += ticks;
            let (min, max) = (slot.0 + slot::MIN, slot.0 + slot::MAX);
            self.words[min] = self.words[min].min(ticks);
            self.words[max] = self.words[max].max(ticks);
        }
    }

    pub(crate) fn bucket(&mut self, slot: Slot, ns: u64, count: u64) {
        if count > 0 {
            let index = bucket_index(ns.min(HIGHEST_NS));
            let (page, entry) = (index / slot::PAGE_LEN, index % slot::PAGE_LEN);
            let pointer = slot.0 + slot::PAGES + page;
            if self.words[pointer] == 0 {
                self.words[pointer] = self.block(slot::PAGE_LEN) as u64;
            }
            let page = self.words[pointer] as usize;
            self.words[page + entry] += count;
        }
    }

    pub(crate) fn set(&mut self, slot: Slot, word: usize, value: u64) {
        self.words[slot.0 + word] = value;
    }

    pub(crate) fn edge(&mut self, shard: Shard, caller: u64, callee: u64, figures: [u64; 3]) {
        let mut table = self.words[shard.0 + shard::EDGE_TABLE] as usize;
        if table == 0 {
            table = self.block(edge_table::ENTRIES + self.tables.1 * edge::LEN) - shard.0;
            self.words[shard.0 + shard::EDGE_TABLE] = table as u64;
            self.words[shard.0 + table + edge_table::MASK] = self.tables.1 as u64 - 1;
        }
        let count = &mut self.words[shard.0 + table + edge_table::COUNT];
        let at = shard.0 + table + edge_table::ENTRIES + *count as usize * edge::LEN;
        *count += 1;
        self.words[at + edge::KEY] = caller << 32 | callee;
        self.words[at + edge::CALLS..at + edge::LEN].copy_from_slice(&figures);
    }

    pub(crate) fn frame(&mut self, shard: Shard, site: u64, start: u64) {
        let frames = (shard.0 + shard::FRAMES..).step_by(frame::LEN);
        let at = frames.take(shard::FRAME_COUNT).find(|at| self.words[at + frame::SITE] == 0).unwrap();
        self.words[at + frame::SITE] = site;
        self.words[at + frame::START] = start;
    }

    /// Ticks that measuring took in a thread.
    pub(crate) fn measuring(&mut self, shard: Shard, ticks: u64) {
        self.words[shard.0 + shard::BASE + frame::MEASURING] = ticks;
    }

    /// A trace window from tick 2,001,000 to 4,001,000, 1 ms to 2 ms after the begin: chunks of a thread each, with the place of the chunk
    /// and events of a kind, a depth, a site and a tick. Returns where the block lies, and where the first chunk.
    pub(crate) fn trace(&mut self, chunks: &[(u64, u64, &[[u64; 4]])]) -> (usize, usize) {
        let block = self.block(trace::LEN);
        self.words[header::TRACE] = block as u64;
        for (word, value) in [
            (trace::WINDOW, 3),
            (trace::BEGIN, 2_001_000),
            (trace::END, 4_001_000),
            (trace::TAKEN, chunks.len() as u64),
            (trace::CHUNKS, chunks.len() as u64),
        ] {
            self.words[block + word] = value;
        }
        let mut first = None;
        for (number, &(thread, sequence, events)) in chunks.iter().enumerate() {
            let at = self.block(chunk::LEN);
            first.get_or_insert(at);
            self.words[block + trace::DIRECTORY + number] = at as u64;
            for (word, value) in [
                (chunk::WINDOW, 3),
                (chunk::THREAD, thread),
                (chunk::SEQUENCE, sequence),
                (chunk::TID, 100 + thread),
                (chunk::COUNT, events.len() as u64),
            ] {
                self.words[at + word] = value;
            }
            self.put(at + chunk::NAME, &format!("worker {thread}"));
            for (place, &[kind, depth, site, tick]) in events.iter().enumerate() {
                let event = at + chunk::EVENTS + place * event::LEN;
                self.words[event + event::WHAT] = event::what(kind, depth, site);
                self.words[event + event::TICK] = tick;
            }
        }
        (block, first.unwrap_or(block))
    }

    /// One of the slowest calls of a slot: its ticks, end, thread, depth, the sites of its caller and its caller's caller, and its label.
    pub(crate) fn slow_call(
        &mut self,
        slot: Slot,
        [ticks, end, tid, depth]: [u64; 4],
        callers: [u64; 2],
        label: &str,
    ) -> usize {
        let at = self.block(slowest::LEN);
        self.words[slot.0 + slot::SLOWEST] = at as u64;
        for (word, value) in [
            (call::TICKS, ticks),
            (call::END, end),
            (call::TID, tid),
            (call::DEPTH, depth),
            (call::CALLERS, callers[0] | callers[1] << 32),
            (call::LABEL_BYTES, label.len() as u64),
        ] {
            self.words[at + word] = value;
        }
        self.put(at + call::THREAD_NAME, "worker");
        self.put(at + call::LABEL, label);
        at
    }

    /// Stacks that were sampled: nodes of parent, site, samples and ticks. Returns where the block lies, and where the nodes.
    pub(crate) fn stacks(&mut self, looks: u64, nodes: &[[u64; stacks::node::LEN]]) -> (usize, usize) {
        let block = self.block(stacks::LEN);
        let chunk = self.block(stacks::NODE_COUNT * stacks::node::LEN);
        self.words[header::STACKS] = block as u64;
        for (word, value) in [
            (stacks::PERIOD_NS, 1_000_000),
            (stacks::LOOKS, looks),
            (stacks::WATCHED, looks * 2_000_000),
            (stacks::IN_MOTION, 3),
            (stacks::FOLDED, 2),
            (stacks::CUT, 1),
            (stacks::NODES, nodes.len() as u64),
            (stacks::CHUNKS_AT, chunk as u64),
        ] {
            self.words[block + word] = value;
        }
        for (number, node) in nodes.iter().enumerate() {
            self.words[chunk + number * stacks::node::LEN..][..stacks::node::LEN].copy_from_slice(node);
        }
        (block, chunk)
    }

    /// The recording as the bytes of a file.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.words.iter().flat_map(|word| word.to_ne_bytes()).collect()
    }
}

/// A timeline of a few points with a channel, and an alert that was raised twice.
#[allow(dead_code, reason = "each test file needs some of it")]
fn monitor(writer: &mut Writer) {
    const METRICS: usize = 3;
    /// Behind the metrics comes the channel.
    const LINES: usize = METRICS + 1;
    const POINTS: usize = 4;
    let block = writer.block(monitor::LEN);
    let areas = [0; 2].map(|_| writer.block(POINTS * monitor::point_len(LINES)));
    let name = "jobs of workers";
    let channel = writer.block(monitor::CHANNEL_NAME + name.len().div_ceil(8));
    let rule = "rss > 5MiB then evict";
    let alert = writer.block(alert::RULE + rule.len().div_ceil(8));
    writer.words[header::MONITOR] = block as u64;
    for (word, value) in [
        (monitor::INTERVAL_NS, 1_000_000),
        (monitor::SAMPLES, 3),
        (monitor::SAMPLING_NS, 60_000),
        (monitor::CORES, 2),
        (monitor::MEMORY_BYTES, 1 << 30),
        (monitor::METRICS, METRICS as u64),
        (monitor::POINTS, POINTS as u64),
        (monitor::ACTIVE, 1 << 32 | 3),
        (monitor::AREAS, (areas[0] - block) as u64),
        (monitor::AREAS + 1, (areas[1] - block) as u64),
        (monitor::ALERTS, alert as u64),
        (monitor::CHANNELS, 1),
        (monitor::CHANNEL_LIST, channel as u64),
    ] {
        writer.words[block + word] = value;
    }
    for point in 0..3 {
        let at = areas[1] + point * monitor::point_len(LINES);
        let number = point as u64 + 1;
        writer.words[at..at + 3].copy_from_slice(&[number * 1_000_000, 1_000_000, 1]);
        for metric in 0..LINES {
            let values = if metric == point { [monitor::NONE; 4] } else { [number << 20; 4] };
            writer.words[at + 3 + metric * 4..][..4].copy_from_slice(&values);
        }
    }
    for (word, value) in [(alert::RAISED, 2), (alert::DROPPED, 1), (alert::RULE_BYTES, rule.len() as u64)] {
        writer.words[alert + word] = value;
    }
    writer.words[channel + monitor::CHANNEL_NAME_BYTES] = name.len() as u64;
    for (text, at) in [(rule, alert + alert::RULE), (name, channel + monitor::CHANNEL_NAME)] {
        for (word, bytes) in text.as_bytes().chunks(8).enumerate() {
            let mut chunk = [0; 8];
            chunk[..bytes.len()].copy_from_slice(bytes);
            writer.words[at + word] = u64::from_ne_bytes(chunk);
        }
    }
    for number in 0..2_u64 {
        let event = alert + alert::RING + number as usize * alert::event::LEN;
        let value = (6_000_000.0 + number as f64).to_bits();
        writer.words[event..event + 5].copy_from_slice(&[
            1_500_000 + number,
            (1 - number) * 1_800_000,
            value,
            value,
            1,
        ]);
        let action = [0, 1_600_000, 7_001, 1, 6 << 20, 3 << 20, 3 << 20];
        writer.words[event + alert::event::ACTION..][..alert::action::LEN].copy_from_slice(&action);
    }
}

/// A recording with some of everything: two threads, three functions and a future, callers, calls in flight.
#[allow(dead_code, reason = "each test file needs some of it")]
pub(crate) fn some_of_everything() -> Writer {
    let mut writer = Writer::new();
    let main = writer.function("app::main");
    let parse = writer.site(site::KIND_FUNCTION, 1, "app::parse", "p99=2000;calls=7");
    let serve = writer.site(site::KIND_FUTURE, 0, "app::serve", "");
    writer.function("app::idle");
    for thread in 0..2 {
        let shard = writer.shard(100 + thread, ["main", "worker"][thread as usize]);
        let slot = writer.slot(shard, main);
        writer.calls(slot, &[2_000, 4_000, 600]);
        let slot = writer.slot(shard, parse);
        writer.calls(slot, &[100, 100]);
        writer.set(slot, slot::TIMED, 2);
        writer.set(slot, slot::COUNTER, 40 + 7 * slot::ONE_TO_COME);
        let slot = writer.slot(shard, serve);
        writer.calls(slot, &[1_000_000]);
        for (word, value) in [(slot::STARTED, 2), (slot::POLLS, 9), (slot::BUSY, 800), (slot::CANCELLED, 1)] {
            writer.set(slot, word, value);
        }
        writer.edge(shard, 0, main, [3, 6_600, 0]);
        writer.edge(shard, main, parse, [35, 3_500, 3_300]);
        writer.frame(shard, main, 1_999_999_000);
        writer.frame(shard, parse, 0);
        writer.frame(shard, parse, 2_000_000_000);
    }
    monitor(&mut writer);
    writer
}
