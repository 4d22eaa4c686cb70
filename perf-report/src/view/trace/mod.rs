//! Trace windows in the formats of tools that draw them.

mod chrome;
pub(crate) mod slowest;
mod speedscope;

use std::{fmt, str::FromStr};

use crate::{Snapshot, Trace};

/// A format of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TraceFormat {
    /// Chrome's trace events as JSON: Perfetto and `chrome://tracing` read it.
    Chrome,
    /// speedscope's JSON, with a profile of begins and ends for each thread.
    Speedscope,
}

impl TraceFormat {
    /// All of them.
    pub const ALL: [TraceFormat; 2] = [TraceFormat::Chrome, TraceFormat::Speedscope];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            TraceFormat::Chrome => "chrome",
            TraceFormat::Speedscope => "speedscope",
        }
    }

    /// The format that a file's name asks for.
    ///
    /// It is speedscope's for `.speedscope.json`, else Chrome's.
    ///
    /// ```
    /// use perf_report::view::TraceFormat;
    /// assert_eq!(TraceFormat::of_file("run.speedscope.json"), TraceFormat::Speedscope);
    /// assert_eq!(TraceFormat::of_file("run.json"), TraceFormat::Chrome);
    /// ```
    #[must_use]
    pub fn of_file(name: impl AsRef<std::path::Path>) -> TraceFormat {
        let name = name.as_ref().as_os_str().as_encoded_bytes();
        if name.ends_with(b".speedscope.json") { TraceFormat::Speedscope } else { TraceFormat::Chrome }
    }

    /// The trace of a reading as text, its last line ended.
    ///
    /// The snapshot is that of the same reading.
    #[must_use]
    pub fn render(self, trace: &Trace, snapshot: &Snapshot) -> String {
        match self {
            TraceFormat::Chrome => chrome::render(trace, snapshot),
            TraceFormat::Speedscope => speedscope::render(trace, snapshot),
        }
    }
}

impl fmt::Display for TraceFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// There is no format of that name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownTraceFormat(String);

impl fmt::Display for UnknownTraceFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = TraceFormat::ALL.map(TraceFormat::name).join(", ");
        write!(f, "there is no trace format {:?}; the formats are {names}", self.0)
    }
}

impl std::error::Error for UnknownTraceFormat {}

impl FromStr for TraceFormat {
    type Err = UnknownTraceFormat;

    /// The format of a name.
    ///
    /// # Errors
    /// If there is none; the message lists those there are.
    fn from_str(name: &str) -> Result<TraceFormat, UnknownTraceFormat> {
        let found = TraceFormat::ALL.into_iter().find(|format| format.name() == name);
        found.ok_or_else(|| UnknownTraceFormat(name.to_owned()))
    }
}

/// The name of a function, or its number if there is none of that number.
fn name(snapshot: &Snapshot, function: usize) -> std::borrow::Cow<'_, str> {
    match snapshot.functions.get(function) {
        Some(function) => function.name.as_str().into(),
        None => format!("function {function}").into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_found_by_their_names() {
        for format in TraceFormat::ALL {
            assert_eq!(format.name().parse(), Ok(format));
        }
        let error = "perfetto".parse::<TraceFormat>().unwrap_err().to_string();
        assert_eq!(error, "there is no trace format \"perfetto\"; the formats are chrome, speedscope");
    }
}
