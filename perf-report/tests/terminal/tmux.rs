//! A terminal that a test types on and reads: a server of tmux of its own, with one shell.

use std::{
    process::{Command, Output},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

/// Longer than anything here should take to appear.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Terminal {
    server: String,
}

impl Terminal {
    /// A shell on a screen of this size.
    pub(crate) fn start(width: u16, height: u16) -> Terminal {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let terminal = Terminal { server: format!("perf-report-{}-{number}", std::process::id()) };
        let (width, height) = (width.to_string(), height.to_string());
        let shell = "env -u NO_COLOR -u COLUMNS -u LINES PS1='$ ' sh -i";
        terminal.tmux(&["new-session", "-d", "-x", &width, "-y", &height, shell]);
        terminal.wait("the shell's prompt", |screen| screen.starts_with('$'));
        terminal
    }

    fn tmux(&self, arguments: &[&str]) -> String {
        let Output { status, stdout, stderr } =
            Command::new("tmux").args(["-u", "-f", "/dev/null", "-L", &self.server]).args(arguments).output().unwrap();
        assert!(status.success(), "tmux {arguments:?}: {}", String::from_utf8_lossy(&stderr));
        String::from_utf8(stdout).unwrap()
    }

    /// Types a line.
    pub(crate) fn line(&self, text: &str) {
        self.text(text);
        self.key("Enter");
    }

    /// Types a text.
    pub(crate) fn text(&self, text: &str) {
        self.tmux(&["send-keys", "-l", text]);
    }

    /// Presses a key, by tmux's name for it.
    pub(crate) fn key(&self, key: &str) {
        self.tmux(&["send-keys", key]);
    }

    pub(crate) fn resize(&self, width: u16, height: u16) {
        self.tmux(&["resize-window", "-x", &width.to_string(), "-y", &height.to_string()]);
    }

    /// The text on the screen.
    pub(crate) fn screen(&self) -> String {
        self.tmux(&["capture-pane", "-p"])
    }

    /// The same with the sequences of its colours.
    pub(crate) fn colors(&self) -> String {
        self.tmux(&["capture-pane", "-p", "-e"])
    }

    /// A variable of tmux about the terminal: `alternate_on`, `cursor_flag`, ...
    pub(crate) fn is(&self, what: &str) -> bool {
        self.tmux(&["display-message", "-p", &format!("#{{{what}}}")]).trim() == "1"
    }

    /// Closes the window: nobody is at the terminal's other end any more.
    pub(crate) fn hang_up(&self) {
        self.tmux(&["kill-server"]);
    }

    /// The process id of the shell.
    pub(crate) fn shell(&self) -> u32 {
        self.tmux(&["display-message", "-p", "#{pane_pid}"]).trim().parse().unwrap()
    }

    /// Waits until the screen is as it should be, and returns it.
    pub(crate) fn wait(&self, what: &str, is: impl Fn(&str) -> bool) -> String {
        let begun = Instant::now();
        loop {
            let screen = self.screen();
            if is(&screen) {
                return screen;
            }
            assert!(begun.elapsed() < PATIENCE, "no {what} on the screen:\n{screen}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until a text is on the screen.
    pub(crate) fn wait_for(&self, text: &str) -> String {
        self.wait(&format!("{text:?}"), |screen| screen.contains(text))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = Command::new("tmux").args(["-L", &self.server, "kill-server"]).output();
    }
}
