//! Memory of the command's own process.
#![cfg_attr(
    all(target_os = "linux", target_env = "gnu"),
    expect(unsafe_code, reason = "the C library's allocator is told how by a function of its own")
)]

/// Has memory that was freed go back to the system.
///
/// By itself glibc keeps up to 64 MiB of it per thread that frees large blocks, since it raises its limits with their sizes. A server
/// that reads a large recording at each scrape had twice as much memory as it used.
pub(crate) fn give_back_what_is_freed() {
    /// Blocks from this size on are the system's as soon as they are freed, and a heap's free end from twice this size on.
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    const LARGE: libc::c_int = 1 << 20;
    // SAFETY: it changes numbers of the allocator, under its lock.
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE);
        libc::mallopt(libc::M_TRIM_THRESHOLD, 2 * LARGE);
    }
}
