//! The end of all resources: dependents before what they depend on, else the last initialised first.
//!
//! Each step (the `on_shutdown` hook, and the drop of what is evictable) is done by a thread made for that, so that one that
//! hangs holds the others up for the limit and no longer, nor longer than half of the time that is left; it is left behind and named. A step
//! that panics is named too.
//!
//! It runs when a session ends, for what was initialised since it was opened; and for everything on the signals that a session watches, at the exit of the process, and when the program asks.
//! A resource that is initialised after one teardown has its turn in the next.

use std::cell::RefCell;
use std::mem;
use std::panic;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use perf_report::TeardownOutcome;

use crate::platform::{hooks, threads};
use crate::process::{deadline, message};
use crate::sync::{Mutex, StaticCell};

use super::erased::ErasedResource;
use super::registry;

/// Most time for one step, in ns.
static LIMIT: AtomicU64 = AtomicU64::new(5_000_000_000);

/// Held by a teardown. Behind a pointer, so that a forked child can leave its parent's behind, locked or not.
static RUNNING: StaticCell<Mutex<()>> = StaticCell::none();

/// How often what its own teardown initialises is torn down again.
const ROUNDS: usize = 3;

pub(crate) fn set_limit(limit: Duration) {
    LIMIT.store(u64::try_from(limit.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
}

/// Has everything torn down when the process exits.
pub(crate) fn at_exit() {
    static INSTALLED: AtomicBool = AtomicBool::new(false);
    extern "C" fn hook() {
        leave_step();
        // Nothing of ours may unwind into the C library.
        let _ = panic::catch_unwind(|| run(deadline::of_teardowns(deadline::of_the_process())));
    }
    // Not by a `Once`, for which a child that was forked in the middle would wait. A second hook finds nothing to do.
    if !INSTALLED.load(Ordering::Relaxed) {
        hooks::on_exit(hook);
        INSTALLED.store(true, Ordering::Relaxed);
    }
}

/// Tears down what is up, as far as that is done before the deadline. What is left is given up.
pub(crate) fn run(deadline: Instant) {
    let left = run_after(0, deadline);
    // What an earlier run has given up is known.
    let left = left.into_iter().filter(|resource| !is_given_up(*resource)).collect::<Vec<_>>();
    if !left.is_empty() {
        message::say(format_args!("no time is left for the teardown of {} more resources", left.len()));
        for resource in left {
            resource.info().change(|figures| figures.teardown = Some(TeardownOutcome::GivenUp));
        }
    }
}

fn is_given_up(resource: &'static dyn ErasedResource) -> bool {
    resource.info().read(|figures| figures.teardown == Some(TeardownOutcome::GivenUp))
}

/// Tears down what is up and was initialised after this position in the [order](super::last_order) of all, as far as that is done
/// before the deadline. Returns what is left.
pub(crate) fn run_after(after: u64, deadline: Instant) -> Vec<&'static dyn ErasedResource> {
    if is_step() {
        return Vec::new();
    }
    // One at a time; one that the program began has no deadline, but whoever waits for it has.
    let Some(_turn) = RUNNING.get_or_default().try_lock_for(deadline::left_until(deadline)) else {
        message::say(format_args!("a teardown that began before is not done; going on without it"));
        return Vec::new();
    };
    let mut worker = None;
    for _ in 0..ROUNDS {
        let order = order(
            registry::all()
                .filter(|resource| resource.is_up() && resource.info().read(|metrics| metrics.order) > after)
                .collect(),
        );
        if order.is_empty() {
            break;
        }
        for (done, resource) in order.iter().enumerate() {
            let left = deadline::left_until(deadline);
            if left.is_zero() {
                return order[done..].to_vec();
            }
            // One that hangs must leave time for those that come after it.
            let is_last = done + 1 == order.len();
            step(&mut worker, *resource, if is_last { left } else { left / 2 });
        }
    }
    Vec::new()
}

/// The resources so that each comes before what it depends on; among those that may come next, the last initialised.
fn order(mut up: Vec<&'static dyn ErasedResource>) -> Vec<&'static dyn ErasedResource> {
    let mut order = Vec::with_capacity(up.len());
    up.iter().for_each(|resource| resource.declare_dependencies());
    up.sort_by_key(|resource| std::cmp::Reverse(resource.info().read(|metrics| metrics.order)));
    while !up.is_empty() {
        let needed = |resource: &&'static dyn ErasedResource| {
            up.iter().any(|other| {
                !std::ptr::eq(other.info(), resource.info())
                    && other.info().read(|metrics| {
                        metrics.dependencies.iter().any(|dependency| std::ptr::eq(dependency.on, resource.info()))
                    })
            })
        };
        // In a cycle, which comes of initialisers that changed their minds, the last initialised goes first.
        let next = up.iter().position(|resource| !needed(resource)).unwrap_or(0);
        order.push(up.remove(next));
    }
    order
}

/// Told how a step went.
type Outcome = Sender<Result<TeardownOutcome, String>>;

type Step = (&'static dyn ErasedResource, Outcome);

thread_local! {
    /// In a thread that does steps, whoever waits for the one that it is doing. Such a thread is not told by its name: the program
    /// may call a thread as it likes.
    static STEP: RefCell<Option<Outcome>> = const { RefCell::new(None) };
}

/// Whether the calling thread is doing a step: a teardown that its hook wishes for is going on already, and who waits for the end of
/// the step must not be waited for.
pub(crate) fn is_step() -> bool {
    STEP.try_with(|step| step.borrow().is_some()).unwrap_or(false)
}

/// The process ends. If that is by a hook, whoever waits for its step learns that it will not come back, and goes on.
pub(crate) fn leave_step() {
    drop(take_step());
}

/// There is none in a thread whose own values are gone already, as the main thread's are in an exit hook.
fn take_step() -> Option<Outcome> {
    STEP.try_with(RefCell::take).ok().flatten()
}

fn start_worker() -> Option<Sender<Step>> {
    let (steps, todo) = mpsc::channel::<Step>();
    let worker = threads::spawn(c"perf-teardown", move || {
        for (resource, done) in todo {
            STEP.set(Some(done));
            let outcome = resource.tear_down();
            if let Some(done) = take_step() {
                let _ = done.send(outcome);
            }
        }
    });
    match worker {
        Ok(_) => Some(steps),
        Err(error) => {
            message::say(format_args!("resources are torn down without a time limit: can't start a thread: {error}"));
            None
        }
    }
}

fn step(worker: &mut Option<Sender<Step>>, resource: &'static dyn ErasedResource, most: Duration) {
    let info = resource.info();
    let limit = Duration::from_nanos(LIMIT.load(Ordering::Relaxed)).min(most);
    let began = Instant::now();
    if worker.is_none() {
        *worker = start_worker();
    }
    let (done, result) = mpsc::channel();
    let told = worker.as_ref().is_some_and(|worker| worker.send((resource, done)).is_ok());
    let result = if told { result.recv_timeout(limit) } else { Ok(resource.tear_down()) };
    let teardown = match result {
        Ok(Ok(teardown)) => teardown,
        Ok(Err(panic)) => {
            message::say(format_args!("on_shutdown of {} panicked: {panic}", info.name()));
            TeardownOutcome::Panicked
        }
        Err(RecvTimeoutError::Timeout) => {
            let limit = Duration::from_millis(limit.as_millis() as u64);
            message::say(format_args!("the teardown of {} exceeded {limit:?} and is left behind", info.name()));
            *worker = None;
            TeardownOutcome::GivenUp
        }
        // The hook ends the process, or its thread.
        Err(RecvTimeoutError::Disconnected) => {
            *worker = None;
            TeardownOutcome::GivenUp
        }
    };
    info.change(|metrics| {
        metrics.teardown = Some(teardown);
        metrics.teardown_ns = u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX);
    });
}

/// In a forked child: a teardown in another thread is not here, nor does anybody wait for a step. Forgotten, not dropped: the other end may
/// have been locked.
pub(super) fn after_fork() {
    mem::forget(take_step());
    RUNNING.set(None);
}
