//! `audit`: what compilers find in the sources, joined to what was measured there, the most worthwhile first.
//!
//! `workspace` asks cargo for the packages, `clippy` runs `cargo clippy` with the lints of `lints` and reads its messages. `source` reads
//! the files of the checked crates for the checks of our own (`checks`). `join` finds the functions of a snapshot among their items, and `profile`
//! says what is at stake at a finding; where code is not annotated, `callers` says who calls it,
//! and `waits` for which locks, queries and files it waited. `startup` looks at the first second of
//! the process. `report` puts all that in order, `fingerprint` knows the findings of earlier audits again, `render` has a file per format; `pipeline`
//! hands it over to the formats that all verdicts have.

mod args;
mod callers;
mod checks;
mod clippy;
mod finding;
mod fingerprint;
mod join;
mod lints;
mod pipeline;
mod profile;
mod render;
mod report;
mod source;
mod startup;
mod waits;
mod workspace;

use std::{io, path::PathBuf};

pub(super) use args::AuditArgs;
use fingerprint::Baseline;
use profile::Profile;
use report::Report;
use source::SourceFile;
use workspace::Workspace;

use super::{
    Outcome, Streams, merge,
    outputs::{self, Findings},
    runs,
};
use crate::Snapshot;

pub(super) fn run(args: &AuditArgs, streams: &mut Streams<'_>) -> io::Result<Outcome> {
    if let Err(message) = args.refuse_clashes() {
        streams.error(message);
        return Ok(Outcome::Failed);
    }
    let mut failing = 0;
    let outcome = outputs::beside(&args.for_pipelines(), "audit", streams, |streams, findings| {
        print(args, streams, findings, &mut failing)
    })?;
    // For people: the files for pipelines mark each of these findings.
    if failing > 0 {
        let wanted = if failing == 1 { "finding fails" } else { "findings fail" };
        streams
            .error(format_args!("{failing} {wanted} the audit; correct or allow them, or accept them by --baseline"));
    }
    Ok(outcome)
}

/// Audits, and writes what people read. `failing` becomes the number of findings that `--fail-on` names.
fn print(
    args: &AuditArgs,
    streams: &mut Streams<'_>,
    findings: &mut Findings,
    failing: &mut usize,
) -> io::Result<Outcome> {
    match audit(args, streams) {
        Ok((report, files, sound)) => {
            *failing = report.failing(&args.fail_on);
            pipeline::add(findings, &report, args);
            let text = render::render(&report, &files, args, streams);
            let delivered = runs::deliver(runs::file_of(args.file()), text.as_bytes(), streams)?;
            let judged = if *failing > 0 { Outcome::Found } else { Outcome::Complete };
            Ok(delivered.max(judged).max(if sound { Outcome::Complete } else { Outcome::Partial }))
        }
        Err(message) => {
            if !message.is_empty() {
                streams.error(message);
            }
            Ok(Outcome::Failed)
        }
    }
}

/// Everything that was found, the sources, and whether the profile was sound. An empty error was told already.
fn audit(args: &AuditArgs, streams: &mut Streams<'_>) -> Result<(Report, Vec<SourceFile>, bool), String> {
    if args.profile.is_none() && args.fail_on.iter().any(args::FailOn::needs_profile) {
        return Err("--fail-on with a duration or a share needs --profile, which tells what is at stake".to_owned());
    }
    // An error in a file's name or rights should not be found after minutes of compiling.
    let baseline = match &args.baseline {
        Some(path) => Some(Baseline::read(path).map_err(|error| format!("{}: {error}", runs::shown(path)))?),
        None => None,
    };
    let (snapshot, sound) = match &args.profile {
        Some(path) => {
            let sum = merge::sum(std::slice::from_ref(path), streams).ok_or_else(String::new)?;
            (Some(simplified(sum.snapshot)), sum.complete)
        }
        None => (None, true),
    };
    let cargo = std::env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from);
    let workspace = Workspace::find(&cargo, args.manifest_path.as_deref())?;
    let checked = clippy::run(&cargo, &workspace, &args.cargo)?;
    let (files, problems) = source::files_of(&workspace, &checked.crates);
    let root = workspace.root.to_string_lossy().replace('\\', "/");
    let profile = snapshot.map(|snapshot| Profile::join(snapshot, &root, &files));
    let context = checks::Context {
        files: &files,
        profile: profile.as_ref().filter(|profile| !profile.is_foreign()),
        max_lines: args.max_lines,
    };
    let findings = checks::beside(checked.findings, checks::run(&context));
    let mut report = Report::new(findings, &files, context.profile);
    report.say(problems);
    report.say_of_profile(profile.as_ref());
    if let Some(baseline) = &baseline {
        report.accept(baseline);
    }
    report.startup = profile.as_ref().and_then(|profile| startup::Startup::of(&profile.snapshot));
    report.snapshot = profile.map(|profile| profile.snapshot);
    Ok((report, files, sound))
}

/// A sum of one process as the snapshot of that process, whose first second can be looked at.
fn simplified(mut snapshot: Snapshot) -> Snapshot {
    if let [source] = &snapshot.sources[..] {
        snapshot.process = source.process.clone();
        snapshot.sources.clear();
    }
    snapshot
}
