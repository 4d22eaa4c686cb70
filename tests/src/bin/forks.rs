//! Forks without exec, in the middle of annotated calls.
#![allow(unsafe_code, reason = "fork and wait are system calls")]

use std::process::exit;
use std::thread;

use perf_runtime::{Report, profile};

#[profile]
fn work() {}

/// Forks inside of a call; the child ends that call too.
#[profile]
fn forks(child: fn()) -> libc::pid_t {
    // SAFETY: the child does no more than these tests are about: annotated calls, a session, an exit.
    let pid = unsafe { libc::fork() };
    if pid == 0 {
        in_child(child);
    }
    pid
}

#[profile]
fn in_child(child: fn()) {
    child();
}

fn wait_for(pid: libc::pid_t) -> i32 {
    let mut status = 0;
    // SAFETY: the pointer is to a live integer.
    unsafe { libc::waitpid(pid, &raw mut status, 0) };
    status
}

fn calls_and_exits() {
    for _ in 0..5 {
        work();
    }
    exit(4)
}

fn own_session() {
    let session = perf_runtime::session().report(Report::json().file("child.json")).start();
    for _ in 0..5 {
        work();
    }
    drop(session);
    exit(4)
}

fn own_session_and_signal() {
    let _session = perf_runtime::session().report(Report::json().file("child.json")).start();
    for _ in 0..5 {
        work();
    }
    // SAFETY: kill reads no memory of ours.
    unsafe { libc::kill(libc::getpid(), libc::SIGTERM) };
    loop {
        thread::park();
    }
}

fn main() {
    let scenario = std::env::args().nth(1).unwrap_or_default();
    let parents = Report::json().file("parent.json");
    let child: fn() = match scenario.as_str() {
        "own-session" => own_session,
        "own-session-and-signal" => own_session_and_signal,
        "outlives" => || {
            println!("forked");
            loop {
                thread::park();
            }
        },
        // Back through the calls that the parent was in, and to the end of `main` with the parent's session.
        "returns" => || {},
        _ => calls_and_exits,
    };
    let _session = match scenario.as_str() {
        "outlives" | "many-threads-and-environment" => None,
        "in-a-view" => {
            let view = Report::custom(|_| {
                println!("{}", wait_for(forks(calls_and_exits)));
                String::new()
            });
            Some(perf_runtime::session().report(view).report(parents).start())
        }
        _ => Some(perf_runtime::session().report(parents).start()),
    };
    for _ in 0..3 {
        work();
    }
    match scenario.as_str() {
        "in-a-view" => return,
        "many-threads" => many_threads(own_session),
        "many-threads-and-environment" => many_threads(calls_and_exits),
        "outlives" => {
            println!("{}", forks(child));
            loop {
                thread::park();
            }
        }
        _ => {
            let pid = forks(child);
            if pid != 0 {
                println!("{}", wait_for(pid));
            }
        }
    }
    work();
}

/// Forks while other threads are busy with everything of ours that takes a lock, and with memory. Not with starting threads:
/// the standard library holds a lock of its own then, for which a forked child would wait in its own exit.
fn many_threads(child: fn()) {
    for number in 0..3 {
        thread::spawn(move || {
            loop {
                work();
                match number {
                    0 => drop(perf_runtime::snapshot()),
                    1 => drop(std::hint::black_box(vec![number; 1000])),
                    _ => perf_runtime::enable(),
                }
            }
        });
    }
    let statuses: Vec<i32> = (0..40).map(|_| wait_for(forks(child))).collect();
    println!("{statuses:?}");
}
