//! The folder of a history.
//!
//! ```text
//! history.json                        the program
//! commits/COMMIT/RUN.json             snapshots of the latest commits, which `diff` reads as they are
//! commits/COMMIT/sums/RUN.json        the metrics of every run, for good
//! ```
//!
//! A file is written once and never changed, and its name says which run of which commit it is about. So the union of two
//! histories is their merge, whoever makes it: `history add`, a copy of the files, or git.

use std::{
    collections::BTreeMap,
    fmt, fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::sums::{self, RunSums, SCHEMA};
use crate::{
    Snapshot,
    command::{bench::RunCounts, runs},
};

/// Commits of which whole snapshots are kept.
pub(crate) const WHOLE: usize = 50;

/// A history's folder.
pub(crate) struct Store {
    folder: PathBuf,
    pub(crate) program: String,
}

#[derive(Serialize, Deserialize)]
struct Head {
    history: u32,
    program: String,
}

/// A commit and its runs.
#[derive(Clone, Debug)]
pub(crate) struct Commit {
    pub(crate) id: String,
    /// When it was made, in seconds since 1970.
    pub(crate) time: u64,
    pub(crate) runs: Vec<RunSums>,
}

/// Why a history cannot be used.
#[derive(Debug)]
pub(crate) enum StoreError {
    /// A file or a folder cannot be read or written.
    Io(PathBuf, io::Error),
    /// A file is not what the history put there.
    Json(PathBuf, serde_json::Error),
    /// The folder holds something else.
    Foreign(PathBuf),
    /// There is no history.
    Missing(PathBuf),
    /// A newer version wrote it.
    Newer(PathBuf, u32),
    /// It is about another program.
    Program { path: PathBuf, found: String, expected: String },
    /// A file lies in the folder of another commit.
    Misplaced { path: PathBuf, commit: String },
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StoreError::Io(path, error) => write!(f, "{}: {error}", runs::shown(path)),
            StoreError::Json(path, error) => write!(
                f,
                "{}: not a part of a history ({error}); restore the file from where the history is kept, or remove it",
                runs::shown(path)
            ),
            StoreError::Foreign(path) => write!(
                f,
                "{}: this folder is not empty and not a history (it has no history.json); give a new folder",
                runs::shown(path)
            ),
            StoreError::Missing(path) => write!(
                f,
                "{}: there is no history here (no history.json); make one with `history add`, and in CI restore it first",
                runs::shown(path)
            ),
            StoreError::Newer(path, version) => write!(
                f,
                "{}: the history has version {version}, but this version reads {SCHEMA} at most; install a newer perf-report",
                runs::shown(path)
            ),
            StoreError::Program { path, found, expected } => write!(
                f,
                "{}: a run of {found:?}, but the history is of {expected:?}; keep a folder per program",
                runs::shown(path)
            ),
            StoreError::Misplaced { path, commit } => write!(
                f,
                "{}: a run of commit {commit}, in the folder of another; move it back, or remove it",
                runs::shown(path)
            ),
        }
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            StoreError::Io(_, error) => Some(error),
            StoreError::Json(_, error) => Some(error),
            _ => None,
        }
    }
}

/// The name of a program without the hash that cargo appends to tests and benchmarks.
fn is_program(one: &str, other: &str) -> bool {
    use crate::command::identity::without_hash;
    without_hash(one) == without_hash(other)
}

