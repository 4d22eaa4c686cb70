//! The parts that the two text formats have in common.

use std::fmt::Write;

use super::{
    Families,
    bounds::{self, CLASSIC_NS},
    family::{Sample, Value},
};

/// Room for all lines. A text that grows would take twice its memory at the end.
pub(super) fn with_room(families: &Families<'_>) -> String {
    let line = |name: &str, sample: &Sample<'_>| {
        let labels: usize = sample.labels.0.iter().map(|(name, value)| name.len() + value.len() + 4).sum();
        let lines = if matches!(sample.value, Value::Histogram(..)) { CLASSIC_NS.len() + 3 } else { 1 };
        lines * (name.len() + labels + 48)
    };
    let all = families.iter().map(|(family, samples)| {
        2 * (family.name().len() + 20)
            + family.help().len()
            + samples.iter().map(|it| line(family.name(), it)).sum::<usize>()
    });
    String::with_capacity(all.sum())
}

/// Writes the lines of a sample; `suffix` is what the name of a counter ends in.
pub(super) fn sample(out: &mut String, name: &str, suffix: &str, sample: &Sample<'_>) {
    let labels = labels(sample);
    match &sample.value {
        Value::Histogram(latency, sum_ns) => {
            let counts = bounds::cumulative(latency);
            let comma = if labels.is_empty() { "" } else { "," };
            for (bound, count) in CLASSIC_NS.iter().zip(counts) {
                let bound = real(*bound as f64 / 1e9);
                let _ = writeln!(out, "{name}_bucket{{{labels}{comma}le=\"{bound}\"}} {count}");
            }
            let count = latency.count();
            let _ = writeln!(out, "{name}_bucket{{{labels}{comma}le=\"+Inf\"}} {count}");
            line(out, name, "_sum", &labels, &seconds(*sum_ns));
            line(out, name, "_count", &labels, &count.to_string());
        }
        Value::Count(count) => line(out, name, suffix, &labels, &count.to_string()),
        Value::Ns(ns) => line(out, name, suffix, &labels, &seconds(*ns)),
        Value::Real(value) => line(out, name, suffix, &labels, &real(*value)),
    }
}

fn line(out: &mut String, name: &str, suffix: &str, labels: &str, value: &str) {
    let _ = match labels {
        "" => writeln!(out, "{name}{suffix} {value}"),
        _ => writeln!(out, "{name}{suffix}{{{labels}}} {value}"),
    };
}

/// The labels without the braces around them.
fn labels(sample: &Sample<'_>) -> String {
    let mut out = String::new();
    let all = sample.labels.0.iter().map(|(name, value)| (*name, value.as_str()));
    for (name, value) in all.chain(sample.more) {
        let comma = if out.is_empty() { "" } else { "," };
        let _ = write!(out, "{comma}{name}=\"");
        escape(&mut out, value, true);
        out.push('"');
    }
    out
}

/// Escapes what would end a value or its line.
pub(super) fn escape(out: &mut String, text: &str, quotes: bool) {
    for character in text.chars() {
        match character {
            '\\' => out.push_str(r"\\"),
            '\n' => out.push_str(r"\n"),
            '"' if quotes => out.push_str("\\\""),
            _ => out.push(character),
        }
    }
}

/// Nanoseconds as seconds, with all their digits.
fn seconds(ns: u64) -> String {
    let text = format!("{}.{:09}", ns / 1_000_000_000, ns % 1_000_000_000);
    let short = text.trim_end_matches('0');
    short.strip_suffix('.').unwrap_or(short).to_owned()
}

/// A number as Go writes it, so that a bound is the same text in every format.
pub(super) fn real(value: f64) -> String {
    if value != 0.0 && !(1e-4..1e21).contains(&value.abs()) {
        let text = format!("{value:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |exponent| ('-', exponent));
        return format!("{digits}e{sign}{exponent:0>2}");
    }
    value.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_digits_and_look_as_go_writes_them() {
        let seconds_of = [0, 1, 1_500_000_000, 20_000_000_000, u64::MAX].map(seconds);
        assert_eq!(seconds_of, ["0", "0.000000001", "1.5", "20", "18446744073.709551615"]);
        let written = [1.27e-7, 0.000_131_071, 34.359_738_367, 0.0, 1e21].map(real);
        assert_eq!(written, ["1.27e-07", "0.000131071", "34.359738367", "0", "1e+21"]);
    }
}
