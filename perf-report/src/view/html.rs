//! The page: one file with its style, its script and its data in it, that asks for nothing else.
//!
//! What a program named reaches it in two ways, both harmless: through the template, which escapes for HTML, and as JSON in
//! a script element, in which no `<`, `>` or `&` stands as itself. Controls and marks of direction are shown as escapes.

use askama::Template;
use serde::{Serialize, Serializer, ser::SerializeSeq};

use super::{
    measure::Percentile,
    notes,
    text::{escape, plural},
    units,
};
use crate::{ClockSource, Function, Kind, Resource, Snapshot, State, json};

/// Percentiles that the page knows, in billionths.
const PERCENTILES: [u32; 12] = super::detail::PERCENTILES;

/// Bins of a distribution per doubling of the duration: as fine as a chart can show.
const BINS_PER_OCTAVE: f64 = 8.0;

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    version: &'a str,
    program: &'a str,
    state: Option<&'a str>,
    facts: &'a [String],
    tiles: &'a [Tile],
    notes: &'a [String],
    alarming: bool,
    style: &'a str,
    script: &'a str,
    data: &'a str,
}

/// A figure at the top of the page.
struct Tile {
    name: &'static str,
    value: String,
}

/// The page of a snapshot.
pub(crate) fn render(snapshot: &Snapshot) -> String {
    let process = &snapshot.process;
    let program = if process.program.is_empty() { "unnamed program".into() } else { escape(&process.program) };
    let state = match process.state {
        State::Closed => None,
        State::Running => Some("running"),
        State::Killed => Some("killed"),
    };
    let clock = match process.clock.source {
        ClockSource::Tsc => "time stamp counter",
        ClockSource::Cntvct => "generic timer",
        ClockSource::Monotonic => "monotonic clock",
    };
    let facts = [format!("pid {}", process.pid), clock.into()];
    let notes = notes::of(snapshot);
    let losses = &snapshot.losses;
    let alarming = process.state == State::Killed
        || [losses.lost_calls, losses.overflow_calls, losses.unbucketed_calls, losses.unattributed_calls] != [0; 4];
    let page = Page {
        version: env!("CARGO_PKG_VERSION"),
        program: &program,
        state,
        facts: &facts,
        tiles: &tiles(snapshot),
        notes: &notes,
        alarming,
        style: include_str!("../../templates/report.css"),
        script: include_str!("../../templates/report.js"),
        data: &embedded(&json::to_text(&Data::of(snapshot))),
    };
    page.render().expect("the template writes to memory and calls nothing that fails")
}

fn tiles(snapshot: &Snapshot) -> Vec<Tile> {
    let functions = &snapshot.functions;
    let ran = functions.iter().filter(|function| function.calls > 0).count() as u64;
    let calls = functions.iter().fold(0_u64, |sum, function| sum.saturating_add(function.calls));
    let tile = |name, value| Tile { name, value };
    let mut tiles = vec![
        tile("Recorded", units::duration(snapshot.process.recorded_ns)),
        tile("Calls", units::count(calls)),
        tile("Functions that ran", format!("{} of {}", units::count(ran), units::count(functions.len() as u64))),
        tile(plural(snapshot.process.threads, "Thread", "Threads"), units::count(snapshot.process.threads)),
        tile("Cost of a timed call", units::cost(snapshot.overhead.ns_per_timed_call)),
    ];
    if !snapshot.in_flight.is_empty() {
        tiles.push(tile("In flight", units::count(snapshot.in_flight.len() as u64)));
    }
    tiles
}

/// JSON that can stand in a script element: what could end it, or a line of it, is written as an escape.
fn embedded(json: &str) -> String {
    let mut out = String::with_capacity(json.len() + json.len() / 16);
    for character in json.chars() {
        match character {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => out += &format!("\\u{:04x}", u32::from(character)),
            _ => out.push(character),
        }
    }
    out
}

/// What the script draws from. Rows instead of objects: their names would be most of the page.
#[derive(Serialize)]
struct Data<'a> {
    /// When recording began, in ms since the epoch; the reader's clock tells the local time.
    started_ms: u64,
    quantiles: Vec<f64>,
    /// Source files, which functions refer to.
    files: Vec<String>,
    functions: Vec<Row<'a>>,
    /// Caller (-1: code that is not annotated), callee, calls, ns.
    edges: Vec<(i64, usize, u64, u64)>,
    /// Function, thread, depth, ns.
    in_flight: Vec<(usize, String, u32, u64)>,
    resources: Vec<Life>,
}

