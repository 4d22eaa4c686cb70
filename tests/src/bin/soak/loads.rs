//! The loads, each in a thread of its own, and what they count themselves.

use std::hint::black_box;
use std::panic::catch_unwind;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Waker};
use std::thread;
use std::time::Duration;

use perf_report::Snapshot;
use perf_runtime::resource::resources;
use perf_runtime::{Report, lazy_resource, profile, session};

use super::ends;

/// All of them.
pub(crate) const ALL: [fn(); 11] =
    [calls, calls, short_threads, panics, futures, leases, leases, reloads, evictions, sessions, bursts];

/// How often something was done.
struct Count(AtomicU64);

impl Count {
    const fn new() -> Count {
        Count(AtomicU64::new(0))
    }

    fn add(&self, times: u64) {
        self.0.fetch_add(times, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

static WORK: Count = Count::new();
static TINY: Count = Count::new();
static BRIEF: Count = Count::new();
static FAILING: Count = Count::new();
static POLLED: Count = Count::new();
static SESSIONS: Count = Count::new();
static MADE: Count = Count::new();
static DROPPED: Count = Count::new();
static LEASED: Count = Count::new();

fn pause() {
    thread::sleep(Duration::from_millis(1));
}

#[profile]
fn work(depth: u64) -> u64 {
    WORK.add(1);
    if depth > 0 { work(depth - 1) } else { (0..20).map(tiny).sum() }
}

#[profile(timing = adaptive)]
fn tiny(number: u64) -> u64 {
    black_box(number)
}

fn calls() {
    while !ends() {
        for depth in 0..20 {
            black_box(work(depth % 4));
            TINY.add(20);
        }
        pause();
    }
}

#[profile]
fn brief() {
    BRIEF.add(1);
}

/// Threads that come, make their first and last calls, and go.
fn short_threads() {
    while !ends() {
        thread::spawn(|| (0..10).for_each(|_| brief())).join().expect("it does not panic");
    }
}

#[profile]
fn failing() {
    FAILING.add(1);
    panic!("a part of the load");
}

fn panics() {
    while !ends() {
        let _ = catch_unwind(failing);
        pause();
    }
}

#[profile]
async fn polled(pauses: bool) {
    if pauses {
        std::future::pending::<()>().await;
    }
}

/// Futures that end, and such that are dropped before.
fn futures() {
    let mut context = Context::from_waker(Waker::noop());
    while !ends() {
        for pauses in [false, true] {
            let _ = pin!(polled(pauses)).poll(&mut context);
            POLLED.add(1);
        }
        pause();
    }
}

struct Value(Vec<u8>);

impl Value {
    fn make(bytes: usize) -> Value {
        MADE.add(1);
        Value(vec![1; bytes])
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        DROPPED.add(1);
    }
}

#[lazy_resource(name = "index", evict(idle = "20ms", max_age = "200ms"), health = |_| true, weight = |value| value.0.len())]
static INDEX: Value = Value::make(64 << 10);

/// Ballast that the alert on the heap evicts.
#[lazy_resource(name = "ballast", evict(idle = "1h"), weight = |value| value.0.len())]
static BALLAST: Value = Value::make(8 << 20);

fn leases() {
    while !ends() {
        for _ in 0..10 {
            assert_eq!(INDEX.lease().0[0], 1);
            LEASED.add(1);
        }
        pause();
    }
}

fn reloads() {
    while !ends() {
        drop(INDEX.reload());
        pause();
    }
}

fn evictions() {
    while !ends() {
        INDEX.evict();
        resources().evict_idle();
        thread::sleep(Duration::from_millis(10));
    }
}

fn sessions() {
    while !ends() {
        let session = session().report(Report::custom(|snapshot| snapshot.to_json().len().to_string())).start();
        drop(session.snapshot());
        drop(perf_runtime::snapshot());
        SESSIONS.add(1);
        drop(session);
        pause();
    }
}

/// Raises the alerts: on threads, of which there are many now and then, and on the heap.
fn bursts() {
    while !ends() {
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| thread::sleep(Duration::from_millis(300)));
            }
            drop(BALLAST.lease());
        });
        thread::sleep(Duration::from_millis(300));
    }
    BALLAST.evict();
}

/// The counts of a snapshot that are not those of the loads, when all of these have ended.
pub(crate) fn wrong_counts(what: &str, snapshot: &Snapshot) -> Vec<String> {
    INDEX.evict();
    let mut wrong = Vec::new();
    let mut compare = |name: &str, is: u64, should: u64| {
        if is != should || should == 0 {
            wrong.push(format!("{what}: {name} is {is}, not {should}"));
        }
    };
    for (name, count) in
        [("work", &WORK), ("tiny", &TINY), ("brief", &BRIEF), ("failing", &FAILING), ("polled", &POLLED)]
    {
        let function = snapshot.functions.iter().find(|function| function.name.rsplit("::").next() == Some(name));
        compare(name, function.map_or(0, |function| function.calls), count.get());
    }
    let unwound = snapshot.functions.iter().map(|function| function.unwound).sum();
    compare("unwound", unwound, FAILING.get());
    let made = snapshot.resources.iter().map(|resource| resource.initialisations).sum();
    compare("initialisations", made, MADE.get());
    compare("values dropped", DROPPED.get(), MADE.get());
    let losses = &snapshot.losses;
    if losses.lost_calls + losses.overflow_calls > 0 {
        wrong.push(format!("{what}: calls were lost: {losses:?}"));
    }
    let alerts = snapshot.monitor.as_ref().map_or(&[][..], |monitor| &monitor.alerts);
    if alerts.len() != 2 || alerts.iter().any(|alert| alert.raised == 0) {
        wrong.push(format!("{what}: not every alert was raised: {alerts:?}"));
    }
    wrong
}

/// Says how much each load did.
pub(crate) fn summary() -> String {
    format!(
        "{} calls, {} sessions, {} values made and {} dropped, {} leases",
        [&WORK, &TINY, &BRIEF, &FAILING, &POLLED].iter().map(|count| count.get()).sum::<u64>(),
        SESSIONS.get(),
        MADE.get(),
        DROPPED.get(),
        LEASED.get()
    )
}
