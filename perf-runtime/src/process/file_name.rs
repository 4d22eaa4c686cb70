//! Names of the files that the runtime writes.

use std::path::{Path, PathBuf};

/// `%p` in a file name is the process id.
pub(crate) fn with_process_id(path: PathBuf) -> PathBuf {
    match path.to_str() {
        Some(text) if text.contains("%p") => PathBuf::from(text.replace("%p", &std::process::id().to_string())),
        _ => path,
    }
}

/// The name of a file beside another: that one's, a dot, and the suffix.
pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    PathBuf::from(name)
}
