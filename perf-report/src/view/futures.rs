//! The table of futures: how many began and how they ended, their polls, how long they waited for a thread, and how long they were alone.

use super::{
    Selection,
    beside::Beside,
    grid::{Column, Grid, GridRow},
    units, waits,
};
use crate::{Function, Futures, Kind, Snapshot};

/// The rows beside a future's that the table has columns for, with their titles.
const BESIDE: [(Kind, [&str; 2]); 3] = [
    (Kind::Poll, ["poll p50", "poll p99"]),
    (Kind::Wake, ["woken p50", "woken p99"]),
    (Kind::Alone, ["alone p50", "alone p99"]),
];

/// Whether it is among the futures: a wait that was polled is among the locks and channels, and of one that was recorded at its end there is
/// nothing to be said here.
fn is_there(function: &Function) -> bool {
    let has_polls = |futures: Futures| futures.polls > 0 || !function.kind.is_wait();
    function.futures.is_some_and(has_polls) && !waits::is_there(function)
}

/// The table, if there is anything in it.
pub(super) fn grid(snapshot: &Snapshot, selection: &Selection) -> Option<Grid> {
    let shown: Vec<&Function> = selection.with_futures(snapshot).filter(|function| is_there(function)).collect();
    // Few programs have any.
    let has_unpolled = shown.iter().any(|function| function.futures.is_some_and(|futures| futures.never_polled > 0));
    let beside = Beside::of(snapshot, &BESIDE.map(|column| column.0));
    let mut columns = vec![
        Column::new("started", 2),
        Column::new("completed", 4),
        Column::new("cancelled", 3),
        Column::new("polls", 5),
        Column::new("busy", 0),
        Column::new("busy/poll", 1),
        Column::new("longest poll", 4),
        Column::new("size", 6),
    ];
    if has_unpolled {
        columns.insert(3, Column::new("never polled", 2));
    }
    let quantiles = BESIDE.iter().filter(|(kind, _)| beside.has(*kind));
    for &(_, [p50, p99]) in quantiles.clone() {
        columns.extend([Column::new(p50, 8), Column::new(p99, 2)]);
    }
    let rows = shown.into_iter().filter_map(|function| {
        let futures = function.futures?;
        let mut cells = vec![
            units::count(futures.started).into(),
            units::count(function.calls.saturating_sub(futures.cancelled)).into(),
            units::count(futures.cancelled).into(),
            units::count(futures.polls).into(),
            units::duration_cell(futures.busy_ns).into(),
            units::duration_cell(futures.busy_ns.checked_div(futures.polls).unwrap_or(0)).into(),
            units::if_known(futures.longest_poll_ns, units::duration_cell).into(),
            units::if_known(futures.bytes, units::bytes).into(),
        ];
        if has_unpolled {
            cells.insert(3, units::count(futures.never_polled).into());
        }
        for &(kind, _) in quantiles.clone() {
            let row = beside.row(kind, function);
            let cell = |quantile| row.map_or_else(String::new, |row| units::duration_cell(row.quantile_ns(quantile)));
            cells.extend([cell(0.5).into(), cell(0.99).into()]);
        }
        Some(GridRow { name: function.name.clone(), lead: String::new(), cells })
    });
    let rows: Vec<GridRow> = rows.collect();
    (!rows.is_empty()).then_some(Grid { name_title: "future", columns, rows })
}

#[cfg(test)]
mod tests {
    use crate::{Function, Futures, Kind, Snapshot, Style, View};

    fn future(name: &str, line: u32, calls: &[u64], futures: Futures) -> Function {
        row(name, line, Kind::Future, calls, Some(futures))
    }

    fn row(name: &str, line: u32, kind: Kind, calls: &[u64], futures: Option<Futures>) -> Function {
        let mut row = Function { kind, line, futures, file: "src/main.rs".into(), ..Function::new(name) };
        calls.iter().for_each(|&ns| row.latency.record(ns, 1));
        (row.calls, row.timed_calls) = (calls.len() as u64, calls.len() as u64);
        (row.sum_ns, row.total_ns) = (calls.iter().sum(), calls.iter().sum());
        (row.min_ns, row.max_ns) = (calls.iter().copied().min().unwrap_or(0), calls.iter().copied().max().unwrap_or(0));
        row
    }

