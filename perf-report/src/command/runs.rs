//! Snapshots and recordings given as files and directories, read one after the other.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use super::{Outcome, Streams, history, identity, input};
use crate::{Snapshot, device};

/// The name of a file, as messages show it.
pub(super) fn shown(path: &Path) -> String {
    path.display().to_string().escape_debug().to_string()
}

/// Reads a file. Damages, or the reason why nothing can be read, go to standard error.
///
/// The second value is whether the file was sound.
pub(super) fn load(path: &Path, streams: &mut Streams<'_>) -> (Option<Snapshot>, bool) {
    let name = shown(path);
    match input::load(path, streams.input) {
        Ok(reading) => {
            for damage in &reading.damages {
                streams.warning(format_args!("{name}: damaged: {damage}"));
            }
            if reading.further_damages > 0 {
                streams.warning(format_args!("{name}: {} more places are damaged", reading.further_damages));
            }
            let sound = reading.is_sound();
            (Some(reading.snapshot), sound)
        }
        Err(error) => {
            streams.error(format_args!("{name}: {error}"));
            (None, false)
        }
    }
}

/// The file itself; of a directory its snapshots (`.json`) and recordings (`.perfrec`) by name, one per process.
///
/// The files left out of a directory, or the reason why there are none (`None`), go to standard error.
pub(super) fn files(path: &Path, streams: &mut Streams<'_>) -> Option<Vec<PathBuf>> {
    if !path.is_dir() {
        return Some(vec![path.to_owned()]);
    }
    let name = shown(path);
    let entries = fs::read_dir(path).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
    let mut files: Vec<PathBuf> = match entries {
        Ok(files) => files,
        Err(error) => {
            streams.error(format_args!("{name}: cannot be read: {error}"));
            return None;
        }
    };
    files.retain(|file| {
        let extension = file.extension().and_then(|extension| extension.to_str());
        matches!(extension, Some("json" | "perfrec")) && !file.is_dir()
    });
    files.sort();
    if files.is_empty() && history::has_only_sums(path) {
        streams.error(format_args!(
            "{name}: the history keeps whole snapshots of its newest {} commits alone; of this one it has the metrics, which `history show` \
             shows",
            history::WHOLE
        ));
        return None;
    }
    if files.is_empty() {
        streams.error(format_args!("{name}: this directory has no file that ends in .json or .perfrec"));
        return None;
    }
    let counting = identity::counting(&files);
    let mut kept = Vec::new();
    for (place, file) in files.iter().enumerate() {
        match counting[place] {
            counting if counting == place => kept.push(file.clone()),
            counting => left_out(&shown(file), &shown(&files[counting]), streams),
        }
    }
    Some(kept)
}

/// Warns that a file does not count.
pub(super) fn left_out(file: &str, counting: &str, streams: &mut Streams<'_>) {
    streams.warning(format_args!("{file}: left out, because {counting} is about the same process"));
}

/// Writes a file under a name that is not in use and moves it to its own, so that nobody ever reads half of it. A terminal or a
/// pipe is written to directly, and so is what is open under a name of the system's.
pub(super) fn write(path: &Path, text: &[u8]) -> io::Result<()> {
    if let Some(open) = device::open(path) {
        return open?.write_all(text);
    }
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        return fs::OpenOptions::new().write(true).open(path)?.write_all(text);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    set_usual_permissions(&mut builder, 0o666);
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(text)?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

/// The file that an output goes to; `None` if that is standard output, as without a name and for `-`.
pub(super) fn file_of(output: Option<&PathBuf>) -> Option<&Path> {
    output.map(PathBuf::as_path).filter(|path| *path != Path::new("-"))
}

/// Writes an output to its file, or else to standard output. If a file cannot be written, it says so.
pub(super) fn deliver(file: Option<&Path>, bytes: &[u8], streams: &mut Streams<'_>) -> io::Result<Outcome> {
    let Some(path) = file else { return streams.output.write_all(bytes).map(|()| Outcome::Complete) };
    if let Err(error) = write(path, bytes) {
        streams.error(format_args!("{}: cannot be written: {error}", shown(path)));
        return Ok(Outcome::Failed);
    }
    Ok(Outcome::Complete)
}

/// Gives a temporary file the permissions of any new file, `mode` without the umask, because it will be kept.
#[cfg(unix)]
pub(super) fn set_usual_permissions(builder: &mut tempfile::Builder<'_, '_>, mode: u32) {
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(mode));
}

/// Does nothing where a new file takes its permissions from its folder.
#[cfg(not(unix))]
pub(super) fn set_usual_permissions(_builder: &mut tempfile::Builder<'_, '_>, _mode: u32) {}