/// The life of a resource.
#[derive(Serialize)]
struct Life {
    name: String,
    state: &'static str,
    function: Option<usize>,
    first_use: Option<u64>,
    init: u64,
    inits: u64,
    failures: u64,
    accesses: Option<u64>,
    weight: u64,
    evictions: Option<u64>,
    teardown: Option<u64>,
    /// Indices of the resources it uses.
    uses: Vec<usize>,
}

impl Life {
    fn of(resource: &Resource) -> Life {
        Life {
            name: escape(&resource.name),
            state: super::resources::state(resource.state),
            function: resource.function,
            first_use: resource.first_use_ns,
            init: resource.first_init_ns,
            inits: resource.initialisations,
            failures: resource.failures,
            accesses: resource.accesses,
            weight: resource.weight,
            evictions: resource.evictable.then_some(resource.evictions),
            teardown: resource.teardown.map(|teardown| teardown.ns),
            uses: resource.dependencies.iter().map(|dependency| dependency.resource).collect(),
        }
    }
}

impl<'a> Data<'a> {
    fn of(snapshot: &'a Snapshot) -> Data<'a> {
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
            started_ms: snapshot.process.started_unix_ns / 1_000_000,
            quantiles: PERCENTILES.iter().map(|&billionths| Percentile::new(billionths).quantile()).collect(),
            functions: functions.collect(),
            edges: edges.collect(),
            in_flight: in_flight
                .map(|call| (call.function, escape(&call.thread), call.depth, call.elapsed_ns))
                .collect(),
            resources: snapshot.resources.iter().map(Life::of).collect(),
            files: files.into_iter().map(escape).collect(),
        }
    }
}

/// A function. One that never ran has only its first four columns.
struct Row<'a> {
    function: &'a Function,
    file: i64,
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let function = self.function;
        let mut row = serializer.serialize_seq(None)?;
        row.serialize_element(&escape(&function.name))?;
        row.serialize_element(&match function.kind {
            Kind::Function => 0,
            Kind::Future => 1,
            Kind::Block => 2,
        })?;
        row.serialize_element(&if function.file.is_empty() { -1 } else { self.file })?;
        row.serialize_element(&function.line)?;
        if function.calls == 0 || function.latency.buckets().len() == 0 {
            return row.end();
        }
        let flags = u8::from(function.is_sampled()) | u8::from(function.self_sampled) << 1;
        for number in [function.calls, function.timed_calls, function.unwound, flags.into(), function.total_ns] {
            row.serialize_element(&number)?;
        }
        for number in [function.self_ns, function.mean_ns(), function.min_ns, function.max_ns] {
            row.serialize_element(&number)?;
        }
        row.serialize_element(&PERCENTILES.map(|it| function.quantile_ns(Percentile::new(it).quantile())))?;
        row.serialize_element(&bins(function))?;
        if let Some(futures) = function.futures {
            row.serialize_element(&[futures.started, futures.cancelled, futures.polls, futures.busy_ns])?;
        }
        row.end()
    }
}

/// The distribution in bins: the first one's number, then counts, where -n stands for n empty bins.
fn bins(function: &Function) -> Vec<i64> {
    let mut bins: Vec<(i64, u64)> = Vec::new();
    for (ns, calls) in function.latency.buckets() {
        let bin = ((ns.max(1) as f64).log2() * BINS_PER_OCTAVE) as i64;
        match bins.last_mut() {
            Some(last) if last.0 == bin => last.1 = last.1.saturating_add(calls),
            _ => bins.push((bin, calls)),
        }
    }
    let mut out: Vec<i64> = bins.first().map(|first| first.0).into_iter().collect();
    let mut next = out.first().copied().unwrap_or(0);
    for (bin, calls) in bins {
        if bin > next {
            out.push(next - bin);
        }
        out.push(i64::try_from(calls).unwrap_or(i64::MAX));
        next = bin + 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_skip_what_is_empty() {
        let mut function = Function::new("f");
        for (ns, calls) in [(1, 3), (1_024, 5), (1_025, 1), (1_200, 2), (1 << 20, 1)] {
            function.latency.record(ns, calls);
        }
        assert_eq!(bins(&function), [0, 3, -79, 6, 2, -78, 1]);
        assert_eq!(bins(&Function::new("g")), [0_i64; 0]);
    }

    #[test]
    fn data_cannot_leave_its_element() {
        let json = json::to_text(&["</script><!--&\u{2028}\u{2029}\""]);
        let embedded = embedded(&json);
        assert!(!embedded.contains(['<', '>', '&', '\u{2028}', '\u{2029}']), "{embedded}");
        assert_eq!(serde_json::from_str::<[String; 1]>(&embedded).expect("JSON"), ["</script><!--&\u{2028}\u{2029}\""]);
    }
}
