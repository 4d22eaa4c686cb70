//! A recording that is looked at again and again.

use std::{
    collections::VecDeque,
    fmt,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    Moment, Past, Window,
    find::{self, FileId, FindError},
    moment::REMEMBERED,
    usage::Meter,
};
use crate::recording::{Reading, Recording, RecordingError};

/// What is watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A process, to its end.
    Process(u32),
    /// A file, and the one that takes its place when the program is started again.
    File(PathBuf),
}

impl Target {
    /// What an argument means: digits are a process.
    pub(crate) fn new(argument: &Path) -> Target {
        let digits = argument.to_str().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        match digits.and_then(|digits| digits.parse().ok()) {
            Some(pid) => Target::Process(pid),
            None => Target::File(argument.to_owned()),
        }
    }
}

/// Why something cannot be watched.
#[derive(Debug)]
pub(crate) enum WatchError {
    /// The process has no recording to watch.
    Find(FindError),
    /// The recording cannot be read.
    Recording(PathBuf, RecordingError),
}

impl fmt::Display for WatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WatchError::Find(error) => error.fmt(f),
            WatchError::Recording(path, error) => {
                write!(f, "{}: {error}", path.display().to_string().escape_debug())?;
                match error {
                    RecordingError::Foreign => f.write_str("; snapshots do not change, `perf-report show` shows them"),
                    _ => Ok(()),
                }
            }
        }
    }
}

impl std::error::Error for WatchError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            WatchError::Find(error) => Some(error),
            WatchError::Recording(_, error) => Some(error),
        }
    }
}

/// Follows a recording.
#[derive(Debug)]
pub(crate) struct Watch {
    /// The name that another file may take.
    path: Option<PathBuf>,
    /// The number of the process, where that is how it was given.
    pid: Option<u32>,
    id: Option<FileId>,
    recording: Recording,
    window: Window,
    window_ns: u64,
    meter: Option<Meter>,
    past: VecDeque<Arc<Past>>,
    damages: Vec<String>,
    new_runs: u32,
    /// What the last reading took.
    took: Duration,
}

impl Watch {
    /// Begins to watch. Recent figures are those of the last `window_ns`.
    ///
    /// # Errors
    /// If there is nothing that can be watched.
    pub(crate) fn open(target: &Target, window_ns: u64) -> Result<Watch, WatchError> {
        let (open_at, name) = match target {
            Target::File(path) => (path.clone(), path.clone()),
            Target::Process(pid) => {
                let found = find::recording_of(*pid).map_err(WatchError::Find)?;
                (found.open_at, found.name)
            }
        };
        let begun = Instant::now();
        let (id, recording, reading) = open(&open_at).map_err(|error| WatchError::Recording(name, error))?;
        let mut watch = Watch {
            path: matches!(target, Target::File(_)).then_some(open_at),
            pid: match target {
                Target::Process(pid) => Some(*pid),
                Target::File(_) => None,
            },
            id,
            recording,
            damages: damages(&reading),
            window: Window::new(window_ns, Arc::new(reading.snapshot)),
            window_ns,
            meter: None,
            past: VecDeque::new(),
            new_runs: 0,
            took: begun.elapsed(),
        };
        watch.meet();
        Ok(watch)
    }

    /// The moment of the reading with which it began.
    pub(crate) fn first(&mut self) -> Moment {
        self.moment(None)
    }

    /// Reads the recording. What cannot be read any more is told by the moment, which keeps the figures of the last reading.
    pub(crate) fn look(&mut self) -> Moment {
        let begun = Instant::now();
        // A new recording is made beside its name and moved there whole. Where there is none yet, or none that can be read,
        // the old one stays.
        let replaced = self.path.clone().filter(|path| find::file_id(path).is_ok_and(|id| id != self.id));
        if let Some((id, recording, reading)) = replaced.and_then(|path| open(&path).ok()) {
            (self.id, self.recording) = (id, recording);
            self.damages = damages(&reading);
            self.window = Window::new(self.window_ns, Arc::new(reading.snapshot));
            self.took = begun.elapsed();
            self.begin_anew();
            return self.moment(None);
        }
        let problem = match self.recording.read() {
            Ok(reading) => {
                self.took = begun.elapsed();
                self.damages = damages(&reading);
                if self.window.push(Arc::new(reading.snapshot)) {
                    self.begin_anew();
                }
                None
            }
            Err(error) => Some(error.to_string()),
        };
        self.moment(problem)
    }

    /// Begins the window anew.
    pub(crate) fn reset(&mut self) {
        self.window.reset();
    }

    fn moment(&mut self, problem: Option<String>) -> Moment {
        let mut moment = Moment::of(&self.window);
        moment.took = self.took;
        moment.usage = self.meter.as_mut().and_then(Meter::look);
        // What has ended does not change, and the first rates are those of the whole time before.
        if moment.is_running() && moment.rates_ns.is_some() && problem.is_none() {
            if self.past.len() == REMEMBERED {
                self.past.pop_front();
            }
            self.past.push_back(Arc::new(moment.to_past()));
        }
        moment.past = self.past.clone();
        moment.damages = self.damages.clone();
        moment.problem = problem;
        moment.new_runs = self.new_runs;
        moment
    }

    /// What is to be forgotten when another run takes the place of the one before.
    fn begin_anew(&mut self) {
        self.past.clear();
        self.new_runs += 1;
        self.meet();
    }

    /// Finds the process whose recording it is, if it is on this machine.
    fn meet(&mut self) {
        let pid = self.pid.unwrap_or(self.window.latest().process.pid);
        self.meter = self.id.and_then(|id| Meter::of(pid, id));
    }
}

fn open(path: &Path) -> Result<(Option<FileId>, Recording, Reading), RecordingError> {
    let id = find::file_id(path)?;
    let mut start = Vec::new();
    File::open(path)?.take(8).read_to_end(&mut start)?;
    // Of a short file that is something else, this says more than that it is short.
    if !start.is_empty() && !Recording::is_recording(&start) {
        return Err(RecordingError::Foreign);
    }
    let mut recording = Recording::open(path)?;
    let reading = recording.read()?;
    Ok((id, recording, reading))
}

fn damages(reading: &Reading) -> Vec<String> {
    let mut damages: Vec<String> = reading.damages.iter().map(ToString::to_string).collect();
    if reading.further_damages > 0 {
        damages.push(format!("and {} more damages", reading.further_damages));
    }
    damages
}
