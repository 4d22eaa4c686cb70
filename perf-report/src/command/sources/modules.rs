//! The modules that a file declares in files of their own, and where those lie.

use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::{
    Attribute, ItemMacro, ItemMod, Macro, Meta,
    visit::{self, Visit},
};

/// `mod name;`, and where its file may lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::command) struct Declared {
    pub(in crate::command) name: String,
    /// The modules around it in its file, and the folders that they stand for.
    around: Vec<String>,
    folders: Vec<String>,
    /// Files that `#[path]` names.
    paths: Vec<String>,
    /// Its name leads to a file too: no `#[path]` names another in every case.
    is_usual: bool,
    /// It has a `cfg`, or stands in the arguments of a macro, which may leave it out.
    pub(in crate::command) optional: bool,
}

impl Declared {
    /// Its path within the module that the file is.
    pub(in crate::command) fn path(&self) -> impl Iterator<Item = &str> {
        self.around.iter().chain([&self.name]).map(String::as_str)
    }

    /// Its files, and whether each owns its folder, as `mod.rs` does. `file` declares it.
    pub(in crate::command) fn files(&self, file: &Path, owns_folder: bool) -> Vec<(PathBuf, bool)> {
        let folder = file.parent().unwrap_or(Path::new("."));
        let mut inner = match owns_folder {
            true => folder.to_owned(),
            false => folder.join(file.file_stem().unwrap_or_default()),
        };
        inner.extend(&self.folders);
        let base = if self.folders.is_empty() { folder } else { &inner };
        let named = self.paths.iter().map(|path| (base.join(path), true));
        let usual = [(inner.join(format!("{}.rs", self.name)), false), (inner.join(&self.name).join("mod.rs"), true)];
        named.chain(usual.into_iter().filter(|_| self.is_usual)).filter(|(file, _)| file.is_file()).collect()
    }
}

/// The modules with files that a file declares, without those in modules whose attributes leave them out.
pub(in crate::command) fn declared(file: &syn::File, left_out: &dyn Fn(&[Attribute]) -> bool) -> Vec<Declared> {
    let mut search = Search { left_out, around: Vec::new(), folders: Vec::new(), found: Vec::new() };
    search.visit_file(file);
    search.found
}

struct Search<'a> {
    left_out: &'a dyn Fn(&[Attribute]) -> bool,
    around: Vec<String>,
    folders: Vec<String>,
    found: Vec<Declared>,
}

impl Search<'_> {
    fn add(&mut self, name: String, (paths, is_usual): (Vec<String>, bool), optional: bool) {
        let (around, folders) = (self.around.clone(), self.folders.clone());
        self.found.push(Declared { name, around, folders, paths, is_usual, optional });
    }

    /// `cfg_if! { … mod unix; … }`
    fn tokens(&mut self, tokens: TokenStream) {
        let trees: Vec<TokenTree> = tokens.into_iter().collect();
        for (at, tree) in trees.iter().enumerate() {
            match (tree, trees.get(at + 1), trees.get(at + 2)) {
                (TokenTree::Group(group), ..) => self.tokens(group.stream()),
                (TokenTree::Ident(word), Some(TokenTree::Ident(name)), Some(TokenTree::Punct(end)))
                    if word == "mod" && end.as_char() == ';' =>
                {
                    self.add(plain(name), (Vec::new(), true), true);
                }
                _ => {}
            }
        }
    }
}

impl<'ast> Visit<'ast> for Search<'_> {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if (self.left_out)(&item.attrs) {
            return;
        }
        let (paths, is_usual) = paths(&item.attrs);
        if item.content.is_none() {
            let optional = item.attrs.iter().any(|attribute| attribute.path().is_ident("cfg"));
            return self.add(plain(&item.ident), (paths, is_usual), optional);
        }
        self.around.push(plain(&item.ident));
        self.folders.push(paths.into_iter().next().unwrap_or_else(|| plain(&item.ident)));
        visit::visit_item_mod(self, item);
        self.around.pop();
        self.folders.pop();
    }

    fn visit_item_macro(&mut self, item: &'ast ItemMacro) {
        if !item.mac.path.is_ident("macro_rules") {
            self.tokens(item.mac.tokens.clone());
        }
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        self.tokens(call.tokens.clone());
    }
}

