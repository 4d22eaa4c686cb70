//! What the environment asks for.
//!
//! | variable | meaning |
//! |---|---|
//! | `PERF_REPORT` | reports at the end: `table`, `callers`, `resources`, `json`, joined by commas, each with `:FILE` if wanted |
//! | `PERF_RECORDING` | file to keep the recording in |
//! | `PERF_CAPACITY` | most bytes the recording may grow to, with `KiB`, `MiB` or `GiB` if wanted |
//! | `PERF_SIGNALS` | `0` leaves all signals alone |
//! | `PERF_ENABLED` | `0` switches everything off, sessions in code too |
//! | `PERF_SHUTDOWN_LIMIT` | how long the end may take: teardown, last snapshot and reports; as `500ms` or `1min`, 10 s unless set |
//! | `PERF_MONITOR` | samples the process at this interval, as `1s` (feature `monitor`); prints the table if nothing else is asked for |
//! | `PERF_ALERT` | alerts of the monitor, joined by `;`: see [`Monitor`](crate::Monitor) |
//! | `PERF_CLOCK` | `monotonic` reads the system's clock even where the processor's counter can be trusted |
//!
//! In file names `%p` stands for the process id. What is wrong is said on standard error, and the rest is done.
//!
//! All this is read once, before `main` where the platform lets us: relative paths are meant in the folder of that moment, and a
//! forked child, which may not ask for the environment as others do (its parent's other threads may have been at it), obeys what
//! its parent read. A program that has more rights than its user reads nothing of it.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::sync::Once;
use std::time::Duration;

use perf_report::view::UnknownView;

use super::settings::Settings;
#[cfg(feature = "monitor")]
use crate::monitor::{self, Monitor};
use crate::platform::privileges::is_privileged;
use crate::platform::signals;
use crate::process::file_name::FileName;
use crate::process::report::Report;
use crate::process::{message, state};
use crate::sync::StaticCell;

/// The variables there are.
const VARIABLES: [&str; 9] = [
    "PERF_REPORT",
    "PERF_RECORDING",
    "PERF_CAPACITY",
    "PERF_SIGNALS",
    "PERF_ENABLED",
    "PERF_SHUTDOWN_LIMIT",
    "PERF_MONITOR",
    "PERF_ALERT",
    "PERF_CLOCK",
];

/// What was read.
#[derive(Debug)]
struct Environment {
    /// Those that are set, and not empty.
    values: Vec<(&'static str, OsString)>,
    /// The folder of that moment.
    folder: Option<PathBuf>,
}

static ENVIRONMENT: StaticCell<Environment> = StaticCell::none();

impl Environment {
    fn get() -> &'static Environment {
        ENVIRONMENT.get().unwrap_or_else(|| {
            let new = Box::leak(Box::new(Environment::read()));
            // Whoever loses the race has read the same.
            if ENVIRONMENT.replace(None, new) { new } else { ENVIRONMENT.get().unwrap_or(new) }
        })
    }

    fn read() -> Environment {
        let set =
            |variable| std::env::var_os(variable).filter(|value| !value.is_empty()).map(|value| (variable, value));
        let values: Vec<_> = if is_privileged() { Vec::new() } else { VARIABLES.into_iter().filter_map(set).collect() };
        let folder = if values.is_empty() { None } else { std::env::current_dir().ok() };
        Environment { values, folder }
    }
}

fn value(variable: &str) -> Option<&'static OsStr> {
    Environment::get().values.iter().find(|(name, _)| *name == variable).map(|(_, value)| value.as_os_str())
}

/// Whether `PERF_ENABLED` switches everything off.
pub(crate) fn forbids() -> bool {
    is_off("PERF_ENABLED")
}

fn is_off(variable: &str) -> bool {
    value(variable).is_some_and(|value| value == "0" || value == "false" || value == "off")
}

/// Whether the environment asks for a recording of this process, whatever the program's own sessions do.
pub(crate) fn asks() -> bool {
    let asked = ["PERF_REPORT", "PERF_RECORDING", "PERF_MONITOR", "PERF_ALERT"];
    !forbids() && asked.iter().any(|variable| value(variable).is_some())
}

/// Whether the environment names the reports, which then take the place of those that sessions name.
pub(crate) fn names_reports() -> bool {
    value("PERF_REPORT").is_some()
}

/// Whether the environment names the recording.
pub(crate) fn names_recording() -> bool {
    value("PERF_RECORDING").is_some()
}

/// The settings, if the environment asks for a recording.
pub(crate) fn settings() -> Option<Settings> {
    if !asks() {
        return None;
    }
    #[cfg(not(feature = "monitor"))]
    if value("PERF_MONITOR").or(value("PERF_ALERT")).is_some() {
        message::say(format_args!("PERF_MONITOR: this program has perf-runtime without its feature `monitor`"));
    }
    let mut settings = over(Settings::default());
    match value("PERF_REPORT") {
        Some(list) => settings.reports = reports(&list.to_string_lossy()),
        // The monitor alone is no answer.
        None if !names_recording() => settings.reports.push(Report::table()),
        None => {}
    }
    if state::is_child() {
        settings.recording.iter_mut().chain(settings.reports.iter_mut().filter_map(Report::file_name)).for_each(rename);
    }
    Some(settings)
}

