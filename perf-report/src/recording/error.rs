//! Errors of a recording: as a whole, and in its parts.

use std::{fmt, io};

use super::layout::{VERSION, WORD_BYTES, header};

/// Why a recording cannot be read at all.
#[derive(Debug)]
#[non_exhaustive]
pub enum RecordingError {
    /// The file cannot be opened or read.
    Io(io::Error),
    /// It does not begin as a recording does.
    Foreign,
    /// It was written on a machine with the other byte order.
    ByteOrder,
    /// It was written by another version of the layout.
    Version {
        /// Version of the recording.
        found: u64,
    },
    /// It has this version, but was written by a build with other constants.
    Layout {
        /// Checksum of the recording.
        found: u64,
    },
    /// It is shorter than its header.
    Truncated {
        /// Length of what there is, in bytes.
        bytes: usize,
    },
}

impl fmt::Display for RecordingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RecordingError::Io(error) => write!(f, "the recording cannot be read: {error}"),
            RecordingError::Foreign => write!(
                f,
                "not a recording: the first 8 bytes are not PERFREC; give a file written through PERF_RECORDING=FILE"
            ),
            RecordingError::ByteOrder => write!(
                f,
                "the recording was written on a machine of the other byte order; read it on one like that, with \
                 `cargo perf-report show FILE --view json`, and take the JSON here"
            ),
            RecordingError::Version { found } => write!(
                f,
                "byte {}: the recording has layout version {found}, this perf-report reads version {VERSION}; install \
                 the perf-report that belongs to the program's perf-runtime",
                header::VERSION * WORD_BYTES
            ),
            RecordingError::Layout { found } => write!(
                f,
                "byte {}: the layout checksum {found:#018x} is not this build's; the header is damaged, or the program \
                 was built with another perf-runtime: install the perf-report that belongs to it",
                header::CHECKSUM * WORD_BYTES
            ),
            RecordingError::Truncated { bytes } => write!(
                f,
                "the recording has {bytes} bytes, its header alone has {}: it was cut, or the program was killed \
                 before it began to record; copy the file again or record again",
                header::LEN * WORD_BYTES
            ),
        }
    }
}

impl std::error::Error for RecordingError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            RecordingError::Io(error) => Some(error),
            _ => None,
        }
    }
}

impl From<io::Error> for RecordingError {
    fn from(error: io::Error) -> Self {
        RecordingError::Io(error)
    }
}

/// A part of a recording that contradicts itself and was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Damage {
    /// Where it stands, in bytes from the start of the recording.
    pub byte: u64,
    /// The damage there.
    pub what: String,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {}: {}", self.byte, self.what)
    }
}
