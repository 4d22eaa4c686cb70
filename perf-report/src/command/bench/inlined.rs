//! Which annotated functions were inlined at an address, by the debug information of the program.
//!
//! Debug information of the kind `line-tables-only` has names without paths. There a function is known by the last part of its name and
//! its file, if only one has both.

use std::collections::HashMap;

use addr2line::Loader;

use super::symbol::plain;

/// Debug information, read as it is needed.
pub(super) struct Inlined<'a> {
    /// The functions that are looked for, by name, each with its file.
    wanted: &'a HashMap<String, String>,
    /// By the path of a program or library; `None` if it cannot be read, as some of the system's.
    objects: HashMap<String, Option<Object>>,
}

struct Object {
    loader: Loader,
    /// The inlined functions at each address.
    found: HashMap<u64, Vec<String>>,
}

impl Inlined<'_> {
    /// Looks for these functions.
    pub(super) fn new(wanted: &HashMap<String, String>) -> Inlined<'_> {
        Inlined { wanted, objects: HashMap::new() }
    }

    /// The functions that were inlined at an address of a program or library, each once.
    pub(super) fn at(&mut self, place: Option<(&str, u64)>) -> &[String] {
        let Some((path, address)) = place.filter(|_| !self.wanted.is_empty()) else { return &[] };
        if !self.objects.contains_key(path) {
            let object = Loader::new(path).ok().map(|loader| Object { loader, found: HashMap::new() });
            self.objects.insert(path.to_owned(), object);
        }
        let Some(Some(object)) = self.objects.get_mut(path) else { return &[] };
        let Object { loader, found } = object;
        found.entry(address).or_insert_with(|| functions(loader, address, self.wanted))
    }
}

/// The outermost function has the symbol, and its cost already.
fn functions(loader: &Loader, address: u64, wanted: &HashMap<String, String>) -> Vec<String> {
    let Ok(mut frames) = loader.find_frames(address) else { return Vec::new() };
    let mut names = Vec::new();
    while let Ok(Some(frame)) = frames.next() {
        let name = frame.function.as_ref().and_then(|function| Some(plain(&function.demangle().ok()?)));
        let file = frame.location.as_ref().and_then(|location| location.file).unwrap_or_default();
        names.push(name.and_then(|name| known(&name, file, wanted)));
    }
    let symbol = names.pop().flatten();
    let mut found: Vec<String> = Vec::new();
    for name in names.into_iter().flatten() {
        if Some(&name) != symbol.as_ref() && !found.contains(&name) {
            found.push(name);
        }
    }
    found
}

/// The wanted function that debug information calls by this name, in a file that it names in full.
fn known(name: &str, file: &str, wanted: &HashMap<String, String>) -> Option<String> {
    if wanted.contains_key(name) {
        return Some(name.to_owned());
    }
    if name.contains("::") {
        return None;
    }
    let short = name.split('<').next().unwrap_or(name);
    let is_it = |other: &(&String, &String)| other.0.rsplit("::").next() == Some(short) && is_same_file(file, other.1);
    let mut all = wanted.iter().filter(is_it);
    match (all.next(), all.next()) {
        (Some((only, _)), None) => Some(only.clone()),
        _ => None,
    }
}

/// Folders of sources that are not the user's. Of their functions the recording names the files in full as well.
const OF_OTHERS: [&str; 4] = ["/registry/src/", "/git/checkouts/", "/rustc/", "/library/"];

/// Whether debug information means the file that a recording names, which stands below the workspace's folder.
fn is_same_file(full: &str, recorded: &str) -> bool {
    let Some(folder) = full.strip_suffix(recorded) else { return false };
    folder.is_empty() || folder.ends_with('/') && !OF_OTHERS.iter().any(|others| folder.contains(others))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_without_its_path_is_known_by_its_file() {
        let pairs = [
            ("app::a::parse", "src/a.rs"),
            ("app::b::parse", "src/b.rs"),
            ("app::b::X::new", "src/b.rs"),
            ("app::b::Y::new", "src/b.rs"),
        ];
        let wanted = pairs.map(|(name, file)| (name.to_owned(), file.to_owned())).into();
        let known = |name: &str, file: &str| known(name, file, &wanted);
        assert_eq!(known("app::a::parse", ""), Some("app::a::parse".into()));
        assert_eq!(known("parse<u8>", "/home/me/src/b.rs"), Some("app::b::parse".into()));
        assert_eq!(known("new", "/home/me/src/b.rs"), None, "two have this name");
        assert_eq!(known("parse", "/rust/library/core/src/str.rs"), None);
        assert_eq!(known("other::parse", "/home/me/src/b.rs"), None);
        assert_eq!(known("parse", "/home/me/other-src/b.rs"), None);
        let others =
            ["/home/me/.cargo/registry/src/x/small-1.0/src/b.rs", "/home/me/.cargo/git/checkouts/x/1/src/b.rs"];
        for file in others.into_iter().chain(["/rustc/0/library/alloc/src/b.rs", "/rust/library/core/src/b.rs"]) {
            assert_eq!(known("parse", file), None, "{file} is not the user's");
        }
    }
}
