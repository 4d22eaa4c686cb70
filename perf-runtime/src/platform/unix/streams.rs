//! The standard streams, without the locks that the standard library puts on them.
//!
//! Who ends the process may hold those locks (`let mut out = stdout().lock(); …; exit(1)` is common), and the reports are
//! written by another thread, which would wait for them in vain. Nor is a descriptor taken for them: a program that has all
//! descriptors in use must be told all the same.
#![allow(unsafe_code, reason = "this file's subject is descriptors that the process is given")]

use std::fs::File;
use std::io::Write;
use std::mem::ManuallyDrop;
use std::ops::DerefMut;
use std::os::fd::FromRawFd;

pub(crate) fn stderr() -> impl DerefMut<Target = impl Write> {
    stream(libc::STDERR_FILENO)
}

pub(crate) fn stdout() -> impl DerefMut<Target = impl Write> {
    stream(libc::STDOUT_FILENO)
}

/// Columns of the terminal that standard error is, if it is one that knows them.
pub(crate) fn stderr_columns() -> Option<u16> {
    columns(libc::STDERR_FILENO)
}

/// Columns of the terminal that standard output is, if it is one that knows them.
pub(crate) fn stdout_columns() -> Option<u16> {
    columns(libc::STDOUT_FILENO)
}

fn columns(descriptor: libc::c_int) -> Option<u16> {
    let mut size = libc::winsize { ws_row: 0, ws_col: 0, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: the request fills in a `winsize`, which outlives the call; a descriptor that is no terminal is an error.
    let told = unsafe { libc::ioctl(descriptor, libc::TIOCGWINSZ, &raw mut size) } == 0;
    told.then_some(size.ws_col).filter(|&columns| columns > 0)
}

fn stream(descriptor: libc::c_int) -> ManuallyDrop<File> {
    // SAFETY: the file is not dropped, so the stream stays open; where it is closed, writing to it is an error. Its number is
    // what everybody means by it, whoever has opened it.
    ManuallyDrop::new(unsafe { File::from_raw_fd(descriptor) })
}

#[cfg(test)]
mod tests {
    use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
    use std::ptr;

    use super::columns;

    #[test]
    fn a_terminal_tells_its_columns_and_a_pipe_has_none() {
        let size = libc::winsize { ws_row: 24, ws_col: 73, ws_xpixel: 0, ws_ypixel: 0 };
        let (mut ours, mut theirs) = (-1, -1);
        // SAFETY: both descriptors and the size outlive the call, which takes no name and no settings.
        let opened = unsafe {
            libc::openpty(&raw mut ours, &raw mut theirs, ptr::null_mut(), ptr::null_mut(), &raw const size as *mut _)
        };
        assert_eq!(opened, 0);
        // SAFETY: they were opened just now, and nobody else has them.
        let terminal = unsafe { [OwnedFd::from_raw_fd(ours), OwnedFd::from_raw_fd(theirs)] };
        assert_eq!(columns(terminal[1].as_raw_fd()), Some(73));
        let (reader, _writer) = std::io::pipe().expect("a pipe");
        assert_eq!(columns(reader.as_raw_fd()), None);
    }
}
