//! A list with a name and cells in each row, fitted to a width.
//!
//! Columns that do not fit are left out, the least important first. The column that the rows are sorted by stays.

use ratatui::{
    style::Style,
    text::{Line, Span},
};

use super::Paint;
use crate::view::text::{escape, shorten, width};

/// Width of the gap between two cells.
const GAP: usize = 2;

/// Least width of a name.
const LEAST_NAME: usize = 16;

/// A column of cells.
pub(super) struct Column<I> {
    /// The content of its cells.
    pub(super) of: I,
    pub(super) title: &'static str,
    pub(super) width: usize,
    /// Its importance: 0 is the highest.
    pub(super) rank: u8,
    /// Whether its cells are text, which is aligned to the left.
    pub(super) left: bool,
}

impl<I> Column<I> {
    pub(super) const fn new(of: I, title: &'static str, width: usize, rank: u8) -> Column<I> {
        Column { of, title, width, rank, left: false }
    }

    pub(super) const fn text(of: I, title: &'static str, width: usize, rank: u8) -> Column<I> {
        Column { of, title, width, rank, left: true }
    }
}

/// A cell: its text and its style.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) style: Style,
}

impl Cell {
    pub(super) fn new(text: impl Into<String>, style: Style) -> Cell {
        Cell { text: text.into(), style }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Cell {
        Cell { text, style: Style::new() }
    }
}

/// A list fitted to a width.
pub(super) struct Grid<I> {
    name: usize,
    columns: Vec<Column<I>>,
    paint: Paint,
}

impl<I: Copy + PartialEq> Grid<I> {
    /// Fits columns to the width `room`, if the longest name has the width `longest`.
    pub(super) fn fit(all: Vec<Column<I>>, kept: Option<I>, longest: usize, room: usize, paint: Paint) -> Grid<I> {
        let rank = |column: &Column<I>| if kept == Some(column.of) { 0 } else { column.rank };
        let mut columns = all;
        let needed = |columns: &[Column<I>]| columns.iter().map(|column| column.width + GAP).sum::<usize>();
        let name = |columns: &[Column<I>]| room.saturating_sub(needed(columns));
        while name(&columns) < longest.min(LEAST_NAME.max(room / 4)) {
            let least = columns.iter().enumerate().max_by_key(|(place, column)| (rank(column), *place));
            let Some((least, _)) = least else { break };
            columns.remove(least);
        }
        let name = name(&columns).min(longest);
        Grid { name, columns, paint }
    }

    /// The line of titles. The title of the column that the rows are sorted by has an arrow.
    pub(super) fn head(&self, name: (&str, bool), sorted: Option<I>, reversed: bool) -> Line<'static> {
        let arrow = if reversed { "▲" } else { "▼" };
        let titled = |title: &str, sorted: bool| if sorted { format!("{arrow}{title}") } else { title.to_owned() };
        let style =
            |sorted: bool| if sorted { self.paint.head().patch(self.paint.selected()) } else { self.paint.head() };
        let name_text = titled(name.0, name.1);
        let mut spans = vec![Span::styled(pad(&name_text, self.name, true), style(name.1))];
        for column in &self.columns {
            let is_sorted = sorted == Some(column.of);
            let text = titled(column.title, is_sorted);
            let gap = " ".repeat(GAP.saturating_sub(width(&text).saturating_sub(column.width)));
            spans.push(gap.into());
            spans.push(Span::styled(pad(&text, column.width.max(width(&text)), column.left), style(is_sorted)));
        }
        Line::from(spans)
    }

    /// A row: the lead, which is shown as it is, the name, and the cells.
    pub(super) fn row(
        &self,
        lead: &str,
        name: &str,
        style: Style,
        selected: bool,
        cell: impl Fn(I) -> Cell,
    ) -> Line<'static> {
        let lead = &lead[..lead.len().min(self.name / 2)];
        let name = format!("{lead}{}", shorten(&escape(name), self.name.saturating_sub(width(lead))));
        let mut spans = vec![Span::styled(pad(&name, self.name, true), style)];
        for column in &self.columns {
            let Cell { text, style } = cell(column.of);
            let text = if width(&text) > column.width { shorten(&text, column.width).into_owned() } else { text };
            spans.push(" ".repeat(GAP).into());
            spans.push(Span::styled(pad(&text, column.width, column.left), style));
        }
        let line = Line::from(spans);
        if selected { line.style(self.paint.selected()) } else { line }
    }
}

/// A text padded to a width.
fn pad(text: &str, to: usize, left: bool) -> String {
    let fill = " ".repeat(to.saturating_sub(width(text)));
    if left { format!("{text}{fill}") } else { format!("{fill}{text}") }
}

/// The width of the longest name as it is shown.
pub(super) fn longest<'a>(title: &str, names: impl Iterator<Item = &'a str>) -> usize {
    names.map(|name| width(&escape(name))).chain([width(title) + 1]).max().unwrap_or(0)
}
