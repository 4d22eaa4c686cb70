//! `annotate`: writes `#[profile]` before the functions of a package, and takes it out again.
//!
//! `packages` asks cargo which targets there are; `modules` follows their `mod` declarations from file to file, and `source`
//! finds the functions of a file, by their `attributes` and their `signature`. `select` decides which of them get the attribute: by an estimate (`cost` of a body, `estimates` with
//! what it calls, what is `known` of the standard library, and the `devices` that are slow to write to), or by a profile (`measured`); `left` has the reasons of the others. `lazy` and `once` turn statics into
//! `resources`, where their `uses` and the `locals` around them allow it. `edit` and `manifest` make the
//! new texts by insertions alone, and `changes` shows or writes them. `remove` needs none of this: it finds the attributes by
//! their spelling (`mark`) in any text that is Rust as far as comments and literals go (`code`).

mod attributes;
mod changes;
mod code;
mod cost;
mod devices;
mod edit;
mod estimates;
mod known;
mod lazy;
mod left;
mod locals;
mod manifest;
mod mark;
mod measured;
mod modules;
mod once;
mod packages;
mod plan;
mod remove;
mod resources;
mod select;
mod signature;
mod source;
mod summary;
mod uses;

use std::{
    borrow::Cow,
    fmt::Write as _,
    io,
    path::{Path, PathBuf},
};

use clap::ValueEnum;

use self::{changes::Change, measured::Measured, plan::Plan, select::Selection};
use super::{Outcome, Streams, pattern::Pattern, runs};

/// Arguments of `annotate`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Attributes and the dependency are written so that --remove finds them, and nothing that you wrote, also after \
                        edits and formatting. --dry-run writes a diff and changes nothing.

Exit status: 0 done; 1 some files could not be read or parsed and are as they were; 2 nothing was written."
)]
pub(super) struct AnnotateArgs {
    /// Packages, folders or source files; without them, the package or workspace of this folder
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Annotate the package or workspace of this Cargo.toml
    #[arg(long, value_name = "FILE", conflicts_with = "paths")]
    manifest_path: Option<PathBuf>,
    /// Which functions: those worth it, all, or public ones
    #[arg(long, value_enum, default_value_t = Selection::Auto, conflicts_with = "remove")]
    select: Selection,
    /// Only functions whose whole path matches, such as 'app::store::*'; others stay as they are
    #[arg(long, value_name = "GLOB", conflicts_with = "remove")]
    filter: Option<Pattern>,
    /// How calls are timed: adaptive counts every call and times a sample of the short ones
    #[arg(long, value_enum, default_value_t = TimingMode::Exact, conflicts_with = "remove")]
    timing: TimingMode,
    /// Decide by what was measured: leave out functions too small, add callees of hot ones; may be repeated
    #[arg(long, value_name = "FILE", conflicts_with = "remove")]
    profile: Vec<PathBuf>,
    /// How Cargo.toml depends on perf-runtime, as in '{ path = "../perf-runtime" }'
    #[arg(long, value_name = "TOML", value_parser = dependency, conflicts_with = "remove")]
    dependency: Option<String>,
    /// Also turn LazyLock, OnceLock, once_cell and lazy_static! statics into #[lazy_resource] where their uses allow it
    #[arg(long, conflicts_with = "remove")]
    lazy: bool,
    /// Show the changes as a diff and write nothing
    #[arg(long)]
    dry_run: bool,
    /// List every function that is left alone, and why
    #[arg(long, short, conflicts_with = "remove")]
    verbose: bool,
    /// Take out what annotate has written
    #[arg(long)]
    remove: bool,
}

/// The timing that attributes ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum TimingMode {
    /// Every call
    Exact,
    /// A sample of short calls; every call is counted
    Adaptive,
}

fn dependency(text: &str) -> Result<String, String> {
    match manifest::is_dependency(text) {
        true => Ok(text.to_owned()),
        false => Err("write a version in quotes, '\"0.1\"', or a table, '{ path = \"../perf-runtime\" }'".into()),
    }
}

pub(super) fn run(args: &AnnotateArgs, streams: &mut Streams<'_>) -> io::Result<Outcome> {
    if args.remove {
        return remove::run(args, streams);
    }
    let mut measured = Measured::default();
    for file in &args.profile {
        let Some(files) = runs::files(file, streams) else { return Ok(Outcome::Failed) };
        for file in files {
            let (Some(snapshot), _) = runs::load(&file, streams) else { return Ok(Outcome::Failed) };
            measured.add(&snapshot);
        }
    }
    let plan = match Plan::of(args, (!args.profile.is_empty()).then_some(&measured)) {
        Ok(plan) => plan,
        Err(message) => {
            streams.error(message);
            return Ok(Outcome::Failed);
        }
    };
    let delivered = deliver(&plan.changes, &plan.root, args.dry_run, streams)?;
    if delivered != Outcome::Complete {
        return Ok(delivered);
    }
    let text = summary::text(&plan, args.dry_run, args.verbose);
    say(args, streams, text.trim_end())?;
    for file in plan.left_files.iter().filter(|file| file.is_error) {
        streams.warning(summary::left_file(file, &plan.root));
    }
    let complete = !plan.left_files.iter().any(|file| file.is_error);
    Ok(if complete { Outcome::Complete } else { Outcome::Partial })
}

/// Shows or writes the changes. Obstacles to writing go to standard error.
fn deliver(changes: &[Change], root: &Path, dry_run: bool, streams: &mut Streams<'_>) -> io::Result<Outcome> {
    if dry_run {
        changes::write_diff(changes, root, streams.output)?;
        return Ok(Outcome::Complete);
    }
    match changes::write(changes) {
        Ok(()) => Ok(Outcome::Complete),
        Err(messages) => {
            messages.iter().for_each(|message| streams.error(message));
            Ok(Outcome::Failed)
        }
    }
}

/// Writes the summary: to standard output, or beside a diff, which other programs read, to standard error.
fn say(args: &AnnotateArgs, streams: &mut Streams<'_>, text: &str) -> io::Result<()> {
    match args.dry_run {
        true => writeln!(streams.errors, "{text}"),
        false => writeln!(streams.output, "{text}"),
    }
}

/// A text without the attributes and comments that annotating writes; as it is where one of them is lost.
pub(super) fn without_marks(text: &str) -> Cow<'_, str> {
    mark::removed(text).ok().flatten().map_or(Cow::Borrowed(text), |(text, _)| Cow::Owned(text))
}

/// A number with its noun.
fn counted(number: usize, noun: &str) -> String {
    let mut text = format!("{number} {noun}");
    if number != 1 {
        let _ = text.write_char('s');
    }
    text
}

/// The folder that paths have in common.
fn common_root(paths: &[PathBuf]) -> PathBuf {
    let whole: Vec<PathBuf> = paths.iter().filter_map(|path| path.canonicalize().ok()).collect();
    let Some(first) = whole.first() else { return PathBuf::from("/") };
    let folder = first.ancestors().find(|folder| folder.is_dir() && whole.iter().all(|path| path.starts_with(folder)));
    folder.unwrap_or(Path::new("/")).to_owned()
}
