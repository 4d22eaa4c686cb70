//! Files, as far as the standard library does not know them: their blocks, and locks that outlive descriptors.
#![allow(unsafe_code, reason = "this file's subject is the operating system's interface")]

use std::ffi::{OsStr, OsString};
use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};

use super::kept_file::CAREFULLY;

/// Makes the file system set blocks aside, so that writing to the mapping cannot fail for want of them.
///
/// Page by page, because `tmpfs` undoes a call that fails half-way for all of its pages that nobody has written to yet, also
/// for those that another thread has set aside.
pub(crate) fn reserve_blocks(file: &File, start: u64, len: u64) -> io::Result<()> {
    const PAGE: u64 = 4096;
    let (mut start, end) = (start, start + len);
    while start < end {
        let next = (start + 1).next_multiple_of(PAGE).min(end);
        fallocate(file, start, next - start)?;
        start = next;
    }
    Ok(())
}

/// The name of a file, which may be any bytes here.
pub(crate) fn name_of_bytes(bytes: &[u8]) -> Option<OsString> {
    Some(OsStr::from_bytes(bytes).to_owned())
}

fn fallocate(file: &File, start: u64, len: u64) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
    {
        let (Ok(start), Ok(len)) = (libc::off_t::try_from(start), libc::off_t::try_from(len)) else {
            return Err(io::ErrorKind::FileTooLarge.into());
        };
        loop {
            // SAFETY: the descriptor is open for as long as `file` is borrowed.
            match unsafe { libc::posix_fallocate(file.as_raw_fd(), start, len) } {
                0 => return Ok(()),
                libc::EINTR => {}
                error => return Err(io::Error::from_raw_os_error(error)),
            }
        }
    }
    #[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
    {
        let _ = (file, start, len);
        Ok(())
    }
}

/// Keeps an open file, and with it the lock on it, for as long as this process has its memory, whoever closes the descriptor.
/// A forked child does not inherit that. Says whether it could be done.
///
/// A mapping keeps its file open. One that is not inherited is this process's alone: it goes with the process, and when the
/// process becomes another program.
pub(crate) fn hold_lock(locked: &File) -> bool {
    const LEN: usize = 4096;
    // SAFETY: a new mapping at a place of the system's choice; nobody reads or writes there.
    let held =
        unsafe { libc::mmap(std::ptr::null_mut(), LEN, libc::PROT_NONE, libc::MAP_SHARED, locked.as_raw_fd(), 0) };
    if held == libc::MAP_FAILED {
        return false;
    }
    let stays = stays_out_of_children(held, LEN);
    if !stays {
        // SAFETY: the mapping was just made, and nobody knows of it.
        unsafe { libc::munmap(held, LEN) };
    }
    stays
}

fn stays_out_of_children(start: *mut libc::c_void, len: usize) -> bool {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        // SAFETY: the range is a mapping of the caller's.
        unsafe { libc::madvise(start, len, libc::MADV_DONTFORK) == 0 }
    }
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    {
        let _ = (start, len);
        false
    }
}

/// Opens what may not be what it was: no link is followed, and no pipe waited for.
pub(crate) fn carefully(options: &mut OpenOptions) -> &mut OpenOptions {
    options.custom_flags(CAREFULLY)
}

/// Has a new file made with permissions, as far as the process's `umask` lets them be.
pub(crate) fn with_permissions(options: &mut OpenOptions, permissions: u32) -> &mut OpenOptions {
    options.mode(permissions)
}

/// When a file was last written to, in ns since the Unix epoch.
pub(crate) fn written_ns(metadata: &Metadata) -> u64 {
    let seconds = u64::try_from(metadata.mtime()).unwrap_or(0);
    seconds.saturating_mul(1_000_000_000).saturating_add(u64::try_from(metadata.mtime_nsec()).unwrap_or(0))
}
