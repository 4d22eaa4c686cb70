//! Looks at a recording's threads at intervals, until somebody says that it is enough or the process ends.
//!
//! The looks come at fixed times, each moved by a random part of the interval, so that they do not fall in step with what the process
//! does at intervals. A look that would come after the next one was due is left out and counted as late. A stack's time
//! is what passed since the look before, so looks that were left out leave no hole.
//!
//! The thread wakes as punctually as it may ([`punctual`]): one that waits until others sleep sees too little of what they do. Looks that
//! come too late for that are counted.
//!
//! A thread that rests is not asked at each look: see [`turns`](super::turns).

use std::{
    io,
    time::{Duration, Instant},
};

use super::{
    samples::{Place, Samples, Seen},
    threads::{Activity, ThreadStates},
    turns::{Turn, Turns},
};
use crate::{
    command::punctual,
    data::profile::{Looks, StackProfile},
    recording::{
        Reading, Recording,
        outside::{OutsideStacks, StackSeen},
    },
};

/// Looks between two checks that the process lives.
const LOOKS_PER_CHECK: u64 = 16;

/// A look that begins by more after it was due may come after the work that it should have seen.
const BEHIND: Duration = Duration::from_micros(50);

/// How to sample.
#[derive(Clone, Copy, Debug)]
pub(in crate::command) struct SamplerOptions {
    /// Mean time between two looks.
    pub(in crate::command) period: Duration,
    /// Whether threads are told apart.
    pub(in crate::command) threads: bool,
    /// Whether to ask where in the kernel threads wait.
    pub(in crate::command) places: bool,
}

/// Why sampling ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::command) enum SamplingEnd {
    /// Somebody said that it was enough.
    Asked,
    /// The process ended, or records to another file.
    ProcessEnded,
}

/// Looks at one recording.
#[derive(Debug)]
pub(in crate::command) struct Sampler {
    stacks: OutsideStacks,
    states: ThreadStates,
    samples: Samples,
    looks: Looks,
    options: SamplerOptions,
    first: Instant,
    last: Option<Instant>,
    cpu_at_start: Option<u64>,
    /// Of each thread in the list: what was seen of it last.
    kept: Vec<Option<Kept>>,
}

/// A thread as it was seen last.
#[derive(Clone, Copy, Debug)]
struct Kept {
    tid: u64,
    place: Place,
    activity: Activity,
    is_cut: bool,
    /// Whether the stack is the same as long as the thread rests.
    is_still: bool,
    turns: Turns,
    /// Time of looks that went by since the thread's last turn ended.
    passed_ns: u64,
    /// Time that its last sample stands for.
    sample_ns: u64,
}

