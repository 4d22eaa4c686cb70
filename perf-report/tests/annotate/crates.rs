//! Real crates: those that this workspace depends on, as cargo has downloaded them.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use perf_report::command::Outcome;
use serde_json::Value;

use crate::{contents, programs::Folder};

/// Crates with much syntax in them, of all editions.
const CRATES: [&str; 12] = [
    "clap_builder",
    "csv",
    "csv-core",
    "glob",
    "hdrhistogram",
    "hyper",
    "inferno",
    "miniz_oxide",
    "ratatui-core",
    "serde_json",
    "syn",
    "tokio",
];

/// Where the sources of crates lie that this workspace depends on.
fn downloaded() -> Vec<(String, PathBuf)> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--all-features", "--locked", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap().iter();
    let known = packages.filter(|package| CRATES.contains(&package["name"].as_str().unwrap()));
    let folder = |package: &Value| Path::new(package["manifest_path"].as_str().unwrap()).parent().unwrap().to_owned();
    known.map(|package| (package["name"].as_str().unwrap().to_owned(), folder(package))).collect()
}

/// A copy without examples and the like, which cargo then doesn't look for.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::write(&target, fs::read(entry.path()).unwrap()).unwrap();
        }
    }
}

/// Each line is the line that it was, but for the attribute.
fn assert_lines_stay(name: &str, before: &str, after: &str) {
    assert_eq!(before.lines().count(), after.lines().count(), "{name}");
    for (number, (before, after)) in before.lines().zip(after.lines()).enumerate() {
        let without = after.replace("#[::perf_runtime::profile] ", "");
        assert_eq!(before, without, "{name}:{}", number + 1);
    }
}

#[test]
fn every_function_of_real_crates_is_annotated_in_its_line_and_goes_byte_for_byte() {
    let crates = downloaded();
    assert!(crates.len() >= 10, "{crates:?}");
    let (mut functions, mut files) = (0, 0);
    for (number, (name, source)) in crates.iter().enumerate() {
        let folder = Folder::new();
        let place = format!("crate{number}");
        copy(source, &folder.path(&place));
        let before = contents(&folder.path(&place));
        let (outcome, output, errors) = folder.run(&format!("annotate @{place} --select all"));
        assert_eq!((outcome, errors.as_str()), (Outcome::Complete, ""), "{name}: {output}");
        let after = contents(&folder.path(&place));
        for (file, bytes) in after.iter().filter(|(file, bytes)| before[*file] != **bytes && file.ends_with(".rs")) {
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
            assert_lines_stay(&format!("{name}: {file}"), &text(&before[file]), &text(bytes));
            functions += text(bytes).matches("#[::perf_runtime::profile] ").count();
            files += 1;
        }
        // The annotated sources parse, and have the same functions.
        let (outcome, again, errors) = folder.run(&format!("annotate @{place} --select all"));
        assert_eq!((outcome, errors.as_str()), (Outcome::Complete, ""), "{name}: {again}");
        let first = |text: &str| text.lines().next().unwrap().split(';').next().unwrap().to_owned();
        assert_eq!(first(&again), first(&output), "{name}");
        assert_eq!(contents(&folder.path(&place)), after, "{name}");
        let (outcome, _, errors) = folder.run(&format!("annotate @{place} --remove"));
        assert_eq!((outcome, errors.as_str()), (Outcome::Complete, ""), "{name}");
        assert!(contents(&folder.path(&place)) == before, "{name} is not as it was");
    }
    assert!(functions > 3_000 && files > 300, "{functions} functions in {files} files");
}
