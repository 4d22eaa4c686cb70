//! The cost of an access to a ready resource, beside others that keep a value that is made at first use.
//!
//! Every contender reads the same word of a value of the same type, in batches that take turns; the figure is the median
//! over the rounds of the median batch, for one thread and for two at once. `--strict` makes a missed limit the exit status.

use std::hint::black_box;
use std::process::ExitCode;
use std::sync::{Arc, Barrier, LazyLock, OnceLock};
use std::thread;
use std::time::Instant;

use arc_swap::ArcSwap;
use perf_runtime::lazy_resource;

const CALLS: usize = 20_000;
const BATCHES: usize = 40;
const ROUNDS: usize = 15;

struct Value {
    word: u64,
    _rest: [u64; 7],
}

fn value() -> Value {
    Value { word: black_box(1), _rest: [0; 7] }
}

static LAZY_LOCK: LazyLock<Value> = LazyLock::new(value);
static ONCE_LOCK: OnceLock<Value> = OnceLock::new();
static LAZY: once_cell::sync::Lazy<Value> = once_cell::sync::Lazy::new(value);
static TOKIO: tokio::sync::OnceCell<Value> = tokio::sync::OnceCell::const_new();
static ARC_SWAP: LazyLock<ArcSwap<Value>> = LazyLock::new(|| ArcSwap::from_pointee(value()));
static RW_LOCK: LazyLock<parking_lot::RwLock<Arc<Value>>> =
    LazyLock::new(|| parking_lot::RwLock::new(Arc::new(value())));
static ARC: LazyLock<Arc<Value>> = LazyLock::new(|| Arc::new(value()));

#[lazy_resource]
static KEPT: Value = value();

#[lazy_resource]
static FALLIBLE: Result<Value, std::fmt::Error> = Ok(value());

#[lazy_resource(evict)]
static LEASED: Value = value();

/// The batch loops are functions of their own, so that each access is compiled where nothing else is known.
macro_rules! contenders {
    ($($name:literal: $access:expr;)*) => {
        const CONTENDERS: &[(&str, fn())] = &[$(($name, {
            #[inline(never)]
            fn batch() {
                for _ in 0..CALLS {
                    black_box($access);
                }
            }
            batch
        })),*];
    };
}

contenders! {
    "std LazyLock, deref": LAZY_LOCK.word;
    "std OnceLock, get_or_init": ONCE_LOCK.get_or_init(value).word;
    "once_cell Lazy, deref": LAZY.word;
    "tokio OnceCell, get": TOKIO.get().map_or(0, |value| value.word);
    "Resource, get": KEPT.get().word;
    "Resource, deref": KEPT.word;
    "Resource, try_get": FALLIBLE.try_get().map_or(0, |value| value.word);
    "Arc, clone (never replaced)": Arc::clone(&ARC).word;
    "arc-swap, load_full (an Arc clone)": ARC_SWAP.load_full().word;
    "arc-swap, load (a guard)": ARC_SWAP.load().word;
    "parking_lot RwLock, Arc clone": Arc::clone(&RW_LOCK.read()).word;
    "EvictableResource, lease": LEASED.lease().word;
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// ns per access: the median batch.
fn measure(batch: fn()) -> f64 {
    let times = (0..BATCHES).map(|_| {
        let start = Instant::now();
        batch();
        start.elapsed().as_nanos() as f64 / CALLS as f64
    });
    median(times.collect())
}

/// As [`measure`], while another thread does the same.
fn measure_two(batch: fn()) -> f64 {
    let barrier = Barrier::new(2);
    let run = || {
        barrier.wait();
        measure(batch)
    };
    thread::scope(|scope| {
        let other = scope.spawn(run);
        let ours = run();
        (ours + other.join().unwrap_or(ours)) / 2.
    })
}

fn main() -> ExitCode {
    let _ = TOKIO.set(value());
    CONTENDERS.iter().for_each(|contender| contender.1());
    let mut rounds = vec![(Vec::new(), Vec::new()); CONTENDERS.len()];
    for _ in 0..ROUNDS {
        for ((_, batch), (one, two)) in CONTENDERS.iter().zip(&mut rounds) {
            one.push(measure(*batch));
            two.push(measure_two(*batch));
        }
    }
    println!("{:<38} {:>12} {:>12}", "ns per access", "one thread", "two threads");
    for ((name, _), (one, two)) in CONTENDERS.iter().zip(&rounds) {
        println!("{name:<38} {:>12.2} {:>12.2}", median(one.clone()), median(two.clone()));
    }
    println!();
    let mut held = true;
    for (ours, theirs, limit) in [
        ("Resource, get", "std LazyLock, deref", 1.2),
        ("Resource, deref", "std LazyLock, deref", 1.2),
        ("EvictableResource, lease", "arc-swap, load_full (an Arc clone)", 1.0),
    ] {
        let rounds_of =
            |name| CONTENDERS.iter().zip(&rounds).find(|contender| contender.0.0 == name).map(|found| &found.1.0);
        let (Some(of_ours), Some(of_theirs)) = (rounds_of(ours), rounds_of(theirs)) else { continue };
        // Within a round, so that what slows the machine down slows both.
        let ratio = median(of_ours.iter().zip(of_theirs).map(|(ours, theirs)| ours / theirs).collect());
        let verdict = if ratio <= limit { "held" } else { "MISSED" };
        held &= ratio <= limit;
        println!("{verdict}: {ours} takes {ratio:.2} times {theirs}, limit {limit}");
    }
    let strict = std::env::args().any(|argument| argument == "--strict");
    if held || !strict { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
