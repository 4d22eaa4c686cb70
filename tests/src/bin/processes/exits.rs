//! Code of the program's that perf calls, and that ends the process there, with status 9.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::process::exit;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use perf_runtime::resource::resources;
use perf_runtime::{Report, lazy_resource, session};

use super::work_times;

/// Says that the teardown came to it.
#[lazy_resource(name = "witness", on_shutdown = |_| println!("torn down"))]
static WITNESS: u32 = 1;

pub(super) fn run(arguments: &[&str]) {
    let [what, who] = *arguments else { panic!("no scenario {arguments:?}") };
    if who == "environment" {
        work_times(3);
        WITNESS.get();
        end(what);
        // As in a program that has somebody else end it.
        park();
    }
    let session = session().report(Report::json().file("report.json")).start();
    work_times(3);
    WITNESS.get();
    end(what);
    drop(session);
    park();
}

fn end(what: &str) {
    match what {
        "initialiser" => drop(INITIALISER.try_get()),
        "reload" => {
            let _lease = RELOADED.lease();
            let _ = RELOADED.reload();
        }
        "async initialiser" => drop(poll_once(&mut pin!(ASYNC.try_get()))),
        "drop of an async initialiser" => {
            let mut access = Box::pin(PENDING.try_get());
            drop(poll_once(&mut access.as_mut()));
            drop(access);
        }
        "waker" => {
            let mut access = pin!(RETRIED.try_get());
            let waker = Waker::from(Arc::new(Ends));
            let _ = access.as_mut().poll(&mut Context::from_waker(&waker));
            park();
        }
        "weight" => drop(WEIGHED.lease()),
        "on_init" => drop(TOLD.lease()),
        "health" => drop((CHECKED.lease(), CHECKED.is_healthy())),
        "health in a sweep" => {
            drop(SWEPT.lease());
            park();
        }
        "on_evict" => drop((LEAVING.lease(), LEAVING.evict())),
        "on_evict in a sweep" => {
            drop(SWEPT_OUT.lease());
            park();
        }
        "drop of a value" => drop((DROPPED.lease(), DROPPED.evict())),
        "progress of a warm-up" => {
            let _ = resources().warm_up().only(|resource| resource.name() == "witness").progress(|_| exit(9)).run();
        }
        "executor of a warm-up" => {
            let only_one = |resource: &perf_runtime::resource::ResourceHandle| resource.name() == "pending";
            let _ = resources().warm_up().only(only_one).executor(|_| exit(9)).run();
        }
        "on_shutdown" => {
            LAST.get();
        }
        "on_shutdown of a teardown" => {
            LAST.get();
            resources().shutdown();
        }
        "on_shutdown at a signal" => {
            LAST.get();
            // SAFETY: kill reads no memory of ours.
            unsafe { libc::kill(libc::getpid(), libc::SIGTERM) };
            park();
        }
        "on_shutdown at an exit" => {
            LAST.get();
            exit(7);
        }
        _ => panic!("no scenario {what}"),
    }
}

fn park() -> ! {
    loop {
        thread::park();
    }
}

fn ends<T, R>(_: &T) -> R {
    exit(9)
}

fn made_once() -> u32 {
    static MADE: AtomicBool = AtomicBool::new(false);
    if MADE.swap(true, Ordering::Relaxed) {
        exit(9);
    }
    1
}

fn poll_once<F: Future>(future: &mut Pin<&mut F>) -> Poll<F::Output> {
    future.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

/// Ends the process when it is woken.
struct Ends;

impl Wake for Ends {
    fn wake(self: Arc<Self>) {
        exit(9);
    }
}

/// Ends the process when it is dropped.
struct EndsAtDrop;

impl Drop for EndsAtDrop {
    fn drop(&mut self) {
        exit(9);
    }
}

async fn never() {
    let _ends = EndsAtDrop;
    poll_fn(|_| Poll::<()>::Pending).await;
}

#[lazy_resource]
static INITIALISER: u32 = exit(9);
#[lazy_resource(evict)]
static RELOADED: u32 = made_once();
#[lazy_resource]
static ASYNC: u32 = async { exit(9) };
#[lazy_resource(name = "pending")]
static PENDING: u32 = async {
    never().await;
    1
};
#[lazy_resource(retry(times = 1, backoff = "10ms"))]
static RETRIED: Result<u32, String> = async { Err(String::from("not yet")) };
#[lazy_resource(evict, weight = ends)]
static WEIGHED: u32 = 1;
#[lazy_resource(evict, on_init = ends)]
static TOLD: u32 = 1;
#[lazy_resource(evict, health = ends)]
static CHECKED: u32 = 1;
#[lazy_resource(evict(idle = "1h"), health = ends)]
static SWEPT: u32 = 1;
#[lazy_resource(evict, on_evict = ends)]
static LEAVING: u32 = 1;
#[lazy_resource(evict(idle = "10ms"), on_evict = ends)]
static SWEPT_OUT: u32 = 1;
#[lazy_resource(evict)]
static DROPPED: EndsAtDrop = EndsAtDrop;
#[lazy_resource(name = "last", on_shutdown = ends)]
static LAST: u32 = 1;
