//! Files given to the command: snapshots and recordings, told apart by their first bytes.

use std::{
    error::Error,
    fmt,
    fs::File,
    io::{self, Read},
    path::Path,
};

use crate::{
    Snapshot, SnapshotError,
    recording::{Now, Reading, Recording, RecordingError, layout::header, read},
};

/// Why a file could not be read.
#[derive(Debug)]
pub(crate) enum InputError {
    /// The file cannot be opened or read.
    Io(io::Error),
    /// The file is empty.
    Empty,
    /// The file is a recording that cannot be read.
    Recording(RecordingError),
    /// The file is not a snapshot that can be read.
    Snapshot(SnapshotError),
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InputError::Io(error) => write!(f, "cannot be read: {error}"),
            InputError::Empty => f.write_str(
                "the file is empty; give a snapshot (PERF_REPORT=json:FILE) or a recording (PERF_RECORDING=FILE)",
            ),
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
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        input.read_to_end(&mut bytes).map_err(InputError::Io)?;
        return parse(&bytes);
    }
    let mut file = File::open(path).map_err(InputError::Io)?;
    // A pipe (`<(zcat app.perfrec.gz)`) can be read only once, and from its beginning to its end.
    if file.metadata().map_err(InputError::Io)?.is_file() {
        Read::by_ref(&mut file).take(8).read_to_end(&mut bytes).map_err(InputError::Io)?;
        if Recording::is_recording(&bytes) {
            return Recording::open(path).and_then(|mut recording| recording.read()).map_err(InputError::Recording);
        }
    }
    file.read_to_end(&mut bytes).map_err(InputError::Io)?;
    parse(&bytes)
}

/// Reads the bytes of a file of either kind. They do not tell whether the process of a recording still runs.
fn parse(bytes: &[u8]) -> Result<Reading, InputError> {
    if Recording::is_recording(bytes) {
        let words: Vec<u64> = bytes.as_chunks().0.iter().map(|word| u64::from_ne_bytes(*word)).collect();
        // The last tick of a process that did not close its recording is that of its last snapshot, long before its end.
        let is_closed = words.get(header::STATE) == Some(&header::STATE_CLOSED);
        let now = if is_closed { Now::LastTick } else { Now::LastSeen };
        return read(&words, now).map_err(InputError::Recording);
    }
    if bytes.trim_ascii().is_empty() {
        return Err(InputError::Empty);
    }
    let snapshot = Snapshot::from_json(bytes).map_err(InputError::Snapshot)?;
    Ok(Reading { snapshot, damages: Vec::new(), further_damages: 0, trace: None, places: Vec::new() })
}
