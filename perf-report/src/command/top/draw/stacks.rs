//! The stacks of now: where the threads were since the last refresh, as a tree.

use ratatui::text::{Line, Span};

use super::Paint;
use crate::{
    Style,
    command::live::Moment,
    view::{
        stacks::{notes, text},
        text::wrap,
    },
};

pub(super) fn lines(moment: &Moment, paint: Paint, room: usize) -> Vec<Line<'static>> {
    let faint = |text: String| Line::from(Span::styled(text, paint.faint()));
    let Some(stacks) = &moment.stacks else {
        let text = match moment.is_running() {
            true => "The stacks of the threads are looked at until the next refresh.",
            false => "The process has ended. Stacks that it sampled of itself are shown by `cargo perf-report flame`.",
        };
        return wrap(text, "", Some(room)).lines().map(|line| faint(line.to_owned())).collect();
    };
    let style = Style::plain().with_width(room);
    let tree = text::tree(stacks, &style);
    let summary = wrap(&notes::summary(stacks), "", Some(room));
    let mut lines: Vec<Line<'static>> = summary.lines().map(|line| faint(line.to_owned())).collect();
    lines.push(Line::default());
    let mut rows = tree.text.lines();
    lines.extend(rows.next().map(|head| Line::from(Span::styled(head.to_owned(), paint.head()))));
    lines.extend(rows.skip(1).map(|row| Line::from(row.to_owned())));
    lines
}
