//! Calls that begin or end in unusual ways.
#![allow(unsafe_code, reason = "contexts are switched by system calls")]

use std::cell::Cell;
use std::future::Future;
use std::hint::black_box;
use std::panic::{self, AssertUnwindSafe};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::thread;

use perf_runtime::__private::{Description, Kind, Site, Timing};
use perf_runtime::{profile, profile_block};

#[profile]
fn work() {}

fn main() {
    match std::env::args().nth(1).unwrap_or_default().as_str() {
        "unwinding" => unwinding(),
        "recursion" => recursion(),
        "forgotten-guard" => forgotten_guard(),
        "forgotten-above-the-stack" => forgotten_above_the_stack(),
        "abandoned-stack" => abandoned_stack(),
        "futures" => futures(),
        "future-polled-in-a-drop" => future_polled_in_a_drop(),
        "late-session" => late_session(),
        "after-the-session" => after_the_session(),
        "names" => names(),
        "nested" => (0..100).for_each(|_| outer()),
        other => panic!("no scenario {other}"),
    }
}

/// Says its name when it is dropped, after an annotated call.
struct Loud(&'static str);

impl Drop for Loud {
    fn drop(&mut self) {
        println!("drops {}", self.0);
    }
}

#[derive(Debug, PartialEq)]
struct Payload(u32);

#[profile]
fn throws(_first: Loud, _second: Loud) {
    let _third = Loud("third");
    let _fourth = Loud("fourth");
    panic::panic_any(Payload(42));
}

#[profile]
fn passes_on() {
    throws(Loud("first"), Loud("second"));
}

#[profile]
fn catches() -> Box<dyn std::any::Any + Send> {
    panic::catch_unwind(passes_on).unwrap_err()
}

fn unwinding() {
    panic::set_hook(Box::new(|_| {}));
    for _ in 0..2 {
        println!("payload {}", catches().downcast_ref::<Payload>() == Some(&Payload(42)));
    }
}

#[profile]
fn recursive(depth: u64) -> u64 {
    if depth == 0 { 0 } else { black_box(recursive(depth - 1)) + 1 }
}

fn recursion() {
    let deep = thread::Builder::new().stack_size(1 << 30).spawn(|| {
        println!("{}", recursive(99_999));
        work();
    });
    deep.unwrap().join().unwrap();
}

const fn description(name: &'static str) -> Description {
    Description {
        kind: Kind::Function,
        timing: Timing::Exact,
        name: Some(name),
        path: || "",
        module: module_path!(),
        file: file!(),
        line: line!(),
        budgets: "",
    }
}

static LEAKY: Site = Site::new(description("leaky"));

#[profile]
fn outer() {
    work();
}

#[profile]
fn holder() {
    std::mem::forget(perf_runtime::__private::enter(&LEAKY));
    outer();
}

fn forgotten_guard() {
    for _ in 0..10 {
        holder();
    }
    std::mem::forget(perf_runtime::__private::enter(&LEAKY));
    outer();
}

#[profile]
fn down(depth: u64) {
    if depth == 0 {
        std::mem::forget(perf_runtime::__private::enter(&LEAKY));
    } else {
        down(depth - 1);
    }
}

fn forgotten_above_the_stack() {
    down(2000);
    for _ in 0..10 {
        down(100);
        outer();
    }
}

/// Leaves a stack in the middle of two calls, for ever.
fn abandoned_stack() {
    static MAIN: AtomicUsize = AtomicUsize::new(0);
    static OTHER: AtomicUsize = AtomicUsize::new(0);
    #[profile]
    fn leaves() {
        // SAFETY: both contexts live as long as the process.
        unsafe {
            libc::swapcontext(
                OTHER.load(Ordering::Relaxed) as *mut libc::ucontext_t,
                MAIN.load(Ordering::Relaxed) as *const libc::ucontext_t,
            )
        };
    }
    #[profile]
    fn starts() {
        leaves();
    }
    extern "C" fn start() {
        starts();
    }
    #[profile]
    fn switches() {
        // SAFETY: a zeroed context is one to be filled; stack and contexts are leaked, so they outlive their use.
        unsafe {
            let contexts: &mut [libc::ucontext_t; 2] = Box::leak(Box::new(std::mem::zeroed()));
            let stack = Box::leak(vec![0_u8; 1 << 20].into_boxed_slice());
            let [main, other] = contexts;
            libc::getcontext(other);
            other.uc_stack.ss_sp = stack.as_mut_ptr().cast();
            other.uc_stack.ss_size = stack.len();
            libc::makecontext(other, start, 0);
            MAIN.store(&raw mut *main as usize, Ordering::Relaxed);
            OTHER.store(&raw mut *other as usize, Ordering::Relaxed);
            libc::swapcontext(main, other);
        }
        work();
    }
    for _ in 0..10 {
        switches();
    }
}

/// Ready at its third poll.
struct Thrice(Cell<u32>);

impl Future for Thrice {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        self.0.set(self.0.get() + 1);
        if self.0.get() < 3 { Poll::Pending } else { Poll::Ready(()) }
    }
}