impl Sampler {
    /// Of a recording, whose process is `pid` on this machine, if it is.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub(in crate::command) fn new(
        recording: &Recording,
        pid: Option<u32>,
        options: SamplerOptions,
    ) -> io::Result<Sampler> {
        Ok(Sampler {
            stacks: OutsideStacks::of(recording)?,
            states: ThreadStates::of(pid),
            samples: Samples::default(),
            looks: Looks {
                period_ns: u64::try_from(options.period.as_nanos()).unwrap_or(u64::MAX),
                ..Looks::default()
            },
            options,
            first: Instant::now(),
            last: None,
            cpu_at_start: cpu_ns(),
            kept: Vec::new(),
        })
    }

    /// Looks at intervals until `enough` says so or the process ends.
    ///
    /// # Errors
    /// If the file cannot be read any more.
    pub(in crate::command) fn run(
        &mut self,
        recording: &Recording,
        mut enough: impl FnMut() -> bool,
    ) -> io::Result<SamplingEnd> {
        punctual::be_punctual();
        let mut due = Instant::now();
        let mut wanted = due;
        for number in 0_u64.. {
            if enough() {
                return Ok(SamplingEnd::Asked);
            }
            let gone = self.look(wanted)?;
            let check = gone || self.stacks.is_closed() || number.is_multiple_of(LOOKS_PER_CHECK);
            if check && !recording.writer_is_alive() {
                return Ok(SamplingEnd::ProcessEnded);
            }
            due += self.options.period;
            let now = Instant::now();
            if due < now {
                let late = now.duration_since(due).as_nanos() / self.options.period.as_nanos().max(1) + 1;
                self.looks.late += u64::try_from(late).unwrap_or(u64::MAX);
                due += self.options.period.saturating_mul(u32::try_from(late).unwrap_or(u32::MAX));
            }
            // Moved by up to a quarter of the interval either way.
            let moved = self.options.period.mul_f64(fastrand::f64() / 2.0);
            wanted = (due + moved).checked_sub(self.options.period / 4).unwrap_or(due);
            std::thread::sleep(wanted.saturating_duration_since(now));
        }
        Ok(SamplingEnd::Asked)
    }

    /// Looks once at all threads, which was due at a time. Returns whether one that had a shard is gone.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub(in crate::command) fn look(&mut self, due: Instant) -> io::Result<bool> {
        let begins = Instant::now();
        if self.stacks.begin_look()? {
            self.forget_threads();
        }
        self.kept.resize(self.stacks.threads().len(), None);
        self.states.begin_look();
        let now = Instant::now();
        let Some(last) = self.last.replace(now) else {
            // The first look has nothing to be compared with. It only tells from when on time is known.
            self.first = now;
            self.each_thread(None)?;
            return Ok(false);
        };
        self.looks.looks += 1;
        self.looks.behind += u64::from(is_behind(due, begins));
        self.each_thread(Some(u64::try_from(now.duration_since(last).as_nanos()).unwrap_or(u64::MAX)))
    }

    fn each_thread(&mut self, ns: Option<u64>) -> io::Result<bool> {
        let mut gone = false;
        for index in 0..self.stacks.threads().len() {
            if !self.states.are_known() {
                self.stacks.refresh_thread(index)?;
            }
            let thread = &self.stacks.threads()[index];
            let (tid, is_in_use) = (thread.tid, thread.in_use);
            if let (Some(kept), Some(ns)) = (&mut self.kept[index], ns)
                && is_in_use
                && kept.tid == tid
                && kept.is_served(ns, &mut self.states, &mut self.looks, &mut self.samples)
            {
                continue;
            }
            let mut before = self.kept[index].take();
            if let Some(kept) = before.take_if(|kept| !is_in_use || kept.tid != tid) {
                self.give_what_passed(&kept);
            }
            if !is_in_use {
                continue;
            }
            let (seen, activity) = self.stacks.look(index, || self.states.activity(tid))?;
            let is_gone = activity == Activity::Gone;
            if let Some(kept) = before.take_if(|_| is_gone || seen == StackSeen::Damaged) {
                self.give_what_passed(&kept);
            }
            if is_gone {
                gone = true;
                self.stacks.refresh_thread(index)?;
            } else if let Some(ns) = ns {
                let (mut turns, passed_ns) = before.map_or_else(Default::default, |kept| (kept.turns, kept.passed_ns));
                turns.moved();
                self.kept[index] = self.add(index, seen, activity, ns + passed_ns, turns);
            }
        }
        Ok(gone)
    }

    /// Begins anew with all threads.
    fn forget_threads(&mut self) {
        for kept in std::mem::take(&mut self.kept).iter().flatten() {
            self.give_what_passed(kept);
        }
    }

    /// Gives the time of looks for which the turn of a thread was still to come to what it did when it was seen last, as it will not be
    /// asked any more.
    fn give_what_passed(&mut self, kept: &Kept) {
        if kept.passed_ns > 0 {
            self.looks.weights.grow(kept.sample_ns, kept.passed_ns);
            self.samples.add_again(kept.place, &kept.activity.weights(kept.passed_ns).without_samples());
        }
    }

    /// Adds the stack that was looked at last.
    fn add(&mut self, index: usize, seen: StackSeen, activity: Activity, ns: u64, turns: Turns) -> Option<Kept> {
        let looks = &mut self.looks;
        looks.samples += 1;
        match seen {
            StackSeen::Still => {}
            StackSeen::InMotion => looks.in_motion += 1,
            StackSeen::Damaged => {
                looks.samples -= 1;
                looks.dropped += 1;
                return None;
            }
        }
        looks.cut += u64::from(self.stacks.is_cut());
        let sample_ns = looks.weights.grow(0, ns);
        let thread = &self.stacks.threads()[index];
        let tid = thread.tid;
        let place = (self.options.places && activity == Activity::Waits).then(|| self.states.place(tid)).flatten();
        let thread = self.options.threads.then(|| self.samples.thread(tid, &thread.name));
        // Where it waits may not have been there to be read yet.
        let is_whole = !self.options.places || place.is_some();
        let is_still = seen == StackSeen::Still && activity == Activity::Waits && is_whole;
        let place = self.samples.add(&Seen {
            thread,
            sites: self.stacks.sites(),
            certain: self.stacks.certain(),
            place: place.as_deref(),
            weights: activity.weights(ns),
        });
        Some(Kept { tid, place, activity, is_cut: self.stacks.is_cut(), is_still, turns, passed_ns: 0, sample_ns })
    }

    /// Takes what was seen since the last time, with the functions of a reading of the recording.
    pub(in crate::command) fn take(&mut self, reading: &Reading) -> StackProfile {
        self.forget_threads();
        let mut looks = self.looks;
        looks.watched_ns = self.last.map_or(0, |last| last.duration_since(self.first).as_nanos() as u64);
        let now = cpu_ns();
        looks.sampler_ns = self.cpu_at_start.zip(now).map_or(0, |(start, now)| now.saturating_sub(start));
        self.cpu_at_start = now;
        self.first = self.last.unwrap_or(self.first);
        self.looks = Looks { period_ns: looks.period_ns, ..Looks::default() };
        std::mem::take(&mut self.samples).into_profile(reading, looks)
    }
}

