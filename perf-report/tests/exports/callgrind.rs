//! `callgrind_annotate`, which comes with Valgrind.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
};

use perf_report::{Function, Snapshot};

use crate::{
    export,
    invented::{hostile, named, ordinary},
    output, ran, report,
};

/// The caller of all outermost calls.
const OUTSIDE: &str = "???:(code that is not annotated)";

fn annotate(file: &Path, more: &[&str]) -> String {
    let arguments: Vec<&str> =
        ["--threshold=100", "--show-percs=no", "--auto=no"].iter().chain(more).copied().chain(["exported"]).collect();
    output("callgrind_annotate", &arguments, file.parent().unwrap())
}

/// A number as it is shown: with commas between the thousands, `.` where there is none.
fn number(text: &str) -> u64 {
    if text == "." { 0 } else { text.replace(',', "").parse().unwrap_or_else(|_| panic!("{text:?} is no number")) }
}

/// The rows below the line of titles: a time, and what stands behind it.
fn rows(text: &str) -> impl Iterator<Item = (u64, &str)> {
    let (_, rows) = text.split_once("file:function\n").expect("a table of functions");
    let rows = rows.lines().filter(|line| !line.trim().is_empty() && !line.starts_with("----"));
    rows.filter_map(|row| row.trim_start().split_once(' ')).map(|(ns, rest)| (number(ns), rest.trim_start()))
}

/// The time of each function, by file and name.
fn times(file: &Path, more: &[&str]) -> BTreeMap<String, u64> {
    rows(&annotate(file, more)).map(|(ns, name)| (name.to_owned(), ns)).filter(|row| row.0 != OUTSIDE).collect()
}

/// A function as the tool names it.
fn key(function: &Function) -> String {
    format!("{}:{}", function.file, function.name)
}

/// The functions that ran, without rows beside them.
fn called(snapshot: &Snapshot) -> impl Iterator<Item = &Function> {
    ran(snapshot).filter(|function| !function.kind.is_beside_calls())
}

fn inclusive(function: &Function) -> u64 {
    function.futures.map_or(function.total_ns, |futures| futures.busy_ns)
}

/// Checks self and inclusive times of every function, and the calls by every caller.
fn assert_told(snapshot: &Snapshot) {
    let (_folder, file) = export("callgrind", snapshot);
    let of = |time: fn(&Function) -> u64| called(snapshot).map(|function| (key(function), time(function))).collect();
    let own: BTreeMap<String, u64> = of(|function| function.self_ns);
    assert_eq!(times(&file, &[]), own);
    assert_eq!(times(&file, &["--inclusive=yes"]), of(inclusive));

    // `123 < file:caller (7x) []` above each `123 * file:function`
    let text = annotate(&file, &["--inclusive=yes", "--tree=caller"]);
    let (mut callers, mut found) = (Vec::new(), HashMap::new());
    for (_, row) in rows(&text) {
        if let Some(caller) = row.strip_prefix("< ") {
            let (name, calls) = caller.rsplit_once(" (").unwrap();
            callers.push((name.to_owned(), number(calls.split_once("x)").unwrap().0)));
        } else if let Some(name) = row.strip_prefix("* ") {
            callers.sort();
            found.insert(name.trim_start().trim_end_matches(" []").to_owned(), std::mem::take(&mut callers));
        }
    }
    for function in called(snapshot) {
        let mut expected: Vec<(String, u64)> = function
            .callers
            .iter()
            .map(|it| (it.caller.map_or(OUTSIDE.into(), |caller| key(&snapshot.functions[caller])), it.calls))
            .collect();
        expected.sort();
        assert_eq!(found[&key(function)], expected, "callers of {}", function.name);
    }
    let total: u64 = own.values().sum();
    let shown =
        text.lines().find_map(|line| line.trim().strip_suffix(" PROGRAM TOTALS")).map(|total| number(total.trim()));
    assert_eq!(shown, Some(total));
}

#[test]
fn it_tells_the_figures_of_a_program() {
    assert_told(&report("wordindex"));
}

#[test]
fn it_tells_the_figures_of_futures() {
    assert_told(&report("service"));
}

#[test]
fn it_tells_the_figures_of_recursion() {
    let mut snapshot = ordinary();
    // The second of two namesakes would have a number at its name.
    snapshot.functions[3].name = "app::read_all".into();
    assert_told(&snapshot);
}

#[test]
fn it_is_not_misled_by_names() {
    let names = hostile();
    let snapshot = named(&names);
    let (_folder, file) = export("callgrind", &snapshot);
    let mut found: Vec<u64> = times(&file, &["--inclusive=yes"]).into_values().collect();
    found.sort_unstable();
    assert_eq!(found, (1..=names.len() as u64).map(|number| 1_000 * number * number).collect::<Vec<_>>());
}
