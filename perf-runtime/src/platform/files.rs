//! Files, as far as the standard library does not know them: their blocks, their identity, their fate at a fork.
#![allow(unsafe_code, reason = "this file's subject is the operating system's interface")]

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

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

fn fallocate(file: &File, start: u64, len: u64) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
    {
        let (Ok(start), Ok(len)) = (libc::off_t::try_from(start), libc::off_t::try_from(len)) else {
            return Err(io::ErrorKind::FileTooLarge.into());
        };
        // SAFETY: the descriptor is open for as long as `file` is borrowed.
        match unsafe { libc::posix_fallocate(file.as_raw_fd(), start, len) } {
            0 => Ok(()),
            error => Err(io::Error::from_raw_os_error(error)),
        }
    }
    #[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
    {
        let _ = (file, start, len);
        Ok(())
    }
}

/// Whether a file is the one at a path.
pub(crate) fn is_at(file: &File, path: &Path) -> bool {
    let identity = |metadata: std::fs::Metadata| (metadata.dev(), metadata.ino());
    let ours = file.metadata().map(identity);
    let there = std::fs::symlink_metadata(path).map(identity);
    matches!((ours, there), (Ok(ours), Ok(there)) if ours == there)
}

/// Closes a file in a forked child: its lock is the parent's, and lasts as long as any process has the file open.
pub(crate) fn close_after_fork(file: &File) {
    // SAFETY: the descriptor is this file's, which is leaked in the child and never used there again.
    unsafe { libc::close(file.as_raw_fd()) };
}
