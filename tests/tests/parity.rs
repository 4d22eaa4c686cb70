//! A program needs no change to be built without measuring: the one of `tests/parity`, which names all there is, is compiled and
//! run both ways. It names what it names by hand; that nothing is left out is seen by comparing the sources of both sides.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use perf_tests::child::{Ended, Program};
use perf_tests::figures::calls;

fn run(features: &[&str]) -> Ended {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("parity");
    let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("parity");
    let mut cargo = perf_tests::tool(env!("CARGO"));
    cargo.args(["build", "--quiet", "--locked"]).args(features).current_dir(folder).env("CARGO_TARGET_DIR", &target);
    let output = cargo.output().unwrap();
    assert!(output.status.success(), "{features:?}: {}", String::from_utf8_lossy(&output.stderr));
    // No warning either: what is used on one side is not unused on the other.
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{features:?}");
    Program::new(target.join("debug/parity")).run()
}

#[test]
fn one_program_compiles_and_runs_with_and_without_measuring() {
    let off = run(&[]);
    off.exited(0).silent();
    assert_eq!((off.stdout.as_str(), off.files()), ("", Vec::new()));

    let on = run(&["--features", "measured"]);
    on.exited(0);
    assert!(on.stderr.contains("parity::plain") && on.stdout.contains("\"schema\""), "{on:?}");
    let files =
        ["app.perfrec", "callers.txt", "figures.txt", "report.json", "resources.txt", "table.txt", "trace.json"];
    assert_eq!(on.files(), files);
    assert_eq!(calls(&on.report(), "plain"), 3);
}

/// The files below some folders and files of the workspace.
fn sources(places: &[&str]) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut waiting: Vec<PathBuf> = places.iter().map(|place| root.join(place)).collect();
    let mut texts = Vec::new();
    while let Some(path) = waiting.pop() {
        match fs::read_dir(&path) {
            Ok(entries) => waiting.extend(entries.map(|entry| entry.unwrap().path())),
            Err(_) => {
                texts.push(fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
            }
        }
    }
    texts
}

/// The public methods of each type: those that stand in an `impl` block of its own and are not hidden.
fn methods(texts: &[String]) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for text in texts {
        let (mut owner, mut hidden) = (None, false);
        for line in text.lines() {
            let margin = line.len() - line.trim_start().len();
            let line = line.trim_start();
            if line.starts_with("impl") && line.ends_with('{') && !line.contains(" for ") {
                let name = line.trim_end_matches(" {").rsplit(' ').next().unwrap_or_default();
                owner = Some((margin, name.split('<').next().unwrap_or_default().to_owned()));
            } else if line == "}" && owner.as_ref().is_some_and(|owner| owner.0 == margin) {
                owner = None;
            } else if line == "#[doc(hidden)]" {
                hidden = true;
            } else if let Some((_, owner)) = &owner
                && let Some(rest) = line.strip_prefix("pub ")
                && let Some((_, name)) = rest.split_once("fn ")
            {
                let name = name.split(['(', '<']).next().unwrap_or_default();
                if !std::mem::take(&mut hidden) && !name.starts_with('$') {
                    found.entry(owner.clone()).or_default().insert(name.to_owned());
                }
            }
        }
    }
    found
}

#[test]
fn both_sides_have_the_same_methods() {
    let on = methods(&sources(&[
        "perf-runtime/src/process/report.rs",
        "perf-runtime/src/session",
        "perf-runtime/src/monitor",
        "perf-runtime/src/allocations",
        "perf-report/src/view/mod.rs",
        "perf-report/src/view/style.rs",
    ]));
    let off = methods(&sources(&["perf-runtime/src/off"]));
    for owner in
        ["Report", "SessionBuilder", "Session", "Monitor", "Alert", "AlertEvent", "AlertError", "CountingAllocator"]
    {
        assert!(on.contains_key(owner), "{owner} was not found");
        assert_eq!(off.get(owner), on.get(owner), "{owner}");
    }
}

/// The public fields of each struct and the variants of each enum: their lines, without the types of variants' fields.
fn members(texts: &[String]) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for text in texts {
        let (mut owner, mut public) = (None, "");
        for line in text.lines() {
            if let Some(name) = line.strip_prefix("pub struct ") {
                (owner, public) = (name.strip_suffix(" {").map(str::to_owned), "pub ");
            } else if let Some(name) = line.strip_prefix("pub enum ") {
                (owner, public) = (name.strip_suffix(" {").map(str::to_owned), "");
            } else if line == "}" {
                owner = None;
            } else if let (Some(owner), Some(member)) = (&owner, line.strip_prefix("    "))
                && let Some(member) = member.strip_prefix(public).and_then(|member| member.strip_suffix(','))
                && !member.starts_with([' ', '/', '#'])
            {
                found.entry(owner.clone()).or_default().insert(member.to_owned());
            }
        }
    }
    found
}

/// The same of the side without measuring, where macros write them: `Name { first: Type, second: Type, }`.
fn members_of_off(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut found = members(&[text.to_owned()]);
    let code: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.starts_with(['/', '#'])).collect();
    let code = code.join(" ");
    for macro_call in ["data! {", "kinds! {"] {
        for list in code.split(macro_call).skip(1) {
            let mut rest = list.trim_start();
            while let Some((name, after)) = rest.split_once('{')
                && name.trim().chars().all(char::is_alphanumeric)
                && let Some((fields, after)) = after.split_once('}')
            {
                let fields = fields.split(',').map(str::trim).filter(|field| !field.is_empty()).map(str::to_owned);
                found.entry(name.trim().to_owned()).or_default().extend(fields);
                rest = after.trim_start();
            }
        }
    }
    found
}

#[test]
fn both_sides_have_the_same_figures() {
    let on = members(&sources(&["perf-report/src/data", "perf-report/src/recording/layout", "perf-report/src/view"]));
    let off = members_of_off(&sources(&["perf-runtime/src/off/report.rs"]).concat());
    assert!(off.len() > 25, "{off:?}");
    for (owner, members) in &off {
        // Written by a macro there: compared where the parity program names them, and here by number.
        if owner == "Metric" {
            assert_eq!(members.len(), perf_report::monitor::Metric::ALL.len(), "{owner}");
            continue;
        }
        let plain: BTreeSet<String> = members
            .iter()
            .filter(|member| !member.starts_with("never:"))
            .map(|member| member.replace("monitor::", ""))
            .collect();
        // A type that has no public members there has none here.
        assert_eq!(plain, on.get(owner).cloned().unwrap_or_default(), "{owner}");
    }
}
