//! The log of HdrHistogram, read by the reader of the `hdrhistogram` crate. `.ci/exports` compares with that of another language.

use std::{io::Cursor, time::Duration};

use base64::{Engine, prelude::BASE64_STANDARD};
use hdrhistogram::{
    Histogram,
    serialization::{
        Deserializer,
        interval_log::{IntervalLogHistogram, IntervalLogIterator, LogEntry},
    },
};
use perf_report::{Latency, Snapshot};
use proptest::{prelude::*, test_runner::RngSeed};

use crate::{
    export,
    invented::{hostile, named, ordinary},
    programs::{Folder, function, process},
};

/// The lines of a log, and the times in its head.
fn read(log: &str) -> (Vec<IntervalLogHistogram<'_>>, Vec<Duration>) {
    let (mut lines, mut times) = (Vec::new(), Vec::new());
    for entry in IntervalLogIterator::new(log.as_bytes()) {
        match entry.unwrap() {
            LogEntry::Interval(line) => lines.push(line),
            LogEntry::StartTime(time) | LogEntry::BaseTime(time) => times.push(time),
        }
    }
    (lines, times)
}

fn histogram(line: &IntervalLogHistogram<'_>) -> Histogram<u64> {
    let bytes = BASE64_STANDARD.decode(line.encoded_histogram()).unwrap();
    Deserializer::new().deserialize(&mut Cursor::new(bytes)).unwrap()
}

/// Checks that the distributions of a log are those of the functions that ran.
fn assert_distributions(log: &str, snapshot: &Snapshot) {
    let (lines, _) = read(log);
    let ran: Vec<_> = snapshot.functions.iter().filter(|function| function.latency.count() > 0).collect();
    assert_eq!(lines.len(), ran.len());
    for (line, function) in lines.iter().zip(ran) {
        let found = histogram(line);
        assert_eq!(found, function.latency.to_histogram(), "{:?}", function.name);
        assert_eq!(found.value_at_quantile(0.99), function.latency.quantile(0.99));
        assert!((line.max() - found.max() as f64 / 1e6).abs() <= 0.000_5, "{} ms", line.max());
    }
}

/// The name that a tag stands for.
fn decoded(tag: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = tag;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend(before.bytes());
        bytes.push(u8::from_str_radix(&after[..2], 16).unwrap());
        rest = &after[2..];
    }
    bytes.extend(rest.bytes());
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_line_for_each_function_that_ran() {
    let (log, errors) = export("hlog", &ordinary());
    // How well the rest is compressed is the library's affair.
    let lines: Vec<String> = log
        .replace(env!("CARGO_PKG_VERSION"), "VERSION")
        .lines()
        .map(|line| line.split_once("HISTFAAAA").map_or(line.to_owned(), |(head, _)| format!("{head}HISTFAAAA...")))
        .collect();
    insta::assert_snapshot!("hlog", lines.join("\n"));
    assert_eq!(errors, "note: the format hlog has no place for self and total times, callers, calls in flight\n");
    assert_distributions(&log, &ordinary());
}

#[test]
fn names_are_tags_that_can_be_decoded() {
    let snapshot = named(&hostile());
    let (log, _) = export("hlog", &snapshot);
    assert_distributions(&log, &snapshot);
    let (lines, _) = read(&log);
    for (line, function) in lines.iter().zip(&snapshot.functions) {
        let (tag, name) = (line.tag().unwrap(), function.name.as_str());
        assert!(
            !tag.contains(|letter: char| letter == ',' || letter.is_whitespace() || letter.is_control()),
            "{tag:?}"
        );
        let expected = match name {
            "" => "(unnamed)",
            name => name,
        };
        let decoded = decoded(&tag);
        assert!(decoded == expected || decoded.starts_with(&format!("{expected}#")), "{decoded:?} for {name:?}");
    }
    let mut tags: Vec<String> = lines.iter().map(|line| line.tag().unwrap().to_string()).collect();
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), lines.len(), "no tag twice");
}

#[test]
fn a_sum_lasts_from_the_first_process_to_the_last() {
    let folder = Folder::new();
    let mut one = process(1, vec![function("f", &[(10, 1)])]);
    one.process.started_unix_ns = 1_700_000_000_000_000_000;
    one.process.recorded_ns = 2_000_000_000;
    let mut two = process(2, vec![function("f", &[(30, 2)])]);
    two.process.started_unix_ns = one.process.started_unix_ns + 5_000_000_000;
    two.process.recorded_ns = 500_000_000;
    folder.put("one.json", one.to_json());
    folder.put("two.json", two.to_json());
    let (_, log, _) = folder.run("export --to hlog @one.json @two.json");
    let (lines, times) = read(&log);
    assert_eq!(times, [Duration::from_secs(1_700_000_000); 2]);
    assert_eq!((lines[0].start_timestamp(), lines[0].duration()), (Duration::ZERO, Duration::from_millis(5_500)));
    assert_eq!(histogram(&lines[0]).len(), 3);
}

#[test]
fn counts_beyond_the_formats_highest_are_the_highest() {
    let mut snapshot = process(1, vec![function("f", &[(10, 1)])]);
    snapshot.functions[0].latency.record(10, u64::MAX);
    let (log, _) = export("hlog", &snapshot);
    assert_eq!(histogram(&read(&log).0[0]).len(), i64::MAX as u64);
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(1), cases: 50, ..ProptestConfig::default() })]

    #[test]
    fn any_distribution_of_any_name_is_read_back(
        functions in prop::collection::vec(
            (any::<String>(), prop::collection::vec((any::<u64>(), 0_u32..64, 1_u64..1 << 40), 0..30)),
            1..5,
        )
    ) {
        let of = |(name, calls): (String, Vec<(u64, u32, u64)>)| {
            let mut function = function(&name, &[(1, 1)]);
            function.latency = Latency::new();
            calls.iter().for_each(|&(ns, bits, count)| function.latency.record(ns >> bits, count));
            function
        };
        let snapshot = process(1, functions.into_iter().map(of).collect());
        assert_distributions(&export("hlog", &snapshot).0, &snapshot);
    }
}
