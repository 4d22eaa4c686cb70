//! The help: all keys, and the meaning of the columns.

use ratatui::text::{Line, Span};

use super::Paint;
use crate::{
    command::top::keys,
    view::text::{width, wrap},
};

/// The columns whose titles do not explain themselves.
const COLUMNS: [(&str, &str); 6] = [
    ("calls/s", "calls that ended since the last refresh, per second"),
    ("time", "share of one core's time during which the function ran; a call in flight counts up to now"),
    ("self", "share of that time spent in the function itself, counted when a call ends"),
    (
        "running waiting",
        "threads that ran (or waited for a processor) or waited in the function and what it called, as seen in looks, or as recorded; 1 thread is 100%",
    ),
    ("p50 p99 max", "durations of the calls that ended within the window; red: above the function's own budget"),
    ("oldest", "how long the oldest call in flight has run; yellow: longer than any finished call"),
];

pub(super) fn lines(paint: Paint, room: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let names = keys::LIST.iter().chain(&COLUMNS).map(|entry| width(entry.0)).max().unwrap_or(0) + 2;
    let mut list = |entries: &[(&'static str, &'static str)]| {
        for (name, meaning) in entries {
            let text = wrap(meaning, "", Some(room.saturating_sub(names)));
            for (number, line) in text.lines().enumerate() {
                let name = if number == 0 { *name } else { "" };
                let fill = " ".repeat(names - width(name));
                let spans = [Span::styled(name, paint.head()), fill.into(), Span::raw(line.to_owned())];
                lines.push(Line::from(Vec::from(spans)));
            }
        }
        lines.push(Line::default());
    };
    list(&keys::LIST);
    list(&COLUMNS);
    lines
}
