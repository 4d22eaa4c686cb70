//! Names of the files that the runtime writes.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::platform::files;

/// The name of a file, as somebody gave it. A relative name refers to the folder in which it was given, wherever the program
/// goes afterwards; `%p` stands for the process id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileName {
    given: PathBuf,
    /// The folder in which it was given; `None` if that is not known, or makes no difference.
    folder: Option<PathBuf>,
    /// Whether the process id is added to a name without `%p`.
    by_process: bool,
}

impl FileName {
    /// A name that is given now.
    pub(crate) fn given_here(path: impl Into<PathBuf>) -> FileName {
        FileName::given_in(std::env::current_dir().ok(), path)
    }

    /// A name that was given in a folder.
    pub(crate) fn given_in(folder: Option<PathBuf>, path: impl Into<PathBuf>) -> FileName {
        let given = path.into();
        FileName { folder: folder.filter(|_| given.is_relative()), given, by_process: false }
    }

    /// Changes the name for a forked child, because its parent uses the name as it is. Returns whether it changed.
    pub(crate) fn set_by_process(&mut self) -> bool {
        self.by_process = !has_process_id(&self.given);
        self.by_process
    }

    /// Where the file is.
    pub(crate) fn path(&self) -> PathBuf {
        let name = self.name();
        match &self.folder {
            Some(folder) => folder.join(name),
            None => name,
        }
    }

    /// As it was given.
    pub(crate) fn given(&self) -> &Path {
        &self.given
    }

    /// The path of a file beside this one, in the way in which this one's was given.
    pub(crate) fn sibling(&self, path: &Path) -> PathBuf {
        path.file_name().map_or_else(|| path.to_owned(), |name| self.given.with_file_name(name))
    }

    fn name(&self) -> PathBuf {
        let id = std::process::id().to_string();
        if self.by_process {
            return beside(&self.given, &id);
        }
        match self.given.to_str() {
            Some(text) => PathBuf::from(text.replace(PROCESS_ID, &id)),
            None => with_process_id(&self.given, &id).unwrap_or_else(|| self.given.clone()),
        }
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.by_process { self.name().display().fmt(formatter) } else { self.given.display().fmt(formatter) }
    }
}

const PROCESS_ID: &str = "%p";

fn has_process_id(path: &Path) -> bool {
    path.as_os_str().as_encoded_bytes().windows(PROCESS_ID.len()).any(|bytes| bytes == PROCESS_ID.as_bytes())
}

/// A name that is not Unicode, with the process id. `None` where only Unicode can be put together.
fn with_process_id(path: &Path, id: &str) -> Option<PathBuf> {
    let mut name = Vec::new();
    let mut rest = path.as_os_str().as_encoded_bytes();
    while let Some((&first, others)) = rest.split_first() {
        match rest.strip_prefix(PROCESS_ID.as_bytes()) {
            Some(behind) => {
                name.extend_from_slice(id.as_bytes());
                rest = behind;
            }
            None => {
                name.push(first);
                rest = others;
            }
        }
    }
    files::name_of_bytes(&name).map(PathBuf::from)
}

/// The name of a file beside another: that one's, a dot, and the suffix.
pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    PathBuf::from(name)
}

/// The name of a file of the same kind beside another: `app.perfrec` becomes `app.MIDDLE.perfrec`.
pub(crate) fn beside(path: &Path, middle: &str) -> PathBuf {
    match path.extension() {
        Some(extension) => path.with_extension(format!("{middle}.{}", extension.display())),
        None => with_suffix(path, middle),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relative_name_is_meant_where_it_was_given() {
        let id = std::process::id();
        let path = |folder: &str, name: &str| FileName::given_in(Some(folder.into()), name).path();
        assert_eq!(path("/srv", "run.json"), Path::new("/srv/run.json"));
        assert_eq!(path("/srv", "/var/run.json"), Path::new("/var/run.json"));
        // The folder's own name is not ours to change.
        assert_eq!(path("/srv/%p", "run-%p.json"), PathBuf::from(format!("/srv/%p/run-{id}.json")));
    }

    #[test]
    fn a_childs_name_has_its_process_id() {
        let id = std::process::id();
        let childs = |name: &str| {
            let mut name = FileName::given_in(Some("/srv".into()), name);
            (name.set_by_process(), name.path())
        };
        assert_eq!(childs("run.json"), (true, format!("/srv/run.{id}.json").into()));
        assert_eq!(childs("run"), (true, format!("/srv/run.{id}").into()));
        assert_eq!(childs("run-%p.json"), (false, format!("/srv/run-{id}.json").into()));
    }
}
