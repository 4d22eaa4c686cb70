//! The costs of locks and channels that report, beside the originals and hotpath's, each in a process of its own.
//!
//! A figure is the median over the rounds, in which all take turns, of ns per acquisition and release, or per message sent and received.
//! Waits are nobody's cost: so the shapes with two threads compare how long the same work takes.

use std::env;
use std::hint::black_box;
use std::process::{Command, ExitCode};
use std::sync::Barrier;
use std::thread;
use std::time::Instant;

/// What a contender does in a shape, in ns each.
type Measure = fn() -> f64;

/// A shape: its name, its contenders, the original first.
struct Shape {
    name: &'static str,
    contenders: &'static [(&'static str, Measure)],
}

/// Rounds of work that take about 0.2 µs each.
const WORK: u32 = 200;

fn work() {
    for step in 0..WORK {
        black_box(step);
    }
}

/// ns per call of `step`, in so many threads at once: that of the slowest.
fn per_call<S: Sync>(threads: usize, times: u32, state: &S, step: impl Fn(&S) + Sync) -> f64 {
    let start = Barrier::new(threads);
    thread::scope(|scope| {
        let running: Vec<_> = (0..threads)
            .map(|_| {
                let (start, step) = (&start, &step);
                scope.spawn(move || {
                    // The first ones find the row, and warm up.
                    (0..1_000).for_each(|_| step(state));
                    start.wait();
                    let began = Instant::now();
                    (0..times).for_each(|_| step(black_box(state)));
                    began.elapsed().as_nanos() as f64 / f64::from(times)
                })
            })
            .collect();
        running.into_iter().map(|thread| thread.join().expect("no thread panics")).fold(0.0, f64::max)
    })
}

/// The three shapes of a mutex.
macro_rules! mutex {
    ($module:ident, $new:expr, |$lock:ident| $acquire:expr) => {
        mod $module {
            use super::{per_call, work};

            pub(super) fn alone() -> f64 {
                per_call(1, 2_000_000, &$new, |$lock| *$acquire += 1)
            }

            pub(super) fn contended() -> f64 {
                per_call(2, 1_000_000, &$new, |$lock| *$acquire += 1)
            }

            pub(super) fn contended_with_work() -> f64 {
                per_call(2, 200_000, &$new, |$lock| {
                    let mut guard = $acquire;
                    *guard += 1;
                    work();
                    drop(guard);
                    work();
                })
            }
        }
    };
}

mutex!(std_original, std::sync::Mutex::new(0_u64), |lock| lock.lock().expect("not poisoned"));
mutex!(std_perf, perf_runtime::locks::std::Mutex::new(0_u64), |lock| lock.lock().expect("not poisoned"));
mutex!(std_hotpath, hotpath::mutex!(std::sync::Mutex::new(0_u64)), |lock| lock.lock().expect("not poisoned"));
mutex!(parking_lot_original, parking_lot::Mutex::new(0_u64), |lock| lock.lock());
mutex!(parking_lot_perf, perf_runtime::locks::parking_lot::Mutex::new(0_u64), |lock| lock.lock());
mutex!(parking_lot_hotpath, hotpath::mutex!(parking_lot::Mutex::new(0_u64)), |lock| lock.lock());

/// Messages that one thread sends to itself.
macro_rules! messages {
    ($name:ident, $channel:expr) => {
        fn $name() -> f64 {
            let (sender, receiver) = $channel;
            let mut times = 0_u32;
            let began = Instant::now();
            while times < 1_000_000 {
                let _ = black_box((sender.send(1_u64), receiver.recv()));
                times += 1;
            }
            began.elapsed().as_nanos() as f64 / f64::from(times)
        }
    };
}

messages!(crossbeam_original, crossbeam_channel::bounded(16));
messages!(crossbeam_perf, perf_runtime::channels::crossbeam::bounded(16));
messages!(crossbeam_hotpath, hotpath::channel!(crossbeam_channel::bounded(16), capacity = 16));

