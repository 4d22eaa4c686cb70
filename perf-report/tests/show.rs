//! `show`: every option and every form, against golden files and read back.
#![cfg(feature = "command")]
#![allow(clippy::unwrap_used, reason = "a helper's failure is the test's")]

#[path = "support/snapshots.rs"]
mod snapshots;

use std::collections::HashMap;

use perf_report::{
    InFlight, Kind, Snapshot, Style, Timing,
    command::{Outcome, Streams, run},
};
use snapshots::{caller, eventful, function, ordinary};

/// Runs `show` on a snapshot given as standard input.
fn show(snapshot: &Snapshot, arguments: &[&str]) -> (Outcome, String, String) {
    let json = snapshot.to_json();
    let (mut output, mut errors) = (Vec::new(), Vec::new());
    let mut streams = Streams {
        input: &mut json.as_bytes(),
        output: &mut output,
        errors: &mut errors,
        style: Style::plain().with_width(100),
    };
    let outcome = run(["perfrec", "show", "-"].iter().chain(arguments).copied(), &mut streams);
    (outcome, String::from_utf8(output).unwrap(), String::from_utf8(errors).unwrap())
}

fn shown(snapshot: &Snapshot, arguments: &[&str]) -> String {
    let (outcome, output, errors) = show(snapshot, arguments);
    assert_eq!((outcome, errors.as_str()), (Outcome::Complete, ""), "{arguments:?}");
    output
}

/// The first words of the rows of a table.
fn names(table: &str) -> Vec<&str> {
    let rows = table.lines().skip(4).take_while(|line| !line.is_empty());
    rows.map(|row| row.split_whitespace().next().unwrap().rsplit("::").next().unwrap()).collect()
}

/// A program in which functions share callees, recurse and have not all ended.
fn entangled() -> Snapshot {
    let mut snapshot = ordinary();
    let mut functions: Vec<_> = ["main", "load", "serve", "parse", "visit", "tiny_a", "tiny_b", "lonely"]
        .map(|name| function(&format!("app::{name}"), &[(1_000_000, 100)]))
        .into();
    functions[0].calls = 0;
    functions[1].callers = vec![caller(Some(0), 100, 100_000_000)];
    functions[2].callers = vec![caller(Some(0), 100, 300_000_000)];
    functions[3].callers = vec![caller(Some(2), 60, 60_000_000), caller(Some(1), 40, 40_000_000)];
    functions[4].callers = vec![caller(Some(3), 30, 80_000_000), caller(Some(4), 70, 0)];
    functions[5].callers = vec![caller(Some(2), 7, 1_000)];
    functions[6].callers = vec![caller(Some(2), 8, 900)];
    functions[7].callers = vec![caller(None, 100, 100_000_000)];
    snapshot.functions = functions;
    snapshot.in_flight = vec![InFlight::new(0, "main", 2_000_000_000)];
    snapshot
}

/// Names that mean harm somewhere.
fn harmful() -> Snapshot {
    let mut snapshot = ordinary();
    for name in [
        "app::<script>alert(1)</script>",
        "a,b\"c\"\nd",
        "app::\u{1b}[2Jclear",
        "app::\u{202e}reversed",
        "tick`s|pipe\\|back",
        "=1+1",
        " padded ",
        "",
    ] {
        snapshot.functions.push(function(name, &[(1_000, 10)]));
    }
    snapshot
}

#[test]
fn a_future_that_was_only_dropped_is_found_by_a_filter_of_the_table_alone() {
    let mut snapshot = ordinary();
    let mut tidy = function("app::tidy", &[]);
    tidy.futures.get_or_insert_default().never_polled = 12;
    snapshot.functions.push(tidy);
    let table = shown(&snapshot, &["--filter", "app::tid*"]);
    assert!(table.contains("No call of these has ended."), "{table}");
    let row = table.lines().find(|line| line.starts_with("app::tidy ")).expect("its row");
    assert_eq!(row.split_whitespace().skip(1).take(4).collect::<Vec<_>>(), ["0", "0", "0", "12"], "{table}");
    assert!(!shown(&snapshot, &["--format", "csv"]).contains("app::tidy"), "a row of calls says nothing of it");
    for arguments in [&["--format", "csv"][..], &["--tree"], &["--view", "callers"]] {
        let (outcome, _, errors) = show(&snapshot, &[&["--filter", "app::tid*"], arguments].concat());
        assert_eq!(outcome, Outcome::Failed, "{arguments:?}");
        assert!(errors.contains("the function that matches \"app::tid*\" never ran"), "{errors}");
    }
    // It is none of the functions that ran.
    assert!(
        shown(&snapshot, &["--limit", "1"])
            .contains(&format!("Shown: 1 of the {} functions that ran.", ran(&ordinary())))
    );
}

