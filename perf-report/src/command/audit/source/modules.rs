//! The files of a crate: from its first file along its `mod` declarations.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use syn::{Expr, ExprLit, Item, Lit, Meta};

use super::{SourceFile, is_test};
use crate::command::audit::{clippy::CheckedCrate, workspace::Workspace};

/// The files of the checked crates, and why some cannot be read.
pub(in crate::command::audit) fn files_of(
    workspace: &Workspace,
    crates: &[CheckedCrate],
) -> (Vec<SourceFile>, Vec<String>) {
    let mut found = Found { workspace, files: Vec::new(), problems: Vec::new(), seen: HashSet::new() };
    for checked in crates {
        let folder = checked.root.parent().unwrap_or(Path::new("")).to_owned();
        found.add(&checked.root, &folder, std::slice::from_ref(&checked.name), true);
    }
    (found.files, found.problems)
}

struct Found<'a> {
    workspace: &'a Workspace,
    files: Vec<SourceFile>,
    problems: Vec<String>,
    /// Two crates may have files in common.
    seen: HashSet<PathBuf>,
}

impl Found<'_> {
    /// Adds a file, and those of the modules that it declares, which lie in a folder.
    fn add(&mut self, path: &Path, folder: &Path, module: &[String], is_root: bool) {
        let path = path.to_owned();
        if !self.seen.insert(path.clone()) {
            return;
        }
        match SourceFile::read(&path, self.workspace.relative(&path), module, is_root) {
            Ok(file) => {
                let declared = declared(&file.syntax.items, path.parent().unwrap_or(folder), folder, module);
                self.files.push(file);
                for Declared { file, folder, module } in declared {
                    self.add(&file, &folder, &module, false);
                }
            }
            Err(problem) => self.problems.push(problem),
        }
    }
}

/// A module in a file of its own.
struct Declared {
    file: PathBuf,
    folder: PathBuf,
    module: Vec<String>,
}

/// The modules with files that items declare. `beside` is the folder of the file, `folder` that of its modules.
fn declared(items: &[Item], beside: &Path, folder: &Path, module: &[String]) -> Vec<Declared> {
    let mut found = Vec::new();
    for item in items {
        let Item::Mod(item) = item else { continue };
        if is_test(&item.attrs) {
            continue;
        }
        let name = item.ident.to_string();
        let name = name.trim_start_matches("r#");
        let inner_module: Vec<String> = module.iter().cloned().chain([name.to_owned()]).collect();
        let inner_folder = folder.join(name);
        if let Some((_, items)) = &item.content {
            found.extend(declared(items, &inner_folder, &inner_folder, &inner_module));
            continue;
        }
        let given = path_attribute(&item.attrs).map(|path| beside.join(path));
        let candidates = [given, Some(folder.join(format!("{name}.rs"))), Some(inner_folder.join("mod.rs"))];
        // A module of another system may have no file here.
        if let Some(file) = candidates.into_iter().flatten().find(|file| file.is_file()) {
            let is_mod = file.file_name().is_some_and(|name| name == "mod.rs");
            let folder = match file.parent() {
                Some(parent) if is_mod => parent.to_owned(),
                _ => inner_folder,
            };
            found.push(Declared { file, folder, module: inner_module });
        }
    }
    found
}

/// The file that `#[path = "…"]` names.
fn path_attribute(attributes: &[syn::Attribute]) -> Option<String> {
    attributes.iter().find_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(path), .. }) => Some(path.value()),
            _ => None,
        },
        _ => None,
    })
}
