//! The text about what was done, and what was left alone and why.

use std::{fmt::Write as _, path::Path};

use super::{
    super::runs,
    counted,
    modules::LeftFile,
    plan::{PackagePlan, Plan},
};

/// The summary.
pub(super) fn text(plan: &Plan, dry_run: bool, verbose: bool) -> String {
    let mut text = String::new();
    for package in &plan.packages {
        of_package(package, dry_run, &mut text);
        if verbose {
            list(package, &plan.root, &mut text);
        }
    }
    let others = plan.left_files.iter().filter(|file| !file.is_error);
    if verbose {
        for file in others {
            let _ = writeln!(text, "{}", left_file(file, &plan.root));
        }
    } else if others.clone().count() > 0 {
        let count = others.count();
        let _ = writeln!(
            text,
            "{} left alone as a whole (build scripts, tests and the like); --verbose lists all",
            counted(count, "file")
        );
    }
    if let Some((all, found)) = plan.profiled {
        let _ = writeln!(text, "{found} of {} of the profile found in these sources", counted(all, "function"));
    }
    if plan.profiled.is_some() && plan.packages.iter().map(|package| package.annotated).sum::<usize>() == 1 {
        text += "nearly nothing is left: all but one function are too short to be timed; sampled stacks (PERF_STACKS=997/s) show them\n";
    }
    if !dry_run && plan.packages.iter().any(|package| package.annotated > 0) {
        text += "next: PERF_REPORT=table cargo run --release; `annotate --remove` takes everything out again\n";
    }
    text
}

fn of_package(package: &PackagePlan, dry_run: bool, text: &mut String) {
    let left: usize = package.left.values().map(Vec::len).sum();
    let all = package.annotated + left;
    let _ = write!(
        text,
        "{} {}: {} of {} {}annotated, in {}",
        package.name,
        package.version,
        package.annotated,
        counted(all, "function"),
        if dry_run { "would be " } else { "" },
        counted(package.files, "file"),
    );
    if package.before > 0 {
        let _ = write!(text, "; {} before", package.before);
    }
    text.push('\n');
    for (reason, functions) in &package.left {
        let _ = writeln!(text, "  {:>6}  {reason}", functions.len());
    }
    if package.filtered > 0 {
        let _ = writeln!(text, "  {:>6}  as they were: the filter does not match", package.filtered);
    }
    if !package.resources.is_empty() {
        let verb = if dry_run { "would become" } else { "became" };
        let _ = writeln!(text, "  {:>6}  lazy statics {verb} resources", package.resources.len());
    }
    for (one, reason) in &package.not_resources {
        let path = runs::shown(&one.file);
        let _ = writeln!(text, "  {path}:{}: {} stays as it is: {reason}", one.line, one.name.escape_debug());
    }
    if let Some(value) = &package.dependency {
        let _ = writeln!(text, "  Cargo.toml: perf-runtime = {value}");
    }
    if package.optional && package.annotated > 0 {
        text.push_str("  perf-runtime is an optional dependency: switch on the feature that enables it, or the attributes are not found\n");
    }
}

/// Every function that was left alone.
fn list(package: &PackagePlan, root: &Path, text: &mut String) {
    for (reason, functions) in &package.left {
        for (name, path, line) in functions {
            let path = runs::shown(path.strip_prefix(root).unwrap_or(path));
            let _ = writeln!(text, "  {path}:{line}: {}: {reason}", name.escape_debug());
        }
    }
}

/// A file that is left alone as a whole.
pub(super) fn left_file(file: &LeftFile, root: &Path) -> String {
    let path = runs::shown(file.path.strip_prefix(root).unwrap_or(&file.path));
    match file.line {
        Some((line, column)) => format!("{path}:{line}:{column}: {}", file.reason),
        None => format!("{path}: {}", file.reason),
    }
}