fn ran(snapshot: &Snapshot) -> usize {
    snapshot.functions.iter().filter(|function| function.calls > 0).count()
}

#[test]
fn sort_orders_by_any_figure() {
    let all = ordinary();
    let of = |order: &str| names(&shown(&all, &["--sort", order])).join(" ");
    assert_eq!(of("self"), "build flush_all main normalize tokenize");
    assert_eq!(of("total"), "main build flush_all tokenize normalize");
    assert_eq!(of("calls"), "normalize tokenize flush_all build main");
    assert_eq!(of("p99.9"), "main build flush_all tokenize normalize");
    assert_eq!(of("name"), "build main flush_all normalize tokenize");
}

#[test]
fn limit_and_filter_say_what_they_left_out() {
    insta::assert_snapshot!("limit_and_filter", shown(&eventful(), &["--filter", "*::text::*", "--limit", "1"]));
    let names_of = |pattern| names(&shown(&ordinary(), &["--filter", pattern])).join(" ");
    assert_eq!(names_of("**"), "build flush_all main normalize tokenize");
    assert_eq!(names_of("*::[bm]*"), "build main");
    assert_eq!(names_of("wordcount::mai?"), "main");
}

#[test]
fn columns_are_those_asked_for_at_any_width() {
    let columns = "calls,p5,p99.99,max,shape,unwound,file,line,kind,wall";
    insta::assert_snapshot!("columns", shown(&eventful(), &["--columns", columns, "--width", "60"]));
}

#[test]
fn wrong_names_are_refused_with_what_there_is() {
    let refused = |arguments: &[&str]| {
        let (outcome, output, errors) = show(&eventful(), arguments);
        assert_eq!((outcome, output.as_str()), (Outcome::Failed, ""), "{arguments:?}");
        format!("{}\n{errors}\n", arguments.join(" "))
    };
    let messages: String = [
        &["--sort", "slowness"] as &[&str],
        &["--columns", "calls,p100"],
        &["--filter", "tokenize"],
        &["--filter", "*unused*"],
        &["--filter", "[ab"],
        &["--function", "tokenise"],
        &["--function", "unused"],
        &["--format", "xml"],
        &["--limit", "0"],
        &["--tree", "--depth", "0"],
        &["--view", "resources", "--filter", "*"],
        &["--view", "json", "--limit", "3"],
        &["--columns", "calls,p101"],
        &["--format", "csv", "--tree"],
        &["--format", "csv", "--view", "callers"],
        &["--format", "html", "--sort", "name"],
        &["--depth", "3"],
    ]
    .into_iter()
    .map(refused)
    .collect();
    insta::assert_snapshot!("refused", messages);
}

#[test]
fn a_tree_goes_down_to_callees() {
    insta::assert_snapshot!("tree_callees", shown(&entangled(), &["--tree"]));
    let (cut, whole) = (shown(&entangled(), &["--tree", "--depth", "2"]), shown(&entangled(), &["--tree"]));
    assert!(cut.contains("Cut at 2 levels") && !whole.contains("Cut at"));
    insta::assert_snapshot!("tree_function", shown(&entangled(), &["--tree", "--function", "serve"]));
}

#[test]
fn a_tree_of_what_was_called_has_no_rows_beside_calls() {
    let mut snapshot = ordinary();
    let mut functions: Vec<_> =
        ["app::tail", "app::totals (held)", "app::push (held)"].map(|name| function(name, &[(1_000_000, 100)])).into();
    functions[0].callers = vec![caller(None, 100, 100_000_000)];
    functions[1].callers = vec![caller(None, 100, 100_000_000)];
    functions[2].callers = vec![caller(Some(0), 100, 100_000_000)];
    (functions[1].kind, functions[2].kind) = (Kind::Hold, Kind::Hold);
    snapshot.functions = functions;
    let tree = shown(&snapshot, &["--tree"]);
    let row = tree.lines().find(|line| line.contains("app::tail")).unwrap();
    assert!(row.contains(" 100% ") && !tree.contains("(held)"), "{tree}");
    assert!(!shown(&snapshot, &["--function", "app::tail"]).contains("(held)"));
    // Who held a lock is told all the same.
    let held = shown(&snapshot, &["--function", "app::push (held)"]);
    assert!(held.lines().any(|line| line.starts_with("app::tail ")), "{held}");
}

