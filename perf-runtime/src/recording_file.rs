//! The file behind a recording.
//!
//! It is made beside its name and moved there when it has a whole header, so a reader never meets half a one and an older
//! recording's readers keep what they have open. An exclusive lock on it says that its writer lives.

use std::fmt;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use perf_report::recording::layout;

use crate::recording::memory::Memory;
use crate::recording::{Origin, Recording};
use crate::{message, platform};

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
    let path = free_name(path, origin.pid);
    create_at(&path, capacity, origin).map_err(|cause| FileError { path, cause })
}

fn create_at(path: &Path, capacity: usize, origin: &Origin) -> io::Result<Recording> {
    refuse_foreign(path)?;
    let temporary = with_suffix(path, &format!("{}.tmp", origin.pid));
    let remove = |error| {
        let _ = fs::remove_file(&temporary);
        error
    };
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(&temporary)?;
    let make = || {
        file.set_len(capacity as u64)?;
        let memory = Memory::file(&file, capacity / layout::WORD_BYTES)?;
        // Opened once more: a forked child can close this one, but the mapping keeps the other open in there, and a lock
        // lasts as long as that. The clone is never one of the standard streams, should those be closed.
        let locked = OpenOptions::new().read(true).write(true).open(&temporary)?.try_clone()?;
        locked.lock()?;
        let recording = Recording::start(memory, Some(locked), origin)?;
        fs::rename(&temporary, path)?;
        Ok(recording)
    };
    platform::with_write_errors(make).map_err(remove)
}

/// The path itself, unless a running process has it.
fn free_name(path: &Path, pid: u32) -> PathBuf {
    // Nothing but a file is opened: that of a pipe would wait for its other end.
    let is_file = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file());
    let locked = |file: File| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock));
    let taken = is_file && File::open(path).is_ok_and(locked);
    if !taken {
        return path.to_owned();
    }
    let other = match path.extension() {
        Some(extension) => path.with_extension(format!("{pid}.{}", extension.display())),
        None => with_suffix(path, &pid.to_string()),
    };
    message::say(format_args!(
        "another process records to {}; this one (process {pid}) records to {}",
        path.display(),
        other.display()
    ));
    other
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

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    PathBuf::from(name)
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
