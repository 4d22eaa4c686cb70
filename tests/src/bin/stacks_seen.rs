//! A program whose stacks are looked at: its tree of calls is known, and so is what its threads do.
//!
//! `spinner` runs `steps`, which runs `heavy` three quarters of the time and `light` one quarter; `sleeper` sleeps in `naps`; `bound` waits
//! in `waits_for_lock` for a lock that `main` holds. Lines on standard input tell it what to do: `rest` has all three threads
//! end, `fork` makes a child that does the same for a while, `again` replaces the process by a new one, `end` ends it.

use std::hint::black_box;
use std::io::{BufRead, stdin};
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use perf_runtime::profile;

static ENDS: AtomicBool = AtomicBool::new(false);
static LOCK: Mutex<()> = Mutex::new(());

fn main() {
    let argument = std::env::args().nth(1);
    if let Some(threads) = argument.as_deref().and_then(|argument| argument.parse::<usize>().ok()) {
        return many(threads);
    }
    match argument.as_deref() {
        Some("fails") => {
            spin_for(Duration::from_millis(300));
            std::process::exit(7);
        }
        Some("odd") => return odd(),
        Some("short") => return short(),
        _ => {}
    }
    let mut held = Some(LOCK.lock().expect("nobody panicked"));
    let mut threads = start();
    println!("ready");
    for line in stdin().lock().lines().map_while(Result::ok) {
        match line.as_str() {
            "rest" => {
                end(&mut threads, &mut held);
                println!("at rest");
            }
            "fork" => fork(),
            "again" => {
                let error = Command::new(std::env::current_exe().expect("it runs")).exec();
                panic!("it cannot be replaced: {error}");
            }
            _ => break,
        }
    }
    end(&mut threads, &mut held);
}

fn start() -> Vec<JoinHandle<()>> {
    let jobs: [(&str, fn()); 3] = [("spinner", spin), ("sleeper", naps), ("bound", waits_for_lock)];
    jobs.map(|(name, job)| thread::Builder::new().name(name.into()).spawn(job).expect("there is room for a thread"))
        .into()
}

fn end(threads: &mut Vec<JoinHandle<()>>, held: &mut Option<MutexGuard<'_, ()>>) {
    ENDS.store(true, Ordering::Relaxed);
    *held = None;
    threads.drain(..).for_each(|thread| thread.join().expect("no thread panics"));
}

#[profile]
fn spin() {
    while !ENDS.load(Ordering::Relaxed) {
        steps();
    }
}

#[profile]
fn spin_for(time: Duration) {
    let begun = Instant::now();
    while begun.elapsed() < time {
        steps();
    }
}

#[profile]
fn steps() {
    heavy();
    light();
}

#[profile]
fn heavy() {
    busy(Duration::from_micros(300));
}

#[profile]
fn light() {
    busy(Duration::from_micros(100));
}

fn busy(time: Duration) {
    let begun = Instant::now();
    while begun.elapsed() < time {
        black_box(begun);
    }
}

#[profile]
fn naps() {
    while !ENDS.load(Ordering::Relaxed) {
        nap();
    }
}

#[profile]
fn nap() {
    thread::sleep(Duration::from_millis(20));
}

#[profile]
fn waits_for_lock() {
    drop(LOCK.lock());
}

/// The child does the same as its parent, with threads of its own, and ends soon.
fn fork() {
    // SAFETY: the child starts threads and ends; it uses nothing that another thread of its parent may hold.
    #[allow(unsafe_code, reason = "a fork is what is tested")]
    match unsafe { libc::fork() } {
        0 => {
            spin_for(Duration::from_millis(200));
            std::process::exit(0);
        }
        child => println!("forked {child}"),
    }
}

/// A name that every format must write so that it is read as one name.
#[profile(name = "odd;\n\u{1b}[31m<b>\"'&\\ 7")]
fn odd() {
    spin_for(Duration::from_millis(400));
}

/// So many threads that wait and work a little, for measuring what looking at them costs.
fn many(threads: usize) {
    for _ in 0..threads {
        thread::spawn(|| {
            while !ENDS.load(Ordering::Relaxed) {
                at_work();
            }
        });
    }
    println!("ready");
    let _ = stdin().lock().lines().next();
    ENDS.store(true, Ordering::Relaxed);
}

/// Two threads that sleep for 5 ms and then work for 50 µs, for 6 s: work that begins with the wake of a thread is the hardest to see.
fn short() {
    let end = Instant::now() + Duration::from_secs(6);
    let works = move || {
        while Instant::now() < end {
            thread::sleep(Duration::from_millis(5));
            works_briefly();
        }
    };
    for thread in [thread::spawn(works), thread::spawn(works)] {
        thread.join().expect("it works");
    }
}

#[profile]
fn works_briefly() {
    busy(Duration::from_micros(50));
}

#[profile]
fn at_work() {
    busy(Duration::from_micros(20));
    nap();
}
