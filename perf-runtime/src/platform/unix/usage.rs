//! Usage of the process, as the system counts it, and the C library's heap.
#![allow(unsafe_code, reason = "this file's subject is the operating system's interface")]

use std::mem::zeroed;

use super::super::Usage;

/// Whether the system's files tell of the process.
pub(crate) const HAS_FILES: bool = true;

pub(crate) fn usage() -> Option<Usage> {
    // SAFETY: a zeroed rusage is a valid one to be overwritten, and the pointer is to it.
    let usage = unsafe {
        let mut usage: libc::rusage = zeroed();
        (libc::getrusage(libc::RUSAGE_SELF, &raw mut usage) == 0).then_some(usage)
    }?;
    let us = |time: libc::timeval| time.tv_sec as u64 * 1_000_000 + time.tv_usec as u64;
    Some(Usage {
        user_us: us(usage.ru_utime),
        system_us: us(usage.ru_stime),
        minor_faults: usage.ru_minflt as u64,
        major_faults: usage.ru_majflt as u64,
        switches: usage.ru_nvcsw as u64,
        preemptions: usage.ru_nivcsw as u64,
    })
}

/// Has the C library's allocator give free memory back to the system. Says whether it did.
pub(crate) fn trim_heap() -> bool {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: malloc_trim takes a number and may be called at any time.
    unsafe {
        libc::malloc_trim(0) == 1
    }
    #[cfg(not(all(target_os = "linux", target_env = "gnu")))]
    false
}
