//! Logs of HdrHistogram (version 2): a line for each function, with its name as the tag and its distribution, which the libraries
//! of that family read in a dozen languages. Values are nanoseconds.
//!
//! Our buckets are those of a histogram from 1 ns with two significant digits, so nothing is lost.

use std::{
    fmt::Write,
    time::{Duration, UNIX_EPOCH},
};

use hdrhistogram::{
    Histogram,
    serialization::{
        V2DeflateSerializer,
        interval_log::{IntervalLogWriterBuilder, Tag},
    },
};

use super::names;
use crate::{Latency, Snapshot, recording::layout::HIGHEST_NS};

/// Nanoseconds in the unit in which the log's column for people tells the longest call, as those tools have it: milliseconds.
const MAX_UNIT_NS: f64 = 1e6;

/// The log of the functions of which a call has ended.
pub(crate) fn render(snapshot: &Snapshot) -> Vec<u8> {
    let mut log = Vec::new();
    let mut serializer = V2DeflateSerializer::new();
    let (began, lasted) = interval(snapshot);
    let mut builder = IntervalLogWriterBuilder::new();
    builder.add_comment("[Histogram log format version 1.3]");
    builder.add_comment(&format!("[Logged by perf-report {}, durations in ns]", env!("CARGO_PKG_VERSION")));
    builder.with_max_value_divisor(MAX_UNIT_NS);
    if began > Duration::ZERO {
        builder.with_start_time(UNIX_EPOCH + began).with_base_time(UNIX_EPOCH + began);
    }
    let ran = || snapshot.functions.iter().filter(|function| function.latency.buckets().len() > 0);
    let tags = names::distinct(ran().map(|function| ((), tag(&function.name))));
    let mut writer = builder.begin_log_with(&mut log, &mut serializer).expect("memory takes what is written");
    let mut histogram = Histogram::new_with_bounds(1, HIGHEST_NS, 2).expect("bounds and digits are valid");
    for (function, tag) in ran().zip(&tags) {
        fill(&mut histogram, &function.latency);
        let tag = Tag::new(tag);
        debug_assert!(tag.is_some(), "{:?}", function.name);
        writer.write_histogram(&histogram, Duration::ZERO, lasted, tag).expect("counts are below the format's highest");
    }
    drop(writer);
    log
}

/// When the recording began, since the epoch, and how long it lasted: of several processes from the first to the last.
fn interval(snapshot: &Snapshot) -> (Duration, Duration) {
    let began = snapshot.process.started_unix_ns;
    let one = [&snapshot.process];
    let processes = snapshot.sources.iter().map(|source| &source.process).chain(one.into_iter().take(
        // The sum's own recorded time is that of all processes, one after the other.
        usize::from(snapshot.sources.is_empty()),
    ));
    let ended = processes.map(|process| process.started_unix_ns.saturating_add(process.recorded_ns)).max();
    let lasted = ended.unwrap_or(began).saturating_sub(began);
    (Duration::from_nanos(began), Duration::from_nanos(lasted))
}

fn fill(histogram: &mut Histogram<u64>, latency: &Latency) {
    // The format has signed counts.
    const HIGHEST_COUNT: u64 = i64::MAX as u64;
    histogram.reset();
    for (ns, count) in latency.buckets() {
        histogram.saturating_record_n(ns, count.min(HIGHEST_COUNT));
    }
}

/// A name as a tag, in which no comma and no white space may be: as in a URL, those are their bytes behind `%`.
fn tag(name: &str) -> String {
    let mut tag = String::with_capacity(name.len());
    for character in name.chars() {
        if character.is_whitespace() || character.is_control() || matches!(character, ',' | '%') {
            for byte in character.encode_utf8(&mut [0; 4]).bytes() {
                let _ = write!(tag, "%{byte:02X}");
            }
        } else {
            tag.push(character);
        }
    }
    tag
}
