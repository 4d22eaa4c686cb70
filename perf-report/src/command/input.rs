//! Files given to the command: snapshots and recordings, told apart by their first bytes.

use std::{
    error::Error,
    fmt,
    fs::File,
    io::{self, Read},
    path::Path,
};

use crate::{
    SnapshotError,
    recording::{Now, Reading, Recording, RecordingError, read},
};

/// Why a file could not be read.
#[derive(Debug)]
#[non_exhaustive]
pub enum InputError {
    /// It cannot be opened or read.
    Io(io::Error),
    /// It has nothing in it.
    Empty,
    /// It is a recording, but not one that can be read.
    Recording(RecordingError),
    /// It is not a snapshot that can be read.
    Snapshot(SnapshotError),
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InputError::Io(error) => write!(f, "cannot be read: {error}"),
            InputError::Empty => f.write_str("is empty; give a snapshot or a recording made by perf"),
            InputError::Recording(error) => error.fmt(f),
            InputError::Snapshot(error) => error.fmt(f),
        }
    }
}

impl Error for InputError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            InputError::Io(error) => Some(error),
            InputError::Empty => None,
            InputError::Recording(error) => Some(error),
            InputError::Snapshot(error) => Some(error),
        }
    }
}

/// Reads a file of either kind; `-` is the given standard input.
pub(super) fn load(path: &Path, input: &mut dyn Read) -> Result<Reading, InputError> {
    if path == Path::new("-") {
        let mut bytes = Vec::new();
        input.read_to_end(&mut bytes).map_err(InputError::Io)?;
        return parse(&bytes);
    }
    let mut file = File::open(path).map_err(InputError::Io)?;
    let mut start = Vec::new();
    Read::by_ref(&mut file).take(8).read_to_end(&mut start).map_err(InputError::Io)?;
    if Recording::is_recording(&start) {
        return Recording::open(path).and_then(|mut recording| recording.read()).map_err(InputError::Recording);
    }
    file.read_to_end(&mut start).map_err(InputError::Io)?;
    parse(&start)
}

/// Reads the bytes of a file of either kind. Of a recording it is not known then whether its process lives.
fn parse(bytes: &[u8]) -> Result<Reading, InputError> {
    if Recording::is_recording(bytes) {
        let words: Vec<u64> = bytes.as_chunks().0.iter().map(|word| u64::from_ne_bytes(*word)).collect();
        return read(&words, Now::LastSeen).map_err(InputError::Recording);
    }
    if bytes.trim_ascii().is_empty() {
        return Err(InputError::Empty);
    }
    let snapshot = crate::Snapshot::from_json(bytes).map_err(InputError::Snapshot)?;
    Ok(Reading { snapshot, damages: Vec::new(), further_damages: 0 })
}
