//! What holds between the figures of one function.
//!
//! The cost of measuring is taken out of sums by means, and means are known better the longer a program runs. So what was taken out of a
//! sum, of a part of it and of a single call, or of a sum at two moments, need not agree to the nanosecond. The whole is what is known
//! best: its parts are held within it.

use super::{Function, Kind, TimeSource};

impl Function {
    /// Holds the longest call within the sum of all, and the shortest within the longest.
    ///
    /// Calls of a future are left as they are: their times may be taken from the clock while the sum counts its polls.
    pub(crate) fn bound_extremes(&mut self) {
        if self.kind != Kind::Future {
            self.max_ns = self.max_ns.min(self.sum_ns);
            self.min_ns = self.min_ns.min(self.max_ns);
        }
    }

    /// Holds the total and the self time within the sum of all calls, where all are of the clock.
    pub(crate) fn bound_parts(&mut self) {
        if self.kind != Kind::Future && self.time_source == TimeSource::Timed {
            self.total_ns = self.total_ns.min(self.sum_ns);
            if !self.self_sampled {
                self.self_ns = self.self_ns.min(self.sum_ns);
            }
        }
    }

    /// Whether the times by caller are within the total.
    pub(crate) fn callers_fit(&self) -> bool {
        self.callers_ns() <= u128::from(self.total_ns)
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

    fn callers_ns(&self) -> u128 {
        self.callers.iter().map(|caller| u128::from(caller.total_ns)).sum()
    }
}
