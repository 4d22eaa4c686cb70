//! Makes three annotated calls, and ends in one of the ways that a process can end.
#![allow(unsafe_code, reason = "signal handlers of its own")]

use std::io::{Write, stderr, stdout};
use std::process::{ExitCode, abort, exit};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use perf_runtime::{Report, profile};

#[profile]
fn work() {}

#[profile]
fn exits(code: i32) {
    exit(code)
}

fn main() -> ExitCode {
    let ending = std::env::args().nth(1).unwrap_or_default();
    let _session = match ending.as_str() {
        "hanging-view" => Some(perf_runtime::session().report(Report::custom(hang)).report(json()).start()),
        "panicking-view" => {
            let panicking = Report::custom(|_| panic!("a view's mistake"));
            Some(perf_runtime::session().report(panicking).report(json()).report(Report::table()).start())
        }
        "handled-before" => {
            handle(libc::SIGTERM);
            Some(perf_runtime::session().report(json()).start())
        }
        "session" => Some(perf_runtime::session().report(json()).start()),
        _ => None,
    };
    for _ in 0..3 {
        work();
    }
    print!("an unfinished line");
    match ending.as_str() {
        "exit" => exit(7),
        "exit-in-a-call" => exits(7),
        "exit-in-a-thread" => drop(thread::spawn(|| exit(7)).join()),
        "exit-with-streams-held" => {
            let _streams = (stdout().lock(), stderr().lock());
            exit(7)
        }
        "exit-in-an-exit-hook" => {
            extern "C" fn hook() {
                // SAFETY: `_exit` takes a number.
                unsafe { libc::_exit(9) }
            }
            // SAFETY: the hook is a function of this program.
            unsafe { libc::atexit(hook) };
        }
        "abort" => abort(),
        "panic" => panic!("on purpose"),
        "handled-before" => live_on(),
        "handled-later" => {
            handle(libc::SIGTERM);
            live_on();
        }
        "wait" | "hanging-view-on-signal" => {
            ready();
            loop {
                thread::park();
            }
        }
        _ => {}
    }
    ExitCode::from(7)
}

fn json() -> Report {
    Report::json().file("report.json")
}

fn ready() {
    println!();
    println!("ready");
    let _ = stdout().flush();
}

fn hang(_: &perf_runtime::report::Snapshot) -> String {
    println!("hanging");
    loop {
        thread::park();
    }
}

/// Waits for three signals, and makes another call.
fn live_on() {
    ready();
    for number in 1..=3 {
        while HANDLED.load(Ordering::SeqCst) < number {
            thread::yield_now();
        }
        println!("handled {number}");
    }
    work();
}

static HANDLED: AtomicUsize = AtomicUsize::new(0);
static PREVIOUS: AtomicUsize = AtomicUsize::new(libc::SIG_DFL);

/// Takes a signal over as `signal-hook` and `tokio` do: their handler also calls the one that was there before.
fn handle(signal: libc::c_int) {
    extern "C" fn handler(signal: libc::c_int) {
        HANDLED.fetch_add(1, Ordering::SeqCst);
        match PREVIOUS.load(Ordering::SeqCst) {
            libc::SIG_DFL | libc::SIG_IGN => {}
            // SAFETY: what the system gave as a handler of one argument is one.
            previous => unsafe { std::mem::transmute::<usize, extern "C" fn(libc::c_int)>(previous)(signal) },
        }
    }
    // SAFETY: the pointers are to live values; a zeroed sigaction has an empty mask.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        let mut previous: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = handler as *const () as usize;
        libc::sigaction(signal, &raw const action, &raw mut previous);
        PREVIOUS.store(previous.sa_sigaction, Ordering::SeqCst);
    }
}
