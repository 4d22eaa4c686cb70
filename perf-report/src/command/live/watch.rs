//! A recording that is read again and again.

use std::{
    collections::VecDeque,
    fmt,
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    Moment, Past, ReadingWindow, Remote,
    find::{self, FileId, FindError},
    moment::REMEMBERED,
    remote::RemoteError,
    stack_watch::StackWatch,
    usage::Meter,
};
use crate::{
    State,
    data::profile::StackProfile,
    recording::{Reading, Recording, RecordingError},
};

/// A process or a file to watch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A process, until its end.
    Process(u32),
    /// A file, and the file that replaces it when the program is started again.
    File(PathBuf),
}

impl Target {
    /// The target of an argument: digits are a process id.
    pub(crate) fn new(argument: &Path) -> Target {
        let digits = argument.to_str().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        match digits.and_then(|digits| digits.parse().ok()) {
            Some(pid) => Target::Process(pid),
            None => Target::File(argument.to_owned()),
        }
    }
}

/// Why a target cannot be watched.
#[derive(Debug)]
pub(crate) enum WatchError {
    /// The process has no recording to watch.
    Find(FindError),
    /// The file is a directory, a pipe or a device.
    NotAFile(PathBuf),
    /// The recording cannot be read.
    Recording(PathBuf, RecordingError),
    /// The server on another machine does not tell.
    Remote(RemoteError),
}

impl fmt::Display for WatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WatchError::Find(error) => error.fmt(f),
            WatchError::Remote(error) => error.fmt(f),
            WatchError::NotAFile(path) => write!(
                f,
                "{}: not a regular file, and top reads a recording again and again; give the path of the recording, or use \
                 `cargo perf-report show`",
                path.display().to_string().escape_debug()
            ),
            WatchError::Recording(path, error) => {
                write!(f, "{}: {error}", path.display().to_string().escape_debug())?;
                match error {
                    RecordingError::Foreign => {
                        f.write_str("; a snapshot does not change, so show it with `cargo perf-report show`")
                    }
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
            WatchError::NotAFile(_) => None,
            WatchError::Recording(_, error) => Some(error),
            WatchError::Remote(error) => Some(error),
        }
    }
}

/// Where readings come from.
#[derive(Debug)]
enum From {
    File(Recording),
    Server(Remote),
}

impl From {
    fn read(&mut self) -> Result<Reading, String> {
        match self {
            From::File(recording) => recording.read().map_err(|error| error.to_string()),
            From::Server(server) => server.read().map_err(|error| error.to_string()),
        }
    }
}

/// Follows a recording.
#[derive(Debug)]
pub(crate) struct WatchedRecording {
    /// The path at which a new recording may appear.
    path: Option<PathBuf>,
    /// The id of the process, if the target was a process.
    pid: Option<u32>,
    id: Option<FileId>,
    recording: From,
    window: ReadingWindow,
    window_ns: u64,
    meter: Option<Meter>,
    stacks: Option<StackWatch>,
    past: VecDeque<Arc<Past>>,
    damages: Vec<String>,
    new_runs: u32,
    /// The duration of the latest reading.
    took: Duration,
}

impl WatchedRecording {
    /// Starts to watch. Recent percentiles cover the last `window_ns`.
    ///
    /// # Errors
    /// If the target cannot be watched.
    pub(crate) fn open(target: &Target, window_ns: u64) -> Result<WatchedRecording, WatchError> {
        let (open_at, name) = match target {
            Target::File(path) => (path.clone(), path.clone()),
            Target::Process(pid) => {
                let found = find::recording_of(*pid).map_err(WatchError::Find)?;
                (found.open_at, found.name)
            }
        };
        // Opening a pipe may wait for ever, and reading it would leave nothing for the next time.
        if fs::metadata(&open_at).is_ok_and(|file| !file.is_file()) {
            return Err(WatchError::NotAFile(name));
        }
        let begun = Instant::now();
        let (id, recording, reading) = read_new(&open_at).map_err(|error| WatchError::Recording(name, error))?;
        let mut watched = WatchedRecording::of(From::File(recording), reading, window_ns, begun);
        match target {
            Target::Process(pid) => watched.pid = Some(*pid),
            Target::File(_) => watched.path = Some(open_at),
        }
        watched.id = id;
        watched.find_process();
        Ok(watched)
    }

