//! From what was gathered of the sites to [`Function`]s, their callers included.

use super::{
    costs::{Costs, Taken},
    layout::{bucket_ceiling, bucket_index},
    scale::Scale,
    shards::{Edge, Gathered},
    sites::Sites,
    sums::Sums,
};
use crate::data::slowest::keep_slowest;
use crate::{Allocations, Caller, Depth, Function, Futures, Kind, Latency, Rows, Statuses, Timing, Transfer};

/// The times of the recording, by its clock.
#[derive(Clone, Copy, Debug)]
pub(super) struct ClockOfCalls {
    pub(super) scale: Scale,
    /// The tick at which it began.
    pub(super) start: u64,
    /// Ticks from then on.
    pub(super) elapsed: u128,
}

/// The functions, and where that of a site id stands among them.
#[derive(Debug)]
pub(super) struct Functions {
    pub(super) list: Vec<Function>,
    /// The time that measuring took of all self times.
    pub(super) measuring_ticks: u128,
    index_of: Vec<Option<usize>>,
}

impl Functions {
    /// Sites in the order of their ids. Those whose description is unreadable have a function if they ran.
    ///
    pub(super) fn of(sites: Sites, gathered: &mut Gathered, clock: ClockOfCalls, costs: &Costs) -> Functions {
        let ClockOfCalls { scale, start, elapsed } = clock;
        let mut described = sites.described.into_iter().peekable();
        let mut functions = Functions {
            list: Vec::with_capacity(described.len()),
            index_of: vec![None; gathered.sums.len()],
            measuring_ticks: 0,
        };
        let mut own = Vec::with_capacity(described.len());
        for id in 1..gathered.sums.len() {
            // Taken, so that what was gathered of a function and the function itself are not both kept to the end.
            let sums = gathered.sums.take(id);
            let mut function = match described.next_if(|site| site.0 == id) {
                Some((_, function)) => function,
                None if sums.is_none() => continue,
                None => Function::new(format!("site {id}")),
            };
            let sums = sums.unwrap_or_else(|| Box::new(Sums::new()));
            let taken = costs.taken(function.kind, function.timing, &sums);
            own.push(OwnTime::new(&sums, taken));
            fill(&mut function, &sums, taken, scale);
            functions.index_of[id] = Some(functions.list.len());
            functions.list.push(function);
        }
        functions.add_slowest(gathered, &own, scale, start);
        functions.add_callers(gathered, &mut own, scale, elapsed);
        functions.bound(&mut own, (elapsed * u128::from(gathered.shards)).saturating_sub(gathered.measuring));
        for (function, own) in functions.list.iter_mut().zip(own) {
            finish(function, own, scale);
            functions.measuring_ticks += own.measuring;
        }
        functions.bound_totals();
        functions
    }

    /// Adds the slowest calls.
    fn add_slowest(&mut self, gathered: &Gathered, own: &[OwnTime], scale: Scale, start: u64) {
        for found in &gathered.slowest {
            let Some(function) = self.index_of(found.site as u64) else { continue };
            let shift = scale.ns(own[function].taken.shift.round() as u128);
            let call = found.call(start, shift, scale, |site| self.index_of(site));
            self.list[function].slowest.push(call);
        }
        self.list.iter_mut().for_each(|function| keep_slowest(&mut function.slowest));
    }

    /// The index of a site id's function.
    pub(super) fn index_of(&self, site: u64) -> Option<usize> {
        usize::try_from(site).ok().and_then(|site| *self.index_of.get(site)?)
    }

    /// The indices of all site ids' functions.
    pub(super) fn places(&self) -> Vec<Option<usize>> {
        self.index_of.clone()
    }

    /// Cuts the estimated self times so that all together are no more than the time that passed in all threads.
    fn bound(&self, own: &mut [OwnTime], passed: u128) {
        let is_estimate = |function: &Function| function.timing == Timing::Adaptive;
        let sum = |estimates: bool, own: &[OwnTime]| -> u128 {
            let of = self.list.iter().zip(own).filter(|one| is_estimate(one.0) == estimates);
            of.fold(0, |sum, one| sum.saturating_add(one.1.ticks))
        };
        let (exact, estimated) = (sum(false, own), sum(true, own));
        let room = passed.saturating_sub(exact);
        if estimated > room {
            for (_, own) in self.list.iter().zip(own).filter(|one| is_estimate(one.0)) {
                let cut = own.ticks - (own.ticks as f64 * (room as f64 / estimated as f64)) as u128;
                own.ticks -= cut;
                own.cut += cut;
            }
        }
    }

