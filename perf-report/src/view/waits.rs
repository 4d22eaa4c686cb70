//! The table of locks and channels: how often each was used, how many of these uses had to wait, and for how long; and how old messages are.

use super::{
    Selection,
    beside::{Beside, is_beside},
    grid::{Cell, Column, Grid, GridRow},
    sizes::{deepest, mean},
    text::escape,
    units,
};
use crate::{Function, Kind, Snapshot, Timing};

/// The columns of depths, which only channels have.
const DEPTHS: std::ops::Range<usize> = 9..11;

/// Whether the table of locks and channels has all that there is to say of a row: it has no time of its own.
pub(super) fn is_all_there(function: &Function) -> bool {
    function.kind.is_beside_calls() || is_there(function) && function.total_ns == 0
}

/// Whether it has a row in that table.
pub(super) fn is_there(function: &Function) -> bool {
    function.timing == Timing::Waits || function.kind == Kind::Age
}

/// The table, if there is anything in it.
pub(super) fn grid(snapshot: &Snapshot, selection: &Selection) -> Option<Grid> {
    let mut columns = vec![
        Column::new("calls", 1),
        Column::new("waited", 0),
        Column::new("% waited", 3),
        Column::new("waiting", 0),
        Column::new("p50", 4),
        Column::new("p99", 2),
        Column::new("max", 5),
        Column::new("held p50", 7),
        Column::new("held p99", 6),
        Column::new("depth", 11),
        Column::new("deepest", 10),
        Column::new("poisoned", 9),
        Column::new("declared", 8),
    ];
    let mut shown: Vec<&Function> =
        selection.of(snapshot).map(|(_, function)| function).filter(|one| is_there(one)).collect();
    if !selection.ordered {
        // Ages are no waits of the program, so they stand below.
        let is_age = |function: &Function| function.kind == Kind::Age;
        shown.sort_by_key(|function| (is_age(function), std::cmp::Reverse((function.total_ns, function.calls))));
    }
    let has_depth = shown.iter().any(|function| function.depth.is_some());
    let holds = Beside::of(snapshot, &[Kind::Hold]);
    let mut rows: Vec<GridRow> = shown.into_iter().map(|function| row(function, &holds)).collect();
    if !has_depth {
        columns.drain(DEPTHS);
        rows.iter_mut().for_each(|row| drop(row.cells.drain(DEPTHS)));
    }
    (!rows.is_empty()).then_some(Grid { name_title: "lock or channel", columns, rows })
}

fn row(function: &Function, holds: &Beside<'_>) -> GridRow {
    let held = holds.row(Kind::Hold, function);
    let of_waits = |quantile| match function.timed_calls {
        0 => String::new(),
        _ => units::duration_cell(function.quantile_ns(quantile)),
    };
    // Not all holds are timed.
    let of_holds = |quantile| {
        held.map_or_else(String::new, |held| {
            let mark = if held.is_sampled() { "~" } else { "" };
            format!("{mark}{}", units::duration_cell(held.quantile_ns(quantile)))
        })
    };
    let poisoned = held.map_or(0, |held| held.unwound);
    // Messages wait, and nobody for them.
    let if_waits = |cell: String| if function.kind == Kind::Age { String::new() } else { cell };
    let cells = [
        units::count(function.calls),
        if_waits(units::count(function.timed_calls)),
        if_waits(units::share(function.timed_calls, function.calls)),
        if_waits(units::duration_cell(function.total_ns)),
        of_waits(0.5),
        of_waits(0.99),
        if function.timed_calls == 0 { String::new() } else { units::duration_cell(function.max_ns) },
        of_holds(0.5),
        of_holds(0.99),
        function.depth.map_or_else(String::new, |depth| mean(depth.mean())),
        function.depth.map_or_else(String::new, |depth| deepest(&depth)),
        if poisoned == 0 { String::new() } else { units::count(poisoned) },
        place(function),
    ];
    GridRow { name: function.name.clone(), lead: String::new(), cells: cells.map(Cell::from).into() }
}

/// Whether it is the row of the holds of that lock.
pub(crate) fn is_hold_of(other: &Function, lock: &Function) -> bool {
    other.kind == Kind::Hold && is_beside(other, lock)
}

/// `cache.rs:12`: where it is declared, by the last part of the path. One that was made by a function of the standard library, such as
/// `map(Mutex::new)`, has the place there, which tells nothing.
pub(super) fn place(function: &Function) -> String {
    if is_in_standard_library(&function.file) {
        return "in the standard library".into();
    }
    let file = function.file.rsplit(['/', '\\']).next().unwrap_or_default();
    if file.is_empty() { String::new() } else { escape(&format!("{file}:{}", function.line)) }
}

/// Whether a file is the compiler's, as it was built (`/rustc/HASH/library/…`) or as it is installed.
pub(super) fn is_in_standard_library(file: &str) -> bool {
    let file = file.replace('\\', "/");
    let is_of_compiler = file.starts_with("/rustc/") || file.contains("/lib/rustlib/src/rust/");
    is_of_compiler && ["/library/core/", "/library/alloc/", "/library/std/"].iter().any(|part| file.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_the_standard_library_is_not_told_as_one_of_the_program() {
        let at = |file: &str| place(&Function { file: file.into(), line: 166, ..Function::new("Mutex<u64>") });
        for file in [
            "/rustc/59807616e1fa/library/core/src/ops/function.rs",
            "/usr/lib/rustlib/src/rust/library/alloc/src/sync.rs",
            r"C:\rust\lib\rustlib\src\rust\library\core\src\ops\function.rs",
        ] {
            assert_eq!(at(file), "in the standard library");
        }
        assert_eq!(at("src/library/core/function.rs"), "function.rs:166");
        assert_eq!(at("/build/library/core/src/cache.rs"), "cache.rs:166");
        assert_eq!(at(""), "");
    }
}
