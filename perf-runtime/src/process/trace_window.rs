//! Trace windows: who wants one, for how long, and where its events go.
//!
//! `PERF_TRACE`, an alert, and whoever has the recording's file may want one. There is one at a time. Whoever opened it waits until
//! its time is up, unless the end of the process comes before; whichever comes first closes it and writes the file.

use std::error::Error;
use std::ffi::OsStr;
use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use perf_report::recording::{Now, read_trace};
use perf_report::{quantity, view::TraceFormat};

use super::file_name::FileName;
use super::{deadline, message, registration, renewal, report, snapshot};
use crate::platform::{clock, files};
use crate::recording::{NoWindow, Recording};
use crate::sync::{Mutex, StaticCell};

/// How long a window is by default.
const LENGTH: Duration = Duration::from_secs(2);

/// The shortest window and the longest.
const SHORTEST: Duration = Duration::from_millis(1);
pub(crate) const LONGEST: Duration = Duration::from_secs(600);

/// How many events a window has room for by default.
pub(crate) const EVENTS: u64 = 1 << 20;

/// Most events.
const MOST_EVENTS: u64 = 4 << 20;

/// How often whoever waits for the end of a window looks whether it has been closed before its time.
const LOOK: Duration = Duration::from_millis(20);

/// A window that somebody wants.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct WindowPlan {
    /// Where its events go; `None` if they stay in the recording, from where somebody will take them.
    pub(crate) file: Option<FileName>,
    pub(crate) length: Duration,
    pub(crate) events: u64,
    /// The request that it answers; 0 for none.
    pub(crate) request: u64,
}

/// A value of `PERF_TRACE` that can't be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct InvalidPlan(String);

impl fmt::Display for InvalidPlan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Error for InvalidPlan {}

impl WindowPlan {
    /// A window whose events are written to a file.
    pub(crate) fn to_file(file: FileName) -> WindowPlan {
        WindowPlan { file: Some(file), length: LENGTH, events: EVENTS, request: 0 }
    }

    /// For so long, as far as that is possible.
    pub(crate) fn lasting(self, length: Duration) -> WindowPlan {
        WindowPlan { length: length.clamp(SHORTEST, LONGEST), ..self }
    }

    /// With room for so many events, as far as that is possible.
    pub(crate) fn with_room_for(self, events: u64) -> WindowPlan {
        WindowPlan { events: events.clamp(1, MOST_EVENTS), ..self }
    }

    /// Reads `FILE[,window=2s][,events=1M]`. A relative name is meant in `folder`.
    pub(crate) fn parse(text: &OsStr, folder: Option<&Path>) -> Result<WindowPlan, InvalidPlan> {
        let mut parts = text.as_encoded_bytes().split(|&byte| byte == b',');
        let name = parts.next().unwrap_or_default().trim_ascii();
        if name.is_empty() {
            return Err(InvalidPlan("there is no name of a file; write for example trace.json,window=2s".into()));
        }
        let name =
            files::name_of_bytes(name).ok_or_else(|| InvalidPlan("the name of the file is not Unicode".into()))?;
        let mut plan = WindowPlan::to_file(FileName::given_in(folder.map(Path::to_owned), name));
        for part in parts {
            let part = String::from_utf8_lossy(part.trim_ascii());
            match part.split_once('=').map(|(word, value)| (word.trim(), value.trim())) {
                Some(("window", value)) => plan.length = length(value).map_err(InvalidPlan)?,
                Some(("events", value)) => plan.events = events(value).map_err(InvalidPlan)?,
                _ => {
                    let help = "write window=2s for the length or events=1M for the room";
                    return Err(InvalidPlan(format!("{part:?} is not an option; {help}")));
                }
            }
        }
        Ok(plan)
    }
}

/// Reads the length of a window.
pub(crate) fn length(text: &str) -> Result<Duration, String> {
    match quantity::duration(text) {
        Ok(length) if length.is_zero() || length > LONGEST => {
            Err(format!("a window of {text} is not possible; write one from 1ms to {}min", LONGEST.as_secs() / 60))
        }
        Ok(length) => Ok(length),
        Err(error) => Err(error.to_string()),
    }
}

/// `4000`, `100k`, `1M`.
fn events(text: &str) -> Result<u64, String> {
    let (digits, factor) = match text.trim_end_matches(['k', 'K', 'M']) {
        digits if digits.len() == text.len() => (digits, 1),
        digits if text[digits.len()..].eq_ignore_ascii_case("k") => (digits, 1 << 10),
        digits if &text[digits.len()..] == "M" => (digits, 1 << 20),
        _ => (text, 1),
    };
    let number = digits.parse::<u64>().ok().and_then(|number| number.checked_mul(factor));
    number.filter(|number| (1..=MOST_EVENTS).contains(number)).ok_or_else(|| {
        format!("{text:?} is not a number of events; write for example 100k or 1M, at most {}M", MOST_EVENTS >> 20)
    })
}

/// Why there is no window, or no file of one.
#[derive(Debug)]
pub(crate) enum WindowError {
    NotRecording,
    NoRoom,
    IsOpen,
    /// The recording of the window was lost, or can't be read.
    Lost(String),
    Write(FileName, std::io::Error),
}

impl fmt::Display for WindowError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WindowError::NotRecording => formatter.write_str("there is no trace: the process does not record"),
            WindowError::NoRoom => formatter
                .write_str("there is no trace: the recording has no room for one; raise PERF_CAPACITY, which is 256 MiB by default"),
            WindowError::IsOpen => formatter.write_str("there is no trace: another trace window is open"),
            WindowError::Lost(cause) => write!(formatter, "there is no trace: {cause}"),
            WindowError::Write(file, cause) => write!(formatter, "can't write the trace to {file}: {cause}"),
        }
    }
}

