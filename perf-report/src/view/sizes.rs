//! Rows of results and depths of channels: lines of text.

use std::collections::{HashMap, hash_map::Entry};

use super::{
    beside::place,
    text::{escape, list, plural, shortened},
    units,
};
use crate::{Depth, Function, Kind, Rows, Snapshot};

/// Rows per result from which on they are worth a note.
const MANY_ROWS: f64 = 1_000.0;
/// Messages that wait in a channel without a limit from which on they are.
const MANY_MESSAGES: u64 = 1_000;
/// The rows of a channel's ends are named as the channel, and these.
const ENDS: [&str; 2] = [" (send)", " (receive)"];

/// The lines of one function.
#[cfg(any(test, feature = "command"))]
pub(crate) fn lines(function: &Function) -> Vec<String> {
    let rows = function.rows.map(|rows| {
        let of = format!("{} {}", units::count(rows.results), plural(rows.results, "result", "results"));
        format!("{} in {of} · {} each · at most {}", total_rows(&rows), mean(rows.mean()), units::count(rows.most))
    });
    let depth = function.depth.map(|depth| {
        let latest = units::count(depth.latest);
        format!("at most {} waiting · {} on average · {latest} when last seen", deepest(&depth), mean(depth.mean()))
    });
    rows.into_iter().chain(depth).collect()
}

#[cfg(any(test, feature = "command"))]
fn total_rows(rows: &Rows) -> String {
    format!("{} {}", units::count(rows.sum), plural(rows.sum, "row", "rows"))
}

/// `1 row`, `2.5 rows`: of a result, on average.
pub(super) fn mean_rows(rows: &Rows) -> String {
    let number = mean(rows.mean());
    let unit = if number == "1" { "row" } else { "rows" };
    format!("{number} {unit}")
}

/// `64 of 64`, or `64` where there is no limit.
pub(super) fn deepest(depth: &Depth) -> String {
    let deepest = units::count(depth.deepest);
    depth.capacity.map_or_else(|| deepest.clone(), |capacity| format!("{deepest} of {}", units::count(capacity)))
}

/// A mean of whole numbers, with a decimal where that says something.
pub(super) fn mean(mean: f64) -> String {
    let tenths = (mean * 10.0).round() as u64;
    if tenths >= 100 || tenths.is_multiple_of(10) {
        units::count(mean.round() as u64)
    } else {
        format!("{}.{}", tenths / 10, tenths % 10)
    }
}

/// Statements that return very many rows per call. Those that change many are none: that is one round trip in place of many.
pub(super) fn many_rows(snapshot: &Snapshot) -> Option<String> {
    let mut found: Vec<(&Function, Rows)> =
        snapshot.functions.iter().filter_map(|function| Some((function, function.rows?))).collect();
    found.retain(|(statement, rows)| rows.mean() >= MANY_ROWS && !changes_rows(&statement.name));
    found.sort_by_key(|(_, rows)| std::cmp::Reverse(rows.sum));
    let items = found.iter().map(|(statement, rows)| {
        let most = if rows.results > 1 { format!(" (at most {})", units::count(rows.most)) } else { String::new() };
        format!("{} {} per call{most}", shortened(&escape(&statement.name)), mean_rows(rows))
    });
    list(items).map(|list| {
        let some = plural(found.len() as u64, "A statement returns", "Some statements return");
        format!("{some} very many rows: {list}. A LIMIT, or a sum that the database makes, moves fewer.")
    })
}

/// Whether the rows of a statement are those that it changes.
fn changes_rows(statement: &str) -> bool {
    let statement = statement.to_ascii_uppercase();
    let verb = statement.split(|letter: char| !letter.is_ascii_alphabetic()).next().unwrap_or_default();
    let changes = match verb {
        "INSERT" | "UPDATE" | "DELETE" | "MERGE" | "REPLACE" | "COPY" => true,
        "WITH" => {
            [" INSERT INTO ", ") UPDATE ", " DELETE FROM ", " MERGE INTO "].iter().any(|&verb| statement.contains(verb))
        }
        _ => false,
    };
    changes && !statement.contains(" RETURNING ")
}

/// Channels that were full and half of it on average, or have no limit and held very many messages.
pub(super) fn full(snapshot: &Snapshot) -> Option<String> {
    let mut found = channels(snapshot);
    found.retain(|(_, depth)| match depth.capacity {
        Some(capacity) => capacity > 0 && depth.deepest >= capacity && depth.mean() * 2.0 >= capacity as f64,
        None => depth.deepest >= MANY_MESSAGES,
    });
    found.sort_by_key(|(_, depth)| std::cmp::Reverse(depth.deepest));
    let items = found.iter().map(|(name, depth)| {
        format!("{} at most {} ({} on average)", escape(name), deepest(depth), mean(depth.mean()))
    });
    list(items)
        .map(|list| format!("Messages waited in channels: {list}. Whoever receives is slower than those who send."))
}

