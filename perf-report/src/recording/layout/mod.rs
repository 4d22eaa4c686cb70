//! Where everything lies in a recording.
//!
//! A recording is an array of 64-bit words in the byte order of the machine that wrote it. Everything in it is found by
//! word offsets: *absolute* ones count from the start of the recording, *relative* ones from the block they stand in, and
//! 0 always means "not there". Blocks are allocated one after the other, never moved and never freed, so an offset once
//! published stays good; a relative offset points forwards, because what a block refers to is allocated after it.
//!
//! ```text
//! header ─ site directory ─→ site chunks ─→ site records (strings)
//!    ├──── resource list ─→ resource records
//!    ├──── monitor ─→ timeline, alerts ─→ their last events
//!    ├──── sampled stacks ─→ chunks of nodes
//!    ├──── trace window ─→ chunks of events
//!    └──── shard list ─→ shard (one per live thread, reused)
//!                          ├─ frame stack
//!                          ├─ locks held and waited for
//!                          ├─ slot table ─→ slot (one per site the thread ran) ─→ bucket pages
//!                          └─ edge table (caller, callee) → calls, time
//! ```
//!
//! Whoever can write the file can write these words while the recording grows. So its writer follows none of them: it has memory of
//! its own beside every block, where it keeps what leads from block to block, and offsets in the recording are copies for
//! readers. Words that are *the writer's alone* are there and not in the recording, where they are 0.
//!
//! Ticks are readings or differences of the raw clock. Offsets, lengths and counts are words unless a name says bytes.
//! The writer is `perf-runtime`; it reads these constants from here, so there is one truth.

pub mod alert;
pub mod allocation_stack;
mod buckets;
pub mod edge;
pub mod edge_table;
pub mod frame;
pub mod header;
pub mod locks;
pub mod monitor;
pub mod resource;
pub mod shard;
pub mod site;
pub mod slot;
pub mod slot_table;
pub mod slowest;
pub mod stacks;
pub mod trace;

pub use buckets::{HIGHEST_NS, bucket_ceiling, bucket_floor, bucket_index};

/// First word of every recording: `PERFREC` and a zero byte, little-endian.
pub const MAGIC: u64 = u64::from_le_bytes(*b"PERFREC\0");

/// Version of this layout.
///
/// Any change to the layout raises it; readers refuse versions that they do not know.
///
/// Version 2 added kinds of sites from [`site::KIND_LOCK`] on, and [`site::TIMING_WAITS`]; version 3 [`shard::LOCKS`];
/// version 4 kinds of sites from [`site::KIND_POLL`] on, [`slot::NEVER_POLLED`], [`slot::SIZES`] and the words behind it, and
/// [`monitor::CHANNELS`]. In version 5 [`slot::COUNTER`] has another form.
pub const VERSION: u64 = 5;

/// The oldest version that has all its words where this one has them.
pub const OLDEST_VERSION: u64 = 5;

/// Bytes in a word.
pub const WORD_BYTES: usize = 8;

/// Blocks start at multiples of this many words (a cache line).
pub const ALIGN: usize = 8;

/// Ties a recording to the constants above.
///
/// Two layouts that differ have, in all likelihood, different checksums.
pub const CHECKSUM: u64 = {
    let parts = [
        header::LEN,
        header::SITE_DIRECTORY,
        header::PROGRAM_BYTES,
        site::CHUNKS,
        site::FIRST_CHUNK,
        site::STRINGS,
        shard::BASE,
        shard::FRAMES,
        shard::FRAME_COUNT,
        shard::LEN,
        shard::SLOTS,
        shard::THREAD_NAME,
        shard::LAST_TICK,
        shard::SLOT_TABLE,
        frame::LEN,
        frame::COUNTED,
        frame::MEASURING,
        shard::COUNTERS,
        slot::MEASURING,
        header::COSTS_AT_END,
        slot::PAGES,
        slot::PAGE_COUNT,
        slot::PAGE_LEN,
        slot::LEN,
        slot::COUNTER,
        slot::PENDING_WEIGHT,
        slot::ABANDONED,
        slot::SITE,
        slot_table::ENTRIES,
        edge_table::ENTRIES,
        edge::LEN,
        edge::UNSEEN,
        header::RESOURCES,
        resource::DEPENDENCIES,
        resource::LEN,
        header::CUT_UNIX_NS,
        shard::ALLOCATION_STACK,
        allocation_stack::LEN,
        slot::SELF_ALLOCATED,
        header::STACKS,
        stacks::LEN,
        stacks::NODE_COUNT,
        stacks::node::LEN,
        header::TRACE,
        shard::TRACE_CHUNK,
        slot::SLOWEST,
        slowest::LEN,
        trace::LEN,
        trace::chunk::LEN,
        trace::event::LEN,
        monitor::LEN,
        monitor::point_len(1),
        alert::RULE,
        alert::event::LEN,
        alert::action::LEN,
    ];
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut i = 0;
    while i < parts.len() {
        hash = (hash ^ parts[i] as u64).wrapping_mul(0x0100_0000_01b3);
        i += 1;
    }
    hash
};