    /// The table of futures as it is drawn, without the line below its titles.
    fn futures_table(functions: Vec<Function>) -> Vec<String> {
        let text = View::Table.render(&Snapshot { functions, ..Snapshot::empty() }, &Style::plain());
        let table = text.lines().skip_while(|line| !line.starts_with("future ")).take_while(|line| !line.is_empty());
        table.filter(|line| !line.starts_with('─')).map(|line| line.trim_end().to_owned()).collect()
    }

    #[test]
    fn futures_of_which_no_call_has_ended_have_a_row_among_the_futures_alone() {
        let functions = vec![
            future("app::tidy", 1, &[], Futures { never_polled: 12, bytes: 64, ..Futures::default() }),
            future("app::serve", 2, &[], Futures { started: 1, polls: 900, busy_ns: 9_000, ..Futures::default() }),
            future("app::idle", 3, &[], Futures::default()),
        ];
        assert_eq!(
            futures_table(functions.clone()),
            [
                "future      started  completed  cancelled  never polled  polls     busy  busy/poll  longest poll  size",
                "app::serve        1          0          0             0    900  9.00 µs      10 ns",
                "app::tidy         0          0          0            12      0     0 ns       0 ns                64 B",
            ]
        );
        let text = View::Table.render(&Snapshot { functions, ..Snapshot::empty() }, &Style::plain());
        assert!(text.contains("No call of an annotated function has ended."), "{text}");
        assert!(text.contains("2 of 3 annotated functions never ran: app::tidy, app::idle."), "{text}");
    }

    #[test]
    #[cfg(feature = "command")]
    fn futures_of_which_no_call_has_ended_are_not_left_out_in_silence() {
        let begun = || Futures { started: 1, polls: 2, busy_ns: 9, ..Futures::default() };
        let functions = vec![
            future("app::load", 1, &[50], begun()),
            future("app::serve", 2, &[], begun()),
            future("app::tidy", 3, &[], begun()),
        ];
        let snapshot = Snapshot { functions, ..Snapshot::empty() };
        let shown = |change: &dyn Fn(&mut crate::view::Selection)| {
            let mut selection = crate::view::Selection::all(&snapshot);
            change(&mut selection);
            crate::view::table::render(&snapshot, &Style::plain(), &selection)
        };
        let note = |futures| format!("• Not shown: {futures} of which no call has ended.");
        let limited = shown(&|selection| selection.limit(2));
        assert!(limited.contains(&note("1 of the 2 futures")) && limited.contains("app::serve"), "{limited}");
        let filtered = shown(&|selection| selection.retain(&snapshot, |function| function.name == "app::load"));
        assert!(filtered.contains(&note("2 of the 2 futures")), "{filtered}");
        assert!(!shown(&|_| ()).contains("Not shown"));
    }

    #[test]
    fn single_polls_and_wakes_stand_in_the_row_of_their_future_and_in_no_other() {
        let polls = |calls, polls, busy_ns| Futures { started: calls, polls, busy_ns, ..Futures::default() };
        let functions = vec![
            future("app::load", 1, &[5_000, 5_000], polls(2, 4, 3_000)),
            // Another future of the same name.
            future("app::load", 9, &[5_000], polls(1, 1, 2_000)),
            future("app::save", 3, &[5_000], polls(1, 2, 1_000)),
            row("app::load (poll)", 1, Kind::Poll, &[100, 100, 900], None),
            row("app::load (woken)", 1, Kind::Wake, &[40], None),
            row("app::save (woken)", 3, Kind::Wake, &[70], None),
            row("app::save (poll)", 3, Kind::Poll, &[], None),
            row("app::save (alone)", 3, Kind::Alone, &[20, 20], None),
            // Recorded at its end.
            row("SELECT ?", 0, Kind::Query, &[5_000], Some(Futures { started: 1, ..Futures::default() })),
        ];
        assert_eq!(
            futures_table(functions.clone()),
            [
                "future     started  completed  cancelled  polls     busy  busy/poll  longest poll  size  poll p50  poll p99  woken p50  woken p99  alone p50  alone p99",
                "app::load        2          2          0      4  3.00 µs     750 ns                        100 ns    900 ns      40 ns      40 ns",
                "app::load        1          1          0      1  2.00 µs    2.00 µs",
                "app::save        1          1          0      2  1.00 µs     500 ns                                              70 ns      70 ns      20 ns      20 ns",
            ]
        );
        // Without any there are no columns for them.
        assert!(!futures_table(functions[..3].to_vec())[0].contains("p50"));
    }
}
