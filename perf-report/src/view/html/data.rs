//! The data from which the script draws.

use serde::Serialize;

use super::{
    functions::{PERCENTILES, Row},
    monitor::Timeline,
    resources::Life,
};
use crate::{
    Snapshot, Stacks,
    view::{self, measure::Percentile, notes::idle::Annotated, text::escape},
};

/// The data of the page. Rows instead of objects: their names would be most of it.
#[derive(Serialize)]
pub(super) struct Data<'a> {
    /// When recording began, in ms since the epoch; the reader's clock tells the local time.
    started_ms: u64,
    /// How long the process had run before, and how long recording went on, in ns.
    unrecorded: u64,
    recorded: u64,
    quantiles: Vec<f64>,
    /// Source files, which functions refer to.
    files: Vec<String>,
    functions: Vec<Row<'a>>,
    /// Caller (-1: code that is not annotated), callee, calls, ns.
    edges: Vec<(i64, usize, u64, u64)>,
    /// Stacks that were sampled: parent, function (-1: code that is not annotated), samples, ns of each node. A parent comes before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stacks: Vec<(i64, i64, u64, u64)>,
    /// The slowest calls, of each function the slowest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    slowest: Vec<SlowCallRow>,
    /// Function, thread, depth, ns.
    in_flight: Vec<(usize, String, u32, u64)>,
    /// Annotated functions that never ran.
    idle: Vec<usize>,
    resources: Vec<Life>,
    /// The resources' figures.
    resource_notes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    monitor: Option<Timeline>,
}

/// Function, ns, when it ended (in ns since recording began), thread, label, callers outwards, how many more there are.
type SlowCallRow = (usize, u64, u64, String, String, Vec<usize>, u32);

impl<'a> Data<'a> {
    pub(super) fn of(snapshot: &'a Snapshot) -> Data<'a> {
        let mut files: Vec<&str> = snapshot.functions.iter().map(|function| function.file.as_str()).collect();
        files.sort_unstable();
        files.dedup();
        let functions = snapshot.functions.iter().map(|function| Row {
            function,
            file: files.binary_search(&function.file.as_str()).map_or(-1, |index| index as i64),
        });
        let edges = snapshot.functions.iter().enumerate().flat_map(|(callee, function)| {
            let caller = |caller: Option<usize>| caller.map_or(-1, |index| index as i64);
            function.callers.iter().map(move |edge| (caller(edge.caller), callee, edge.calls, edge.total_ns))
        });
        let in_flight = snapshot.in_flight.iter();
        Data {
            unrecorded: snapshot.process.unrecorded_ns,
            recorded: snapshot.process.recorded_ns,
            started_ms: snapshot.process.started_unix_ns / 1_000_000,
            quantiles: PERCENTILES.iter().map(|&billionths| Percentile::new(billionths).quantile()).collect(),
            functions: functions.collect(),
            edges: edges.collect(),
            stacks: snapshot.stacks.as_ref().map_or_else(Vec::new, stacks),
            slowest: slowest(snapshot),
            in_flight: in_flight
                .map(|call| (call.function, escape(&call.thread), call.depth, call.elapsed_ns))
                .collect(),
            idle: Annotated::of(snapshot).idle,
            resources: snapshot.resources.iter().map(Life::of).collect(),
            resource_notes: view::resources::told(snapshot),
            monitor: snapshot.monitor.as_ref().map(Timeline::of),
            files: files.into_iter().map(escape).collect(),
        }
    }
}

fn slowest(snapshot: &Snapshot) -> Vec<SlowCallRow> {
    let functions = snapshot.functions.iter().enumerate();
    let calls = functions.flat_map(|(at, function)| function.slowest.iter().map(move |call| (at, call)));
    calls
        .map(|(function, call)| {
            // Indexes of a snapshot made by hand may lead anywhere.
            let callers = call.callers.iter().copied().filter(|&caller| caller < snapshot.functions.len()).collect();
            let (thread, label) = (escape(&call.thread), escape(&call.label));
            (function, call.ns, call.end_ns, thread, label, callers, call.further_callers)
        })
        .collect()
}

/// The tree of sampled stacks. Nodes that only a snapshot made by hand can have are part of code that is not annotated.
fn stacks(stacks: &Stacks) -> Vec<(i64, i64, u64, u64)> {
    let nodes = stacks.nodes.iter().enumerate();
    nodes
        .map(|(at, node)| {
            let parent = node.parent.filter(|&parent| parent < at).map_or(-1, |parent| parent as i64);
            (parent, node.function.map_or(-1, |function| function as i64), node.samples, node.ns)
        })
        .collect()
}
