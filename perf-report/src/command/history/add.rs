//! `history add`: runs of a commit, or another history.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::store::Store;
use crate::{
    Metadata, Snapshot, State,
    command::{
        Outcome, Streams,
        bench::RunCounts,
        repository::{self, variable},
        runs,
    },
    view::text::plural,
};

/// Arguments of `history add`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo perf-report bench -n 20 --save now -- ./app input.txt
  cargo perf-report history add .perf/history .perf/baselines/now
  cargo perf-report history add .perf/history downloaded/history

The commit and its time come from the repository of the current folder, unless the snapshots or the options say otherwise. \
                        A run counts once, however often it is added. The snapshots of the newest 50 commits stay whole; of older \
                        ones the metrics stay.

Exit status: 0 the history has all of it; 2 nothing was added, and standard error says why.")]
pub(super) struct AddArgs {
    /// Folder of the history; a new one is made
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Snapshots, recordings or directories of them, all of one commit; or folders of other histories
    #[arg(required = true, value_name = "RUN")]
    runs: Vec<PathBuf>,
    /// The commit, in full
    #[arg(long, value_name = "HASH", value_parser = commit)]
    commit: Option<String>,
    /// When the commit was made, in seconds since 1970
    #[arg(long, value_name = "SECONDS")]
    time: Option<u64>,
    /// The branch
    #[arg(long, value_name = "NAME")]
    branch: Option<String>,
    /// Also add runs of files that differ from the commit
    #[arg(long)]
    allow_dirty: bool,
}

fn commit(text: &str) -> Result<String, String> {
    repository::hash(text)
        .ok_or_else(|| "write all 40 digits of the commit, as `git rev-parse HEAD` prints them".into())
}

pub(super) fn run(args: &AddArgs, streams: &mut Streams<'_>) -> io::Result<Outcome> {
    match add(args, streams) {
        Ok(Some(text)) => {
            writeln!(streams.output, "{text}")?;
            Ok(Outcome::Complete)
        }
        Ok(None) => Ok(Outcome::Failed),
        Err(message) => {
            streams.error(message);
            Ok(Outcome::Failed)
        }
    }
}

/// Adds everything, or nothing of it if something is wrong. `None` if that has been said.
fn add(args: &AddArgs, streams: &mut Streams<'_>) -> Result<Option<String>, String> {
    let (histories, paths): (Vec<&PathBuf>, Vec<&PathBuf>) = args.runs.iter().partition(|path| Store::is_history(path));
    let others: Vec<Store> =
        histories.iter().map(|path| Store::open(path)).collect::<Result<_, _>>().map_err(|error| error.to_string())?;
    let mut loaded = Vec::new();
    for path in paths {
        let Some(files) = runs::files(path, streams) else { return Ok(None) };
        for file in files {
            match runs::load(&file, streams) {
                (Some(snapshot), true) => loaded.push((file, snapshot)),
                (Some(_), false) => {
                    return Err(format!("{}: a damaged recording is not added to a history", runs::shown(&file)));
                }
                (None, _) => return Ok(None),
            }
        }
    }
    let facts = repository::facts(Path::new("."), &variable);
    let mut known = Vec::new();
    for (file, snapshot) in loaded {
        known.push((described(args, &facts, &file, snapshot)?, file));
    }
    let first = known.first().map(|(run, _)| &run.snapshot.process.program);
    let program = first.or_else(|| others.first().map(|other| &other.program)).cloned().unwrap_or_default();
    let store = Store::open_or_begin(&args.folder, &program).map_err(|error| error.to_string())?;
    for (run, file) in &known {
        store.check_program(file, &run.snapshot.process.program).map_err(|error| error.to_string())?;
    }
    for other in &others {
        // Reading it whole finds what is broken before anything is taken over.
        other.read().and_then(|_| store.check_other(other)).map_err(|error| error.to_string())?;
    }
    let mut added = 0;
    for (run, file) in &known {
        match store.add(&run.snapshot, &run.counts, &run.commit, run.time) {
            Ok(true) => added += 1,
            Ok(false) => streams.warning(format_args!("{}: left out, because the history has it", runs::shown(file))),
            Err(error) => return Err(error.to_string()),
        }
    }
    for other in &others {
        added += store.merge(other).map_err(|error| error.to_string())?;
    }
    store.thin().map_err(|error| error.to_string())?;
    let commits = store.read().map_err(|error| error.to_string())?.len();
    Ok(Some(format!(
        "{added} {} added; the history has {commits} {}",
        plural(added as u64, "run", "runs"),
        plural(commits as u64, "commit", "commits")
    )))
}

/// A run, and the commit that it is of.
struct Described {
    snapshot: Snapshot,
    counts: RunCounts,
    commit: String,
    time: u64,
}

fn described(args: &AddArgs, facts: &Metadata, file: &Path, mut snapshot: Snapshot) -> Result<Described, String> {
    let name = runs::shown(file);
    if snapshot.process.state != State::Closed {
        return Err(format!("{name}: the program did not end in order, so its figures are not those of a whole run"));
    }
    let metadata = &mut snapshot.metadata;
    let commit = args.commit.as_ref().or(metadata.commit.as_ref()).or(facts.commit.as_ref());
    let commit = commit
        .cloned()
        .ok_or_else(|| format!("{name}: the commit is not known; run this in the repository, or give --commit"))?;
    if let Some(own) = metadata.commit.as_ref().filter(|own| **own != commit) {
        return Err(format!("{name}: the snapshot is of commit {own}, not of {commit}; correct or remove --commit"));
    }
    if facts.commit.as_ref() == Some(&commit) {
        repository::add(metadata, facts);
    }
    metadata.commit = Some(commit.clone());
    metadata.branch = args.branch.clone().or_else(|| metadata.branch.take());
    if metadata.dirty == Some(true) && !args.allow_dirty {
        return Err(format!(
            "{name}: files differed from commit {commit}, so the figures are not the commit's; commit them, or add --allow-dirty"
        ));
    }
    let time = args.time.or_else(|| repository::commit_time(Path::new("."), &commit)).ok_or_else(|| {
        format!(
            "{name}: `git` cannot tell when commit {commit} was made; fetch the commit (is this a shallow clone?), or give its \
             time with --time"
        )
    })?;
    let counts = RunCounts::beside(file)?;
    Ok(Described { snapshot, counts, commit, time })
}
