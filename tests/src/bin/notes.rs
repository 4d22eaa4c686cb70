//! Runs that leave something to be noted below the table, each so that the figure is known. The first argument says which; the
//! tests are in `tests/notes.rs`.
#![allow(unsafe_code, reason = "signals are sent, and the C library's clock is replaced, by system calls")]

use std::hint::black_box;
use std::sync::Barrier;
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use perf_runtime::__private::{Description, Kind, Site, Timing, enter};
use perf_runtime::profile;

#[profile]
fn work() {}

#[profile]
fn never_called() {}

fn main() {
    let _ = never_called as fn();
    match std::env::args().nth(1).unwrap_or_default().as_str() {
        "in-flight" => in_flight(),
        "full" => more_threads_than_there_is_room_for(),
        "full-of-durations" => durations_without_room(),
        "full-of-callers" => callers_without_room(),
        "deep" => deep(1_500),
        "leaked" => leaked(),
        "unwound" => unwound(),
        "sampled" => (0..100_000).for_each(|_| sampled()),
        "backwards" => backwards(),
        "late" => late(),
        "plain" => (0..10).for_each(|_| work()),
        other => panic!("no scenario {other}"),
    }
}

#[profile]
fn waits() {
    println!("ready");
    loop {
        thread::park();
    }
}

/// A call that has not ended when the process is killed.
fn in_flight() {
    (0..7).for_each(|_| work());
    waits();
}

/// Threads, all alive at once, with 100 calls each.
fn more_threads_than_there_is_room_for() {
    const THREADS: usize = 60;
    let all = Barrier::new(THREADS);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                (0..100).for_each(|_| work());
                all.wait();
            });
        }
    });
}

/// Two hundred functions that call four others if they are told to.
macro_rules! callers {
    ($($module:ident)*) => {
        $(
            mod $module {
                callers!(@functions c0 c1 c2 c3 c4 c5 c6 c7 c8 c9);
            }
        )*
        const CALLERS: &[&[fn(bool)]] = &[$($module::ALL),*];
    };
    (@functions $($name:ident)*) => {
        $(
            #[perf_runtime::profile]
            fn $name(calls: bool) {
                if calls {
                    super::call_four();
                }
            }
        )*
        pub(super) const ALL: &[fn(bool)] = &[$($name),*];
    };
}

callers! { m00 m01 m02 m03 m04 m05 m06 m07 m08 m09 m10 m11 m12 m13 m14 m15 m16 m17 m18 m19 }

#[profile]
fn callee() {}

fn call_four() {
    callee();
    work();
    deep(1);
    lasts(Duration::ZERO);
}

fn call_all(calls: bool) {
    CALLERS.iter().copied().flatten().for_each(|caller| caller(calls));
}

/// Takes all room that is left in the recording, by threads that are alive at once and make calls of many functions.
fn fill_the_recording() {
    const THREADS: usize = 60;
    let all = Barrier::new(THREADS);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                call_all(false);
                all.wait();
            });
        }
    });
}

#[profile]
fn lasts(duration: Duration) {
    let begun = Instant::now();
    while begun.elapsed() < duration {
        black_box(());
    }
}

/// Calls of durations that have no page yet when the recording is full.
fn durations_without_room() {
    lasts(Duration::ZERO);
    fill_the_recording();
    for power in 0..26 {
        (0..3).for_each(|_| lasts(Duration::from_nanos(1 << power)));
    }
}

/// Calls from callers that there is no room to remember when the recording is full.
fn callers_without_room() {
    call_four();
    call_all(false);
    fill_the_recording();
    (0..5).for_each(|_| call_all(true));
}

#[profile]
fn deep(depth: u32) {
    if depth > 1 {
        deep(depth - 1);
    }
    black_box(());
}

/// Nine calls whose guards are leaked, each in another call that ends.
fn leaked() {
    static LEAKY: Site = Site::new(Description {
        kind: Kind::Function,
        timing: Timing::Exact,
        name: Some("leaky"),
        path: || "",
        module: module_path!(),
        file: file!(),
        line: line!(),
        budgets: "",
    });
    #[profile]
    fn leaks() {
        std::mem::forget(enter(&LEAKY));
    }
    (0..9).for_each(|_| leaks());
}

#[profile]
fn throws() {
    std::panic::resume_unwind(Box::new(()));
}

#[profile]
fn passes_on() {
    throws();
}

fn unwound() {
    for _ in 0..6 {
        let _ = std::panic::catch_unwind(passes_on);
    }
}

#[profile(timing = adaptive)]
fn sampled() {}

/// Eleven calls in each of which the clock goes back by a second.
fn backwards() {
    #[profile]
    fn goes_back() {
        BACK_NS.fetch_add(1_000_000_000, Ordering::Relaxed);
    }
    (0..11).for_each(|_| goes_back());
}

/// By how much the system's monotonic clock is behind.
static BACK_NS: AtomicI64 = AtomicI64::new(0);

/// In place of the C library's: the system's clock, less [`BACK_NS`].
// SAFETY: the name is the C library's, and so is what it does.
#[cfg(target_os = "linux")]
#[unsafe(no_mangle)]
unsafe extern "C" fn clock_gettime(clock: libc::clockid_t, time: *mut libc::timespec) -> libc::c_int {
    // SAFETY: the arguments are those of the system call, and the caller's.
    let result = unsafe { libc::syscall(libc::SYS_clock_gettime, clock, time) };
    if result == 0 && clock == libc::CLOCK_MONOTONIC {
        // SAFETY: the system has filled it, so it is live.
        let time = unsafe { &mut *time };
        time.tv_sec -= BACK_NS.load(Ordering::Relaxed) / 1_000_000_000;
    }
    result as libc::c_int
}

/// Calls that come before anybody asks for a recording.
fn late() {
    (0..5).for_each(|_| work());
    thread::sleep(Duration::from_millis(150));
    let session = perf_runtime::session();
    let session =
        session.report(perf_runtime::Report::table()).report(perf_runtime::Report::json().file("report.json"));
    let _session = session.start();
    (0..3).for_each(|_| work());
}
