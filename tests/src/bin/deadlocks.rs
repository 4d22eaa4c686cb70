//! Threads that want locks of each other, and such that only wait. The first argument says whose locks, the second what happens.
#![allow(unsafe_code, reason = "fork is a system call")]

use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use perf_runtime::{Named, profile};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["std", "circle"] => std_locks::circle(),
        ["std", "row"] => std_locks::row(),
        ["std", "itself"] => std_locks::itself(),
        ["std", "released"] => std_locks::released(),
        ["std", "circle", "session"] => {
            let _session = perf_runtime::session().deadlocks(true).recording("app.perfrec").start();
            std_locks::circle()
        }
        ["std", "many"] => std_locks::many(),
        ["std", "too-many"] => std_locks::too_many(),
        ["std", "full"] => std_locks::full(),
        ["std", "fork"] => std_locks::fork(),
        ["parking_lot", "many"] => parking_lot_locks::many(),
        ["parking_lot", "too-many"] => parking_lot_locks::too_many(),
        ["parking_lot", "full"] => parking_lot_locks::full(),
        ["parking_lot", "fork"] => parking_lot_locks::fork(),
        ["parking_lot", "released"] => parking_lot_locks::released(),
        ["parking_lot", "circle"] => parking_lot_locks::circle(),
        ["parking_lot", "row"] => parking_lot_locks::row(),
        ["parking_lot", "itself"] => parking_lot_locks::itself(),
        _ => panic!("not so: {arguments:?}"),
    }
}

/// A thread with a name.
fn start(name: &str, run: impl FnOnce() + Send + 'static) {
    thread::Builder::new().name(name.into()).spawn(run).expect("there is room for a thread");
}

/// The rest of the program's life.
fn park() -> ! {
    loop {
        thread::park();
    }
}

/// The same with locks of two libraries, which differ in that one of them returns results.
macro_rules! scenes {
    ($module:ident, $library:ident, $unwrap:ident, $wait_a_little:path, $clear_poison:path) => {
        mod $module {
            use std::sync::LazyLock;

            use perf_runtime::locks::$library::{Mutex, RwLock};

            use super::*;

            static ACCOUNTS: LazyLock<Mutex<u64>> = LazyLock::new(|| Mutex::new(1).named("accounts"));
            static LOG: LazyLock<RwLock<u64>> = LazyLock::new(|| RwLock::new(2).named("log"));
            static BOTH: Barrier = Barrier::new(2);

            /// Holds the accounts and wants to write to the log.
            #[profile(name = "transfer")]
            fn transfer() {
                let accounts = $unwrap(ACCOUNTS.lock());
                BOTH.wait();
                *$unwrap(LOG.write()) += *accounts;
            }

            /// Holds the log as a reader and wants the accounts.
            #[profile(name = "audit")]
            fn audit() {
                // Released ones are not held.
                let others: [Mutex<u8>; 20] = std::array::from_fn(|_| Mutex::new(0).named("other"));
                let held: Vec<_> = others.iter().map(|lock| $unwrap(lock.lock())).collect();
                drop(held);
                let log = $unwrap(LOG.read());
                BOTH.wait();
                *$unwrap(ACCOUNTS.lock()) += *log;
            }

            pub(super) fn circle() {
                start("teller", transfer);
                start("auditor", audit);
                park();
            }

            /// A lock is held for long, and who waits for it holds another one for which a third thread waits.
            pub(super) fn row() {
                let accounts = $unwrap(ACCOUNTS.lock());
                start("auditor", || {
                    let log = $unwrap(LOG.write());
                    BOTH.wait();
                    *$unwrap(ACCOUNTS.lock()) += *log;
                });
                BOTH.wait();
                start("reader", || drop($unwrap(LOG.read())));
                park_with(accounts);
            }

            /// A thread waits for a lock that it has released in all ways there are.
            pub(super) fn released() {
                start("auditor", || {
                    // Some of these holds are timed.
                    for _ in 0..1_000 {
                        drop($unwrap(ACCOUNTS.lock()));
                        drop($unwrap(LOG.read()));
                        drop($unwrap(LOG.write()));
                    }
                    let panicked = std::panic::catch_unwind(|| {
                        let _accounts = $unwrap(ACCOUNTS.lock());
                        panic!("with a lock");
                    });
                    assert!(panicked.is_err());
                    $clear_poison(&ACCOUNTS);
                    $wait_a_little(&ACCOUNTS);
                    BOTH.wait();
                    // Held by the other thread for a while.
                    BOTH.wait();
                    drop($unwrap(ACCOUNTS.lock()));
                    BOTH.wait();
                    BOTH.wait();
                    *$unwrap(ACCOUNTS.lock()) += 1;
                });
                BOTH.wait();
                let accounts = $unwrap(ACCOUNTS.lock());
                BOTH.wait();
                thread::sleep(Duration::from_millis(100));
                drop(accounts);
                BOTH.wait();
                let accounts = $unwrap(ACCOUNTS.lock());
                BOTH.wait();
                park_with(accounts);
            }

            /// More locks than a thread can note. They are held to the end.
            fn hold_others<T>(run: impl FnOnce() -> T) -> T {
                let others: [Mutex<u8>; 20] = std::array::from_fn(|_| Mutex::new(0).named("other"));
                let _held: Vec<_> = others.iter().map(|lock| $unwrap(lock.lock())).collect();
                run()
            }

            fn want_accounts(log: impl std::ops::Deref<Target = u64>) {
                BOTH.wait();
                *$unwrap(ACCOUNTS.lock()) += *log;
            }

            /// The lock that others wait for comes first. Of those beyond, a few have been released, for which there was no place.
            pub(super) fn many() {
                start("teller", transfer);
                start("auditor", || {
                    let log = $unwrap(LOG.read());
                    hold_others(|| {
                        hold_others(|| ());
                        want_accounts(log);
                    });
                });
                park();
            }

            /// It comes last, and so there is no place for it.
            pub(super) fn too_many() {
                start("teller", transfer);
                start("auditor", || hold_others(|| want_accounts($unwrap(LOG.read()))));
                park();
            }

            /// There is no room left in the recording when they begin to wait.
            pub(super) fn full() {
                static NEXT: Barrier = Barrier::new(3);
                let after = |run: fn()| {
                    move || {
                        drop($unwrap(ACCOUNTS.lock()));
                        drop($unwrap(LOG.read()));
                        NEXT.wait();
                        NEXT.wait();
                        run();
                    }
                };
                start("teller", after(transfer));
                start("auditor", after(|| want_accounts($unwrap(LOG.read()))));
                NEXT.wait();
                fill_the_recording();
                NEXT.wait();
                // One that comes too late for a place in it.
                start("clerk", || drop($unwrap(ACCOUNTS.lock())));
                park();
            }

            /// The parent waits for itself. Its child has a copy of its guard, and two threads of its own that wait for each other.
            pub(super) fn fork() {
                let accounts = $unwrap(ACCOUNTS.lock());
                match super::is_child() {
                    true => audit_in_child(accounts),
                    false => *$unwrap(ACCOUNTS.lock()) += *accounts,
                }
            }

            #[profile(name = "audit")]
            fn audit_in_child(parents: impl std::ops::Deref<Target = u64>) {
                // Noted at the place at which the parent has noted the accounts.
                let log = $unwrap(LOG.read());
                drop(parents);
                start("teller", transfer);
                want_accounts(log);
            }

            pub(super) fn itself() {
                let accounts = $unwrap(ACCOUNTS.lock());
                *$unwrap(ACCOUNTS.lock()) += *accounts;
            }
        }
    };
}

