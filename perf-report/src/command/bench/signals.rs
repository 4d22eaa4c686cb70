//! The end of a benchmark by a signal: the folder of its runs goes with it.

#[cfg(unix)]
use std::{
    fs,
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
};
use std::{io, path::Path};

/// The folders to remove. Locked for good by the thread that ends this process at a signal.
#[cfg(unix)]
static FOLDERS: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

#[cfg(unix)]
fn folders() -> MutexGuard<'static, Vec<PathBuf>> {
    FOLDERS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The signals that end this process. They wait until it is known which folder is to go first.
#[cfg(unix)]
pub(super) struct EndSignals(MutexGuard<'static, Vec<PathBuf>>);

#[cfg(unix)]
impl EndSignals {
    /// One thread watches them for the whole process, from the first time on.
    pub(super) fn watch() -> io::Result<EndSignals> {
        use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
        static IS_WATCHED: Mutex<bool> = Mutex::new(false);
        let folders = folders();
        let mut is_watched = IS_WATCHED.lock().unwrap_or_else(PoisonError::into_inner);
        if !*is_watched {
            let signals = signal_hook::iterator::Signals::new([SIGHUP, SIGINT, SIGTERM])?;
            thread::Builder::new().name("perf-signals".into()).spawn(|| end_at_a_signal(signals))?;
            *is_watched = true;
        }
        Ok(EndSignals(folders))
    }

    /// Removes a folder before a signal ends this process. The running command is left alone; Ctrl-C reaches it too.
    pub(super) fn remove_first(mut self, folder: &Path) -> Ending {
        self.0.push(folder.to_owned());
        Ending { folder: folder.to_owned() }
    }
}

#[cfg(unix)]
fn end_at_a_signal(mut signals: signal_hook::iterator::Signals) {
    for signal in signals.forever() {
        let folders = folders();
        for folder in &*folders {
            // The next run may put a file there meanwhile, for which the folder would stay.
            let removed = || fs::remove_dir_all(folder).is_ok() || !folder.exists();
            let _ = (0..100).any(|_| removed());
        }
        // None of these signals leaves a process alive.
        let _ = signal_hook::low_level::emulate_default_handler(signal);
    }
}

/// A folder that a signal would remove.
#[cfg(unix)]
pub(super) struct Ending {
    folder: PathBuf,
}

#[cfg(unix)]
impl Ending {
    /// The runs are over. Waits for the end, if a signal has come: a run that fails because its folder is gone is then no error to speak of.
    pub(super) fn wait(self) {
        folders().retain(|folder| *folder != self.folder);
    }
}

/// Signals are not watched here.
#[cfg(not(unix))]
pub(super) struct EndSignals;

#[cfg(not(unix))]
impl EndSignals {
    pub(super) fn watch() -> io::Result<EndSignals> {
        Ok(EndSignals)
    }

    pub(super) fn remove_first(self, _folder: &Path) -> Ending {
        Ending
    }
}

/// Nothing would be removed.
#[cfg(not(unix))]
pub(super) struct Ending;

#[cfg(not(unix))]
impl Ending {
    pub(super) fn wait(self) {}
}
