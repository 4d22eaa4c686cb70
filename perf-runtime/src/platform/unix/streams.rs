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

fn stream(descriptor: libc::c_int) -> ManuallyDrop<File> {
    // SAFETY: the file is not dropped, so the stream stays open; where it is closed, writing to it is an error. Its number is
    // what everybody means by it, whoever has opened it.
    ManuallyDrop::new(unsafe { File::from_raw_fd(descriptor) })
}
