//! Files for pipelines, which `check`, `diff`, `bench`, `history check` and `audit` write beside what people read: `--output FORMAT:FILE`.
//!
//! A command hands its result over as [`Findings`]: cases with a status each, and measures. `of_check` and `of_comparison` make
//! them, and `audit` its own; each format is a function from findings to text. [`beside`] runs a command, collects what it said on standard error,
//! and writes the files whatever the outcome was: a command that failed leaves files that say so, and none of an earlier run
//! that says that all is well.

mod bencher;
mod benchmark_action;
mod findings;
mod github;
mod gitlab;
mod junit;
pub(super) mod markdown;
mod of_check;
mod of_comparison;
mod place;
mod sarif;
mod spec;

use std::{fs, io, io::Write, path::Path};

pub(super) use findings::{Case, Findings, Measure, Status};
pub(super) use place::Place;
pub(super) use spec::{Format, Output, OutputArgs};

use super::{Outcome, Streams, repository::variable, runs};

/// Runs a command and writes the files that are asked for.
///
/// If one of them goes to standard output, the command's own text does not.
pub(super) fn beside(
    args: &OutputArgs,
    command: &'static str,
    streams: &mut Streams<'_>,
    run: impl FnOnce(&mut Streams<'_>, &mut Findings) -> io::Result<Outcome>,
) -> io::Result<Outcome> {
    let mut findings = Findings::of(command);
    if args.is_empty() {
        return run(streams, &mut findings);
    }
    if let Err(message) = args.refuse_clashes() {
        streams.error(message);
        return Ok(Outcome::Failed);
    }
    let mut said = Said { errors: &mut *streams.errors, text: Vec::new() };
    let mut unseen = io::sink();
    let output: &mut dyn Write = if args.takes_standard_output() { &mut unseen } else { &mut *streams.output };
    let outcome = run(
        &mut Streams { input: &mut *streams.input, output, errors: &mut said, style: streams.style },
        &mut findings,
    )?;
    findings.conclude(outcome, &String::from_utf8_lossy(&said.text));
    let mut written = outcome;
    for output in args.all() {
        written = written.max(deliver(output, &findings, streams)?);
    }
    Ok(written)
}

/// Standard error, and a copy of what was written there.
struct Said<'a> {
    errors: &'a mut dyn Write,
    text: Vec<u8>,
}

impl Write for Said<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.text.extend_from_slice(bytes);
        // Whether anybody reads standard error changes nothing in the files.
        self.errors.write_all(bytes).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.errors.flush()
    }
}

fn deliver(output: &Output, findings: &Findings, streams: &mut Streams<'_>) -> io::Result<Outcome> {
    let Some(file) = &output.file else { return on_github(findings, streams) };
    let text = text(output.format, findings);
    runs::deliver(runs::file_of(Some(file)), text.as_bytes(), streams)
}

/// The findings in a format: as the command itself has written them, or as all commands do.
fn text(format: Format, findings: &Findings) -> String {
    if let Some(text) = findings.written_as(format) {
        return text.to_owned();
    }
    match format {
        Format::Junit => junit::write(findings),
        Format::Sarif => sarif::write(findings),
        Format::Github => github::write(findings),
        Format::Gitlab => gitlab::write(findings),
        Format::Bencher => bencher::write(findings),
        Format::BenchmarkAction => benchmark_action::write(findings),
        Format::Markdown => markdown::write(findings),
    }
}

/// Annotations on standard error, which GitHub reads too, and the summary of the step. Outside of GitHub nothing.
fn on_github(findings: &Findings, streams: &mut Streams<'_>) -> io::Result<Outcome> {
    if variable("GITHUB_ACTIONS").as_deref() != Some("true") {
        return Ok(Outcome::Complete);
    }
    streams.errors.write_all(github::write(findings).as_bytes())?;
    let Some(summary) = variable("GITHUB_STEP_SUMMARY") else { return Ok(Outcome::Complete) };
    let append = || {
        let mut file = fs::OpenOptions::new().append(true).create(true).open(&summary)?;
        file.write_all(text(Format::Markdown, findings).as_bytes())
    };
    if let Err(error) = append() {
        streams.error(format_args!("{}: cannot be written: {error}", runs::shown(Path::new(&summary))));
        return Ok(Outcome::Failed);
    }
    Ok(Outcome::Complete)
}
