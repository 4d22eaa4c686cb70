//! Which functions a view shows, in which order, and which of their figures.

use std::{cmp::Reverse, fmt, str::FromStr};

use super::measure::{Measure, UnknownMeasure};
use crate::{Function, Snapshot};

/// The order of functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// A figure, the highest first.
    By(Measure),
    /// Their names, from A to Z.
    Name,
}

impl FromStr for Order {
    type Err = UnknownOrder;

    /// The order of a name: that of a figure, or `name`.
    ///
    /// # Errors
    /// If there is none; the message lists those there are.
    fn from_str(name: &str) -> Result<Order, UnknownOrder> {
        match name {
            "name" => Ok(Order::Name),
            _ => name.parse().map(Order::By).map_err(UnknownOrder),
        }
    }
}

/// There is no order of that name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownOrder(UnknownMeasure);

impl fmt::Display for UnknownOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; or sort by name", self.0)
    }
}

impl std::error::Error for UnknownOrder {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

/// The functions that a view shows, in its order, and how it was come by.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Selection {
    /// Indices in [`Snapshot::functions`].
    pub(crate) functions: Vec<usize>,
    /// Whether their order was asked for: else each view has its own.
    pub(crate) ordered: bool,
    /// Futures of which no call has ended and that have figures all the same; the table of futures alone has them.
    pub(crate) unended: Vec<usize>,
    /// Functions that ran and were left out.
    pub(crate) left_out: usize,
    /// Of `unended`, those that were left out.
    pub(crate) unended_left_out: usize,
    /// Columns, in this order, all of which are shown at any width; `None` for the usual ones, as far as there is room.
    pub(crate) columns: Option<Vec<Measure>>,
}

impl Selection {
    /// All functions that ran, most self time first.
    pub(crate) fn all(snapshot: &Snapshot) -> Selection {
        let ran = snapshot.functions.iter().enumerate().filter(|(_, function)| function.calls > 0);
        let mut functions: Vec<usize> = ran.map(|(index, _)| index).collect();
        functions.sort_by_key(|&index| {
            let function = &snapshot.functions[index];
            Reverse((function.self_ns, function.total_ns, function.calls))
        });
        let unended = snapshot.functions.iter().enumerate();
        let unended = unended.filter(|(_, function)| function.calls == 0 && function.has_figures());
        let mut unended: Vec<usize> = unended.map(|(index, _)| index).collect();
        unended.sort_by_key(|&index| {
            Reverse(snapshot.functions[index].futures.map(|futures| (futures.busy_ns, futures.never_polled)))
        });
        Selection { functions, unended, ..Selection::default() }
    }

    /// The functions, and behind them the futures of which no call has ended.
    pub(super) fn with_futures<'a>(&'a self, snapshot: &'a Snapshot) -> impl Iterator<Item = &'a Function> {
        self.functions.iter().chain(&self.unended).map(|&index| &snapshot.functions[index])
    }

    /// The functions with their indices.
    pub(crate) fn of<'a>(&'a self, snapshot: &'a Snapshot) -> impl ExactSizeIterator<Item = (usize, &'a Function)> {
        self.functions.iter().map(|&index| (index, &snapshot.functions[index]))
    }

    /// Tells a reader about the functions that are left out.
    pub(super) fn note(&self) -> Option<String> {
        let shown = self.functions.len() as u64;
        (self.left_out > 0).then(|| {
            let all = shown + self.left_out as u64;
            format!("Shown: {} of the {} functions that ran.", super::units::count(shown), super::units::count(all))
        })
    }

    /// As [`note`](Self::note), about the futures of which no call has ended.
    pub(super) fn note_on_futures(&self) -> Option<String> {
        let (left_out, all) = (self.unended_left_out as u64, (self.unended.len() + self.unended_left_out) as u64);
        (left_out > 0).then(|| {
            let futures = super::text::plural(all, "future", "futures");
            format!(
                "Not shown: {} of the {} {futures} of which no call has ended.",
                super::units::count(left_out),
                super::units::count(all)
            )
        })
    }
}

/// The effects of the command's options on a selection.
#[cfg(feature = "command")]
impl Selection {
    /// Orders the functions. Equal ones keep their order.
    pub(crate) fn sort(&mut self, snapshot: &Snapshot, order: Order) {
        self.ordered = true;
        let all = &snapshot.functions;
        for functions in [&mut self.functions, &mut self.unended] {
            match order {
                Order::Name => functions.sort_by(|&a, &b| all[a].name.cmp(&all[b].name)),
                Order::By(measure) if measure.is_text() => {
                    functions.sort_by(|&a, &b| measure.compare(&all[a], &all[b]));
                }
                Order::By(measure) => functions.sort_by(|&a, &b| measure.compare(&all[b], &all[a])),
            }
        }
    }

    /// Keeps the functions that satisfy a condition.
    pub(crate) fn retain(&mut self, snapshot: &Snapshot, keep: impl Fn(&Function) -> bool) {
        let before = self.functions.len();
        self.functions.retain(|&index| keep(&snapshot.functions[index]));
        let unended = self.unended.len();
        self.unended.retain(|&index| keep(&snapshot.functions[index]));
        self.unended_left_out += unended - self.unended.len();
        self.left_out += before - self.functions.len();
    }

    /// Keeps the first so many functions.
    pub(crate) fn limit(&mut self, limit: usize) {
        let unended = limit.saturating_sub(self.functions.len());
        self.unended_left_out += self.unended.len().saturating_sub(unended);
        self.unended.truncate(unended);
        self.left_out += self.functions.len().saturating_sub(limit);
        self.functions.truncate(limit);
    }
}