    /// Starts to watch a process that a server on another machine tells of.
    ///
    /// # Errors
    /// If it does not tell.
    pub(crate) fn open_remote(server: Remote, window_ns: u64) -> Result<WatchedRecording, WatchError> {
        let begun = Instant::now();
        let reading = server.read().map_err(WatchError::Remote)?;
        Ok(WatchedRecording::of(From::Server(server), reading, window_ns, begun))
    }

    /// The source that is read again and again; nothing is read yet of a file or a process on this machine.
    fn of(recording: From, reading: Reading, window_ns: u64, begun: Instant) -> WatchedRecording {
        WatchedRecording {
            path: None,
            pid: None,
            id: None,
            recording,
            damages: damages(&reading),
            window: ReadingWindow::new(window_ns, Arc::new(reading.snapshot)),
            window_ns,
            meter: None,
            stacks: None,
            past: VecDeque::new(),
            new_runs: 0,
            took: begun.elapsed(),
        }
    }

    /// The moment of the first reading.
    pub(crate) fn first(&mut self) -> Moment {
        self.moment(None, None)
    }

    /// Reads the recording again. If it can no longer be read, the moment says why and keeps the last values.
    pub(crate) fn refresh(&mut self) -> Moment {
        let begun = Instant::now();
        // A new recording is moved to its name when it is whole. If there is none yet, or none that can be read, the old one
        // stays.
        let replaced = self.path.clone().filter(|path| find::file_id(path).is_ok_and(|id| id != self.id));
        if let Some((id, recording, reading)) = replaced.and_then(|path| read_new(&path).ok()) {
            (self.id, self.recording) = (id, From::File(recording));
            self.damages = damages(&reading);
            self.window = ReadingWindow::new(self.window_ns, Arc::new(reading.snapshot));
            self.took = begun.elapsed();
            self.forget_run();
            return self.moment(None, None);
        }
        let mut stacks = None;
        let problem = match self.recording.read() {
            Ok(reading) => {
                self.took = begun.elapsed();
                self.damages = damages(&reading);
                stacks = self.stacks.as_ref().and_then(|watch| watch.take(&reading));
                if self.window.push(Arc::new(reading.snapshot)) {
                    self.forget_run();
                    stacks = None;
                }
                None
            }
            Err(error) => Some(error),
        };
        self.moment(problem, stacks)
    }

    /// Restarts the window of the percentiles.
    pub(crate) fn restart_window(&mut self) {
        self.window.reset();
    }

    fn moment(&mut self, problem: Option<String>, stacks: Option<StackProfile>) -> Moment {
        let mut moment = Moment::of(&self.window);
        moment.took = self.took;
        if let Some(stacks) = stacks.filter(|_| moment.is_running()) {
            moment.add_stacks(stacks);
        }
        moment.usage = self.meter.as_mut().and_then(Meter::read);
        // A process that has ended does not change, and the first rates cover all the time before.
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

    /// Forgets the previous run, because another one takes its place.
    fn forget_run(&mut self) {
        self.past.clear();
        self.new_runs += 1;
        self.find_process();
    }

    /// Finds the process that writes the recording, if it is on this machine.
    fn find_process(&mut self) {
        let pid = self.pid.unwrap_or(self.window.latest().process.pid);
        self.meter = self.id.and_then(|id| Meter::of(pid, id));
        let is_here = self.meter.is_some();
        let is_running = self.window.latest().process.state == State::Running;
        self.stacks = match &self.recording {
            From::File(recording) if is_running => StackWatch::start(recording, is_here.then_some(pid)),
            From::File(_) | From::Server(_) => None,
        };
    }
}

/// Opens a recording and reads it; also tells the identity of the file.
///
/// # Errors
/// If it cannot be read.
pub(crate) fn read_new(path: &Path) -> Result<(Option<FileId>, Recording, Reading), RecordingError> {
    let id = find::file_id(path)?;
    let mut start = Vec::new();
    File::open(path)?.take(8).read_to_end(&mut start)?;
    // For a short file of another kind, this is a better error than that it is short.
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
        damages.push(format!("{} more places are damaged", reading.further_damages));
    }
    damages
}