#[test]
fn how_adaptively_timed_calls_are_shared_among_callers_is_marked_as_an_estimate() {
    let mut snapshot = entangled();
    (snapshot.functions[3].timing, snapshot.functions[3].timed_calls) = (Timing::Adaptive, 10);
    let lines = |text: &str, name: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| line.contains(name));
        lines.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
    };
    // Its own count is exact.
    let callers = shown(&snapshot, &["--view", "callers", "--filter", "app::parse"]);
    assert!(lines(&callers, "app::parse")[0].starts_with("app::parse 100 ~"), "{callers}");
    assert!(lines(&callers, "← app::serve")[0].starts_with("← app::serve ~60 "), "{callers}");
    assert!(callers.contains("a rare caller may be missing"), "{callers}");
    let function = shown(&snapshot, &["--function", "app::parse"]);
    assert_eq!(lines(&function, "app::load"), ["app::load ~40 ~40.0 ms"], "{function}");
    let caller = shown(&snapshot, &["--function", "app::serve"]);
    assert_eq!(lines(&caller, "app::parse"), ["app::parse ~60 ~60.0 ms"], "{caller}");
    assert_eq!(lines(&caller, "app::tiny_a"), ["app::tiny_a 7 1.00 µs"], "{caller}");
    let tree = shown(&snapshot, &["--tree"]);
    assert!(lines(&tree, "app::parse")[0].ends_with(" ~60"), "{tree}");
    let up = shown(&snapshot, &["--tree=callers", "--function", "app::parse"]);
    assert!(lines(&up, "app::parse")[0].ends_with(" 100") && lines(&up, "app::load")[0].ends_with(" ~40"), "{up}");
}

#[test]
fn callers_of_futures_have_the_time_of_polls_and_say_so() {
    let mut snapshot = entangled();
    let futures = snapshot.functions[3].futures.get_or_insert_default();
    (futures.polls, futures.busy_ns) = (300, 90_000);
    snapshot.functions[3].total_ns = 1_820_000_000;
    snapshot.functions[3].callers = vec![caller(Some(1), 40, 30_000), caller(Some(2), 60, 60_000)];
    let has = |text: &str, line: &[&str]| {
        let found = text.lines().any(|one| one.split_whitespace().collect::<Vec<_>>() == line);
        assert!(found, "{line:?} in\n{text}");
    };
    let function = shown(&snapshot, &["--function", "app::parse"]);
    has(&function, &["app::load", "40", "busy", "30.0", "µs"]);
    has(&shown(&snapshot, &["--function", "app::load"]), &["app::parse", "40", "busy", "30.0", "µs"]);
    has(&shown(&snapshot, &["--function", "app::serve"]), &["app::tiny_a", "7", "1.00", "µs"]);
    let callers = shown(&snapshot, &["--view", "callers"]);
    has(&callers, &["app::parse", "100", "busy", "90.0", "µs", "busy", "900", "ns"]);
    has(&callers, &["←", "app::serve", "60", "60.0%", "busy", "60.0", "µs", "66.7%", "busy", "1.00", "µs"]);
    // By the time that is shown it comes last.
    let functions: Vec<&str> = callers.lines().filter(|line| line.starts_with("app::")).collect();
    assert!(functions.last().unwrap().starts_with("app::parse"), "{callers}");
}

#[test]
fn a_tree_goes_up_to_callers() {
    insta::assert_snapshot!("tree_callers", shown(&entangled(), &["--tree=callers", "--filter", "*::[vpl]*"]));
}

#[test]
fn a_function_is_shown_in_full() {
    insta::assert_snapshot!("function", shown(&eventful(), &["--function", "tokenize"]));
    insta::assert_snapshot!("function_sampled", shown(&eventful(), &["--function", "text::normalize"]));
    insta::assert_snapshot!("function_future", shown(&eventful(), &["--function", "wordcount::serve::handle"]));
    insta::assert_snapshot!("function_idle", shown(&eventful(), &["--function", "unused::a"]));
}

