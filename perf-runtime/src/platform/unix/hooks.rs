//! Hooks of the process: at its exit, at a fork; and staying loaded for as long as they may run.
#![allow(unsafe_code, reason = "this file's subject is the operating system's interface")]

use std::sync::atomic::{AtomicBool, Ordering};

/// If this code is in a library that a program has loaded, it stays loaded to the end of the process, also when the
/// program closes it.
///
/// Threads, hooks and handlers of ours would go on in code that is gone. And nothing could be reported while it goes: the
/// loader holds its lock then, for which a new thread would wait. So whoever gives the system a function of ours to call later
/// calls this first.
pub(crate) fn stay_loaded() {
    static STAYS: AtomicBool = AtomicBool::new(false);
    if STAYS.swap(true, Ordering::Relaxed) {
        return;
    }
    let here = stay_loaded as *const ();
    #[cfg(target_os = "linux")]
    // SAFETY: getauxval takes a number and reads no memory of ours.
    let program = std::ptr::with_exposed_provenance(unsafe { libc::getauxval(libc::AT_PHDR) } as usize);
    #[cfg(not(target_os = "linux"))]
    let program = std::ptr::null();
    let Some((base, name)) = module_of(here) else { return };
    if module_of(program).is_none_or(|(programs_base, _)| programs_base != base) {
        // SAFETY: the name is a string of the loader's, of a library that is loaded: this one.
        unsafe { libc::dlopen(name, libc::RTLD_LAZY | libc::RTLD_NOLOAD | libc::RTLD_NODELETE) };
    }
}

/// Where the program or library that an address is in begins, and its name.
fn module_of(address: *const ()) -> Option<(*mut libc::c_void, *const libc::c_char)> {
    // SAFETY: dladdr only compares the address, and fills a value for which zeros are valid.
    let info = unsafe {
        let mut info: libc::Dl_info = std::mem::zeroed();
        (libc::dladdr(address.cast(), &raw mut info) != 0).then_some(info)
    }?;
    (!info.dli_fname.is_null()).then_some((info.dli_fbase, info.dli_fname))
}

/// Has `hook` run when the process exits.
pub(crate) fn on_exit(hook: extern "C" fn()) {
    stay_loaded();
    // SAFETY: `hook` is a function for as long as this code is loaded, and catches its panics.
    unsafe { libc::atexit(hook) };
}

/// Whether hooks for forks may be given to the system at any time: it forgets those of a library that is closed, or closes none.
pub(crate) const FORGETS_FORK_HOOKS: bool = cfg!(target_os = "linux");

/// Has `hook` run in every child process that is forked without exec.
pub(crate) fn on_fork_in_child(hook: unsafe extern "C" fn()) {
    if !FORGETS_FORK_HOOKS {
        stay_loaded();
    }
    // SAFETY: `hook` is a function for as long as this code is loaded, and does only what a forked child may.
    unsafe { libc::pthread_atfork(None, None, Some(hook)) };
}

/// Has `before` run before every fork without exec, and then `parent` and `child` in the one and the other, all in the thread
/// that forks.
#[cfg(feature = "resources")]
pub(crate) fn on_fork(before: extern "C" fn(), parent: extern "C" fn(), child: extern "C" fn()) {
    if !FORGETS_FORK_HOOKS {
        stay_loaded();
    }
    // SAFETY: the three are functions for as long as this code is loaded.
    unsafe { libc::pthread_atfork(Some(before), Some(parent), Some(child)) };
}
