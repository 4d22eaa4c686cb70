//! The protobuf of `pprof`, compressed with gzip.
//!
//! A sample has a value for each state, so that `pprof -sample_index=waiting` tells running from waiting, and labels for its thread
//! (`-tagroot=thread`). The message is written out by hand from
//! <https://github.com/google/pprof/blob/main/proto/profile.proto>, as much of it as is used.

use std::{collections::HashMap, io::Write};

use flate2::{Compression, write::GzEncoder};
use prost::Message;

use super::{StackProfile, ThreadState, Weights, title};
use crate::view::text::escape;

#[derive(Clone, PartialEq, Message)]
struct Profile {
    #[prost(message, repeated, tag = "1")]
    sample_type: Vec<ValueType>,
    #[prost(message, repeated, tag = "2")]
    sample: Vec<Sample>,
    #[prost(message, repeated, tag = "4")]
    location: Vec<Location>,
    #[prost(message, repeated, tag = "5")]
    function: Vec<Function>,
    #[prost(string, repeated, tag = "6")]
    string_table: Vec<String>,
    #[prost(int64, tag = "10")]
    duration_nanos: i64,
    #[prost(message, optional, tag = "11")]
    period_type: Option<ValueType>,
    #[prost(int64, tag = "12")]
    period: i64,
    #[prost(int64, repeated, tag = "13")]
    comment: Vec<i64>,
    #[prost(int64, tag = "14")]
    default_sample_type: i64,
}

/// A kind of values and its unit.
#[derive(Clone, Copy, PartialEq, Message)]
struct ValueType {
    #[prost(int64, tag = "1")]
    kind: i64,
    #[prost(int64, tag = "2")]
    unit: i64,
}

#[derive(Clone, PartialEq, Message)]
struct Sample {
    /// The innermost call first.
    #[prost(uint64, repeated, tag = "1")]
    location_id: Vec<u64>,
    #[prost(int64, repeated, tag = "2")]
    value: Vec<i64>,
    #[prost(message, repeated, tag = "3")]
    label: Vec<Label>,
}

#[derive(Clone, Copy, PartialEq, Message)]
struct Label {
    #[prost(int64, tag = "1")]
    key: i64,
    #[prost(int64, tag = "2")]
    text: i64,
    #[prost(int64, tag = "3")]
    number: i64,
}

#[derive(Clone, PartialEq, Message)]
struct Location {
    #[prost(uint64, tag = "1")]
    id: u64,
    #[prost(message, repeated, tag = "4")]
    line: Vec<Line>,
}

#[derive(Clone, Copy, PartialEq, Message)]
struct Line {
    #[prost(uint64, tag = "1")]
    function_id: u64,
    #[prost(int64, tag = "2")]
    line: i64,
}

#[derive(Clone, Copy, PartialEq, Message)]
struct Function {
    #[prost(uint64, tag = "1")]
    id: u64,
    #[prost(int64, tag = "2")]
    name: i64,
    #[prost(int64, tag = "3")]
    system_name: i64,
    #[prost(int64, tag = "4")]
    filename: i64,
    #[prost(int64, tag = "5")]
    start_line: i64,
}

/// The strings of a profile, each once. The first is empty.
#[derive(Default)]
struct Strings {
    list: Vec<String>,
    places: HashMap<String, i64>,
}

impl Strings {
    fn place(&mut self, text: &str) -> i64 {
        if let Some(&place) = self.places.get(text) {
            return place;
        }
        let place = self.list.len() as i64;
        self.list.push(text.to_owned());
        self.places.insert(text.to_owned(), place);
        place
    }
}

/// The file.
pub(crate) fn render(profile: &StackProfile) -> Vec<u8> {
    let mut compressed = GzEncoder::new(Vec::new(), Compression::default());
    let written = compressed.write_all(&message(profile).encode_to_vec()).and_then(|()| compressed.finish());
    written.expect("writing to memory does not fail")
}