fn plain(name: &proc_macro2::Ident) -> String {
    let name = name.to_string();
    name.strip_prefix("r#").map_or_else(|| name.clone(), str::to_owned)
}

/// The files that `#[path = "…"]` and `#[cfg_attr(…, path = "…")]` name, and whether there is another where none of these holds.
fn paths(attributes: &[Attribute]) -> (Vec<String>, bool) {
    let (mut found, mut is_usual) = (Vec::new(), true);
    for attribute in attributes {
        match &attribute.meta {
            Meta::NameValue(pair) if pair.path.is_ident("path") => {
                if let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) = &pair.value {
                    found.push(text.value());
                    is_usual = false;
                }
            }
            Meta::List(list) if list.path.is_ident("cfg_attr") => {
                let mut trees = list.tokens.clone().into_iter();
                while let Some(tree) = trees.next() {
                    if matches!(&tree, TokenTree::Ident(word) if word == "path")
                        && let (Some(_), Some(TokenTree::Literal(literal))) = (trees.next(), trees.next())
                        && let Ok(text) = syn::parse_str::<syn::LitStr>(&literal.to_string())
                    {
                        found.push(text.value());
                    }
                }
            }
            _ => {}
        }
    }
    (found, is_usual)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// The modules and files that a source in `src/NAME` leads to.
    fn found(name: &str, owns_folder: bool, source: &str, files: &[&str]) -> Vec<String> {
        let folder = tempfile::tempdir().expect("a folder");
        for file in files {
            let path = folder.path().join("src").join(file);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            fs::write(path, "").expect("a file");
        }
        let file = syn::parse_file(source).expect("a source");
        let all = declared(&file, &|attributes| crate::command::sources::is_test(attributes));
        let shown = |declared: &Declared| -> Vec<String> {
            let module = declared.path().collect::<Vec<_>>().join("::");
            let files = declared.files(&folder.path().join("src").join(name), owns_folder);
            let shown = |(file, owns): (PathBuf, bool)| {
                let file = file.strip_prefix(folder.path().join("src")).expect("a path below").to_owned();
                format!("{module} {}{}", file.display(), if owns { "/" } else { "" })
            };
            files.into_iter().map(shown).collect()
        };
        all.iter().flat_map(shown).collect()
    }

    #[test]
    fn files_lie_where_the_compiler_looks() {
        let source = "mod a; mod r#b { mod c; #[path = \"e.rs\"] mod d; }\n#[path = \"other/e.rs\"] mod a2;";
        let files = ["a.rs", "b/c/mod.rs", "b/e.rs", "other/e.rs", "a2.rs", "e.rs"];
        assert_eq!(
            found("lib.rs", true, source, &files),
            ["a a.rs", "b::c b/c/mod.rs/", "b::d b/e.rs/", "a2 other/e.rs/"]
        );
        // A file that is no `mod.rs` has its modules in a folder of its name, and what `#[path]` names beside it.
        let files = ["m/a.rs", "a.rs", "m/b/c/mod.rs", "m/b/e.rs", "other/e.rs"];
        let all = ["a m/a.rs", "b::c m/b/c/mod.rs/", "b::d m/b/e.rs/", "a2 other/e.rs/"];
        assert_eq!(found("m.rs", false, source, &files), all);
    }

    #[test]
    fn modules_that_a_condition_chooses_are_all_found() {
        let source = "#[cfg_attr(unix, path = \"u.rs\")] #[cfg_attr(windows, path = \"w.rs\")] mod os;\n\
                      cfg_if! { if #[cfg(unix)] { mod one; } else { mod r#two; } }\n\
                      macro_rules! m { () => { mod three; } }\n#[cfg(test)] mod tests; #[path = \"folder\"] mod inner { mod four; }";
        let files = ["u.rs", "w.rs", "os.rs", "one.rs", "two.rs", "three.rs", "tests.rs", "folder/four.rs"];
        let all = ["os u.rs/", "os w.rs/", "os os.rs", "one one.rs", "two two.rs", "inner::four folder/four.rs"];
        assert_eq!(found("lib.rs", true, source, &files), all);
    }
}
