//! The recording of a process that is given by its id.
//!
//! A process keeps its recording open, and locked, as long as it lives. So the recording is among its open files, whatever its
//! name, even if that name belongs to another file by now.

use std::{
    fmt,
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use crate::recording::{
    Recording,
    layout::{WORD_BYTES, header},
};

/// The identity of a file, whatever its name: its device and its inode.
pub(crate) type FileId = (u64, u64);

/// The identity of the file of this name; `None` on a system without inodes.
#[cfg(unix)]
pub(crate) fn file_id(path: &Path) -> io::Result<Option<FileId>> {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(path).map(|file| Some((file.dev(), file.ino())))
}

/// The identity of the file of this name; `None` on a system without inodes.
#[cfg(not(unix))]
pub(crate) fn file_id(path: &Path) -> io::Result<Option<FileId>> {
    fs::metadata(path).map(|_| None)
}

/// A recording that a process has open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// A path at which it can be opened while the process lives.
    pub(crate) open_at: PathBuf,
    /// Its name as the process gave it.
    pub(crate) name: PathBuf,
    /// Its identity.
    pub(crate) id: FileId,
    /// Id of the process that it says it belongs to.
    writer: u64,
}

/// Why the recording of a process cannot be found.
#[derive(Debug)]
pub(crate) enum FindError {
    /// This system does not tell which files a process has open.
    System,
    /// There is no process with this id.
    NoProcess(u32),
    /// The process belongs to another user.
    Denied(u32, io::Error),
    /// The process does not record to a file.
    NoRecording(u32, String),
    /// The process has several recordings open.
    Several(u32, Vec<PathBuf>),
}

impl fmt::Display for FindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FindError::System => {
                f.write_str("this system does not tell which files a process has open; give the path of the recording")
            }
            FindError::NoProcess(pid) => {
                write!(f, "there is no process {pid}; for a file of that name, write ./{pid}")
            }
            FindError::Denied(pid, error) => {
                write!(
                    f,
                    "the open files of process {pid} cannot be listed: {error}; run this as the same user, or give the recording's path"
                )
            }
            FindError::NoRecording(pid, program) => write!(
                f,
                "process {pid} ({}) does not record to a file; start it with PERF_RECORDING=app.perfrec",
                crate::view::text::escape(program)
            ),
            FindError::Several(pid, names) => {
                write!(f, "process {pid} has several recordings open; give the path of one of them:")?;
                names.iter().try_for_each(|name| write!(f, " {}", name.display().to_string().escape_debug()))
            }
        }
    }
}

impl std::error::Error for FindError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            FindError::Denied(_, error) => Some(error),
            _ => None,
        }
    }
}

/// The recording of a process.
///
/// # Errors
/// If there is no recording, or more than one.
pub(crate) fn recording_of(pid: u32) -> Result<Found, FindError> {
    let mut found = recordings(pid)?;
    // A forked child also has its parent's recording open. In a container processes have other ids, so none may match.
    if found.iter().any(|found| found.writer == u64::from(pid)) {
        found.retain(|found| found.writer == u64::from(pid));
    }
    match found.len() {
        0 => {
            let program = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
            Err(FindError::NoRecording(pid, program.trim_end().to_owned()))
        }
        1 => Ok(found.remove(0)),
        _ => Err(FindError::Several(pid, found.into_iter().map(|found| found.name).collect())),
    }
}

/// The recordings that a process has open, each once.
///
/// # Errors
/// If the open files cannot be listed.
pub(crate) fn recordings(pid: u32) -> Result<Vec<Found>, FindError> {
    let process = PathBuf::from(format!("/proc/{pid}"));
    if !process.exists() {
        return Err(if Path::new("/proc/self").exists() { FindError::NoProcess(pid) } else { FindError::System });
    }
    let mut found: Vec<Found> = Vec::new();
    for open in fs::read_dir(process.join("fd")).map_err(|error| FindError::Denied(pid, error))? {
        let open_at = open.map_err(|error| FindError::Denied(pid, error))?.path();
        // A file may have been closed meanwhile. Only regular files are opened, because opening others can have effects.
        let Ok(Some(id)) = file_id(&open_at) else { continue };
        if found.iter().any(|other| other.id == id) {
            continue;
        }
        if let Some(writer) = writer(&open_at) {
            let name = name(&open_at, id);
            found.push(Found { open_at, name, id, writer });
        }
    }
    Ok(found)
}

/// Id of the process that a recording says it belongs to; `None` if the file is not a recording.
fn writer(path: &Path) -> Option<u64> {
    fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    let mut start = Vec::new();
    let pid = header::PID * WORD_BYTES;
    File::open(path).ok()?.take((pid + WORD_BYTES) as u64).read_to_end(&mut start).ok()?;
    let recording = Recording::is_recording(&start);
    recording.then(|| start[pid.min(start.len())..].first_chunk().map_or(0, |word| u64::from_ne_bytes(*word)))
}

/// The name of an open recording. The runtime opens it under a temporary name and renames it, and the system may still tell the
/// first name.
fn name(open_at: &Path, id: FileId) -> PathBuf {
    let link = fs::read_link(open_at).unwrap_or_else(|_| open_at.to_owned());
    let first = link.to_str().and_then(|link| link.strip_suffix(" (deleted)")?.strip_suffix(".tmp"));
    let asked_for = first.and_then(|first| first.rsplit_once('.')).map(|(name, _)| PathBuf::from(name));
    asked_for.filter(|name| file_id(name).is_ok_and(|at| at == Some(id))).unwrap_or(link)
}
