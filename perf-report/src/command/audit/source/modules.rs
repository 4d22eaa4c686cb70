//! The files of a crate: from its first file along its `mod` declarations.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use proc_macro2::{TokenStream, TokenTree};
use syn::{Expr, ExprLit, Item, Lit, Meta};

use super::SourceFile;
use crate::command::{
    audit::{clippy::CheckedCrate, workspace::Workspace},
    sources::is_test,
};

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
        let item = match item {
            Item::Mod(item) => item,
            // `cfg_if! { … mod unix; … }`
            Item::Macro(item) if !item.mac.path.is_ident("macro_rules") => {
                let names = declared_in(item.mac.tokens.clone());
                found.extend(names.iter().filter_map(|name| usual(name, folder, module)));
                continue;
            }
            _ => continue,
        };
        if is_test(&item.attrs) {
            continue;
        }
        let name = item.ident.to_string();
        let name = name.trim_start_matches("r#");
        let inner_module = || module.iter().cloned().chain([name.to_owned()]).collect::<Vec<String>>();
        let given = path_attribute(&item.attrs);
        if let Some((_, items)) = &item.content {
            let inner_folder = folder.join(given.as_deref().unwrap_or(name));
            found.extend(declared(items, &inner_folder, &inner_folder, &inner_module()));
            continue;
        }
        // A file that a path leads to has its modules beside it, as `mod.rs` has.
        match given.map(|path| beside.join(path)).filter(|file| file.is_file()) {
            Some(file) => {
                let folder = file.parent().unwrap_or(beside).to_owned();
                found.push(Declared { file, folder, module: inner_module() });
            }
            None => found.extend(usual(name, folder, module)),
        }
    }
    found
}

/// The file in which a module lies by its name; a module of another system may have none here.
fn usual(name: &str, folder: &Path, module: &[String]) -> Option<Declared> {
    let inner = folder.join(name);
    let file = [folder.join(format!("{name}.rs")), inner.join("mod.rs")].into_iter().find(|file| file.is_file())?;
    Some(Declared { file, folder: inner, module: module.iter().cloned().chain([name.to_owned()]).collect() })
}

/// The modules that the arguments of a macro declare.
fn declared_in(tokens: TokenStream) -> Vec<String> {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    let mut found = Vec::new();
    for (at, tree) in trees.iter().enumerate() {
        match (tree, trees.get(at + 1), trees.get(at + 2)) {
            (TokenTree::Group(group), ..) => found.extend(declared_in(group.stream())),
            (TokenTree::Ident(word), Some(TokenTree::Ident(name)), Some(TokenTree::Punct(end)))
                if word == "mod" && end.as_char() == ';' =>
            {
                found.push(name.to_string().trim_start_matches("r#").to_owned());
            }
            _ => {}
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
