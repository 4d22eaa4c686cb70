//! The environment variables, and the settings that they ask for.
//!
//! The front page of the documentation has the table of the variables; README.md has the short one. A file name may hold `%p` for
//! the process id. For a wrong value there is one line on standard error, and the rest applies; for a name that is almost one of ours, too.
//!
//! Everything is read once, before `main` where the platform allows it. Relative paths refer to the folder of that moment. A
//! forked child uses the values that its parent read, because reading the environment is not safe there (another thread of the
//! parent may have been changing it). A program with more rights than its user reads nothing.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::sync::Once;
#[cfg(feature = "monitor")]
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use perf_report::quantity;

use super::misspelt;
use super::settings::Settings;
#[cfg(feature = "monitor")]
use crate::monitor::{self, Monitor};
use crate::platform::privileges::is_privileged;
use crate::platform::signals;
use crate::process::file_name::FileName;
use crate::process::report::Report;
use crate::process::site::Timing;
use crate::process::stack_sampler::StackRate;
use crate::process::trace_window::WindowPlan;
use crate::process::{message, state};
use crate::sync::StaticCell;

/// All variables.
const VARIABLES: [&str; 14] = [
    "PERF_REPORT",
    "PERF_RECORDING",
    "PERF_CAPACITY",
    "PERF_SIGNALS",
    "PERF_ENABLED",
    "PERF_SHUTDOWN_LIMIT",
    "PERF_MONITOR",
    "PERF_ALERT",
    "PERF_CLOCK",
    "PERF_TIMING",
    "PERF_STACKS",
    "PERF_TRACE",
    "PERF_META",
    "PERF_DEADLOCKS",
];

/// The values that were read.
#[derive(Debug)]
struct Environment {
    /// Those that are set, and not empty.
    values: Vec<(&'static str, OsString)>,
    /// The folder of that moment.
    folder: Option<PathBuf>,
    /// Names that are not quite those of our variables, with those that were meant.
    misspelt: Vec<(String, &'static str)>,
}

static ENVIRONMENT: StaticCell<Environment> = StaticCell::none();

impl Environment {
    fn get() -> &'static Environment {
        ENVIRONMENT.get().unwrap_or_else(|| {
            let new = Box::leak(Box::new(Environment::read()));
            // The loser of a race has read the same values.
            if ENVIRONMENT.replace(None, new) { new } else { ENVIRONMENT.get().unwrap_or(new) }
        })
    }

    fn read() -> Environment {
        let set =
            |variable| std::env::var_os(variable).filter(|value| !value.is_empty()).map(|value| (variable, value));
        if is_privileged() {
            return Environment { values: Vec::new(), folder: None, misspelt: Vec::new() };
        }
        let values: Vec<_> = VARIABLES.into_iter().filter_map(set).collect();
        let folder = if values.is_empty() { None } else { std::env::current_dir().ok() };
        let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        let misspelt = names.filter_map(|name| misspelt::meant(&name, &VARIABLES).map(|meant| (name, meant))).collect();
        Environment { values, folder, misspelt }
    }
}

fn value(variable: &str) -> Option<&'static OsStr> {
    Environment::get().values.iter().find(|(name, _)| *name == variable).map(|(_, value)| value.as_os_str())
}

/// Whether `PERF_ENABLED` disables everything.
pub(crate) fn forbids() -> bool {
    switch("PERF_ENABLED") == Some(false)
}

/// Whether a variable says on or off. One with another value says neither, as if it were not set.
fn switch(variable: &str) -> Option<bool> {
    match value(variable)?.to_str()? {
        "1" | "true" | "on" => Some(true),
        "0" | "false" | "off" => Some(false),
        _ => None,
    }
}

/// Says which variables have no effect though somebody set them: switches to neither on nor off, and names that are not quite ours.
pub(crate) fn say_mistakes() {
    for variable in ["PERF_ENABLED", "PERF_SIGNALS", "PERF_DEADLOCKS"] {
        if let (Some(value), None) = (value(variable), switch(variable)) {
            message::say(format_args!(
                "{variable}: {value:?} is neither on nor off; write 1 or 0; the variable is ignored"
            ));
        }
    }
    for (name, meant) in &Environment::get().misspelt {
        message::say(format_args!("{name} is not a variable of this profiler; did you mean {meant}?"));
    }
}

