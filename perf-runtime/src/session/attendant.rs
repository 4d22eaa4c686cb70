//! The threads that run beside the program: they attend to its signals, and sample it.
//!
//! They start with the first annotated call, or with a session. Before that there is nothing to report, and the program may
//! want to be alone: the system grants some things only to processes with a single thread. The monitor alone is started before `main`, if
//! the environment asks for it: its samples do not depend on calls.
//!
//! The first call may come from anywhere, also from the program's allocator. So all that is done there is to start one
//! thread, without memory from that allocator; that thread does the rest. In a signal handler not even that is done, and a
//! later call does it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::settings::Settings;
use super::shutdown;
#[cfg(feature = "monitor")]
use crate::monitor::Monitor;
use crate::platform::threads::Job;
use crate::platform::{signal_mask, signals};
use crate::process::stack_sampler::StackRate;
use crate::process::{deadline, message, registration, stack_sampler, state, trace_listener};
#[cfg(feature = "monitor")]
use crate::sync::{Mutex, StaticCell};

/// Whether the first call must start threads.
static IS_WAITING: AtomicBool = AtomicBool::new(false);

/// Whether signals are watched.
static SIGNALS: AtomicBool = AtomicBool::new(false);

/// The monitor that waits for its start.
#[cfg(feature = "monitor")]
static MONITOR: StaticCell<Mutex<Option<Monitor>>> = StaticCell::none();

/// Whether a monitor waits for its start.
#[cfg(feature = "monitor")]
static HAS_MONITOR: AtomicBool = AtomicBool::new(false);

/// Leaves it to the first call to start the threads that settings ask for.
pub(crate) fn prepare(settings: Settings) -> Settings {
    IS_WAITING.store(true, Ordering::Relaxed);
    SIGNALS.store(settings.signals && signals::CAN_BE_WATCHED, Ordering::Relaxed);
    stack_sampler::prepare(settings.stacks.unwrap_or(StackRate::OFF));
    #[cfg(feature = "monitor")]
    let settings = {
        let mut settings = settings;
        let monitor = settings.monitor.take();
        HAS_MONITOR.store(monitor.is_some(), Ordering::Relaxed);
        *MONITOR.get_or_default().lock() = monitor;
        settings
    };
    settings
}

/// Whether the first call must start threads.
pub(crate) fn is_waiting() -> bool {
    IS_WAITING.load(Ordering::Relaxed)
}

/// In a call: starts the threads that wait for it.
pub(crate) fn start_at_a_call() {
    if is_waiting() && !signal_mask::may_be_in_a_handler() {
        start_waiting();
    }
}

/// A session begins: its own monitor, if it has one, already follows the environment.
pub(crate) fn start_for_a_session(settings: &Settings) {
    #[cfg(feature = "monitor")]
    if settings.monitor.is_some() {
        HAS_MONITOR.store(false, Ordering::Relaxed);
        MONITOR.set(None);
    }
    start_waiting();
    let watches = settings.signals && signals::CAN_BE_WATCHED;
    // Who wants no thread for signals wants none for requests either.
    trace_listener::start(watches);
    if watches {
        watch_signals();
    }
}

fn start_waiting() {
    if !IS_WAITING.swap(false, Ordering::AcqRel) {
        return;
    }
    state::is_no_longer_alone();
    stack_sampler::start_prepared();
    trace_listener::start(SIGNALS.load(Ordering::Relaxed));
    if SIGNALS.load(Ordering::Relaxed) {
        // That thread starts the monitor, too.
        watch_signals();
    } else {
        #[cfg(feature = "monitor")]
        start_monitor_beside();
    }
}

#[cfg(feature = "monitor")]
fn start_monitor_beside() {
    static STARTS: Job = Job { name: c"perf-start", work: start_monitor };
    if !HAS_MONITOR.load(Ordering::Relaxed) {
        return;
    }
    if let Err(error) = crate::platform::threads::start(&STARTS) {
        message::say(format_args!("the process is not monitored: can't start a thread: {error}"));
    }
}

fn watch_signals() {
    static ATTENDS: Job = Job { name: c"perf-signals", work: attend };
    if let Err(error) = signals::watch(&ATTENDS) {
        message::say(format_args!("signals end the process without reports: can't start a thread: {error}"));
    }
}

/// The thread that attends to signals.
fn attend() {
    // By now `inventory` knows everything there is.
    registration::register_missing();
    #[cfg(feature = "monitor")]
    start_monitor();
    loop {
        let signal = signals::next();
        if signals::default_actions_do_nothing() {
            // The process lives on. Nothing is torn down, and another signal may come.
            signals::watch_on();
            shutdown::report_and_go_on();
            continue;
        }
        let written = shutdown::finish(shutdown::End::Signal);
        signals::raise_again(signal);
        // Another thread may have taken it, and the system be about to end this one.
        std::thread::sleep(Duration::from_secs(1));
        signals::watch_on();
        deadline::process_goes_on();
        shutdown::go_on(written);
    }
}

/// Starts the monitor that waits for it. The end of the process calls this too: then its first sample is also its last.
#[cfg(feature = "monitor")]
pub(crate) fn start_monitor() {
    HAS_MONITOR.store(false, Ordering::Relaxed);
    let Some(waiting) = MONITOR.get() else { return };
    // Held until it runs, so that nobody stops it before.
    let mut waiting = waiting.lock();
    if let Some(monitor) = waiting.take() {
        crate::monitor::start(monitor);
    }
}

/// In a forked child: there are no threads but one.
pub(crate) fn after_fork() {
    IS_WAITING.store(false, Ordering::Relaxed);
    SIGNALS.store(false, Ordering::Relaxed);
    stack_sampler::forget();
    trace_listener::forget();
    #[cfg(feature = "monitor")]
    {
        HAS_MONITOR.store(false, Ordering::Relaxed);
        MONITOR.set(None);
    }
}
