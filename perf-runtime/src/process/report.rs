//! Reports: a view of the last snapshot, and where it goes.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use perf_report::view::UnknownView;
use perf_report::{Snapshot, Stream, Style, View};

use super::file_name::with_process_id;
use crate::platform::{signal_mask, streams};

/// A view of the figures and the place it is written to when the session ends: standard error unless told otherwise.
///
/// A file is written beside its name and then moved there, so a half-written one is never seen; `%p` in its name stands for
/// the process id. What cannot be written is said in one line on standard error, and changes nothing else.
#[derive(Debug)]
pub struct Report {
    contents: Contents,
    destination: Destination,
}

enum Contents {
    View(View),
    Custom(Box<dyn Fn(&Snapshot) -> String + Send>),
}

#[derive(Debug)]
enum Destination {
    Stderr,
    Stdout,
    File(PathBuf),
}

impl Report {
    /// A row per function: calls, total and self time, mean and quantiles, most self time first.
    #[must_use]
    pub fn table() -> Report {
        Report::of(Contents::View(View::Table))
    }

    /// For each function, who called it, how often and for how long.
    #[must_use]
    pub fn callers() -> Report {
        Report::of(Contents::View(View::Callers))
    }

    /// The life of each `#[lazy_resource]`, and what depends on what.
    #[must_use]
    pub fn resources() -> Report {
        Report::of(Contents::View(View::Resources))
    }

    /// The whole snapshot with its histograms, for `perf-report show` and other programs.
    #[must_use]
    pub fn json() -> Report {
        Report::of(Contents::View(View::Json))
    }

    /// A view of your own. If it panics, it is left out and the others are written.
    #[must_use]
    pub fn custom(view: impl Fn(&Snapshot) -> String + Send + 'static) -> Report {
        Report::of(Contents::Custom(Box::new(view)))
    }

    fn of(contents: Contents) -> Report {
        Report { contents, destination: Destination::Stderr }
    }

    /// Writes it to a file.
    #[must_use]
    pub fn file(mut self, path: impl Into<PathBuf>) -> Report {
        self.destination = Destination::File(path.into());
        self
    }

    /// Writes it to standard output.
    #[must_use]
    pub fn stdout(mut self) -> Report {
        self.destination = Destination::Stdout;
        self
    }

    /// Whether it is of the program's own making, which may panic or never end.
    pub(crate) fn is_custom(&self) -> bool {
        matches!(self.contents, Contents::Custom(_))
    }

    /// Whether it goes where the program's own output goes.
    pub(crate) fn is_on_stdout(&self) -> bool {
        matches!(self.destination, Destination::Stdout)
    }

    /// Reads an entry of `PERF_REPORT`: `view` or `view:FILE`, with `-` for standard output.
    pub(crate) fn parse(entry: &str) -> Result<Report, UnknownView> {
        let (name, destination) = match entry.split_once(':') {
            Some((name, destination)) => (name.trim(), Some(destination.trim())),
            None => (entry, None),
        };
        let report = Report::of(Contents::View(name.parse()?));
        Ok(match destination {
            None | Some("") => report,
            Some("-") => report.stdout(),
            Some(path) => report.file(path),
        })
    }

    /// Writes it.
    pub(crate) fn write(&self, snapshot: &Snapshot) -> Result<(), WriteError> {
        let text = self.text(snapshot);
        signal_mask::with_write_errors(|| match &self.destination {
            Destination::Stderr => write_stream(&mut streams::stderr()?, &text),
            Destination::Stdout => write_stream(&mut streams::stdout()?, &text),
            Destination::File(path) => write_file(&with_process_id(path.clone()), &text),
        })
        .map_err(|cause| WriteError { report: self.to_string(), cause })
    }

    fn text(&self, snapshot: &Snapshot) -> String {
        let style = match self.destination {
            Destination::Stderr => Style::detect(Stream::Stderr),
            Destination::Stdout => Style::detect(Stream::Stdout),
            Destination::File(_) => Style::plain(),
        };
        match &self.contents {
            Contents::View(view) => view.render(snapshot, &style),
            Contents::Custom(view) => view(snapshot),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.contents {
            Contents::View(view) => write!(formatter, "the {view} report to ")?,
            Contents::Custom(_) => formatter.write_str("a custom report to ")?,
        }
        match &self.destination {
            Destination::Stderr => formatter.write_str("standard error"),
            Destination::Stdout => formatter.write_str("standard output"),
            Destination::File(path) => write!(formatter, "{}", path.display()),
        }
    }
}

impl fmt::Debug for Contents {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Contents::View(view) => view.fmt(formatter),
            Contents::Custom(_) => formatter.write_str("a view of the program's own"),
        }
    }
}

fn write_stream(stream: &mut dyn Write, text: &str) -> io::Result<()> {
    stream.write_all(text.as_bytes())?;
    stream.flush()
}

/// Writes a file whole or not at all. What is no ordinary file (a terminal, a pipe) is written to directly.
fn write_file(path: &Path, text: &str) -> io::Result<()> {
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        return write_stream(&mut File::options().write(true).open(path)?, text);
    }
    let mut name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let temporary = path.with_file_name(name);
    let written = (|| {
        let mut file = File::create(&temporary)?;
        write_stream(&mut file, text)?;
        fs::rename(&temporary, path)
    })();
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written
}

/// A report could not be written.
#[derive(Debug)]
pub(crate) struct WriteError {
    report: String,
    cause: io::Error,
}

impl fmt::Display for WriteError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "cannot write {}: {}", self.report, self.cause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_name_a_view_and_a_destination() {
        let shown = |entry: &str| Report::parse(entry).map(|report| report.to_string());
        assert_eq!(shown("table").unwrap(), "the table report to standard error");
        assert_eq!(shown("json:run.json").unwrap(), "the json report to run.json");
        assert_eq!(shown("callers:-").unwrap(), "the callers report to standard output");
        assert_eq!(shown("json:C:/run.json").unwrap(), "the json report to C:/run.json");
        let error = shown("tabel").unwrap_err().to_string();
        assert_eq!(error, "there is no view \"tabel\"; the views are table, callers, resources, json");
    }
}
