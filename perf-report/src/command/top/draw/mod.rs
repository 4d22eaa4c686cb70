//! Lines of text made of a moment and of the user's choice.
//!
//! A screen is a list of lines, so the same code fills a terminal, a file and a test. From the top: the process ([`head`]), the
//! names of the panes, the current pane, the rates of the selected function, and the keys. If the terminal has few lines, the
//! pane keeps two of them and the others go, the least important first.

mod bars;
mod calls;
mod detail;
mod functions;
mod grid;
mod head;
mod help;
mod paint;
mod process;
mod resources;
mod stacks;

pub(super) use paint::Paint;
use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use super::state::{Chosen, Pane};
use crate::command::live::Moment;

/// A pane to draw: a head that stays, and rows that scroll.
struct PaneBody {
    head: Vec<Line<'static>>,
    rows: Vec<Line<'static>>,
}

impl PaneBody {
    fn into_lines(self) -> Vec<Line<'static>> {
        self.head.into_iter().chain(self.rows).collect()
    }
}

/// The whole screen, in at most `height` lines.
pub(super) fn screen(
    moment: &Moment,
    chosen: &mut Chosen,
    paint: Paint,
    width: usize,
    height: usize,
) -> Vec<Line<'static>> {
    let warnings = head::warnings(moment, paint, width);
    // The lines that are left beside the two of the pane.
    let mut left = height.saturating_sub(2);
    let mut take = |wanted: usize, least: usize| {
        let lines = if left >= least { wanted.min(left) } else { 0 };
        left -= lines;
        lines
    };
    let title = take(1, 1);
    let foot = take(1, 2);
    let tabs = take(1, 2);
    let usage = take(1, 3);
    let warned = take(warnings.len().min(3), 4);
    let selected = take(1, 8);
    let space = take(1, 10);
    let rows = height.saturating_sub(title + foot + tabs + usage + warned + selected + space);

    let mut lines = Vec::new();
    lines.extend(head::title(moment, chosen, paint, width).into_iter().take(title));
    lines.extend(head::usage(moment, paint, width).into_iter().take(usage));
    lines.extend(warnings.into_iter().take(warned));
    lines.extend((0..space).map(|_| Line::default()));
    lines.extend([head::tabs(moment, chosen, paint, width)].into_iter().take(tabs));
    let body = body(moment, chosen, paint, width, rows);
    lines.extend(body.into_lines().into_iter().take(rows));
    let foot_at = height.saturating_sub(foot + selected);
    lines.resize_with(foot_at.max(lines.len()).min(height), Line::default);
    lines.extend([functions::rates(moment, chosen, paint, width)].into_iter().take(selected));
    lines.extend([head::foot(chosen, paint, width)].into_iter().take(foot));
    lines.truncate(height);
    lines
}

/// The current pane, in `height` lines.
fn body(moment: &Moment, chosen: &mut Chosen, paint: Paint, width: usize, height: usize) -> PaneBody {
    let text = match (chosen.help, chosen.detail, chosen.pane) {
        (true, ..) => Some(help::lines(paint, width)),
        (_, Some(function), _) => Some(detail::lines(moment, function, paint, width)),
        (.., Pane::Process) => Some(process::lines(moment, paint, width)),
        (.., Pane::Stacks) => Some(stacks::lines(moment, paint, width)),
        _ => None,
    };
    if let Some(lines) = text {
        chosen.text.fit_text(lines.len(), height);
        let offset = chosen.text.offset;
        return PaneBody { head: Vec::new(), rows: lines.into_iter().skip(offset).collect() };
    }
    let rows = height.saturating_sub(1);
    match chosen.pane {
        Pane::Functions => functions::body(moment, chosen, paint, width, rows),
        Pane::Calls => calls::body(moment, chosen, paint, width, rows),
        _ => resources::body(moment, chosen, paint, width, rows),
    }
}

/// A moment as plain text, with all rows of the pane or the first `limit`.
pub(super) fn text(moment: &Moment, chosen: &Chosen, width: usize, limit: Option<usize>) -> String {
    let paint = Paint { color: false };
    let mut chosen = chosen.clone();
    let mut lines = Vec::new();
    lines.extend(head::title(moment, &chosen, paint, width));
    lines.extend(head::usage(moment, paint, width));
    lines.extend(head::warnings(moment, paint, width));
    lines.push(Line::from(head::over(moment).into_iter().next().unwrap_or_default()));
    let rows = limit.unwrap_or(usize::MAX - 1).saturating_add(1);
    lines.extend(body(moment, &mut chosen, paint, width, rows).into_lines().into_iter().take(rows));
    let mut text = String::new();
    for line in lines {
        let line: String = line.spans.iter().map(|span| span.content.as_ref()).collect();
        text += line.trim_end();
        text.push('\n');
    }
    text
}

/// Puts lines on a screen and cuts them off at its edges.
pub(super) fn put(lines: &[Line<'static>], area: Rect, buffer: &mut Buffer) {
    for (line, y) in lines.iter().zip(area.top()..area.bottom()) {
        buffer.set_line(area.left(), y, line, area.width);
    }
}

#[cfg(test)]
mod tests;
