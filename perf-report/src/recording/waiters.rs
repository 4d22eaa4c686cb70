//! Threads that wait for locks, and what they hold meanwhile: as the shards say it.

use super::{
    blocks::{Block, Blocks},
    layout::{frame, locks, shard},
};

/// A thread that waits for a lock, as found.
#[derive(Debug)]
pub(super) struct Waiter {
    /// Position of its shard in the list of shards.
    pub(super) order: usize,
    pub(super) tid: u64,
    pub(super) thread: String,
    /// The site of the wait, which is the innermost call.
    pub(super) site: u64,
    pub(super) start: u64,
    /// The site of the call around it; 0 if there is none.
    pub(super) caller: u64,
    /// The lock's address.
    pub(super) lock: u64,
    /// Whether it holds the lock as a reader, which is not in its way.
    pub(super) upgrades: bool,
    /// Whether it waits for the lock as a reader.
    pub(super) shares: bool,
    /// The addresses of the locks that it holds, with [`locks::SHARES`] of those that it holds as a reader.
    pub(super) held: Vec<u64>,
}

/// The locks that the thread of a shard holds and waits for, if it waits.
pub(super) fn locks<'a>(shard: &Block<'_>, blocks: &mut Blocks<'a>) -> Option<Block<'a>> {
    let offset = shard.get(shard::LOCKS);
    if offset == 0 {
        return None;
    }
    let pointer = shard.at + shard::LOCKS;
    let found = blocks.claim(pointer, shard.at, offset, locks::LEN as u64, "locks of a thread")?;
    (found.get(locks::WAITS_FOR) != 0).then_some(found)
}

impl Waiter {
    /// A thread, by its id and name, if the innermost of its frames is timed, as waits are.
    pub(super) fn found(
        order: usize,
        (tid, thread): (u64, &str),
        locks: &Block<'_>,
        frames: &[[u64; frame::LEN]],
        sites: usize,
    ) -> Option<Waiter> {
        let innermost = frames.iter().rposition(|frame| frame[frame::START] != 0)?;
        let (site, start) = (frames[innermost][frame::SITE], frames[innermost][frame::START]);
        let caller = innermost.checked_sub(1).map_or(0, |around| frames[around][frame::SITE]);
        let waits_for = locks.get(locks::WAITS_FOR);
        let held = &locks.words[locks::HELD..locks::LEN];
        (start != frame::NOT_TIMED && site < sites as u64).then(|| Waiter {
            order,
            tid,
            thread: thread.to_owned(),
            site,
            start,
            caller,
            lock: waits_for & !(locks::UPGRADES | locks::SHARES),
            upgrades: waits_for & locks::UPGRADES != 0,
            shares: waits_for & locks::SHARES != 0,
            held: held.iter().copied().filter(|&lock| lock != 0).collect(),
        })
    }
}
