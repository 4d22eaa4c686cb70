//! The terminal: taken as a whole while something is watched, and given back as it was, whatever happens.

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

/// A terminal that is drawn on. It is given back when this is dropped, and before a panic is told.
pub(super) struct Screen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
}

impl Screen {
    /// Takes the terminal.
    ///
    /// # Errors
    /// If there is none, or it cannot be taken.
    pub(super) fn open() -> io::Result<Screen> {
        tell_panics_on_the_screen_before();
        enter()?;
        let terminal = Terminal::new(CrosstermBackend::new(io::stdout()));
        terminal.map(|terminal| Screen { terminal }).inspect_err(|_| leave())
    }

    /// Draws lines that are made for a width and a height.
    ///
    /// # Errors
    /// If the terminal is gone.
    pub(super) fn draw(&mut self, lines: impl FnOnce(usize, usize) -> Vec<Line<'static>>) -> io::Result<()> {
        // Terminals that know of it show the whole at once.
        execute!(io::stdout(), BeginSynchronizedUpdate)?;
        self.terminal.draw(|frame| {
            let area = frame.area();
            let lines = lines(area.width.into(), area.height.into());
            super::draw::put(&lines, area, frame.buffer_mut());
        })?;
        execute!(io::stdout(), EndSynchronizedUpdate)
    }

    /// Draws everything again at the next time, also what did not change.
    ///
    /// # Errors
    /// If the terminal is gone.
    pub(super) fn clear(&mut self) -> io::Result<()> {
        self.terminal.clear()
    }

    /// Gives the terminal back for as long as something else has it.
    ///
    /// # Errors
    /// If it cannot be taken again.
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

/// Whether the terminal is taken. To give back what was given back would move the cursor.
static TAKEN: AtomicBool = AtomicBool::new(false);

fn enter() -> io::Result<()> {
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::Relaxed);
    execute!(io::stdout(), EnterAlternateScreen, cursor::Hide).inspect_err(|_| leave())
}

/// What fails here fails because there is no terminal any more.
fn leave() {
    if !TAKEN.swap(false, Ordering::Relaxed) {
        return;
    }
    let _ = execute!(io::stdout(), EndSynchronizedUpdate, LeaveAlternateScreen, cursor::Show);
    let _ = disable_raw_mode();
}

/// Gives back what another thread than the one that draws can give back: that one holds standard output.
pub(super) fn give_up() {
    if TAKEN.swap(false, Ordering::Relaxed) {
        let _ = disable_raw_mode();
    }
}

/// Has a panic of this thread told where it will be seen. Other threads cannot touch the terminal while this one holds
/// standard output.
fn tell_panics_on_the_screen_before() {
    let here = thread::current().id();
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        if thread::current().id() == here {
            leave();
        }
        before(panic);
    }));
}
