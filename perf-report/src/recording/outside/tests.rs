//! Looks at files whose writer is the test itself, which changes them between the two readings of a look.

use std::{io::Write, os::unix::fs::FileExt};

use super::*;
use crate::recording::tests::support::{Shard, Writer};

/// A recording in a file, and the writer of its words.
struct Written {
    writer: Writer,
    file: tempfile::NamedTempFile,
}

impl Written {
    fn new(writer: Writer) -> Written {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&writer.bytes()).unwrap();
        Written { writer, file }
    }

    fn stacks(&self) -> OutsideStacks {
        OutsideStacks::of(&Recording::open(self.file.path()).unwrap()).unwrap()
    }

    /// Where a word stands that has this value, from a word on.
    fn set(&self, at: usize, value: u64) {
        self.file.as_file().write_all_at(&value.to_ne_bytes(), at as u64 * 8).unwrap();
    }

    /// The place of the newest shard.
    fn shard(&self) -> usize {
        self.writer.words[header::SHARDS] as usize
    }

    fn frame(&self, depth: usize) -> usize {
        self.shard() + shard::FRAMES + depth * frame::LEN
    }
}

/// One thread with calls of these sites, which began at the given ticks.
fn one_thread(calls: &[(u64, u64)]) -> Written {
    let mut writer = Writer::new();
    for name in ["app::main", "app::a", "app::b", "app::c"] {
        writer.function(name);
    }
    let shard = writer.shard(100, "main");
    calls.iter().for_each(|&(site, start)| writer.frame(shard, site, start));
    Written::new(writer)
}

#[test]
fn threads_and_their_stacks_are_read() {
    let mut writer = Writer::new();
    let (main, a) = (writer.function("app::main"), writer.function("app::a"));
    let shards: Vec<Shard> =
        (0..3).map(|number| writer.shard(100 + number, ["main", "", "late"][number as usize])).collect();
    writer.frame(shards[0], main, 10);
    writer.frame(shards[0], a, 20);
    writer.frame(shards[2], main, 30);
    let written = Written::new(writer);
    let mut stacks = written.stacks();
    let names: Vec<(u64, &str)> = stacks.threads().iter().map(|thread| (thread.tid, thread.name.as_str())).collect();
    assert_eq!(names, [(100, "main"), (101, "thread 101"), (102, "late")]);
    assert_eq!((stacks.pid(), stacks.is_closed()), (4242, true));
    let seen: Vec<_> = (0..3).map(|index| (stacks.look(index, || index).unwrap(), stacks.sites().to_vec())).collect();
    let expected = [vec![main, a], vec![], vec![main]];
    assert_eq!(
        seen,
        expected.into_iter().enumerate().map(|(at, sites)| ((StackSeen::Still, at), sites)).collect::<Vec<_>>()
    );
}

#[test]
fn a_thread_that_comes_or_goes_is_noticed() {
    let written = one_thread(&[(1, 10)]);
    let mut stacks = written.stacks();
    assert!(!stacks.begin_look().unwrap(), "nothing is new");
    written.set(written.shard() + shard::IN_USE, 0);
    assert!(stacks.threads()[0].in_use);
    stacks.refresh_thread(0).unwrap();
    assert!(!stacks.threads()[0].in_use);
    // Another thread takes the shard over.
    written.set(written.shard() + shard::IN_USE, 1);
    written.set(written.shard() + shard::TID, 200);
    written.set(header::THREADS, 2);
    assert!(stacks.begin_look().unwrap());
    assert_eq!((stacks.threads()[0].tid, stacks.threads()[0].in_use), (200, true));
}

#[test]
fn the_innermost_call_counts_if_those_around_it_stood_still() {
    let written = one_thread(&[(1, 10), (2, 20), (3, 30)]);
    let mut stacks = written.stacks();
    // The innermost one ends and another begins.
    let (seen, ()) = stacks.look(0, || written.set(written.frame(2) + frame::START, 40)).unwrap();
    assert_eq!((seen, stacks.sites(), stacks.certain()), (StackSeen::Still, &[1, 2, 3][..], 2));
    let (seen, ()) = stacks.look(0, || written.set(written.frame(2) + frame::START, 0)).unwrap();
    assert_eq!((seen, stacks.sites()), (StackSeen::Still, &[1, 2, 3][..]));
}

