//! One recording that is read again and again, and what is kept of it between two readings.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use super::{last_minute::LastMinute, steady};
use crate::{
    Process, Snapshot, State,
    command::live::{Moment, ReadingWindow, Target, find, read_new},
    recording::Recording,
    view::metrics::Shown,
};

/// How long a reading is as good as a new one. Whoever asks more often gets the same again.
const FRESH: Duration = Duration::from_millis(250);

/// How often the recording of a process that has ended is read, which may have been closed and opened again.
const ENDED: Duration = Duration::from_secs(30);

/// The time that percentiles of `/api/top` cover, in ns.
const WINDOW_NS: u64 = 10_000_000_000;

/// How long readings are kept for somebody who asks for rates and does not come back.
const KEPT: Duration = Duration::from_secs(60);

/// A recording and its last reading.
#[derive(Debug)]
pub(crate) struct Followed {
    /// The name that tells it from the others.
    pub(super) name: String,
    /// Where a new recording may appear; `None` for that of a process given by its id.
    path: Option<PathBuf>,
    id: Option<find::FileId>,
    recording: Recording,
    pub(crate) latest: Arc<Snapshot>,
    pub(super) shown: Shown,
    pub(super) damages: u64,
    /// Why the last attempt to read it failed.
    pub(super) problem: Option<String>,
    read_at: Instant,
    window: Option<(ReadingWindow, Instant)>,
    /// While somebody looks at its page.
    last_minute: Option<LastMinute>,
}

impl Followed {
    /// Opens the recording of a file or a process.
    ///
    /// # Errors
    /// If there is none that can be read; the message says why.
    pub(super) fn open(name: String, target: &Target) -> Result<Followed, String> {
        let (path, open_at) = match target {
            Target::File(path) => (Some(path.clone()), path.clone()),
            Target::Process(pid) => (None, find::recording_of(*pid).map_err(|error| error.to_string())?.open_at),
        };
        let (id, recording, reading) = read(&open_at)?;
        Ok(Followed {
            name,
            path,
            id,
            recording,
            damages: (reading.damages.len() + reading.further_damages) as u64,
            latest: Arc::new(reading.snapshot),
            shown: Shown::default(),
            problem: None,
            read_at: Instant::now(),
            window: None,
            last_minute: None,
        })
    }

    /// Reads it again, unless the last reading is as good. After an error the last figures stay.
    pub(super) fn refresh(&mut self) {
        let replaced = self.path.as_deref().is_some_and(|path| find::file_id(path).is_ok_and(|id| id != self.id));
        let good_for = if self.latest.process.state == State::Running { FRESH } else { ENDED };
        if !replaced && self.read_at.elapsed() < good_for {
            return;
        }
        let reading = match self.path.as_deref().filter(|_| replaced).map(read) {
            // Of a new file that cannot be read, the old one tells more.
            Some(Ok((id, recording, reading))) => {
                (self.id, self.recording) = (id, recording);
                self.last_minute = None;
                Ok(reading)
            }
            Some(Err(error)) => Err(error),
            None => self.recording.read().map_err(|error| error.to_string()),
        };
        self.read_at = Instant::now();
        match reading {
            Ok(reading) => {
                self.problem = None;
                self.damages = (reading.damages.len() + reading.further_damages) as u64;
                self.last_minute.take_if(|minute| !minute.is_wanted());
                if let Some(minute) = &mut self.last_minute {
                    minute.take(&reading);
                }
                self.take(reading.snapshot);
            }
            Err(error) => self.problem = Some(error),
        }
    }

    fn take(&mut self, mut snapshot: Snapshot) {
        if same_run(&self.latest.process, &snapshot.process) {
            steady::raise(&mut snapshot, &self.latest);
        } else {
            self.shown = Shown::default();
            self.last_minute = None;
        }
        self.latest = Arc::new(snapshot);
        self.window.take_if(|(_, used)| used.elapsed() > KEPT);
        if let Some((window, _)) = &mut self.window {
            window.push(Arc::clone(&self.latest));
        }
    }

    /// The latest snapshot, with the stacks of the last minute as they were seen from outside, from the second time on that it is asked for.
    pub(super) fn with_stacks(&mut self) -> Snapshot {
        let mut snapshot = Snapshot::clone(&self.latest);
        if self.last_minute.is_none() && snapshot.process.state == State::Running {
            self.last_minute = LastMinute::start(&self.recording);
        }
        if let Some(stacks) = self.last_minute.as_mut().and_then(|minute| minute.stacks(&snapshot)) {
            snapshot.stacks = Some(stacks);
        }
        snapshot
    }

    /// The process at this moment, with the rates since the reading before.
    pub(super) fn moment(&mut self) -> Moment {
        let latest = Arc::clone(&self.latest);
        let (window, used) = self.window.get_or_insert_with(|| (ReadingWindow::new(WINDOW_NS, latest), Instant::now()));
        *used = Instant::now();
        Moment::of(window)
    }
}

type New = (Option<find::FileId>, Recording, crate::recording::Reading);

fn read(path: &Path) -> Result<New, String> {
    if path.is_dir() {
        return Err(match std::fs::read_dir(path) {
            Ok(_) => "a folder".into(),
            Err(error) => format!("cannot be read: {error}"),
        });
    }
    // Opening a pipe may wait for ever.
    if path.metadata().is_ok_and(|file| !file.is_file()) {
        return Err("not a regular file".into());
    }
    read_new(path).map_err(|error| error.to_string())
}

fn same_run(a: &Process, b: &Process) -> bool {
    (a.pid, a.started_unix_ns) == (b.pid, b.started_unix_ns)
}
