//! Resources whose teardown is told on standard output, and the ways in which a process may come to it. The first argument says
//! which; the tests are in `tests/resource_teardown.rs`.
#![allow(unsafe_code, reason = "forks and signals are system calls")]

use std::process::exit;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use perf_runtime::resource::{ResourceState, resources};
use perf_runtime::{Report, lazy_resource};
use perf_test_support::wait::until;

#[lazy_resource(name = "config", on_shutdown = |_| println!("config"))]
static CONFIG: u32 = 1;
#[lazy_resource(name = "pool", on_shutdown = |_| println!("pool"))]
static POOL: u32 = *CONFIG.get() + 1;
#[lazy_resource(name = "index", evict, on_shutdown = |_| println!("index"), on_evict = |_| println!("index evicted"))]
static INDEX: u32 = *POOL.get() + 1;
#[lazy_resource(name = "panics", on_shutdown = |_| panic!("no end"))]
static PANICS: u32 = 1;
#[lazy_resource(name = "hangs", on_shutdown = |_| park())]
static HANGS: u32 = 1;
#[lazy_resource(name = "late", evict, on_shutdown = |_| println!("late"))]
static LATE: u32 = 1;
#[lazy_resource(name = "uses late", on_shutdown = |_| println!("uses late {}", *LATE.lease()))]
static USES_LATE: u32 = 1;
#[lazy_resource(name = "never used", on_shutdown = |_| println!("never used"))]
static _NEVER_USED: u32 = 1;
#[lazy_resource(name = "renewed", on_shutdown = |_| println!("dependent"))]
static DEPENDENT: u32 = *LATE.lease();
#[lazy_resource(name = "declared", depends(LATE), on_shutdown = |_| println!("dependent"))]
static DECLARED: u32 = 0;
#[lazy_resource(name = "asks", on_shutdown = |_| { resources().shutdown(); println!("asks") })]
static ASKS: u32 = 0;

fn main() {
    match std::env::args().nth(1).unwrap_or_default().as_str() {
        "by-session" => by_session(),
        "at-exit" => at_exit(),
        "by-signal" => by_signal(),
        "renewed-dependency" => renewed_dependency(),
        "declared-dependency" => declared_dependency(),
        "panic" => one_panics(),
        "hang" => one_hangs(),
        "hang-by-signal" => one_hangs_at_a_signal(),
        "hook-uses-another" => hook_uses_another(),
        "hook-asks-for-a-teardown" => hook_asks_for_a_teardown(),
        "twice" => twice(),
        "leased" => leased(),
        "fork" => fork(),
        "fork-while-another-thread-initialises" => fork_while_another_thread_initialises(),
        "thread-local-destructor" => thread_local_destructor(),
        other => panic!("no scenario {other}"),
    }
}

fn park() {
    loop {
        thread::park();
    }
}

fn session() -> perf_runtime::Session {
    perf_runtime::session().report(Report::custom(|_| String::from("reported\n")).stdout()).start()
}

fn by_session() {
    let session = session();
    INDEX.warm().unwrap();
    drop(session);
    println!("after the session");
    assert_eq!(POOL.state(), ResourceState::ShutDown);
    assert_eq!(*POOL.get(), 2, "what is kept can still be used");
    assert_eq!(*INDEX.lease(), 3, "what was evicted is made anew");
}

fn at_exit() {
    INDEX.warm().unwrap();
    exit(7);
}

fn by_signal() {
    let _session = session();
    INDEX.warm().unwrap();
    // SAFETY: raise takes a number.
    unsafe { libc::raise(libc::SIGTERM) };
    park();
}

/// `late` is made anew after its dependent, whose turn is first all the same.
fn renewed_dependency() {
    DEPENDENT.warm().unwrap();
    LATE.reload().map(drop).unwrap();
    resources().shutdown();
}

fn declared_dependency() {
    DECLARED.warm().unwrap();
    LATE.warm().unwrap();
    resources().shutdown();
}

fn one_panics() {
    CONFIG.warm().unwrap();
    PANICS.warm().unwrap();
    POOL.warm().unwrap();
    resources().shutdown();
}

/// The limit holds for each of them, so it is long enough for the others on any machine.
fn one_hangs() {
    CONFIG.warm().unwrap();
    HANGS.warm().unwrap();
    POOL.warm().unwrap();
    resources().set_teardown_limit(Duration::from_secs(3));
    resources().shutdown();
}

/// With the limits as they are unless somebody sets them.
fn one_hangs_at_a_signal() {
    let _session = session();
    CONFIG.warm().unwrap();
    HANGS.warm().unwrap();
    POOL.warm().unwrap();
    // SAFETY: raise takes a number.
    unsafe { libc::raise(libc::SIGTERM) };
    park();
}

fn hook_uses_another() {
    LATE.warm().unwrap();
    USES_LATE.warm().unwrap();
    LATE.evict();
    resources().shutdown();
    assert_eq!(LATE.state(), ResourceState::ShutDown, "what a hook made had its turn too");
}

fn hook_asks_for_a_teardown() {
    ASKS.warm().unwrap();
    resources().shutdown();
}

fn twice() {
    CONFIG.warm().unwrap();
    resources().shutdown();
    resources().shutdown();
}

fn leased() {
    let lease = INDEX.lease();
    resources().shutdown();
    println!("lease {}", *lease);
    drop(lease);
    println!("lease ended");
}

fn fork() {
    INDEX.warm().unwrap();
    in_forked_child(|| {
        assert_eq!((*POOL.get(), *INDEX.lease()), (2, 3), "what is ready can be used");
        LATE.warm().unwrap();
    });
    println!("child ended");
}

/// The parent's initialiser ends when the child has ended; the child begins anew.
fn fork_while_another_thread_initialises() {
    static BEGUN: AtomicBool = AtomicBool::new(false);
    static CHILD_ENDED: AtomicBool = AtomicBool::new(false);
    static PARENT: AtomicU32 = AtomicU32::new(0);
    #[lazy_resource(name = "slow")]
    static SLOW: u32 = {
        if PARENT.load(Ordering::Relaxed) == std::process::id() {
            BEGUN.store(true, Ordering::Relaxed);
            until("the child ends", || CHILD_ENDED.load(Ordering::Relaxed));
        }
        9
    };
    PARENT.store(std::process::id(), Ordering::Relaxed);
    let initialising = thread::spawn(|| *SLOW.get());
    until("the initialiser begins", || BEGUN.load(Ordering::Relaxed));
    in_forked_child(|| println!("in the child {}", *SLOW.get()));
    CHILD_ENDED.store(true, Ordering::Relaxed);
    println!("in the parent {}", initialising.join().unwrap());
}

/// Forks, has the child do something and exit, and waits for it.
fn in_forked_child(f: impl FnOnce()) {
    // SAFETY: the child does what this project promises to be possible in one, and exits.
    match unsafe { libc::fork() } {
        0 => {
            f();
            exit(0)
        }
        // SAFETY: the status may be null.
        child => unsafe { libc::waitpid(child, std::ptr::null_mut(), 0) },
    };
}

fn thread_local_destructor() {
    struct AtEnd;
    impl Drop for AtEnd {
        fn drop(&mut self) {
            println!("made in a destructor: {}", *POOL.get() + *INDEX.lease());
        }
    }
    thread_local!(static AT_END: AtEnd = const { AtEnd });
    thread::spawn(|| AT_END.with(|_| ())).join().unwrap();
    resources().shutdown();
}
