//! Snapshots as JSON text, and back.
//!
//! Writing goes through the small serialiser here, because `serde_json` must not reach the programs that are measured:
//! its `PartialEq` impls for the integer types break type inference in crates it is merely linked with. Reading happens
//! in the command, where `serde_json` does no harm.

mod writer;

#[cfg(feature = "files")]
pub use reader::SnapshotError;

use crate::Snapshot;

impl Snapshot {
    /// The snapshot as one line of JSON, distributions included, without loss: reading it back gives an equal snapshot.
    ///
    /// Figures that JSON cannot express (a cost that is not a number) become `null`.
    ///
    /// ```
    /// let text = perf_report::Snapshot::empty().to_json();
    /// assert!(text.starts_with(r#"{"schema":1,"process":{"#));
    /// ```
    #[must_use]
    pub fn to_json(&self) -> String {
        writer::to_string(self).expect("a snapshot has nothing that the writer refuses")
    }
}

/// Any value as one line of JSON.
#[cfg(feature = "command")]
pub(crate) fn to_text<T: serde::Serialize>(value: &T) -> String {
    writer::to_string(value).expect("what the command writes has nothing that the writer refuses")
}

#[cfg(feature = "files")]
mod reader {
    use serde::Deserialize;

    use crate::{SCHEMA, Snapshot};

    /// Why a text is no snapshot that can be read.
    #[derive(Debug)]
    #[non_exhaustive]
    pub enum SnapshotError {
        /// It breaks off.
        Truncated(serde_json::Error),
        /// It is not JSON.
        Syntax(serde_json::Error),
        /// It is JSON, but of something else.
        Foreign(serde_json::Error),
        /// It was written by a newer version of this crate.
        Newer {
            /// Version of its schema.
            schema: u32,
        },
        /// It refers to a function that it does not have.
        DanglingFunction {
            /// Index of that function.
            function: usize,
            /// How many functions it has.
            functions: usize,
        },
    }

    impl std::fmt::Display for SnapshotError {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            match self {
                SnapshotError::Truncated(error) => {
                    write!(
                        f,
                        "the snapshot breaks off at line {}, column {}; it was not written to its end: let the program \
                         write it again, or keep a recording, which can be read at any time",
                        error.line(),
                        error.column()
                    )
                }
                SnapshotError::Syntax(error) => {
                    write!(f, "neither JSON nor a recording ({error}); give a snapshot or a recording made by perf")
                }
                SnapshotError::Foreign(error) => {
                    write!(f, "JSON, but not a snapshot ({error}); give one made by PERF_REPORT=json:FILE")
                }
                SnapshotError::Newer { schema } => {
                    write!(
                        f,
                        "the snapshot has schema {schema}, newer than {SCHEMA}, the newest known here; install the \
                         perf-report that belongs to the program's perf-runtime"
                    )
                }
                SnapshotError::DanglingFunction { function, functions } => {
                    write!(
                        f,
                        "the snapshot is inconsistent: it refers to function {function}, but has {functions}; it was \
                         damaged or edited, so let the program write it again"
                    )
                }
            }
        }
    }

    impl std::error::Error for SnapshotError {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            match self {
                SnapshotError::Truncated(error) | SnapshotError::Syntax(error) | SnapshotError::Foreign(error) => {
                    Some(error)
                }
                SnapshotError::Newer { .. } | SnapshotError::DanglingFunction { .. } => None,
            }
        }
    }

    /// What every schema, also a future one, has.
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

    impl Snapshot {
        /// Reads a snapshot that [`to_json`](Snapshot::to_json) wrote. Needs the feature `files`.
        ///
        /// # Errors
        /// Where the text breaks off, is something else, is of a newer schema, or contradicts itself.
        ///
        /// ```
        /// use perf_report::Snapshot;
        /// let snapshot = Snapshot::empty();
        /// assert_eq!(Snapshot::from_json(snapshot.to_json().as_bytes()).unwrap(), snapshot);
        /// let error = Snapshot::from_json(br#"{"schema": 999, "galaxies": []}"#).unwrap_err();
        /// assert!(error.to_string().contains("schema 999, newer than 1"));
        /// ```
        pub fn from_json(text: &[u8]) -> Result<Snapshot, SnapshotError> {
            let classify = |error: serde_json::Error| match error.classify() {
                serde_json::error::Category::Data => SnapshotError::Foreign(error),
                // A number that lost its last digits is wrong at its end, which is then the end of all.
                _ if error.is_eof() || is_end(text, &error) => SnapshotError::Truncated(error),
                _ => SnapshotError::Syntax(error),
            };
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
            let functions = snapshot.functions.len();
            let callers = snapshot.functions.iter().flat_map(|function| &function.callers);
            let named = callers.filter_map(|caller| caller.caller).chain(snapshot.in_flight.iter().map(|c| c.function));
            let initialisers = snapshot.resources.iter().filter_map(|resource| resource.function);
            let mut named = named.chain(initialisers);
            match named.find(|&function| function >= functions) {
                Some(function) => Err(SnapshotError::DanglingFunction { function, functions }),
                None => Ok(snapshot),
            }
        }
    }
}