/// The channels whose depth is known, by what both ends have seen.
fn channels(snapshot: &Snapshot) -> Vec<(&str, Depth)> {
    let mut found: Vec<(&str, Depth)> = Vec::new();
    let mut places: HashMap<_, usize> = HashMap::new();
    for function in snapshot.functions.iter().filter(|function| function.kind == Kind::Channel) {
        let Some(depth) = function.depth else { continue };
        let name = channel(&function.name);
        match places.entry(place(function, name)) {
            Entry::Occupied(known) => found[*known.get()].1.add(depth),
            Entry::Vacant(unknown) => {
                unknown.insert(found.len());
                found.push((name, depth));
            }
        }
    }
    found
}

/// The most messages for which the channels of a name have room. `None` if one has no limit.
#[cfg(feature = "command")]
pub(crate) fn capacity(snapshot: &Snapshot, name: &str) -> Option<u64> {
    let named = channels(snapshot).into_iter().filter(|(known, _)| *known == name);
    let capacities: Option<Vec<u64>> = named.map(|(_, depth)| depth.capacity).collect();
    capacities?.into_iter().max()
}

/// The name of a channel, by that of the row of one of its ends.
fn channel(row: &str) -> &str {
    ENDS.iter().find_map(|end| row.strip_suffix(end)).unwrap_or(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(name: &str, results: u64, sum: u64, most: u64) -> Function {
        let mut row = Function::new(name);
        (row.kind, row.calls, row.rows) = (Kind::Query, results, Some(Rows { results, sum, most }));
        row
    }

    fn end(name: &str, messages: u64, sum: u64, deepest: u64, capacity: Option<u64>) -> Function {
        let mut row = Function::new(name);
        let depth = Depth { messages, sum, deepest, capacity, latest: 3 };
        (row.kind, row.calls, row.depth) = (Kind::Channel, messages, Some(depth));
        row
    }

    fn snapshot(functions: Vec<Function>) -> Snapshot {
        Snapshot { functions, ..Snapshot::empty() }
    }

    #[test]
    fn statements_with_very_many_rows_are_named() {
        let few = query("SELECT name FROM users WHERE id = ?", 900, 900, 1);
        assert_eq!(many_rows(&snapshot(vec![few.clone()])), None);
        let rows = vec![
            few,
            query("SELECT * FROM log", 2, 96_000, 60_000),
            query("delete from log returning id", 1, 5_000, 5_000),
            query("DELETE FROM log", 1, 7_000, 7_000),
            query("WITH old (id) AS (SELECT id FROM log) INSERT INTO kept (id) SELECT id FROM old", 1, 7_000, 7_000),
        ];
        assert_eq!(
            many_rows(&snapshot(rows)).unwrap(),
            "Some statements return very many rows: SELECT * FROM log 48,000 rows per call (at most 60,000), delete from log \
             returning id 5,000 rows per call. A LIMIT, or a sum that the database makes, moves fewer."
        );
    }

    #[test]
    fn a_function_has_its_rows_and_its_depth() {
        let [rows] = &lines(&query("q", 4, 9, 5))[..] else { panic!("one line") };
        assert_eq!(rows, "9 rows in 4 results · 2.3 each · at most 5");
        let [depth] = &lines(&end("jobs (send)", 10, 402, 64, Some(64)))[..] else { panic!("one line") };
        assert_eq!(depth, "at most 64 of 64 waiting · 40 on average · 3 when last seen");
        assert_eq!(lines(&Function::new("f")), [""; 0]);
    }

    #[test]
    fn channels_that_were_full_are_named_once_for_both_ends() {
        let ends = vec![
            end("jobs (send)", 10, 640, 64, Some(64)),
            end("jobs (receive)", 10, 0, 63, Some(64)),
            end("events\u{1b} (send)", 1, 12_000, 12_000, None),
            end("calm (send)", 10, 9, 9, Some(10)),
            // Channels may have one name.
            Function { line: 7, ..end("jobs (receive)", 10, 600, 60, Some(60)) },
            end("full once (send)", 10, 49, 10, Some(10)),
            end("small (send)", 10, 9, 999, None),
            end("rendezvous (send)", 10, 0, 0, Some(0)),
        ];
        assert_eq!(
            full(&snapshot(ends)).unwrap(),
            "Messages waited in channels: events\\u{1b} at most 12,000 (12,000 on average), jobs at most 64 of 64 (32 on \
             average), jobs at most 60 of 60 (60 on average). Whoever receives is slower than those who send."
        );
    }
}
