//! Snapshots read back from JSON.

use std::{error::Error, fmt};

use serde::Deserialize;
use serde_json::error::Category;

use crate::{SCHEMA, Snapshot};

/// Why a text cannot be read as a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SnapshotError {
    /// The text breaks off before its end.
    Truncated {
        /// The line where it does, from 1.
        line: usize,
        /// The column in that line, from 1.
        column: usize,
    },
    /// The text is not JSON.
    Syntax {
        /// The mistake, and its place.
        reason: String,
    },
    /// The text is JSON, but not of a snapshot.
    Foreign {
        /// The mistake, and its place.
        reason: String,
    },
    /// A newer version of this crate wrote it.
    Newer {
        /// The version of its schema.
        schema: u32,
    },
    /// It refers to a function that it does not have.
    DanglingFunction {
        /// Index of that function.
        function: usize,
        /// Number of its functions.
        functions: usize,
    },
}

impl fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SnapshotError::Truncated { line, column } => write!(
                f,
                "the snapshot breaks off at line {line}, column {column}, because it was not written to its end; let the \
                 program write it again, or keep a recording, which can be read at any time"
            ),
            SnapshotError::Syntax { reason } => {
                write!(f, "neither JSON nor a recording ({reason}); give a snapshot or a recording made by perf")
            }
            SnapshotError::Foreign { reason } => {
                write!(f, "JSON, but not a snapshot ({reason}); give one made by PERF_REPORT=json:FILE")
            }
            SnapshotError::Newer { schema } => write!(
                f,
                "the snapshot has schema {schema}, but this version reads {SCHEMA} at most; install the perf-report of the \
                 same version as the program's perf-runtime"
            ),
            SnapshotError::DanglingFunction { function, functions } => write!(
                f,
                "the snapshot contradicts itself: it refers to function {function}, but has {functions}; it was damaged or \
                 edited, so let the program write it again"
            ),
        }
    }
}

impl Error for SnapshotError {}

/// The part that every schema has, also a future one.
#[derive(Deserialize)]
struct Versioned {
    schema: u32,
}

/// Whether an error stands at the very end of the text.
fn is_end(text: &[u8], error: &serde_json::Error) -> bool {
    let mut lines = text.split(|&byte| byte == b'\n');
    let last = lines.next_back().unwrap_or_default();
    (error.line(), error.column()) == (lines.count() + 1, last.len()) && text.starts_with(b"{")
}

fn classify(text: &[u8], error: &serde_json::Error) -> SnapshotError {
    match error.classify() {
        Category::Data => SnapshotError::Foreign { reason: error.to_string() },
        // A number that lost its last digits is wrong at its end, which is then the end of all.
        _ if error.is_eof() || is_end(text, error) => {
            SnapshotError::Truncated { line: error.line(), column: error.column() }
        }
        _ => SnapshotError::Syntax { reason: error.to_string() },
    }
}

impl Snapshot {
    /// Reads a snapshot that [`to_json`](Snapshot::to_json) wrote (feature `files`).
    ///
    /// # Errors
    /// If the text breaks off, is something else, has a newer schema, or contradicts itself.
    ///
    /// ```
    /// use perf_report::Snapshot;
    /// let snapshot = Snapshot::empty();
    /// assert_eq!(Snapshot::from_json(snapshot.to_json().as_bytes()), Ok(snapshot));
    /// let error = Snapshot::from_json(br#"{"schema": 999, "galaxies": []}"#).unwrap_err();
    /// assert!(error.to_string().contains("schema 999, but this version reads 1 at most"));
    /// ```
    pub fn from_json(text: &[u8]) -> Result<Snapshot, SnapshotError> {
        let classify = |error: serde_json::Error| classify(text, &error);
        let snapshot = serde_json::from_slice::<Snapshot>(text);
        // Of a newer schema nothing else can be relied upon. Of this one the text is read once.
        let schema = match &snapshot {
            Ok(snapshot) => snapshot.schema,
            Err(_) => serde_json::from_slice::<Versioned>(text).map_err(classify)?.schema,
        };
        if schema > SCHEMA {
            return Err(SnapshotError::Newer { schema });
        }
        let snapshot = snapshot.map_err(classify)?;
        match dangling(&snapshot) {
            Some(function) => Err(SnapshotError::DanglingFunction { function, functions: snapshot.functions.len() }),
            None => Ok(snapshot),
        }
    }
}

/// A function that something refers to and that is not there.
fn dangling(snapshot: &Snapshot) -> Option<usize> {
    let callers = snapshot.functions.iter().flat_map(|function| &function.callers);
    let named = callers.filter_map(|caller| caller.caller);
    let named = named.chain(snapshot.in_flight.iter().map(|call| call.function));
    let deadlocked = snapshot.deadlocks.iter().flat_map(|deadlock| &deadlock.threads);
    let named = named.chain(deadlocked.flat_map(|thread| [Some(thread.lock), thread.function]).flatten());
    let mut named = named.chain(snapshot.resources.iter().filter_map(|resource| resource.function));
    named.find(|&function| function >= snapshot.functions.len())
}
