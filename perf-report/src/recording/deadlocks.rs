//! Which threads that wait for locks wait for each other.
//!
//! A thread that waits for a lock begins no call and acquires and releases nothing, until it has the lock. So what was read of one that
//! waited before the reading began, and waits still, was so at the moment when the reading began; and if such threads wait for each other,
//! they did so then, and will for ever. That they waited before is seen by the start of the wait.
//!
//! In the copy that a program makes of its own recording, a thread's frames may be a little older than these words. Two threads would have to
//! begin another wait within the copy to be taken for a circle.

use std::collections::{HashMap, HashSet};

use super::{functions::Functions, layout::locks, waiters::Waiter};
use crate::{Deadlock, DeadlockedThread, Kind};

/// How long threads must have waited, so that the reading of the recording has begun since.
const BEFORE_READING_NS: u64 = 1_000_000_000;

/// The circles of threads that wait for each other, each thread in one at most.
///
/// In a recording that nobody writes any more, waits of any length count.
pub(super) fn deadlocks(
    mut waiters: Vec<Waiter>,
    functions: &Functions,
    is_final: bool,
    ns_until_now: impl Fn(u64) -> u64,
) -> Vec<Deadlock> {
    let lock_of = |waiter: &Waiter| {
        let index = functions.index_of(waiter.site)?;
        (functions.list[index].kind == Kind::Lock).then_some(index)
    };
    waiters.retain(|waiter| lock_of(waiter).is_some() && (is_final || ns_until_now(waiter.start) >= BEFORE_READING_NS));
    let described = |&at: &usize| {
        let waiter: &Waiter = &waiters[at];
        Some(DeadlockedThread {
            thread: waiter.thread.clone(),
            tid: waiter.tid,
            lock: lock_of(waiter)?,
            function: functions.index_of(waiter.caller),
            waited_ns: ns_until_now(waiter.start),
        })
    };
    let circles = circles(&waiters);
    circles.iter().map(|circle| Deadlock { threads: circle.iter().filter_map(described).collect() }).collect()
}

/// The circles, as positions of threads, of which each waits for the next one.
fn circles(waiters: &[Waiter]) -> Vec<Vec<usize>> {
    let mut holders: HashMap<u64, Vec<(usize, bool)>> = HashMap::new();
    for (at, waiter) in waiters.iter().enumerate() {
        for &lock in &waiter.held {
            holders.entry(lock & !locks::SHARES).or_default().push((at, lock & locks::SHARES != 0));
        }
    }
    let writers_wait: HashSet<u64> = waiters.iter().filter(|waiter| !waiter.shares).map(|waiter| waiter.lock).collect();
    let in_the_way = |at: usize| {
        let waiter = &waiters[at];
        let held_by = holders.get(&waiter.lock).map_or(&[][..], Vec::as_slice);
        // Readers are in each other's way only by a writer that waits between them.
        let is_read_only = waiter.shares && !writers_wait.contains(&waiter.lock);
        let is_in_the_way =
            move |&&(holder, shares): &&(usize, bool)| (holder != at || !waiter.upgrades) && !(is_read_only && shares);
        held_by.iter().filter(is_in_the_way).map(|holder| holder.0)
    };
    // A walk along who is in whose way. Threads that were left behind lead to no circle, or to one that is known.
    let (mut found, mut is_known) = (Vec::new(), vec![false; waiters.len()]);
    for first in 0..waiters.len() {
        let mut path: Vec<(usize, Vec<usize>)> = Vec::new();
        let mut next = Some(first).filter(|&first| !is_known[first]);
        while let Some(at) = next {
            if let Some(begin) = path.iter().position(|step| step.0 == at) {
                let circle: Vec<usize> = path.drain(begin..).map(|step| step.0).collect();
                circle.iter().for_each(|&thread| is_known[thread] = true);
                found.push(circle);
            } else if !is_known[at] {
                is_known[at] = true;
                path.push((at, in_the_way(at).collect()));
            }
            next = loop {
                let Some((_, rest)) = path.last_mut() else { break None };
                match rest.pop() {
                    Some(holder) => break Some(holder),
                    None => path.pop(),
                };
            };
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Threads with the locks that they hold, and the one that each waits for.
    fn found(threads: &[(&[u64], u64)]) -> Vec<Vec<usize>> {
        let waiters = threads.iter().enumerate().map(|(order, &(held, waits_for))| Waiter {
            order,
            tid: order as u64,
            thread: String::new(),
            site: 1,
            start: 2,
            caller: 0,
            lock: waits_for & !(locks::UPGRADES | locks::SHARES),
            upgrades: waits_for & locks::UPGRADES != 0,
            shares: waits_for & locks::SHARES != 0,
            held: held.to_vec(),
        });
        circles(&waiters.collect::<Vec<_>>())
    }

    #[test]
    fn threads_that_wait_for_each_other_are_a_circle() {
        assert_eq!(found(&[(&[8], 16), (&[16], 8)]), [[0, 1]]);
        assert_eq!(found(&[(&[8], 16), (&[16], 24), (&[24, 32], 8)]), [[0, 1, 2]]);
        // Others wait for those.
        assert_eq!(found(&[(&[], 8), (&[40], 16), (&[8], 16), (&[16], 8), (&[], 40)]), [[2, 3]]);
    }

    #[test]
    fn a_thread_may_wait_for_itself_unless_it_upgrades() {
        assert_eq!(found(&[(&[8], 8)]), [[0]]);
        assert!(found(&[(&[8], 8 | locks::UPGRADES)]).is_empty());
        assert_eq!(found(&[(&[8], 8 | locks::UPGRADES), (&[8, 16], 8 | locks::UPGRADES)]), [[0, 1]]);
    }

    #[test]
    fn a_chain_is_no_circle() {
        assert!(found(&[]).is_empty());
        assert!(found(&[(&[8], 16), (&[16], 24), (&[], 8)]).is_empty());
    }

    #[test]
    fn readers_are_in_each_others_way_only_by_a_writer_that_waits() {
        const R: u64 = locks::SHARES;
        // The first one reads 8 and waits for 16; the second one holds 16 and waits to read 8, as somebody else does something to it.
        assert!(found(&[(&[8 | R], 16), (&[16], 8 | R)]).is_empty());
        // A writer waits for 8, or the first one is one.
        assert_eq!(found(&[(&[8 | R], 16), (&[16], 8 | R), (&[], 8)]), [[0, 1]]);
        assert_eq!(found(&[(&[8], 16), (&[16], 8 | R)]), [[0, 1]]);
        // A reader that reads once more waits for itself as soon as a writer waits.
        assert!(found(&[(&[8 | R], 8 | R)]).is_empty());
        assert_eq!(found(&[(&[8 | R], 8 | R), (&[], 8)]), [[0]]);
    }

    #[test]
    fn every_one_of_several_readers_is_in_the_way() {
        // The second reader of 8 is nobody's business; the first one waits for the writer.
        assert_eq!(found(&[(&[8], 16), (&[8], 24), (&[16], 8)]), [[0, 2]]);
    }

    #[test]
    fn there_may_be_several_circles() {
        assert_eq!(found(&[(&[8], 16), (&[24], 32), (&[16], 8), (&[32], 24)]), [[0, 2], [1, 3]]);
    }
}
