//! A file that stays open: its descriptor is a number, and the program may give that number to a file of its own.
//!
//! Programs that become daemons close whatever they find open, and what they open next gets the free numbers. So the file's
//! identity is noted when it is opened and compared before each use. If the number has become another file's, the file is
//! opened once more by its path, and used if it is still the same one.
//!
//! Between the comparison and the use, another thread can still close the descriptor. The system offers nothing against that; it
//! takes a thread that closes descriptors which it did not open, at that very moment.
#![allow(unsafe_code, reason = "this file's subject is the operating system's interface")]

use std::fs::{File, FileType, OpenOptions};
use std::io;
use std::mem::ManuallyDrop;
use std::os::fd::{AsRawFd, FromRawFd, IntoRawFd, RawFd};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI32, Ordering};

/// Tells a file from all others, as long as it exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    device: u64,
    inode: u64,
    kind: FileType,
}

impl Identity {
    pub(crate) fn of(file: &File) -> io::Result<Identity> {
        file.metadata().map(|metadata| Identity::from_metadata(&metadata))
    }

    /// Of what stands at a path; of a link, not of its target.
    pub(crate) fn at(path: &Path) -> io::Result<Identity> {
        std::fs::symlink_metadata(path).map(|metadata| Identity::from_metadata(&metadata))
    }

    fn from_metadata(metadata: &std::fs::Metadata) -> Identity {
        Identity { device: metadata.dev(), inode: metadata.ino(), kind: metadata.file_type() }
    }
}

/// No descriptor: the file is used through its path alone.
const NONE: RawFd = -1;

/// A file of ours that stays open, mostly for as long as the process lives.
#[derive(Debug)]
pub(crate) struct KeptFile {
    descriptor: AtomicI32,
    identity: Identity,
    /// Where it can be opened again, once it is known.
    path: OnceLock<PathBuf>,
}

impl KeptFile {
    /// Keeps a file open.
    pub(crate) fn keep(file: File) -> io::Result<KeptFile> {
        let identity = Identity::of(&file)?;
        let descriptor = above_streams(file)?.into_raw_fd();
        Ok(KeptFile { descriptor: AtomicI32::new(descriptor), identity, path: OnceLock::new() })
    }

    /// Says where it can be opened again: an absolute path.
    pub(crate) fn is_found_at(&self, path: PathBuf) {
        let _ = self.path.set(path);
    }

    /// Where it can be opened again.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.path.get().map(PathBuf::as_path)
    }

    /// Uses the file, if it can still be had.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&File) -> io::Result<T>) -> io::Result<T> {
        if let Some(file) = self.open_file() {
            return work(&file);
        }
        // Never closed from here on: it is somebody else's.
        self.descriptor.store(NONE, Ordering::Relaxed);
        let path = self.path().ok_or(io::ErrorKind::NotFound)?;
        let file = OpenOptions::new().read(true).write(true).custom_flags(CAREFULLY).open(path)?;
        if Identity::of(&file)? != self.identity {
            return Err(io::Error::new(io::ErrorKind::NotFound, "another file has its name"));
        }
        work(&above_streams(file)?)
    }

    /// The file behind the descriptor, if that is still ours.
    fn open_file(&self) -> Option<ManuallyDrop<File>> {
        let descriptor = self.descriptor.load(Ordering::Relaxed);
        if descriptor == NONE {
            return None;
        }
        // SAFETY: the file is not dropped, so a descriptor that is not ours is not closed; it is only asked what it is until
        // it is known to be ours. One that is open nowhere makes that question an error.
        let file = ManuallyDrop::new(unsafe { File::from_raw_fd(descriptor) });
        (Identity::of(&file).ok() == Some(self.identity)).then_some(file)
    }

    /// Closes it; it is not used again. A forked child does so with its copy: the lock on the file is its parent's.
    pub(crate) fn close(&self) {
        if let Some(file) = self.open_file() {
            // SAFETY: the descriptor is this file's, which is never used in this process again.
            unsafe { libc::close(file.as_raw_fd()) };
        }
        self.descriptor.store(NONE, Ordering::Relaxed);
    }
}

impl Drop for KeptFile {
    fn drop(&mut self) {
        self.close();
    }
}

/// Flags for opening what may not be what it was: no link is followed, and no pipe waited for.
pub(crate) const CAREFULLY: i32 = libc::O_NOFOLLOW | libc::O_NONBLOCK;

/// The file under a number that is not a standard stream's.
///
/// Where a stream is closed, its number is the next to be given out, and then the program would write its output into our file.
pub(crate) fn above_streams(file: File) -> io::Result<File> {
    // Duplicates are given out from 3 on, and are not inherited.
    if file.as_raw_fd() > 2 { Ok(file) } else { file.try_clone() }
}

#[cfg(all(test, not(loom), not(miri)))]
mod tests {
    use std::io::Write;
    use std::os::fd::AsFd;

    use super::*;

    fn kept(name: &str) -> (KeptFile, PathBuf) {
        let path = std::env::temp_dir().join(format!("perf-kept-{}-{name}", std::process::id()));
        let file = File::options().read(true).write(true).create(true).truncate(true).open(&path).unwrap();
        let kept = KeptFile::keep(file).unwrap();
        kept.is_found_at(path.clone());
        (kept, path)
    }

    /// Has another file take the kept one's number, as a program does that closes it and opens the next.
    fn take_over(kept: &KeptFile, by: &File) -> io::Result<()> {
        // SAFETY: both descriptors are open, and nobody else uses the one that is taken over.
        let done = unsafe { libc::dup2(by.as_fd().as_raw_fd(), kept.descriptor.load(Ordering::Relaxed)) };
        assert!(done >= 0);
        Ok(())
    }

    #[test]
    fn a_file_whose_number_was_taken_over_is_opened_once_more() {
        let (kept, path) = kept("reopened");
        let (other, others_path) = self::kept("other");
        other.with(|other| take_over(&kept, other)).unwrap();
        kept.with(|mut file| file.write_all(b"ours")).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"ours");
        assert_eq!(std::fs::read(&others_path).unwrap(), b"");
        // Nor is the other closed in a child.
        kept.close();
        other.with(|mut other| other.write_all(b"theirs")).unwrap();
        assert_eq!(std::fs::read(&others_path).unwrap(), b"theirs");
        [path, others_path].iter().for_each(|path| std::fs::remove_file(path).unwrap());
    }

    #[test]
    fn a_file_that_is_gone_is_an_error_and_its_successor_is_left_alone() {
        let (kept, path) = kept("gone");
        let (other, others_path) = self::kept("successor");
        other.with(|other| take_over(&kept, other)).unwrap();
        std::fs::rename(&others_path, &path).unwrap();
        assert_eq!(kept.with(|file| file.set_len(0)).unwrap_err().kind(), io::ErrorKind::NotFound);
        std::fs::remove_file(path).unwrap();
    }
}
