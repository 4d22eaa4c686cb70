//! From ticks of the writer's clock to nanoseconds.

use super::{blocks::Block, layout::header};

/// Nanoseconds per tick, as a fraction: sums of ticks keep all their digits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    ns: u64,
    ticks: u128,
}

impl Scale {
    /// Shortest interval between two readings of both clocks that gives a better scale than the calibration, in ns.
    const REFINING_NS: u64 = 10_000_000;

    pub(super) fn of(head: &Block<'_>) -> Scale {
        if head.get(header::CLOCK_SOURCE) == header::CLOCK_MONOTONIC {
            return Scale { ns: 1, ticks: 2 };
        }
        let calibrated = Scale { ns: head.get(header::BUCKET_SCALE), ticks: 1 << 64 };
        let refined = Scale {
            ns: head.get(header::LAST_MONOTONIC_NS).saturating_sub(head.get(header::START_MONOTONIC_NS)),
            ticks: head.get(header::LAST_TICK).saturating_sub(head.get(header::START_TICK)).into(),
        };
        // The two differ by more than the calibration's error when the system was suspended, which stops one clock only.
        let ratio = refined.ns_per_tick() / calibrated.ns_per_tick();
        if refined.ns >= Self::REFINING_NS && (0.99..1.01).contains(&ratio) { refined } else { calibrated }
    }

    pub(super) fn ns_per_tick(self) -> f64 {
        self.ns as f64 / self.ticks as f64
    }

    /// Ticks in ns, to the nearest.
    pub(super) fn ns(self, ticks: u128) -> u64 {
        let ns = ticks.saturating_mul(self.ns.into()).saturating_add(self.ticks / 2);
        u64::try_from(ns / self.ticks.max(1)).unwrap_or(u64::MAX)
    }

    /// The tick at a reading of the monotonic clock.
    pub(super) fn tick_at(self, head: &Block<'_>, monotonic_ns: u64) -> u64 {
        let ns = monotonic_ns.saturating_sub(head.get(header::START_MONOTONIC_NS));
        let ticks = u128::from(ns).saturating_mul(self.ticks) / u128::from(self.ns.max(1));
        head.get(header::START_TICK).saturating_add(u64::try_from(ticks).unwrap_or(u64::MAX))
    }
}
