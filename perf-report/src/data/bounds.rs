//! The order between the figures of one function.
//!
//! The cost of measuring is taken out of sums by means, and means are known better the longer a program runs. So what was taken out of a
//! sum, of a part of it and of a single call, or of a sum at two moments, need not agree to the nanosecond. The whole is what is known
//! best: its parts are held within it.

use super::Function;

/// Which bounds the figures of a function keep. A difference keeps those that both its sides keep.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    extremes: bool,
    total: bool,
    own: bool,
    callers: bool,
}

impl Function {
    /// Holds the longest call within the sum of all, and the shortest within the longest.
    ///
    /// Calls of a future are left as they are: their times are taken from the clock, while the cost of measuring is taken out of polls.
    pub(crate) fn bound_extremes(&mut self) {
        if self.futures.is_none() {
            self.max_ns = self.max_ns.min(self.sum_ns);
            if self.calls > 0 && !self.is_sampled() {
                // The sum was corrected by what is known of the costs at the end.
                self.max_ns = self.max_ns.max(self.sum_ns / self.calls);
            }
            self.min_ns = if self.calls == 1 { self.max_ns } else { self.min_ns.min(self.max_ns) };
        }
    }

    /// Holds the times by caller within the total, each by the same share.
    pub(crate) fn bound_callers(&mut self) {
        let (all, total) = (self.callers_ns(), u128::from(self.total_ns));
        if all > total {
            for caller in &mut self.callers {
                caller.total_ns = (u128::from(caller.total_ns) * total / all) as u64;
            }
        }
    }

    /// The bounds that the figures keep now.
    pub(super) fn bounds(&self) -> Bounds {
        Bounds {
            extremes: self.max_ns <= self.sum_ns,
            total: self.total_ns <= self.sum_ns,
            own: self.self_ns <= self.sum_ns,
            callers: self.callers_ns() <= u128::from(self.total_ns),
        }
    }

    /// Holds the figures within bounds that they kept before something was subtracted from all of them.
    pub(super) fn hold_within(&mut self, kept: Bounds) {
        if kept.extremes {
            self.bound_extremes();
        }
        if kept.total {
            self.total_ns = self.total_ns.min(self.sum_ns);
        }
        if kept.own {
            self.self_ns = self.self_ns.min(self.sum_ns);
        }
        if kept.callers {
            self.bound_callers();
        }
    }

    fn callers_ns(&self) -> u128 {
        self.callers.iter().map(|caller| u128::from(caller.total_ns)).sum()
    }
}