/// The window that is open. Whoever takes it out closes it. Behind a pointer, so that a forked child can leave its parent's behind, locked
/// or not.
static CURRENT: StaticCell<Mutex<Option<OpenWindow>>> = StaticCell::none();

#[derive(Debug)]
struct OpenWindow {
    id: u64,
    plan: WindowPlan,
    recording: &'static Recording,
}

/// Opens a window. Returns its number among all of this process.
pub(crate) fn open(plan: WindowPlan) -> Result<u64, WindowError> {
    static IDS: AtomicU64 = AtomicU64::new(1);
    let recording = renewal::recording_in_time().ok_or(WindowError::NotRecording)?;
    let mut current = CURRENT.get_or_default().lock();
    if current.is_some() {
        return Err(WindowError::IsOpen);
    }
    recording.open_window(plan.events, plan.request, clock::now).map_err(|error| match error {
        NoWindow::NoRoom => WindowError::NoRoom,
        NoWindow::IsOpen => WindowError::IsOpen,
    })?;
    let id = IDS.fetch_add(1, Ordering::Relaxed);
    *current = Some(OpenWindow { id, plan, recording });
    Ok(id)
}

/// Waits until the time of a window is up, and closes it, unless somebody else did.
pub(crate) fn close_in_time(id: u64) -> Result<(), WindowError> {
    let Some(current) = CURRENT.get() else { return Ok(()) };
    let begun = Instant::now();
    let length = || current.lock().as_ref().filter(|window| window.id == id).map(|window| window.plan.length);
    while let Some(left) = length().map(|length| length.saturating_sub(begun.elapsed())).filter(|left| !left.is_zero())
    {
        thread::sleep(left.min(LOOK));
    }
    // Held until the file is there, for the end of the process waits for it.
    let mut current = current.lock();
    match current.take_if(|window| window.id == id) {
        Some(window) => window.close(),
        None => Ok(()),
    }
}

/// Opens a window, waits until its time is up, and closes it.
#[cfg(feature = "monitor")]
pub(crate) fn record(plan: WindowPlan) -> Result<(), WindowError> {
    close_in_time(open(plan)?)
}

/// The end of the process, or of the session whose window it is: closes the window, and waits for the file of one that has just been
/// closed.
pub(crate) fn finish(of_session: Option<u64>, deadline: Instant) {
    let Some(current) = CURRENT.get() else { return };
    let Some(mut current) = current.try_lock_for(deadline::left_until(deadline)) else { return };
    if let Some(window) = current.take_if(|window| of_session.is_none_or(|id| id == window.id))
        && let Err(error) = window.close()
    {
        message::say(format_args!("{error}"));
    }
}

/// In a forked child: the window is its parent's.
pub(crate) fn forget() {
    CURRENT.set(None);
}

impl OpenWindow {
    fn close(self) -> Result<(), WindowError> {
        let OpenWindow { plan, recording, .. } = self;
        recording.close_window(clock::now());
        match plan.file {
            Some(file) => write(recording, &file),
            None => Ok(()),
        }
    }
}

/// Writes the last window of a recording.
fn write(recording: &Recording, file: &FileName) -> Result<(), WindowError> {
    // Its names are all that a trace needs of what there is besides.
    registration::register_missing();
    snapshot::note_time(recording);
    let copy = recording.copy();
    if recording.was_cut().is_some() {
        return Err(WindowError::Lost("another program truncated or overwrote the recording file".into()));
    }
    let reading = read_trace(&copy, Now::LastTick).map_err(|error| WindowError::Lost(error.to_string()))?;
    drop(copy);
    let trace = reading.trace.ok_or_else(|| WindowError::Lost("the recording has none".into()))?;
    let text = TraceFormat::of_file(file.path()).render(&trace, &reading.snapshot);
    report::write_file(file, &text).map_err(|cause| WindowError::Write(file.clone(), cause))?;
    let lost = trace.lost_events();
    if lost > 0 {
        message::say(format_args!(
            "{file} lacks {lost} events that there was no room for, of each thread the earliest; shorten the window, or raise \
             events= (at most {}M)",
            MOST_EVENTS >> 20
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(text: &str) -> Result<(String, Duration, u64), String> {
        let plan = WindowPlan::parse(OsStr::new(text), None).map_err(|error| error.to_string())?;
        Ok((plan.file.unwrap().to_string(), plan.length, plan.events))
    }

    #[test]
    fn a_plan_names_a_file_and_perhaps_length_and_room() {
        let seconds = Duration::from_secs;
        assert_eq!(plan("t.json"), Ok(("t.json".into(), seconds(2), 1 << 20)));
        assert_eq!(plan(" t-%p.json , window = 500 ms"), Ok(("t-%p.json".into(), Duration::from_millis(500), 1 << 20)));
        assert_eq!(plan("t,events=100k,window=1min"), Ok(("t".into(), seconds(60), 100 << 10)));
        assert_eq!(plan("t,events=7"), Ok(("t".into(), seconds(2), 7)));
    }

    #[test]
    fn wrong_plans_are_told_what_to_write() {
        for (text, part) in [
            ("", "there is no name of a file"),
            (",window=2s", "there is no name of a file"),
            ("t,2s", "\"2s\" is not an option; write window=2s"),
            ("t,", "\"\" is not an option"),
            ("t,window=2", "has no unit"),
            ("t,window=0s", "a window of 0s is not possible"),
            ("t,window=1h", "write one from 1ms to 10min"),
            ("t,events=0", "\"0\" is not a number of events"),
            ("t,events=5M", "at most 4M"),
            ("t,events=1kM", "\"1kM\" is not a number"),
            ("t,events=-1", "\"-1\" is not a number"),
        ] {
            let error = plan(text).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
