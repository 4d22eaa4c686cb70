//! The meaning of a path's first word in a file.

use std::{collections::HashMap, ops::Range};

use syn::{
    UseTree,
    visit::{self, Visit},
};

/// The names that `use` declarations of a file bring, and the paths that they stand for.
#[derive(Default)]
pub(in crate::command) struct Imports {
    /// Of the file itself.
    names: HashMap<String, String>,
    /// Of its blocks and inner modules, by their bytes, outer ones before those in them.
    inner: Vec<(Range<usize>, HashMap<String, String>)>,
}

impl Imports {
    pub(in crate::command) fn of(file: &syn::File) -> Imports {
        let mut imports = Imports { names: brought_by(&file.items), inner: Vec::new() };
        imports.visit_file(file);
        imports
    }

    /// A path in full, without its generic arguments: `fs::read` is `std::fs::read` where `std::fs` is imported.
    pub(in crate::command) fn resolve(&self, path: &syn::Path) -> String {
        let mut words: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if path.leading_colon.is_none()
            && let Some(first) = path.segments.first()
            && let Some(whole) = self.whole(&words[0], first.ident.span().byte_range().start)
        {
            words[0].clone_from(whole);
        }
        words.join("::")
    }

    /// The path that a name stands for at a byte.
    fn whole(&self, name: &str, at: usize) -> Option<&String> {
        let around = self.inner.iter().rev().filter(|(bytes, _)| bytes.contains(&at));
        // Those of other blocks stand for the rest of the file where it has none of the name.
        let others = self.inner.iter().rev();
        let mut found = around.map(|(_, names)| names).chain([&self.names]).chain(others.map(|(_, names)| names));
        found.find_map(|names| names.get(name))
    }

    fn scope(&mut self, bytes: Range<usize>, names: HashMap<String, String>) {
        if !names.is_empty() {
            self.inner.push((bytes, names));
        }
    }
}

/// The names that the `use` declarations among some items bring.
fn brought_by<'a>(items: impl IntoIterator<Item = &'a syn::Item>) -> HashMap<String, String> {
    let mut names = Names::default();
    for item in items {
        if let syn::Item::Use(item) = item {
            names.add("", &item.tree);
        }
    }
    names.0
}

#[derive(Default)]
struct Names(HashMap<String, String>);

impl Names {
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
        if let Some((braces, items)) = item.content.as_ref().filter(|_| !super::is_test(&item.attrs)) {
            self.scope(braces.span.join().byte_range(), brought_by(items));
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_block(&mut self, block: &'ast syn::Block) {
        let items = block.stmts.iter().filter_map(|statement| match statement {
            syn::Stmt::Item(item) => Some(item),
            _ => None,
        });
        self.scope(block.brace_token.span.join().byte_range(), brought_by(items));
        visit::visit_block(self, block);
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

    #[test]
    fn an_import_in_a_block_holds_there_alone() {
        let text = "use std::fs;\nfn f() { use own::fs; { use other::fs; fs::a() } fs::b() }\nfn g() { fs::c() }\nmod m { use inner::fs; fn h() { fs::d() } }";
        struct Calls(Imports, Vec<String>);
        impl<'ast> Visit<'ast> for Calls {
            fn visit_path(&mut self, path: &'ast syn::Path) {
                self.1.push(self.0.resolve(path));
            }
        }
        let file = syn::parse_file(text).expect("a file");
        let mut calls = Calls(Imports::of(&file), Vec::new());
        calls.visit_file(&file);
        assert_eq!(calls.1, ["other::fs::a", "own::fs::b", "std::fs::c", "inner::fs::d"]);
    }
}
