//! The way through the shards: one after the other, or many at once.
//!
//! [`in_order`] follows every pointer as it comes. That order decides which blocks a damaged recording has: of two
//! blocks that overlap, the one met first is there. Of a file it reads little here and little there.
//!
//! [`at_once`] finds all shards first and gives them to several threads, each of which reads the blocks of a shard as they
//! lie. As long as all is sound no order matters, since no block is in another's way and all sums are the same in any order. At
//! the first damage it gives up, and the shards are read in order: a damaged file takes longer and is told the same.

use std::{
    panic,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use super::{
    blocks::{Block, Blocks, Memory},
    layout::{header, shard},
    shards::{Gathered, SumsOfSites},
};

/// Gathers from all shards, one after the other.
pub(super) fn in_order(head: &Block<'_>, sites: usize, blocks: &mut Blocks<'_>) -> Gathered {
    let mut gathered = Gathered::new(SumsOfSites::new(sites), head.get(header::BUCKET_SCALE));
    let mut list = List::of(head);
    let mut order = 0;
    while let Some(shard) = list.next(blocks) {
        gathered.shard(order, &shard, 1, blocks);
        order += 1;
    }
    gathered
}

/// Gathers from all shards with so many threads, if nothing is wrong with the recording. `memory` gives them theirs, and
/// gets it back.
pub(super) fn at_once(
    head: &Block<'_>,
    sites: usize,
    blocks: &mut Blocks<'_>,
    threads: usize,
    memory: &mut Vec<Memory>,
) -> Option<Gathered> {
    if !blocks.is_sound() {
        return None;
    }
    let mut fork = || blocks.fork(memory.pop().unwrap_or_default());
    let mut forks = vec![fork()];
    let mut list = List::of(head);
    let shards: Vec<Block<'_>> = std::iter::from_fn(|| list.next(&mut forks[0])).collect();
    let mut gathered = None;
    if forks[0].is_sound() {
        let next = AtomicUsize::new(0);
        let sums = SumsOfSites::new(sites);
        let work = |mut blocks| {
            let mut gathered = Gathered::new(Arc::clone(&sums), head.get(header::BUCKET_SCALE));
            while let Some((order, shard)) = take(&shards, &next, &blocks) {
                gathered.shard(order, shard, usize::MAX, &mut blocks);
            }
            (gathered, blocks)
        };
        let work = &work;
        let (mine, others) = (fork(), (1..threads.min(shards.len())).map(|_| fork()).collect::<Vec<_>>());
        let parts = thread::scope(|scope| {
            let spawn = |blocks| thread::Builder::new().spawn_scoped(scope, move || work(blocks));
            // A thread that there is no room for is not needed.
            let others: Vec<_> = others.into_iter().filter_map(|blocks| spawn(blocks).ok()).collect();
            let mut parts = vec![work(mine)];
            let done = others.into_iter().map(|other| other.join().unwrap_or_else(|cause| panic::resume_unwind(cause)));
            parts.extend(done);
            parts
        });
        for (part, blocks) in parts {
            forks.push(blocks);
            match &mut gathered {
                None => gathered = Some(part),
                Some(sum) => sum.add(part),
            }
        }
    }
    let sound = blocks.join(&forks);
    memory.extend(forks.into_iter().map(Blocks::into_memory));
    gathered.filter(|_| sound)
}

/// The next shard that nobody has taken, and its position; none if what was read is damaged, so that all is in vain.
fn take<'s, 'a>(shards: &'s [Block<'a>], next: &AtomicUsize, blocks: &Blocks<'_>) -> Option<(usize, &'s Block<'a>)> {
    if !blocks.is_sound() {
        // The others need not go on either.
        next.store(shards.len(), Ordering::Relaxed);
        return None;
    }
    let order = next.fetch_add(1, Ordering::Relaxed);
    shards.get(order).map(|shard| (order, shard))
}

/// The list of shards, newest first.
struct List {
    pointer: usize,
    offset: u64,
}

impl List {
    fn of(head: &Block<'_>) -> List {
        List { pointer: header::SHARDS, offset: head.get(header::SHARDS) }
    }

    fn next<'a>(&mut self, blocks: &mut Blocks<'a>) -> Option<Block<'a>> {
        if self.offset == 0 {
            return None;
        }
        // The frames are claimed apart, so that a cut through them leaves the older shards within reach.
        let shard = blocks.claim(self.pointer, 0, self.offset, shard::BASE as u64, "shard of a thread")?;
        (self.pointer, self.offset) = (shard.at + shard::NEXT, shard.get(shard::NEXT));
        Some(shard)
    }
}
