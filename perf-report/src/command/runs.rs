//! Snapshots and recordings given as files and directories, read one after the other.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{Streams, input};
use crate::Snapshot;

/// Name of a file, as messages show it.
pub(super) fn shown(path: &Path) -> String {
    path.display().to_string().escape_debug().to_string()
}

/// Reads a file. Its damages are said; if it cannot be read at all, that is said and there is nothing.
/// The second value is whether it was sound.
pub(super) fn load(path: &Path, streams: &mut Streams<'_>) -> io::Result<(Option<Snapshot>, bool)> {
    let name = shown(path);
    match input::load(path, streams.input) {
        Ok(reading) => {
            for damage in &reading.damages {
                writeln!(streams.errors, "perf-report: {name}: damaged: {damage}")?;
            }
            if reading.further_damages > 0 {
                writeln!(streams.errors, "perf-report: {name}: and {} more damages", reading.further_damages)?;
            }
            let sound = reading.is_sound();
            Ok((Some(reading.snapshot), sound))
        }
        Err(error) => {
            writeln!(streams.errors, "perf-report: {name}: {error}")?;
            Ok((None, false))
        }
    }
}

/// The file itself, or the snapshots (`.json`) and recordings (`.perfrec`) that stand in a directory, by name.
pub(super) fn files(path: &Path) -> Result<Vec<PathBuf>, String> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let name = shown(path);
    let entries = fs::read_dir(path).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
    let mut files: Vec<PathBuf> = entries.map_err(|error| format!("{name}: cannot be read: {error}"))?;
    files.retain(|file| {
        let extension = file.extension().and_then(|extension| extension.to_str());
        matches!(extension, Some("json" | "perfrec")) && !file.is_dir()
    });
    files.sort();
    if files.is_empty() {
        return Err(format!("{name}: has no runs in it; they are files ending in .json or .perfrec"));
    }
    Ok(files)
}

/// Writes a file beside its name and moves it there, so that nobody meets half of it.
pub(super) fn write(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(format!(".{}.tmp", std::process::id()));
    let temporary = PathBuf::from(temporary);
    fs::write(&temporary, text).and_then(|()| fs::rename(&temporary, path)).inspect_err(|_| {
        let _ = fs::remove_file(&temporary);
    })
}
