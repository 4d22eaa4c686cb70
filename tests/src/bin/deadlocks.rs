//! Two threads that want two locks of each other, or three that wait in a row. The first argument says whose locks, the second what happens.

use std::sync::Barrier;
use std::thread;

use perf_runtime::{Named, profile};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["std", "circle"] => std_locks::circle(),
        ["std", "row"] => std_locks::row(),
        ["std", "itself"] => std_locks::itself(),
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
    ($module:ident, $library:ident, $unwrap:ident) => {
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

            pub(super) fn itself() {
                let accounts = $unwrap(ACCOUNTS.lock());
                *$unwrap(ACCOUNTS.lock()) += *accounts;
            }
        }
    };
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

scenes!(std_locks, std, guard);
scenes!(parking_lot_locks, parking_lot, same);
