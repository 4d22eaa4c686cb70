//! The table of quantities, and the messages about those that are refused.

use perf_report::quantity::{
    Dimension, QuantityError, bytes, bytes_text, duration, duration_text, fraction, leading, nanoseconds,
};
use proptest::prelude::*;
use std::time::Duration;

/// How the table names a mistake, told from the message, which is all that a caller sees.
fn mistake(error: &QuantityError) -> &'static str {
    let message = error.to_string();
    [
        ("is not a unit", "!unknown"),
        ("the only unit", "!unknown"),
        ("has no unit", "!unit"),
        ("is too l", "!large"),
        ("is not a", "!number"),
    ]
    .into_iter()
    .find(|(words, _)| message.contains(words))
    .map_or_else(|| panic!("{message}"), |found| found.1)
}

fn read(kind: &str, text: &str) -> String {
    match kind {
        "duration" => nanoseconds(text).map(|value| value.to_string()),
        "bytes" => bytes(text).map(|value| value.to_string()),
        "fraction" => fraction(text).map(|value| value.to_string()),
        _ => panic!("{kind:?} is not a kind of quantity"),
    }
    .unwrap_or_else(|error| mistake(&error).into())
}

#[test]
fn the_table_holds() {
    let (mut lines, mut wrong) = (0, Vec::new());
    for line in include_str!("quantities.txt").lines() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let fields = line.split('|').map(str::trim).collect::<Vec<_>>();
        let [kind, quoted, expected] = fields[..] else { panic!("{line}: a line has three fields") };
        let text = quoted.strip_prefix('"').and_then(|text| text.strip_suffix('"')).expect("text in quotes");
        let found = read(kind, text);
        if found != expected {
            wrong.push(format!("{line}  <- {found}"));
        }
        lines += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(lines > 100, "the table has {lines} lines");
}

#[test]
fn messages_name_what_is_wrong_and_what_to_write() {
    for (error, message) in [
        (duration("5"), "\"5\" has no unit; write for example `5ms`, with one of ns, us, µs, ms, s, min, h"),
        (duration("5 days"), "\"5 days\": \"days\" is not a unit of time; write one of ns, us, µs, ms, s, min, h"),
        (duration("soon"), "\"soon\" is not a duration; write a number and a unit, for example `1.5ms`"),
        (duration("\u{1b}[1m"), "\"\\u{1b}[1m\" is not a duration; write a number and a unit, for example `1.5ms`"),
        (duration("99999999999h"), "\"99999999999h\" is too long; the longest duration is 5124095h"),
        (
            bytes("lots").map(Duration::from_nanos),
            "\"lots\" is not a number of bytes; write a number, with or without a unit, for example `64MiB`",
        ),
        (
            bytes("5 XiB").map(Duration::from_nanos),
            "\"5 XiB\": \"XiB\" is not a unit of memory; write one of B, KiB, MiB, GiB, TiB, KB, MB, GB, TB",
        ),
        (fraction("5").map(Duration::from_secs_f64), "\"5\" has no unit; write `5%`, or a fraction below 1"),
        (
            fraction("much").map(Duration::from_secs_f64),
            "\"much\" is not a percentage; write for example `5%` or `0.05`",
        ),
    ] {
        assert_eq!(error.expect_err(message).to_string(), message);
    }
}

#[test]
fn an_error_knows_the_place_of_what_is_wrong() {
    assert_eq!(duration(" 5 days ").expect_err("days").place(), 3..7);
    assert_eq!(duration("5").expect_err("no unit").place(), 1..1);
    assert_eq!(bytes(" many ").expect_err("no number").place(), 1..5);
}

#[test]
fn a_quantity_ends_where_a_longer_text_goes_on() {
    for (text, dimension, found) in [
        ("0.5s then evict", Dimension::Time, "0.5s"),
        ("2 min clear", Dimension::Time, "2 min"),
        ("5 days", Dimension::Time, "5 days"),
        ("5", Dimension::Time, "5"),
        ("64M/s", Dimension::Memory, "64M"),
        ("64 lots", Dimension::Memory, "64"),
        ("64lots", Dimension::Memory, "64lots"),
        ("80% of all", Dimension::Share, "80%"),
        ("1.5.2", Dimension::Share, "1.5"),
        ("then", Dimension::Memory, ""),
        ("", Dimension::Memory, ""),
    ] {
        assert_eq!(leading(text, dimension), found, "{text}");
    }
}

proptest! {
    #[test]
    fn a_written_quantity_reads_back(value: u64) {
        prop_assert_eq!(duration(&duration_text(Duration::from_nanos(value))), Ok(Duration::from_nanos(value)));
        prop_assert_eq!(bytes(&bytes_text(value)), Ok(value));
    }

    #[test]
    fn no_text_makes_it_panic(text in ".*|[0-9. ]{0,5}[a-zµ%]{0,3}.*") {
        for dimension in [Dimension::Time, Dimension::Memory, Dimension::Share] {
            prop_assert!(text.starts_with(leading(&text, dimension)));
        }
        let errors = [nanoseconds(&text).err(), bytes(&text).err(), fraction(&text).err()];
        for error in errors.into_iter().flatten() {
            prop_assert!(text.get(error.place()).is_some());
            prop_assert!(error.to_string().chars().all(|letter| !letter.is_control()), "{error:?}");
        }
    }
}
