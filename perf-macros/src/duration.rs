//! Durations in options: `250ns`, `1.5 ms`, `2min`.
//!
//! The grammar and the messages are those of `perf_report::quantity`, which this crate can't depend on: a program that
//! builds the attributes must not wait for the report. Both are held to the table in `tests/quantities.txt`.

/// Units, in nanoseconds; both the micro sign and the Greek letter are in use.
const UNITS: [(&str, u64); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("min", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

const UNIT_NAMES: &str = "ns, us, µs, ms, s, min, h";

/// The nanoseconds of a duration, rounded to whole ones; or an error message.
pub(crate) fn nanoseconds(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let not_a_duration = || format!("{text:?} is not a duration; write a number and a unit, for example `1.5ms`");
    let (whole, rest) = split_digits(text);
    let (decimals, unit) = match rest.strip_prefix('.').map(split_digits) {
        Some((decimals, unit)) if !decimals.is_empty() => (decimals, unit),
        _ => ("", rest),
    };
    let unit = unit.trim();
    if whole.is_empty() || unit.starts_with(|letter: char| letter == '.' || letter.is_ascii_digit()) {
        return Err(not_a_duration());
    }
    if unit.is_empty() {
        return Err(format!("{text:?} has no unit; write for example `{text}ms`, with one of {UNIT_NAMES}"));
    }
    let Some((_, scale)) = UNITS.iter().find(|(name, _)| *name == unit) else {
        return Err(format!("{text:?}: {unit:?} is not a unit of time; write one of {UNIT_NAMES}"));
    };
    scaled(whole, decimals, *scale)
        .ok_or_else(|| format!("{text:?} is too long; the longest duration is {}h", u64::MAX / UNITS[7].1))
}

/// The digits at the beginning, and the rest.
fn split_digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len()))
}

/// `whole.decimals` times the scale, exact until it is rounded once. `None` if it exceeds 64 bits.
fn scaled(whole: &str, decimals: &str, scale: u64) -> Option<u64> {
    let scale = u128::from(scale);
    // The largest unit is 3.6e12 of the smallest: decimals after the twentieth change nothing.
    let decimals = &decimals[..decimals.len().min(20)];
    let one = 10_u128.pow(u32::try_from(decimals.len()).ok()?);
    let part = if decimals.is_empty() { 0 } else { decimals.parse::<u128>().ok()? };
    let value = whole.parse::<u128>().ok()?.checked_mul(scale)?.checked_add((part * scale + one / 2) / one)?;
    u64::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use super::nanoseconds;

    /// The name that the table has for a mistake.
    fn mistake(message: &str) -> &'static str {
        for (words, name) in [
            ("is not a unit", "!unknown"),
            ("has no unit", "!unit"),
            ("is too long", "!large"),
            ("is not a duration", "!number"),
        ] {
            if message.contains(words) {
                return name;
            }
        }
        panic!("the table has no name for {message}");
    }

    #[test]
    fn the_table_of_quantities_holds() {
        let mut durations = 0;
        for line in include_str!("../tests/quantities.txt").lines().filter(|line| line.starts_with("duration")) {
            let fields: Vec<&str> = line.split('|').map(str::trim).collect();
            let [_, quoted, expected] = fields[..] else { panic!("{line}: a line has three fields") };
            let read = match nanoseconds(quoted.trim_matches('"')) {
                Ok(value) => value.to_string(),
                Err(message) => mistake(&message).to_owned(),
            };
            assert_eq!(read, expected, "{line}");
            durations += 1;
        }
        assert!(durations > 40, "the table has {durations} durations");
    }

    #[test]
    fn messages_name_the_mistake_and_the_cure() {
        for (text, message) in [
            ("5", "\"5\" has no unit; write for example `5ms`, with one of ns, us, µs, ms, s, min, h"),
            ("5 days", "\"5 days\": \"days\" is not a unit of time; write one of ns, us, µs, ms, s, min, h"),
            ("soon", "\"soon\" is not a duration; write a number and a unit, for example `1.5ms`"),
            ("99999999999h", "\"99999999999h\" is too long; the longest duration is 5124095h"),
        ] {
            assert_eq!(nanoseconds(text), Err(message.to_owned()));
        }
    }
}
