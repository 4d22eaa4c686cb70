//! Looks at the calls in flight in another process, through the file of its recording.
//!
//! A look reads the head of the file, so that new threads are known, and then the frame stack of each thread twice. The process
//! goes on meanwhile. Calls that are the same in both readings were in flight in between: a timed call is known by its start. The
//! innermost call of the first reading was made within the calls around it if these stood still until the second.
//!
//! Nothing is taken into memory but the list of threads, and nothing that is read is trusted: an offset that leads out of the file
//! is no thread, a site that does not exist drops the look at this thread.

use std::{collections::HashSet, fs::File, io};

use super::{
    Recording,
    layout::{ALIGN, WORD_BYTES, frame, header, shard, stacks::DEPTH_COUNT},
    source::read_at,
};

/// Words of the header that a look reads.
const HEAD_LEN: usize = header::THREADS + 1;

/// Words of a shard up to its thread's name.
const SHARD_HEAD_LEN: usize = shard::THREAD_NAME + shard::THREAD_NAME_LEN;

/// Frames that are read beyond the deepest that was seen, so that a stack that grew needs no second read.
const SPARE_FRAMES: usize = 8;

/// The most frames that are looked at.
const MOST_FRAMES: usize = shard::FRAME_COUNT;

/// A thread that has a shard, or had it last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ShardThread {
    pub(crate) tid: u64,
    pub(crate) name: String,
    /// Whether it has the shard still, as far as was looked at.
    pub(crate) in_use: bool,
    /// Absolute offset of the shard.
    at: usize,
    /// Frames that are read at once.
    frames: usize,
}

/// The fields of the file's head that a look needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Head {
    pid: u64,
    is_closed: bool,
    sites: u64,
    shards: u64,
    threads: u64,
}

/// The outcome of two readings of one stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StackSeen {
    /// The calls around the innermost one stood still.
    Still,
    /// Some of them began or ended meanwhile.
    InMotion,
    /// It contradicts itself.
    Damaged,
}

/// A recording whose threads' stacks are looked at.
#[derive(Debug)]
pub(crate) struct OutsideStacks {
    file: File,
    head: Head,
    threads: Vec<ShardThread>,
    bytes: Vec<u8>,
    first: Vec<(u64, u64)>,
    second: Vec<(u64, u64)>,
    /// The sites of the stack that was seen last, from the outermost inwards.
    sites: Vec<u64>,
    /// How many of its outer calls are known to have been in flight when the innermost one was.
    certain: usize,
    is_cut: bool,
}

impl OutsideStacks {
    /// Looks at a recording from now on.
    ///
    /// # Errors
    /// If its file cannot be read.
    pub(crate) fn of(recording: &Recording) -> io::Result<OutsideStacks> {
        let mut stacks = OutsideStacks {
            file: recording.file().try_clone()?,
            head: Head::default(),
            threads: Vec::new(),
            bytes: Vec::new(),
            first: Vec::new(),
            second: Vec::new(),
            sites: Vec::new(),
            certain: 0,
            is_cut: false,
        };
        stacks.begin_look()?;
        Ok(stacks)
    }

    /// Begins a look: reads what is new. Returns whether the list of threads changed.
    ///
    /// # Errors
    /// If the file cannot be read, or was cut.
    pub(crate) fn begin_look(&mut self) -> io::Result<bool> {
        let mut bytes = [0; HEAD_LEN * WORD_BYTES];
        read_at(&self.file, &mut bytes, 0)?;
        let word = |at: usize| u64::from_ne_bytes(*bytes[at * WORD_BYTES..].first_chunk().unwrap_or(&[0; 8]));
        let head = Head {
            pid: word(header::PID),
            is_closed: word(header::STATE) == header::STATE_CLOSED,
            sites: word(header::SITES),
            shards: word(header::SHARDS),
            threads: word(header::THREADS),
        };
        let is_new = (head.shards, head.threads) != (self.head.shards, self.head.threads);
        self.head = head;
        if is_new {
            self.list_threads()?;
        }
        Ok(is_new)
    }

    /// Id of the process that writes.
    pub(crate) fn pid(&self) -> u64 {
        self.head.pid
    }

    /// Whether the process ended in order.
    pub(crate) fn is_closed(&self) -> bool {
        self.head.is_closed
    }

    /// The threads that have shards, or had them last, in the order of their shards.
    pub(crate) fn threads(&self) -> &[ShardThread] {
        &self.threads
    }

