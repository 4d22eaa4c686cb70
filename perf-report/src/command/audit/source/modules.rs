//! The files of a crate: from its first file along its `mod` declarations.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use super::SourceFile;
use crate::command::{
    audit::{clippy::CheckedCrate, workspace::Workspace},
    sources::{self, is_test},
};

/// The files of the checked crates, and why some cannot be read.
pub(in crate::command::audit) fn files_of(
    workspace: &Workspace,
    crates: &[CheckedCrate],
) -> (Vec<SourceFile>, Vec<String>) {
    let mut found = Found { workspace, files: Vec::new(), problems: Vec::new(), seen: HashSet::new() };
    for checked in crates {
        found.add(&checked.root, std::slice::from_ref(&checked.name), true, true);
    }
    (found.files, found.problems)
}

struct Found<'a> {
    workspace: &'a Workspace,
    files: Vec<SourceFile>,
    problems: Vec<String>,
    /// The files that each crate has: two may have files in common.
    seen: HashSet<(PathBuf, String)>,
}

impl Found<'_> {
    /// Adds a file, and those of the modules that it declares. It may own its folder, as `mod.rs` does.
    fn add(&mut self, path: &Path, module: &[String], owns_folder: bool, is_root: bool) {
        let crate_name = module.first().cloned().unwrap_or_default();
        if !self.seen.insert((path.to_owned(), crate_name.clone())) {
            return;
        }
        let shown = self.workspace.relative(path);
        let all = if let Some(file) = self.files.iter_mut().find(|file| file.path == shown) {
            file.also_of.push(crate_name);
            sources::declared(&file.syntax, &is_test)
        } else {
            match SourceFile::read(path, shown, module, is_root) {
                Ok(file) => {
                    self.files.push(file);
                    self.files.last().map(|file| sources::declared(&file.syntax, &is_test)).unwrap_or_default()
                }
                Err(problem) => {
                    if !self.problems.contains(&problem) {
                        self.problems.push(problem);
                    }
                    return;
                }
            }
        };
        // A module of another system may have no file here.
        for declared in all {
            let module: Vec<String> = module.iter().cloned().chain(declared.path().map(str::to_owned)).collect();
            for (file, owns_folder) in declared.files(path, owns_folder) {
                self.add(&file, &module, owns_folder, false);
            }
        }
    }
}
