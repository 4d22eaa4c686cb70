//! Figures as people read them: three significant digits and a unit that fits.

const SECOND: u64 = 1_000_000_000;

/// Units of time: name, length in ns, and how many make the next one.
const TIME: [(&str, u64, u64); 6] = [
    ("ns", 1, 1_000),
    ("µs", 1_000, 1_000),
    ("ms", 1_000_000, 1_000),
    ("s", SECOND, 60),
    ("min", 60 * SECOND, 60),
    ("h", 3_600 * SECOND, u64::MAX),
];

/// Whether a word is a unit, so that no line should break before it.
pub(super) fn is_unit(word: &str) -> bool {
    let word = word.trim_end_matches(['.', ',', ':', ')', ';']);
    TIME.iter().any(|unit| unit.0 == word) || ["B", "KiB", "MiB", "GiB", "TiB", "M", "G", "T", "P", "E"].contains(&word)
}

/// A duration in ns: `17 ns`, `1.23 µs`, `12.3 ms`, `59.9 s`, `1.00 min`, `1,234 h`.
pub(crate) fn duration(ns: u64) -> String {
    let (number, unit) = scaled(ns, &TIME);
    format!("{number} {unit}")
}

/// A figure that is 0 where it is not known.
pub(crate) fn if_known(figure: u64, text: impl Fn(u64) -> String) -> String {
    if figure == 0 { String::new() } else { text(figure) }
}

/// A duration for a column: the unit is padded to two letters, so that the digits above each other align.
pub(crate) fn duration_cell(ns: u64) -> String {
    let (number, unit) = scaled(ns, &TIME);
    format!("{number} {unit:<2}")
}

/// A fraction of a nanosecond's cost: `17.5 ns`.
pub(crate) fn cost(ns: f64) -> String {
    if ns < 1_000.0 { format!("{ns:.1} ns") } else { duration(ns as u64) }
}

/// A number of calls: with separators up to seven digits, then scaled.
pub(crate) fn count(number: u64) -> String {
    const MANY: [(&str, u64, u64); 5] = [
        ("M", 1_000_000, 1_000),
        ("G", 1_000_000_000, 1_000),
        ("T", 1_000_000_000_000, 1_000),
        ("P", 1_000_000_000_000_000, 1_000),
        ("E", 1_000_000_000_000_000_000, u64::MAX),
    ];
    if number < 10_000_000 {
        return separated(number);
    }
    let (number, unit) = scaled(number, &MANY);
    format!("{number} {unit}")
}

/// Bytes: `512 B`, `12.3 MiB`.
pub(crate) fn bytes(number: u64) -> String {
    const SIZE: [(&str, u64, u64); 5] = [
        ("B", 1, 1 << 10),
        ("KiB", 1 << 10, 1 << 10),
        ("MiB", 1 << 20, 1 << 10),
        ("GiB", 1 << 30, 1 << 10),
        ("TiB", 1 << 40, u64::MAX),
    ];
    let (number, unit) = scaled(number, &SIZE);
    format!("{number} {unit}")
}

/// `part` of `whole`: `45.2%`, `<0.1%` for what would round to nothing, empty where there is no whole.
pub(crate) fn share(part: u64, whole: u64) -> String {
    if whole == 0 {
        return String::new();
    }
    let percent = part as f64 * 100.0 / whole as f64;
    match percent {
        0.0 => "0.0%".into(),
        ..0.05 => "<0.1%".into(),
        ..99.95 => format!("{percent:.1}%"),
        _ => format!("{}%", separated(percent.round() as u64)),
    }
}

/// A value in the largest of rising units in which it is at least 1, with three significant digits.
fn scaled(value: u64, units: &[(&'static str, u64, u64)]) -> (String, &'static str) {
    for &(unit, size, next) in units {
        let number = value as f64 / size as f64;
        // Whole units of the smallest kind have no fraction.
        let decimals = match number {
            _ if size == 1 => 0,
            ..9.995 => 2,
            ..99.95 => 1,
            _ => 0,
        };
        let rounded = (number * 10_f64.powi(decimals)).round() / 10_f64.powi(decimals);
        if rounded >= next as f64 && next != u64::MAX {
            continue;
        }
        let text =
            if rounded >= 1_000.0 { separated(rounded as u64) } else { format!("{rounded:.*}", decimals as usize) };
        return (text, unit);
    }
    (separated(value), "")
}

/// `1,234,567`
fn separated(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_three_significant_digits_and_carry_into_the_next_unit() {
        for (ns, text) in [
            (0, "0 ns"),
            (7, "7 ns"),
            (999, "999 ns"),
            (1_000, "1.00 µs"),
            (1_234, "1.23 µs"),
            (9_994, "9.99 µs"),
            (9_996, "10.0 µs"),
            (99_960, "100 µs"),
            (999_499, "999 µs"),
            (999_500, "1.00 ms"),
            (12_345_678, "12.3 ms"),
            (1_500_000_000, "1.50 s"),
            (59_940_000_000, "59.9 s"),
            (59_960_000_000, "1.00 min"),
            (90 * SECOND, "1.50 min"),
            (3_599 * SECOND, "1.00 h"),
            (4 * 3_600 * SECOND, "4.00 h"),
            (u64::MAX, "5,124,096 h"),
        ] {
            assert_eq!(duration(ns), text, "{ns}");
        }
        assert_eq!(duration_cell(1_500_000_000), "1.50 s ");
    }

    #[test]
    fn counts_and_sizes_and_shares_scale() {
        assert_eq!(count(0), "0");
        assert_eq!(count(9_999_999), "9,999,999");
        assert_eq!(count(10_000_000), "10.0 M");
        assert_eq!(count(u64::MAX), "18.4 E");
        assert_eq!(bytes(1023), "1,023 B");
        assert_eq!(bytes(256 << 20), "256 MiB");
        assert_eq!(share(1, 0), "");
        assert_eq!(share(0, 7), "0.0%");
        assert_eq!(share(1, 1_000_000), "<0.1%");
        assert_eq!(share(452, 1_000), "45.2%");
        assert_eq!(share(9_996, 10_000), "100%");
        assert_eq!(share(123, 10), "1,230%");
        assert_eq!(cost(17.54), "17.5 ns");
    }
}