    /// Cuts the estimated totals so that no caller's calls of a function take longer than the caller's own.
    ///
    /// A cut of a function may bring cuts of the functions that it calls; after as many rounds as calls are deep, nothing
    /// is left to be cut.
    fn bound_totals(&mut self) {
        const ROUNDS: usize = 32;
        // A lock may be held for longer than the call that releases it takes.
        let is_estimate = |function: &Function| function.timing == Timing::Adaptive && !function.kind.is_beside_calls();
        for _ in 0..ROUNDS {
            let totals: Vec<u64> = self.list.iter().map(|function| function.total_ns).collect();
            let mut is_changed = false;
            for function in self.list.iter_mut().filter(|function| is_estimate(function)) {
                let mut excess = 0;
                for call in &mut function.callers {
                    let most = call.caller.map_or(u64::MAX, |caller| totals[caller]);
                    excess += call.total_ns.saturating_sub(most);
                    call.total_ns = call.total_ns.min(most);
                }
                is_changed |= excess > 0;
                let least = function.self_ns.min(function.total_ns);
                function.total_ns = function.total_ns.saturating_sub(excess).max(least);
            }
            if !is_changed {
                return;
            }
        }
    }

    fn add_callers(&mut self, gathered: &Gathered, own: &mut [OwnTime], scale: Scale, elapsed: u128) {
        let mut edges: Vec<(u64, Edge)> = gathered.edges.iter().map(|(&key, &edge)| (key, edge)).collect();
        edges.sort_unstable_by_key(|edge| edge.0);
        // Code below all annotated calls has the time in which none of these was timed.
        let mut below = OwnTime {
            ticks: (elapsed * u128::from(gathered.shards)).saturating_sub(gathered.outermost),
            ..OwnTime::default()
        };
        for of_caller in edges.chunk_by(|one, other| one.0 >> 32 == other.0 >> 32) {
            let caller = self.index_of(of_caller[0].0 >> 32);
            let of_caller: Vec<(usize, Edge)> = of_caller
                .iter()
                .filter_map(|&(key, edge)| Some((self.index_of(key & u64::from(u32::MAX))?, edge)))
                .collect();
            let unseen: Vec<u128> = of_caller.iter().map(|&(callee, edge)| unseen(edge, own[callee].taken)).collect();
            let all_unseen = unseen.iter().fold(0_u128, |sum, unseen| sum.saturating_add(*unseen));
            let outside: f64 =
                of_caller.iter().map(|&(callee, edge)| own[callee].taken.outside * edge.calls as f64).sum();
            let counted: f64 =
                of_caller.iter().map(|&(callee, edge)| own[callee].taken.outside_counted * edge.calls as f64).sum();
            let time = caller.map_or(&mut below, |caller| &mut own[caller]);
            time.take(outside, outside);
            time.not_handed_up += counted.round() as u128;
            // Of calls that were only counted it is an estimate how long they took, and they took no more than their caller had.
            let cut = all_unseen.saturating_sub(time.ticks);
            time.ticks = time.ticks.saturating_sub(all_unseen);
            if let Some(caller) = caller.filter(|_| all_unseen > 0) {
                self.list[caller].self_sampled = true;
            }
            for (&(callee, edge), unseen) in of_caller.iter().zip(unseen) {
                // Rounded up, so that the whole of it is cut.
                let cut = if cut == 0 { 0 } else { cut.saturating_mul(unseen).div_ceil(all_unseen) };
                own[callee].ticks = own[callee].ticks.saturating_sub(cut);
                own[callee].cut += cut;
                let inside = own[callee].taken.inside * edge.calls as f64;
                let ticks = positive(edge.ticks).saturating_sub(inside.round() as u128).saturating_sub(cut);
                self.list[callee].callers.push(Caller { caller, calls: edge.calls, total_ns: scale.ns(ticks) });
            }
        }
        self.measuring_ticks = below.measuring;
    }
}