#[test]
fn percentiles_are_written_as_hdrhistogram_does() {
    let text = shown(&ordinary(), &["--function", "tokenize", "--percentiles", "hdr"]);
    insta::assert_snapshot!("percentiles_hdr", text);
    // As its plotter reads them: columns of numbers, rising, to all calls.
    let rows: Vec<Vec<f64>> = text
        .lines()
        .filter(|line| line.starts_with(' ') && !line.contains("Value"))
        .map(|line| line.split_whitespace().map(|number| number.parse().unwrap()).collect())
        .collect();
    assert!(
        rows.windows(2).all(|pair| pair[0][0] <= pair[1][0] && pair[0][1] <= pair[1][1] && pair[0][2] <= pair[1][2])
    );
    assert_eq!((rows.last().unwrap()[1], rows.last().unwrap()[2]), (1.0, 1_240_012.0));
}

#[test]
fn csv_is_read_back() {
    let text = shown(&eventful(), &["--format", "csv"]);
    insta::assert_snapshot!("csv", text);
    let text = shown(&harmful(), &["--format", "csv", "--columns", "calls,mean,share"]);
    assert!(!text.chars().any(|c| c != '\n' && c.is_control()), "{text:?}");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<HashMap<String, String>> = reader.deserialize().map(Result::unwrap).collect();
    assert_eq!(rows.len(), harmful().functions.len());
    for row in rows.iter().filter(|row| row["mean_ns"] == "1000") {
        assert_eq!((row["calls"].as_str(), row["share_percent"].as_str()), ("10", "0.0002"));
    }
    assert!(rows.iter().any(|row| row["name"] == r#"a,b"c"\nd"#), "{rows:?}");
}

#[test]
fn csv_of_several_files_says_which() {
    let folder = tempfile::tempdir().unwrap();
    let paths = ["a.json", "b.json"].map(|name| folder.path().join(name).display().to_string());
    paths.iter().for_each(|path| std::fs::write(path, ordinary().to_json()).unwrap());
    let text = shown(&ordinary(), &["--format", "csv", &paths[0], &paths[1]]);
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 1 + 3 * 5);
    assert!(lines[0].starts_with("from,name,") && lines[1].starts_with("-,") && lines[15].starts_with(&paths[1]));
}

#[test]
fn markdown_tables_hold() {
    insta::assert_snapshot!("markdown", shown(&eventful(), &["--format", "markdown"]));
    let text = shown(&harmful(), &["--format", "markdown", "--columns", "calls,file"]);
    insta::assert_snapshot!("markdown_harmful", text);
    // Every line of the table has as many cells as its head.
    for line in text.lines().filter(|line| line.starts_with('|')) {
        assert_eq!(line.matches('|').count(), 4, "{line}");
    }
}

#[test]
fn json_is_the_snapshot_or_rows_of_a_selection() {
    let text = shown(&harmful(), &["--format", "json"]);
    assert_eq!(Snapshot::from_json(text.as_bytes()).unwrap(), harmful());
    let text = shown(&harmful(), &["--format", "json", "--sort", "name", "--columns", "p99,wall,kind"]);
    let rows: Vec<HashMap<String, serde_json::Value>> = serde_json::from_str(&text).unwrap();
    let names: Vec<&str> = rows.iter().map(|row| row["name"].as_str().unwrap()).collect();
    assert!(names.is_sorted() && names.contains(&"app::\u{1b}[2Jclear"), "{names:?}");
    assert_eq!((&rows[0]["p99_ns"], &rows[0]["kind"]), (&1_000.into(), &"function".into()));
}

#[test]
fn a_terminal_gets_no_controls_from_any_form() {
    for arguments in [
        &["--tree"] as &[&str],
        &["--tree=callers"],
        &["--function", "app::\u{1b}[2Jclear"],
        &["--format", "csv"],
        &["--format", "markdown"],
        &["--format", "json"],
        &["--format", "html"],
    ] {
        let text = shown(&harmful(), arguments);
        assert!(!text.chars().any(|c| c != '\n' && c.is_control()), "{arguments:?}");
        assert!(arguments[0] == "--format" && arguments[1] == "json" || !text.contains('\u{202e}'), "{arguments:?}");
    }
}
