//! Which annotated functions were inlined at an address, by the debug information of the program.
//!
//! Debug information of the kind `line-tables-only` has names without paths. There a function is known by the last part of its name and
//! its file, if only one has both.

use std::collections::HashMap;

use addr2line::Loader;

use super::symbol::{is_generic, is_instance, plain};

/// Debug information, read as it is needed.
pub(super) struct Inlined<'a> {
    wanted: Wanted<'a>,
    /// By the path of a program or library; `None` if it cannot be read, as some of the system's.
    objects: HashMap<String, Option<Object>>,
}

/// The functions that are looked for.
struct Wanted<'a> {
    /// By name, each with its file.
    files: &'a HashMap<String, String>,
    /// Those with generic parameters.
    generic: Vec<&'a str>,
}

struct Object {
    loader: Loader,
    /// The inlined functions at each address.
    found: HashMap<u64, Vec<String>>,
}

impl Inlined<'_> {
    /// Looks for these functions, each of which has a file.
    pub(super) fn new(files: &HashMap<String, String>) -> Inlined<'_> {
        let generic = files.keys().map(String::as_str).filter(|name| is_generic(name)).collect();
        Inlined { wanted: Wanted { files, generic }, objects: HashMap::new() }
    }

    /// The functions that were inlined at an address of a program or library, each once.
    pub(super) fn at(&mut self, place: Option<(&str, u64)>) -> &[String] {
        let Some((path, address)) = place.filter(|_| !self.wanted.files.is_empty()) else { return &[] };
        if !self.objects.contains_key(path) {
            let object = Loader::new(path).ok().map(|loader| Object { loader, found: HashMap::new() });
            self.objects.insert(path.to_owned(), object);
        }
        let Some(Some(object)) = self.objects.get_mut(path) else { return &[] };
        let Object { loader, found } = object;
        found.entry(address).or_insert_with(|| functions(loader, address, &self.wanted))
    }

    /// The name of the function that a symbol is of: the recorded one, if it is an instance of that.
    pub(super) fn name_of(&self, symbol: &str) -> String {
        self.wanted.name_of(plain(symbol))
    }
}

/// The outermost function has the symbol, and its cost already.
fn functions(loader: &Loader, address: u64, wanted: &Wanted<'_>) -> Vec<String> {
    let Ok(mut frames) = loader.find_frames(address) else { return Vec::new() };
    let mut names = Vec::new();
    while let Ok(Some(frame)) = frames.next() {
        let name = frame.function.as_ref().and_then(|function| Some(plain(&function.demangle().ok()?)));
        let file = frame.location.as_ref().and_then(|location| location.file).unwrap_or_default();
        names.push(name.and_then(|name| wanted.known(name, file)));
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

impl Wanted<'_> {
    /// The name of the only function with generic parameters that this is an instance of, else the name itself.
    fn name_of(&self, name: String) -> String {
        if self.generic.is_empty() || self.files.contains_key(&name) {
            return name;
        }
        let mut all = self.generic.iter().filter(|generic| is_instance(&name, generic));
        match (all.next(), all.next()) {
            (Some(only), None) => (*only).to_owned(),
            _ => name,
        }
    }

    /// The function that debug information calls by this name, in a file that it names in full.
    fn known(&self, name: String, file: &str) -> Option<String> {
        let name = self.name_of(name);
        if self.files.contains_key(&name) {
            return Some(name);
        }
        if name.contains("::") {
            return None;
        }
        let short = name.split('<').next().unwrap_or(&name);
        let is_it =
            |other: &(&String, &String)| other.0.rsplit("::").next() == Some(short) && is_same_file(file, other.1);
        let mut all = self.files.iter().filter(is_it);
        match (all.next(), all.next()) {
            (Some((only, _)), None) => Some(only.clone()),
            _ => None,
        }
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
            ("app::b::Z<_>::put", "src/b.rs"),
        ];
        let files = pairs.map(|(name, file)| (name.to_owned(), file.to_owned())).into();
        let inlined = Inlined::new(&files);
        let known = |name: &str, file: &str| inlined.wanted.known(name.to_owned(), file);
        assert_eq!(known("app::a::parse", ""), Some("app::a::parse".into()));
        assert_eq!(known("parse<u8>", "/home/me/src/b.rs"), Some("app::b::parse".into()));
        assert_eq!(known("app::b::Z<T>::put", ""), Some("app::b::Z<_>::put".into()));
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
