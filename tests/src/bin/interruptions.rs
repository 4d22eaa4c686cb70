//! A storm of signals whose handler calls annotated functions, also the one that it interrupts.
#![allow(unsafe_code, reason = "signal handlers and timers are set by system calls")]

use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};

use perf_runtime::profile;

static IN_MAIN: AtomicU64 = AtomicU64::new(0);
static IN_HANDLER: AtomicU64 = AtomicU64::new(0);

#[profile]
fn shared() {
    black_box(());
}

#[profile]
fn handlers_own() {
    shared();
}

#[profile]
fn outer() {
    shared();
    for _ in 0..3 {
        shared();
    }
}

extern "C" fn handler(_: libc::c_int) {
    handlers_own();
    IN_HANDLER.fetch_add(1, Ordering::Relaxed);
}

fn main() {
    // SAFETY: a zeroed sigaction has an empty mask; the handler calls annotated functions and adds to an atomic.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = handler as *const () as usize;
        libc::sigaction(libc::SIGALRM, &raw const action, std::ptr::null_mut());
    }
    every(20);
    // New threads meet the signals at their first calls.
    for _ in 0..20 {
        std::thread::spawn(|| {
            for _ in 0..10_000 {
                outer();
                IN_MAIN.fetch_add(1, Ordering::Relaxed);
            }
        })
        .join()
        .unwrap();
    }
    while IN_HANDLER.load(Ordering::Relaxed) < 1000 {
        outer();
        IN_MAIN.fetch_add(1, Ordering::Relaxed);
    }
    every(0);
    println!("{} {}", IN_MAIN.load(Ordering::Relaxed), IN_HANDLER.load(Ordering::Relaxed));
}

fn every(microseconds: libc::suseconds_t) {
    let interval = libc::timeval { tv_sec: 0, tv_usec: microseconds };
    let timer = libc::itimerval { it_interval: interval, it_value: interval };
    // SAFETY: the pointer is to a live timer.
    unsafe { libc::setitimer(libc::ITIMER_REAL, &raw const timer, std::ptr::null_mut()) };
}
