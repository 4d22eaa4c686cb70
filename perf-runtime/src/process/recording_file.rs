//! The file behind a recording.
//!
//! It is made beside its name and moved there when it has a whole header, so a reader never meets half a one and an older
//! recording's readers keep what they have open. An exclusive lock on it says that its writer lives.

use std::fmt;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use perf_report::recording::layout;

use super::file_name::{FileName, beside};
use super::message;
use super::new_file::{NewFile, Verdict, open_carefully};
use crate::platform::kept_file::{Identity, KeptFile};
use crate::platform::{files, signal_mask};
use crate::recording::memory::Memory;
use crate::recording::{Origin, Recording};

/// A recording file could not be created.
#[derive(Debug)]
pub(crate) struct FileError {
    path: PathBuf,
    cause: io::Error,
}

impl fmt::Display for FileError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "can't create the recording file {}: {}", self.path.display(), self.cause)
    }
}

/// Who may read and write a recording: everybody whom the process's `umask` lets read, and its owner alone writes. The words of a
/// running process are in there.
const PERMISSIONS: u32 = 0o644;

/// Makes a recording in a file. If a running process records there already, in one beside it with the process id in its name.
pub(crate) fn create(name: &FileName, capacity: usize, origin: &Origin) -> Result<Recording, FileError> {
    let path = name.path();
    let make = || {
        Memory::check_files()?;
        refuse_foreign(&path)?;
        let mut new = NewFile::beside(&path, PERMISSIONS)?;
        let recording = start(&mut new, capacity, origin)?;
        let taken = claim_a_name(&mut new, &path, origin.pid)?;
        if taken != path {
            message::say(format_args!(
                "another process records to {name}; process {} records to {} instead",
                origin.pid,
                name.sibling(&taken).display()
            ));
        }
        if let Some(file) = recording.file() {
            file.is_found_at(taken);
        }
        Ok(recording)
    };
    signal_mask::with_write_errors(make).map_err(|cause| FileError { path: name.given().to_owned(), cause })
}

fn start(new: &mut NewFile, capacity: usize, origin: &Origin) -> io::Result<Recording> {
    new.file().set_len(capacity as u64)?;
    let memory = Memory::file(new.file(), capacity / layout::WORD_BYTES)?;
    // Opened once more: a forked child inherits the mapping of the recording, which keeps the other open in there, and a lock
    // lasts as long as that.
    let locked = new.reopen()?;
    if Identity::of(&locked)? != Identity::of(new.file())? {
        return Err(io::Error::other("somebody changes the folder"));
    }
    match locked.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(io::Error::other("somebody else has locked it")),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    files::hold_lock(&locked);
    Recording::start(memory, Some(KeptFile::keep(locked)?), origin)
}

/// Moves a file to the first of the names of a recording that no running process has, and returns that.
fn claim_a_name(new: &mut NewFile, path: &Path, pid: u32) -> io::Result<PathBuf> {
    let numbered = (2..).map(|number| beside(path, &format!("{pid}-{number}")));
    for name in [path.to_owned(), beside(path, &pid.to_string())].into_iter().chain(numbered) {
        if new.claim(&name, |there| may_be_replaced(there, &name))? {
            return Ok(name);
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// Whether a recording may take the place of a file: of an older one that no running process records to. Who replaces it
/// holds the lock on it.
fn may_be_replaced(there: io::Result<&File>, path: &Path) -> io::Result<Verdict> {
    refuse_foreign(path)?;
    let there = there?;
    Ok(match there.try_lock() {
        Err(TryLockError::WouldBlock) => match there.try_lock_shared() {
            Err(TryLockError::WouldBlock) => Verdict::Keep,
            // It was a reader, who looked whether the writer lives.
            _ => Verdict::LookAgain,
        },
        Ok(()) if Identity::of(there).ok() != Identity::at(path).ok() => Verdict::LookAgain,
        // Locked; or there are no locks on this file system.
        Ok(()) | Err(TryLockError::Error(_)) => Verdict::Replace,
    })
}

/// Only recordings are overwritten.
fn refuse_foreign(path: &Path) -> io::Result<()> {
    let mut start = [0; layout::WORD_BYTES];
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
        Ok(metadata) if metadata.len() == 0 && metadata.is_file() => return Ok(()),
        Ok(metadata) if metadata.is_file() => open_carefully(OpenOptions::new().read(true), path)?
            .read_exact(&mut start)
            .or_else(|error| if error.kind() == io::ErrorKind::UnexpectedEof { Ok(()) } else { Err(error) })?,
        Ok(_) => {}
    }
    if u64::from_ne_bytes(start) == layout::MAGIC {
        Ok(())
    } else {
        Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            "the file there is not a recording and is left alone; name another file",
        ))
    }
}

/// Ends a recording's growth and gives back the part of the file that it never used.
pub(crate) fn close(recording: &Recording) {
    let used = recording.seal();
    if let Some(file) = recording.cut_file() {
        let name = file.path().unwrap_or(Path::new("")).display();
        message::say(format_args!(
            "another program truncated or overwrote the recording file {name}, and the figures up to then are lost; to be rid of a file, \
             rename or delete it"
        ));
        return;
    }
    if let Some(file) = recording.file() {
        // Whole pages, so that what is mapped and used stays backed. Nothing above is touched any more: it is sealed.
        let bytes = (used * layout::WORD_BYTES as u64).next_multiple_of(4096);
        let _ = file.with(|file| file.set_len(bytes));
    }
}
