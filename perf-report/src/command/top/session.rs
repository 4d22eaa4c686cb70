//! A session at the terminal: one thread reads the recording at its interval, this one draws and obeys keys, so that a large
//! recording holds up no key.

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
use crate::live::{Moment, Watch};

/// How long a key, a moment or a signal may lie unnoticed.
const NOTICE: Duration = Duration::from_millis(50);

/// Why a session ended before it was told to.
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
            SessionError::Terminal(error) => write!(f, "the terminal cannot be used: {error}; try --batch"),
            SessionError::Reader => f.write_str("the recording is not read any more, by a fault in perf-report"),
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

/// What the reading thread is told.
enum Order {
    Interval(Duration),
    Reset,
}

/// Shows what is watched until the user has seen enough. Says whether the recording was damaged.
///
/// # Errors
/// If the terminal cannot be used.
pub(super) fn run(mut watch: Watch, mut chosen: Chosen, color: bool) -> Result<bool, SessionError> {
    let moment = watch.first();
    let interval = chosen.interval;
    let (orders, ordered) = mpsc::channel();
    let (looks, looked) = mpsc::channel();
    let ended_by = Signals::watch()?;
    let reader = thread::spawn(move || read(watch, interval, &ordered, &looks));
    let damaged = Screen::open()
        .map_err(SessionError::from)
        .and_then(|mut screen| show(&mut screen, moment, &mut chosen, Paint { color }, &orders, &looked, &ended_by));
    // Without anybody to give it orders it ends. If it panicked, that is what `damaged` tells.
    drop(orders);
    let _ = reader.join();
    ended_by.end_as_told()?;
    damaged
}

/// Looks at the recording again and again, until nobody gives orders any more.
fn read(mut watch: Watch, mut interval: Duration, orders: &Receiver<Order>, looks: &Sender<Moment>) {
    let mut last = Instant::now();
    let mut due = last + interval;
    loop {
        match orders.recv_timeout(due.saturating_duration_since(Instant::now())) {
            Ok(Order::Interval(new)) => {
                interval = new;
                due = last + interval;
            }
            Ok(Order::Reset) => watch.reset(),
            Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => {
                last = Instant::now();
                let moment = watch.look();
                // A reading that takes long puts off the next, so that watching never takes more than half of a core.
                due = (due + interval).max(Instant::now() + last.elapsed());
                if looks.send(moment).is_err() {
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
    looked: &Receiver<Moment>,
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
                        // Where nobody takes orders, the reader has ended, which shows below.
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
            match looked.try_recv() {
                Ok(latest) => held = Some(latest),
                Err(mpsc::TryRecvError::Empty) => break,
                Err(mpsc::TryRecvError::Disconnected) => return Err(SessionError::Reader),
            }
        }
        if let Some(latest) = held.take_if(|_| !chosen.paused) {
            if latest.new_runs != moment.new_runs {
                chosen.begin_anew();
            }
            moment = latest;
            drawn = false;
        }
    }
    Ok(!moment.damages.is_empty())
}

/// Signals that end the session: the terminal is given back before they do what they always do.
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
    /// How long the session may take to end by itself. A terminal that is gone keeps it for ever: `event::poll` does not
    /// come back from a file that is at its end.
    const GRACE: Duration = Duration::from_millis(500);

    fn watch() -> io::Result<Signals> {
        use signal_hook::{
            consts::{SIGHUP, SIGINT, SIGTERM},
            iterator,
        };
        let number = Arc::new(AtomicI32::new(0));
        let told = Arc::clone(&number);
        let mut signals = iterator::Signals::new([SIGHUP, SIGINT, SIGTERM])?;
        thread::spawn(move || {
            for signal in signals.forever() {
                told.store(signal, Ordering::Relaxed);
                thread::sleep(Self::GRACE);
                screen::give_up();
                // What comes back from here is a signal that nobody can be ended by, and none of these is.
                let _ = signal_hook::low_level::emulate_default_handler(signal);
            }
        });
        Ok(Signals { number })
    }

    fn end_as_told(&self) -> io::Result<()> {
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

    fn end_as_told(&self) -> io::Result<()> {
        Ok(())
    }
}

/// Stops this process until the shell lets it go on.
#[cfg(unix)]
fn suspend() -> io::Result<()> {
    signal_hook::low_level::raise(signal_hook::consts::SIGTSTP)
}

#[cfg(not(unix))]
fn suspend() -> io::Result<()> {
    Ok(())
}