/// Takes all room that is left in the recording, by threads that stay.
fn fill_the_recording() {
    const THREADS: usize = 60;
    static ALL: Barrier = Barrier::new(THREADS + 1);
    for _ in 0..THREADS {
        start("filler", || {
            work();
            ALL.wait();
            park();
        });
    }
    ALL.wait();
}

#[profile]
fn work() {}

/// Forks, and has the parent say which process its child is. The child ends with its parent.
fn is_child() -> bool {
    let parent = std::process::id();
    // SAFETY: the program has no other thread, and so nothing that one has left half done; those of the runtime expect a fork.
    let child = unsafe { libc::fork() };
    if child != 0 {
        println!("{child}");
        return false;
    }
    start("end", move || {
        while std::os::unix::process::parent_id() == parent {
            thread::sleep(Duration::from_millis(10));
        }
        std::process::abort();
    });
    true
}

/// Keeps a guard for the rest of the program's life.
fn park_with<T>(_guard: T) -> ! {
    park()
}

/// The guard of a lock of the standard library.
fn guard<T, E: std::fmt::Debug>(result: Result<T, E>) -> T {
    result.expect("nobody panics")
}

/// The guard of a lock of parking_lot.
fn same<T>(guard: T) -> T {
    guard
}

mod ways {
    use std::time::Duration;

    use perf_runtime::locks::{parking_lot, std as std_locks};

    pub(super) fn wait_std(lock: &std_locks::Mutex<u64>) {
        let waited =
            std_locks::Condvar::new().wait_timeout(lock.lock().expect("nobody panics"), Duration::from_millis(1));
        drop(waited.expect("nobody panics"));
    }

    pub(super) fn wait_parking_lot(lock: &parking_lot::Mutex<u64>) {
        let mut guard = lock.lock();
        let _ = parking_lot::Condvar::new().wait_for(&mut guard, Duration::from_millis(1));
        parking_lot::MutexGuard::unlock_fair(guard);
    }

    pub(super) fn clear_std(lock: &std_locks::Mutex<u64>) {
        lock.clear_poison();
    }

    pub(super) fn clear_parking_lot(_lock: &parking_lot::Mutex<u64>) {}
}

scenes!(std_locks, std, guard, ways::wait_std, ways::clear_std);
scenes!(parking_lot_locks, parking_lot, same, ways::wait_parking_lot, ways::clear_parking_lot);
