//! The page of a flame graph: one file with its style, its script and its data in it, that asks for nothing else.
//!
//! Names reach it through the template, which escapes for HTML, and as JSON in which nothing can end its element.

use askama::Template;
use serde::Serialize;

use super::{StackProfile, ThreadState, notes, title};
use crate::{
    data::profile::aligned,
    json,
    view::{html::embedded, text::escape},
};

const STYLE: &str = concat!(
    include_str!("../../../templates/style/base.css"),
    include_str!("../../../templates/style/graph.css"),
    include_str!("../../../templates/stacks/stacks.css"),
);

/// The script: one scope, each part using those before it.
const SCRIPT: &str = concat!(
    include_str!("../../../templates/script/elements.js"),
    include_str!("../../../templates/script/figures.js"),
    include_str!("../../../templates/stacks/tree.js"),
    include_str!("../../../templates/stacks/draw.js"),
    include_str!("../../../templates/stacks/begin.js"),
);

#[derive(Template)]
#[template(path = "stacks.html")]
struct Page<'a> {
    version: &'a str,
    title: &'a str,
    summary: &'a str,
    before: Option<&'a str>,
    notes: &'a [String],
    style: &'a str,
    script: &'a str,
    data: &'a str,
}

/// Name, file, line, 1 for a future and 2 for a state, calls, median, 99th percentile.
type FrameRow = (String, String, u32, u8, u64, u64, u64);

/// Parent, frame, thread (-1: none), time by state, samples, time before.
type NodeRow = (i64, i64, i64, u64, u64, u64, u64, u64, u64);

/// The data from which the script draws.
#[derive(Serialize)]
struct Data {
    /// Whether the states of the threads are known.
    by_state: bool,
    /// Whether there is a side before.
    compared: bool,
    frames: Vec<FrameRow>,
    threads: Vec<(String, u64)>,
    nodes: Vec<NodeRow>,
}

/// The page of a profile, or of its difference from one before.
pub(crate) fn render(profile: &StackProfile, before: Option<&StackProfile>) -> String {
    let told = before.map(|before| format!("{}; {}", title(before), notes::summary(before)));
    let data = match before {
        None => data(profile, None),
        Some(before) => {
            let (before, after) = aligned(before, profile);
            data(&after, Some(&before))
        }
    };
    let page = Page {
        version: env!("CARGO_PKG_VERSION"),
        title: &title(profile),
        summary: &notes::summary(profile),
        before: told.as_deref(),
        notes: &notes::notes(profile),
        style: STYLE,
        script: SCRIPT,
        data: &embedded(&json::to_text(&data)),
    };
    page.render().expect("the template writes to memory and calls nothing that fails")
}

/// The data of a profile, and of one before that has the same nodes.
fn data(profile: &StackProfile, before: Option<&StackProfile>) -> Data {
    let all = profile.all();
    let index = |place: Option<usize>| place.map_or(-1, |place| place as i64);
    let frames = profile.frames.iter().map(|frame| {
        let figures = frame.figures.map_or((0, 0, 0), |figures| (figures.calls, figures.p50_ns, figures.p99_ns));
        let flags = u8::from(frame.is_future) | u8::from(frame.is_state) << 1;
        (escape(&frame.name), escape(&frame.file), frame.line, flags, figures.0, figures.1, figures.2)
    });
    let nodes = profile.nodes.iter().enumerate().map(|(at, node)| {
        let [running, runnable, waiting, unknown] = ThreadState::ALL.map(|state| node.own.ns(state));
        let then = before.map_or(0, |before| before.nodes[at].own.all_ns());
        let samples = node.own.all_samples();
        let [parent, frame, thread] = [node.parent, node.frame, node.thread].map(index);
        (parent, frame, thread, running, runnable, waiting, unknown, samples, then)
    });
    Data {
        by_state: before.is_none() && all.ns(ThreadState::Unknown) < all.all_ns(),
        compared: before.is_some(),
        frames: frames.collect(),
        threads: profile.threads.iter().map(|thread| (escape(&thread.name), thread.tid)).collect(),
        nodes: nodes.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::profile::tests::some;

    fn embedded_data(page: &str) -> serde_json::Value {
        let json = page.split(r#"<script id="data" type="application/json">"#).nth(1).unwrap();
        serde_json::from_str(json.split("</script>").next().unwrap()).unwrap()
    }

    #[test]
    fn it_holds_its_data_and_nothing_leaves_it() {
        let page = render(&some(), None);
        assert!(!page.contains('\u{1b}') && !page.contains("https://"));
        let data = embedded_data(&page);
        assert_eq!((&data["by_state"], &data["compared"]), (&true.into(), &false.into()));
        assert_eq!(data["frames"][2][0], r#"app::lock\n\u{1b}"</script>"#);
        assert_eq!(data["nodes"].as_array().unwrap().len(), 5);
        assert_eq!(page.matches("</script>").count(), 2, "the data's and the script's own");
        assert!(page.contains("running 30.0%"));
    }

    #[test]
    fn a_difference_has_both_sides() {
        let before = some().merged().only(&[ThreadState::Running]);
        let page = render(&some().merged(), Some(&before));
        let data = embedded_data(&page);
        assert_eq!(data["compared"], true);
        let sum =
            |at: usize| data["nodes"].as_array().unwrap().iter().map(|node| node[at].as_u64().unwrap()).sum::<u64>();
        assert_eq!((sum(3) + sum(4) + sum(5) + sum(6), sum(8)), (200_000_000, 60_000_000));
        assert!(page.contains("Before: <bdi>app, pid 42; "), "{page}");
    }
}