const SHAPES: &[Shape] = &[
    Shape {
        name: "std::sync::Mutex, 1 thread",
        contenders: &[("original", std_original::alone), ("perf", std_perf::alone), ("hotpath", std_hotpath::alone)],
    },
    Shape {
        name: "std::sync::Mutex, 2 threads, nothing but the lock",
        contenders: &[
            ("original", std_original::contended),
            ("perf", std_perf::contended),
            ("hotpath", std_hotpath::contended),
        ],
    },
    Shape {
        name: "std::sync::Mutex, 2 threads, work inside and outside",
        contenders: &[
            ("original", std_original::contended_with_work),
            ("perf", std_perf::contended_with_work),
            ("hotpath", std_hotpath::contended_with_work),
        ],
    },
    Shape {
        name: "parking_lot::Mutex, 1 thread",
        contenders: &[
            ("original", parking_lot_original::alone),
            ("perf", parking_lot_perf::alone),
            ("hotpath", parking_lot_hotpath::alone),
        ],
    },
    Shape {
        name: "parking_lot::Mutex, 2 threads, nothing but the lock",
        contenders: &[
            ("original", parking_lot_original::contended),
            ("perf", parking_lot_perf::contended),
            ("hotpath", parking_lot_hotpath::contended),
        ],
    },
    Shape {
        name: "parking_lot::Mutex, 2 threads, work inside and outside",
        contenders: &[
            ("original", parking_lot_original::contended_with_work),
            ("perf", parking_lot_perf::contended_with_work),
            ("hotpath", parking_lot_hotpath::contended_with_work),
        ],
    },
    Shape {
        name: "crossbeam, bounded, a message in 1 thread",
        contenders: &[("original", crossbeam_original), ("perf", crossbeam_perf), ("hotpath", crossbeam_hotpath)],
    },
];

/// Measures one contender in this process, with what its documentation asks for.
fn child(shape: usize, contender: usize) {
    let (name, measure) = SHAPES[shape].contenders[contender];
    let ns = match name {
        "perf" => {
            perf_runtime::enable();
            measure()
        }
        "hotpath" => {
            let guard = hotpath::HotpathGuardBuilder::new("main").format(hotpath::Format::None).build();
            let ns = measure();
            drop(guard);
            ns
        }
        _ => measure(),
    };
    println!("{ns}");
}

fn measured(shape: usize, contender: usize) -> Result<f64, String> {
    let program = env::current_exe().map_err(|error| format!("cannot find this program: {error}"))?;
    let output = Command::new(program)
        .args(["--child", &shape.to_string(), &contender.to_string()])
        .output()
        .map_err(|error| format!("cannot start a contender: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let said = || format!("a contender said {text:?} and {:?}", String::from_utf8_lossy(&output.stderr));
    text.trim().parse().map_err(|_| said())
}

fn compare(rounds: usize) -> Result<(), String> {
    println!("{:56} {:>9} {:>9} {:>9} {:>9} {:>9}", "ns each", "original", "perf", "times", "hotpath", "times");
    for (number, shape) in SHAPES.iter().enumerate() {
        let mut all = vec![Vec::new(); shape.contenders.len()];
        for _ in 0..rounds {
            for (contender, figures) in all.iter_mut().enumerate() {
                figures.push(measured(number, contender)?);
            }
        }
        let median = |figures: &mut Vec<f64>| {
            figures.sort_by(f64::total_cmp);
            figures[figures.len() / 2]
        };
        let [original, perf, hotpath] = [0, 1, 2].map(|contender| median(&mut all[contender]));
        let (ours, theirs) = (perf / original, hotpath / original);
        println!("{:56} {original:9.1} {perf:9.1} {ours:9.2} {hotpath:9.1} {theirs:9.2}", shape.name);
    }
    Ok(())
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => compare(11),
        ["--rounds", rounds] => match rounds.parse() {
            Ok(rounds) if rounds > 0 => compare(rounds),
            _ => Err(format!("--rounds takes a number from 1 on, and not {rounds:?}")),
        },
        ["--child", shape, contender] => match (shape.parse::<usize>(), contender.parse::<usize>()) {
            (Ok(shape), Ok(contender)) if shape < SHAPES.len() && contender < 3 => {
                child(shape, contender);
                Ok(())
            }
            _ => Err("there is no such contender".to_owned()),
        },
        _ => Err("waits [--rounds N]".to_owned()),
    };
    if let Err(message) = done {
        eprintln!("waits: {message}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
