//! Runs the measuring processes in turns, and keeps what they say.

use std::{
    collections::HashMap,
    env, io,
    process::{Command, Stdio},
    str::FromStr,
};

use crate::{
    contenders::{ALL, Contender, Role},
    figures::{Calls, DebugParser, Startup, Threads},
    workload::Shape,
};

/// How much is measured.
#[derive(Clone, Copy)]
pub struct Plan {
    /// Rounds over all contenders.
    pub rounds: usize,
    /// Calls of each thread in a run for time.
    pub calls: u64,
    /// Calls of the first run for memory.
    pub some_calls: u64,
    /// Calls of the second run for memory, only of contenders that should not grow.
    pub many_calls: u64,
    /// Short threads in the first and the second run for them.
    pub short_threads: [usize; 2],
}

impl Plan {
    /// The plan that the promises are measured with.
    pub const FULL: Plan = Plan {
        rounds: 7,
        calls: 5_000_000,
        some_calls: 10_000_000,
        many_calls: 100_000_000,
        short_threads: [20, 10_000],
    };

    /// Enough to see that everything runs.
    pub const QUICK: Plan =
        Plan { rounds: 1, calls: 200_000, some_calls: 100_000, many_calls: 1_000_000, short_threads: [20, 200] };
}

/// The numbers of threads that calls are timed with.
pub const THREADS: [usize; 2] = [1, 2];
/// The shapes beside [`Shape::Simple`].
pub const HARDER: [Shape; 8] = [
    Shape::Turns,
    Shape::ByType,
    Shape::Block,
    Shape::Nested,
    Shape::Rotation,
    Shape::Varying,
    Shape::Recursion,
    Shape::Ready,
];
/// The contenders that are measured in harder shapes, those of them that they have.
pub const IN_HARDER: [&str; 4] = ["bare", "rdtsc", "exact", "adaptive"];