/// Whether the environment asks for a recording of this process, whatever the program's own sessions do.
pub(crate) fn asks() -> bool {
    let asked = ["PERF_REPORT", "PERF_RECORDING", "PERF_MONITOR", "PERF_ALERT", "PERF_TRACE"];
    let any = || asked.iter().any(|variable| value(variable).is_some()) || stacks().is_some_and(StackRate::is_on);
    !forbids() && any()
}

/// Whether the environment names the reports, which then take the place of those that sessions name.
pub(crate) fn names_reports() -> bool {
    value("PERF_REPORT").is_some()
}

/// Whether the environment names the recording.
pub(crate) fn names_recording() -> bool {
    value("PERF_RECORDING").is_some()
}

/// Whether the environment wants a trace window, which then takes the place of those of sessions.
pub(crate) fn names_trace() -> bool {
    value("PERF_TRACE").is_some()
}

/// The settings, if the environment asks for a recording.
pub(crate) fn settings() -> Option<Settings> {
    if !asks() {
        return None;
    }
    #[cfg(not(feature = "monitor"))]
    if value("PERF_MONITOR").or(value("PERF_ALERT")).is_some() {
        message::say(format_args!(
            "PERF_MONITOR and PERF_ALERT have no effect: the program was built without the feature `monitor` of perf-runtime"
        ));
    }
    let mut settings = over(Settings::default());
    settings.trace = trace();
    match value("PERF_REPORT") {
        Some(list) => settings.reports = reports(list),
        // Somebody who asks for the monitor alone wants to see something.
        None if !names_recording() && settings.trace.is_none() => settings.reports.push(Report::table()),
        None => {}
    }
    if state::is_child() {
        let reports = settings.reports.iter_mut().filter_map(Report::file_name);
        let trace = settings.trace.iter_mut().filter_map(|plan| plan.file.as_mut());
        settings.recording.iter_mut().chain(reports).chain(trace).for_each(rename);
    }
    Some(settings)
}

/// Gives a forked child a name of its own for a file.
fn rename(name: &mut FileName) {
    let parents = name.given().to_owned();
    if name.set_by_process() {
        message::say(format_args!(
            "{} belongs to the parent process; process {} writes to {name}; with %p in the name, each process has its own file",
            parents.display(),
            std::process::id(),
        ));
    }
}

/// How long an end may take, if the environment says.
pub(crate) fn shutdown_limit() -> Option<Duration> {
    duration("PERF_SHUTDOWN_LIMIT", "the default limit applies")
}

/// A duration longer than 0. For another value, one line says what is wrong, and what happens instead.
fn duration(variable: &str, instead: &str) -> Option<Duration> {
    match quantity::duration(&value(variable)?.to_string_lossy()) {
        Ok(Duration::ZERO) => message::say(format_args!("{variable}: the duration must be longer than 0; {instead}")),
        Ok(duration) => return Some(duration),
        Err(error) => message::say(format_args!("{variable}: {error}; {instead}")),
    }
    None
}

/// Whether and how often to sample stacks, if the environment says. Of another value, one line says what is wrong.
pub(crate) fn stacks() -> Option<StackRate> {
    static SAID: Once = Once::new();
    let text = value("PERF_STACKS")?.to_string_lossy();
    let rate = text.parse();
    if let Err(error) = &rate {
        SAID.call_once(|| message::say(format_args!("PERF_STACKS: {error}; stacks are not sampled")));
    }
    Some(rate.unwrap_or(StackRate::OFF))
}

/// The user's own facts about this run, for its snapshot. An entry that is no fact is left out, with a message.
pub(crate) fn metadata() -> Option<Vec<(String, String)>> {
    let (facts, wrong) = perf_report::metadata_pairs(&value("PERF_META")?.to_string_lossy());
    for entry in wrong {
        message::say(format_args!("PERF_META: {entry:?} is not a fact; write key=value; it is left out"));
    }
    Some(facts)
}

/// The trace window, if the environment wants one.
fn trace() -> Option<WindowPlan> {
    match WindowPlan::parse(value("PERF_TRACE")?, Environment::get().folder.as_deref()) {
        Ok(plan) => Some(plan),
        Err(error) => {
            message::say(format_args!("PERF_TRACE: {error}; nothing is traced"));
            None
        }
    }
}

