//! JSON for programs that ask.

use serde::Serialize;

use super::{follow::Followed, recordings::Recordings};
use crate::{Process, Snapshot, State, json};

/// A recording that can be asked for.
#[derive(Serialize)]
struct Listed<'a> {
    recording: &'a str,
    process: &'a Process,
    calls_in_flight: usize,
    damaged_places: u64,
    /// Why its figures are old.
    problem: Option<&'a str>,
}

/// All recordings.
pub(super) fn recordings(recordings: &Recordings) -> String {
    let listed = |followed| {
        let Followed { name, latest, damages, problem, .. }: &Followed = followed;
        Listed {
            recording: name,
            process: &latest.process,
            calls_in_flight: latest.in_flight.len(),
            damaged_places: *damages,
            problem: problem.as_deref(),
        }
    };
    json::to_text(&recordings.iter().map(listed).collect::<Vec<_>>())
}

/// The functions with most self time lately.
#[derive(Serialize)]
struct Top<'a> {
    recording: &'a str,
    state: State,
    /// The time that the rates and shares cover, in ns; absent for the whole recording.
    rates_ns: Option<u64>,
    /// The time that the percentiles cover.
    percentiles_ns: Option<u64>,
    /// All functions, also those that are not listed.
    all_functions: usize,
    functions: Vec<Active<'a>>,
}

/// A function. Shares are of one core's time; durations are in ns.
#[derive(Serialize)]
struct Active<'a> {
    name: &'a str,
    module: &'a str,
    calls: u64,
    calls_per_second: f64,
    time_share: f64,
    self_share: f64,
    p50_ns: Option<u64>,
    p99_ns: Option<u64>,
    max_ns: Option<u64>,
    in_flight: u64,
    oldest_ns: u64,
    /// Whether durations are estimates.
    estimated: bool,
}

/// The functions that run now.
pub(super) fn top(followed: &mut Followed, limit: usize) -> String {
    let moment = followed.moment();
    let mut functions: Vec<Active<'_>> = moment
        .snapshot
        .functions
        .iter()
        .zip(&moment.activities)
        .filter(|(function, activity)| function.calls > 0 || activity.in_flight > 0)
        .map(|(function, activity)| Active {
            name: &function.name,
            module: &function.module,
            calls: activity.calls,
            calls_per_second: activity.rate,
            time_share: activity.time,
            self_share: activity.self_time,
            p50_ns: activity.p50,
            p99_ns: activity.p99,
            max_ns: activity.max,
            in_flight: activity.in_flight,
            oldest_ns: activity.oldest_ns,
            estimated: activity.sampled || activity.self_sampled,
        })
        .collect();
    let all_functions = functions.len();
    functions.sort_by(|a, b| b.self_share.total_cmp(&a.self_share).then(b.calls.cmp(&a.calls)));
    functions.truncate(limit);
    json::to_text(&Top {
        recording: &followed.name,
        state: moment.snapshot.process.state,
        rates_ns: moment.rates_ns,
        percentiles_ns: moment.recent_ns,
        all_functions,
        functions,
    })
}

/// The stacks of calls, as names from the outermost call inwards.
#[derive(Serialize)]
struct StackTree<'a> {
    /// The calls in flight, by thread.
    now: Vec<Thread<'a>>,
    /// The stacks of the last minute, as seen from outside; else those that the process sampled of itself since the recording began; absent
    /// if there are none.
    sampled: Option<Sampled<'a>>,
}

#[derive(Serialize)]
struct Thread<'a> {
    thread: &'a str,
    tid: u64,
    stack: Vec<&'a str>,
    /// How long each call has run, in ns.
    elapsed_ns: Vec<u64>,
}

#[derive(Serialize)]
struct Sampled<'a> {
    samples: u64,
    period_ns: u64,
    stacks: Vec<Stack<'a>>,
}

#[derive(Serialize)]
struct Stack<'a> {
    stack: Vec<&'a str>,
    samples: u64,
    ns: u64,
}

/// The stacks of a process.
pub(super) fn stacks(snapshot: &Snapshot) -> String {
    let name = |function: usize| snapshot.functions.get(function).map_or("", |function| function.name.as_str());
    let mut now: Vec<Thread<'_>> = Vec::new();
    for call in &snapshot.in_flight {
        match now.last_mut().filter(|last| last.tid == call.tid && last.thread == call.thread && call.depth > 0) {
            Some(thread) => {
                thread.stack.push(name(call.function));
                thread.elapsed_ns.push(call.elapsed_ns);
            }
            None => now.push(Thread {
                thread: &call.thread,
                tid: call.tid,
                stack: vec![name(call.function)],
                elapsed_ns: vec![call.elapsed_ns],
            }),
        }
    }
    let sampled = snapshot.stacks.as_ref().map(|stacks| Sampled {
        samples: stacks.samples,
        period_ns: stacks.period_ns,
        stacks: (0..stacks.nodes.len())
            .filter(|&node| stacks.nodes[node].samples > 0)
            .map(|node| {
                let mut stack: Vec<&str> = stacks.chain(node).map(name).collect();
                stack.reverse();
                Stack { stack, samples: stacks.nodes[node].samples, ns: stacks.nodes[node].ns }
            })
            .collect(),
    });
    json::to_text(&StackTree { now, sampled })
}
