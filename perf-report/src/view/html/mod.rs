//! The page: one file with its style, its script and its data in it, that asks for nothing else.
//!
//! A program's names reach it in two ways, both harmless: through the template, which escapes for HTML, and as JSON in
//! a script element, in which no `<`, `>` or `&` stands as itself. Controls and marks of direction are shown as escapes.
//!
//! `data` is what the script draws from, put together from what each section of the page needs. Under `templates/` lie the page
//! and its sections, and a script and a style per section.

mod data;
mod functions;
mod level;
mod list;
mod monitor;
mod resources;

use askama::Template;

use super::{
    notes::{self, idle::Annotated},
    text::{escape, plural},
    units,
};
use crate::{ClockSource, Snapshot, State, json};
use data::Data;
pub(crate) use list::{Listed, list};

/// The style, in the order in which later rules win.
const STYLE: &str = concat!(
    include_str!("../../../templates/style/base.css"),
    include_str!("../../../templates/style/table.css"),
    include_str!("../../../templates/style/graph.css"),
    include_str!("../../../templates/style/detail.css"),
    include_str!("../../../templates/style/monitor.css"),
    include_str!("../../../templates/style/resources.css"),
    include_str!("../../../templates/style/audit.css"),
    include_str!("../../../templates/style/sizes.css"),
);

/// The script: one scope, each part using those before it.
const SCRIPT: &str = concat!(
    include_str!("../../../templates/script/elements.js"),
    include_str!("../../../templates/script/figures.js"),
    include_str!("../../../templates/script/functions.js"),
    include_str!("../../../templates/script/table.js"),
    include_str!("../../../templates/script/detail.js"),
    include_str!("../../../templates/script/distribution.js"),
    include_str!("../../../templates/script/graph.js"),
    include_str!("../../../templates/script/time.js"),
    include_str!("../../../templates/script/monitor.js"),
    include_str!("../../../templates/script/resources.js"),
    include_str!("../../../templates/script/others.js"),
    include_str!("../../../templates/script/begin.js"),
);

/// The script that keeps the page of a server up to date.
const LIVE: &str = include_str!("../../../templates/script/live.js");

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    live: Option<&'a str>,
    /// The section of an audit, as HTML.
    audit: Option<&'a str>,
    version: &'a str,
    program: &'a str,
    state: Option<&'a str>,
    facts: &'a [String],
    tiles: &'a [Tile],
    notes: &'a [String],
    alarming: bool,
    style: &'a str,
    script: &'a str,
    data: &'a str,
}

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage<'a> {
    version: &'a str,
    style: &'a str,
    section: &'a str,
}

/// A figure at the top of the page.
struct Tile {
    name: &'static str,
    value: String,
}

/// The page of a snapshot.
pub(crate) fn render(snapshot: &Snapshot) -> String {
    page(snapshot, None, None)
}

/// The same page, which asks the server it came from for newer figures.
pub(crate) fn live(snapshot: &Snapshot) -> String {
    page(snapshot, Some(LIVE), None)
}

/// The findings of an audit, as one section of HTML: on the page of the snapshot that they are ranked by, or on a page of their own.
pub(crate) fn audit(snapshot: Option<&Snapshot>, section: &str) -> String {
    match snapshot {
        Some(snapshot) => page(snapshot, None, Some(section)),
        None => {
            let page = AuditPage { version: env!("CARGO_PKG_VERSION"), style: STYLE, section };
            page.render().expect("the template writes to memory and calls nothing that fails")
        }
    }
}

