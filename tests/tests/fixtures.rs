//! The crates of `tests/fixtures` are compiled and run: they are what a user may write, under the rules that a user may
//! set. Their lints are compared with those of the same code with measuring off, which is the code as it was written.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Output;

use serde_json::Value;

/// Runs cargo on the workspace of the fixtures.
fn cargo(arguments: &[&str]) -> Output {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    perf_tests::tool(env!("CARGO"))
        .args(arguments)
        .current_dir(here.join("fixtures"))
        .env("CARGO_TARGET_DIR", PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("fixtures"))
        .output()
        .expect("cargo starts")
}

fn run(package: &str, binary: &str) {
    let output = cargo(&["run", "--quiet", "--locked", "--package", package, "--bin", binary]);
    assert!(output.status.success(), "{binary}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn every_edition_compiles_and_behaves_as_without_the_attribute() {
    for edition in ["2015", "2018", "2021", "2024"] {
        run(&format!("edition-{edition}"), &format!("sync-{edition}"));
        if edition != "2015" {
            run(&format!("edition-{edition}"), &format!("async-{edition}"));
        }
    }
}

#[test]
fn forbidden_unsafe_code_and_denied_lints() {
    run("strict", "strict");
    let output = cargo(&["clippy", "--quiet", "--locked", "--package", "strict", "--no-deps"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn no_implicit_prelude() {
    run("no-prelude", "no-prelude");
}

#[test]
fn shadowed_names() {
    run("shadowed", "shadowed");
}

#[test]
fn runtime_under_another_path() {
    run("renamed", "renamed");
}

/// Lints that a call of the runtime in a function answers.
const ANSWERED_BY_TIMING: [&str; 3] = ["clippy::missing_const_for_fn", "clippy::unused_async", "clippy::unused_self"];

/// Every message of the compiler and of clippy about the code of one package: target, place, code.
fn findings(command: &[&str], package: &str) -> BTreeSet<String> {
    let arguments = ["--quiet", "--locked", "--package", package, "--message-format", "json"];
    let output = cargo(&[command, &arguments].concat());
    let mut findings = BTreeSet::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let line: Value = serde_json::from_str(line).expect("a message of cargo is JSON");
        let (target, message) = (&line["target"], &line["message"]);
        if target["kind"][0] != "bin" {
            continue;
        }
        let spans = message["spans"].as_array().into_iter().flatten();
        for span in spans.filter(|span| span["is_primary"] == true) {
            let (name, code) = (&target["name"], &message["code"]["code"]);
            let place = ["line_start", "column_start", "line_end", "column_end"].map(|end| span[end].to_string());
            findings.insert(format!("{name} {} {code}", place.join(":")));
        }
    }
    assert!(!findings.is_empty(), "nothing to compare: {}", String::from_utf8_lossy(&output.stderr));
    findings
}

#[test]
fn lints_find_what_they_find_without_the_attribute() {
    for package in ["edition-2018", "edition-2021", "edition-2024"] {
        let bare = findings(&["clippy", "--no-deps", "--no-default-features"], package);
        let annotated = findings(&["clippy", "--no-deps"], package);
        let new: Vec<_> = annotated.difference(&bare).collect();
        let lost: Vec<_> = bare
            .difference(&annotated)
            .filter(|finding| !ANSWERED_BY_TIMING.iter().any(|lint| finding.contains(lint)))
            .collect();
        assert!(new.is_empty() && lost.is_empty(), "{package}: new {new:#?}, lost {lost:#?}");
    }
}

#[test]
fn errors_point_where_they_point_without_the_attribute() {
    let bare = findings(&["check", "--bins", "--keep-going", "--no-default-features"], "broken");
    let annotated = findings(&["check", "--bins", "--keep-going"], "broken");
    assert_eq!(annotated, bare);
}
