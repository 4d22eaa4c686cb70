//! Threads: the calling one's identity, hooks at the end of each, and threads of ours.

use std::cell::Cell;
use std::ffi::{CStr, c_void};
use std::io::{self, Write};
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// A function that runs at the end of a thread. Its argument is null.
pub(crate) type EndHook = extern "C" fn(*mut c_void);

/// A number for the calling thread that no other has.
pub(crate) fn thread_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    thread_local! {
        static ID: Cell<u64> = const { Cell::new(0) };
    }
    if ID.get() == 0 {
        ID.set(NEXT.fetch_add(1, Ordering::Relaxed));
    }
    ID.get()
}

/// Name of the calling thread, zero-padded: its number.
///
/// Not the standard library's, which sets a thread's handle up when it is asked for. A call in the program's allocator may ask while
/// the thread begins, and the standard library ends the process when it finds that somebody was faster.
pub(crate) fn thread_name(name: &mut [u8; 32]) {
    let [rest @ .., _zero] = name;
    let _ = write!(&mut rest[..], "thread {}", thread_id());
}

/// The hook of all threads that asked for it.
static ON_THREAD_END: OnceLock<EndHook> = OnceLock::new();

/// Has `hook` run at the end of every thread that called [`at_this_threads_end`].
pub(crate) fn on_thread_end(hook: EndHook) {
    let _ = ON_THREAD_END.set(hook);
}

/// Asks for the hook at the end of the calling thread.
pub(crate) fn at_this_threads_end() {
    if let Some(&hook) = ON_THREAD_END.get() {
        ask_at_the_end(hook);
    }
}

/// A hook that threads may ask for at their end, also from within the allocator.
#[cfg(feature = "allocations")]
#[derive(Debug)]
pub(crate) struct AtThreadEnd(EndHook);

#[cfg(feature = "allocations")]
impl AtThreadEnd {
    pub(crate) const fn new(hook: EndHook) -> AtThreadEnd {
        AtThreadEnd(hook)
    }

    /// Asks for the hook at the end of the calling thread.
    pub(crate) fn ask(&'static self) {
        ask_at_the_end(self.0);
    }
}

thread_local! {
    static HOOKS: Hooks = const { Hooks([const { Cell::new(None) }; 2]) };
}

/// Asks for a hook at the end of the calling thread.
///
/// A thread whose hooks have run already, and asks once more from a destructor that is later still, is not heard: what it holds
/// stays its own, with all that was counted.
fn ask_at_the_end(hook: EndHook) {
    let _ = HOOKS.try_with(|Hooks(hooks)| {
        let is_asked = hooks.iter().any(|asked| asked.get().is_some_and(|asked| ptr::fn_addr_eq(asked, hook)));
        if !is_asked && let Some(free) = hooks.iter().find(|asked| asked.get().is_none()) {
            free.set(Some(hook));
        }
    });
}

/// The hooks that run at the end of a thread: as many as this file has users.
struct Hooks([Cell<Option<EndHook>>; 2]);

impl Drop for Hooks {
    fn drop(&mut self) {
        for hook in self.0.iter().filter_map(Cell::take) {
            hook(ptr::null_mut());
        }
    }
}

/// The name and the work of a thread of ours.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) name: &'static CStr,
    pub(crate) work: fn(),
}

/// Starts a thread of ours. Nobody waits for its end.
pub(crate) fn start(job: &'static Job) -> io::Result<()> {
    spawn(job.name, job.work)
}

/// As [`start`], for work that owns what it needs.
pub(crate) fn spawn(name: &'static CStr, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    thread::Builder::new().name(name.to_string_lossy().into_owned()).spawn(work).map(drop)
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[test]
    fn threads_have_numbers_of_their_own() {
        let here = thread_id();
        let (name, there) = thread::spawn(|| {
            let mut name = [0; 32];
            thread_name(&mut name);
            (name, thread_id())
        })
        .join()
        .unwrap();
        assert_ne!(here, there);
        assert_eq!(here, thread_id());
        assert_eq!(String::from_utf8_lossy(&name).trim_end_matches('\0'), format!("thread {there}"));
    }

    #[test]
    fn a_hook_runs_once_at_the_end_of_each_thread_that_asked() {
        static RUNS: AtomicUsize = AtomicUsize::new(0);
        extern "C" fn hook(_: *mut c_void) {
            RUNS.fetch_add(1, Ordering::Relaxed);
        }
        for _ in 0..3 {
            thread::spawn(|| {
                ask_at_the_end(hook);
                ask_at_the_end(hook);
            })
            .join()
            .unwrap();
        }
        thread::spawn(|| {}).join().unwrap();
        assert_eq!(RUNS.load(Ordering::Relaxed), 3);
    }
}
