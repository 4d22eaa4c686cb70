//! The stacks of a watched process, looked at between two refreshes.
//!
//! A thread of its own looks, so that the time between refreshes makes no difference: few times a second, because what
//! is shown is where the process is now, and not shares to a tenth of a percent.

use std::{
    sync::{Arc, Mutex, PoisonError, Weak},
    thread,
    time::{Duration, Instant},
};

use crate::{
    command::{
        flame::sampler::{Sampler, SamplerOptions},
        punctual,
    },
    data::profile::StackProfile,
    recording::{Reading, Recording},
};

/// Time between two looks: 99 a second, in step with nothing.
const PERIOD: Duration = Duration::from_nanos(10_101_010);

/// Looks at the stacks of one process, until it is dropped.
#[derive(Debug)]
pub(crate) struct StackWatch(Arc<Mutex<Sampler>>);

impl StackWatch {
    /// Begins to look. `pid` is the process's id on this machine, if it is there. `None` if its stacks cannot be looked at.
    pub(crate) fn start(recording: &Recording, pid: Option<u32>) -> Option<StackWatch> {
        let options = SamplerOptions { period: PERIOD, threads: false, places: false };
        let sampler = Arc::new(Mutex::new(Sampler::new(recording, pid, options).ok()?));
        let looked_at = Arc::downgrade(&sampler);
        // Where there is no room for a thread, `top` does without stacks.
        thread::Builder::new().name("stacks".into()).spawn(move || look(&looked_at)).ok()?;
        Some(StackWatch(sampler))
    }

    /// The stacks that were seen since the last time; `None` if there were none.
    pub(crate) fn take(&self, reading: &Reading) -> Option<StackProfile> {
        let profile = self.0.lock().unwrap_or_else(PoisonError::into_inner).take(reading);
        (profile.looks.looks > 0).then_some(profile)
    }
}

/// Looks until nobody has the sampler any more, or the file can no longer be read.
fn look(sampler: &Weak<Mutex<Sampler>>) {
    punctual::be_punctual();
    let mut due = Instant::now();
    while let Some(sampler) = sampler.upgrade() {
        if sampler.lock().unwrap_or_else(PoisonError::into_inner).look(due).is_err() {
            return;
        }
        drop(sampler);
        let pause = PERIOD.mul_f64(0.75 + fastrand::f64() / 2.0);
        due = Instant::now() + pause;
        thread::sleep(pause);
    }
}