#[test]
fn outer_calls_that_changed_are_not_certain() {
    let written = one_thread(&[(1, 10), (2, 20), (3, 30)]);
    let mut stacks = written.stacks();
    let (seen, ()) = stacks.look(0, || written.set(written.frame(1) + frame::START, 25)).unwrap();
    assert_eq!((seen, stacks.sites(), stacks.certain()), (StackSeen::InMotion, &[1, 2, 3][..], 1));
    let (seen, ()) = stacks.look(0, || written.set(written.frame(0) + frame::START, 0)).unwrap();
    assert_eq!((seen, stacks.certain()), (StackSeen::InMotion, 0), "the thread has left all of them");
}

#[test]
fn a_call_that_is_only_counted_is_certain_to_be_innermost_alone() {
    let written = one_thread(&[(1, 10), (2, frame::NOT_TIMED), (3, 30), (4, frame::NOT_TIMED)]);
    let mut stacks = written.stacks();
    let (seen, ()) = stacks.look(0, || ()).unwrap();
    assert_eq!((seen, stacks.sites(), stacks.certain()), (StackSeen::Still, &[1, 2, 3, 4][..], 1));
}

#[test]
fn deep_stacks_keep_their_outer_calls_and_the_innermost() {
    for depth in [20, 127, 128, 129, 500, shard::FRAME_COUNT] {
        let mut calls: Vec<(u64, u64)> = (0..depth as u64).map(|call| (2, 10 + call)).collect();
        *calls.last_mut().unwrap() = (4, 9_999);
        let written = one_thread(&calls);
        let mut stacks = written.stacks();
        for _ in 0..2 {
            let (seen, ()) = stacks.look(0, || ()).unwrap();
            assert_eq!((seen, stacks.sites().len()), (StackSeen::Still, depth.min(DEPTH_COUNT)), "{depth}");
            assert_eq!((stacks.is_cut(), stacks.sites().last()), (depth > DEPTH_COUNT, Some(&4)));
        }
    }
}

#[test]
fn what_contradicts_itself_is_no_stack() {
    for site in [0, 5, u64::MAX] {
        let written = one_thread(&[(1, 10), (2, 20)]);
        written.set(written.frame(1) + frame::SITE, site);
        let mut stacks = written.stacks();
        assert_eq!(stacks.look(0, || ()).unwrap().0, StackSeen::Damaged, "site {site}");
        assert_eq!(stacks.sites(), [0_u64; 0]);
    }
}

#[test]
fn a_damaged_list_of_threads_ends_where_it_leads_out() {
    for next in [1, 8, 1 << 40, u64::MAX, u64::MAX - 7] {
        let written = one_thread(&[(1, 10)]);
        written.set(written.shard() + shard::NEXT, next);
        assert_eq!(written.stacks().threads().len(), 1, "{next}");
        written.set(header::SHARDS, next);
        assert_eq!(written.stacks().threads().len(), 0, "{next}");
    }
    // A circle.
    let written = one_thread(&[(1, 10)]);
    written.set(written.shard() + shard::NEXT, written.shard() as u64);
    assert_eq!(written.stacks().threads().len(), 1);
}

#[test]
fn a_file_that_is_cut_is_an_error() {
    let written = one_thread(&[(1, 10)]);
    let mut stacks = written.stacks();
    written.file.as_file().set_len(written.frame(3) as u64 * 8).unwrap();
    assert_eq!(stacks.look(0, || ()).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    written.file.as_file().set_len(40).unwrap();
    assert_eq!(stacks.begin_look().unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
}

#[test]
fn random_words_are_survived() {
    let mut random = fastrand::Rng::with_seed(5);
    for _ in 0..300 {
        let written = one_thread(&[(1, 10), (2, 20), (3, 30)]);
        for _ in 0..random.usize(1..40) {
            let at = random.usize(3..written.writer.words.len());
            let value = random.u64(..) >> random.u32(0..64);
            written.set(at, value);
        }
        // The first two words after the checksum may say anything, and the list lead anywhere.
        written.set(header::SHARDS, random.u64(0..written.writer.words.len() as u64 * 2) & !7);
        let Ok(mut stacks) = OutsideStacks::of(&Recording::open(written.file.path()).unwrap()) else { continue };
        for index in 0..stacks.threads().len() {
            if let Ok((seen, ())) = stacks.look(index, || ()) {
                assert!(stacks.sites().len() <= DEPTH_COUNT && stacks.certain() <= stacks.sites().len(), "{seen:?}");
            }
        }
    }
}
