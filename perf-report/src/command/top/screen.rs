//! The terminal: taken as a whole while a process is watched, and restored whatever happens.

use std::{
    io::{self, Stdout},
    panic,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use ratatui::{
    Terminal,
    backend::CrosstermBackend,
    crossterm::{
        cursor, execute,
        terminal::{
            BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
            disable_raw_mode, enable_raw_mode,
        },
    },
    text::Line,
};

/// A terminal to draw on. It is restored on drop, and before the message of a panic.
pub(super) struct Screen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
}

impl Screen {
    /// Takes the terminal.
    ///
    /// # Errors
    /// If there is no terminal, or it cannot be taken.
    pub(super) fn open() -> io::Result<Screen> {
        restore_before_panic_messages();
        enter()?;
        let terminal = Terminal::new(CrosstermBackend::new(io::stdout()));
        terminal.map(|terminal| Screen { terminal }).inspect_err(|_| leave())
    }

    /// Draws the lines for the terminal's width and height.
    ///
    /// # Errors
    /// If the terminal is gone.
    pub(super) fn draw(&mut self, lines: impl FnOnce(usize, usize) -> Vec<Line<'static>>) -> io::Result<()> {
        // A terminal that supports it shows the whole screen at once.
        execute!(io::stdout(), BeginSynchronizedUpdate)?;
        self.terminal.draw(|frame| {
            let area = frame.area();
            let lines = lines(area.width.into(), area.height.into());
            super::draw::put(&lines, area, frame.buffer_mut());
        })?;
        execute!(io::stdout(), EndSynchronizedUpdate)
    }

    /// Makes the next drawing draw everything, including the parts that did not change.
    ///
    /// # Errors
    /// If the terminal is gone.
    pub(super) fn clear(&mut self) -> io::Result<()> {
        self.terminal.clear()
    }

    /// Restores the terminal while something else uses it.
    ///
    /// # Errors
    /// If the terminal cannot be taken again.
    pub(super) fn lend(&mut self, to: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        leave();
        let lent = to();
        enter()?;
        self.clear()?;
        lent
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        leave();
    }
}

/// Whether the terminal is taken. Restoring it twice would move the cursor.
static TAKEN: AtomicBool = AtomicBool::new(false);

fn enter() -> io::Result<()> {
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::Relaxed);
    execute!(io::stdout(), EnterAlternateScreen, cursor::Hide).inspect_err(|_| leave())
}

/// Restores the terminal. Errors mean that it is gone.
fn leave() {
    if !TAKEN.swap(false, Ordering::Relaxed) {
        return;
    }
    let _ = execute!(io::stdout(), EndSynchronizedUpdate, LeaveAlternateScreen, cursor::Show);
    let _ = disable_raw_mode();
}

/// Restores as much as another thread can, because the thread that draws holds standard output.
pub(super) fn give_up() {
    if TAKEN.swap(false, Ordering::Relaxed) {
        let _ = disable_raw_mode();
    }
}

/// Restores the terminal before the message of a panic in this thread, so that it can be seen. Other threads cannot touch the
/// terminal, because this one holds standard output.
fn restore_before_panic_messages() {
    let here = thread::current().id();
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        if thread::current().id() == here {
            leave();
        }
        before(panic);
    }));
}
