//! Each planted case is found, and nothing else.

use std::{collections::BTreeSet, fs};

use crate::support::Crates;

/// The findings that the sources themselves name: `//~ CHECK, CHECK`.
fn planted(crates: &Crates) -> BTreeSet<(String, String, u64)> {
    let mut planted = BTreeSet::new();
    for folder in ["planted/src", "spared/src"] {
        for entry in fs::read_dir(crates.path(folder)).unwrap() {
            let file = format!("{folder}/{}", entry.unwrap().file_name().to_str().unwrap());
            for (number, line) in crates.text(&file).lines().enumerate() {
                let checks = line.split_once("//~ ").map_or("", |(_, checks)| checks).split(", ");
                for check in checks.filter(|check| !check.is_empty()) {
                    planted.insert((check.to_owned(), file.clone(), number as u64 + 1));
                }
            }
        }
    }
    planted
}

/// Checks that only a profile makes possible, by their lines.
const OF_PROFILES: [&str; 4] =
    ["perf::allocation_in_loop", "perf::never_ran", "perf::query_under_lock", "perf::unannotated_callee"];

#[test]
fn each_planted_case_is_found_and_no_look_alike() {
    let crates = Crates::fixture();
    crates.put("run.json", crates.profile().to_json());
    let found: BTreeSet<_> = crates.found("--profile @run.json").into_iter().collect();
    let planted = planted(&crates);
    let missing: Vec<_> = planted.difference(&found).collect();
    let more: Vec<_> = found.difference(&planted).collect();
    assert!(missing.is_empty() && more.is_empty(), "missing: {missing:#?}\nmore: {more:#?}");
    assert!(planted.len() > 80, "{}", planted.len());
}

#[test]
fn each_check_and_each_of_clippys_lints_has_a_case() {
    let page = include_str!("../../docs/audit.md");
    let listed = page.split(['`', '|', ' ', ',']).filter(|word| {
        ["clippy::", "rustc::", "perf::"].iter().any(|tool| {
            word.strip_prefix(tool)
                .is_some_and(|name| name.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_'))
        })
    });
    let cases: BTreeSet<String> = planted(&Crates::fixture()).into_iter().map(|(check, ..)| check).collect();
    // It looks for two crates by their contents, which are not here.
    let missing: BTreeSet<&str> =
        listed.filter(|name| !cases.contains(*name) && *name != "clippy::non_std_lazy_statics").collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn without_a_profile_the_gravest_come_first() {
    let crates = Crates::fixture();
    let ended = crates.audit("--format json");
    let document: serde_json::Value = serde_json::from_str(&ended.output).unwrap();
    let findings = document["findings"].as_array().unwrap();
    let of_profiles = |finding: &&serde_json::Value| OF_PROFILES.contains(&finding["check"].as_str().unwrap());
    assert_eq!(findings.iter().filter(of_profiles).count(), 0);
    let order = |finding: &serde_json::Value| {
        let is_indirect = finding["effect"] == "upkeep" || finding["effect"] == "visibility";
        (is_indirect, ["high", "medium", "low"].iter().position(|name| finding["severity"] == *name))
    };
    assert!(findings.is_sorted_by_key(order));
    let notes = document["notes"].as_array().unwrap();
    assert!(notes[0].as_str().unwrap().contains("With a profile (--profile run.json"), "{notes:?}");
}

#[test]
fn a_comment_allows_a_check_for_its_item() {
    let crates = Crates::fixture();
    let file = "planted/src/own.rs".to_owned();
    let of = |found: Vec<(String, String, u64)>, check: &str| {
        found.into_iter().filter(|found| found.0 == check && found.1 == file).count()
    };
    assert_eq!(of(crates.found(""), "perf::unbuffered_io"), 6);
    crates.replace(&file, "pub fn write_rows", "// perf: allow(unbuffered_io, large_file)\npub fn write_rows");
    assert_eq!(of(crates.found(""), "perf::unbuffered_io"), 5, "of the item");
    crates.replace(&file, "//! A case", "//! perf: allow(unbuffered_io)\n//! A case");
    assert_eq!(of(crates.found(""), "perf::unbuffered_io"), 0, "of the file");
    assert_eq!(of(crates.found(""), "perf::query_in_loop"), 1, "another check");
    crates.replace(&file, "//! A case", "#![allow(clippy::unused_async)]\n//! A case");
    assert_eq!(of(crates.found(""), "clippy::unused_async"), 0);
}

#[test]
fn the_limit_of_lines_can_be_set() {
    let crates = Crates::fixture();
    let large = |line: &str| crates.found(line).into_iter().filter(|found| found.0 == "perf::large_file").count();
    assert_eq!((large("--max-lines 500"), large("--max-lines 400")), (0, 1));
    assert!(large("--max-lines 100") > 1);
}

#[test]
fn build_scripts_are_left_alone() {
    let crates = Crates::package("built", "fn main() {\n    println!(\"{:?}\", [1].iter().nth(0));\n}\n");
    crates.put("build.rs", "fn main() {\n    println!(\"cargo:rerun-if-changed={:?}\", [1].iter().nth(0));\n}\n");
    assert_eq!(crates.found(""), [("clippy::iter_nth".to_owned(), "src/main.rs".to_owned(), 2)]);
}
