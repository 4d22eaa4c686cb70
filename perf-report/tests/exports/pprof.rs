//! `go tool pprof`, which comes with Go.

use std::collections::BTreeMap;

use perf_report::Snapshot;

use crate::{
    export,
    invented::{hostile, named_and_sampled, sampled},
    output, report, seen,
};

/// Self and total time of each function in a snapshot's export.
fn top(snapshot: &Snapshot) -> BTreeMap<String, (u64, u64)> {
    let (folder, _) = export("pprof", snapshot);
    let everything = ["-nodecount=1000000", "-nodefraction=0", "-edgefraction=0"];
    let arguments = ["tool", "pprof", "-top", "-unit=ns", "-symbolize=none"];
    let arguments: Vec<&str> = arguments.into_iter().chain(everything).chain(["exported"]).collect();
    let text = output("go", &arguments, &folder.path(""));
    let (_, rows) = text.split_once("cum%\n").unwrap_or_else(|| panic!("no table in {text}"));
    let ns = |text: &str| text.trim_end_matches("ns").parse::<u64>().unwrap_or_else(|_| panic!("{text:?} in {rows}"));
    let row = |row: &str| {
        let mut cells = row.split_whitespace();
        let [own, _, _, total, _] = std::array::from_fn(|_| cells.next().unwrap());
        // The name is what stands behind the second share.
        let (_, name) = row.rsplit_once("%  ").unwrap_or_else(|| panic!("{row:?}"));
        (name.to_owned(), (ns(own), ns(total)))
    };
    rows.lines().map(row).collect()
}

#[test]
fn it_tells_the_times_of_a_program() {
    let snapshot = report("wordindex");
    assert_eq!(top(&snapshot), seen(&snapshot));
}

#[test]
fn it_tells_the_times_of_recursion() {
    let mut snapshot = sampled();
    // A table of names tells namesakes apart by nothing.
    snapshot.functions[3].name = "app::read_all".into();
    assert_eq!(top(&snapshot), seen(&snapshot));
}

#[test]
fn it_is_not_misled_by_names() {
    let found = top(&named_and_sampled(&hostile()));
    let all: u64 = (1..=hostile().len() as u64).map(|number| number * 2_000_000).sum();
    assert_eq!(found.values().map(|times| times.0).sum::<u64>(), all, "{found:?}");
    for name in ["<A as B<C, D>>::f", "größe::数える", "\"quoted\" 'n' \\back\\n"] {
        assert!(found.contains_key(name), "{name} in {found:?}");
    }
}
