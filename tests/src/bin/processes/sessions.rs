//! Sessions one after the other, within each other, and beside the environment.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;

use perf_runtime::{Report, Session, lazy_resource, session};
use perf_test_support::wait::until;

use super::{late_work, work_times};

pub(super) fn run(arguments: &[&str]) {
    match *arguments {
        ["one-after-the-other"] => {
            for calls in 1..=3 {
                let session = start(&format!("session-{calls}.json"));
                work_times(calls);
                drop(session);
                // Between two sessions.
                work_times(10);
            }
        }
        ["snapshots"] => {
            drop(one_call(start("first.json")));
            let second = one_call(start("second.json"));
            work_times(1);
            println!("session {}", calls(second.snapshot()));
            let inner = start("inner.json");
            println!("inner {}", calls(inner.snapshot()));
            println!("process {}", calls(perf_runtime::snapshot()));
        }
        ["open-at-exit"] => {
            work_times(10);
            std::mem::forget(one_call(start("session.json")));
            late_work();
        }
        ["beside-threads"] => beside_threads(),
        ["in-turns"] => in_turns(),
        ["next-samples", from] => next_samples(from),
        ["recording-twice"] => {
            drop(one_call(session().recording("first.perfrec").report(Report::json().file("first.json")).start()));
            drop(one_call(session().recording("second.perfrec").report(Report::json().file("second.json")).start()));
        }
        _ => panic!("no scenario {arguments:?}"),
    }
}

/// Opens sessions and closes them while other threads record. Says how many calls they reported, how many the process recorded,
/// and how often a thread may have been in a call when a session ended.
fn beside_threads() {
    const THREADS: u64 = 3;
    const SESSIONS: u64 = 50;
    let ends = AtomicBool::new(false);
    let (tell, told) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while !ends.load(Ordering::Relaxed) {
                    work_times(10);
                }
            });
        }
        for _ in 0..SESSIONS {
            let tell = tell.clone();
            let report = Report::custom(move |snapshot| {
                let _ = tell.send(calls(Some(snapshot.clone())));
                String::new()
            });
            let session = session().report(report).start();
            // Until there is something to report.
            while calls(session.snapshot()) < 100 {
                thread::yield_now();
            }
        }
        ends.store(true, Ordering::Relaxed);
    });
    drop(tell);
    println!("{} {} {}", told.iter().sum::<u64>(), calls(perf_runtime::snapshot()), THREADS * SESSIONS);
}

/// Two threads open and close sessions, each whenever the other's end lets it. Says how many of them recorded less than they called.
fn in_turns() {
    let incomplete = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..500 {
                    let session = session().report(Report::custom(|_| String::new())).start();
                    work_times(10);
                    // Within the other thread's session this one means nothing.
                    let is_open = format!("{session:?}").contains("true");
                    if is_open && calls(session.snapshot()) < 10 {
                        incomplete.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    println!("{}", incomplete.into_inner());
}

/// The session that begins while the one before it ends.
static NEXT: Mutex<Option<Session>> = Mutex::new(None);

#[lazy_resource(on_shutdown = |_| begin_next())]
static ENDS_WITH_THE_SESSION: u32 = 1;

fn begin_next() {
    let next = session().stacks(1_000).report(Report::custom(|_| String::new())).start();
    *NEXT.lock().unwrap_or_else(PoisonError::into_inner) = Some(next);
}

/// A hook, or a view, of a session that ends opens the next one, whose stacks are sampled.
fn next_samples(from: &str) {
    let looks = || perf_runtime::snapshot().and_then(|snapshot| snapshot.stacks).map_or(0, |stacks| stacks.looks);
    let in_a_view = from == "view";
    let view = Report::custom(move |_| {
        if in_a_view {
            begin_next();
        }
        String::new()
    });
    let first = session().report(view).start();
    if from == "hook" {
        assert_eq!(*ENDS_WITH_THE_SESSION.get(), 1);
    }
    work_times(1);
    drop(first);
    let before = looks();
    until("the next session's stacks are sampled", || looks() >= before + 3);
    drop(NEXT.lock().unwrap_or_else(PoisonError::into_inner).take());
}

fn start(report: &str) -> Session {
    session().report(Report::json().file(report)).start()
}

fn one_call(session: Session) -> Session {
    work_times(1);
    session
}

fn calls(snapshot: Option<perf_runtime::report::Snapshot>) -> u64 {
    let snapshot = snapshot.expect("a session is open");
    snapshot.functions.iter().find(|function| function.name.ends_with("::work")).map_or(0, |function| function.calls)
}
