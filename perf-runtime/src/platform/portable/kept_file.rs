//! A file that stays open.

use std::fs::{File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::SystemTime;

/// Tells a file from others by all that the standard library knows: its kind, and when it was made. Files whose system keeps no
/// such time are taken for one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    created: Option<SystemTime>,
    is_file: bool,
}

impl Identity {
    pub(crate) fn of(file: &File) -> io::Result<Identity> {
        file.metadata().map(|metadata| Identity::from_metadata(&metadata))
    }

    /// Of what stands at a path; of a link, not of its target.
    pub(crate) fn at(path: &Path) -> io::Result<Identity> {
        std::fs::symlink_metadata(path).map(|metadata| Identity::from_metadata(&metadata))
    }

    fn from_metadata(metadata: &Metadata) -> Identity {
        Identity { created: metadata.created().ok(), is_file: metadata.is_file() }
    }
}

/// A file of ours that stays open. The platform has no small numbers for files that a program could close by accident.
#[derive(Debug)]
pub(crate) struct KeptFile {
    file: File,
    path: OnceLock<PathBuf>,
}

impl KeptFile {
    /// Keeps a file open.
    pub(crate) fn keep(file: File) -> io::Result<KeptFile> {
        Ok(KeptFile { file, path: OnceLock::new() })
    }

    /// Says where it is: an absolute path.
    pub(crate) fn is_found_at(&self, path: PathBuf) {
        let _ = self.path.set(path);
    }

    /// Where it is.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.path.get().map(PathBuf::as_path)
    }

    /// Uses the file.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&File) -> io::Result<T>) -> io::Result<T> {
        work(&self.file)
    }

    /// For forked children, which there are none of.
    pub(crate) fn close(&self) {}
}

/// The file under a number that is not a standard stream's: as it is.
pub(crate) fn above_streams(file: File) -> io::Result<File> {
    Ok(file)
}
