//! `merge`: many files to one snapshot.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::{Outcome, Streams, runs};
use crate::Merge;

/// Arguments of `merge`.
#[derive(Debug, clap::Args)]
pub struct MergeArgs {
    /// Snapshots, recordings, and directories of them. LABEL=FILE keeps the label (a host, say) instead of the path
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Where the sum goes; standard output if not given
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

pub(super) fn run(args: &MergeArgs, streams: &mut Streams<'_>) -> io::Result<Outcome> {
    let mut merge = Merge::new();
    let mut complete = true;
    for argument in &args.files {
        let (label, path) = split_label(argument);
        let files = match runs::files(path) {
            Ok(files) => files,
            Err(message) => {
                writeln!(streams.errors, "perf-report: {message}")?;
                complete = false;
                continue;
            }
        };
        for file in files {
            let label = match label {
                Some(label) if path.is_dir() => {
                    format!("{label}/{}", Path::new(file.file_name().unwrap_or_default()).display())
                }
                Some(label) => label.to_owned(),
                None => file.display().to_string(),
            };
            let (snapshot, sound) = runs::load(&file, streams)?;
            complete &= sound;
            if let Some(snapshot) = snapshot {
                merge.add(label, snapshot);
            }
        }
    }
    if merge.processes() == 0 {
        return Ok(Outcome::Failed);
    }
    let text = merge.finish().to_json() + "\n";
    match &args.output {
        None => streams.output.write_all(text.as_bytes())?,
        Some(path) => {
            if let Err(error) = runs::write(path, text.as_bytes()) {
                writeln!(streams.errors, "perf-report: {}: cannot be written: {error}", runs::shown(path))?;
                return Ok(Outcome::Failed);
            }
        }
    }
    Ok(if complete { Outcome::Complete } else { Outcome::Partial })
}

/// `LABEL=FILE`, unless there is a file of that whole name.
fn split_label(argument: &Path) -> (Option<&str>, &Path) {
    let split = argument.to_str().and_then(|text| text.split_once('=')).filter(|_| !argument.exists());
    match split {
        Some((label, path)) if !label.is_empty() => (Some(label), Path::new(path)),
        _ => (None, argument),
    }
}
