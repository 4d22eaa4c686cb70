//! The JSON of speedscope (<https://www.speedscope.app>): sampled profiles, one per thread or one for all.

use serde::Serialize;

use super::{StackProfile, title};
use crate::{json, view::text::escape};

const SCHEMA: &str = "https://www.speedscope.app/file-format-schema.json";

#[derive(Serialize)]
struct File<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    name: String,
    exporter: String,
    #[serde(rename = "activeProfileIndex")]
    active_profile_index: usize,
    shared: Shared<'a>,
    profiles: Vec<Sampled>,
}

#[derive(Serialize)]
struct Shared<'a> {
    frames: Vec<Frame<'a>>,
}

#[derive(Serialize)]
struct Frame<'a> {
    name: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    file: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
}

#[derive(Serialize)]
struct Sampled {
    #[serde(rename = "type")]
    kind: &'static str,
    name: String,
    unit: &'static str,
    #[serde(rename = "startValue")]
    start: u64,
    #[serde(rename = "endValue")]
    end: u64,
    samples: Vec<Vec<usize>>,
    weights: Vec<u64>,
}

/// The file. Its samples are in the order of the tree, not of time: speedscope's view by time says nothing of them.
pub(crate) fn render(profile: &StackProfile) -> String {
    let told = profile.with_states_as_frames();
    let mut frames: Vec<Frame<'_>> = told
        .frames
        .iter()
        .map(|frame| Frame {
            name: escape(&frame.name),
            file: &frame.file,
            line: (!frame.file.is_empty()).then_some(frame.line),
        })
        .collect();
    let outside = frames.len();
    frames.push(Frame { name: StackProfile::OUTSIDE.to_owned(), file: "", line: None });
    let roots = (0..told.nodes.len()).filter(|&node| told.nodes[node].parent.is_none());
    let mut profiles: Vec<Sampled> = roots.map(|root| sampled(&told, root, outside)).collect();
    let shown = profiles.iter().enumerate().max_by_key(|(_, profile)| profile.end).map_or(0, |(at, _)| at);
    if profiles.is_empty() {
        // A file must have a profile.
        profiles.push(empty("no stacks".into()));
    }
    let file = File {
        schema: SCHEMA,
        name: title(profile),
        exporter: concat!("perf-report@", env!("CARGO_PKG_VERSION")).into(),
        active_profile_index: shown,
        shared: Shared { frames },
        profiles,
    };
    json::to_text(&file) + "\n"
}

fn empty(name: String) -> Sampled {
    Sampled { kind: "sampled", name, unit: "nanoseconds", start: 0, end: 0, samples: Vec::new(), weights: Vec::new() }
}

/// The tree of one root.
fn sampled(profile: &StackProfile, root: usize, outside: usize) -> Sampled {
    let is_thread = profile.nodes[root].thread.is_some();
    let mut sampled = empty(if is_thread { escape(&profile.name(root)) } else { "all threads".into() });
    for (at, node) in profile.nodes.iter().enumerate() {
        let (ns, path) = (node.own.all_ns(), profile.path(at));
        if ns == 0 || path[0] != root {
            continue;
        }
        let mut stack: Vec<usize> = path.iter().filter_map(|&node| profile.nodes[node].frame).collect();
        let has_call = stack.iter().any(|&frame| !profile.frames[frame].is_state);
        if !has_call {
            stack.insert(0, outside);
        }
        sampled.samples.push(stack);
        sampled.weights.push(ns);
        sampled.end = sampled.end.saturating_add(ns);
    }
    sampled
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::profile::tests::some;

    #[test]
    fn a_profile_per_thread_and_its_weights_add_up() {
        let text = render(&some());
        assert!(!text.contains('\u{1b}'), "controls are shown as escapes");
        let file: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(file["$schema"], SCHEMA);
        let frames = file["shared"]["frames"].as_array().unwrap();
        let profiles = file["profiles"].as_array().unwrap();
        assert_eq!(profiles.len(), 2);
        assert_eq!(profiles[0]["name"], "main (42)");
        for profile in profiles {
            let sum: u64 = profile["weights"].as_array().unwrap().iter().map(|it| it.as_u64().unwrap()).sum();
            assert_eq!((profile["endValue"].as_u64(), sum), (Some(100_000_000), 100_000_000));
            let samples = profile["samples"].as_array().unwrap();
            assert_eq!(samples.len(), profile["weights"].as_array().unwrap().len());
            for frame in samples.iter().flat_map(|sample| sample.as_array().unwrap()) {
                assert!((frame.as_u64().unwrap() as usize) < frames.len());
            }
        }
        let name = |frame: &serde_json::Value| frames[frame.as_u64().unwrap() as usize]["name"].clone();
        let stack: Vec<_> = profiles[1]["samples"][0].as_array().unwrap().iter().map(name).collect();
        assert_eq!(stack, ["[no annotated call]", "[waiting]"]);
        assert_eq!(frames[0]["file"], "src/main.rs");
        assert_eq!(frames[1].get("line"), None, "no line without a file");
    }

    #[test]
    fn no_stacks_are_a_file_too() {
        let file: serde_json::Value = serde_json::from_str(&render(&StackProfile::default())).unwrap();
        assert_eq!(file["profiles"][0]["endValue"], 0);
    }
}