/// Self time of a function, as it is being worked out, in ticks.
#[derive(Clone, Copy, Debug, Default)]
struct OwnTime {
    ticks: u128,
    /// The time that measuring took of it.
    measuring: u128,
    /// Estimates that were cut because the callers did not have the time.
    cut: u128,
    /// The time that counting calls of callees took.
    not_handed_up: u128,
    taken: Taken,
}

impl OwnTime {
    fn new(sums: &Sums, taken: Taken) -> OwnTime {
        let mut own = OwnTime { ticks: sums.self_ticks, taken, ..OwnTime::default() };
        own.take(taken.inside_all, taken.spent);
        own
    }

    /// Takes out what measuring took, never more than there is. `spent` is the part that was really spent.
    fn take(&mut self, ticks: f64, spent: f64) {
        let taken = (ticks.round() as u128).min(self.ticks);
        self.ticks -= taken;
        self.measuring += taken.min(spent.round() as u128);
    }
}

/// Self time that a caller has in excess on an edge, without the cost of timing calls that were not timed.
fn unseen(edge: Edge, taken: Taken) -> u128 {
    edge.unseen.saturating_sub((edge.calls as f64 * taken.counted * taken.inside_unseen).round() as u128)
}

/// A sum that may be below 0, because the costs that were subtracted are means.
fn positive(ticks: i128) -> u128 {
    u128::try_from(ticks).unwrap_or(0)
}

/// Fills in all figures that the sums give, without the self time.
fn fill(function: &mut Function, sums: &Sums, taken: Taken, scale: Scale) {
    let shift = scale.ns(taken.shift.round() as u128);
    let is_polled = sums.are_of_polls(function.kind);
    function.latency = Latency::from_buckets(shifted(sums.buckets(), shift));
    (function.calls, function.timed_calls) = match function.timing {
        Timing::Exact => {
            let calls = function.latency.count().saturating_add(sums.unbucketed);
            (calls, calls)
        }
        Timing::Adaptive => (sums.timed.saturating_add(sums.counted), sums.timed),
        Timing::Waits => {
            let timed = function.latency.count().saturating_add(sums.unbucketed);
            (timed.saturating_add(sums.counted), timed)
        }
    };
    function.over_range = sums.over_range;
    function.unwound = sums.unwound;
    function.abandoned = u64::try_from(sums.abandoned).unwrap_or(0);
    let below = (sums.measuring_ticks as f64 * taken.ratio).round() as u128;
    let all = sums.ticks.saturating_sub(below).saturating_sub(taken.inside_all.round() as u128);
    function.sum_ns = scale.ns(all);
    function.measuring_ns = scale.ns(sums.ticks - all);
    function.total_ns = function.sum_ns;
    if sums.nested_ticks != 0 {
        let inner = positive(sums.nested_ticks);
        // Futures' inner times hold what measuring took.
        let whole = if is_polled { sums.ticks } else { sums.ticks.saturating_sub(sums.measuring_ticks) };
        let outermost = whole.saturating_sub(inner);
        let measuring = if is_polled { below as f64 } else { 0.0 } + taken.inside_all;
        // The outermost calls are as many of all as their time is of all time, for want of their number.
        let measuring = measuring * (outermost as f64 / whole.max(1) as f64);
        function.total_ns = scale.ns(outermost.saturating_sub(measuring.round() as u128)).min(function.sum_ns);
    }
    function.min_ns = if sums.shortest == u64::MAX { 0 } else { scale.ns(sums.shortest.into()).saturating_sub(shift) };
    function.max_ns = scale.ns(sums.longest.into()).saturating_sub(shift);
    if is_polled {
        // Locks have other figures in these words.
        let is_future = function.kind == Kind::Future;
        function.futures = Some(Futures {
            started: sums.started,
            cancelled: sums.cancelled,
            polls: sums.polls,
            longest_poll_ns: if is_future { scale.ns(sums.longest_poll.into()).saturating_sub(shift) } else { 0 },
            bytes: if is_future { sums.future_bytes } else { 0 },
            // The word is another one of requests.
            never_polled: if is_future { sums.never_polled } else { 0 },
            busy_ns: scale.ns(positive(sums.busy_ticks).saturating_sub(taken.inside_all.round() as u128)),
        });
    }
    if matches!(function.kind, Kind::Io | Kind::Request | Kind::Client) {
        let [bytes, failed] = sums.transfer;
        function.transfer = Some(Transfer { bytes, failed });
    }
    if matches!(function.kind, Kind::Request | Kind::Client) {
        let [redirections, client_errors, server_errors] = sums.statuses;
        function.statuses = Some(Statuses { redirections, client_errors, server_errors });
    }
    let [sizes, sum] = sums.sizes;
    if sizes > 0 {
        match function.kind {
            Kind::Query => function.rows = Some(Rows { results: sizes, sum, most: sums.largest }),
            Kind::Channel => {
                let (deepest, latest) = (sums.largest, sums.latest.1);
                let capacity = sums.capacity.checked_sub(1);
                function.depth = Some(Depth { messages: sizes, sum, deepest, capacity, latest });
            }
            _ => {}
        }
    }
    if sums.allocations != [0; 4] {
        let [count, bytes, self_count, self_bytes] = sums.allocations;
        function.allocations = Some(Allocations { count, bytes, self_count, self_bytes });
    }
}

