//! The recording of a process that is known by its number.
//!
//! A process that records to a file keeps it open, and locked, for as long as it lives. So it is among its open files, under
//! whatever name, even if that name has gone to another file since.

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

/// What a file is, whatever it is called: its device and its number there.
pub(crate) type FileId = (u64, u64);

/// What the file of a name is; `None` where files have no numbers.
#[cfg(unix)]
pub(crate) fn file_id(path: &Path) -> io::Result<Option<FileId>> {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(path).map(|file| Some((file.dev(), file.ino())))
}

/// What the file of a name is; `None` where files have no numbers.
#[cfg(not(unix))]
pub(crate) fn file_id(path: &Path) -> io::Result<Option<FileId>> {
    fs::metadata(path).map(|_| None)
}

/// A recording that a process has open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// Where it can be opened as long as the process lives.
    pub(crate) open_at: PathBuf,
    /// What the process called it.
    pub(crate) name: PathBuf,
    /// What it is.
    pub(crate) id: FileId,
    /// The process that it says it is of.
    writer: u64,
}

/// Why a process cannot be watched.
#[derive(Debug)]
pub(crate) enum FindError {
    /// This system does not tell what files a process has.
    System,
    /// There is no process of this number.
    NoProcess(u32),
    /// It belongs to somebody else.
    Denied(u32, io::Error),
    /// It does not record to a file.
    NoRecording(u32, String),
    /// It has several recordings open.
    Several(u32, Vec<PathBuf>),
}

impl fmt::Display for FindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FindError::System => {
                f.write_str("this system does not tell which files a process has open; give the recording's file")
            }
            FindError::NoProcess(pid) => {
                write!(f, "there is no process {pid}; a file of that name is given as ./{pid}")
            }
            FindError::Denied(pid, error) => {
                write!(f, "the open files of process {pid} cannot be seen: {error}; be its user, or give its file")
            }
            FindError::NoRecording(pid, program) => write!(
                f,
                "process {pid} ({}) does not record to a file; start it with PERF_RECORDING=app.perfrec",
                crate::view::text::escape(program)
            ),
            FindError::Several(pid, names) => {
                write!(f, "process {pid} has several recordings open; give one of them:")?;
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
/// If there is none, or more than one.
pub(crate) fn recording_of(pid: u32) -> Result<Found, FindError> {
    let mut found = recordings(pid)?;
    // A forked child has its parent's open, too. Within a container processes have other numbers, so none may match.
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

/// All recordings that a process has open, each once.
///
/// # Errors
/// If it cannot be told.
pub(crate) fn recordings(pid: u32) -> Result<Vec<Found>, FindError> {
    let process = PathBuf::from(format!("/proc/{pid}"));
    if !process.exists() {
        return Err(if Path::new("/proc/self").exists() { FindError::NoProcess(pid) } else { FindError::System });
    }
    let mut found: Vec<Found> = Vec::new();
    for open in fs::read_dir(process.join("fd")).map_err(|error| FindError::Denied(pid, error))? {
        let open_at = open.map_err(|error| FindError::Denied(pid, error))?.path();
        // A file that was closed meanwhile is none. Others than regular ones are left alone: to open them can do things.
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

/// The process that a recording says it is of; `None` if the file is no recording.
fn writer(path: &Path) -> Option<u64> {
    fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    let mut start = Vec::new();
    let pid = header::PID * WORD_BYTES;
    File::open(path).ok()?.take((pid + WORD_BYTES) as u64).read_to_end(&mut start).ok()?;
    let recording = Recording::is_recording(&start);
    recording.then(|| start[pid.min(start.len())..].first_chunk().map_or(0, |word| u64::from_ne_bytes(*word)))
}

/// The name of an open file. The runtime opens a recording under a name of its own and gives it the one asked for later, so
/// that the system still tells the first.
fn name(open_at: &Path, id: FileId) -> PathBuf {
    let told = fs::read_link(open_at).unwrap_or_else(|_| open_at.to_owned());
    let first = told.to_str().and_then(|told| told.strip_suffix(" (deleted)")?.strip_suffix(".tmp"));
    let asked_for = first.and_then(|first| first.rsplit_once('.')).map(|(name, _)| PathBuf::from(name));
    asked_for.filter(|name| file_id(name).is_ok_and(|at| at == Some(id))).unwrap_or(told)
}
