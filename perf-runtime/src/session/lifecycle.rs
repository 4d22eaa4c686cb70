//! The course of events: recording starts, hooks are installed, a child is forked.
//!
//! This is the top. It alone knows all the others, and calls them in their order:
//!
//! 1. [`ask`] reads the environment, before `main` or at the first call; a session and `enable` start what they ask for.
//! 2. [`switch_on`] starts the recording, unless there is one; has sites registered, hooks installed, signals watched; and
//!    moves the switch at last, so that nobody records into what is not ready.
//! 3. [`after_fork`] has everybody in a child forget what is the parent's.
//! 4. The end is [`shutdown`]'s.

use std::io;
use std::sync::Once;

use parking_lot::Mutex;
use perf_report::recording::layout;

use super::settings::Settings;
use super::{environment, shutdown, signals};
use crate::call::{by_type, calibration, thread};
use crate::platform::{clock, hooks, threads, time};
use crate::process::{age, message, recording_file, registration, state};
use crate::recording::memory::Memory;
use crate::recording::{Origin, Recording};
use crate::sync::StaticCell;

inventory::submit! { state::Ask(ask) }

/// Held while a recording is made. Behind a pointer, so that a forked child can leave it behind, locked or not.
static STARTING: StaticCell<Mutex<()>> = StaticCell::none();

/// Asks the environment, once, whether to record.
pub(crate) fn decide() {
    thread::undisturbed(ask);
}

/// As [`decide`], where annotated calls are kept out already: see [`state::ask`].
fn ask() {
    static ASKED: Once = Once::new();
    if state::is_decided() {
        return;
    }
    ASKED.call_once(|| {
        if let Some(settings) = environment::settings() {
            switch_on(&settings);
            #[cfg(feature = "monitor")]
            let settings = start_monitor(settings);
            shutdown::arm(settings);
        }
        // Unless it is on by now.
        state::decide_off();
    });
}

/// Starts the monitor that settings ask for, if they do.
#[cfg(feature = "monitor")]
fn start_monitor(mut settings: Settings) -> Settings {
    if let Some(monitor) = settings.monitor.take() {
        crate::monitor::start(monitor);
    }
    settings
}

/// Starts recording, or goes on with it. Says on standard error why it does not, if so.
pub(crate) fn switch_on(settings: &Settings) {
    if environment::forbids() {
        state::switch_off();
        return;
    }
    let _starting = STARTING.get_or_default().lock();
    if state::recording().is_none() {
        match start(settings) {
            Ok(recording) => {
                state::set_recording(Box::leak(Box::new(recording)));
                install_hooks();
                #[cfg(feature = "resources")]
                registration::register_also(&(crate::resource::register_all as registration::AddRecords));
                registration::register_all();
            }
            Err(error) => {
                message::say(format_args!("nothing is recorded: no memory for the recording: {error}"));
                state::switch_off();
                return;
            }
        }
    }
    if let Some(recording) = state::recording() {
        recording.reopen();
    }
    if settings.signals {
        signals::watch(shutdown::finish);
    }
    state::switch_on();
}

fn start(settings: &Settings) -> io::Result<Recording> {
    let (clock, bucket_scale) = clock::calibrate(environment::wants_monotonic_clock);
    let origin = Origin {
        program: program_name(),
        pid: std::process::id(),
        clock,
        bucket_scale,
        start_tick: clock::now(),
        start_monotonic_ns: time::monotonic_ns(),
        start_unix_ns: time::unix_ns(),
        unrecorded_ns: age::age_ns(),
    };
    let recording = match &settings.recording {
        Some(path) => recording_file::create(path, settings.capacity, &origin).or_else(|error| {
            message::say(format_args!("{error}; recording to memory instead"));
            in_memory(settings.capacity, &origin)
        }),
        None => in_memory(settings.capacity, &origin),
    }?;
    calibration::note_costs(&recording, &origin);
    Ok(recording)
}

/// Reserves address space, less where the system grants less.
fn in_memory(capacity: usize, origin: &Origin) -> io::Result<Recording> {
    let mut words = capacity / layout::WORD_BYTES;
    loop {
        match Memory::anonymous(words) {
            Ok(memory) => return Recording::start(memory, None, origin),
            Err(error) if words <= 1 << 16 => return Err(error),
            Err(_) => words /= 2,
        }
    }
}

fn program_name() -> String {
    let path = std::env::current_exe().ok().or_else(|| std::env::args_os().next().map(Into::into));
    let name = path.as_deref().and_then(|path| path.file_name());
    name.map_or_else(|| String::from("unknown"), |name| name.to_string_lossy().into_owned())
}

fn install_hooks() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        hooks::stay_loaded();
        threads::on_thread_end(thread::thread_ended);
        hooks::on_exit(shutdown::at_exit);
        hooks::on_fork_in_child(after_fork);
    });
}

/// A child without exec: what is recorded and reported, and the threads for it, are its parent's.
extern "C" fn after_fork() {
    age::begin();
    state::switch_off();
    STARTING.set(None);
    state::forget_recording();
    thread::forget_shard();
    registration::forget_ids();
    by_type::forget_ids();
    shutdown::forget();
    signals::after_fork();
    #[cfg(feature = "monitor")]
    crate::monitor::forget();
}
