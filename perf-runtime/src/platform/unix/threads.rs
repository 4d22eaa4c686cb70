//! Threads: the calling one's identity, a hook at the end of each, and threads of ours.
#![allow(unsafe_code, reason = "this file's subject is the operating system's interface")]

use std::ffi::{CStr, c_void};
use std::sync::atomic::{AtomicU64, Ordering};
use std::{io, panic, ptr};

use super::{hooks, signal_mask};

/// The system's id of the calling thread.
pub(crate) fn thread_id() -> u64 {
    #[cfg(target_os = "linux")]
    {
        // SAFETY: gettid takes nothing and cannot fail.
        unsafe { libc::syscall(libc::SYS_gettid) as u64 }
    }
    #[cfg(not(target_os = "linux"))]
    {
        // SAFETY: pthread_self takes nothing and cannot fail.
        unsafe { libc::pthread_self() as u64 }
    }
}

/// Name of the calling thread, zero-padded. The system's, not Rust's: asking for that may set up thread-locals. The
/// system names the first thread after the program; it is `main` to everybody else.
pub(crate) fn thread_name(name: &mut [u8; 32]) {
    if thread_id() == u64::from(std::process::id()) {
        name[..4].copy_from_slice(b"main");
        return;
    }
    // Miri knows no prctl.
    #[cfg(all(target_os = "linux", not(miri)))]
    // SAFETY: PR_GET_NAME writes at most 16 bytes, and the buffer has 32.
    unsafe {
        libc::prctl(libc::PR_GET_NAME, name.as_mut_ptr());
    }
    #[cfg(not(all(target_os = "linux", not(miri))))]
    let _ = name;
}

/// Key of the per-thread value whose destructor runs at a thread's end, plus 1; 0 while there is none.
static THREAD_KEY: AtomicU64 = AtomicU64::new(0);

/// Has `hook` run at the end of every thread that called [`at_this_threads_end`].
///
/// A pthread key, not a `thread_local!` with a destructor: it runs after those (which may call annotated functions), and
/// setting it needs neither a lock nor, for the first 32 keys of a process, memory.
pub(crate) fn on_thread_end(hook: extern "C" fn(*mut libc::c_void)) {
    hooks::stay_loaded();
    let mut key: libc::pthread_key_t = 0;
    // SAFETY: the pointer is to a live key, and `hook` is a function for the whole life of the program.
    if unsafe { libc::pthread_key_create(&raw mut key, Some(hook)) } == 0 {
        THREAD_KEY.store(u64::from(key) + 1, Ordering::Release);
    }
}

/// Asks for the hook at the end of the calling thread.
pub(crate) fn at_this_threads_end() {
    if let Some(key) = THREAD_KEY.load(Ordering::Acquire).checked_sub(1) {
        // SAFETY: the key was created and not deleted; the value is not null, so that its destructor runs, and is never
        // read.
        unsafe { libc::pthread_setspecific(key as libc::pthread_key_t, std::ptr::dangling::<u8>().cast()) };
    }
}

/// A hook that threads may ask for at their end, also from within the allocator: see [`on_thread_end`].
#[cfg(feature = "allocations")]
#[derive(Debug)]
pub(crate) struct AtThreadEnd {
    hook: extern "C" fn(*mut c_void),
    /// As [`THREAD_KEY`].
    key: AtomicU64,
}

#[cfg(feature = "allocations")]
impl AtThreadEnd {
    pub(crate) const fn new(hook: extern "C" fn(*mut c_void)) -> AtThreadEnd {
        AtThreadEnd { hook, key: AtomicU64::new(0) }
    }

    /// Asks for the hook at the end of the calling thread.
    pub(crate) fn ask(&'static self) {
        let mut key = self.key.load(Ordering::Acquire);
        if key == 0 {
            let mut new: libc::pthread_key_t = 0;
            // SAFETY: the pointer is to a live key, and the hook is a function for the whole life of the program.
            if unsafe { libc::pthread_key_create(&raw mut new, Some(self.hook)) } != 0 {
                return;
            }
            let new = u64::from(new) + 1;
            match self.key.compare_exchange(0, new, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => key = new,
                Err(current) => {
                    // SAFETY: the key was just created, and nobody else knows it.
                    unsafe { libc::pthread_key_delete((new - 1) as libc::pthread_key_t) };
                    key = current;
                }
            }
        }
        // SAFETY: the key was created and is never deleted; the value is not null, so that the hook runs, and is never read.
        unsafe { libc::pthread_setspecific((key - 1) as libc::pthread_key_t, ptr::dangling::<u8>().cast()) };
    }
}

