//! The file behind a recording.
//!
//! It is made beside its name and moved there when it has a whole header, so a reader never meets half a one and an older
//! recording's readers keep what they have open. An exclusive lock on it says that its writer lives.

use std::fmt;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use perf_report::recording::layout;

use super::file_name::with_suffix;
use super::message;
use crate::platform::{files, signal_mask};
use crate::recording::memory::Memory;
use crate::recording::{Origin, Recording};

/// Why a recording file could not be made.
#[derive(Debug)]
pub(crate) struct FileError {
    path: PathBuf,
    cause: io::Error,
}

impl fmt::Display for FileError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "cannot make the recording file {}: {}", self.path.display(), self.cause)
    }
}

/// Makes a recording in a file. If a running process records there already, in one beside it with the process id in its name.
pub(crate) fn create(path: &Path, capacity: usize, origin: &Origin) -> Result<Recording, FileError> {
    let temporary = with_suffix(path, &format!("{}.tmp", origin.pid));
    let make = || {
        refuse_foreign(path)?;
        let recording = create_at(&temporary, capacity, origin)?;
        let name = claim_a_name(&temporary, path, origin.pid)?;
        if name != path {
            message::say(format_args!(
                "{} is being recorded to by somebody else; process {} records to {}",
                path.display(),
                origin.pid,
                name.display()
            ));
        }
        Ok(recording)
    };
    signal_mask::with_write_errors(make).map_err(|cause| {
        let _ = fs::remove_file(&temporary);
        FileError { path: path.to_owned(), cause }
    })
}

fn create_at(path: &Path, capacity: usize, origin: &Origin) -> io::Result<Recording> {
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(path)?;
    file.set_len(capacity as u64)?;
    let memory = Memory::file(&file, capacity / layout::WORD_BYTES)?;
    // Opened once more: a forked child can close this one, but the mapping keeps the other open in there, and a lock lasts
    // as long as that. The clone is never one of the standard streams, should those be closed.
    let locked = OpenOptions::new().read(true).write(true).open(path)?.try_clone()?;
    locked.lock()?;
    Recording::start(memory, Some(locked), origin)
}

/// Moves a file to the first of the names of a recording that no running process has, and returns that.
fn claim_a_name(temporary: &Path, path: &Path, pid: u32) -> io::Result<PathBuf> {
    let beside = |middle: &str| match path.extension() {
        Some(extension) => path.with_extension(format!("{middle}.{}", extension.display())),
        None => with_suffix(path, middle),
    };
    let numbered = (2..).map(|number| beside(&format!("{pid}-{number}")));
    for name in [path.to_owned(), beside(&pid.to_string())].into_iter().chain(numbered) {
        if claim(temporary, &name)? {
            return Ok(name);
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// Moves a file to a name, unless a running process records there: says whether it did.
///
/// Of many processes that do this at once, one gets the name. Where nothing stands there, a link is made, which fails if
/// something does. An older recording is replaced only by who holds the lock on it.
fn claim(temporary: &Path, path: &Path) -> io::Result<bool> {
    /// Ends after as many changes made by others in between.
    const ATTEMPTS: usize = 1000;
    for _ in 0..ATTEMPTS {
        match fs::hard_link(temporary, path) {
            Ok(()) => {
                let _ = fs::remove_file(temporary);
                return Ok(true);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            // A file system without links. That its names can be taken twice is a smaller evil than no recording.
            Err(_) if !path.exists() => return fs::rename(temporary, path).map(|()| true),
            Err(_) => {}
        }
        refuse_foreign(path)?;
        let old = match File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            old => old?,
        };
        match old.try_lock() {
            Err(TryLockError::WouldBlock) => match old.try_lock_shared() {
                Err(TryLockError::WouldBlock) => return Ok(false),
                // It was a reader, who looked whether the writer lives.
                _ => std::thread::yield_now(),
            },
            Ok(()) if !files::is_at(&old, path) => {}
            // Locked; or there are no locks on this file system.
            Ok(()) | Err(TryLockError::Error(_)) => return fs::rename(temporary, path).map(|()| true),
        }
    }
    Ok(false)
}

/// Only recordings are overwritten.
fn refuse_foreign(path: &Path) -> io::Result<()> {
    let mut start = [0; layout::WORD_BYTES];
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
        Ok(metadata) if metadata.len() == 0 && metadata.is_file() => return Ok(()),
        Ok(metadata) if metadata.is_file() => File::open(path)?
            .read_exact(&mut start)
            .or_else(|error| if error.kind() == io::ErrorKind::UnexpectedEof { Ok(()) } else { Err(error) })?,
        Ok(_) => {}
    }
    if u64::from_ne_bytes(start) == layout::MAGIC {
        Ok(())
    } else {
        Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            "something stands there that is not a recording; it is left alone, name another file",
        ))
    }
}

/// Ends a recording's growth and gives back the part of the file that it never used.
pub(crate) fn close(recording: &Recording) {
    let used = recording.seal();
    if let Some(file) = recording.file() {
        // Whole pages, so that what is mapped and used stays backed. Nothing above is touched any more: it is sealed.
        let bytes = (used * layout::WORD_BYTES as u64).next_multiple_of(4096);
        let _ = file.set_len(bytes);
    }
}