#[profile]
async fn waits() {
    Thrice(Cell::new(0)).await;
    work();
}

#[profile]
async fn fails() {
    Thrice(Cell::new(0)).await;
    panic!("on purpose");
}

fn poll(future: Pin<&mut impl Future>) -> bool {
    future.poll(&mut Context::from_waker(Waker::noop())).is_ready()
}

fn futures() {
    panic::set_hook(Box::new(|_| {}));
    // To its end, each poll in another thread.
    for _ in 0..10 {
        let mut future = Box::pin(waits());
        let mut ready = false;
        while !ready {
            (future, ready) = thread::spawn(move || {
                let ready = poll(future.as_mut());
                (future, ready)
            })
            .join()
            .unwrap();
        }
    }
    // Dropped before the first poll, and half-way, here and in another thread.
    drop(waits());
    for number in 0..6 {
        let mut future = Box::pin(waits());
        assert!(!poll(future.as_mut()));
        if number % 2 == 0 { drop(future) } else { thread::spawn(move || drop(future)).join().unwrap() }
    }
    // Still waiting at the end.
    let mut future = Box::pin(waits());
    assert!(!poll(future.as_mut()));
    std::mem::forget(future);
    let mut future = pin!(fails());
    let result = panic::catch_unwind(AssertUnwindSafe(|| while !poll(future.as_mut()) {}));
    assert!(result.is_err());
}

/// A destructor that waits for a future, while a panic passes.
fn future_polled_in_a_drop() {
    struct Waits;
    impl Drop for Waits {
        fn drop(&mut self) {
            let mut future = pin!(waits());
            while !poll(future.as_mut()) {}
        }
    }
    panic::set_hook(Box::new(|_| {}));
    let _ = panic::catch_unwind(|| {
        let _waits = Waits;
        panic!("on purpose");
    });
}

fn late_session() {
    for _ in 0..5 {
        work();
    }
    thread::sleep(std::time::Duration::from_millis(150));
    let session = perf_runtime::session()
        .report(perf_runtime::Report::json().file("report.json"))
        .report(perf_runtime::Report::table())
        .start();
    work();
    drop(session);
}

fn after_the_session() {
    let session = perf_runtime::session().report(perf_runtime::Report::json().file("report.json")).start();
    work();
    session.finish();
    for _ in 0..5 {
        work();
    }
    drop(perf_runtime::session().report(perf_runtime::Report::json().file("second.json")).start());
    work();
}

#[profile(
    name = "\u{1b}[31mred\u{1b}[0m \"quoted\" back\\slash\nnew line\ttab \u{7}bell \u{202e}reversed \u{9b}csi \0nul"
)]
fn hostile() {}

/// A text ten times over.
macro_rules! ten_times {
    ($($text:tt)*) => { concat!($($text)*, $($text)*, $($text)*, $($text)*, $($text)*, $($text)*, $($text)*, $($text)*, $($text)*, $($text)*) };
}

fn names() {
    static LONG: Site = Site::new(description(ten_times!(ten_times!(ten_times!("0123456789")))));
    hostile();
    drop(perf_runtime::__private::enter(&LONG));
    profile_block!("a block: <b>\"'&;\r\n", { work() });
}
