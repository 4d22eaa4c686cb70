//! The public API of the packages, item by item with its signature, compared with the listings that are kept beside this: a change
//! of the API is seen in review as a change of a listing.
//!
//! Run by `.ci/api` in the folder of the workspace; `.ci/api --write` writes the listings anew.
//!
//! It also holds the two sides of the runtime against each other. Without the feature `enabled` a program must compile as with it,
//! so each name of the one is one of the other, but for those in `off-lacks.txt`.

use std::collections::BTreeSet;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs};

use public_api::PublicApi;

type Failure = Box<dyn Error>;

/// A listing: the name of its file, the package, and the features that are on.
const LISTINGS: [(&str, &str, &[&str]); 3] = [
    ("perf-runtime", "perf-runtime", &["--all-features"]),
    ("perf-runtime-off", "perf-runtime", OFF),
    ("perf-report", "perf-report", &["--all-features"]),
];

/// The side that does nothing.
const OFF: &[&str] = &["--no-default-features"];
/// The side that measures, without what is a feature of its own.
const ON: &[&str] = &["--no-default-features", "--features", "enabled"];

fn main() -> ExitCode {
    match check(env::args().nth(1).as_deref() == Some("--write")) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(changes) => {
            eprintln!(
                "{changes} changes of the public API; if they are meant, run `.ci/api --write` and commit the listings"
            );
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("the public API cannot be listed: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Compares everything, or writes it. Returns how many lines differ.
fn check(write: bool) -> Result<usize, Failure> {
    let mut changes = 0;
    let mut off = None;
    for (name, package, features) in LISTINGS {
        let api = list(package, features)?;
        changes += compare(name, &lines(&api), write)?;
        if features == OFF {
            off = Some(api);
        }
    }
    let on = names(&list("perf-runtime", ON)?);
    let off = off.as_ref().map(names).unwrap_or_default();
    let lacks: Vec<String> = on.difference(&off).cloned().collect();
    changes += compare("off-lacks", &lacks, write)?;
    Ok(changes)
}

/// The public API of a package, as rustdoc knows it.
fn list(package: &str, features: &[&str]) -> Result<PublicApi, Failure> {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from).join("api");
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["rustdoc", "--quiet", "--lib", "--package", package]).args(features);
    cargo.args(["--", "-Z", "unstable-options", "--output-format", "json", "--cap-lints", "allow"]);
    // The format is not stable; this allows it on a stable toolchain. It changes with the toolchain, and then `public-api` with it.
    let status = cargo.env("RUSTC_BOOTSTRAP", "1").env("CARGO_TARGET_DIR", &target).status()?;
    if !status.success() {
        return Err(format!("cargo rustdoc ended with {status}").into());
    }
    let json = target.join("doc").join(format!("{}.json", package.replace('-', "_")));
    let api = public_api::Builder::from_rustdoc_json(json);
    Ok(api.omit_blanket_impls(true).omit_auto_trait_impls(true).omit_auto_derived_impls(true).build()?)
}

fn lines(api: &PublicApi) -> Vec<String> {
    api.items().map(ToString::to_string).collect()
}

/// The paths of the items, without signatures, and without implementations of traits, which may be derived on one side.
fn names(api: &PublicApi) -> BTreeSet<String> {
    let of_traits = ["::drop(", "::fmt("];
    let items = lines(api).into_iter();
    let items = items.filter(|line| !line.starts_with("impl") && !of_traits.iter().any(|name| line.contains(name)));
    let name = |line: String| {
        let path = &line[line.find("perf_runtime")?..];
        let is_path = |letter: char| letter.is_alphanumeric() || "_:!".contains(letter);
        Some(path.split(|letter| !is_path(letter)).next()?.trim_end_matches(':').to_owned())
    };
    items.filter_map(name).collect()
}

/// Compares lines with a listing, or writes it. Returns how many differ.
fn compare(name: &str, now: &[String], write: bool) -> Result<usize, Failure> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("listings").join(format!("{name}.txt"));
    if write {
        let text: String = now.iter().map(|line| format!("{line}\n")).collect();
        fs::write(&file, text)?;
        return Ok(0);
    }
    let kept = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    let kept: Vec<&str> = kept.lines().collect();
    let mut changes = 0;
    let mut tell = |sign: char, line: &str| {
        println!("{name}: {sign} {line}");
        changes += 1;
    };
    kept.iter().filter(|line| !now.iter().any(|now| now == *line)).for_each(|line| tell('-', line));
    now.iter().filter(|line| !kept.contains(&line.as_str())).for_each(|line| tell('+', line));
    Ok(changes)
}
