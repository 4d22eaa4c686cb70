//! The exports in the tools that they are for, which must tell what our own JSON tells. Not among the ordinary tests, because it
//! needs those tools and the reports of two examples: `.ci/exports` installs and makes them, and runs this.
#![cfg(feature = "command")]
#![allow(clippy::unwrap_used, reason = "a helper's failure is the test's")]

#[macro_use]
#[path = "../support/with.rs"]
mod with;

mod callgrind;
#[allow(dead_code, reason = "the tests of our own pages need more of it")]
#[path = "../browser/driver.rs"]
mod driver;
mod hlog;
#[path = "../export/invented.rs"]
mod invented;
mod mcp;
mod pprof;
#[path = "../programs/mod.rs"]
mod programs;
mod speedscope;
#[path = "../support/mod.rs"]
mod support;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use perf_report::{Function, Snapshot, command::Outcome};
use programs::Folder;

/// Where `.ci/exports` puts tools and reports.
fn place(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("exports").join(name)
}

/// The report of an example.
fn report(example: &str) -> Snapshot {
    let path = place(&format!("{example}.json"));
    let json = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}; run .ci/exports", path.display()));
    Snapshot::from_json(&json).unwrap()
}

/// Writes a snapshot in a format, to a file of a folder.
fn export(format: &str, snapshot: &Snapshot) -> (Folder, PathBuf) {
    let folder = Folder::new();
    folder.put("run.json", snapshot.to_json());
    let (outcome, _, errors) = folder.run(&format!("export --to {format} @run.json -o @exported"));
    assert_eq!(outcome, Outcome::Complete, "{errors}");
    let path = folder.path("exported");
    (folder, path)
}

/// The standard output of a tool that must succeed and have nothing to complain about.
fn output(tool: impl AsRef<std::ffi::OsStr>, arguments: &[&str], folder: &Path) -> String {
    let tool = tool.as_ref();
    let output = Command::new(tool)
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap_or_else(|error| panic!("{}: {error}; .ci/exports installs it", tool.display()));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && errors.is_empty(),
        "{} {arguments:?}: {}\n{errors}",
        tool.display(),
        output.status
    );
    String::from_utf8(output.stdout).unwrap()
}

/// The functions of which a call ended.
fn ran(snapshot: &Snapshot) -> impl Iterator<Item = &Function> {
    snapshot.functions.iter().filter(|function| function.calls > 0)
}

/// Self and total time of each function by name in the sampled stacks; recursive calls count once.
fn seen(snapshot: &Snapshot) -> BTreeMap<String, (u64, u64)> {
    let stacks = snapshot.stacks.as_ref().expect(".ci/exports runs the example with PERF_STACKS");
    let mut times: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for (at, node) in stacks.nodes.iter().enumerate().filter(|(_, node)| node.ns > 0) {
        let chain: Vec<&str> = stacks.chain(at).map(|function| snapshot.functions[function].name.as_str()).collect();
        let chain = if chain.is_empty() { vec!["[no annotated call]"] } else { chain };
        times.entry(chain[0].to_owned()).or_default().0 += node.ns;
        for name in chain.iter().collect::<BTreeSet<_>>() {
            times.entry((*name).to_owned()).or_default().1 += node.ns;
        }
    }
    times
}

#[test]
fn the_examples_did_what_they_always_do() {
    let calls = |example: &str, name: &str| {
        let snapshot = report(example);
        snapshot.functions.iter().find(|function| function.name == name).map(|function| function.calls)
    };
    assert_eq!(calls("wordindex", "wordindex::Index::add_word"), Some(720_000));
    assert_eq!(calls("wordindex", "wordindex::Index::add_page"), Some(6_000));
    assert_eq!(calls("service", "service::Connection::receive"), Some(2 * 2_001 + 9));
}
