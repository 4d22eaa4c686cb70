//! Reports: a view of the last snapshot, and its destination.

use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use perf_report::{Snapshot, Stream, Style, View, device};

use super::file_name::{FileName, beside};
use super::new_file::{NewFile, Verdict};
use super::{age, message};
use crate::platform::kept_file::Identity;
use crate::platform::{files, signal_mask, streams};
use crate::sync::{Mutex, StaticCell};

/// A view of the figures, written when the session ends.
///
/// A report goes to standard error, unless [`file`](Report::file) or [`stdout`](Report::stdout) says otherwise. If it can't be
/// written, one line on standard error says so; the program and its exit status stay as they are.
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
    File(FileName),
}

impl Report {
    /// Describes the table: one row per function, most self time first.
    ///
    /// The columns are calls, total and self time, mean, percentiles, and the shape of the distribution; notes below say what to keep in mind.
    #[must_use]
    pub fn table() -> Report {
        Report::of(Contents::View(View::Table))
    }

    /// Describes the callers of each function: how often, and for how long.
    #[must_use]
    pub fn callers() -> Report {
        Report::of(Contents::View(View::Callers))
    }

    /// Describes the life of each `#[lazy_resource]`, and the dependencies.
    #[must_use]
    pub fn resources() -> Report {
        Report::of(Contents::View(View::Resources))
    }

    /// Describes the whole snapshot with its histograms, as JSON.
    ///
    /// The command `cargo perf-report` reads it, and so can other programs.
    #[must_use]
    pub fn json() -> Report {
        Report::of(Contents::View(View::Json))
    }

    /// Describes a report whose text a function of your own creates.
    ///
    /// If the function panics, its report is left out, and the others are written.
    #[must_use]
    pub fn custom(view: impl Fn(&Snapshot) -> String + Send + 'static) -> Report {
        Report::of(Contents::Custom(Box::new(view)))
    }

    fn of(contents: Contents) -> Report {
        Report { contents, destination: Destination::Stderr }
    }

    /// Sends the report to a file.
    ///
    /// `%p` in the name stands for the process id; a relative path refers to the folder that is current now. The file appears
    /// under its name when it is complete, so nobody sees half of it. A file that another process wrote while this one ran is
    /// not replaced: the process id is added to the name, and a line on standard error says so.
    #[must_use]
    pub fn file(mut self, path: impl Into<PathBuf>) -> Report {
        self.destination = Destination::File(FileName::given_here(path));
        self
    }

    /// Sends the report to standard output.
    #[must_use]
    pub fn stdout(mut self) -> Report {
        self.destination = Destination::Stdout;
        self
    }

    /// Whether its text comes from a function of the program, which may panic or never end.
    pub(crate) fn is_custom(&self) -> bool {
        matches!(self.contents, Contents::Custom(_))
    }

    /// Whether it goes where the program's own output goes.
    pub(crate) fn is_on_stdout(&self) -> bool {
        matches!(self.destination, Destination::Stdout)
    }

    /// The file that it is written to.
    pub(crate) fn file_name(&mut self) -> Option<&mut FileName> {
        match &mut self.destination {
            Destination::File(name) => Some(name),
            Destination::Stderr | Destination::Stdout => None,
        }
    }

    /// Reads an entry of `PERF_REPORT`: `view` or `view:FILE`, with `-` for standard output. A relative path is meant in `folder`.
    pub(crate) fn parse(entry: &[u8], folder: Option<&Path>) -> Result<Report, Box<dyn Error>> {
        let (name, destination) = match entry.iter().position(|&byte| byte == b':') {
            Some(colon) => (entry[..colon].trim_ascii(), entry[colon + 1..].trim_ascii()),
            None => (entry, &b""[..]),
        };
        let report = Report::of(Contents::View(String::from_utf8_lossy(name).parse()?));
        Ok(match destination {
            b"" => report,
            b"-" => report.stdout(),
            path => {
                let path = files::name_of_bytes(path).ok_or("the name of the file is not Unicode")?;
                let name = FileName::given_in(folder.map(Path::to_owned), path);
                Report { destination: Destination::File(name), ..report }
            }
        })
    }

