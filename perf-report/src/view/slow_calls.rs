//! The slowest calls of functions, one in a line: how long it took, when it ended, in which thread, and within which calls.

use super::{
    Style,
    text::{cut, escape, shorten, width},
    units,
};
use crate::{SlowCall, Snapshot};

/// Callers that are shown of a call, and columns that each may take: their own callers stand beside them.
const CALLERS: usize = 6;
const CALLER_WIDTH: usize = 24;

/// The calls of one function under a heading.
pub(crate) fn render(snapshot: &Snapshot, style: &Style, heading: &str, calls: &[SlowCall]) -> String {
    let mut out = format!("{}\n", style.bold(&shorten(&escape(heading), style.width.unwrap_or(usize::MAX))));
    let label = calls.iter().map(|call| width(&escape(&call.label))).max().unwrap_or(0);
    let thread = calls.iter().map(|call| width(&escape(&call.thread))).max().unwrap_or(0);
    for call in calls {
        let pad = |text: &str, to: usize| format!("{text}{}", " ".repeat(to.saturating_sub(width(text))));
        let mut line = format!(
            "  {:>9}  ended at {:>9}  {}",
            units::duration(call.ns),
            units::duration(call.end_ns),
            pad(&escape(&call.thread), thread)
        );
        if label > 0 {
            line += &format!("  {}", pad(&escape(&call.label), label));
        }
        line += &within(snapshot, call);
        out += &cut(line.trim_end(), style.width.unwrap_or(usize::MAX));
        out.push('\n');
    }
    out
}

/// The calls around one, from its caller outwards.
fn within(snapshot: &Snapshot, call: &SlowCall) -> String {
    let names = call.callers.iter().take(CALLERS).map(|&caller| {
        let name = snapshot.functions.get(caller).map_or("?", |function| &function.name);
        shorten(&escape(name), CALLER_WIDTH).into_owned()
    });
    let names: Vec<String> = names.collect();
    let more = call.callers.len().saturating_sub(CALLERS) + call.further_callers as usize;
    match (names.as_slice(), more) {
        ([], _) => String::new(),
        (names, 0) => format!("  in {}", names.join(" < ")),
        (names, more) => format!("  in {} < {more} more", names.join(" < ")),
    }
}
