//! speedscope in Chromium, which is given its own format and folded stacks; and the schema of its format.

use std::{
    collections::BTreeMap,
    fs, thread,
    time::{Duration, Instant},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use perf_report::Snapshot;

use crate::{
    driver::Browser,
    export,
    invented::{hostile, named_and_sampled, sampled},
    output, place, report, seen,
};

/// How long the page may take to show a profile.
const LIMIT: Duration = Duration::from_secs(60);

/// The cells of the table of functions in the sandwich view: total and self time with shares, and the name.
const ROWS: &str = "return [...document.querySelectorAll('tr')]
    .map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent))
    .filter((cells) => cells.length === 3)";

/// Self and total time of each function as speedscope shows them.
fn sandwich(format: &str, snapshot: &Snapshot) -> BTreeMap<String, (String, String)> {
    let (folder, file) = export(format, snapshot);
    // A page of a file can be given another file only as a script.
    let contents = BASE64_STANDARD.encode(fs::read(&file).unwrap());
    folder.put("profile.js", format!("speedscope.loadFileFromBase64('exported', '{contents}')"));
    let page = place("node_modules/speedscope/dist/release/index.html");
    let script = folder.path("profile.js");
    let browser = Browser::start();
    browser.visit(&format!(
        "file://{}#localProfilePath={}&view=sandwich",
        page.display(),
        &script.display().to_string()[1..]
    ));
    let start = Instant::now();
    let rows = loop {
        let rows: Vec<[String; 3]> = serde_json::from_value(browser.run(ROWS)).unwrap();
        if !rows.is_empty() {
            break rows;
        }
        assert!(start.elapsed() < LIMIT, "no profile is shown; the console says {:?}", browser.console());
        thread::sleep(Duration::from_millis(50));
    };
    let time = |cell: &str| cell.split_once(" (").unwrap_or_else(|| panic!("{cell:?}")).0.to_owned();
    rows.iter().map(|[total, own, name]| (name.clone(), (time(own), time(total)))).collect()
}

/// Whether a time is shown so: as a number of two digits behind the point, or from a minute on as minutes and seconds.
fn is_shown(text: &str, ns: u64) -> bool {
    if let Some((minutes, seconds)) = text.split_once(':') {
        let seconds = 60.0 * minutes.parse::<f64>().unwrap() + seconds.parse::<f64>().unwrap();
        return (seconds * 1e9 - ns as f64).abs() <= 1e9;
    }
    let units = [("ms", 1e6), ("µs", 1e3), ("ns", 1.0), ("s", 1e9)];
    let number = units.into_iter().find_map(|(unit, unit_ns)| Some((text.strip_suffix(unit)?, unit_ns)));
    let (number, unit_ns) = number.unwrap_or_else(|| panic!("{text:?} has no unit"));
    // Ties are rounded either way.
    (number.parse::<f64>().unwrap() * unit_ns - ns as f64).abs() <= 0.005_001 * unit_ns
}

/// Checks that speedscope shows the times of a snapshot's stacks, from its own format and from folded stacks.
fn assert_shown(snapshot: &Snapshot) {
    let seen = seen(snapshot);
    let found = sandwich("speedscope", snapshot);
    assert!(found.keys().eq(seen.keys()), "{found:?} for {seen:?}");
    for ((name, (own, total)), times) in found.iter().zip(seen.values()) {
        assert!(is_shown(own, times.0) && is_shown(total, times.1), "{name}: {own} and {total} for {times:?}");
    }
    // The unit of folded stacks is unknown, so their numbers are shown as they are, with commas between the thousands.
    let numbers =
        sandwich("folded", snapshot).into_iter().map(|(name, times)| (name, (number(&times.0), number(&times.1))));
    assert_eq!(numbers.collect::<BTreeMap<_, _>>(), seen);
}

fn number(text: &str) -> u64 {
    text.replace(',', "").parse().unwrap_or_else(|_| panic!("{text:?} is no number"))
}

#[test]
fn it_shows_the_times_of_a_program() {
    assert_shown(&report("wordindex"));
}

#[test]
fn it_shows_the_times_of_recursion() {
    let mut snapshot = sampled();
    // Folded stacks tell namesakes apart by nothing.
    snapshot.functions[3].name = "app::read_all".into();
    assert_shown(&snapshot);
}

#[test]
fn it_is_not_misled_by_names() {
    let found = sandwich("speedscope", &named_and_sampled(&hostile()));
    for name in ["<A as B<C, D>>::f", "größe::数える", "{\"json\":1}<script>&amp;</script>"] {
        assert!(found.contains_key(name), "{name} in {found:?}");
    }
}

#[test]
fn files_are_of_the_schema() {
    const SCRIPT: &str = "import json, sys, jsonschema
jsonschema.Draft7Validator(json.load(open(sys.argv[1]))).validate(json.load(open(sys.argv[2])))";
    let schema = place("node_modules/speedscope/dist/release/file-format-schema.json");
    for snapshot in [report("wordindex"), sampled(), named_and_sampled(&hostile())] {
        let (folder, _) = export("speedscope", &snapshot);
        let arguments = ["-c", SCRIPT, schema.to_str().unwrap(), "exported"];
        output(place("python/bin/python"), &arguments, &folder.path(""));
    }
}
