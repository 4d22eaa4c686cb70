//! Memory that a forked child does not inherit: it reads zeros there.
//!
//! Hooks tell of a fork only where the C library makes it. A child that a program makes by the system call `clone` starts with all
//! its parent's memory and nobody told; but the system wipes for it what it was asked to wipe.
#![allow(unsafe_code, reason = "this file's subject is memory")]

/// A value in a page of its own, for statics. All its bytes must be allowed to become zero at any fork.
#[derive(Debug)]
#[repr(C, align(4096))]
pub(crate) struct WipedInChildren<T>(T);

impl<T> WipedInChildren<T> {
    /// # Safety
    /// The value has interior mutability throughout (it is made of atomics), and is valid as zeros.
    pub(crate) const unsafe fn new(value: T) -> Self {
        WipedInChildren(value)
    }

    #[inline(always)]
    pub(crate) const fn get(&self) -> &T {
        &self.0
    }

    /// Asks the system to wipe it in forked children. Says whether it will.
    pub(crate) fn have_it_wiped(&'static self) -> bool {
        #[cfg(all(any(target_os = "linux", target_os = "android"), not(any(miri, perf_portable))))]
        {
            let page = std::ptr::from_ref(self).cast_mut().cast();
            // SAFETY: the pages hold this value alone, which may become zero in a child (`new`). Where the system's pages are
            // larger than these, or not anonymous memory, it refuses.
            unsafe { libc::madvise(page, size_of::<Self>(), libc::MADV_WIPEONFORK) == 0 }
        }
        #[cfg(not(all(any(target_os = "linux", target_os = "android"), not(any(miri, perf_portable)))))]
        false
    }
}
