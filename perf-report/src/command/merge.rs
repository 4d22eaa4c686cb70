//! `merge`: many files, one snapshot.

use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
};

use super::{
    Outcome, Streams,
    identity::{self, ProcessId, process_ids},
    runs,
};
use crate::{Merge, Snapshot};

/// Arguments of `merge`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "A process counts once: of a recording and a snapshot of the same process, the recording counts.

Exit status: 0 every process was added; 1 some files were damaged or could not be read; 2 there is no sum."
)]
pub(super) struct MergeArgs {
    /// Snapshots, recordings, or directories of them; LABEL=FILE stores LABEL (a host, say) instead of the path
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Write the sum to this file instead of standard output; `-` is standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) fn run(args: &MergeArgs, streams: &mut Streams<'_>) -> io::Result<Outcome> {
    let Some(Sum { snapshot, complete, .. }) = sum(&args.files, streams) else { return Ok(Outcome::Failed) };
    let text = snapshot.to_json() + "\n";
    let delivered = runs::deliver(runs::file_of(args.output.as_ref()), text.as_bytes(), streams)?;
    Ok(delivered.max(if complete { Outcome::Complete } else { Outcome::Partial }))
}

/// Processes added up.
pub(super) struct Sum {
    pub(super) snapshot: Snapshot,
    /// Whether every process was added, and whole.
    pub(super) complete: bool,
    /// The labels of those whose stacks were not sampled.
    pub(super) without_stacks: Vec<String>,
}

/// The sum of the processes that the arguments name. Whatever is wrong goes to standard error; `None` if there is no sum.
pub(super) fn sum(arguments: &[PathBuf], streams: &mut Streams<'_>) -> Option<Sum> {
    let (inputs, mut complete) = inputs(arguments, streams);
    let files: Vec<PathBuf> = inputs.iter().map(|input| input.file.clone()).collect();
    let mut sum = GrowingSum::default();
    for (place, counting) in identity::counting(&files).into_iter().enumerate() {
        let input = &inputs[place];
        if counting != place {
            runs::left_out(&runs::shown(&input.file), &runs::shown(&files[counting]), streams);
            continue;
        }
        let (snapshot, sound) = runs::load(&input.file, streams);
        complete &= sound;
        if let Some(snapshot) = snapshot
            && !sum.add(&input.label, snapshot, streams)
        {
            return None;
        }
    }
    let GrowingSum { merge, without_stacks, .. } = sum;
    (merge.processes() > 0).then(|| Sum { snapshot: merge.finish(), complete, without_stacks })
}

/// A file, and the label that its process gets in the sum.
struct Input {
    label: String,
    file: PathBuf,
}

/// The files that the arguments name, and whether there was something behind each argument.
fn inputs(arguments: &[PathBuf], streams: &mut Streams<'_>) -> (Vec<Input>, bool) {
    let (mut inputs, mut complete) = (Vec::new(), true);
    for argument in arguments {
        let (label, path) = split_label(argument);
        let Some(files) = runs::files(path, streams) else {
            complete = false;
            continue;
        };
        for file in files {
            let label = match label {
                Some(label) if path.is_dir() => {
                    format!("{label}/{}", Path::new(file.file_name().unwrap_or_default()).display())
                }
                Some(label) => label.to_owned(),
                None => file.display().to_string(),
            };
            inputs.push(Input { label, file });
        }
    }
    (inputs, complete)
}

/// A sum, and the label under which each process was added.
#[derive(Default)]
struct GrowingSum {
    merge: Merge,
    labels: HashMap<ProcessId, String>,
    without_stacks: Vec<String>,
}

impl GrowingSum {
    /// Adds a snapshot, unless its process was added before. Whether the sum is still right.
    fn add(&mut self, label: &str, snapshot: Snapshot, streams: &mut Streams<'_>) -> bool {
        let ids = process_ids(&snapshot);
        let known = ids.iter().filter(|id| self.labels.contains_key(id)).count();
        if let Some(before) = ids.iter().find_map(|id| self.labels.get(id)) {
            let (label, before) = (label.escape_debug().to_string(), before.escape_debug().to_string());
            if known < ids.len() {
                streams.error(format_args!(
                    "{label} and {before} have {known} of {} processes in common, and a sum cannot be taken apart; merge the \
                     files of the single processes",
                    ids.len()
                ));
                return false;
            }
            runs::left_out(&label, &before, streams);
            return true;
        }
        self.labels.extend(ids.into_iter().map(|id| (id, label.to_owned())));
        if snapshot.stacks.is_none() {
            self.without_stacks.push(label.to_owned());
        }
        self.merge.add(label, snapshot);
        true
    }
}

/// Splits `LABEL=FILE`, unless there is a file of that whole name.
fn split_label(argument: &Path) -> (Option<&str>, &Path) {
    let split = argument.to_str().and_then(|text| text.split_once('=')).filter(|_| !argument.exists());
    match split {
        Some((label, path)) if !label.is_empty() => (Some(label), Path::new(path)),
        _ => (None, argument),
    }
}