impl Kept {
    /// Whether all is done for the thread at this look: it is not its turn, or nothing has happened in it, so there is nothing to read.
    fn is_served(&mut self, ns: u64, states: &mut ThreadStates, looks: &mut Looks, samples: &mut Samples) -> bool {
        match self.turns.next() {
            Turn::Later => self.passed_ns += ns,
            Turn::Over => {
                self.sample_ns = looks.weights.grow(self.sample_ns, ns);
                samples.add_again(self.place, &self.activity.weights(ns).without_samples());
            }
            Turn::Now if !self.is_still || !states.rests(self.tid) => return false,
            Turn::Now => {
                self.turns.rested();
                looks.samples += 1;
                looks.cut += u64::from(self.is_cut);
                let ns = ns + std::mem::take(&mut self.passed_ns);
                self.sample_ns = looks.weights.grow(0, ns);
                samples.add_again(self.place, &Activity::Waits.weights(ns));
            }
        }
        true
    }
}

/// Whether a look that was due at a time and begins at another comes too late for short work.
fn is_behind(due: Instant, begins: Instant) -> bool {
    begins.saturating_duration_since(due) > BEHIND
}

/// Processor time of this thread.
#[cfg(unix)]
fn cpu_ns() -> Option<u64> {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Some(u64::try_from(time.tv_sec).ok()? * 1_000_000_000 + u64::try_from(time.tv_nsec).ok()?)
}

#[cfg(not(unix))]
fn cpu_ns() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_is_behind_if_it_begins_more_than_50_us_after_it_was_due() {
        let due = Instant::now() + Duration::from_secs(1);
        let micros = Duration::from_micros;
        assert!(!is_behind(due, due - micros(900)), "too early is not too late");
        assert!(!is_behind(due, due + micros(50)));
        assert!(is_behind(due, due + micros(51)));
    }
}
