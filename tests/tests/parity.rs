//! A program needs no change to be built without measuring: the one of `tests/parity`, which names all there is, is compiled and
//! run both ways.

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
    assert_eq!(on.files(), ["app.perfrec", "callers.txt", "report.json", "resources.txt", "table.txt"]);
    assert_eq!(calls(&on.report(), "plain"), 3);
}
