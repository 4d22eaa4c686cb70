//! Changes to files: shown as a diff, or written whole or not at all.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use similar::TextDiff;

use super::super::runs;

/// A file, as it was read and as it is to become.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) path: PathBuf,
    pub(super) before: String,
    pub(super) after: String,
}

/// Writes a unified diff that `patch -p1` and `git apply` read, with paths as seen from a folder.
pub(super) fn write_diff(changes: &[Change], root: &Path, output: &mut dyn Write) -> io::Result<()> {
    for change in changes {
        let path = runs::shown(change.path.strip_prefix(root).unwrap_or(&change.path));
        let diff = TextDiff::from_lines(&change.before, &change.after);
        let text = diff.unified_diff().context_radius(1).header(&format!("a/{path}"), &format!("b/{path}")).to_string();
        output.write_all(text.as_bytes())?;
    }
    Ok(())
}

/// Says why a file cannot be written, before anything is.
fn obstacle(change: &Change) -> Option<String> {
    let path = &change.path;
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) => return Some(format!("cannot be read any more: {error}")),
    };
    if metadata.permissions().readonly() {
        return Some("is read-only; make it writable (chmod u+w), or annotate a copy of the package".into());
    }
    match fs::read(path) {
        Ok(now) if now == change.before.as_bytes() => None,
        Ok(_) => Some("was changed while it was being read; run the command again".into()),
        Err(error) => Some(format!("cannot be read any more: {error}")),
    }
}

/// Writes all files, or none if something stands against one. The messages name the files.
pub(super) fn write(changes: &[Change]) -> Result<(), Vec<String>> {
    let message = |change: &Change, text: String| format!("{}: {text}", runs::shown(&change.path));
    let obstacles: Vec<String> =
        changes.iter().filter_map(|change| obstacle(change).map(|text| message(change, text))).collect();
    if !obstacles.is_empty() {
        return Err(obstacles);
    }
    for (place, change) in changes.iter().enumerate() {
        if let Some(text) = obstacle(change) {
            return Err(put_back(&changes[..place], message(change, text)));
        }
        if let Err(error) = replace(&change.path, &change.after) {
            return Err(put_back(&changes[..place], message(change, format!("cannot be written: {error}"))));
        }
    }
    Ok(())
}

/// Gives the files that were written their old content again.
fn put_back(written: &[Change], first: String) -> Vec<String> {
    let mut messages = vec![first];
    for change in written {
        if let Err(error) = replace(&change.path, &change.before) {
            messages.push(format!("{}: is annotated, and cannot be put back: {error}", runs::shown(&change.path)));
        }
    }
    messages
}

/// Writes a file beside the old one, with its permissions, and moves it there.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let permissions = fs::metadata(path)?.permissions();
    let mut file = tempfile::Builder::new().prefix(".annotate-").tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().set_permissions(permissions)?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(folder: &Path, name: &str, now: &str) -> Change {
        let path = folder.join(name);
        fs::write(&path, now).unwrap();
        Change { path, before: "old\n".into(), after: "new\n".into() }
    }

    #[test]
    fn a_file_that_changed_stops_all_others_too() {
        let folder = tempfile::tempdir().unwrap();
        let changes = [change(folder.path(), "a.rs", "old\n"), change(folder.path(), "b.rs", "edited\n")];
        let messages = write(&changes).unwrap_err();
        assert!(matches!(&messages[..], [one] if one.contains("b.rs: was changed while")), "{messages:?}");
        assert_eq!(fs::read_to_string(&changes[0].path).unwrap(), "old\n");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[cfg(unix)]
    #[test]
    fn a_read_only_file_is_refused_and_a_mode_is_kept() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let changes = [change(folder.path(), "a.rs", "old\n"), change(folder.path(), "b.rs", "old\n")];
        fs::set_permissions(&changes[0].path, fs::Permissions::from_mode(0o755)).unwrap();
        fs::set_permissions(&changes[1].path, fs::Permissions::from_mode(0o444)).unwrap();
        let messages = write(&changes).unwrap_err();
        assert!(matches!(&messages[..], [one] if one.contains("b.rs: is read-only; make it writable")), "{messages:?}");
        write(&changes[..1]).unwrap();
        assert_eq!(fs::read_to_string(&changes[0].path).unwrap(), "new\n");
        assert_eq!(fs::metadata(&changes[0].path).unwrap().permissions().mode() & 0o777, 0o755);
    }

    #[test]
    fn files_written_before_a_failure_are_put_back() {
        let folder = tempfile::tempdir().unwrap();
        let written = change(folder.path(), "a.rs", "new\n");
        assert_eq!(put_back(std::slice::from_ref(&written), "b.rs: cannot be written".into()).len(), 1);
        assert_eq!(fs::read_to_string(&written.path).unwrap(), "old\n");
    }
}
