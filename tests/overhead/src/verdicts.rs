//! The promises, each beside the figure that shows whether it holds.

use std::fmt;

use crate::{
    comparison::{HARDER, Results, THREADS, peers},
    process,
    workload::Shape,
};

/// One promise and what was measured.
pub struct Verdict {
    promise: String,
    measured: f64,
    limit: Limit,
}

/// The limit that a measured figure has to keep.
#[derive(Clone, Copy)]
pub enum Limit {
    /// At most that.
    AtMost(f64),
    /// At least that.
    AtLeast(f64),
}

impl Verdict {
    /// Holds a figure against its limit.
    pub fn new(promise: String, measured: f64, limit: Limit) -> Verdict {
        Verdict { promise, measured, limit }
    }

    /// Whether the promise holds.
    pub fn held(&self) -> bool {
        match self.limit {
            Limit::AtMost(limit) => self.measured <= limit,
            Limit::AtLeast(limit) => self.measured >= limit,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.held() { "held  " } else { "MISSED" };
        let (bound, limit) = match self.limit {
            Limit::AtMost(limit) => ("at most", limit),
            Limit::AtLeast(limit) => ("at least", limit),
        };
        let limit = format!("{limit:.2}");
        let limit = limit.trim_end_matches('0').trim_end_matches('.');
        write!(formatter, "{mark} {:>8.2}  {bound:<8} {limit:<5} {}", self.measured, self.promise)
    }
}

/// Prints one line for each.
pub fn print(verdicts: &[Verdict]) {
    for verdict in verdicts {
        println!("{verdict}");
    }
    let missed = verdicts.iter().filter(|verdict| !verdict.held()).count();
    println!("{} of {} promises held.", verdicts.len() - missed, verdicts.len());
}

/// Memory and times of single runs never come out the same twice; up to here they count as the same.
const SAME_MIB: f64 = 0.25;
const SAME_TIME: f64 = 1.1;

/// Judges every promise.
pub fn of(results: &Results) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    let mut promise = |promise: String, measured, limit| verdicts.push(Verdict { promise, measured, limit });

    for threads in THREADS {
        let measured = results.clocks("exact", Shape::Simple, threads);
        promise(format!("times two rdtsc: a timed call, {}", on(threads)), measured, most(Shape::Simple));
    }
    for shape in HARDER {
        let measured = results.clocks("exact", shape, 1);
        promise(format!("times two rdtsc: {}", shape.title()), measured, most(shape));
    }
    let measured = results.clocks_with_allocator("exact");
    promise("times two rdtsc: a timed call, allocations counted".to_owned(), measured, Limit::AtMost(1.3));
    for threads in THREADS {
        let measured = results.wall("adaptive", Shape::Simple, threads);
        promise(format!("ns: a call under adaptive timing, {}", on(threads)), measured, Limit::AtMost(1.3));
    }
    let measured = results.wall("adaptive", Shape::Rotation, 1);
    promise("ns: a call under adaptive timing, 256 functions".to_owned(), measured, Limit::AtMost(1.5));
    let measured = results.wall_with_allocator("adaptive");
    promise("ns: a call under adaptive timing, allocations counted".to_owned(), measured, Limit::AtMost(2.0));
    for threads in THREADS {
        let measured = results.wall("off", Shape::Simple, threads);
        promise(format!("ns: a call while not recording, {}", on(threads)), measured, Limit::AtMost(0.5));
    }
    let [one, two] = THREADS.map(|threads| results.wall("exact", Shape::Simple, threads));
    promise("times one thread: a timed call, 2 threads".to_owned(), two / one, Limit::AtMost(SAME_TIME));

    for peer in peers() {
        let wall = |name, threads| results.wall(name, Shape::Simple, threads);
        let cpu = |name, threads| results.cpu(name, Shape::Simple, threads);
        let least = if peer.name == "hotpath" { 4.0 } else { 2.5 };
        for threads in THREADS {
            let times = wall(peer.name, threads) / wall("exact", threads);
            promise(format!("times less time than {}, {}", peer.title, on(threads)), times, Limit::AtLeast(least));
        }
        if peer.name == "hotpath" {
            for threads in THREADS {
                let times = cpu(peer.name, threads) / cpu("exact", threads);
                promise(format!("times less CPU than {}, {}", peer.title, on(threads)), times, Limit::AtLeast(12.0));
            }
        }
    }

    let plan = &results.plan;
    let resident = |calls| results.resident("exact", calls).unwrap_or(f64::INFINITY);
    promise("MiB above the bare program".to_owned(), resident(plan.many_calls), Limit::AtMost(3.0));
    let growth = resident(plan.many_calls) - resident(plan.some_calls);
    promise("MiB more after ten times the calls".to_owned(), growth, Limit::AtMost(SAME_MIB));
    let [few, many] = plan.short_threads.map(|threads| results.resident_after_threads("exact", threads));
    let [_, threads] = plan.short_threads;
    promise(format!("MiB more after {threads} short threads"), many - few, Limit::AtMost(SAME_MIB));
    promise("µs: first recorded call, 1,000 sites".to_owned(), results.first_call_us(), Limit::AtMost(1000.0));
    let debug = results.debug_parser();
    promise("times a bare parser's debug build, not recording".to_owned(), debug, Limit::AtMost(2.0));
    verdicts
}

/// The most that a timed call may cost in a shape, in units of two bare `rdtsc`.
fn most(shape: Shape) -> Limit {
    Limit::AtMost(match shape {
        // On Intel's processors `rdtsc` itself is cheaper, so that other work shows beside it.
        Shape::Simple | Shape::Turns | Shape::ByType | Shape::Block if process::is_on_intel() => 1.3,
        Shape::Simple | Shape::Turns | Shape::ByType | Shape::Block => 1.05,
        Shape::Recursion => 1.2,
        Shape::Nested | Shape::Rotation | Shape::Ready => 1.3,
        Shape::Varying => 1.4,
    })
}

fn on(threads: usize) -> String {
    format!("{threads} thread{}", if threads == 1 { "" } else { "s" })
}