impl Store {
    /// Opens a history.
    pub(crate) fn open(folder: &Path) -> Result<Store, StoreError> {
        let path = folder.join("history.json");
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(StoreError::Missing(folder.to_owned()));
            }
            Err(error) => return Err(StoreError::Io(path, error)),
        };
        let head: Head = serde_json::from_slice(&text).map_err(|error| StoreError::Json(path.clone(), error))?;
        if head.history > SCHEMA {
            return Err(StoreError::Newer(path, head.history));
        }
        Ok(Store { folder: folder.to_owned(), program: head.program })
    }

    /// Whether a folder is a history.
    pub(crate) fn is_history(folder: &Path) -> bool {
        folder.join("history.json").is_file()
    }

    /// Opens a history, or begins one in a folder that is new or empty.
    pub(crate) fn open_or_begin(folder: &Path, program: &str) -> Result<Store, StoreError> {
        if Store::is_history(folder) {
            return Store::open(folder);
        }
        let error = |error| StoreError::Io(folder.to_owned(), error);
        // Files that version control leaves in an empty folder do no harm.
        let foreign = |entry: &fs::DirEntry| !entry.file_name().to_string_lossy().starts_with('.');
        if folder.exists() && fs::read_dir(folder).map_err(error)?.flatten().any(|entry| foreign(&entry)) {
            return Err(StoreError::Foreign(folder.to_owned()));
        }
        let store = Store { folder: folder.to_owned(), program: program.to_owned() };
        let head = Head { history: SCHEMA, program: program.to_owned() };
        store.write(&folder.join("history.json"), &serde_json::to_vec(&head).unwrap_or_default())?;
        Ok(store)
    }

    /// Refuses what is about another program.
    pub(crate) fn check_program(&self, path: &Path, found: &str) -> Result<(), StoreError> {
        if is_program(found, &self.program) {
            return Ok(());
        }
        Err(StoreError::Program { path: path.to_owned(), found: found.to_owned(), expected: self.program.clone() })
    }

    /// Refuses a history of another program.
    pub(crate) fn check_other(&self, other: &Store) -> Result<(), StoreError> {
        self.check_program(&other.folder, &other.program)
    }

    /// Adds a run of a commit. Whether it was new.
    pub(crate) fn add(
        &self,
        snapshot: &Snapshot,
        counts: &RunCounts,
        commit: &str,
        time: u64,
    ) -> Result<bool, StoreError> {
        let name = format!("{}.json", sums::file_stem(snapshot));
        let folder = self.commits().join(commit);
        let sums = folder.join("sums").join(&name);
        if sums.exists() {
            return Ok(false);
        }
        // The sums come last: whoever stops half-way leaves a run that is not counted.
        self.write(&folder.join(&name), snapshot.to_json().as_bytes())?;
        let text = serde_json::to_vec(&RunSums::of(snapshot, counts, commit, time)).unwrap_or_default();
        self.write(&sums, &text)?;
        Ok(true)
    }

    /// Adds everything that another history has. The number of runs that were new.
    pub(crate) fn merge(&self, other: &Store) -> Result<usize, StoreError> {
        self.check_other(other)?;
        let mut added = 0;
        // Reading it checks it: nothing broken is taken over.
        for commit in other.commits_and_files()? {
            let (own, others) = (self.commits().join(&commit.0), other.commits().join(&commit.0));
            for file in commit.1 {
                let sums = own.join("sums").join(&file);
                added += usize::from(!sums.exists());
                for name in [PathBuf::from(&file), Path::new("sums").join(&file)] {
                    let (to, from) = (own.join(&name), others.join(&name));
                    if !to.exists() && from.exists() {
                        let text = fs::read(&from).map_err(|error| StoreError::Io(from, error))?;
                        self.write(&to, &text)?;
                    }
                }
            }
        }
        Ok(added)
    }

    /// Removes the snapshots of all but the latest commits. The number of commits that have only their sums now.
    pub(crate) fn thin(&self) -> Result<usize, StoreError> {
        let commits = self.read()?;
        let old = commits.len().saturating_sub(WHOLE);
        for commit in &commits[..old] {
            let folder = self.commits().join(&commit.id);
            for path in entries(&folder)?.into_iter().filter(|path| path.is_file()) {
                fs::remove_file(&path).map_err(|error| StoreError::Io(path, error))?;
            }
        }
        Ok(old)
    }

    /// All commits, the oldest first, with the sums of their runs.
    pub(crate) fn read(&self) -> Result<Vec<Commit>, StoreError> {
        let mut commits = Vec::new();
        for (id, files) in self.commits_and_files()? {
            let folder = self.commits().join(&id).join("sums");
            let runs: Vec<RunSums> =
                files.iter().map(|file| self.run(&folder.join(file), &id)).collect::<Result<_, _>>()?;
            // Of a commit that was made anew elsewhere (rebased) the files may disagree; the earliest time counts everywhere.
            let time = runs.iter().map(|run| run.time).min();
            commits.extend(time.map(|time| Commit { id, time, runs }));
        }
        commits.sort_by(|a, b| (a.time, &a.id).cmp(&(b.time, &b.id)));
        Ok(commits)
    }

    fn run(&self, path: &Path, commit: &str) -> Result<RunSums, StoreError> {
        let text = fs::read(path).map_err(|error| StoreError::Io(path.to_owned(), error))?;
        let json = |error| StoreError::Json(path.to_owned(), error);
        #[derive(Deserialize)]
        struct Versioned {
            history: u32,
        }
        let version = serde_json::from_slice::<Versioned>(&text).map_err(json)?.history;
        if version > SCHEMA {
            return Err(StoreError::Newer(path.to_owned(), version));
        }
        let run: RunSums = serde_json::from_slice(&text).map_err(json)?;
        self.check_program(path, &run.program)?;
        if run.commit != commit {
            return Err(StoreError::Misplaced { path: path.to_owned(), commit: run.commit });
        }
        Ok(run)
    }

    /// The commits by name, each with the names of its runs.
    fn commits_and_files(&self) -> Result<BTreeMap<String, Vec<String>>, StoreError> {
        let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut commits = BTreeMap::new();
        if !self.commits().exists() {
            return Ok(commits);
        }
        for folder in entries(&self.commits())?.into_iter().filter(|path| path.is_dir()) {
            let sums = folder.join("sums");
            if sums.is_dir() {
                let files = entries(&sums)?;
                let files = files.iter().map(|path| name(path)).filter(|name| name.ends_with(".json"));
                commits.insert(name(&folder), files.collect());
            }
        }
        Ok(commits)
    }

    fn commits(&self) -> PathBuf {
        self.folder.join("commits")
    }

    fn write(&self, path: &Path, text: &[u8]) -> Result<(), StoreError> {
        let made = path.parent().map_or(Ok(()), fs::create_dir_all);
        made.and_then(|()| runs::write(path, text)).map_err(|error| StoreError::Io(path.to_owned(), error))
    }
}

/// Whether a folder is that of a commit of a history that has only its sums now.
pub(crate) fn has_only_sums(folder: &Path) -> bool {
    folder.join("sums").is_dir() && folder.join("../../history.json").is_file()
}

/// The paths in a folder, by name.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let read = || fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>();
    let mut paths = read().map_err(|error| StoreError::Io(folder.to_owned(), error))?;
    paths.sort();
    Ok(paths)
}
