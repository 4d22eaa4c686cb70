//! Panics, and the place that they name.

use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Mutex, PoisonError};

/// Checks that work panics, and that the panic names a place in the file of whoever asks.
///
/// # Panics
/// If it does not panic, or names another place.
#[track_caller]
pub fn panics_here<T>(name: &str, work: impl FnOnce() -> T) {
    static HOOK: Mutex<()> = Mutex::new(());
    thread_local! {
        static FILE: RefCell<String> = const { RefCell::new(String::new()) };
    }
    let _alone = HOOK.lock().unwrap_or_else(PoisonError::into_inner);
    let before = panic::take_hook();
    panic::set_hook(Box::new(|panic| FILE.set(panic.location().map_or_else(String::new, |it| it.file().to_owned()))));
    let result = panic::catch_unwind(AssertUnwindSafe(|| drop(work())));
    panic::set_hook(before);
    assert!(result.is_err(), "{name} does not panic");
    assert_eq!(FILE.take(), panic::Location::caller().file(), "{name}");
}
