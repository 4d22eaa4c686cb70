//! What the environment asks for.
//!
//! | variable | meaning |
//! |---|---|
//! | `PERF_REPORT` | reports at the end: `table`, `callers`, `resources`, `json`, joined by commas, each with `:FILE` if wanted |
//! | `PERF_RECORDING` | file to keep the recording in |
//! | `PERF_CAPACITY` | most bytes the recording may grow to, with `KiB`, `MiB` or `GiB` if wanted |
//! | `PERF_SIGNALS` | `0` leaves all signals alone |
//! | `PERF_ENABLED` | `0` switches everything off, sessions in code too |
//! | `PERF_SHUTDOWN_LIMIT` | how long the reports may take, as `500ms` or `1min`; 10 s unless set |
//! | `PERF_MONITOR` | samples the process at this interval, as `1s` (feature `monitor`); prints the table if nothing else is asked for |
//! | `PERF_ALERT` | alerts of the monitor, joined by `;`: see [`Monitor`](crate::monitor::Monitor) |
//! | `PERF_CLOCK` | `monotonic` reads the system's clock even where the processor's counter can be trusted |
//!
//! In file names `%p` stands for the process id. What is wrong is said on standard error, and the rest is done.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use perf_report::view::UnknownView;

use super::settings::Settings;
#[cfg(feature = "monitor")]
use crate::monitor::{self, Monitor};
use crate::process::file_name::with_process_id;
use crate::process::message;
use crate::process::report::Report;

/// Whether `PERF_ENABLED` switches everything off.
pub(crate) fn forbids() -> bool {
    is_off("PERF_ENABLED")
}

fn is_off(variable: &str) -> bool {
    std::env::var_os(variable).is_some_and(|value| value == "0" || value == "false" || value == "off")
}

/// The settings, if the environment asks for a recording.
pub(crate) fn settings() -> Option<Settings> {
    let asked = |variables: &[&str]| variables.iter().any(|variable| value(variable).is_some());
    let (reports, monitor) = (asked(&["PERF_REPORT", "PERF_RECORDING"]), asked(&["PERF_MONITOR", "PERF_ALERT"]));
    if forbids() || !(reports || monitor) {
        return None;
    }
    #[cfg(not(feature = "monitor"))]
    if monitor {
        message::say(format_args!("PERF_MONITOR: this program has perf-runtime without its feature `monitor`"));
    }
    let mut settings = over(Settings::default());
    if !reports {
        settings.reports.push(Report::table());
    }
    Some(settings)
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

/// Settings made in code, with what the environment says in their place.
pub(crate) fn over(mut settings: Settings) -> Settings {
    if let Some(list) = value("PERF_REPORT") {
        settings.reports = reports(&list.to_string_lossy());
    }
    if let Some(path) = value("PERF_RECORDING") {
        settings.recording = Some(PathBuf::from(path));
    }
    if let Some(path) = settings.recording.take() {
        settings.recording = Some(with_process_id(path));
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
    if let Some(text) = value("PERF_SHUTDOWN_LIMIT") {
        match parse_duration(&text.to_string_lossy()) {
            Some(limit) => settings.time_limit = limit,
            None => message::say(format_args!(
                "PERF_SHUTDOWN_LIMIT={}: not a duration; write it as 100ms, 10s or 1min",
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
    settings
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

fn value(variable: &str) -> Option<OsString> {
    std::env::var_os(variable).filter(|value| !value.is_empty())
}

/// The reports of a list. Wrong entries are said and left out; if nothing is left, the table remains.
fn reports(list: &str) -> Vec<Report> {
    let mut reports = Vec::new();
    let mut place = 0;
    for entry_with_blanks in list.split(',') {
        match entry_with_blanks.trim() {
            "" => {}
            entry => match Report::parse(entry) {
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

fn parse_bytes(text: &str) -> Option<u64> {
    let (number, unit) = number_and_unit(text);
    let factor = match unit {
        "" | "B" => 1,
        "KiB" | "K" | "k" => 1 << 10,
        "MiB" | "M" => 1 << 20,
        "GiB" | "G" => 1 << 30,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(factor)
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
