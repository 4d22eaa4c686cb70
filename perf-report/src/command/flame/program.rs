//! A command that is started to be looked at, from its first moment to its end.

use std::{
    ffi::OsString,
    io,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus},
};

/// A command that runs and records to a file of ours.
#[derive(Debug)]
pub(super) struct Program {
    child: Child,
    ended: Option<ExitStatus>,
    folder: tempfile::TempDir,
    /// Whether it was told to end.
    is_told: bool,
}

impl Program {
    /// Starts a command.
    ///
    /// # Errors
    /// If it cannot be started.
    pub(super) fn start(command: &[OsString]) -> io::Result<Program> {
        let folder = tempfile::Builder::new().prefix("perf-report-flame-").tempdir()?;
        let (name, arguments) = command.split_first().ok_or_else(|| io::Error::other("no command is given"))?;
        let mut started = Command::new(name);
        started.args(arguments).env("PERF_RECORDING", folder.path().join("app.perfrec")).env_remove("PERF_ENABLED");
        let child = started.spawn()?;
        Ok(Program { child, ended: None, folder, is_told: false })
    }

    /// Where it records to, if it does.
    pub(super) fn recording(&self) -> PathBuf {
        self.folder.path().join("app.perfrec")
    }

    /// The other files that processes of the command recorded to, because [`recording`](Self::recording) was another's while they ran.
    pub(super) fn others(&self) -> Vec<PathBuf> {
        let files = std::fs::read_dir(self.folder.path()).into_iter().flatten().flatten();
        files.map(|file| file.path()).filter(|path| *path != self.recording()).collect()
    }

    /// Its exit status, if it has ended.
    pub(super) fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        if self.ended.is_none() {
            self.ended = self.child.try_wait()?;
        }
        Ok(self.ended)
    }

    /// Waits until it has ended.
    pub(super) fn wait(&mut self) -> io::Result<ExitStatus> {
        match self.ended {
            Some(status) => Ok(status),
            None => self.child.wait().inspect(|&status| self.ended = Some(status)),
        }
    }

    /// Tells it once to end, as whoever ended this command wanted. It has an interrupt of the terminal already.
    #[cfg(unix)]
    pub(super) fn tell_to_end(&mut self) {
        if !std::mem::replace(&mut self.is_told, true) {
            // One that has ended meanwhile needs not be told.
            let _ = rustix::process::kill_process(
                rustix::process::Pid::from_child(&self.child),
                rustix::process::Signal::TERM,
            );
        }
    }

    #[cfg(not(unix))]
    pub(super) fn tell_to_end(&mut self) {
        if !std::mem::replace(&mut self.is_told, true) {
            let _ = self.child.kill();
        }
    }
}

/// The exit status as a shell gives it: 128 and the number of the signal, if one ended it.
#[cfg(unix)]
pub(super) fn shell_status(status: ExitStatus) -> u8 {
    use std::os::unix::process::ExitStatusExt;
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX)
}

/// The exit status.
#[cfg(not(unix))]
pub(super) fn shell_status(status: ExitStatus) -> u8 {
    status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX)
}

/// How a message names a command.
pub(super) fn shown(command: &[OsString]) -> String {
    command.first().map_or_else(String::new, |name| crate::command::runs::shown(Path::new(name)))
}
