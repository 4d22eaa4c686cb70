//! Views of a snapshot as text for people.
//!
//! A view is a function from a [`Snapshot`] and a [`Style`] to text, so that whoever shows it (the runtime at shutdown, the
//! command, a test) decides where it goes. Names are data: nothing in them reaches the terminal as a control sequence.

mod beside;
mod callers;
#[cfg(feature = "command")]
pub(crate) mod detail;
#[cfg(feature = "command")]
pub(crate) mod export;
mod futures;
#[cfg(feature = "command")]
mod graph;
pub(crate) mod grid;
#[cfg(feature = "command")]
pub(crate) mod html;
pub(crate) mod instances;
pub(crate) mod measure;
#[cfg(feature = "command")]
pub(crate) mod metrics;
pub(crate) mod notes;
#[cfg(feature = "command")]
pub(crate) mod percentiles;
pub(crate) mod resources;
#[cfg(feature = "command")]
pub(crate) mod rows;
mod selection;
mod shape;
pub(crate) mod sizes;
#[cfg(feature = "command")]
pub(crate) mod slow_calls;
#[cfg(feature = "command")]
pub(crate) mod stacks;
mod style;
mod table;
pub(crate) mod text;
#[cfg(feature = "command")]
pub(crate) mod time_parts;
pub(crate) mod timeline;
pub(crate) mod trace;
mod transfer;
#[cfg(feature = "command")]
pub(crate) mod tree;
pub(crate) mod units;
pub(crate) mod waits;

use std::{fmt, str::FromStr};

pub use measure::{Measure, Percentile, UnknownMeasure};
pub(crate) use selection::Selection;
pub use selection::{Order, UnknownOrder};
pub use style::{Stream, Style};
pub use trace::{TraceFormat, UnknownTraceFormat};

use crate::Snapshot;

/// The views there are, by the names they have in `PERF_REPORT` and `--view`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum View {
    /// `table`: a row per function, by self time.
    Table,
    /// `callers`: who called each function.
    Callers,
    /// `resources`: the life of each resource, and what depends on what.
    Resources,
    /// `json`: the whole snapshot, for programs.
    Json,
}

impl View {
    /// All of them.
    pub const ALL: [View; 4] = [View::Table, View::Callers, View::Resources, View::Json];

    /// Its name.
    ///
    /// ```
    /// assert_eq!(perf_report::View::Table.name(), "table");
    /// ```
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            View::Table => "table",
            View::Callers => "callers",
            View::Resources => "resources",
            View::Json => "json",
        }
    }

    /// The text of the view, its last line ended.
    ///
    /// ```
    /// use perf_report::{Function, Snapshot, Style, View};
    /// let mut snapshot = Snapshot::empty();
    /// let mut function = Function::new("app::parse");
    /// (function.calls, function.timed_calls, function.self_ns) = (3, 3, 1_500);
    /// snapshot.functions.push(function);
    /// let text = View::Table.render(&snapshot, &Style::plain());
    /// assert!(text.contains("app::parse") && text.contains("1.50 µs"));
    /// ```
    #[must_use]
    pub fn render(self, snapshot: &Snapshot, style: &Style) -> String {
        match self {
            View::Json => snapshot.to_json() + "\n",
            _ => self.render_selected(snapshot, style, &Selection::all(snapshot)),
        }
    }

    /// The view of some functions, in an order of their own. `Json` always has all.
    pub(crate) fn render_selected(self, snapshot: &Snapshot, style: &Style, selection: &Selection) -> String {
        match self {
            View::Table => table::render(snapshot, style, selection),
            View::Callers => callers::render(snapshot, style, selection),
            View::Resources => resources::render(snapshot, style),
            View::Json => snapshot.to_json() + "\n",
        }
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// There is no view of that name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownView(String);

impl fmt::Display for UnknownView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = View::ALL.map(View::name).join(", ");
        write!(f, "there is no view {:?}; the views are {names}", self.0)
    }
}

impl std::error::Error for UnknownView {}

impl FromStr for View {
    type Err = UnknownView;

    /// The view of a name.
    ///
    /// # Errors
    /// If there is none; the message lists those there are.
    fn from_str(name: &str) -> Result<View, UnknownView> {
        View::ALL.into_iter().find(|view| view.name() == name).ok_or_else(|| UnknownView(name.to_owned()))
    }
}

/// The head: whose figures follow, in one line if there is room.
pub(crate) fn title(snapshot: &Snapshot, style: &Style) -> String {
    let process = &snapshot.process;
    let program = if process.program.is_empty() { "unnamed program".into() } else { text::escape(&process.program) };
    let threads = format!("{} {}", units::count(process.threads), text::plural(process.threads, "thread", "threads"));
    let recorded = format!("{} recorded", units::duration(process.recorded_ns));
    let whose = match snapshot.sources.len() as u64 {
        0 => format!("pid {}", process.pid),
        sources => format!("{} {}", units::count(sources), text::plural(sources, "process", "processes")),
    };
    let mut rest = vec![whose, recorded, threads];
    match process.state {
        crate::State::Running => rest.push("still running".into()),
        crate::State::Killed => rest.push("killed".into()),
        crate::State::Closed => {}
    }
    let beside = rest.iter().fold(0, |sum, part| sum + 3 + text::width(part));
    // The program shares the line with the rest unless it would be cut to nothing.
    let room =
        style.width.map_or(usize::MAX, |width| width.checked_sub(beside).filter(|&room| room >= 12).unwrap_or(width));
    let program = text::shorten(&program, room).into_owned();
    let parts: Vec<String> = std::iter::once(program.clone()).chain(rest).collect();
    format!("{}\n", text::join(&parts, style.width).replacen(&program, &style.bold(&program), 1))
}
