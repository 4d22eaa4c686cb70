//! A child that runs.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::Child;
use std::sync::mpsc::{self, Receiver};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use perf_test_support::wait::{PATIENCE, holds_in_time};
use tempfile::TempDir;

use super::Ended;

/// A program that runs. If the test fails meanwhile it is killed.
#[derive(Debug)]
pub struct Running {
    child: Child,
    lines: Receiver<String>,
    stdout: Option<JoinHandle<String>>,
    stderr: Option<JoinHandle<String>>,
    folder: Option<TempDir>,
}

impl Running {
    pub(super) fn new(mut child: Child, folder: TempDir) -> Running {
        let (sender, lines) = mpsc::channel();
        let stdout = child.stdout.take();
        let stdout = thread::spawn(move || {
            let mut all = String::new();
            let Some(stdout) = stdout else { return all };
            for line in BufReader::new(stdout).lines() {
                let line = line.unwrap();
                all.push_str(&line);
                all.push('\n');
                let _ = sender.send(line);
            }
            all
        });
        let stderr = child.stderr.take();
        let stderr = thread::spawn(move || {
            let mut all = Vec::new();
            if let Some(mut stderr) = stderr {
                stderr.read_to_end(&mut all).unwrap();
            }
            String::from_utf8_lossy(&all).into_owned()
        });
        Running { child, lines, stdout: Some(stdout), stderr: Some(stderr), folder: Some(folder) }
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits for its next line on standard output.
    pub fn line(&self) -> String {
        self.lines.recv_timeout(PATIENCE).expect("the child says something more")
    }

    /// Waits until it says a line.
    pub fn wait_for(&self, line: &str) {
        while self.line() != line {}
    }

    /// Gives it a line on standard input.
    pub fn say(&mut self, line: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    /// Sends it a signal.
    pub fn kill(&self, signal: libc::c_int) {
        kill(self.pid(), signal);
    }

    /// The folder that it runs in.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.as_ref().unwrap().path()
    }

    /// Closes its standard input and waits for its end. Panics if it hangs.
    #[must_use]
    pub fn end(mut self) -> Ended {
        drop(self.child.stdin.take());
        let ended = holds_in_time(|| self.child.try_wait().unwrap().is_some());
        if !ended {
            let _ = self.child.kill();
        }
        let status = self.child.wait().unwrap();
        let stderr = self.stderr.take().unwrap();
        assert!(
            ended,
            "hangs; on standard error: {}",
            if is_done(&stderr) { stderr.join().unwrap() } else { "?".into() }
        );
        let (stdout, stderr) = (self.stdout.take().unwrap().join().unwrap(), stderr.join().unwrap());
        Ended { status, stdout, stderr, folder: self.folder.take().unwrap() }
    }
}

/// Whether a reader comes to its end, which it does not while a child of the child has the stream.
fn is_done(reader: &JoinHandle<String>) -> bool {
    for _ in 0..100 {
        if reader.is_finished() {
            return true;
        }
        thread::sleep(Duration::from_millis(10));
    }
    false
}

impl Drop for Running {
    fn drop(&mut self) {
        // Nothing is done to one that has been waited for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal to a process.
#[allow(unsafe_code, reason = "signals are sent by a system call")]
pub fn kill(pid: u32, signal: libc::c_int) {
    // SAFETY: kill reads no memory of ours; the process is a child, or a child's, that has not been waited for.
    assert_eq!(unsafe { libc::kill(libc::pid_t::try_from(pid).unwrap(), signal) }, 0);
}