/// Gives a forked child a name of its own for a file.
fn rename(name: &mut FileName) {
    let parents = name.given().to_owned();
    if name.set_by_process() {
        message::say(format_args!(
            "{} is its parent's; process {} writes to {name}; with %p in its name, each process has a file of its own",
            parents.display(),
            std::process::id(),
        ));
    }
}

/// How long an end may take, if the environment says.
pub(crate) fn shutdown_limit() -> Option<Duration> {
    let text = value("PERF_SHUTDOWN_LIMIT")?;
    let limit = parse_duration(&text.to_string_lossy()).filter(|limit| !limit.is_zero());
    if limit.is_none() {
        message::say(format_args!(
            "PERF_SHUTDOWN_LIMIT={}: not a duration longer than 0; write it as 100ms, 10s or 1min",
            text.display()
        ));
    }
    limit
}

/// Adds what the environment says of the monitor.
#[cfg(feature = "monitor")]
fn monitor(monitor: Option<Monitor>) -> Option<Monitor> {
    let interval = value("PERF_MONITOR").map(|text| {
        let interval = parse_duration(&text.to_string_lossy()).filter(|interval| !interval.is_zero());
        interval.unwrap_or_else(|| {
            message::say(format_args!(
                "PERF_MONITOR={}: not a duration; write it as 1s or 250ms; sampling once a second",
                text.display()
            ));
            Duration::from_secs(1)
        })
    });
    let (alerts, errors) =
        value("PERF_ALERT").map_or_else(Default::default, |text| monitor::parse_all(&text.to_string_lossy()));
    for error in errors {
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

/// Settings made in code, with what the environment says in their place. The reports that it names are not for a session.
pub(crate) fn over(mut settings: Settings) -> Settings {
    if let Some(path) = value("PERF_RECORDING") {
        settings.recording = Some(FileName::given_in(Environment::get().folder.clone(), path));
    }
    if let Some(text) = value("PERF_CAPACITY") {
        match parse_bytes(&text.to_string_lossy()) {
            Some(bytes) => settings.set_capacity(bytes),
            None => message::say(format_args!(
                "PERF_CAPACITY={}: not a number of bytes; write it as 67108864 or 64MiB",
                text.display()
            )),
        }
    }
    #[cfg(feature = "monitor")]
    {
        settings.monitor = monitor(settings.monitor.take());
    }
    if is_off("PERF_SIGNALS") {
        settings.signals = false;
    }
    say_without_signals();
    settings
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
            message::say(format_args!("PERF_CLOCK={}: the clocks are counter and monotonic", clock.display()));
            false
        }
        _ => false,
    }
}

/// The reports of a list. Wrong entries are said and left out; if nothing is left, the table remains.
fn reports(list: &str) -> Vec<Report> {
    let folder = Environment::get().folder.as_deref();
    let mut reports = Vec::new();
    let mut place = 0;
    for entry_with_blanks in list.split(',') {
        match entry_with_blanks.trim() {
            "" => {}
            entry => match Report::parse(entry, folder) {
                Ok(report) => reports.push(report),
                Err(error) => {
                    let blanks = entry_with_blanks.len() - entry_with_blanks.trim_start().len();
                    say_wrong_report(list, place + blanks, &error);
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

fn say_wrong_report(list: &str, place: usize, error: &UnknownView) {
    message::say(format_args!("PERF_REPORT={list}: at byte {place}: {error}"));
}

/// A whole number and its unit.
fn number_and_unit(text: &str) -> (&str, &str) {
    let text = text.trim();
    let digits = text.len() - text.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    (number, unit.trim())
}

fn parse_duration(text: &str) -> Option<Duration> {
    let (number, unit) = number_and_unit(text);
    let factor = match unit {
        "ms" => 1,
        "s" => 1000,
        "min" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(factor).map(Duration::from_millis)
}

fn parse_bytes(text: &str) -> Option<usize> {
    let (number, unit) = number_and_unit(text);
    let factor = match unit {
        "" | "B" => 1,
        "KiB" | "K" | "k" => 1 << 10,
        "MiB" | "M" => 1 << 20,
        "GiB" | "G" => 1 << 30,
        _ => return None,
    };
    number.parse::<usize>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit() {
        assert_eq!(parse_duration("100ms"), Some(Duration::from_millis(100)));
        assert_eq!(parse_duration(" 2 min"), Some(Duration::from_secs(120)));
        assert_eq!(parse_duration("10"), None);
        assert_eq!(parse_duration("soon"), None);
        assert_eq!(parse_duration("99999999999999999999h"), None);
    }

    #[test]
    fn bytes_have_binary_units() {
        assert_eq!(parse_bytes("4096"), Some(4096));
        assert_eq!(parse_bytes("64MiB"), Some(64 << 20));
        assert_eq!(parse_bytes(" 2 GiB"), Some(2 << 30));
        assert_eq!(parse_bytes("lots"), None);
        assert_eq!(parse_bytes("99999999999999GiB"), None);
    }
}