    /// Reads anew whose a shard is.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub(crate) fn refresh_thread(&mut self, index: usize) -> io::Result<()> {
        let (at, frames) = (self.threads[index].at, self.threads[index].frames);
        let (_, thread) = self.shard_head(at)?;
        self.threads[index] = ShardThread { frames, ..thread };
        Ok(())
    }

    /// Walks through the list of shards.
    fn list_threads(&mut self) -> io::Result<()> {
        let len = self.file.metadata()?.len() / WORD_BYTES as u64;
        let before: Vec<(usize, usize)> = self.threads.iter().map(|thread| (thread.at, thread.frames)).collect();
        let (mut found, mut seen) = (Vec::new(), HashSet::new());
        let mut next = self.head.shards;
        while next != 0 && seen.insert(next) {
            let is_inside = next.checked_add(shard::LEN as u64).is_some_and(|end| end <= len);
            if !is_inside || !next.is_multiple_of(ALIGN as u64) || next < header::LEN as u64 {
                break;
            }
            let (older, thread) = self.shard_head(next as usize)?;
            found.push(thread);
            next = older;
        }
        for thread in &mut found {
            if let Some(&(_, frames)) = before.iter().find(|before| before.0 == thread.at) {
                thread.frames = frames;
            }
        }
        found.sort_by_key(|thread| thread.at);
        self.threads = found;
        Ok(())
    }

    /// The next older shard, and whose this one is.
    fn shard_head(&self, at: usize) -> io::Result<(u64, ShardThread)> {
        let mut bytes = [0; SHARD_HEAD_LEN * WORD_BYTES];
        read_at(&self.file, &mut bytes, at as u64 * WORD_BYTES as u64)?;
        let word = |at: usize| u64::from_ne_bytes(*bytes[at * WORD_BYTES..].first_chunk().unwrap_or(&[0; 8]));
        let tid = word(shard::TID);
        let name = String::from_utf8_lossy(&bytes[shard::THREAD_NAME * WORD_BYTES..]);
        let name = name.trim_end_matches(['\0', '\u{fffd}']);
        let name = if name.is_empty() { format!("thread {tid}") } else { name.to_owned() };
        let thread = ShardThread { tid, name, in_use: word(shard::IN_USE) != 0, at, frames: SPARE_FRAMES };
        Ok((word(shard::NEXT), thread))
    }

    /// Looks at the stack of a thread. Between the two readings `between` is called: what it finds out belongs to the stack.
    ///
    /// # Errors
    /// If the file cannot be read, or was cut.
    pub(crate) fn look<T>(&mut self, index: usize, between: impl FnOnce() -> T) -> io::Result<(StackSeen, T)> {
        let (mut first, mut second) = (std::mem::take(&mut self.first), std::mem::take(&mut self.second));
        let read = self.frames(index, &mut first);
        let found = between();
        let read = read.and_then(|()| self.frames(index, &mut second));
        let seen = self.compare(&first, &second);
        (self.first, self.second) = (first, second);
        read.map(|()| (seen, found))
    }

    /// The sites of the stack that was seen last, from the outermost call inwards.
    pub(crate) fn sites(&self) -> &[u64] {
        &self.sites
    }

    /// Whether calls between the outer ones and the innermost of that stack were left out, because there were too many.
    pub(crate) fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// How many of its outer calls are known to have been in flight when the innermost one was. The others are to be believed if each
    /// is known to be called by the one before.
    pub(crate) fn certain(&self) -> usize {
        self.certain
    }

    /// Keeps what two readings have in common.
    fn compare(&mut self, first: &[(u64, u64)], second: &[(u64, u64)]) -> StackSeen {
        self.sites.clear();
        self.is_cut = first.len() > DEPTH_COUNT;
        if first.iter().any(|&(site, _)| site == 0 || site > self.head.sites) {
            return StackSeen::Damaged;
        }
        let outer = first.len().saturating_sub(1);
        let still = first.iter().zip(second).take_while(|(one, other)| one == other).count().min(outer);
        // A call that is only counted looks like every other one of its function: below it, all may have changed.
        let timed = first[..still].iter().take_while(|call| call.1 != frame::NOT_TIMED).count();
        self.certain = timed.min(DEPTH_COUNT - 1);
        let kept = first.iter().take(DEPTH_COUNT - 1).chain(first.iter().skip(DEPTH_COUNT - 1).last());
        self.sites.extend(kept.map(|call| call.0));
        if still == outer { StackSeen::Still } else { StackSeen::InMotion }
    }

    /// Reads the calls in flight in a thread: site and start of each, up to the first frame that is empty.
    fn frames(&mut self, index: usize, calls: &mut Vec<(u64, u64)>) -> io::Result<()> {
        calls.clear();
        let thread = &mut self.threads[index];
        let mut wanted = thread.frames;
        loop {
            self.bytes.resize(wanted * frame::LEN * WORD_BYTES, 0);
            let at = thread.at + shard::FRAMES + calls.len() * frame::LEN;
            read_at(&self.file, &mut self.bytes, at as u64 * WORD_BYTES as u64)?;
            for bytes in self.bytes.chunks_exact(frame::LEN * WORD_BYTES) {
                let (words, _) = bytes.as_chunks::<WORD_BYTES>();
                let (site, start) = (u64::from_ne_bytes(words[frame::SITE]), u64::from_ne_bytes(words[frame::START]));
                if start == 0 {
                    thread.frames = thread.frames.max(calls.len() + SPARE_FRAMES).min(MOST_FRAMES);
                    return Ok(());
                }
                calls.push((site, start));
            }
            wanted = MOST_FRAMES.saturating_sub(calls.len()).min(wanted * 2);
            if wanted == 0 {
                thread.frames = MOST_FRAMES;
                return Ok(());
            }
        }
    }
}

#[cfg(all(test, unix))]
mod tests;
