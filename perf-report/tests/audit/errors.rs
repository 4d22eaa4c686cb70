//! Packages that cannot be audited: a message that names the place and the remedy, and status 2.

use std::{fs, os::unix::fs::PermissionsExt};

use perf_test_support::executable::write_script;

use crate::support::Crates;

#[test]
fn code_that_does_not_compile_is_shown_by_the_compilers_own_words() {
    let crates = Crates::package("torn", "fn main() {\n    let count: u32 = \"x\";\n}\n");
    let ended = crates.audit("");
    assert_eq!((ended.status, ended.output.as_str()), (2, ""));
    assert!(
        ended.errors.starts_with("error: torn does not compile; correct these errors first:\n\nerror[E0308]"),
        "{}",
        ended.errors
    );
    assert!(ended.errors.contains("src/main.rs:2:22"), "{}", ended.errors);
}

#[test]
fn denied_lints_do_not_end_the_audit() {
    let main = "#![deny(warnings)]\n#![forbid(clippy::iter_nth)]\n\nfn main() {\n    println!(\"{:?}\", [1].iter().nth(0));\n    let x = 7;\n}\n";
    let crates = Crates::package("denied", main);
    let found = crates.found("");
    assert_eq!(found, [("clippy::iter_nth".to_owned(), "src/main.rs".to_owned(), 5)]);
}

#[test]
fn arguments_and_files_are_checked_before_anything_is_compiled() {
    let crates = Crates::package("fine", "fn main() {}\n");
    crates.put("no.json", "{\"schema\":1}");
    crates.put("torn.json", "{");
    crates.put("old.json", "{\"findings\":[{}]}");
    for (line, message) in [
        ("--fail-on 10ms", "error: --fail-on with a duration or a share needs --profile, which tells what is at stake"),
        ("--fail-on clippy::nothing", "\"clippy::nothing\" is no lint or check of the audit"),
        ("--fail-on grave", "\"grave\" is not a kind of finding; write any, low, medium, high"),
        ("--fail-on 5", "has no unit"),
        ("--baseline @gone.json", "error: @gone.json: cannot be read: No such file"),
        (
            "--baseline @no.json",
            "error: @no.json: has no list `findings`; write one with `audit --format json --output FILE`",
        ),
        ("--baseline @torn.json", "error: @torn.json: is not JSON"),
        ("--baseline @old.json", "error: @old.json: has a finding without `fingerprint`"),
        ("--profile @gone.json", "error: @gone.json: cannot be read: No such file"),
        ("--profile @no.json", "error: @no.json: "),
        ("--manifest-path @src/main.rs", "error: "),
        ("--manifest-path @gone/Cargo.toml", "error: "),
        ("-- --features gone", "error: cargo clippy failed: "),
        ("--format xml", "invalid value 'xml'"),
    ] {
        let ended = crates.audit(line);
        assert_eq!((ended.status, ended.output.as_str()), (2, ""), "{line}: {}", ended.errors);
        assert!(ended.errors.contains(message), "{line}: {}", ended.errors);
    }
}

#[test]
fn a_missing_clippy_or_cargo_is_named_with_the_remedy() {
    let crates = Crates::package("fine", "fn main() {}\n");
    let cargo = std::env::var("CARGO").unwrap();
    let script = format!("#!/bin/sh\n[ \"$1\" != clippy ] || exit 101\nexec '{cargo}' \"$@\"\n");
    write_script(&crates.path("cargo"), &script);
    let with = |path: std::path::PathBuf| {
        crates.audit_with("", |command| {
            command.env("CARGO", path);
        })
    };
    let ended = with(crates.path("cargo"));
    assert_eq!(ended.status, 2);
    assert_eq!(ended.errors, "error: clippy is not installed; install it with `rustup component add clippy`\n");
    let ended = with(crates.path("none"));
    assert_eq!(ended.status, 2);
    assert!(ended.errors.contains("cannot be started") && ended.errors.contains("CARGO"), "{}", ended.errors);
}

#[test]
fn sources_that_may_not_be_written_are_audited_and_stay_as_they_are() {
    let crates = Crates::package("fixed", "fn main() {\n    println!(\"{:?}\", [1].iter().nth(0));\n}\n");
    crates.found("");
    let files = ["src/main.rs", "Cargo.toml", "Cargo.lock", "src", "."];
    let before: Vec<String> = files[..3].iter().map(|file| crates.text(file)).collect();
    let set = |mode: u32| {
        for (file, folder) in files.iter().zip([0, 0, 0, 0o111, 0o111]) {
            fs::set_permissions(crates.path(file), fs::Permissions::from_mode(mode | folder)).unwrap();
        }
    };
    set(0o444);
    let found = crates.found("");
    set(0o644);
    assert_eq!(found.len(), 1);
    assert_eq!(before, files[..3].iter().map(|file| crates.text(file)).collect::<Vec<_>>());
    let mut entries: Vec<_> = fs::read_dir(crates.path(".")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    entries.sort();
    assert_eq!(entries, ["Cargo.lock", "Cargo.toml", "src"], "no target folder of our own");
}

#[test]
fn a_target_folder_that_cannot_be_made_is_cargos_own_error() {
    let crates = Crates::package("fine", "fn main() {}\n");
    crates.put("file", "");
    let target = crates.path("file/target");
    let ended = crates.audit_with("", |command| {
        command.env("CARGO_TARGET_DIR", target);
    });
    assert_eq!(ended.status, 2);
    assert!(
        ended.errors.starts_with("error: cargo clippy failed: ") && ended.errors.contains("@file"),
        "{}",
        ended.errors
    );
}

#[test]
fn an_output_that_cannot_be_written_is_said() {
    let crates = Crates::package("fine", "fn main() {}\n");
    let ended = crates.audit("--output @gone/audit.json");
    assert_eq!(ended.status, 2);
    assert!(ended.errors.starts_with("error: @gone/audit.json: cannot be written: "), "{}", ended.errors);
}
