//! The meaning of a path's first word in a file.

use std::collections::HashMap;

use syn::{UseTree, visit::Visit};

/// The names that `use` declarations of a file bring, and the paths that they stand for.
#[derive(Default)]
pub(in crate::command) struct Imports(HashMap<String, String>);

impl Imports {
    pub(in crate::command) fn of(file: &syn::File) -> Imports {
        let mut imports = Imports::default();
        for item in &file.items {
            if let syn::Item::Use(item) = item {
                imports.add("", &item.tree);
            }
        }
        // Those of functions and inner modules stand for the rest of the file where it has no other of the name.
        let mut inner = Imports::default();
        inner.visit_file(file);
        for (name, whole) in inner.0 {
            imports.0.entry(name).or_insert(whole);
        }
        imports
    }

    /// A path in full, without its generic arguments: `fs::read` is `std::fs::read` where `std::fs` is imported.
    pub(in crate::command) fn resolve(&self, path: &syn::Path) -> String {
        let mut words: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if path.leading_colon.is_none()
            && let Some(whole) = words.first().and_then(|first| self.0.get(first))
        {
            words[0].clone_from(whole);
        }
        words.join("::")
    }

    fn add(&mut self, before: &str, tree: &UseTree) {
        let joined = |name: &dyn std::fmt::Display| {
            if before.is_empty() { name.to_string() } else { format!("{before}::{name}") }
        };
        match tree {
            UseTree::Path(path) => self.add(&joined(&path.ident), &path.tree),
            UseTree::Name(name) if name.ident == "self" => {
                let last = before.rsplit("::").next().unwrap_or(before).to_owned();
                self.0.insert(last, before.to_owned());
            }
            UseTree::Name(name) => {
                self.0.insert(name.ident.to_string(), joined(&name.ident));
            }
            UseTree::Rename(rename) => {
                let whole = if rename.ident == "self" { before.to_owned() } else { joined(&rename.ident) };
                self.0.insert(rename.rename.to_string(), whole);
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.add(before, tree)),
            UseTree::Glob(_) => {}
        }
    }
}

impl<'ast> Visit<'ast> for Imports {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !super::is_test(&item.attrs) {
            syn::visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.add("", &item.tree);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_told_by_their_imports() {
        let file = syn::parse_file(
            "use std::{fs::{self, File as Disk}, thread::sleep};\nuse tokio::fs as later;\nfn f() { use regex::Regex; use other::sleep; }\n\
             #[cfg(test)] mod tests { use tested::{later, Regex}; }",
        )
        .expect("a file");
        let imports = Imports::of(&file);
        for (written, whole) in [
            ("fs::read", "std::fs::read"),
            ("Disk::open", "std::fs::File::open"),
            ("sleep", "std::thread::sleep"),
            ("later::read", "tokio::fs::read"),
            ("Regex::new", "regex::Regex::new"),
            ("Vec::<u8>::new", "Vec::new"),
            ("::fs::read", "fs::read"),
            ("Regex::other", "regex::Regex::other"),
        ] {
            assert_eq!(imports.resolve(&syn::parse_str(written).expect("a path")), whole);
        }
    }
}
