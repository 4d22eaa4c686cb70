//! The levels that an alert's rule names, to be drawn as lines: `rss > 500MiB for 3s clear 450MiB` has two of memory.
//!
//! Only rules of the process's metrics have such lines; functions and resources are not in the charts. A rule that is not understood
//! here is not drawn, no more: the runtime alone decides what a rule means.

use serde::Serialize;

use crate::monitor::{Metric, Monitor, Unit};

/// Levels of a metric, in its unit.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Level {
    metric: &'static str,
    /// Where the alert is raised.
    raise: f64,
    /// Where it is cleared, if the rule says so.
    clear: Option<f64>,
}

const BYTES: [(&str, f64); 6] = [
    ("KiB", 1024.0),
    ("MiB", 1_048_576.0),
    ("GiB", 1_073_741_824.0),
    ("TiB", 1_099_511_627_776.0),
    ("%", 0.0),
    ("B", 1.0),
];

/// The levels of a rule as the runtime writes it.
pub(super) fn of(rule: &str, monitor: &Monitor) -> Option<Level> {
    let mut words = rule.split_ascii_whitespace().peekable();
    let name = words.next()?;
    let metric = *Metric::ALL.iter().find(|metric| metric.name() == name)?;
    words.next().filter(|word| matches!(*word, ">" | "<"))?;
    let rule: Vec<&str> = words.take_while(|&word| word != "then").collect();
    let read = |at: usize| {
        let of_all = rule.get(at + 1..at + 3) == Some(&["of", "all"]);
        value(rule.get(at)?, of_all, metric.unit(), monitor)
    };
    let clear = rule.iter().position(|&word| word == "clear");
    Some(Level { metric: metric.name(), raise: read(0)?, clear: clear.and_then(|at| read(at + 1)) })
}

fn value(word: &str, of_all: bool, unit: Unit, monitor: &Monitor) -> Option<f64> {
    let rate = matches!(unit, Unit::BytesPerSecond | Unit::PerSecond);
    let word = if rate { word.strip_suffix("/s")? } else { word };
    let digits = word.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(word.len());
    let number: f64 = word[..digits].parse().ok()?;
    let suffix = &word[digits..];
    match unit {
        Unit::Bytes if suffix == "%" => Some(number / 100.0 * monitor.memory_bytes as f64),
        Unit::Bytes | Unit::BytesPerSecond => Some(number * BYTES.iter().find(|unit| unit.0 == suffix)?.1),
        Unit::Ppm if suffix == "%" => Some(number * 10_000.0 * if of_all { f64::from(monitor.cores) } else { 1.0 }),
        Unit::Count | Unit::PerSecond if suffix.is_empty() => Some(number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_read_in_the_units_of_their_metrics() {
        let monitor = Monitor {
            interval_ns: 1,
            samples: 0,
            sampling_ns: 0,
            cores: 4,
            memory_bytes: 1_000,
            spans: vec![],
            series: vec![],
            channels: vec![],
            alerts: vec![],
        };
        for (rule, expected) in [
            ("rss > 2KiB for 3s clear 1.5KiB cool 1min then evict", Some(("rss", 2_048.0, Some(1_536.0)))),
            ("heap > 80%", Some(("heap", 800.0, None))),
            ("cpu > 70% for 100ms clear 50%", Some(("cpu", 700_000.0, Some(500_000.0)))),
            ("cpu > 50% of all clear 25% of all", Some(("cpu", 2_000_000.0, Some(1_000_000.0)))),
            ("threads < 3", Some(("threads", 3.0, None))),
            ("read > 10MiB/s", Some(("read", 10_485_760.0, None))),
            ("faults > 1000/s then snapshot /tmp/clear 3", Some(("faults", 1_000.0, None))),
            ("p99(rss) > 5ms", None),
            ("rss > many", None),
            ("rss", None),
            ("", None),
            ("\u{1b}[2J <script>", None),
        ] {
            let expected = expected.map(|(metric, raise, clear)| Level { metric, raise, clear });
            assert_eq!(of(rule, &monitor), expected, "{rule}");
        }
    }
}