/// Everything measured. The accessors give medians over the rounds; net means without the bare call of the same round.
pub struct Results {
    /// The plan that the user asked for.
    pub plan: Plan,
    calls: HashMap<(&'static str, Shape, usize), Vec<Calls>>,
    /// One function and one thread, in the program that installs the counting allocator.
    allocator_calls: HashMap<&'static str, Vec<Calls>>,
    resident: HashMap<(&'static str, u64), u64>,
    short_threads: HashMap<(&'static str, usize), u64>,
    startup: Vec<Startup>,
    debug_parser: Vec<DebugParser>,
}

impl Results {
    /// Elapsed ns per call, net.
    pub fn wall(&self, name: &'static str, shape: Shape, threads: usize) -> f64 {
        self.median_net(name, shape, threads, |calls| calls.wall_ns)
    }

    /// Processor ns per call, net.
    pub fn cpu(&self, name: &'static str, shape: Shape, threads: usize) -> f64 {
        self.median_net(name, shape, threads, |calls| calls.cpu_ns)
    }

    /// Net elapsed time in units of two bare clock reads in the same round, shape and number of threads.
    pub fn clocks(&self, name: &'static str, shape: Shape, threads: usize) -> f64 {
        let wall = |calls: &Calls| calls.wall_ns;
        let contender = self.net(name, shape, threads, wall);
        let clock = self.net("rdtsc", shape, threads, wall);
        median(contender.zip(clock).map(in_clocks))
    }

    /// Net elapsed ns per call where the counting allocator is installed.
    pub fn wall_with_allocator(&self, name: &'static str) -> f64 {
        median(net_of(&self.allocator_calls[name], &self.allocator_calls["bare"], |calls| calls.wall_ns))
    }

    /// The same in units of two bare clock reads in that program.
    pub fn clocks_with_allocator(&self, name: &'static str) -> f64 {
        let net =
            |name| net_of(&self.allocator_calls[name], &self.allocator_calls["bare"], |calls: &Calls| calls.wall_ns);
        median(net(name).zip(net("rdtsc")).map(in_clocks))
    }

    /// Resident MiB above the bare program's after as many calls; `None` where it was not measured.
    pub fn resident(&self, name: &'static str, calls: u64) -> Option<f64> {
        let bare = self.resident.get(&("bare", calls))?;
        let contender = self.resident.get(&(name, calls))?;
        Some(mib(*contender) - mib(*bare))
    }

    /// Resident MiB above the bare program's after as many short threads.
    pub fn resident_after_threads(&self, name: &'static str, threads: usize) -> f64 {
        mib(self.short_threads[&(name, threads)]) - mib(self.short_threads[&("bare", threads)])
    }

    /// From the decision to record to the end of the first call, in µs.
    pub fn first_call_us(&self) -> f64 {
        median(self.startup.iter().map(|startup| startup.first_call_us))
    }

    /// How many times longer the debug build of the annotated parser takes.
    pub fn debug_parser(&self) -> f64 {
        median(self.debug_parser.iter().map(|run| run.annotated_ms / run.plain_ms))
    }

    fn median_net(&self, name: &'static str, shape: Shape, threads: usize, figure: fn(&Calls) -> f64) -> f64 {
        median(self.net(name, shape, threads, figure))
    }

    /// A figure less that of the bare call, round by round.
    fn net(
        &self,
        name: &'static str,
        shape: Shape,
        threads: usize,
        figure: fn(&Calls) -> f64,
    ) -> impl Iterator<Item = f64> + '_ {
        net_of(&self.calls[&(name, shape, threads)], &self.calls[&("bare", shape, threads)], figure)
    }
}

/// A figure less that of the bare call, round by round.
fn net_of<'a>(contender: &'a [Calls], bare: &'a [Calls], figure: fn(&Calls) -> f64) -> impl Iterator<Item = f64> + 'a {
    contender.iter().zip(bare).map(move |(contender, bare)| figure(contender) - figure(bare))
}

/// Measures everything.
///
/// # Errors
///
/// A measuring process could not be started, failed, or printed no figures.
pub fn run(plan: &Plan) -> io::Result<Results> {
    let mut results = Results {
        plan: *plan,
        calls: HashMap::new(),
        allocator_calls: HashMap::new(),
        resident: HashMap::new(),
        short_threads: HashMap::new(),
        startup: Vec::new(),
        debug_parser: Vec::new(),
    };
    for round in 0..plan.rounds {
        eprintln!("time: round {} of {}", round + 1, plan.rounds);
        time(plan, round, &mut results)?;
    }
    memory(plan, &mut results)?;
    eprintln!("debug build of an annotated parser");
    for _ in 0..plan.rounds {
        results.debug_parser.push(debug_parser()?);
    }
    Ok(results)
}

/// One run of every contender, beginning with another one in each round.
fn time(plan: &Plan, round: usize, results: &mut Results) -> io::Result<()> {
    let mut runs = Vec::new();
    for threads in THREADS {
        runs.extend(ALL.iter().map(|contender| (contender.name, Shape::Simple, threads)));
    }
    for shape in HARDER {
        runs.extend(in_shape(shape).map(|contender| (contender.name, shape, 1)));
    }
    let first = round * runs.len() / plan.rounds;
    runs.rotate_left(first);
    for (name, shape, threads) in runs {
        let figures = calls(name, shape, threads, plan.calls)?;
        results.calls.entry((name, shape, threads)).or_default().push(figures);
    }
    for name in IN_HARDER {
        let figures = with_allocator(name, plan.calls)?;
        results.allocator_calls.entry(name).or_default().push(figures);
    }
    results.startup.push(measure(&["startup"])?);
    Ok(())
}

fn memory(plan: &Plan, results: &mut Results) -> io::Result<()> {
    for contender in &ALL {
        eprintln!("memory: {}", contender.title);
        for calls_made in [plan.some_calls, plan.many_calls] {
            if calls_made == plan.some_calls || !contender.grows {
                let figures = calls(contender.name, Shape::Simple, 1, calls_made)?;
                results.resident.insert((contender.name, calls_made), figures.resident_kib);
            }
        }
    }
    for name in ["bare", "exact"] {
        for count in plan.short_threads {
            let Threads { resident_kib } = measure(&["short-threads", name, "--count", &count.to_string()])?;
            results.short_threads.insert((name, count), resident_kib);
        }
    }
    Ok(())
}

fn calls(name: &str, shape: Shape, threads: usize, calls: u64) -> io::Result<Calls> {
    let shape = clap::ValueEnum::to_possible_value(&shape).map_or(String::new(), |value| value.get_name().to_owned());
    let [threads, calls] = [threads.to_string(), calls.to_string()];
    measure(&["calls", name, "--shape", &shape, "--threads", &threads, "--calls", &calls])
}

/// One function, called in the program that installs the counting allocator. Cargo builds it at the first call.
fn with_allocator(name: &str, calls: u64) -> io::Result<Calls> {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let mut command = cargo();
    command.args(["run", "--quiet", "--locked", "--release", "--manifest-path", manifest]);
    command.args(["--features", "allocations", "--bin", "with-allocator", "--"]);
    figures(command.args(["calls", name, "--calls", &calls.to_string()]))
}

fn measure<F: FromStr<Err = String>>(arguments: &[&str]) -> io::Result<F> {
    figures(Command::new(env::current_exe()?).args(arguments))
}

/// Builds the parser as its author would while working on it, and runs its suite.
fn debug_parser() -> io::Result<DebugParser> {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/debug-parser/Cargo.toml");
    figures(cargo().args(["run", "--quiet", "--locked", "--manifest-path", manifest]))
}

fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs a command without the variables that steer a contender, and reads its line.
fn figures<F: FromStr<Err = String>>(command: &mut Command) -> io::Result<F> {
    let output = without_wishes(command).stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(io::Error::other(format!("{command:?} ended with {}", output.status)));
    }
    String::from_utf8_lossy(&output.stdout).parse().map_err(|error| io::Error::other(format!("{command:?}: {error}")))
}

/// The command without the variables that steer a contender.
pub fn without_wishes(command: &mut Command) -> &mut Command {
    for (variable, _) in env::vars_os() {
        let steers = |prefix: &str| variable.to_str().is_some_and(|variable| variable.starts_with(prefix));
        if steers("PERF_") || steers("HOTPATH_") {
            command.env_remove(&variable);
        }
    }
    command
}

fn mib(kib: u64) -> f64 {
    kib as f64 / 1024.0
}

/// A net time in units of the net time of two clock reads. Where these seem to take no time, the bare program was disturbed, and it is
/// infinite: no promise holds by accident.
fn in_clocks((contender, clock): (f64, f64)) -> f64 {
    if clock > 0.0 { contender / clock } else { f64::INFINITY }
}

/// The middle one.
pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len().is_multiple_of(2) { (values[middle - 1] + values[middle]) / 2.0 } else { values[middle] }
}

/// The contenders that are measured in a harder shape.
pub fn in_shape(shape: Shape) -> impl Iterator<Item = &'static Contender> {
    ALL.iter().filter(move |contender| IN_HARDER.contains(&contender.name) && contender.blocks.of(shape).is_some())
}

/// The peers.
pub fn peers() -> impl Iterator<Item = &'static Contender> {
    ALL.iter().filter(|contender| contender.role == Role::Peer)
}
