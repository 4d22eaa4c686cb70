//! A table with a name per row and columns of cells, fitted into a width: the least important columns go first, then the
//! names are shortened.

use super::{
    Style,
    text::{escape, shorten, width},
};

/// Columns between two columns.
const GAP: usize = 2;

/// The least that names get before a column of cells goes.
const LEAST_NAME: usize = 24;

/// The most that names get, also where lines may be as wide as they need.
const LONGEST_NAME: usize = 120;

/// The least that names get when no further column can go.
const SHORTEST_NAME: usize = 8;

/// A column of cells.
pub(crate) struct Column {
    pub(crate) title: String,
    /// The higher, the earlier it goes when there is no room; 0 stays always.
    pub(crate) rank: u8,
}

impl Column {
    pub(crate) fn new(title: impl Into<String>, rank: u8) -> Column {
        Column { title: title.into(), rank }
    }
}

/// How a cell is painted.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Tone {
    #[default]
    Plain,
    Warm,
    Hot,
}

/// The content of one row in one column.
#[derive(Clone, Default)]
pub(crate) struct Cell {
    pub(crate) text: String,
    pub(crate) tone: Tone,
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Cell { text, tone: Tone::Plain }
    }
}

/// A row: its name, not escaped yet, what stands before it (indentation, the lines of a tree), and a cell per column.
pub(crate) struct GridRow {
    pub(crate) name: String,
    pub(crate) lead: String,
    pub(crate) cells: Vec<Cell>,
}

pub(crate) struct Grid {
    pub(crate) name_title: &'static str,
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<GridRow>,
}

/// A grid as text, and which of its columns did not fit.
pub(crate) struct Drawn {
    pub(crate) text: String,
    hidden: Vec<String>,
    /// Columns that all of it would need.
    needed: usize,
}

impl Drawn {
    /// A note that names the columns that did not fit.
    pub(crate) fn note(&self) -> Option<String> {
        let columns = self.hidden.join(", ");
        (!columns.is_empty())
            .then(|| format!("Hidden to fit the width: {columns}; the full table is {} characters wide.", self.needed))
    }
}

/// How wide everything is, or may be.
struct Layout {
    /// Width of the names' column.
    name: usize,
    /// The columns that stay, in their order, and their widths.
    shown: Vec<(usize, usize)>,
    /// Columns that all of it would need.
    needed: usize,
}

impl Layout {
    fn of(grid: &Grid, names: &[String], room: usize) -> Layout {
        let cells = |column: usize| grid.rows.iter().map(move |row| width(&row.cells[column].text));
        let widths = grid.columns.iter().enumerate();
        let widths = widths.map(|(column, it)| cells(column).fold(width(&it.title), usize::max));
        let mut shown: Vec<(usize, usize)> = widths.enumerate().collect();

        let name_widths = names.iter().zip(&grid.rows).map(|(name, row)| width(&row.lead) + width(name));
        let longest = name_widths.max().unwrap_or(0).clamp(width(grid.name_title), LONGEST_NAME);
        let needed = longest + cells_width(&shown);
        while cells_width(&shown) + longest.min(LEAST_NAME) > room {
            let rank = |shown: &(usize, usize)| grid.columns[shown.0].rank;
            match shown.iter().enumerate().max_by_key(|(_, shown)| rank(shown)) {
                Some((place, least)) if rank(least) > 0 => shown.remove(place),
                _ => break,
            };
        }
        let name = longest.min(room.saturating_sub(cells_width(&shown)).max(SHORTEST_NAME));
        Layout { name, shown, needed }
    }
}

/// Columns of all shown cells, with their gaps.
fn cells_width(shown: &[(usize, usize)]) -> usize {
    shown.iter().map(|(_, width)| GAP + width).sum()
}

/// A line under construction. Blanks are written before what follows them, so that no line ends with any.
#[derive(Default)]
struct Line {
    text: String,
    blanks: usize,
}

impl Line {
    fn push(&mut self, text: &str, paint: impl Fn(&str) -> String) {
        let inked = text.trim_end();
        if !inked.is_empty() {
            self.text.extend(std::iter::repeat_n(' ', self.blanks));
            self.text += &paint(inked);
            self.blanks = 0;
        }
        self.blanks += text.len() - inked.len();
    }

    fn pad(&mut self, text: &str, room: usize) {
        self.blanks += room.saturating_sub(width(text));
    }
}

impl Grid {
    pub(crate) fn draw(self, style: &Style) -> Drawn {
        let names: Vec<String> = self.rows.iter().map(|row| escape(&row.name)).collect();
        let mut layout = Layout::of(&self, &names, style.width.unwrap_or(usize::MAX));
        let names = names.iter().zip(&self.rows).map(|(name, row)| {
            let room = layout.name.saturating_sub(width(&row.lead));
            format!("{}{}", row.lead, shorten(name, room))
        });
        let names: Vec<String> = names.collect();
        // Shortened in the middle of a path, names may leave some of their room.
        let title = shorten(self.name_title, layout.name);
        layout.name = names.iter().fold(width(&title), |most, name| most.max(width(name)));

        let titles: Vec<Cell> = self.columns.iter().map(|column| column.title.clone().into()).collect();
        let head = line(&title, &titles, &layout, &Style::plain());
        let rule = "─".repeat(layout.name + cells_width(&layout.shown));
        let mut text = format!("{}\n{}\n", style.bold(&head), style.dim(&rule));
        for (name, row) in names.iter().zip(&self.rows) {
            text += &line(name, &row.cells, &layout, style);
            text.push('\n');
        }
        let is_hidden = |column: &usize| layout.shown.iter().all(|shown| shown.0 != *column);
        let hidden = (0..self.columns.len()).filter(is_hidden).map(|column| self.columns[column].title.clone());
        Drawn { text, hidden: hidden.collect(), needed: layout.needed }
    }
}

/// A line of a grid: the name on the left, every cell on the right of its column.
fn line(name: &str, cells: &[Cell], layout: &Layout, style: &Style) -> String {
    let mut line = Line::default();
    line.push(name, str::to_owned);
    line.pad(name, layout.name);
    for &(column, room) in &layout.shown {
        let Cell { text, tone } = &cells[column];
        line.pad("", GAP);
        line.pad(text, room);
        line.push(text, |text| match tone {
            Tone::Plain => text.to_owned(),
            Tone::Warm => style.warm(text),
            Tone::Hot => style.hot(text),
        });
    }
    line.text
}
