//! On or off: the switch, the process's recording, and the registration of sites.
//!
//! The switch has three positions. It stands at *undecided* until the environment has been asked: before `main` where the
//! platform lets us ([`crate::startup`]), else at the first call. *Off* costs an annotated call one load and one branch.

use std::io;
use std::sync::Once;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use perf_report::recording::layout;

use crate::calibration;
use crate::clock;
use crate::environment;
use crate::leaked::Leaked;
use crate::recording::memory::Memory;
use crate::recording::{Origin, Recording, SiteText};
use crate::recording_file;
use crate::session::Settings;
use crate::site::{Kind, Registered, Site, Timing};
use crate::sync::yield_now;
use crate::{local, message, platform, shutdown, signals, startup, typed};

const UNDECIDED: u8 = 0;
const OFF: u8 = 1;
const ON: u8 = 2;

static SWITCH: AtomicU8 = AtomicU8::new(UNDECIDED);

/// The process's recording. It stays when the switch goes off, for calls in flight and for the last report.
static RECORDING: Leaked<Recording> = Leaked::none();

/// Held while a recording is made. Behind a pointer, so that a forked child can leave it behind, locked or not.
static STARTING: Leaked<Mutex<()>> = Leaked::none();

#[inline(always)]
pub(crate) fn is_off() -> bool {
    SWITCH.load(Ordering::Relaxed) == OFF
}

#[inline]
pub(crate) fn is_on() -> bool {
    SWITCH.load(Ordering::Acquire) == ON
}

#[inline(always)]
pub(crate) fn recording() -> Option<&'static Recording> {
    RECORDING.get()
}

/// Asks the environment, once, whether to record.
pub(crate) fn decide() {
    local::undisturbed(ask);
}

/// As [`decide`], where annotated calls are kept out already: they would ask in turn, and wait for themselves.
pub(crate) fn ask() {
    static ASKED: Once = Once::new();
    if SWITCH.load(Ordering::Acquire) != UNDECIDED {
        return;
    }
    ASKED.call_once(|| {
        if let Some(settings) = environment::settings() {
            switch_on(&settings);
            #[cfg(feature = "monitor")]
            let settings = crate::monitor::start_of(settings);
            shutdown::arm(settings);
        }
        // Unless it is on by now.
        let _ = SWITCH.compare_exchange(UNDECIDED, OFF, Ordering::AcqRel, Ordering::Relaxed);
    });
}

/// Starts recording, or goes on with it. Says on standard error why it does not, if so.
pub(crate) fn switch_on(settings: &Settings) {
    if environment::forbids() {
        SWITCH.store(OFF, Ordering::Release);
        return;
    }
    let _starting = STARTING.get_or_default().lock();
    if RECORDING.get().is_none() {
        match start(settings) {
            Ok(recording) => {
                RECORDING.set(Some(Box::leak(Box::new(recording))));
                install_hooks();
                register_all();
            }
            Err(error) => {
                message::say(format_args!("nothing is recorded: no memory for the recording: {error}"));
                SWITCH.store(OFF, Ordering::Release);
                return;
            }
        }
    }
    if let Some(recording) = recording() {
        recording.reopen();
    }
    if settings.signals {
        signals::watch();
    }
    SWITCH.store(ON, Ordering::Release);
}

/// Stops recording new calls.
pub(crate) fn switch_off() {
    SWITCH.store(OFF, Ordering::Release);
}

fn start(settings: &Settings) -> io::Result<Recording> {
    let (clock, bucket_scale) = clock::calibrate();
    let origin = Origin {
        program: program_name(),
        pid: std::process::id(),
        clock,
        bucket_scale,
        start_tick: clock::now(),
        start_monotonic_ns: platform::monotonic_ns(),
        start_unix_ns: platform::unix_ns(),
        unrecorded_ns: startup::age_ns(),
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
        platform::stay_loaded();
        platform::on_thread_end(local::thread_ended);
        platform::on_exit(shutdown::at_exit);
        platform::on_fork_in_child(after_fork);
    });
}

/// Gives every site that `inventory` knows an id, so that those which never run are reported too.
pub(crate) fn register_all() {
    if let Some(recording) = recording() {
        for Registered(site) in inventory::iter::<Registered> {
            register(recording, site);
        }
        #[cfg(feature = "resources")]
        crate::resource::register_all(recording);
    }
}

/// Gives a site an id in the recording, unless it has one. It keeps 0 when the recording is full.
pub(crate) fn register(recording: &Recording, site: &Site) {
    // Looked at first: an exchange, though it fails, would have the processors pass the site around.
    if site.registered_id().is_some() {
        return;
    }
    match site.id.compare_exchange(0, Site::BEING_REGISTERED, Ordering::Acquire, Ordering::Relaxed) {
        Ok(_) => {
            let id = recording.add_site(&SiteText {
                kind: match site.description.kind {
                    Kind::Function => layout::site::KIND_FUNCTION,
                    Kind::Future => layout::site::KIND_FUTURE,
                    Kind::Block => layout::site::KIND_BLOCK,
                },
                adaptive: site.description.timing == Timing::Adaptive,
                line: site.description.line,
                name: &site.report_name(),
                module: site.description.module,
                file: site.description.file,
                budgets: site.description.budgets,
            });
            let id = id.and_then(|id| u32::try_from(id).ok()).unwrap_or(0);
            site.set_id(id);
        }
        Err(Site::BEING_REGISTERED) => wait_for(site),
        Err(_) => {}
    }
}

/// Another thread registers the site, which takes it about a microsecond; but if this is a signal handler that interrupted that
/// very thread, no waiting helps.
fn wait_for(site: &Site) {
    let deadline = Instant::now() + Duration::from_millis(20);
    // Time has no meaning in a model.
    let in_time = || cfg!(all(test, loom)) || Instant::now() < deadline;
    while site.id.load(Ordering::Acquire) == Site::BEING_REGISTERED && in_time() {
        yield_now();
    }
}

/// A child without exec: the recording is its parent's. The child starts with none; it may ask for one of its own.
extern "C" fn after_fork() {
    startup::begin();
    SWITCH.store(OFF, Ordering::Release);
    STARTING.set(None);
    if let Some(file) = RECORDING.get().and_then(Recording::file) {
        platform::close_after_fork(file);
    }
    RECORDING.set(None);
    local::forget_shard();
    for Registered(site) in inventory::iter::<Registered> {
        site.set_id(0);
    }
    typed::forget_ids();
    shutdown::forget();
    signals::after_fork();
    #[cfg(feature = "monitor")]
    crate::monitor::forget();
}
