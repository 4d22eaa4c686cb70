//! A table with a name per row and columns of figures, fitted into a width: the least important columns go first, then the
//! names are shortened. Laid out by `comfy-table`; colours are put in afterwards, where they cannot disturb the widths.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use super::{
    Style,
    text::{byte_at_column, escape, shorten, width},
};

/// Columns between two columns.
const GAP: usize = 2;

/// The least that names get before a column of figures goes.
const LEAST_NAME: usize = 24;

/// The most that names get, also where lines may be as wide as they need.
const LONGEST_NAME: usize = 120;

/// A column of figures.
pub(super) struct Column {
    pub(super) title: String,
    /// The higher, the earlier it goes when there is no room; 0 stays always.
    pub(super) rank: u8,
}

#[cfg(feature = "command")]
impl Column {
    pub(super) fn new(title: &str, rank: u8) -> Column {
        Column { title: title.to_owned(), rank }
    }
}

/// How a figure is painted.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Tone {
    #[default]
    Plain,
    Warm,
    Hot,
}

/// A figure.
#[derive(Clone, Default)]
pub(super) struct Figure {
    pub(super) text: String,
    pub(super) tone: Tone,
}

impl From<String> for Figure {
    fn from(text: String) -> Self {
        Figure { text, tone: Tone::Plain }
    }
}

/// A row: its name, not escaped yet, what stands before it (indentation, the lines of a tree), and a figure per column.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) lead: String,
    pub(super) figures: Vec<Figure>,
}

pub(super) struct Grid {
    pub(super) name_title: &'static str,
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<Row>,
}

/// A grid as text, and which of its columns did not fit.
pub(super) struct Drawn {
    pub(super) text: String,
    pub(super) hidden: Vec<String>,
    /// Columns that all of it would need.
    pub(super) needed: usize,
}

impl Grid {
    pub(super) fn draw(self, style: &Style) -> Drawn {
        let widths: Vec<usize> = (0..self.columns.len())
            .map(|column| {
                let figures = self.rows.iter().map(|row| width(&row.figures[column].text));
                figures.max().unwrap_or(0).max(width(&self.columns[column].title))
            })
            .collect();
        let names: Vec<String> = self.rows.iter().map(|row| escape(&row.name)).collect();
        let name_widths = names.iter().zip(&self.rows).map(|(name, row)| width(&row.lead) + width(name));
        let longest = name_widths.max().unwrap_or(0).clamp(width(self.name_title), LONGEST_NAME);
        let needed = longest + widths.iter().map(|width| GAP + width).sum::<usize>();
        let room = style.width.unwrap_or(usize::MAX);

        // The columns that stay, in their order.
        let mut shown: Vec<usize> = (0..self.columns.len()).collect();
        let figures_width = |shown: &[usize]| shown.iter().map(|&column| GAP + widths[column]).sum::<usize>();
        while figures_width(&shown) + longest.min(LEAST_NAME) > room {
            let Some(&least) = shown.iter().max_by_key(|&&column| self.columns[column].rank) else { break };
            if self.columns[least].rank == 0 {
                break;
            }
            shown.retain(|&column| column != least);
        }
        let name_room = longest.min(room.saturating_sub(figures_width(&shown)).max(8));

        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        let titles = shown.iter().map(|&column| self.columns[column].title.as_str());
        table.set_header(std::iter::once(self.name_title).chain(titles));
        for (name, row) in names.iter().zip(&self.rows) {
            let name = format!("{}{}", row.lead, shorten(name, name_room.saturating_sub(width(&row.lead))));
            table.add_row(std::iter::once(name).chain(shown.iter().map(|&column| row.figures[column].text.clone())));
        }
        for (index, column) in table.column_iter_mut().enumerate() {
            column.set_padding((if index == 0 { 0 } else { GAP as u16 }, 0));
            if index > 0 {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }

        // The name's column is as wide as its longest shortened name, and comfy-table knows how wide that is.
        let name_width = usize::from(table.column_max_content_widths().first().copied().unwrap_or(0));
        let mut text = String::new();
        for (number, line) in table.lines().enumerate() {
            let line = line.trim_end();
            match number.checked_sub(1) {
                None => {
                    text += &style.bold(line);
                    text.push('\n');
                    text += &style.dim(&"─".repeat(name_width + figures_width(&shown)));
                }
                Some(row) => {
                    let mut rest = line;
                    let mut column = name_width;
                    for &shown in &shown {
                        let figure = &self.rows[row].figures[shown];
                        let cell = GAP + widths[shown];
                        column += cell;
                        if figure.tone != Tone::Plain {
                            let end = byte_at_column(line, column);
                            let start = byte_at_column(line, column - cell + GAP);
                            let (before, figure_on) = rest.split_at(start - (line.len() - rest.len()));
                            let (cell, after) = figure_on.split_at(end - start);
                            text += before;
                            text += &match figure.tone {
                                Tone::Hot => style.hot(cell),
                                _ => style.warm(cell),
                            };
                            rest = after;
                        }
                    }
                    text += rest;
                }
            }
            text.push('\n');
        }
        let hidden = (0..self.columns.len()).filter(|column| !shown.contains(column));
        Drawn { text, hidden: hidden.map(|column| self.columns[column].title.clone()).collect(), needed }
    }
}