fn page(snapshot: &Snapshot, live: Option<&str>, audit: Option<&str>) -> String {
    let process = &snapshot.process;
    let program = if process.program.is_empty() { "unnamed program".into() } else { escape(&process.program) };
    let state = match process.state {
        State::Closed => None,
        State::Running => Some("running"),
        State::Killed => Some("killed"),
    };
    let clock = match process.clock.source {
        ClockSource::Tsc => "time stamp counter",
        ClockSource::Cntvct => "generic timer",
        ClockSource::Monotonic => "monotonic clock",
    };
    let facts = [format!("pid {}", process.pid), clock.into()];
    let notes = notes::of(snapshot);
    let losses = &snapshot.losses;
    let alarming = process.state == State::Killed
        || [losses.lost_calls, losses.overflow_calls, losses.unbucketed_calls, losses.unattributed_calls] != [0; 4];
    let page = Page {
        live,
        audit,
        version: env!("CARGO_PKG_VERSION"),
        program: &program,
        state,
        facts: &facts,
        tiles: &tiles(snapshot),
        notes: &notes,
        alarming,
        style: STYLE,
        script: SCRIPT,
        data: &embedded(&json::to_text(&Data::of(snapshot))),
    };
    page.render().expect("the template writes to memory and calls nothing that fails")
}

fn tiles(snapshot: &Snapshot) -> Vec<Tile> {
    let Annotated { all, idle } = Annotated::of(snapshot);
    let ran = (all - idle.len()) as u64;
    // Of a future one call and not its polls too, of a lock its use and not how long it was held.
    let called = snapshot.functions.iter().filter(|function| !function.kind.is_beside_calls());
    let calls = called.fold(0_u64, |sum, function| sum.saturating_add(function.calls));
    let tile = |name, value| Tile { name, value };
    let mut tiles = vec![
        tile("Recorded", units::duration(snapshot.process.recorded_ns)),
        tile("Calls", units::count(calls)),
        tile("Functions that ran", format!("{} of {}", units::count(ran), units::count(all as u64))),
        tile(plural(snapshot.process.threads, "Thread", "Threads"), units::count(snapshot.process.threads)),
        tile("Cost of a timed call", units::cost(snapshot.overhead.ns_per_timed_call)),
    ];
    if !snapshot.in_flight.is_empty() {
        tiles.push(tile("In flight", units::count(snapshot.in_flight.len() as u64)));
    }
    tiles
}

/// JSON that can stand in a script element: what could end it, or a line of it, is written as an escape.
pub(in crate::view) fn embedded(json: &str) -> String {
    let mut out = String::with_capacity(json.len() + json.len() / 16);
    for character in json.chars() {
        match character {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => out += &format!("\\u{:04x}", u32::from(character)),
            _ => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Function, Kind};

    #[test]
    fn tiles_count_calls_and_functions_once() {
        let row = |name: &str, kind, calls| Function { kind, calls, ..Function::new(name) };
        let functions = vec![
            row("load", Kind::Future, 3),
            row("load (poll)", Kind::Poll, 40),
            row("load (woken)", Kind::Wake, 39),
            row("cache", Kind::Lock, 5),
            row("cache (held)", Kind::Hold, 5),
            row("sort", Kind::Function, 0),
            row("sort<u8>", Kind::Function, 2),
            row("idle", Kind::Function, 0),
        ];
        let snapshot = Snapshot { functions, ..Snapshot::empty() };
        let tiles = tiles(&snapshot);
        let value = |name| tiles.iter().find(|tile| tile.name == name).map(|tile| tile.value.as_str());
        assert_eq!((value("Calls"), value("Functions that ran")), (Some("10"), Some("2 of 3")));
        let data = json::to_text(&Data::of(&snapshot));
        assert!(data.contains(r#""idle":[7]"#), "{data}");
    }

    #[test]
    fn data_cannot_leave_its_element() {
        let json = json::to_text(&["</script><!--&\u{2028}\u{2029}\""]);
        let embedded = embedded(&json);
        assert!(!embedded.contains(['<', '>', '&', '\u{2028}', '\u{2029}']), "{embedded}");
        assert_eq!(serde_json::from_str::<[String; 1]>(&embedded).expect("JSON"), ["</script><!--&\u{2028}\u{2029}\""]);
    }
}
