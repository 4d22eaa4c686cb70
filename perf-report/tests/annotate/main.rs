//! `annotate`: which functions get the attribute, what is left alone and why, and that all of it goes again, byte for byte.
#![cfg(all(feature = "command", unix))]
#![allow(clippy::unwrap_used, reason = "a helper's failure is the test's")]

mod crates;
mod faults;
mod lazy;
mod lazy_places;
#[path = "../programs/mod.rs"]
mod programs;
mod removal;
mod selection;
mod trouble;

use std::{collections::BTreeMap, fs, path::Path};

use perf_report::command::Outcome;
use programs::Folder;

/// A package in the folder, with these sources.
fn package(folder: &Folder, name: &str, sources: &[(&str, &str)]) {
    let manifest = format!("[package]\nname = \"{name}\"\nversion = \"1.2.3\"\nedition = \"2021\"\n\n[dependencies]\n");
    folder.put(&format!("{name}/Cargo.toml"), manifest);
    for (path, text) in sources {
        folder.put(&format!("{name}/{path}"), text);
    }
}

/// All files below a folder with their bytes, but for what cargo writes.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let (mut found, mut open) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.is_file() && path.file_name().is_some_and(|name| name != "Cargo.lock") {
            found.insert(path.strip_prefix(folder).unwrap().display().to_string(), fs::read(&path).unwrap());
        }
    }
    found
}

fn text(folder: &Folder, name: &str) -> String {
    fs::read_to_string(folder.path(name)).unwrap()
}

/// Runs the command, which has to succeed.
fn annotated(folder: &Folder, line: &str) -> String {
    let (outcome, output, errors) = folder.run(&format!("annotate {line}"));
    assert_eq!((outcome, errors.as_str()), (Outcome::Complete, ""), "{line}: {output}");
    output
}

/// Annotates a package, and requires of all sources that they parse afterwards, that another run changes nothing, and that
/// `--remove` brings the bytes back. They are annotated at the end.
fn annotated_and_back(folder: &Folder, package: &str, options: &str) -> String {
    let before = contents(&folder.path(package));
    let output = annotated(folder, &format!("@{package} {options}"));
    let after = contents(&folder.path(package));
    for (name, bytes) in after.iter().filter(|(name, _)| name.ends_with(".rs")) {
        let text = String::from_utf8_lossy(bytes);
        syn::parse_file(&text).unwrap_or_else(|error| panic!("{name}: {error}: {text}"));
    }
    annotated(folder, &format!("@{package} {options}"));
    assert!(contents(&folder.path(package)) == after, "another run changes nothing");
    annotated(folder, &format!("@{package} --remove"));
    assert!(contents(&folder.path(package)) == before, "the sources are as they were");
    for (name, bytes) in after {
        folder.put(&format!("{package}/{name}"), bytes);
    }
    output
}

/// The names of the functions that have the attribute, in the order of the text. Comments and strings in it have none.
fn names(text: &str) -> Vec<String> {
    let marked = text.lines().filter_map(|line| line.split_once("#[::perf_runtime::profile"));
    let name = |(_, rest): (&str, &str)| {
        let (_, name) = rest.split_once("fn ").unwrap();
        name.split(|letter: char| letter != '_' && !letter.is_alphanumeric()).next().unwrap().to_owned()
    };
    marked.filter(|(before, _)| !before.contains(['/', '"'])).map(name).collect()
}
