//! Makes calls of every kind while somebody writes to its recording file. The first argument says what; the tests are in
//! `tests/foreign_writes.rs`. Nothing that is written there may change what this prints, or its exit status.
#![allow(unsafe_code, reason = "signals and memory locks are system calls")]

use std::future::Future;
use std::hint::black_box;
use std::io::{BufRead, stdin};
use std::panic::{catch_unwind, resume_unwind};
use std::pin::pin;
use std::process::ExitCode;
use std::task::{Context, Poll, Waker};
use std::{mem, ptr, thread};

use perf_runtime::{lazy_resource, profile, profile_block, snapshot};

/// Status that the program ends with, to see that it is kept.
const STATUS: u8 = 7;

#[profile]
fn work(value: u64) -> u64 {
    black_box(value.rotate_left(7))
}

#[profile]
fn recursive(depth: u64) -> u64 {
    if depth == 0 { work(depth) } else { recursive(depth - 1) + 1 }
}

#[profile(timing = adaptive)]
fn sampled(value: u64) -> u64 {
    black_box(value ^ value >> 9)
}

#[profile(by_type)]
fn generic<T: Copy>(value: T) -> T {
    black_box(value)
}

#[profile]
fn panics() {
    resume_unwind(Box::new("on purpose"));
}

/// A call that never ends: its guard is leaked, above those of its callers.
fn leaks() {
    perf_runtime::__private::site!(LEAKY, Function, Exact, Some("leaky"), 1, "");
    mem::forget(perf_runtime::__private::enter(&LEAKY));
}

#[profile]
async fn polled(times: u32) -> u32 {
    let mut left = times;
    std::future::poll_fn(|_| {
        work(left.into());
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        Poll::Pending
    })
    .await;
    times
}

#[lazy_resource(evict(idle = "1ms"), weight = |words| words.len())]
static WORDS: Vec<u64> = vec![1; 100];

/// Functions that a thread meets one after the other: every one makes a slot, callers and pages.
macro_rules! many {
    ($($name:ident)*) => {
        $(#[profile] fn $name(value: u64) -> u64 { work(value) })*
        const MANY: &[fn(u64) -> u64] = &[$($name),*];
    };
}

many! { m0 m1 m2 m3 m4 m5 m6 m7 m8 m9 m10 m11 m12 m13 m14 m15 m16 m17 m18 m19 m20 m21 m22 m23 m24 m25 m26 m27 m28 m29 }

/// Some of every kind of call. The sum is the same each time.
fn round(number: u64) -> u64 {
    let mut sum = work(1) + recursive(number % 1_100) + generic(3_u64) + u64::from(generic(4_u8));
    for value in 0..50 {
        sum += sampled(value) & 1;
    }
    for function in MANY.iter().skip(number as usize % MANY.len()) {
        sum += profile_block!("block", { function(1) });
    }
    assert!(catch_unwind(panics).is_err());
    leaks();
    let mut future = pin!(polled(3));
    let mut context = Context::from_waker(Waker::noop());
    while future.as_mut().poll(&mut context).is_pending() {}
    sum + WORDS.lease().iter().sum::<u64>()
}

/// Rounds in threads that live on and in threads that come and go, and looks at the figures meanwhile.
fn batch() -> u64 {
    let sum = (0..20).map(round).sum::<u64>();
    let others: Vec<_> = (0..3).map(|_| thread::spawn(|| (0..20).map(round).sum::<u64>())).collect();
    // Whatever stands there now: it must be no more than an error.
    drop(snapshot());
    let others: Vec<_> = others.into_iter().map(|other| other.join().expect("no call panics")).collect();
    assert!(others.iter().all(|&other| other == sum), "{sum} and {others:?}");
    sum
}

fn main() -> ExitCode {
    let scenario = std::env::args().nth(1).unwrap_or_default();
    match scenario.as_str() {
        "batches" => obey(|| println!("{}", batch())),
        "calls" => obey(|| println!("{}", work(1))),
        "handler" => own_handler(),
        "locked" => locked(),
        _ => panic!("nothing of the name {scenario:?} happens here"),
    }
    ExitCode::from(STATUS)
}

/// Does something for every line.
fn obey(work: impl Fn()) {
    println!("ready");
    stdin().lock().lines().for_each(|_| work());
}

/// A handler of the program's own, installed before it records: it has its signals all the same.
fn own_handler() {
    extern "C" fn handler(_: libc::c_int, _: *mut libc::siginfo_t, _: *mut libc::c_void) {
        let said = b"handled\n";
        // SAFETY: the bytes live, and both calls are allowed in a handler.
        unsafe {
            libc::write(1, said.as_ptr().cast(), said.len());
            libc::_exit(9);
        }
    }
    // SAFETY: a zeroed action is a valid one to fill, and the handler does only what a handler may.
    unsafe {
        let mut action: libc::sigaction = mem::zeroed();
        action.sa_sigaction = handler as *const () as libc::sighandler_t;
        action.sa_flags = libc::SA_SIGINFO;
        libc::sigaction(libc::SIGBUS, &raw const action, ptr::null_mut());
    }
    let session = perf_runtime::session().recording("app.perfrec").start();
    println!("ready");
    for line in stdin().lock().lines().map_while(Result::ok) {
        match line.as_str() {
            "raise" => raise(),
            "cut" => touch_a_cut_file(),
            _ => println!("{}", work(1)),
        }
    }
    drop(session);
}

fn raise() {
    // SAFETY: the signal's action is what the scenario is about.
    unsafe { libc::raise(libc::SIGBUS) };
}

/// Touches a mapping of the program's own behind its file's end.
fn touch_a_cut_file() {
    use std::os::fd::AsRawFd;
    let file = std::fs::File::options().read(true).write(true).create_new(true).open("own").expect("a file");
    file.set_len(4096).expect("a page");
    let flags = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED);
    // SAFETY: the mapping is new, and nobody else knows of it. That touching it raises a signal is what the scenario is about.
    unsafe {
        let page = libc::mmap(ptr::null_mut(), 4096, flags.0, flags.1, file.as_raw_fd(), 0);
        assert_ne!(page, libc::MAP_FAILED);
        file.set_len(0).expect("no page");
        ptr::write_volatile(page.cast::<u8>(), 1);
    }
}

/// Locks all its memory, now and in future, works, and says how much is resident.
fn locked() {
    // SAFETY: mlockall takes flags.
    if unsafe { libc::mlockall(libc::MCL_CURRENT | libc::MCL_FUTURE) } != 0 {
        println!("refused: {}", std::io::Error::last_os_error());
        return;
    }
    black_box((0..100).map(round_without_threads).sum::<u64>());
    let status = std::fs::read_to_string("/proc/self/status").expect("the process's status");
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("resident memory");
    println!("{}", resident.trim().trim_end_matches(" kB"));
    // SAFETY: munlockall takes nothing. Threads at the end have stacks, which would be locked too.
    unsafe { libc::munlockall() };
}

fn round_without_threads(number: u64) -> u64 {
    work(number) + recursive(number % 100) + MANY.iter().map(|function| function(1)).sum::<u64>()
}
