//! The course of events: recording starts, hooks are installed, threads are started, a child is forked.
//!
//! This is the top. It alone knows all the others, and calls them in their order:
//!
//! 1. [`decide`] reads the environment, before `main` or at the first call; a session and `enable` start what they ask for.
//! 2. [`switch_on`] starts the recording, unless there is one; has sites registered and hooks installed; and moves the switch at
//!    last, so that nobody records into what is not ready.
//! 3. The threads beside the program ([`attendant`]) come with the first call, or with a session; the monitor at once.
//! 4. [`after_fork`] has everybody in a child forget what is the parent's. If the environment asks, the child's first call begins
//!    anew, at 1.
//! 5. The end is [`shutdown`]'s.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

use perf_report::recording::layout;

use super::settings::Settings;
use super::{attendant, environment, shutdown};
use crate::call::{calibration, thread};
use crate::platform::{clock, hooks, limits, signals, threads, time};
use crate::process::{age, deadline, message, metadata, recording_file, registration, report, state, trace_listener};
use crate::recording::memory::Memory;
use crate::recording::{Costs, Origin, Recording};
use crate::sync::{Mutex, StaticCell};

inventory::submit! { state::Ask(ask) }

/// Whether the environment has been asked; locked meanwhile. It lies behind a pointer, so that a forked child can leave it behind,
/// locked or not.
static ASKED: StaticCell<Mutex<bool>> = StaticCell::none();

/// Held while a recording is made. Behind a pointer, as above.
static STARTING: StaticCell<Mutex<()>> = StaticCell::none();

/// Asks the environment, once, whether to record. Not in a call.
pub(crate) fn decide() {
    thread::undisturbed(decide_undisturbed);
    // Somebody who asks for samples means all of them, also those before the first call.
    #[cfg(feature = "monitor")]
    attendant::start_monitor();
}

/// The first call, or one that comes before the switch has been moved or the threads been started: see [`state::ask`].
fn ask() {
    if state::is_anothers() {
        // Forked without the C library, and so without our hook.
        after_fork();
    }
    decide_undisturbed();
    attendant::start_at_a_call();
}

/// As [`decide`], where annotated calls are kept out already.
fn decide_undisturbed() {
    if state::is_decided() {
        return;
    }
    let mut asked = ASKED.get_or_default().lock();
    if *asked {
        return;
    }
    *asked = true;
    if !state::is_child() {
        environment::say_mistakes();
    }
    if let Some(limit) = environment::shutdown_limit() {
        deadline::set_limit(limit);
    }
    if let Some(facts) = environment::metadata() {
        metadata::set_custom(facts);
    }
    if let Some(settings) = environment::settings() {
        let settings = attendant::prepare(settings);
        if switch_on(&settings)
            && let Some(plan) = settings.trace.clone()
        {
            trace_listener::prepare(plan);
        }
        shutdown::arm(settings);
    }
    // Unless it is on by now.
    state::decide_off();
}

/// Starts or resumes recording, or says on standard error why it can't. Returns whether the recording is new.
pub(crate) fn switch_on(settings: &Settings) -> bool {
    if environment::forbids() {
        state::switch_off();
        return false;
    }
    let _starting = STARTING.get_or_default().lock();
    let is_new = state::recording().is_none();
    if is_new {
        match start_recording(settings) {
            Ok(recording) => {
                state::set_recording(Box::leak(Box::new(recording)));
                install_hooks();
                #[cfg(feature = "resources")]
                registration::register_also(&(crate::resource::register_all as registration::AddRecords));
                // Perhaps not all sites: the linker decides the order of a program's initialisers. The others come with the
                // first call, or with their own.
                registration::register_all();
            }
            Err(error) => {
                message::say(format_args!("nothing is recorded: can't get memory for the recording: {error}"));
                state::switch_off();
                return false;
            }
        }
    }
    if let Some(recording) = state::recording() {
        recording.reopen();
    }
    state::switch_on(attendant::is_waiting());
    is_new
}

fn start_recording(settings: &Settings) -> io::Result<Recording> {
    let (clock, bucket_scale) = clock::calibrate(environment::wants_monotonic_clock);
    let mut origin = Origin {
        program: program_name().into(),
        pid: std::process::id(),
        clock,
        bucket_scale,
        start_tick: clock::now(),
        start_monotonic_ns: time::monotonic_ns(),
        start_unix_ns: time::unix_ns(),
        unrecorded_ns: age::age_ns(),
        costs: Costs::default(),
        timing: settings.timing,
        deadlocks: settings.deadlocks,
        facts: "".into(),
    };
    #[cfg(feature = "allocations")]
    crate::allocations::attribute_with(crate::call::in_place::count_allocation);
    origin.costs = calibration::costs(&origin);
    origin.facts = metadata::of_this_process().to_recording().into();
    let capacity = settings.capacity(limits::memory_limit());
    match &settings.recording {
        Some(name) => recording_file::create(name, capacity, &origin).or_else(|error| {
            message::say(format_args!("{error}; recording to memory instead"));
            in_memory(capacity, &origin)
        }),
        None => in_memory(capacity, &origin),
    }
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

/// Installs the hooks for forks, once.
///
/// Before `main` where that costs nothing. Later, a fork may be under way in another thread: it would tell nobody of the locks that this
/// one takes next, and the child would wait for them for ever.
pub(crate) fn watch_forks() {
    static WATCHED: AtomicBool = AtomicBool::new(false);
    if !WATCHED.swap(true, Ordering::Relaxed) {
        hooks::on_fork_in_child(after_fork_hook);
        #[cfg(feature = "resources")]
        crate::resource::watch_forks();
    }
}

/// Under the lock of those who start a recording. Not by a `Once`: a child that was forked in the middle would wait for the other thread
/// to end it. All of this may be done twice.
fn install_hooks() {
    static INSTALLED: AtomicBool = AtomicBool::new(false);
    if !INSTALLED.load(Ordering::Relaxed) {
        threads::on_thread_end(thread::thread_ended);
        hooks::on_exit(at_exit);
        watch_forks();
        INSTALLED.store(true, Ordering::Relaxed);
    }
}

extern "C" fn at_exit() {
    #[cfg(feature = "resources")]
    crate::resource::leave_step();
    // Nothing of ours may unwind into the C library.
    let _ = std::panic::catch_unwind(|| {
        if state::is_anothers() {
            after_fork();
        }
        shutdown::at_exit();
    });
}

extern "C" fn after_fork_hook() {
    after_fork();
}

/// A child without exec: what is recorded and reported, and the threads for it, are its parent's.
fn after_fork() {
    age::begin();
    deadline::process_goes_on();
    state::switch_off();
    STARTING.set(None);
    ASKED.set(None);
    state::forget_recording();
    thread::forget_shard();
    registration::forget_ids();
    #[cfg(feature = "resources")]
    crate::resource::forget_records();
    report::forget_files();
    shutdown::forget();
    signals::after_fork();
    attendant::after_fork();
    #[cfg(feature = "monitor")]
    crate::monitor::forget();
    if environment::asks() {
        state::undecide();
    }
}
