//! Durations in options.

/// Units, in nanoseconds; both the micro sign and the Greek letter are in use.
const UNITS: [(&str, f64); 8] =
    [("ns", 1.), ("us", 1e3), ("µs", 1e3), ("μs", 1e3), ("ms", 1e6), ("s", 1e9), ("min", 60e9), ("h", 3600e9)];

/// The nanoseconds of a duration as people write it: `250ns`, `1.5 ms`, `2min`.
pub(crate) fn nanoseconds(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = (&text[..split], text[split..].trim());
    let units = "ns, us, µs, ms, s, min and h";
    if unit.is_empty() {
        return Err(format!("`{text}` has no unit; write for example `{text}ms`. Units are {units}"));
    }
    let Some((_, scale)) = UNITS.iter().find(|(name, _)| *name == unit) else {
        return Err(format!("`{unit}` is no unit of time; units are {units}"));
    };
    let Ok(number) = number.parse::<f64>() else {
        return Err(format!("`{text}` is no duration; write a number and a unit, for example `1.5ms`"));
    };
    let nanoseconds = (number * scale).round();
    // Anything that does not fit is centuries long, and the cast saturates.
    Ok(nanoseconds as u64)
}

#[cfg(test)]
mod tests {
    use super::nanoseconds;

    #[test]
    fn durations_in_every_unit() {
        for (text, expected) in [
            ("7ns", 7),
            ("2us", 2_000),
            ("2µs", 2_000),
            ("2μs", 2_000),
            ("1.5 ms", 1_500_000),
            (" 3s ", 3_000_000_000),
            ("0.5min", 30_000_000_000),
            ("2h", 7_200_000_000_000),
            ("99999999999h", u64::MAX),
        ] {
            assert_eq!(nanoseconds(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in ["", "5", "ms", "1.2.3ms", "-1ms", "5 days"] {
            assert!(nanoseconds(text).is_err(), "{text}");
        }
    }
}
