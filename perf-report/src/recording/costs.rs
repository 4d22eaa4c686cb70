//! What measuring costs, and what it took of a function's time.
//!
//! The cost of a call has a part inside its own duration and a part outside, which falls into its caller's self time. The writer takes
//! what the calls below a call cost out of its duration, which needs to know the call tree. What the call itself costs is taken
//! out here, where it is a number of calls times a cost. (Overhead compensation: A. D. Malony and S. Shende, "Overhead
//! compensation in performance profiling", Euro-Par 2004.)

use super::{blocks::Block, layout::header, sums::Sums};
use crate::{Kind, Overhead, Timing};

/// Costs of each kind of call, in ticks.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Costs {
    timed: Cost,
    adaptive: Cost,
    poll: Cost,
    counted: f64,
    /// How many times what the writer took for the costs they are.
    pub(super) ratio: f64,
}

/// Cost of a call, in ticks.
#[derive(Clone, Copy, Debug, Default)]
struct Cost {
    whole: f64,
    inside: f64,
}

impl Cost {
    fn outside(self) -> f64 {
        (self.whole - self.inside).max(0.0)
    }
}

/// What measuring took of the time of one function's calls, in ticks.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Taken {
    /// Inside one record's duration.
    pub(super) inside: f64,
    /// Inside the durations of all, where those that were not timed are taken to have had it too.
    pub(super) inside_all: f64,
    /// The part of that which was really spent.
    pub(super) spent: f64,
    /// Outside of the durations, per call: part of the callers' self times.
    pub(super) outside: f64,
    /// The part of that which counted calls take. It is not handed up from frame to frame.
    pub(super) outside_counted: f64,
    /// Of self time that counted calls are taken to have had like timed ones: the part that counted calls do not cost.
    pub(super) inside_unseen: f64,
    /// Of all calls the part that was counted and not timed.
    pub(super) counted: f64,
    /// How many times what the writer took for the costs below a call they are.
    pub(super) ratio: f64,
}

impl Costs {
    /// The means of what was found at the start and at the end; before the end, as at the start.
    pub(super) fn of(head: &Block<'_>, ns_per_tick: f64) -> Costs {
        // A cost of more than a millisecond is damage.
        let ps = |at: usize| head.get(at).min(1_000_000_000) as f64;
        let mean = |figure: usize| {
            let start = ps(header::COSTS_AT_START + figure);
            if has_end(head) { (start + ps(header::COSTS_AT_END + figure)) / 2.0 } else { start }
        };
        let figure = |figure| if ns_per_tick > 0.0 { mean(figure) / 1000.0 / ns_per_tick } else { 0.0 };
        let (known, timed) = (ps(header::COSTS_AT_START + header::COST_TIMED), mean(header::COST_TIMED));
        let cost = |whole, inside| Cost { whole: figure(whole), inside: figure(inside) };
        Costs {
            timed: cost(header::COST_TIMED, header::COST_TIMED_INSIDE),
            adaptive: cost(header::COST_ADAPTIVE, header::COST_ADAPTIVE_INSIDE),
            poll: cost(header::COST_POLL, header::COST_POLL_INSIDE),
            counted: figure(header::COST_COUNTED),
            ratio: if known > 0.0 { timed / known } else { 1.0 },
        }
    }

    /// What measuring took of a function's time.
    pub(super) fn taken(&self, kind: Kind, timing: Timing, sums: &Sums) -> Taken {
        let records = sums.records() as f64;
        match (kind, timing) {
            (Kind::Future, _) => {
                let polls_per_call = if records > 0.0 { sums.polls as f64 / records } else { 1.0 };
                Taken {
                    inside: self.poll.inside,
                    inside_all: self.poll.inside * sums.polls as f64,
                    spent: self.poll.inside * sums.polls as f64,
                    outside: self.poll.outside() * polls_per_call,
                    ratio: self.ratio,
                    ..Taken::default()
                }
            }
            (_, Timing::Exact) => Taken {
                inside: self.timed.inside,
                inside_all: self.timed.inside * records,
                spent: self.timed.inside * records,
                outside: self.timed.outside(),
                ratio: self.ratio,
                ..Taken::default()
            },
            (_, Timing::Adaptive) => {
                let all = (sums.timed as f64 + sums.counted as f64).max(1.0);
                let counted = sums.counted as f64 / all;
                Taken {
                    inside: self.adaptive.inside,
                    inside_all: self.adaptive.inside * records,
                    spent: self.adaptive.inside * sums.timed as f64,
                    outside: self.adaptive.outside() * (1.0 - counted) + self.counted * counted,
                    outside_counted: self.counted * counted,
                    inside_unseen: self.adaptive.inside,
                    counted,
                    ratio: self.ratio,
                }
            }
        }
    }
}

fn has_end(head: &Block<'_>) -> bool {
    head.get(header::COSTS_AT_END + header::COST_TIMED) > 0
}

/// The costs as a report tells them.
pub(super) fn overhead(head: &Block<'_>) -> Overhead {
    let ns = |figure: usize| head.get(header::COSTS_AT_START + figure) as f64 / 1000.0;
    Overhead {
        ns_per_timed_call: ns(header::COST_TIMED),
        ns_per_counted_call: ns(header::COST_COUNTED),
        ns_inside_duration: ns(header::COST_TIMED_INSIDE),
        ns_per_adaptive_call: ns(header::COST_ADAPTIVE),
        ns_per_poll: ns(header::COST_POLL),
        ns_per_timed_call_at_end: head.get(header::COSTS_AT_END + header::COST_TIMED) as f64 / 1000.0,
        is_unoptimised: head.get(header::UNOPTIMISED) != 0,
        ..Overhead::default()
    }
}
