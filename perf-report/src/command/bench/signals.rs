//! The end of a benchmark by a signal: the folder of its runs goes with it.

use std::{
    fs, io,
    path::Path,
    sync::{Arc, Mutex},
    thread,
};

/// The signals that end this process.
#[cfg(unix)]
pub(super) struct EndSignals(signal_hook::iterator::Signals);

#[cfg(unix)]
impl EndSignals {
    pub(super) fn watch() -> io::Result<EndSignals> {
        use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
        Ok(EndSignals(signal_hook::iterator::Signals::new([SIGHUP, SIGINT, SIGTERM])?))
    }

    /// Removes a folder before a signal ends this process. The running command is left alone; Ctrl-C reaches it too.
    pub(super) fn remove_first(mut self, folder: &Path) -> Ending {
        let folder = folder.to_owned();
        let ending = Ending::default();
        let lock = ending.0.clone();
        thread::spawn(move || {
            for signal in self.0.forever() {
                let _until_the_end = lock.lock();
                // The next run may put a file there meanwhile, for which the folder would stay.
                let removed = || fs::remove_dir_all(&folder).is_ok() || !folder.exists();
                let _ = (0..100).any(|_| removed());
                // None of these signals leaves a process alive.
                let _ = signal_hook::low_level::emulate_default_handler(signal);
            }
        });
        ending
    }
}

/// Locked for good by the thread that ends this process at a signal.
#[derive(Default)]
pub(super) struct Ending(Arc<Mutex<()>>);

impl Ending {
    /// Waits for the end, if a signal has come: a run that fails because its folder is gone is then no error to speak of.
    pub(super) fn wait(self) {
        drop(self.0.lock());
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
        Ending::default()
    }
}
