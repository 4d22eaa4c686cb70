//! From what was gathered of the sites to [`Function`]s, their callers included.

use super::{
    scale::Scale,
    shards::{Edge, Gathered},
    sites::Sites,
    sums::Sums,
};
use crate::{Allocations, Caller, Function, Futures, Kind, Latency, Timing};

/// The functions, and where that of a site id stands among them.
#[derive(Debug)]
pub(super) struct Functions {
    pub(super) list: Vec<Function>,
    index_of: Vec<Option<usize>>,
}

impl Functions {
    /// Sites in the order of their ids. Those whose description is unreadable have a function if they ran.
    pub(super) fn of(sites: Sites, gathered: &mut Gathered, scale: Scale) -> Functions {
        let mut described = sites.described.into_iter().peekable();
        let mut functions =
            Functions { list: Vec::with_capacity(described.len()), index_of: vec![None; gathered.sums.len()] };
        let mut self_ticks = Vec::with_capacity(described.len());
        for (id, sums) in gathered.sums.iter_mut().enumerate().skip(1) {
            let mut function = match described.next_if(|site| site.0 == id) {
                Some((_, function)) => function,
                None if sums.is_none() => continue,
                None => Function::new(format!("site {id}")),
            };
            self_ticks.push(sums.as_ref().map_or(0, |sums| sums.self_ticks));
            // Taken, so that what was gathered of a function and the function itself are not both kept to the end.
            fill(&mut function, &sums.take().unwrap_or_else(|| Box::new(Sums::new())), scale);
            functions.index_of[id] = Some(functions.list.len());
            functions.list.push(function);
        }
        functions.add_callers(gathered, &mut self_ticks, scale);
        for (function, ticks) in functions.list.iter_mut().zip(self_ticks) {
            finish(function, scale.ns(ticks));
        }
        functions
    }

    /// The index of a site id's function.
    pub(super) fn index_of(&self, site: u64) -> Option<usize> {
        usize::try_from(site).ok().and_then(|site| *self.index_of.get(site)?)
    }

    fn add_callers(&mut self, gathered: &Gathered, self_ticks: &mut [u128], scale: Scale) {
        let mut edges: Vec<(u64, Edge)> = gathered.edges.iter().map(|(&key, &edge)| (key, edge)).collect();
        edges.sort_unstable_by_key(|edge| edge.0);
        for (key, Edge { calls, ticks, unseen }) in edges {
            let (caller, callee) = (self.index_of(key >> 32), self.index_of(key & u64::from(u32::MAX)));
            if let Some(caller) = caller.filter(|_| unseen > 0) {
                self_ticks[caller] = self_ticks[caller].saturating_sub(unseen);
                self.list[caller].self_sampled = true;
            }
            if let Some(callee) = callee {
                self.list[callee].callers.push(Caller { caller, calls, total_ns: scale.ns(ticks) });
            }
        }
    }
}

/// What the sums tell, all but the self time.
fn fill(function: &mut Function, sums: &Sums, scale: Scale) {
    function.latency = Latency::from_buckets(sums.buckets());
    (function.calls, function.timed_calls) = match function.timing {
        Timing::Exact => {
            let calls = function.latency.count().saturating_add(sums.unbucketed);
            (calls, calls)
        }
        Timing::Adaptive => (sums.timed.saturating_add(sums.counted), sums.timed),
    };
    function.over_range = sums.over_range;
    function.unwound = sums.unwound;
    function.abandoned = u64::try_from(sums.abandoned).unwrap_or(0);
    function.sum_ns = scale.ns(sums.ticks);
    function.total_ns = match function.kind {
        Kind::Future => function.sum_ns,
        Kind::Function | Kind::Block => scale.ns(sums.ticks.saturating_sub(sums.nested_ticks)),
    };
    function.min_ns = if sums.shortest == u64::MAX { 0 } else { scale.ns(sums.shortest.into()) };
    function.max_ns = scale.ns(sums.longest.into());
    if function.kind == Kind::Future {
        function.futures = Some(Futures {
            started: sums.started,
            cancelled: sums.cancelled,
            polls: sums.polls,
            busy_ns: scale.ns(sums.busy_ticks),
        });
    }
    if sums.allocations != [0; 4] {
        let [count, bytes, self_count, self_bytes] = sums.allocations;
        function.allocations = Some(Allocations { count, bytes, self_count, self_bytes });
    }
}

/// What can be told when its callers are known.
fn finish(function: &mut Function, self_ns: u64) {
    function.self_ns = self_ns;
    function.self_sampled |= function.is_sampled();
    function.callers.sort_by_key(|caller| std::cmp::Reverse((caller.total_ns, caller.calls)));
    // Calls counted since the last timed one are in no edge yet. Their caller is, as far as sampling knows, the usual one.
    let attributed = function.callers.iter().fold(0_u64, |sum, caller| sum.saturating_add(caller.calls));
    if let (Timing::Adaptive, Some(usual)) = (function.timing, function.callers.first_mut()) {
        usual.calls += function.calls.saturating_sub(attributed);
    }
}
