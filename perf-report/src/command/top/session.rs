//! A session at the terminal. One thread reads the recording at an interval, this one draws and obeys keys, so that a large
//! recording delays no key.

use std::{
    fmt, io,
    sync::{
        Arc,
        atomic::{AtomicI32, Ordering},
        mpsc::{self, Receiver, RecvTimeoutError, Sender},
    },
    thread,
    time::{Duration, Instant},
};

use ratatui::crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};

use super::{
    draw::{self, Paint},
    keys,
    screen::{self, Screen},
    state::{Chosen, Effect},
};
use crate::command::live::{Moment, WatchedRecording};

/// How long a key, a moment or a signal may wait until it is noticed.
const NOTICE: Duration = Duration::from_millis(50);

/// Why a session ended by itself.
#[derive(Debug)]
pub(super) enum SessionError {
    /// The terminal cannot be drawn on or read from.
    Terminal(io::Error),
    /// The thread that reads the recording panicked.
    Reader,
}

impl fmt::Display for SessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SessionError::Terminal(error) => write!(f, "the terminal cannot be used: {error}; use --batch"),
            SessionError::Reader => {
                f.write_str("the thread that reads the recording stopped, which is a fault of this command")
            }
        }
    }
}

impl std::error::Error for SessionError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            SessionError::Terminal(error) => Some(error),
            SessionError::Reader => None,
        }
    }
}

impl From<io::Error> for SessionError {
    fn from(error: io::Error) -> SessionError {
        SessionError::Terminal(error)
    }
}

/// Orders to the reading thread.
enum Order {
    Interval(Duration),
    Reset,
}

/// Shows the process until the user quits. Returns whether the recording is damaged.
///
/// # Errors
/// If the terminal cannot be used.
pub(super) fn run(mut recording: WatchedRecording, mut chosen: Chosen, color: bool) -> Result<bool, SessionError> {
    let moment = recording.first();
    let interval = chosen.interval;
    let (orders, ordered) = mpsc::channel();
    let (sender, moments) = mpsc::channel();
    let ended_by = Signals::watch()?;
    let reader = thread::spawn(move || read(recording, interval, &ordered, &sender));
    let damaged = Screen::open()
        .map_err(SessionError::from)
        .and_then(|mut screen| show(&mut screen, moment, &mut chosen, Paint { color }, &orders, &moments, &ended_by));
    // Without a sender of orders the thread ends. If it panicked, `damaged` is an error that says so.
    drop(orders);
    let _ = reader.join();
    ended_by.end_by_signal()?;
    damaged
}

/// Reads the recording at an interval, until the sender of orders is gone.
fn read(mut recording: WatchedRecording, mut interval: Duration, orders: &Receiver<Order>, moments: &Sender<Moment>) {
    let mut last = Instant::now();
    let mut due = last + interval;
    loop {
        match orders.recv_timeout(due.saturating_duration_since(Instant::now())) {
            Ok(Order::Interval(new)) => {
                interval = new;
                due = last + interval;
            }
            Ok(Order::Reset) => recording.restart_window(),
            Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => {
                last = Instant::now();
                let moment = recording.refresh();
                // A slow reading delays the next one, so that watching never takes more than half a core.
                due = (due + interval).max(Instant::now() + last.elapsed());
                if moments.send(moment).is_err() {
                    return;
                }
            }
        }
    }
}

fn show(
    screen: &mut Screen,
    mut moment: Moment,
    chosen: &mut Chosen,
    paint: Paint,
    orders: &Sender<Order>,
    moments: &Receiver<Moment>,
    ended_by: &Signals,
) -> Result<bool, SessionError> {
    let mut held = None;
    let mut drawn = false;
    while !ended_by.any() {
        if !drawn {
            screen.draw(|width, height| draw::screen(&moment, chosen, paint, width, height))?;
            drawn = true;
        }
        if event::poll(NOTICE)? {
            match event::read()? {
                Event::Key(key) if key.kind != KeyEventKind::Release => {
                    if key.code == KeyCode::Char('l') && key.modifiers.contains(KeyModifiers::CONTROL) {
                        screen.clear()?;
                    }
                    let action = keys::action(key, chosen.typing.is_some());
                    match action.map_or(Effect::None, |action| chosen.act(action, &moment)) {
                        Effect::None => {}
                        Effect::Quit => break,
                        Effect::Suspend => screen.lend(suspend)?,
                        // If nobody takes the order, the reader has ended, which is noticed below.
                        Effect::Interval(interval) => drop(orders.send(Order::Interval(interval))),
                        Effect::Reset => drop(orders.send(Order::Reset)),
                    }
                    drawn = false;
                }
                Event::Resize(..) => drawn = false,
                _ => {}
            }
        }
        loop {
            match moments.try_recv() {
                Ok(latest) => held = Some(latest),
                Err(mpsc::TryRecvError::Empty) => break,
                Err(mpsc::TryRecvError::Disconnected) => return Err(SessionError::Reader),
            }
        }
        if let Some(latest) = held.take_if(|_| !chosen.paused) {
            if latest.new_runs != moment.new_runs {
                chosen.forget_functions();
            }
            moment = latest;
            drawn = false;
        }
    }
    Ok(!moment.damages.is_empty())
}

/// Signals that end the session. The terminal is restored before they take effect.
struct Signals {
    number: Arc<AtomicI32>,
}

impl Signals {
    fn any(&self) -> bool {
        self.number.load(Ordering::Relaxed) != 0
    }
}

#[cfg(unix)]
impl Signals {
    /// How long the session may take to end by itself. If the terminal is gone it never ends, because `event::poll` does not
    /// return from a file at its end.
    const GRACE: Duration = Duration::from_millis(500);

    fn watch() -> io::Result<Signals> {
        use signal_hook::{
            consts::{SIGHUP, SIGINT, SIGTERM},
            iterator,
        };
        let number = Arc::new(AtomicI32::new(0));
        let received = Arc::clone(&number);
        let mut signals = iterator::Signals::new([SIGHUP, SIGINT, SIGTERM])?;
        thread::spawn(move || {
            for signal in signals.forever() {
                received.store(signal, Ordering::Relaxed);
                thread::sleep(Self::GRACE);
                screen::give_up();
                // Each of these signals ends the process here.
                let _ = signal_hook::low_level::emulate_default_handler(signal);
            }
        });
        Ok(Signals { number })
    }

    fn end_by_signal(&self) -> io::Result<()> {
        match self.number.load(Ordering::Relaxed) {
            0 => Ok(()),
            signal => signal_hook::low_level::emulate_default_handler(signal),
        }
    }
}

#[cfg(not(unix))]
impl Signals {
    fn watch() -> io::Result<Signals> {
        Ok(Signals { number: Arc::new(AtomicI32::new(0)) })
    }

    fn end_by_signal(&self) -> io::Result<()> {
        Ok(())
    }
}

/// Stops this process until the shell continues it.
#[cfg(unix)]
fn suspend() -> io::Result<()> {
    signal_hook::low_level::raise(signal_hook::consts::SIGTSTP)
}

#[cfg(not(unix))]
fn suspend() -> io::Result<()> {
    Ok(())
}
