//! The costs of measuring, and the time that it took of a function's.
//!
//! The cost of a call has a part inside its own duration and a part outside, which falls into its caller's self time. The writer takes
//! what the calls below a call cost out of its duration, which needs to know the call tree. The cost of the call itself is taken
//! out here, where it is a number of calls times a cost. (Overhead compensation: A. D. Malony and S. Shende, "Overhead
//! compensation in performance profiling", Euro-Par 2004.)

use super::{blocks::Block, layout::header, sums::Sums};
use crate::{Kind, Overhead, Timing};

/// Costs of each kind of call, in ticks.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Costs {
    /// As the writer knew them when it recorded.
    at_start: Set,
    /// The means of what was found at the start and at the end; before the end, as at the start.
    mean: Set,
    /// How many times what the writer took for the costs they are.
    ratio: f64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Set {
    timed: Cost,
    adaptive: Cost,
    poll: Cost,
    counted: f64,
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

/// The part of the time of one function's calls that measuring took, in ticks.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Taken {
    /// Inside one record's duration, as known at the start. By it single durations are shifted, so that one that was read earlier
    /// can be subtracted later.
    pub(super) shift: f64,
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
    /// As the writer noted them.
    pub(super) fn of(head: &Block<'_>, ns_per_tick: f64) -> Costs {
        // A cost of more than a millisecond is damage.
        let ps = |at: usize| head.get(at).min(1_000_000_000) as f64;
        let set = |ps: &dyn Fn(usize) -> f64| {
            let figure = |figure| if ns_per_tick > 0.0 { ps(figure) / 1000.0 / ns_per_tick } else { 0.0 };
            let cost = |whole, inside| Cost { whole: figure(whole), inside: figure(inside) };
            Set {
                timed: cost(header::COST_TIMED, header::COST_TIMED_INSIDE),
                adaptive: cost(header::COST_ADAPTIVE, header::COST_ADAPTIVE_INSIDE),
                poll: cost(header::COST_POLL, header::COST_POLL_INSIDE),
                counted: figure(header::COST_COUNTED),
            }
        };
        let at_start = set(&|figure| ps(header::COSTS_AT_START + figure));
        let mean = match head.get(header::COSTS_AT_END + header::COST_TIMED) {
            0 => at_start,
            _ => set(&|figure| (ps(header::COSTS_AT_START + figure) + ps(header::COSTS_AT_END + figure)) / 2.0),
        };
        let ratio = if at_start.timed.whole > 0.0 { mean.timed.whole / at_start.timed.whole } else { 1.0 };
        Costs { at_start, mean, ratio }
    }

    /// The part of a function's time that measuring took.
    pub(super) fn taken(&self, kind: Kind, timing: Timing, sums: &Sums) -> Taken {
        let (Costs { at_start, mean, ratio }, records) = (self, sums.records() as f64);
        match (kind, timing) {
            // Held from one reading of the clock to another, with any calls in between.
            // The polls' own cost is in them, and is told by the row of their futures.
            (Kind::Poll, _) => Taken {
                shift: at_start.poll.inside,
                inside: mean.poll.inside,
                inside_all: mean.poll.inside * records,
                ratio: *ratio,
                ..Taken::default()
            },
            (Kind::Hold | Kind::Age | Kind::Wake | Kind::Alone, _) => Taken { ratio: *ratio, ..Taken::default() },
            _ if sums.are_of_polls(kind) => {
                let polls_per_call = if records > 0.0 { sums.polls as f64 / records } else { 1.0 };
                Taken {
                    shift: at_start.poll.inside,
                    inside: mean.poll.inside * polls_per_call,
                    inside_all: mean.poll.inside * sums.polls as f64,
                    spent: mean.poll.inside * sums.polls as f64,
                    outside: mean.poll.outside() * polls_per_call,
                    ratio: *ratio,
                    ..Taken::default()
                }
            }
            (_, Timing::Exact | Timing::Waits) => Taken {
                shift: at_start.timed.inside,
                inside: mean.timed.inside,
                inside_all: mean.timed.inside * records,
                spent: mean.timed.inside * records,
                outside: mean.timed.outside(),
                ratio: *ratio,
                ..Taken::default()
            },
            (_, Timing::Adaptive) => {
                let all = (sums.timed as f64 + sums.counted as f64).max(1.0);
                let counted = sums.counted as f64 / all;
                Taken {
                    shift: at_start.adaptive.inside,
                    inside: mean.adaptive.inside,
                    inside_all: mean.adaptive.inside * records,
                    spent: mean.adaptive.inside * sums.timed as f64,
                    outside: mean.adaptive.outside() * (1.0 - counted) + mean.counted * counted,
                    outside_counted: mean.counted * counted,
                    inside_unseen: mean.adaptive.inside,
                    counted,
                    ratio: *ratio,
                }
            }
        }
    }
}

/// The costs as a report tells them.
pub(super) fn overhead(head: &Block<'_>) -> Overhead {
    let ns = |figure: usize| {
        let [start, end] =
            [header::COSTS_AT_START, header::COSTS_AT_END].map(|at| head.get(at + figure) as f64 / 1000.0);
        if head.get(header::COSTS_AT_END + header::COST_TIMED) == 0 { start } else { f64::midpoint(start, end) }
    };
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