/// Buckets of durations that are shorter by so many ns, by rising index.
fn shifted(buckets: impl Iterator<Item = (usize, u64)>, ns: u64) -> impl Iterator<Item = (usize, u64)> {
    let mut buckets = buckets.map(move |(index, count)| match ns {
        0 => (index, count),
        ns => (bucket_index(bucket_ceiling(index).saturating_sub(ns)), count),
    });
    let mut next = buckets.next();
    std::iter::from_fn(move || {
        let (index, mut count) = next?;
        // Those that would be below 0 come together.
        loop {
            next = buckets.next();
            match next {
                Some((same, more)) if same == index => count = count.saturating_add(more),
                _ => return Some((index, count)),
            }
        }
    })
}

/// Whether its sum and its total have its self time in them: not if they are lifetimes.
fn has_own_time(function: &Function) -> bool {
    function.futures.is_none() && !function.kind.is_beside_calls()
}

/// Fills in the figures that need the function's callers.
fn finish(function: &mut Function, own: OwnTime, scale: Scale) {
    function.self_ns = scale.ns(own.ticks);
    function.self_measuring_ns = scale.ns(own.measuring);
    for time in [&mut function.sum_ns, &mut function.total_ns] {
        let least = function.self_ns.min(*time);
        *time = time.saturating_sub(scale.ns(own.not_handed_up)).max(least);
    }
    if function.measuring_ns > 0 && has_own_time(function) {
        // Where measuring cost less than its mean, more may have been taken out of the whole than out of the part.
        function.sum_ns = function.sum_ns.max(function.self_ns);
        function.total_ns = function.total_ns.max(function.self_ns);
    }
    if own.cut > 0 {
        let cut = scale.ns(own.cut);
        function.sum_ns = function.sum_ns.saturating_sub(cut).max(function.self_ns);
        function.total_ns = function.total_ns.saturating_sub(cut).max(function.self_ns);
    }
    // The cost of measuring is known better at the end than when the longest call ended.
    function.bound_extremes();
    if function.timing == Timing::Exact && has_own_time(function) && own.cut == 0 {
        // Of a recursion the outermost calls are the total, and each is in it as it was measured, while the cost that was taken out of
        // them all is a mean: as far as that explains the difference.
        let most = function.total_ns.saturating_add(function.measuring_ns);
        function.total_ns = function.total_ns.max(function.max_ns.min(most));
    }
    function.self_sampled |= function.is_sampled();
    if own.not_handed_up > 0 {
        // Of the total, the cost of counting its callees was taken.
        function.bound_callers();
    }
    function.callers.sort_by_key(|caller| std::cmp::Reverse((caller.total_ns, caller.calls)));
    // Calls counted since the last timed one are in no edge yet. Their caller is, as far as sampling knows, the usual one.
    let attributed = function.callers.iter().fold(0_u64, |sum, caller| sum.saturating_add(caller.calls));
    if let (Timing::Adaptive, Some(usual)) = (function.timing, function.callers.first_mut()) {
        usual.calls += function.calls.saturating_sub(attributed);
    }
}