/// Applies the variables of the monitor to it. Their mistakes are said the first time: not by each session, nor by a forked child.
#[cfg(feature = "monitor")]
fn monitor(monitor: Option<Monitor>) -> Option<Monitor> {
    // Not a `Once`, for which a child that was forked in the middle would wait.
    static SAID: AtomicBool = AtomicBool::new(false);
    let says = !SAID.swap(true, Ordering::Relaxed);
    let interval = value("PERF_MONITOR").map(|text| {
        let interval = if says {
            duration("PERF_MONITOR", "sampling once a second")
        } else {
            quantity::duration(&text.to_string_lossy()).ok().filter(|interval| !interval.is_zero())
        };
        interval.unwrap_or(Duration::from_secs(1))
    });
    let (alerts, errors) =
        value("PERF_ALERT").map_or_else(Default::default, |text| monitor::parse_all(&text.to_string_lossy()));
    for error in errors.iter().filter(|_| says) {
        message::say(format_args!("PERF_ALERT: {error}; this alert is left out"));
    }
    if interval.is_none() && alerts.is_empty() {
        return monitor;
    }
    let mut monitor = monitor.unwrap_or_default();
    if let Some(interval) = interval {
        monitor.set_interval(interval);
    }
    monitor.alerts.extend(alerts);
    Some(monitor)
}

/// The monitor that the environment asks for.
#[cfg(feature = "monitor")]
pub(crate) fn own_monitor() -> Option<Monitor> {
    if asks() { monitor(None) } else { None }
}

/// Applies the environment to settings made in code. The reports that it names are not for a session.
pub(crate) fn over(mut settings: Settings) -> Settings {
    if let Some(path) = value("PERF_RECORDING") {
        settings.recording = Some(FileName::given_in(Environment::get().folder.clone(), path));
    }
    if let Some(text) = value("PERF_CAPACITY") {
        match quantity::bytes(&text.to_string_lossy()) {
            Ok(bytes) => settings.set_capacity(bytes),
            Err(error) => message::say(format_args!("PERF_CAPACITY: {error}; the default capacity applies")),
        }
    }
    if let Some(timing) = timing() {
        settings.timing = Some(timing);
    }
    settings.deadlocks = switch("PERF_DEADLOCKS").unwrap_or(settings.deadlocks);
    #[cfg(feature = "monitor")]
    {
        settings.monitor = monitor(settings.monitor.take());
    }
    settings.stacks = stacks().or(settings.stacks);
    if switch("PERF_SIGNALS") == Some(false) {
        settings.signals = false;
    }
    say_without_signals();
    settings
}

/// The timing of all functions that `PERF_TIMING` asks for.
fn timing() -> Option<Timing> {
    let text = value("PERF_TIMING")?;
    if text == "exact" {
        return Some(Timing::Exact);
    }
    if text == "adaptive" {
        return Some(Timing::Adaptive);
    }
    message::say(format_args!("PERF_TIMING: {text:?} is not a timing; write exact or adaptive"));
    None
}

/// Says that `PERF_SIGNALS` means nothing where signals cannot be watched.
fn say_without_signals() {
    static SAID: Once = Once::new();
    if !signals::CAN_BE_WATCHED && value("PERF_SIGNALS").is_some() {
        SAID.call_once(|| message::say(format_args!("PERF_SIGNALS is ignored: this platform has no signals to watch")));
    }
}

/// Whether `PERF_CLOCK` asks for the system's monotonic clock.
pub(crate) fn wants_monotonic_clock() -> bool {
    match value("PERF_CLOCK") {
        Some(clock) if clock == "monotonic" => true,
        Some(clock) if clock != "counter" => {
            message::say(format_args!("PERF_CLOCK: {clock:?} is not a clock; write counter or monotonic"));
            false
        }
        _ => false,
    }
}

/// The reports of a list. A wrong entry is left out, with a message; if nothing is left, the table remains.
fn reports(list: &OsStr) -> Vec<Report> {
    let folder = Environment::get().folder.as_deref();
    let mut reports = Vec::new();
    let mut place = 0;
    // Bytes, because the name of a file may be any.
    for entry_with_blanks in list.as_encoded_bytes().split(|&byte| byte == b',') {
        match entry_with_blanks.trim_ascii() {
            b"" => {}
            entry => match Report::parse(entry, folder) {
                Ok(report) => reports.push(report),
                Err(error) => {
                    let blanks = entry_with_blanks.len() - entry_with_blanks.trim_ascii_start().len();
                    message::say(format_args!("PERF_REPORT={}: at byte {}: {error}", list.display(), place + blanks));
                }
            },
        }
        place += entry_with_blanks.len() + 1;
    }
    if reports.is_empty() {
        reports.push(Report::table());
    }
    reports
}
