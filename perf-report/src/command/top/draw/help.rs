//! All keys, and what the figures are.

use ratatui::text::{Line, Span};

use super::Paint;
use crate::{
    command::top::keys,
    view::text::{width, wrap},
};

/// What needs explaining.
const FIGURES: [(&str, &str); 5] = [
    ("calls/s", "calls that ended since the look before, per second"),
    ("time", "share of that time in which it ran, of one core; calls in flight count as far as they have come"),
    ("self", "share of that time spent in itself, counted when a call ends"),
    ("p50 p99 max", "of the calls that ended within the window; red: beyond the function's own budget"),
    ("oldest", "how long the oldest call in flight has run; yellow: longer than any call before"),
];

pub(super) fn lines(paint: Paint, room: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let names = keys::LIST.iter().chain(&FIGURES).map(|entry| width(entry.0)).max().unwrap_or(0) + 2;
    let mut list = |entries: &[(&'static str, &'static str)]| {
        for (name, what) in entries {
            let told = wrap(what, "", Some(room.saturating_sub(names)));
            for (number, line) in told.lines().enumerate() {
                let name = if number == 0 { *name } else { "" };
                let fill = " ".repeat(names - width(name));
                let spans = [Span::styled(name, paint.head()), fill.into(), Span::raw(line.to_owned())];
                lines.push(Line::from(Vec::from(spans)));
            }
        }
        lines.push(Line::default());
    };
    list(&keys::LIST);
    list(&FIGURES);
    lines
}