fn message(profile: &StackProfile) -> Profile {
    let mut strings = Strings::default();
    strings.place("");
    let states = states(profile);
    let nanoseconds = strings.place("nanoseconds");
    let mut sample_type = vec![ValueType { kind: strings.place("samples"), unit: strings.place("count") }];
    sample_type.extend(states.iter().map(|state| ValueType { kind: strings.place(state.name()), unit: nanoseconds }));
    let time = ValueType { kind: strings.place("time"), unit: nanoseconds };
    sample_type.push(time);
    let (mut location, mut function) = (Vec::new(), Vec::new());
    let mut add = |name: &str, file: &str, line: u32, strings: &mut Strings| {
        let id = location.len() as u64 + 1;
        let (name, filename, line) = (strings.place(&escape(name)), strings.place(&escape(file)), i64::from(line));
        function.push(Function { id, name, system_name: name, filename, start_line: line });
        location.push(Location { id, line: vec![Line { function_id: id, line }] });
    };
    for frame in &profile.frames {
        add(&frame.name, &frame.file, frame.line, &mut strings);
    }
    add(StackProfile::OUTSIDE, "", 0, &mut strings);
    let samples = profile.nodes.iter().enumerate().filter(|(_, node)| !node.own.is_zero());
    let sample = samples.map(|(at, node)| {
        let path = profile.path(at);
        let mut location_id: Vec<u64> =
            path.iter().rev().filter_map(|&node| profile.nodes[node].frame).map(id).collect();
        if path.iter().filter_map(|&node| profile.nodes[node].frame).all(|frame| profile.frames[frame].is_state) {
            location_id.push(id(profile.frames.len()));
        }
        let thread = node.thread.and_then(|thread| profile.threads.get(thread));
        let label = thread.map_or_else(Vec::new, |thread| {
            let text = strings.place(&escape(&thread.name));
            vec![
                Label { key: strings.place("thread"), text, number: 0 },
                Label { key: strings.place("tid"), text: 0, number: thread.tid as i64 },
            ]
        });
        Sample { location_id, value: values(&node.own, &states), label }
    });
    let sample = sample.collect();
    let comment =
        vec![strings.place(&format!("{}, written by perf-report {}", title(profile), env!("CARGO_PKG_VERSION")))];
    Profile {
        sample_type,
        sample,
        location,
        function,
        string_table: strings.list,
        duration_nanos: signed(profile.looks.watched_ns),
        period_type: Some(time),
        period: signed(profile.looks.period_ns),
        comment,
        default_sample_type: time.kind,
    }
}

/// The states that get values of their own: those that are known of some sample.
fn states(profile: &StackProfile) -> Vec<ThreadState> {
    let all = profile.all();
    let known = ThreadState::ALL.into_iter().filter(|&state| state != ThreadState::Unknown);
    known.filter(|_| all.ns(ThreadState::Unknown) < all.all_ns()).collect()
}

fn values(weights: &Weights, states: &[ThreadState]) -> Vec<i64> {
    let mut values = vec![signed(weights.all_samples())];
    values.extend(states.iter().map(|&state| signed(weights.ns(state))));
    values.push(signed(weights.all_ns()));
    values
}

fn id(frame: usize) -> u64 {
    frame as u64 + 1
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;
    use crate::data::profile::tests::some;

    fn read(bytes: &[u8]) -> Profile {
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(bytes).read_to_end(&mut plain).unwrap();
        Profile::decode(plain.as_slice()).unwrap()
    }

    #[test]
    fn values_are_by_state_and_add_up() {
        let profile = read(&render(&some()));
        let text = |place: i64| profile.string_table[place as usize].as_str();
        assert_eq!(text(0), "");
        let types: Vec<_> = profile.sample_type.iter().map(|it| (text(it.kind), text(it.unit))).collect();
        let ns = "nanoseconds";
        assert_eq!(types, [("samples", "count"), ("running", ns), ("runnable", ns), ("waiting", ns), ("time", ns)]);
        assert_eq!(text(profile.default_sample_type), "time");
        let sums: Vec<i64> = (0..5).map(|at| profile.sample.iter().map(|sample| sample.value[at]).sum()).collect();
        assert_eq!(sums, [100, 60_000_000, 2_000_000, 138_000_000, 200_000_000]);
    }

    #[test]
    fn stacks_begin_with_the_innermost_call_and_know_their_thread() {
        let profile = read(&render(&some()));
        let text = |place: i64| profile.string_table[place as usize].as_str();
        let name = |id: &u64| {
            let location = profile.location.iter().find(|location| location.id == *id).unwrap();
            let function =
                profile.function.iter().find(|function| function.id == location.line[0].function_id).unwrap();
            text(function.name)
        };
        let stacks: Vec<Vec<&str>> =
            profile.sample.iter().map(|it| it.location_id.iter().map(name).collect()).collect();
        assert_eq!(stacks[1], ["app::parse::<[u8; 3]>", "app::main"]);
        assert_eq!(stacks[3], [StackProfile::OUTSIDE]);
        let labels = &profile.sample[3].label;
        assert_eq!((text(labels[0].key), text(labels[0].text)), ("thread", r#"wor\u{1b}[31mker;\n"<b>""#));
        assert_eq!((text(labels[1].key), labels[1].number), ("tid", 43));
        assert_eq!(profile.function[0].start_line, 12);
    }

    #[test]
    fn without_states_there_is_time_alone() {
        let mut own = some();
        own.nodes.iter_mut().for_each(|node| node.own = Weights::of(ThreadState::Unknown, node.own.all_ns(), 1));
        let profile = read(&render(&own));
        assert_eq!(profile.sample_type.len(), 2);
        assert!(profile.sample.iter().all(|sample| sample.value.len() == 2));
    }
}
