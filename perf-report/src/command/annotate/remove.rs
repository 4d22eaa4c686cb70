//! `--remove`: takes out all attributes and dependencies of ours, also from sources that no longer parse.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    super::{Outcome, Streams, runs},
    AnnotateArgs,
    changes::Change,
    deliver, manifest, mark,
};

pub(super) fn run(args: &AnnotateArgs, streams: &mut Streams<'_>) -> io::Result<Outcome> {
    let mut found = Found::default();
    let here = PathBuf::from(".");
    let starts: Vec<PathBuf> = match (&args.manifest_path, args.paths.is_empty()) {
        (Some(manifest), true) => {
            vec![manifest.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(&here).to_owned()]
        }
        (None, true) => vec![here],
        _ => args.paths.clone(),
    };
    for start in &starts {
        match start.canonicalize() {
            Ok(start) => found.walk(&start),
            Err(error) => {
                streams.error(format_args!("{}: cannot be read: {error}", runs::shown(start)));
                return Ok(Outcome::Failed);
            }
        }
    }
    found.manifests_without_annotations();
    for message in &found.left {
        streams.warning(message);
    }
    let root = super::common_root(&starts);
    let delivered = deliver(&found.changes, &root, args.dry_run, streams)?;
    if delivered == Outcome::Complete {
        let would = if args.dry_run { "would be " } else { "" };
        let manifests = found.changes.iter().filter(|change| change.path.ends_with("Cargo.toml")).count();
        super::say(
            args,
            streams,
            &format!(
                "{} {would}taken out of {}, the dependency out of {}",
                super::counted(found.attributes, "attribute"),
                super::counted(found.changes.len() - manifests, "file"),
                super::counted(manifests, "manifest"),
            ),
        )?;
    }
    Ok(delivered.max(if found.left.is_empty() { Outcome::Complete } else { Outcome::Partial }))
}

/// Files with something of ours in them.
#[derive(Default)]
struct Found {
    changes: Vec<Change>,
    attributes: usize,
    manifests: Vec<PathBuf>,
    /// Messages on files that stay as they are although something is wrong with them.
    left: Vec<String>,
    /// Those that keep attributes of ours.
    torn: Vec<PathBuf>,
}

impl Found {
    /// Looks at a file, or at all files below a folder. Links are not followed: annotating follows none out of the workspace.
    fn walk(&mut self, start: &Path) {
        let mut open = vec![start.to_owned()];
        while let Some(path) = open.pop() {
            if path.is_dir() {
                let entries = fs::read_dir(&path).and_then(|entries| entries.collect::<io::Result<Vec<_>>>());
                let Ok(entries) = entries.map_err(|error| self.cannot(&path, &error)) else { continue };
                open.extend(entries.iter().filter(|entry| is_worth_a_look(entry)).map(fs::DirEntry::path));
            } else if path.file_name().is_some_and(|name| name == "Cargo.toml") {
                self.manifests.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                self.source(&path);
            }
        }
        // A part of a package may have been the last that needed the dependency.
        self.manifests.extend(super::packages::manifest_of(start));
        self.manifests.sort();
        self.manifests.dedup();
        self.changes.sort_by(|a, b| a.path.cmp(&b.path));
        self.changes.dedup_by(|a, b| a.path == b.path);
    }

    fn cannot(&mut self, path: &Path, error: &io::Error) {
        self.left.push(format!("{}: cannot be read: {error}", runs::shown(path)));
    }

    fn source(&mut self, path: &Path) {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) => return self.cannot(path, &error),
        };
        // Nothing is written into a file that is not UTF-8.
        let Ok(before) = String::from_utf8(bytes) else { return };
        let (after, attributes) = match mark::removed(&before) {
            Ok(Some(removed)) => removed,
            Ok(None) => return,
            Err(torn) => {
                if !self.torn.iter().any(|known| known == path) {
                    self.left.push(format!("{}:{}: {torn}", runs::shown(path), torn.line));
                    self.torn.push(path.to_owned());
                }
                return;
            }
        };
        if !self.changes.iter().any(|change| change.path == path) {
            self.attributes += attributes;
            self.changes.push(Change { path: path.to_owned(), before, after });
        }
    }

    /// Takes the dependency out of packages of which no file has an attribute of ours any more.
    fn manifests_without_annotations(&mut self) {
        for path in std::mem::take(&mut self.manifests) {
            let Ok(before) = fs::read_to_string(&path) else { continue };
            let after = manifest::without_dependency(&before);
            if after != before && !self.has_others(path.parent().unwrap_or(Path::new("/"))) {
                self.changes.push(Change { path, before, after });
            }
        }
    }

    /// Whether files below a folder keep attributes of ours.
    fn has_others(&self, folder: &Path) -> bool {
        let mut all = Found::default();
        sources_below(folder).iter().for_each(|path| all.source(path));
        !all.torn.is_empty()
            || all.changes.iter().any(|change| !self.changes.iter().any(|ours| ours.path == change.path))
    }
}

/// The sources of the package in a folder, without those of packages below.
pub(super) fn sources_below(folder: &Path) -> Vec<PathBuf> {
    let (mut found, mut open) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(path) = open.pop() {
        if path.is_dir() {
            let entries = fs::read_dir(&path).into_iter().flatten().flatten();
            let inner = |entry: &fs::DirEntry| path == *folder || !entry.path().join("Cargo.toml").is_file();
            open.extend(entries.filter(|entry| is_worth_a_look(entry) && inner(entry)).map(|entry| entry.path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// The sources of a package that have something of ours, with links followed.
pub(super) fn annotated_below(folder: &Path) -> Vec<PathBuf> {
    let is_annotated = |path: &PathBuf| fs::read_to_string(path).is_ok_and(|text| mark::removed(&text) != Ok(None));
    sources_below(folder).into_iter().filter(is_annotated).filter_map(|path| path.canonicalize().ok()).collect()
}

/// Whether a folder's entry may be a source: no link, nothing hidden, and not what builds wrote.
fn is_worth_a_look(entry: &fs::DirEntry) -> bool {
    let name = entry.file_name();
    let is_hidden = name.to_string_lossy().starts_with('.');
    let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
    !is_hidden && !is_link && !entry.path().join("CACHEDIR.TAG").is_file()
}
