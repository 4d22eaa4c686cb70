//! Time and samples, by the state of the threads.

/// The activity of a thread while its stack was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ThreadState {
    /// It ran on a processor.
    Running,
    /// It could have run, and waited for a processor.
    Runnable,
    /// It waited for something else.
    Waiting,
    /// Nobody asked the system, or it did not tell.
    Unknown,
}

impl ThreadState {
    /// All of them, in the order in which weights have them.
    pub(crate) const ALL: [ThreadState; 4] =
        [ThreadState::Running, ThreadState::Runnable, ThreadState::Waiting, ThreadState::Unknown];

    /// Its name in every format.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            ThreadState::Running => "running",
            ThreadState::Runnable => "runnable",
            ThreadState::Waiting => "waiting",
            ThreadState::Unknown => "unknown",
        }
    }
}

/// Time and samples of a node, by the state of the threads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Weights {
    /// Time in ns.
    pub(crate) ns: [u64; 4],
    /// Samples; one that was partly in one state and partly in another counts where most of its time was.
    pub(crate) samples: [u64; 4],
}

impl Weights {
    /// So many samples and so much time in one state.
    pub(crate) fn of(state: ThreadState, ns: u64, samples: u64) -> Weights {
        let mut weights = Weights::default();
        weights.ns[state as usize] = ns;
        weights.samples[state as usize] = samples;
        weights
    }

    pub(crate) fn ns(&self, state: ThreadState) -> u64 {
        self.ns[state as usize]
    }

    /// Time in any state.
    pub(crate) fn all_ns(&self) -> u64 {
        self.ns.iter().fold(0, |sum, &ns| sum.saturating_add(ns))
    }

    /// Samples in any state.
    pub(crate) fn all_samples(&self) -> u64 {
        self.samples.iter().fold(0, |sum, &samples| sum.saturating_add(samples))
    }

    pub(crate) fn is_zero(&self) -> bool {
        *self == Weights::default()
    }

    pub(crate) fn add(&mut self, more: &Weights) {
        let sums = self.ns.iter_mut().chain(&mut self.samples);
        for (sum, more) in sums.zip(more.ns.iter().chain(&more.samples)) {
            *sum = sum.saturating_add(*more);
        }
    }

    /// The time alone: more of what a sample was counted for.
    pub(crate) fn without_samples(self) -> Weights {
        Weights { samples: [0; 4], ..self }
    }

    /// The weight of some states.
    pub(super) fn only(&self, states: &[ThreadState]) -> Weights {
        let mut weights = Weights::default();
        for &state in states {
            weights.add(&Weights::of(state, self.ns(state), self.samples[state as usize]));
        }
        weights
    }
}