    /// Writes it.
    pub(crate) fn write(&self, snapshot: &Snapshot) -> Result<(), WriteError> {
        let text = self.text(snapshot);
        signal_mask::with_write_errors(|| match &self.destination {
            Destination::Stderr => write_stream(&mut *streams::stderr(), &text),
            Destination::Stdout => write_stream(&mut *streams::stdout(), &text),
            Destination::File(name) => write_file(name, &text),
        })
        .map_err(|cause| WriteError { report: self.to_string(), cause })
    }

    fn text(&self, snapshot: &Snapshot) -> String {
        let style = match self.destination {
            Destination::Stderr => Style::for_stream(Stream::Stderr, streams::stderr_columns()),
            Destination::Stdout => Style::for_stream(Stream::Stdout, streams::stdout_columns()),
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
            Destination::File(name) => name.fmt(formatter),
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

/// Writes a file whole or not at all. A terminal, a pipe and the like are written to directly, and so is what is open under a name of the
/// system's.
pub(super) fn write_file(name: &FileName, text: &str) -> io::Result<()> {
    let path = &*name.path();
    if let Some(open) = device::open(path) {
        return write_stream(&mut open?, text);
    }
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        return write_stream(&mut File::options().write(true).open(path)?, text);
    }
    let mut new = NewFile::beside(path, 0o666)?;
    write_stream(new.file(), text)?;
    let identity = Identity::of(new.file())?;
    if !new.claim(path, |there| may_be_replaced(there, path))? {
        let own = beside(path, &std::process::id().to_string());
        message::say(format_args!(
            "another process wrote {name} while this one ran; this report goes to {}; with %p in the name, each process \
             has its own file",
            name.sibling(&own).display()
        ));
        new.claim(&own, |_| Ok(Verdict::Replace))?;
        return Ok(());
    }
    OWN.get_or_default().lock().insert(path.to_owned(), identity);
    Ok(())
}

/// The files that this process has written, by the names that they were meant for. Behind a pointer, so that a forked child can
/// leave its parent's behind.
static OWN: StaticCell<Mutex<HashMap<PathBuf, Identity>>> = StaticCell::none();

/// In a forked child: the files are its parent's.
pub(crate) fn forget_files() {
    OWN.set(None);
}

/// Whether a report may take the place of a file: one that was there when this process began, or that it wrote itself.
fn may_be_replaced(there: io::Result<&File>, path: &Path) -> io::Result<Verdict> {
    // A link, or a file that may not be read. Whoever named it for a report means its name.
    let Ok(there) = there else { return Ok(Verdict::Replace) };
    match there.try_lock() {
        // Another process is about to replace it.
        Err(TryLockError::WouldBlock) => return Ok(Verdict::LookAgain),
        // Where there are no locks, two that come at the same moment don't see each other.
        Ok(()) | Err(TryLockError::Error(_)) => {}
    }
    let identity = Identity::of(there)?;
    if Identity::at(path).ok() != Some(identity) {
        return Ok(Verdict::LookAgain);
    }
    let is_older = !age::is_later(files::written_ns(&there.metadata()?));
    let is_own = OWN.get().is_some_and(|own| own.lock().get(path) == Some(&identity));
    Ok(if is_older || is_own { Verdict::Replace } else { Verdict::Keep })
}

/// A report could not be written.
#[derive(Debug)]
pub(crate) struct WriteError {
    report: String,
    cause: io::Error,
}

impl fmt::Display for WriteError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "can't write {}: {}", self.report, self.cause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_name_a_view_and_a_destination() {
        let shown = |entry: &str| Report::parse(entry.as_bytes(), None).map(|report| report.to_string());
        assert_eq!(shown("table").unwrap(), "the table report to standard error");
        assert_eq!(shown("json:run.json").unwrap(), "the json report to run.json");
        assert_eq!(shown("callers:-").unwrap(), "the callers report to standard output");
        assert_eq!(shown("json:C:/run.json").unwrap(), "the json report to C:/run.json");
        let error = shown("tabel").unwrap_err().to_string();
        assert_eq!(error, "there is no view \"tabel\"; the views are table, callers, resources, json");
    }
}