/// The name and the work of a thread of ours.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) name: &'static CStr,
    pub(crate) work: fn(),
}

/// Bytes of stack for a thread of ours: as many as the standard library gives, since views of the program's own may run there.
const STACK: usize = 2 << 20;

/// Starts a thread of ours, which takes none of the program's signals. Nobody waits for its end.
///
/// Not by the standard library, which takes memory from the program's allocator, and locks that a forked child may have left
/// behind: this may happen in the first annotated call, wherever that is.
pub(crate) fn start(job: &'static Job) -> io::Result<()> {
    extern "C" fn main(job: *mut c_void) -> *mut c_void {
        // SAFETY: the pointer was made below, from a job that lives for ever.
        let job = unsafe { &*job.cast_const().cast::<Job>() };
        run(job.name, job.work);
        ptr::null_mut()
    }
    start_at(main, ptr::from_ref(job).cast_mut().cast())
}

/// As [`start`], for work that owns what it needs.
pub(crate) fn spawn(name: &'static CStr, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    type Work = (&'static CStr, Box<dyn FnOnce() + Send>);
    extern "C" fn main(work: *mut c_void) -> *mut c_void {
        // SAFETY: the pointer was made below, for this thread alone.
        let (name, work) = *unsafe { Box::from_raw(work.cast::<Work>()) };
        run(name, work);
        ptr::null_mut()
    }
    let work: *mut Work = Box::into_raw(Box::new((name, Box::new(work))));
    start_at(main, work.cast()).inspect_err(|_| {
        // SAFETY: there is no thread that could have it.
        drop(unsafe { Box::from_raw(work) });
    })
}

/// The life of a thread of ours.
fn run(name: &'static CStr, work: impl FnOnce()) {
    name_thread(name);
    // Nothing may unwind into the C library; the panic's message is all that there is to say.
    let _ = panic::catch_unwind(panic::AssertUnwindSafe(work));
}

fn start_at(main: extern "C" fn(*mut c_void) -> *mut c_void, argument: *mut c_void) -> io::Result<()> {
    hooks::stay_loaded();
    // SAFETY: the attributes are initialised before they are used, and destroyed after; `main` is a function for the whole life
    // of the program, and takes what `argument` points to.
    let error = signal_mask::without_signals(|| unsafe {
        let mut attributes: libc::pthread_attr_t = std::mem::zeroed();
        let error = libc::pthread_attr_init(&raw mut attributes);
        if error != 0 {
            return error;
        }
        libc::pthread_attr_setdetachstate(&raw mut attributes, libc::PTHREAD_CREATE_DETACHED);
        libc::pthread_attr_setstacksize(&raw mut attributes, STACK);
        let mut thread: libc::pthread_t = std::mem::zeroed();
        let error = libc::pthread_create(&raw mut thread, &raw const attributes, main, argument);
        libc::pthread_attr_destroy(&raw mut attributes);
        error
    });
    if error == 0 { Ok(()) } else { Err(io::Error::from_raw_os_error(error)) }
}

/// Names the calling thread.
fn name_thread(name: &CStr) {
    #[cfg(all(target_os = "linux", not(miri)))]
    // SAFETY: the name ends with a zero.
    unsafe {
        libc::prctl(libc::PR_SET_NAME, name.as_ptr());
    }
    #[cfg(target_vendor = "apple")]
    // SAFETY: the name ends with a zero.
    unsafe {
        libc::pthread_setname_np(name.as_ptr());
    }
    #[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
    let _ = name;
}

#[cfg(all(test, not(loom), not(miri)))]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn a_thread_of_ours_has_a_name_and_takes_no_signals() {
        let (tell, told) = mpsc::channel();
        spawn(c"perf-test", move || {
            let mut name = [0; 32];
            thread_name(&mut name);
            tell.send((name, signal_mask::blocks(libc::SIGTERM) && signal_mask::blocks(libc::SIGPROF))).unwrap();
        })
        .unwrap();
        let (name, blocked) = told.recv().unwrap();
        assert!(blocked);
        if cfg!(target_os = "linux") {
            assert_eq!(&name[..10], b"perf-test\0");
        }
    }

    #[test]
    fn a_panic_ends_the_thread_alone() {
        let (tell, told) = mpsc::channel::<()>();
        spawn(c"perf-test", move || {
            let _tell = tell;
            panic::resume_unwind(Box::new(()));
        })
        .unwrap();
        assert!(told.recv().is_err(), "what the thread had is dropped");
    }
}
